"""One node as several processes: one of each task at a time, take-over when it is killed, reads from a real replica."""

from __future__ import annotations

import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from mycelix_studio.chain.rpc import Rpc
from mycelix_studio.node.embedded import EmbeddedPostgres
from tests.fixtures.cluster import Cluster, ready, replica_of, until
from tests.fixtures.market import Market
from tests.fixtures.node import Person, list_song
from tests.fixtures.postgres import new_database

pytestmark = pytest.mark.postgres
SETTLER_KEY = "0x" + "d7" * 32


@pytest.fixture
def market(chain: Rpc, tmp_path: Path) -> Market:
    made = Market.open(chain, tmp_path)
    made.register("0x" + "1" * 64)
    return made


@pytest.fixture
def cluster(market: Market, database: str, tmp_path: Path) -> Iterator[Cluster]:
    key = tmp_path / "settler.key"
    key.write_text(SETTLER_KEY)
    market.rpc.request("anvil_setBalance", Person.of(SETTLER_KEY).address, hex(10**20))
    made = Cluster(
        tmp_path / "cluster",
        database,
        {
            "MYCELIX_RPC_URL": market.rpc.urls[0],
            "MYCELIX_DEPLOYMENT": str(market.deployment_file),
            "MYCELIX_CHAIN_ID": "31337",
            "MYCELIX_POLL_SECONDS": "0.1",
            "MYCELIX_SETTLER_KEY_FILE": str(key),
        },
    )
    made.folder.mkdir()
    yield made
    made.close()


def payments(cluster: Cluster) -> int:
    with psycopg.connect(cluster.url) as connection:
        row = connection.execute("SELECT count(*) FROM payments").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.anvil
def test_one_worker_is_active_and_another_takes_over_when_it_is_killed(cluster: Cluster, market: Market) -> None:
    apis = [cluster.api(), cluster.api()]
    first = cluster.worker()
    until(lambda: len(cluster.holders()) == 3)
    cluster.worker()
    market.listeners[0].pay_stream(market.songs[0])
    until(lambda: payments(cluster) == 1)
    before = cluster.holders()
    with psycopg.connect(cluster.url) as connection:
        # The second worker is there and waits: it has its pool, but none of the tasks.
        waits = "SELECT count(DISTINCT pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'mycelix-main'"
        until(lambda: (connection.execute(waits).fetchone() or (0,))[0] >= 8)
    first.stop(signal.SIGKILL)
    taken = until(
        lambda: len(cluster.holders()) == 3 and not set(cluster.holders().values()) & set(before.values()), 10
    )
    assert taken <= 10
    market.listeners[0].pay_stream(market.songs[0])
    until(lambda: payments(cluster) == 2, 10)
    assert all(ready(api) for api in apis)


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
