"""A real node, killed while a studio syncs from it, and the whole way of the money from chain to statement."""

from __future__ import annotations

import random
import signal
import time
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from eth_account import Account

from mycelix_studio.api.errors import ServerUnreachable
from mycelix_studio.api.sign_in import Signer
from mycelix_studio.chain.rpc import Rpc
from mycelix_studio.domain.clock import from_unix, now, rfc3339
from mycelix_studio.domain.dashboard import ChangeKind, Query
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.platform import History
from mycelix_studio.node.embedded import EmbeddedPostgres
from mycelix_studio.paths import Paths
from mycelix_studio.services.jobs import Progress, Work
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.studio import Studio
from mycelix_studio.settings import API_URL, CHAIN_ID
from mycelix_studio.store import synced
from tests.fixtures.market import Market
from tests.fixtures.node import NodeProcess, Person, list_song, make_market_node, make_node
from tests.fixtures.postgres import new_database
from tests.unit.store.feeds import expected, held

PLAYS = 9_000


def studio_of(folder: Path, node: NodeProcess, person: Person) -> Studio:
    studio = open_studio(Paths.under(folder))
    studio.settings.set(API_URL, node.url)
    studio.settings.set(CHAIN_ID, 31337)
    studio.api.use(Signer(lambda: person.address, person.sign))
    return studio


@pytest.fixture
def lonely_node(postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[NodeProcess]:
    """A node of its own, without a chain, that a test may kill."""
    node = make_node(tmp_path / "node", MYCELIX_DATABASE_URL=new_database(postgres), MYCELIX_CHAIN_ID="31337").start()
    yield node
    node.stop(signal.SIGKILL)


def play_much(node: NodeProcess, song_id: str, listeners: int, plays: int, seed: int = 1) -> None:
    """Have people play a song, in an order that is not that of time."""
    rng = random.Random(seed)
    end = now() - timedelta(minutes=5)
    for number in range(listeners):
        with Person.new().sign_in(node.url) as player:
            for start in range(0, plays // listeners, 1000):
                batch = [
                    {
                        "songId": song_id,
                        "playId": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
                        "playedAt": rfc3339(
                            (end - timedelta(minutes=rng.randint(0, 60 * 24 * 20))).replace(microsecond=0)
                        ),
                        "duration": 30 + number,
                    }
                    for _ in range(min(1000, plays // listeners - start))
                ]
                answer = player.post("/api/plays", json={"plays": batch})
                assert answer.json()["accepted"] == len(batch), answer.text


@pytest.mark.postgres
def test_a_node_killed_while_syncing_leaves_whole_pages_and_the_sync_goes_on(
    lonely_node: NodeProcess, tmp_path: Path
) -> None:
    artist = Person.new()
    with artist.sign_in(lonely_node.url) as client:
        song = list_song(client, seed=7)
    play_much(lonely_node, song["songId"], 3, PLAYS)
    studio = studio_of(tmp_path / "profile", lonely_node, artist)
    try:

        def kill(_progress: Progress) -> None:
            lonely_node.stop(signal.SIGKILL)

        with pytest.raises(ServerUnreachable):
            studio.sync.once(Work(report=kill))
        reader = studio.database.read()
        (there,) = reader.execute("SELECT count(*) FROM play").fetchone()
        assert 0 < there < PLAYS
        assert {table: held(reader, table) for table in expected(reader)} == expected(reader)
        assert studio.sync.status.first and studio.analytics.as_of() is None

        lonely_node.start()
        studio.settings.set(API_URL, lonely_node.url)
        done = studio.sync.once(Work())
        assert sum(done.rows.values()) <= PLAYS + 1 - there, "what was there was not fetched again"
        assert reader.execute("SELECT count(*) FROM play").fetchone()[0] == PLAYS
        digest = synced.digest(reader)
        with studio.database.write() as db:
            synced.restart(db, "", "")
        studio.sync.once(Work())
        assert synced.digest(studio.database.read()) == digest
    finally:
        studio.close()


def wait_until_indexed(studio: Studio, payments: int, payouts: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        studio.sync.once(Work())
        db = studio.database.read()
        found = [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("payment", "payout")]
        if found == [payments, payouts]:
            return
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def looked(studio: Studio) -> History:
    studio.platform.look(Work())
    history = studio.platform.history()
    assert history is not None
    return history


@pytest.mark.anvil
@pytest.mark.postgres
def test_cache_dashboard_and_statement_equal_the_chain_to_the_wei(
    chain: Rpc, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    market = Market.open(chain, tmp_path)
    node = make_market_node(tmp_path / "node", postgres, market).start()
    artist = Person(Account.from_key(market.artist_key))
    studio = studio_of(tmp_path / "profile", node, artist)
    try:
        with artist.sign_in(node.url) as client:
            song = list_song(client, seed=42)
        market.register(song["contentHash"], price=10**16 + 1)
        for number, listener in enumerate(market.listeners):
            listener.pay_stream(song["songId"], number + 1)
            listener.tip(song["songId"], 10**17 + number)
        assert market.split is not None
        market.artist.transact(market.ledger.set_price(song["songId"], 10**17))
        market.artist.transact(market.ledger.set_strategies(song["songId"], 5))
        market.artist.transact(market.ledger.distribute(market.payee, market.split, True))
        wait_until_indexed(studio, 2 * len(market.listeners), 2)
        gross, fee, net = market.chain_figures()

        head = chain.head()
        assert head is not None
        today: datetime = from_unix(head.timestamp)
        whole = Period(date(2020, 1, 1), today.date() + timedelta(days=1))
        totals = studio.reports.statement(whole).totals
        assert (totals.gross, totals.fee, totals.net, totals.paid_out) == (gross, fee, net, net)
        board = studio.analytics.artist(Query(whole))
        assert board.figures.net == net
        assert [(row.song_id, row.net) for row in board.songs] == [(song["songId"], net)]
        changes = [change for change in board.changes if change.kind is not ChangeKind.RELEASE]
        assert [(change.kind, change.strategy, change.price) for change in changes] == [
            (ChangeKind.PRICE, "stream", (10**16 + 1, 10**17)),
            (ChangeKind.STRATEGY, "patronage", None),
        ]
        deadline = time.monotonic() + 60
        while (history := looked(studio)).look.totals.volume != gross:
            assert time.monotonic() < deadline, history.look.totals
            time.sleep(0.2)
        assert (history.look.totals.songs, history.look.totals.artists) == (1, 1)
        assert {each.name: each.ok for each in history.look.health}["database"]
        (split,) = studio.reports.source.inputs(whole, "").splits
        assert [share.bps for share in split.shares] == [9_000, 1_000]

        # The chain takes a payment back: the figures follow, the statement keeps the row with a reversal below it.
        market.listeners[0].tip(song["songId"], 777)
        wait_until_indexed(studio, 2 * len(market.listeners) + 1, 2)
        chain.request("anvil_reorg", 1, [])
        chain.request("evm_mine")
        wait_until_indexed(studio, 2 * len(market.listeners), 2)
        statement = studio.reports.statement(whole)
        assert (statement.totals.net, studio.analytics.artist(Query(whole)).figures.net) == (net, net)
        assert [line.subtotal for line in statement.lines if abs(line.subtotal) == 777] == [777, -777]
    finally:
        studio.close()
        assert node.stop() == 0, node.log.read_text()[-3000:]
