"""The settler charges every voucher once: killed between record and send, reorganised, outbid, overtaken, or lied to by strangers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest

from mycelix_studio.chain import eip712
from mycelix_studio.chain.abi import events as abi
from mycelix_studio.chain.abi.ledger import Voucher
from mycelix_studio.chain.events import decode_all
from mycelix_studio.chain.transactions import Sender
from mycelix_studio.deploy.local import LocalChain
from mycelix_studio.domain.money import Wei
from mycelix_studio.domain.vouchers import Item, Play
from mycelix_studio.node.context import Context
from mycelix_studio.node.db import accounts
from mycelix_studio.node.db import vouchers as rows
from mycelix_studio.node.db.vouchers import Heard
from mycelix_studio.node.indexer.follow import Indexer
from mycelix_studio.node.settler.settle import Settler
from tests.fixtures.cluster import until
from tests.fixtures.indexing import config_of
from tests.fixtures.market import PRICE, Market

pytestmark = pytest.mark.anvil
T = TypeVar("T")
SETTLER_KEY = "0x" + "d7" * 32
LATE = 4_000_000_000


class Killed(Exception):
    """Stands for SIGKILL: nothing of the process runs after it."""


class Desk:
    """A node's database with its settler and indexer, each time as a process that was just started."""

    def __init__(self, market: Market, database: str, folder: Path) -> None:
        self.market = market
        self.database = database
        self.config = config_of(market, folder, settle_seconds=0.05, settle_count=10)
        self.sender = Sender(market.rpc, SETTLER_KEY)
        market.rpc.request("anvil_setBalance", self.sender.address, hex(10**20))

    def run(self, work: Callable[[Context, Settler, Indexer], Awaitable[T]]) -> T:
        async def inside() -> T:
            context = Context(self.config, self.database)
            await context.open()
            try:
                assert context.rpc is not None
                assert context.deployment is not None
                settler = Settler(context, context.rpc, context.deployment, SETTLER_KEY)
                return await work(context, settler, Indexer(context, context.rpc, context.deployment))
            finally:
                await context.close()

        return asyncio.run(inside())

    def settle(self, rounds: int = 1, *, mining: bool = True) -> int:
        async def work(_context: Context, settler: Settler, _indexer: Indexer) -> int:
            taken = 0
            for _ in range(rounds):
                taken += await settler.round()
                if mining:
                    await asyncio.to_thread(self.mined)
            return taken

        return self.run(work)

    def mined(self) -> None:
        """Wait until what the settler sent is in a block."""
        until(lambda: self.market.rpc.nonce(self.sender.address, "pending") == self.sent)

    def index(self) -> None:
        async def work(_context: Context, _settler: Settler, indexer: Indexer) -> None:
            while not await indexer.round():
                pass

        self.run(work)

    def hold(self, voucher: Voucher, plays: list[Play]) -> None:
        domain = eip712.Domain(*eip712.NAMES["Ledger"], 31337, self.market.ledger.address)
        typed = eip712.voucher(
            domain,
            voucher.listener,
            nonce=voucher.nonce,
            deadline=voucher.deadline,
            total=voucher.total,
            plays_hash=voucher.plays_hash,
            items=voucher.items,
        )

        async def work(context: Context, _settler: Settler, _indexer: Indexer) -> None:
            async with context.database.write() as connection:
                listener = (await accounts.ids_of(connection, [voucher.listener]))[voucher.listener]
                await rows.hold(
                    connection,
                    listener,
                    voucher.nonce,
                    {
                        "chain_id": 31337,
                        "digest": "0x" + eip712.digest_of(typed).hex(),
                        "items": voucher.items,
                        "signature": "0x" + voucher.signature.hex(),
                        "signer": voucher.listener,
                        "total": voucher.total,
                        "plays_hash": voucher.plays_hash,
                        "expires_at": voucher.deadline,
                    },
                    [Heard(p.song_id, self.market.payee, p.count, p.amount) for p in plays],
                )
                await connection.execute("UPDATE vouchers SET received_at = received_at - interval '1 hour'")

        self.run(work)

    def sign(self, nonce: int, count: int = 1, *, person: int = 0, deadline: int = LATE) -> Voucher:
        song, amount = self.market.songs[0], Wei(count * PRICE)
        plays = [Play(song, count, amount)]
        signed = self.market.listeners[person].sign_plays(
            [Item(self.market.payee, count, amount)], plays, nonce=nonce, deadline=deadline
        )
        self.hold(signed, plays)
        return signed

    def query(self, text: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.database, autocommit=True) as connection:
            cursor = connection.execute(text)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def states(self) -> list[tuple[object, ...]]:
        return self.query("SELECT nonce::int, state, reason FROM vouchers ORDER BY listener, nonce")

    @property
    def sent(self) -> int:
        """Transactions of the settler on chain."""
        return self.market.rpc.nonce(self.sender.address)

    @property
    def charged(self) -> list[int]:
        """Nonces charged on chain, in order."""
        found = self.market.rpc.logs(0, self.market.rpc.block_number(), [self.market.ledger.address])
        return [event.nonce for event in decode_all(found) if isinstance(event, abi.VoucherSettled)]


@pytest.fixture(scope="module")
def shop(anvil: LocalChain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """A song and listeners with full purses, on a chain of its own."""
    with LocalChain.start() as own, own.rpc() as rpc:
        market = Market.open(rpc, tmp_path_factory.mktemp("market"))
        market.register("0x" + "1" * 64)
        for person in market.listeners:
            person.deposit(10**18)
        yield market


@pytest.fixture
def desk(shop: Market, database: str, tmp_path: Path) -> Iterator[Desk]:
    """A desk of one test: what happens on chain is undone after it."""
    with shop.undone():
        made = Desk(shop, database, tmp_path)
        made.index()
        yield made


def test_vouchers_go_together_and_each_is_charged_once(desk: Desk) -> None:
    for nonce in (1, 2, 3):
        desk.sign(nonce)
    desk.sign(1, person=1)
    assert desk.settle() == 4
    assert [state for _nonce, state, _reason in desk.states()] == ["submitted"] * 4
    assert desk.settle(3) == 0
    desk.index()
    assert [state for _nonce, state, _reason in desk.states()] == ["settled"] * 4
    assert (desk.sent, sorted(desk.charged)) == (1, [1, 1, 2, 3])


@pytest.mark.parametrize("sent", [False, True])
def test_killed_around_sending_the_same_transaction_goes_out_again_and_never_another(desk: Desk, sent: bool) -> None:
    desk.sign(1)
    desk.sign(2)

    async def killed(_context: Context, settler: Settler, _indexer: Indexer) -> None:
        send = settler._send

        async def die(raw: bytes) -> None:
            if sent:
                await send(raw)
            raise Killed

        settler._send = die  # type: ignore[method-assign]
        with pytest.raises(Killed):
            await settler.round()

    desk.run(killed)
    desk.mined()
    assert desk.sent == int(sent)
    ((recorded,),) = desk.query("SELECT tx FROM settle_sends")
    desk.sign(3)
    desk.settle(2)
    desk.index()
    assert desk.market.rpc.receipt(str(recorded)) is not None
    assert desk.charged[:2] == [1, 2]
    desk.settle(2)
    desk.index()
    assert desk.charged == [1, 2, 3]
    assert desk.sent == 2
    assert {state for _nonce, state, _reason in desk.states()} == {"settled"}


def test_killed_before_the_record_is_committed_nothing_was_sent(desk: Desk) -> None:
    desk.sign(1)

    async def work(_context: Context, settler: Settler, _indexer: Indexer) -> None:
        async def lost() -> None:
            raise Killed

        with pytest.raises(Killed):
            await settler.round(lost)

    desk.run(work)
    assert (desk.sent, desk.states()) == (0, [(1, "pending", "")])
    assert desk.settle() == 1


@pytest.mark.parametrize("depth", [1, 5])
def test_after_a_reorganisation_the_same_transaction_is_sent_again(desk: Desk, depth: int) -> None:
    desk.sign(1)
    desk.settle(2)
    desk.market.rpc.request("anvil_mine", hex(depth - 1))
    desk.index()
    assert desk.states() == [(1, "settled", "")]
    ((key,),) = desk.query("SELECT key FROM voucher_songs")
    desk.market.rpc.request("anvil_rollback", depth)
    assert desk.charged == []
    desk.market.rpc.request("anvil_mine", hex(depth + 1))
    desk.index()
    assert desk.states() == [(1, "submitted", "")]
    assert desk.query("SELECT key FROM voucher_songs") == []
    assert desk.query("SELECT keys FROM retractions WHERE of_kind = 'voucher_song'") == [([key],)]
    desk.settle(2)
    desk.index()
    assert (desk.charged, desk.sent) == ([1], 1)
    assert desk.states() == [(1, "settled", "")]
    ((again,),) = desk.query("SELECT key FROM voucher_songs")
    assert again != key


def test_a_transaction_that_hangs_is_outbid_by_its_own_replacement(desk: Desk) -> None:
    desk.sign(1)
    desk.market.rpc.request("evm_setAutomine", False)
    try:
        desk.settle(2, mining=False)
        desk.query("UPDATE settle_batches SET made_at = now() - interval '10 minutes'")
        desk.settle(3, mining=False)
        assert desk.query("SELECT count(*) FROM settle_sends") == [(2,)]
        desk.market.rpc.request("anvil_mine")
    finally:
        desk.market.rpc.request("evm_setAutomine", True)
    desk.settle()
    desk.index()
    assert (desk.charged, desk.sent) == ([1], 1)
    last = desk.query("SELECT tx FROM settle_sends ORDER BY attempt DESC LIMIT 1")
    assert desk.query("SELECT tx, state FROM settle_batches") == [(last[0][0], "mined")]


def test_when_the_key_is_used_elsewhere_the_vouchers_wait_for_a_new_transaction(desk: Desk) -> None:
    desk.sign(1)
    desk.market.rpc.request("evm_setAutomine", False)

    async def killed(_context: Context, settler: Settler, _indexer: Indexer) -> None:
        async def die(_raw: bytes) -> None:
            raise Killed

        settler._send = die  # type: ignore[method-assign]
        with pytest.raises(Killed):
            await settler.round()

    desk.run(killed)
    desk.market.rpc.request("evm_setAutomine", True)
    desk.sender.transact(desk.market.ledger.settle([]))
    desk.run(lambda _context, settler, _indexer: _rounds(settler, 5))
    assert desk.states() == [(1, "pending", "")]
    assert desk.query("SELECT state FROM settle_batches") == [("lost",)]
    desk.query("UPDATE vouchers SET tried_at = NULL")
    desk.settle(2)
    desk.index()
    assert desk.charged == [1]
    assert desk.states() == [(1, "settled", "")]


async def _rounds(settler: Settler, count: int) -> None:
    for _ in range(count):
        await settler.round()


def test_a_purse_pays_in_the_listeners_own_order_and_the_rest_is_told(desk: Desk) -> None:
    # 1 FLOW in the purse: 40 + 40 streams at 0.01, then 30 that are too much, then 20 that fit.
    for nonce, count in ((4, 20), (2, 40), (1, 40), (3, 30)):
        desk.sign(nonce, count)
    assert desk.settle(2) == 3
    desk.index()
    assert desk.charged == [1, 2, 4]
    assert desk.states() == [(1, "settled", ""), (2, "settled", ""), (3, "pending", "balance"), (4, "settled", "")]
    desk.market.listeners[0].deposit(10**18)
    assert desk.settle() == 0, "a moment later it is not asked again"
    desk.query("UPDATE vouchers SET tried_at = now() - interval '2 minutes' WHERE state = 'pending'")
    assert desk.settle(2) == 1
    desk.index()
    assert desk.states()[2] == (3, "settled", "")


def test_a_stranger_cannot_have_a_voucher_refused_but_can_settle_it(desk: Desk) -> None:
    voucher = desk.sign(1)
    stranger = desk.market.listeners[2].sender
    spoilt = replace(voucher, signature=bytes(65))
    stranger.transact(desk.market.ledger.settle([spoilt]))
    desk.index()
    assert desk.states() == [(1, "pending", "")]
    stranger.transact(desk.market.ledger.settle([voucher]))
    desk.index()
    assert desk.states() == [(1, "settled", "")]
    assert desk.settle(2) == 0
    assert desk.charged == [1]


def test_another_voucher_charged_under_the_same_nonce_replaces_it(desk: Desk) -> None:
    desk.sign(1)
    song = desk.market.songs[0]
    other = desk.market.listeners[0].sign_plays(
        [Item(desk.market.payee, 2, Wei(2 * PRICE))], [Play(song, 2, Wei(2 * PRICE))], nonce=1, deadline=LATE
    )
    desk.market.listeners[1].settle([other])
    assert desk.settle() == 0
    desk.index()
    assert desk.states() == [(1, "replaced", "")]


def test_a_list_brought_after_the_charge_still_marks_its_songs(desk: Desk) -> None:
    song = desk.market.songs[0]
    plays = [Play(song, 2, Wei(2 * PRICE))]
    late = desk.market.listeners[0].sign_plays(
        [Item(desk.market.payee, 2, Wei(2 * PRICE))], plays, nonce=1, deadline=LATE
    )
    desk.market.listeners[1].settle([late])
    desk.index()
    listed = "SELECT count, (SELECT song_id FROM songs WHERE id = song) FROM paid_plays"
    assert desk.query(listed) == [(2, None)]
    assert desk.query("SELECT * FROM voucher_songs") == []
    desk.hold(late, plays)
    desk.index()
    assert desk.states() == [(1, "settled", "")]
    assert desk.query(listed) == [(2, song)]
    told = "SELECT v.count, v.gross, v.net, v.xid > p.xid FROM voucher_songs v JOIN payments p USING (artist, block, log_index, item)"
    assert [(row, later) for *row, later in desk.query(told)] == [
        (list(row), True) for row in desk.query("SELECT count, gross, net FROM payments WHERE type = 'voucher'")
    ]


def test_one_that_the_ledger_would_refuse_does_not_keep_the_others(desk: Desk) -> None:
    desk.sign(1)
    desk.sign(1, person=1)
    desk.query(
        "UPDATE vouchers SET signature = '0x' || repeat('11', 65) WHERE listener = (SELECT max(listener) FROM vouchers)"
    )
    desk.sign(2, deadline=desk.market.rpc.head().timestamp - 1)  # type: ignore[union-attr]
    assert desk.settle(2) == 1
    desk.index()
    assert desk.states() == [(1, "settled", ""), (2, "expired", "expired"), (1, "pending", "refused in a trial")]


def test_an_empty_account_of_the_settler_sends_later_what_was_recorded(desk: Desk) -> None:
    desk.sign(1)
    desk.market.rpc.request("anvil_setBalance", desk.sender.address, hex(0))
    with pytest.raises(Exception, match=r"(?i)fund|balance|refused"):
        desk.settle()
    desk.market.rpc.request("anvil_setBalance", desk.sender.address, hex(10**20))
    desk.settle(3)
    desk.index()
    assert (desk.charged, desk.states()) == ([1], [(1, "settled", "")])


def test_an_oversized_batch_is_halved_until_it_fits_into_a_block(desk: Desk) -> None:
    for nonce in range(1, 7):
        desk.sign(nonce)
    from mycelix_studio.node.settler import settle

    usual = settle._OF_BLOCK
    settle._OF_BLOCK = 100_000 / desk.market.rpc.head().gas_limit  # type: ignore[union-attr, misc]
    try:
        taken = desk.settle()
        assert 0 < taken < 6
        desk.settle(12)
    finally:
        settle._OF_BLOCK = usual  # type: ignore[misc]
    desk.index()
    assert desk.charged == [1, 2, 3, 4, 5, 6]
