"""The indexer's tables equal the chain: after payments, payouts, restarts, and reorganisations of any depth."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from mycelix_studio.chain.rpc import Rpc, RpcRefused
from mycelix_studio.domain.splits import divide
from mycelix_studio.node.context import Context
from mycelix_studio.node.embedded import EmbeddedPostgres
from mycelix_studio.node.indexer import follow
from mycelix_studio.node.indexer.follow import Indexer
from tests.fixtures.indexing import catch_up, config_of, run, tables
from tests.fixtures.market import PRICE, Market
from tests.fixtures.postgres import new_database

pytestmark = pytest.mark.anvil


@pytest.fixture
def market(chain: Rpc, tmp_path: Path) -> Market:
    made = Market.open(chain, tmp_path)
    for number in (1, 2):
        made.register("0x" + f"{number:064x}")
    return made


def some_life(market: Market, seed: int, count: int) -> None:
    dice = random.Random(seed)
    for _ in range(count):
        person, song = dice.choice(market.listeners), dice.choice(market.songs)
        if dice.random() < 0.6:
            person.pay_stream(song, dice.randint(1, 4))
        elif dice.random() < 0.8:
            person.tip(song, dice.randint(1, 10**18))
        else:
            market.artist.transact(market.ledger.set_price(song, dice.randint(1, 10**17)))


def test_figures_equal_the_chain_to_the_wei(market: Market, database: str, tmp_path: Path) -> None:
    some_life(market, 1, 12)
    assert market.split is not None
    market.artist.transact(market.ledger.distribute(market.payee, market.split, True))
    some_life(market, 2, 4)
    market.artist.transact(market.ledger.distribute(market.payee, market.split, False))
    run(config_of(market, tmp_path), database, catch_up)
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT sum(gross), sum(fee), sum(net) FROM payments").fetchone()
        payouts = connection.execute("SELECT log_index, amount, deferred FROM payouts ORDER BY block, item").fetchall()
        artist = connection.execute("SELECT DISTINCT address FROM payments JOIN accounts ON id = artist").fetchall()
    gross, fee, net = market.chain_figures()
    assert row is not None
    assert tuple(int(value) for value in row) == (gross, fee, net)
    assert gross == fee + net
    assert artist == [(market.artist.address,)]
    assert sum(int(amount) for _index, amount, _deferred in payouts) == net
    assert [deferred for _index, _amount, deferred in payouts] == [False, False, True, True]
    first = [int(amount) for _index, amount, _deferred in payouts[:2]]
    assert tuple(first) == divide(sum(first), [9_000, 1_000])


def test_a_songs_terms_and_owner_follow_the_chain(market: Market, database: str, tmp_path: Path) -> None:
    song = market.songs[0]
    heir = market.listeners[0]
    market.artist.transact(market.ledger.set_price(song, 5 * PRICE))
    market.artist.transact(market.ledger.set_strategies(song, 5))
    market.artist.transact(market.ledger.lock_split(song))
    market.artist.transact(market.ledger.offer_song(song, heir.address))
    heir.sender.transact(market.ledger.accept_song(song))
    run(config_of(market, tmp_path), database, catch_up)
    with psycopg.connect(database) as connection:
        row = connection.execute(
            "SELECT price, strategies, address, payee FROM songs JOIN accounts a ON a.id = owner WHERE song_id = %s",
            (song,),
        ).fetchone()
        locked = connection.execute("SELECT locked FROM splits").fetchone()
    assert row is not None
    assert (int(row[0]), *row[1:]) == (5 * PRICE, 5, heir.address, market.payee)
    assert locked == (True,)


def test_a_restart_anywhere_neither_loses_nor_repeats(
    market: Market, database: str, tmp_path: Path, postgres: EmbeddedPostgres, template: str
) -> None:
    some_life(market, 3, 15)

    async def one_round(_context: Context, indexer: Indexer) -> bool:
        return await indexer.round()

    config = config_of(market, tmp_path, index_range=3)
    for _ in range(100):
        if run(config, database, one_round):
            break
    fresh = new_database(postgres, template)
    run(config_of(market, tmp_path), fresh, catch_up)
    assert tables(database) == tables(fresh)


@pytest.mark.parametrize("depth", [1, 5, 20])
def test_after_a_reorganisation_the_tables_equal_a_fresh_index(
    market: Market, database: str, tmp_path: Path, postgres: EmbeddedPostgres, template: str, depth: int
) -> None:
    some_life(market, depth, 24)
    config = config_of(market, tmp_path, index_range=7)

    async def in_the_middle_of_a_batch(_context: Context, indexer: Indexer) -> None:
        await catch_up(_context, indexer)
        before = {row[2] for row in tables(database)["payments"]}
        await asyncio.to_thread(market.rpc.request, "anvil_reorg", depth, [])
        market.forget_nonces()
        await asyncio.to_thread(some_life, market, 100 + depth, 3)
        # The first round after it meets a chain that no longer has the block the tables end with.
        for _ in range(500):
            if await indexer.round():
                break
        after = {row[2] for row in tables(database)["payments"]}
        assert before - after, "the reorganisation took no payment back"

    run(config, database, in_the_middle_of_a_batch)
    fresh = new_database(postgres, template)
    run(config_of(market, tmp_path), fresh, catch_up)
    assert tables(database) == tables(fresh)
    with psycopg.connect(database) as connection:
        counted = connection.execute(
            "SELECT (SELECT count(*) FROM retractions WHERE of_kind = 'payment'), reorganisations, deepest FROM chain_heads"
        ).fetchone()
    assert counted is not None
    assert counted[0] >= 1
    assert counted[1] == 1
    assert counted[2] >= depth


def test_a_reorganisation_between_two_answers_writes_nothing(market: Market, database: str, tmp_path: Path) -> None:
    some_life(market, 7, 6)

    class Shifting(Rpc):
        """A server whose chain changes after it gave the logs."""

        shifted = False

        def logs(self, *arguments: object, **named: object) -> object:  # type: ignore[override]
            found = super().logs(*arguments, **named)  # type: ignore[arg-type]
            if not self.shifted:
                self.shifted = True
                self.request("anvil_reorg", 3, [])
            return found

    async def work(context: Context, _indexer: Indexer) -> None:
        assert context.deployment is not None
        with Shifting(market.rpc.urls) as rpc:
            indexer = Indexer(context, rpc, context.deployment)
            with pytest.raises(Exception, match="blocks"):
                await indexer.round()
            assert tables(database)["payments"] == []
            await catch_up(context, indexer)

    run(config_of(market, tmp_path), database, work)
    gross, _fee, _net = market.chain_figures()
    assert sum(int(str(row[9])) for row in tables(database)["payments"]) == gross


def test_a_server_that_refuses_long_ranges_is_asked_for_shorter_ones(
    market: Market, database: str, tmp_path: Path
) -> None:
    some_life(market, 8, 10)

    class Limited(Rpc):
        """A server that gives logs of two blocks at most."""

        def logs(self, first: int, last: int, *arguments: object, **named: object) -> object:  # type: ignore[override]
            if last - first + 1 > 2:
                raise RpcRefused("eth_getLogs", -32005, "query exceeds max block range")
            return super().logs(first, last, *arguments, **named)  # type: ignore[arg-type]

    async def work(context: Context, _indexer: Indexer) -> None:
        assert context.deployment is not None
        with Limited(market.rpc.urls) as rpc:
            await catch_up(context, Indexer(context, rpc, context.deployment))

    run(config_of(market, tmp_path), database, work)
    assert sum(int(str(row[9])) for row in tables(database)["payments"]) == market.chain_figures()[0]


def test_confirmations_are_waited_for(market: Market, database: str, tmp_path: Path) -> None:
    market.listeners[0].pay_stream(market.songs[0])
    config = config_of(market, tmp_path, confirmations="4")
    run(config, database, catch_up)
    assert tables(database)["payments"] == []
    market.rpc.request("anvil_mine", hex(4))
    run(config, database, catch_up)
    assert len(tables(database)["payments"]) == 1


def test_the_same_events_from_another_contract_are_not_ours(market: Market, database: str, tmp_path: Path) -> None:
    market.listeners[0].pay_stream(market.songs[0])
    contracts = {**market.deployment.contracts, "Ledger": "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"}
    replace(market.deployment, contracts=contracts).write(market.deployment_file)
    run(config_of(market, tmp_path), database, catch_up)
    assert tables(database)["payments"] == []
    market.deployment.write(market.deployment_file)
    run(config_of(market, tmp_path), database, catch_up)
    assert len(tables(database)["payments"]) == 1, "another Ledger begins the index anew"


def test_past_the_last_block_it_remembers_it_rebuilds_by_itself(
    market: Market, database: str, tmp_path: Path, postgres: EmbeddedPostgres, template: str
) -> None:
    some_life(market, 9, 12)
    config = config_of(market, tmp_path)
    run(config, database, catch_up)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM chain_blocks").fetchone() == (1,)
    market.rpc.request("anvil_reorg", 8, [])
    market.forget_nonces()
    some_life(market, 10, 3)
    run(config, database, catch_up)
    fresh = new_database(postgres, template)
    run(config, fresh, catch_up)
    assert tables(database) == tables(fresh)


def test_tables_that_hold_more_than_was_indexed_are_rebuilt(
    market: Market, database: str, tmp_path: Path, postgres: EmbeddedPostgres, template: str
) -> None:
    some_life(market, 11, 10)
    config = config_of(market, tmp_path, index_range=4)
    run(config, database, catch_up)
    with psycopg.connect(database) as connection:
        # As after a restore from parts of two moments.
        connection.execute("UPDATE chain_heads SET indexed = indexed - 5")
        connection.execute("DELETE FROM chain_blocks WHERE number > (SELECT indexed FROM chain_heads)")

    class Forever:
        async def check(self) -> None:
            """The lock is held."""

    async def follow(context: Context, indexer: Indexer) -> None:
        following = asyncio.create_task(indexer.follow(Forever()))  # type: ignore[arg-type]
        head = market.rpc.block_number()
        async with asyncio.timeout(20):
            while True:
                async with context.database.read() as connection:
                    row = await (await connection.execute("SELECT indexed FROM chain_heads")).fetchone()
                if row == (head,):
                    break
                await asyncio.sleep(0.02)
        following.cancel()

    run(config, database, follow)
    fresh = new_database(postgres, template)
    run(config, fresh, catch_up)
    assert tables(database) == tables(fresh)


def test_blocks_long_gone_are_thinned_out_to_one_a_stretch(
    market: Market, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "_STRETCH", 16)
    market.rpc.request("anvil_mine", hex(80))
    run(config_of(market, tmp_path, index_range=2), database, catch_up)
    with psycopg.connect(database) as connection:
        counts = connection.execute("SELECT number / 16, count(*) FROM chain_blocks GROUP BY 1 ORDER BY 1").fetchall()
    assert {count for _stretch, count in counts[:-3]} == {1}
    assert counts[-2][1] == 8
