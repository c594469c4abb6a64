"""One node as several processes: one of each task at a time, take-over when it is killed, reads from a real replica."""

from __future__ import annotations

import random
import uuid
from pathlib import Path

import psycopg
import pytest

from mycelix_studio.deploy.local import LocalChain
from mycelix_studio.node.embedded import EmbeddedPostgres
from tests.faults.fault_node_kill import Storm
from tests.fixtures.cluster import Cluster, replica_of, until
from tests.fixtures.node import Person, list_song
from tests.fixtures.postgres import new_database

pytestmark = pytest.mark.postgres


@pytest.mark.anvil
def test_processes_killed_under_load_lose_and_double_nothing(
    anvil: LocalChain, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    with LocalChain.start() as own:
        storm = Storm.open(tmp_path, own, random.Random(4), workers=2)
        try:
            storm.blow({"api": 1, "indexer": 1, "settler": 1, "database": 1})
            storm.calm()
            storm.judge()
        finally:
            storm.close()
    assert set(storm.found.values()) == {0}, storm.found
    assert storm.answered
    assert storm.brought


def test_two_api_processes_share_sign_ins_plays_and_the_feed(database: str, tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, database, {"MYCELIX_CHAIN_ID": "31337", "MYCELIX_DOMAIN": "music.example"})
    try:
        one, two = cluster.api(), cluster.api()
        artist = Person.new()
        with artist.sign_in(one.url, "music.example") as client:
            song = list_song(client, seed=3)["songId"]
            play = {"songId": song, "playId": str(uuid.uuid4()), "playedAt": "2026-01-01T00:00:00Z", "duration": 5}
            for node, outcome in ((one, "accepted"), (two, "duplicate")):
                answer = client.post(f"{node.url}/api/plays", json={"plays": [play]})
                assert answer.json()["results"][0]["status"] == outcome
            feeds = [client.get(f"{node.url}/api/sync/changes").json() for node in (one, two)]
            assert feeds[0]["records"] == feeds[1]["records"]
            assert client.get(f"{two.url}/api/sync/changes?cursor={feeds[0]['next_cursor']}").json()["records"] == []
    finally:
        cluster.close()


def test_reads_go_to_a_streaming_replica_and_to_the_main_database_while_it_is_away(
    postgres: EmbeddedPostgres, template: str, tmp_path: Path
) -> None:
    database = new_database(postgres, template)
    with replica_of(postgres, tmp_path / "replica", database) as (replica, replica_url):
        cluster = Cluster(tmp_path, database, {"MYCELIX_CHAIN_ID": "31337", "MYCELIX_READ_DATABASE_URL": replica_url})
        try:
            node = cluster.api()
            with Person.new().sign_in(node.url) as client, psycopg.connect(replica_url, autocommit=True) as direct:

                def songs() -> int:
                    return int(client.get("/api/songs").json()["pagination"]["total"])

                list_song(client, seed=5)
                until(lambda: songs() == 1)
                # What the replica has not replayed yet is not seen: the read really is its own.
                direct.execute("SELECT pg_wal_replay_pause()")
                list_song(client, seed=6)
                assert songs() == 1
                records = client.get("/api/sync/changes").json()
                assert len([record for record in records["records"] if record["kind"] == "song"]) == 1
                direct.execute("SELECT pg_wal_replay_resume()")
                until(lambda: songs() == 2)
                rest = client.get("/api/sync/changes", params={"cursor": records["next_cursor"]}).json()["records"]
                assert [record["kind"] for record in rest] == ["song"]
                direct.close()
                replica.stop()
                assert songs() == 2
                list_song(client, seed=7)
                assert songs() == 3
        finally:
            cluster.close()
