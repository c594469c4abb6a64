"""Every way to earn in the tables, to the wei: vouchers, patronage, auctions, gifts, and what a reorganisation takes back of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from mycelix_studio.chain import events
from mycelix_studio.chain.abi import events as abi
from mycelix_studio.deploy.local import LocalChain
from mycelix_studio.domain.money import fees_of
from mycelix_studio.node.embedded import EmbeddedPostgres
from tests.fixtures.indexing import catch_up, config_of, run, tables
from tests.fixtures.market import Market
from tests.fixtures.market_ways import DAY, Ways
from tests.fixtures.postgres import new_database

pytestmark = pytest.mark.anvil


@pytest.fixture(scope="module")
def opened(anvil: LocalChain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    """A market with all ways to earn on a chain of its own, whose clock may be turned."""
    with LocalChain.start() as own, own.rpc() as rpc:
        yield Ways(Market.open(rpc, tmp_path_factory.mktemp("market"), listeners=4)).open()


@pytest.fixture
def ways(opened: Ways) -> Iterator[Ways]:
    """The market for one test: what happens on chain is undone after it."""
    with opened.market.undone():
        yield opened
    opened.nonces.clear()


def query(url: str, text: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(text).fetchall()  # type: ignore[call-overload, no-any-return]


def test_random_life_in_all_ways_equals_the_chain_to_the_wei(ways: Ways, database: str, tmp_path: Path) -> None:
    market = ways.market
    ways.live(4, 50)
    run(config_of(market, tmp_path, index_range=9), database, catch_up)
    (figures,) = query(database, "SELECT sum(gross), sum(fee), sum(net) FROM payments WHERE type <> 'reward'")
    assert tuple(int(str(value)) for value in figures) == market.chain_figures()
    kinds = {str(kind) for (kind,) in query(database, "SELECT DISTINCT type FROM payments")}
    assert kinds == {"stream", "voucher", "tip", "subscription", "renewal", "pass", "reward"}
    for person in market.listeners:
        held = ways.patronage.subscription(1, person.address).read(market.rpc)
        rows = query(
            database,
            "SELECT started_at, paid_through, auto_renew FROM subscriptions"
            f" JOIN accounts a ON a.id = patron WHERE a.address = '{person.address}'",
        )
        assert rows == ([(held.start, held.paid_through, held.auto_renew)] if held.start else [])
    auction = ways.auctions.auction(1).read(market.rpc)
    assert query(database, "SELECT sold, supply, closed FROM auctions") == [(auction.sold, auction.supply, False)]
    spent = 10**22 - ways.gift.fund_of(market.songs[1]).read(market.rpc).budget
    assert query(database, "SELECT sum(gross), sum(fee) FROM payments WHERE type = 'reward'") == [(spent, 0)]


def test_a_round_of_renewals_shares_the_fee_of_its_sum(ways: Ways, database: str, tmp_path: Path) -> None:
    market = ways.market
    first, second, *others = market.listeners
    for person in (first, second):
        person.deposit(10**20)
        person.set_session(ways.patronage.address, 2**40, 2**96 - 1)
        person.subscribe(market.songs[0], from_purse=True)
    for person in others:
        person.sender.transact(ways.patronage.subscribe(market.songs[0], person.address, 1, 10**20))
    ways.pass_time(31 * DAY)
    everyone = [person.address for person in market.listeners]
    receipt = market.artist.transact(ways.patronage.renew_many(1, [*everyone, market.artist.address, everyone[0]]))
    renewed = list(events.decode_all(receipt.logs))
    (purses,) = [list(events.purse_charges(event)) for event in renewed if isinstance(event, abi.RenewedFromPurses)]
    wallets = [event.amount for event in renewed if isinstance(event, abi.Renewed)]
    assert [patron for _item, patron, _amount in purses] == [first.address, second.address]
    assert len(wallets) == 2
    run(config_of(market, tmp_path), database, catch_up)
    rows = query(
        database, "SELECT gross, fee, net, count FROM payments WHERE type = 'renewal' ORDER BY log_index, item"
    )
    amounts = [amount for _item, _patron, amount in purses]
    assert [int(str(row[0])) for row in rows] == amounts + wallets
    fees = [int(str(row[1])) for row in rows]
    assert fees == [*fees_of(amounts, 100), *fees_of(wallets, 100)]
    assert sum(fees) == sum(amounts) // 100 + sum(wallets) // 100
    # Nobody can make a good subscription look failed: what was not due, or nobody's, is no failure.
    assert {row[0] for row in query(database, "SELECT state FROM subscriptions")} == {"renewed"}


def test_a_keepers_refusal_is_told_with_its_reason_until_the_patron_agrees(
    ways: Ways, database: str, tmp_path: Path
) -> None:
    market, patron = ways.market, ways.market.listeners[0]
    patron.sender.transact(ways.patronage.subscribe(market.songs[0], patron.address, 1, 10**20))
    market.artist.transact(ways.patronage.update_plan(1, 3 * 10**18, (0, 500, 1_000, 2_000), True))
    ways.pass_time(30 * DAY)
    market.artist.transact(ways.patronage.renew_many(1, [patron.address]))
    run(config_of(market, tmp_path), database, catch_up)
    assert query(database, "SELECT state, reason FROM subscriptions") == [("renewal-failed", "price-rose")]
    patron.sender.transact(ways.patronage.set_auto_renew(1, 3 * 10**18, False))
    run(config_of(market, tmp_path), database, catch_up)
    assert query(database, "SELECT state, reason, price FROM subscriptions") == [("subscribed", "", 3 * 10**18)]
    market.artist.transact(ways.patronage.renew_many(1, [patron.address]))
    patron.sender.transact(ways.patronage.cancel(1))
    run(config_of(market, tmp_path), database, catch_up)
    assert query(database, "SELECT state, auto_renew, periods FROM subscriptions") == [("cancelled", False, 2)]


@pytest.mark.parametrize("depth", [1, 5, 20])
def test_reorganisations_take_back_every_way_and_tables_equal_a_fresh_index(
    ways: Ways, database: str, tmp_path: Path, postgres: EmbeddedPostgres, template: str, depth: int
) -> None:
    market = ways.market
    ways.live(depth, 30, time=False)
    config = config_of(market, tmp_path, index_range=7)
    run(config, database, catch_up)
    market.rpc.request("anvil_rollback", depth)
    market.forget_nonces()
    ways.nonces = {address: nonce + 70 for address, nonce in ways.nonces.items()}
    ways.live(100 + depth, 8, time=False)
    run(config, database, catch_up)
    fresh = new_database(postgres, template)
    run(config_of(market, tmp_path), fresh, catch_up)
    assert tables(database) == tables(fresh)


def test_patrons_and_auctions_follow_a_song_to_its_new_owner(
    ways: Ways, database: str, tmp_path: Path, postgres: EmbeddedPostgres, template: str
) -> None:
    market = ways.market
    patron, heir = market.listeners[:2]
    patron.sender.transact(ways.patronage.subscribe(market.songs[0], patron.address, 1, 10**20))
    config = config_of(market, tmp_path)
    run(config, database, catch_up)
    for song in market.songs:
        market.artist.transact(market.ledger.offer_song(song, heir.address))
        heir.sender.transact(market.ledger.accept_song(song))
    run(config, database, catch_up)
    owners = "SELECT address FROM {} JOIN accounts ON id = artist"
    assert query(database, owners.format("subscriptions")) == [(heir.address,)]
    assert query(database, owners.format("auctions")) == [(heir.address,)]
    retracted = query(database, "SELECT of_kind, address FROM retractions JOIN accounts ON id = artist ORDER BY 1")
    assert retracted == [
        ("auction", market.artist.address),
        ("song", market.artist.address),
        ("song", market.artist.address),
        ("subscription", market.artist.address),
    ]
    assert query(database, "SELECT address FROM payments JOIN accounts ON id = artist") == [(market.artist.address,)]
    market.rpc.request("anvil_rollback", 4)
    market.rpc.request("anvil_mine", hex(5))
    run(config, database, catch_up)
    fresh = new_database(postgres, template)
    run(config, fresh, catch_up)
    assert tables(database) == tables(fresh)


def test_a_voucher_without_its_list_pays_the_earliest_plays_of_the_account(
    ways: Ways, database: str, tmp_path: Path
) -> None:
    market, person = ways.market, ways.market.listeners[0]
    config = config_of(market, tmp_path)
    run(config, database, catch_up)
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO accounts (address) VALUES (%s) ON CONFLICT DO NOTHING", (person.address,))
        connection.execute(
            "INSERT INTO plays (artist, song, listener, play_id, at, seconds)"
            " SELECT s.owner, s.id, a.id, gen_random_uuid(), (s.song_id = %s)::int * 1000 + n, 30"
            " FROM songs s, accounts a, generate_series(1, 3) n WHERE a.address = %s",
            (market.songs[1], person.address),
        )
    paid = f"SELECT (s.song_id = '{market.songs[1]}')::int, array_agg(p.paid ORDER BY p.at) FROM plays p JOIN songs s ON s.id = p.song"
    paid += " GROUP BY 1 ORDER BY 1"
    person.pay_stream(market.songs[0], 1)
    market.artist.transact(market.ledger.settle([ways.voucher(person, {market.songs[1]: 3})]))
    run(config, database, catch_up)
    assert query(database, paid) == [(0, [1, 1, 1]), (1, [1, 0, 0])]
    market.rpc.request("anvil_rollback", 1)
    market.rpc.request("anvil_mine", hex(2))
    run(config, database, catch_up)
    assert query(database, paid) == [(0, [1, 0, 0]), (1, [0, 0, 0])]


def test_a_play_reported_after_its_payment_is_paid_too(ways: Ways, database: str, tmp_path: Path) -> None:
    market, person = ways.market, ways.market.listeners[0]
    config = config_of(market, tmp_path)
    person.pay_stream(market.songs[0], 1)
    run(config, database, catch_up)
    with psycopg.connect(database) as connection:
        connection.execute(
            "INSERT INTO plays (artist, song, listener, play_id, at, seconds) SELECT s.owner, s.id, a.id, gen_random_uuid(), n, 30"
            " FROM songs s, accounts a, generate_series(1, 2) n WHERE a.address = %s AND s.song_id = %s",
            (person.address, market.songs[0]),
        )
    run(config, database, catch_up)
    assert query(database, "SELECT paid FROM plays ORDER BY at") == [(1,), (0,)]


def test_money_of_a_stranger_through_the_open_port_counts_as_a_tip(ways: Ways, database: str, tmp_path: Path) -> None:
    market = ways.market
    market.listeners[0].sender.transact(ways.auctions.buy(market.songs[1], market.listeners[0].address, 10**20))
    # To a node that knows another auction house, this one is a stranger.
    contracts = {**market.deployment.contracts, "AuctionStrategy": "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"}
    other = tmp_path / "other.json"
    replace(market.deployment, contracts=contracts).write(other)
    run(config_of(market, tmp_path, deployment=other), database, catch_up)
    (row,) = query(database, "SELECT type, strategy, song, address FROM payments JOIN accounts ON id = listener")
    assert row == ("tip", 0, None, ways.auctions.address)
    (figures,) = query(database, "SELECT sum(gross), sum(fee), sum(net) FROM payments")
    assert tuple(int(str(value)) for value in figures) == market.chain_figures()
