"""One node as several processes: one of each task at a time, take-over when it is killed, reads from a real replica."""

from __future__ import annotations

import random
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
            storm.blow({"api": 1, "settler": 1, "database": 1})
            storm.calm()
            storm.judge()
        finally:
            storm.close()
    assert set(storm.found.values()) == {0}, storm.found
    assert storm.answered
    assert storm.brought
    taken = [waited.result() for waited in storm.takeovers]
    assert taken
    assert max(taken) <= 10.0


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
