"""The settler: gathers pending vouchers into transactions and follows each to its end.

Exactly once: a transaction is recorded with its signed bytes, its number in line and its vouchers in one database transaction *before*
it is sent. Whoever goes on after a crash sends the very same bytes again, which a chain takes at most once. A new one is only begun
when none is open. That a voucher is charged is never concluded from sending, but from the Ledger's event, by the indexer.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from mycelix_studio.chain.abi import Ledger
from mycelix_studio.chain.abi import events as abi
from mycelix_studio.chain.abi.ledger import Purse, Voucher
from mycelix_studio.chain.artifacts import Deployment
from mycelix_studio.chain.binding import View, read_all
from mycelix_studio.chain.events import decode_all
from mycelix_studio.chain.refusals import ContractRefused, explain
from mycelix_studio.chain.rpc import ChainUnreachable, Receipt, Rpc, RpcRefused
from mycelix_studio.chain.transactions import Unsigned, parse_raw, raised_for_replacement, sign, suggest
from mycelix_studio.chain.values import checksum
from mycelix_studio.domain.transaction import FeeLevel
from mycelix_studio.domain.vouchers import NONCE_WINDOW
from mycelix_studio.node import logs, metrics
from mycelix_studio.node.context import Context
from mycelix_studio.node.db import settling
from mycelix_studio.node.db.settling import Batch, Waiting
from mycelix_studio.node.key import load_key

if TYPE_CHECKING:
    from mycelix_studio.node.worker import Held

log = logs.get("settler")
T = TypeVar("T")
Check: TypeAlias = Callable[[], Awaitable[None]]

_LOOK_AT: Final = 8
"""Times as many vouchers are looked at as fit into a batch, since some cannot be charged."""
_REPLACE_SECONDS: Final = 45.0
"""Seconds in no block until a higher fee is offered."""
_FINAL_BLOCKS: Final = 64
"""Blocks upon a transaction until it is not watched any more."""
_LOST_ROUNDS: Final = 5
"""Rounds in which another transaction has the number in line until one counts as lost: servers may be at different blocks."""
_OF_BLOCK: Final = 0.5
"""Part of a block's gas that one transaction may take."""


class Settler:
    """Settles the vouchers of one chain. One at a time per database; see ``worker.exclusively``."""

    def __init__(self, context: Context, rpc: Rpc, deployment: Deployment, key: str) -> None:
        from eth_account import Account

        self._database = context.database
        self._config = context.config
        self._rpc = rpc
        self._chain = deployment.chain_id
        self._ledger = Ledger(deployment.address("Ledger"))
        self._key = key
        self.address = checksum(str(Account.from_key(key).address))
        self._lost: dict[int, int] = defaultdict(int)

    async def follow(self, held: Held) -> None:
        """Settle until cancelled; a server that does not answer is asked again later and later, up to half a minute."""
        pause = self._config.poll_seconds
        while True:
            await held.check()
            try:
                await self.round(held.check)
            except (ChainUnreachable, RpcRefused, ContractRefused, ValueError) as error:
                metrics.SETTLER_ERRORS.labels(type(error).__name__).inc()
                log.warning("round failed", why=str(error))
                pause = min(30.0, pause * 2)
            else:
                pause = self._config.poll_seconds
            await asyncio.sleep(pause)

    async def round(self, check: Check | None = None) -> int:
        """Look after what is under way, then send at most one new transaction; returns how many vouchers it charges.

        ``check`` makes sure, right before something is recorded and sent, that this process is still the one that settles.

        Raises:
            ChainUnreachable: No server answers.
            RpcRefused: A server refused, for instance since the settler cannot pay the fee. What was recorded is sent again later.
        """
        head = await self._ask(self._rpc.head)
        if head is None:
            return 0
        async with self._database.write("settler") as connection:
            batches = await settling.under_way(connection, self._chain, self.address)
        still_open = False
        for batch in batches:
            still_open |= await self._look_after(batch, head.number)
        async with self._database.write("settler") as connection:
            await settling.expire(connection, self._chain, head.timestamp)
            found = await settling.waiting(connection, self._chain, self._config.settle_count * _LOOK_AT)
            metrics.SETTLER_UNCOVERED.set(await settling.uncovered(connection, self._chain))
        fresh = [voucher for voucher in found if not voucher.tried]
        metrics.SETTLER_OLDEST.set(max((voucher.seconds for voucher in fresh), default=0.0))
        metrics.SETTLER_BALANCE.set(await self._ask(lambda: self._rpc.balance(self.address)) / 10**18)
        due = len(found) >= self._config.settle_count or any(v.seconds >= self._config.settle_seconds for v in found)
        if still_open or not due:
            return 0
        return await self._settle(found, int(head.gas_limit * _OF_BLOCK), check)

    # under way

    async def _look_after(self, batch: Batch, head: int) -> bool:
        """Bring a transaction further and tell whether it is still in no block."""
        receipt = await self._receipt(batch)
        if receipt is None:
            return await self._outside(batch)
        self._lost.pop(batch.id, None)
        async with self._database.write("settler") as connection:
            if batch.state == "open" or batch.block != receipt.block_number:
                await settling.mined(connection, batch.id, receipt.tx_hash, receipt.block_number)
                self._count(receipt)
            seen = await settling.indexed(connection, self._chain) >= receipt.block_number
            if not receipt.succeeded:
                waiting = await settling.ended(connection, batch.id, "final", "reverted")
                log.error("a settling transaction failed on chain", tx=receipt.tx_hash, vouchers=waiting)
            elif head - receipt.block_number >= _FINAL_BLOCKS and seen:
                await settling.ended(connection, batch.id, "final")
        return False

    async def _receipt(self, batch: Batch) -> Receipt | None:
        found = await self._ask(lambda: self._rpc.receipts([tx for tx, _raw in batch.sends]))
        return next((receipt for receipt in found if receipt is not None), None)

    async def _outside(self, batch: Batch) -> bool:
        """Send a transaction that is in no block again, dearer after a while; give it up when another one took its place in line."""
        if batch.state == "mined":
            log.warning("a reorganisation took a settling transaction back", tx=batch.sends[-1][0])
            async with self._database.write("settler") as connection:
                await settling.reopened(connection, batch.id)
        if await self._ask(lambda: self._rpc.nonce(self.address)) > batch.nonce:
            if await self._receipt(batch) is not None:
                return True
            self._lost[batch.id] += 1
            if self._lost[batch.id] >= _LOST_ROUNDS:
                async with self._database.write("settler") as connection:
                    waiting = await settling.ended(connection, batch.id, "lost")
                metrics.SETTLER_BATCHES.labels("lost").inc()
                log.error(
                    "another transaction of the settler's key took the place", nonce=batch.nonce, vouchers=waiting
                )
                return False
            return True
        self._lost.pop(batch.id, None)
        tx, raw = batch.sends[-1]
        if not await self._ask(lambda: self._rpc.knows(tx)):
            await self._send(raw)
        elif batch.seconds >= _REPLACE_SECONDS:
            await self._replace(batch, parse_raw(raw))
        return True

    async def _replace(self, batch: Batch, former: Unsigned) -> None:
        fee = suggest(await self._ask(self._rpc.fee_history))[FeeLevel.FAST]
        signed = sign(raised_for_replacement(former, fee), self._key)
        async with self._database.write("settler") as connection:
            await settling.record_replacement(connection, batch, signed.hash, signed.raw)
        metrics.SETTLER_BATCHES.labels("replaced").inc()
        log.info("offering a higher fee", tx=signed.hash, former=batch.sends[-1][0])
        await self._send(signed.raw)

    async def _send(self, raw: bytes) -> None:
        """Send bytes that are recorded. Sending them twice is harmless."""
        try:
            await self._ask(lambda: self._rpc.send_raw(raw))
        except RpcRefused as error:
            reason = error.reason.lower()
            # Known, or in a block since the last look: both are what was wanted.
            if not any(words in reason for words in ("already known", "already imported", "nonce too low")):
                raise

    def _count(self, receipt: Receipt) -> None:
        metrics.SETTLER_BATCHES.labels("mined" if receipt.succeeded else "failed").inc()
        events = list(decode_all(receipt.logs))
        settled = sum(isinstance(event, abi.VoucherSettled) for event in events)
        skipped = sum(isinstance(event, abi.VoucherSkipped) for event in events)
        metrics.SETTLER_VOUCHERS.labels("settled").inc(settled)
        metrics.SETTLER_VOUCHERS.labels("skipped").inc(skipped)
        log.info("settled", tx=receipt.tx_hash, block=receipt.block_number, vouchers=settled, skipped=skipped)

    # new ones

    async def _settle(self, found: Sequence[Waiting], most_gas: int, check: Check | None) -> int:
        chosen = (await self._covered(_in_order(found)))[: self._config.settle_count]
        chosen = await self._tried_out(chosen)
        gas = 0
        while chosen:
            call = self._ledger.settle(_vouchers(chosen))
            gas = await self._ask(lambda: self._rpc.estimate_gas(self.address, call.to, call.data)) * 6 // 5  # noqa: B023
            if gas <= most_gas or len(chosen) == 1:
                break
            chosen = chosen[: len(chosen) // 2]
        if not chosen:
            return 0
        on_chain = await self._ask(lambda: self._rpc.nonce(self.address))
        fee = suggest(await self._ask(self._rpc.fee_history))[FeeLevel.NORMAL]
        async with self._database.write("settler") as connection:
            nonce = max(on_chain, await settling.next_nonce(connection, self._chain, self.address))
            signed = sign(Unsigned(self._chain, nonce, call.to, 0, call.data, gas, fee), self._key)
            recorded = await settling.record(
                connection, self._chain, self.address, nonce, chosen, signed.hash, signed.raw
            )
            if not recorded:
                # A voucher was charged or changed meanwhile; the next round chooses anew.
                await connection.rollback()
                return 0
            if check is not None:
                await check()
        log.info("settling", tx=signed.hash, nonce=nonce, vouchers=len(chosen), gas=gas)
        metrics.SETTLER_BATCHES.labels("sent").inc()
        await self._send(signed.raw)
        return len(chosen)

    async def _covered(self, vouchers: Sequence[Waiting]) -> list[Waiting]:
        """Return the vouchers that purses cover one after the other; others are put off with the reason."""
        listeners = sorted({voucher.listener_address for voucher in vouchers})
        views: list[View[Purse]] = [self._ledger.purse(listener) for listener in listeners]
        purses = dict(zip(listeners, await self._ask(lambda: read_all(self._rpc, views)), strict=True))
        left = {listener: purse.balance for listener, purse in purses.items()}
        good: list[Waiting] = []
        short: list[Waiting] = []
        charged: list[Waiting] = []
        for voucher in vouchers:
            if _is_charged(purses[voucher.listener_address], int(voucher.nonce)):
                charged.append(voucher)
            elif voucher.total > left[voucher.listener_address]:
                short.append(voucher)
            else:
                left[voucher.listener_address] -= int(voucher.total)
                good.append(voucher)
        if short:
            log.warning(
                "purses hold less than was signed", vouchers=len(short), listeners=len({v.listener for v in short})
            )
        await self._put_off(short, "balance")
        await self._put_off(charged, "charged")
        return good

    async def _tried_out(self, vouchers: list[Waiting]) -> list[Waiting]:
        """Return the vouchers that the Ledger would charge now; others are put off."""
        if not vouchers or await self._would_settle(vouchers) == len(vouchers):
            return vouchers
        views = [self._trial([voucher]) for voucher in vouchers]
        ones = await self._ask(lambda: read_all(self._rpc, views))
        await self._put_off([v for v, one in zip(vouchers, ones, strict=True) if not one], "refused in a trial")
        return [voucher for voucher, one in zip(vouchers, ones, strict=True) if one]

    async def _would_settle(self, vouchers: Sequence[Waiting]) -> int:
        trial = self._trial(vouchers)
        try:
            return await self._ask(lambda: trial.read(self._rpc, sender=self.address))
        except RpcRefused as error:
            raise explain(error) from error

    def _trial(self, vouchers: Sequence[Waiting]) -> View[int]:
        return View(self._ledger.settle(_vouchers(vouchers)), lambda data: int.from_bytes(data[:32]))

    async def _put_off(self, vouchers: Sequence[Waiting], reason: str) -> None:
        if not vouchers:
            return
        metrics.SETTLER_VOUCHERS.labels("put off").inc(len(vouchers))
        async with self._database.write("settler") as connection:
            await settling.put_off(connection, vouchers, reason)

    @staticmethod
    async def _ask(question: Callable[[], T]) -> T:
        started = time.perf_counter()
        try:
            return await asyncio.to_thread(question)
        finally:
            metrics.RPC_SECONDS.labels("settler").observe(time.perf_counter() - started)


def _in_order(vouchers: Sequence[Waiting]) -> list[Waiting]:
    """Return vouchers as they came, each listener's own by their nonces: a high one charged first would make a low one too old."""
    by_listener: dict[int, list[Waiting]] = defaultdict(list)
    for voucher in vouchers:
        by_listener[voucher.listener].append(voucher)
    lines = {listener: iter(sorted(own, key=lambda v: v.nonce)) for listener, own in by_listener.items()}
    return [next(lines[voucher.listener]) for voucher in vouchers]


def _is_charged(purse: Purse, nonce: int) -> bool:
    """Tell whether a nonce was charged or is too old, as the Ledger keeps it: bit i of the window stands for ``top - i``."""
    behind = purse.top - nonce
    return behind >= 0 and (behind >= NONCE_WINDOW or bool(purse.window >> behind & 1))


def _vouchers(rows: Sequence[Waiting]) -> list[Voucher]:
    return [
        Voucher(
            row.listener_address,
            int(row.nonce),
            row.expires_at,
            int(row.total),
            row.plays_hash,
            bytes(row.items),
            bytes.fromhex(row.signature[2:]),
        )
        for row in rows
    ]


async def settle_vouchers(context: Context, held: Held) -> None:
    """Run the settler of the context's chain, if it has a chain and a key.

    Raises:
        WrongConfiguration: The key cannot be read.
    """
    key = load_key(context.config, "settler")
    if key is None or context.rpc is None or context.deployment is None:
        log.info("no chain or no key is configured; vouchers are held, not settled")
        await held.idle()
        return
    settler = Settler(context, context.rpc, context.deployment, key)
    log.info("settling for this account; it needs network coin for fees", account=settler.address)
    await settler.follow(held)
