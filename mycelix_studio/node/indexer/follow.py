"""Follows one chain: looks at the head, fetches logs by ranges, notices reorganisations, and hands each range on in one transaction.

Every range is applied together with the number of its last block, so a restart at any point neither loses nor repeats an event. The
hash of the last block of every range is kept; when the chain has another hash there, the newest block both agree on is found and
everything above it is taken back. However deep a reorganisation goes, some kept block is below it, at worst the one before the deployment.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from psycopg import errors

from mycelix_studio.chain import events
from mycelix_studio.chain.artifacts import Deployment
from mycelix_studio.chain.binding import Event
from mycelix_studio.chain.rpc import ChainUnreachable, Head, Log, Rpc, RpcRefused, parse_head
from mycelix_studio.node import logs, metrics
from mycelix_studio.node.context import Context
from mycelix_studio.node.db import paid, vouchers
from mycelix_studio.node.db.pool import Connection
from mycelix_studio.node.indexer import rollback
from mycelix_studio.node.indexer.apply import Batch

if TYPE_CHECKING:
    from mycelix_studio.node.worker import Held

log = logs.get("indexer")
T = TypeVar("T")

_CONFIRMATIONS: Final = {31337: 0, 10200: 2}
_OTHERWISE: Final = 5
_HEADERS_AT_ONCE: Final = 200
_ROUNDS_BEHIND: Final = 10
_STRETCH: Final = 1_024
"""Blocks of which, long after, one is remembered."""


class Moved(Exception):
    """The chain changed while a range was fetched."""


def confirmations_of(chain_id: int, configured: str) -> int:
    """Return how many blocks must stand on a block before it is indexed."""
    return int(configured) if configured else _CONFIRMATIONS.get(chain_id, _OTHERWISE)


class Indexer:
    """Brings the tables of one chain up to its head. One at a time per database; see ``worker.exclusively``."""

    def __init__(self, context: Context, rpc: Rpc, deployment: Deployment) -> None:
        self._context = context
        self._database = context.database
        self._rpc = rpc
        self._deployment = deployment
        self._chain = deployment.chain_id
        self._confirmations = confirmations_of(self._chain, context.config.confirmations)
        self._range = context.config.index_range
        self._behind = 0

    async def follow(self, held: Held) -> None:
        """Index until cancelled; a server that does not answer is asked again later and later, up to half a minute."""
        pause = self._context.config.poll_seconds
        while True:
            await held.check()
            try:
                caught_up = await self.round()
            except errors.UniqueViolation as error:
                metrics.INDEXER_ERRORS.labels(type(error).__name__).inc()
                log.error(
                    "the tables hold what was not indexed yet; indexing anew from the first block", why=str(error)
                )
                await self._begin_anew()
                continue
            except (ChainUnreachable, RpcRefused, Moved, ValueError) as error:
                metrics.INDEXER_ERRORS.labels(type(error).__name__).inc()
                log.warning("round failed", why=str(error))
                await asyncio.sleep(pause)
                pause = min(30.0, pause * 2)
                continue
            pause = self._context.config.poll_seconds
            if caught_up:
                await asyncio.sleep(pause)

    async def round(self) -> bool:
        """Index one range, or take a reorganisation back, and tell whether the head is reached.

        Raises:
            ChainUnreachable: No server answers.
            RpcRefused: A server refuses even the smallest range.
            Moved: The chain changed meanwhile; nothing was written.
        """
        head = await self._ask("eth_getBlockByNumber", self._rpc.head)
        if head is None:
            raise Moved("no head")
        indexed = await self._indexed(head)
        if await self._reorganised(indexed, head):
            return False
        target = head.number - self._confirmations
        if indexed >= target:
            await self._match()
            return True
        last = min(target, indexed + self._range)
        try:
            end, found, times = await self._fetch(indexed + 1, last)
        except RpcRefused as error:
            if self._range <= 1 or last == indexed + 1:
                raise
            self._range = max(1, (last - indexed) // 2)
            log.info("the server refuses the range; asking for less", blocks=self._range, why=error.reason)
            return False
        await self._write(indexed, end, found, times)
        # A server that refused once may have had a bad moment: grow again, slowly.
        self._range = min(self._context.config.index_range, self._range + max(1, self._range // 4))
        return last == target

    async def _match(self) -> None:
        """Bring together what came to the node after the chain had it already: vouchers that are settled, plays that are paid."""
        async with self._database.write("match") as connection:
            await self._lock(connection)
            await paid.match(connection, await vouchers.reconcile(connection, self._chain))
            await paid.match_new(connection)

    async def _indexed(self, head: Head) -> int:
        """Return the last block indexed, noting the head; begins anew when the Ledger is another one."""
        ledger = self._deployment.address("Ledger")
        start = self._deployment.block - 1
        async with self._database.write("indexer-head") as connection:
            cursor = await connection.execute(
                "INSERT INTO chain_heads (chain_id, indexed, indexed_at, head, head_at, ledger) VALUES (%s, %s, 0, %s, %s, %s)"
                " ON CONFLICT (chain_id) DO UPDATE SET head = excluded.head, head_at = excluded.head_at, updated_at = now()"
                " RETURNING indexed, ledger",
                (self._chain, start, head.number, head.timestamp, ledger),
            )
            row = await cursor.fetchone()
            assert row is not None
            indexed = int(row[0])
            if row[1] != ledger:
                log.warning("another Ledger is deployed; indexing from its first block", ledger=ledger)
                await self._forget(connection)
                indexed = start
        chain = str(self._chain)
        metrics.INDEXER_BLOCK.labels(chain).set(indexed)
        metrics.INDEXER_LAG_BLOCKS.labels(chain).set(max(0, head.number - indexed))
        return indexed

    async def _begin_anew(self) -> None:
        """Forget everything of the chain, so that it is indexed from its first block."""
        async with self._database.write("indexer-rollback") as connection:
            await self._lock(connection)
            await self._forget(connection)

    async def _forget(self, connection: Connection) -> None:
        await rollback.to(connection, self._chain, -1)
        await connection.execute(
            "UPDATE chain_heads SET indexed = %s, indexed_at = 0, ledger = %s WHERE chain_id = %s",
            (self._deployment.block - 1, self._deployment.address("Ledger"), self._chain),
        )

    async def _reorganised(self, indexed: int, head: Head) -> bool:
        """Take back what the chain no longer has; False when nothing changed.

        A head below what is indexed may only mean that another, slower server answers, so it has some rounds to catch up.
        """
        newest = await self._kept(1, head.number)
        if newest and await self._agrees(*newest[0], head):
            if head.number >= indexed:
                self._behind = 0
                return False
            self._behind += 1
            if self._behind < _ROUNDS_BEHIND:
                return False
        elif not newest and indexed < self._deployment.block:
            return False
        self._behind = 0
        common = await self._newest_common(await self._kept(None, head.number), head)
        number = common if common is not None else self._deployment.block - 1
        depth = indexed - number
        log.warning("reorganisation", indexed=indexed, common=number, depth=depth)
        async with self._database.write("indexer-rollback") as connection:
            await self._lock(connection, indexed)
            await rollback.to(connection, self._chain, number)
            await connection.execute(
                "UPDATE chain_heads SET indexed = %s, reorganisations = reorganisations + 1, deepest = greatest(deepest, %s)"
                " WHERE chain_id = %s",
                (number, depth, self._chain),
            )
        metrics.INDEXER_REORGS.inc()
        return True

    async def _kept(self, limit: int | None, highest: int) -> list[tuple[int, str]]:
        """Return the newest kept blocks (number, hash) up to a number."""
        async with self._database.write("indexer-blocks") as connection:
            cursor = await connection.execute(
                "SELECT number, hash FROM chain_blocks WHERE chain_id = %s AND number <= %s ORDER BY number DESC LIMIT %s",
                (self._chain, highest, limit),
            )
            return [(int(number), str(known)) for number, known in await cursor.fetchall()]

    async def _agrees(self, number: int, known: str, head: Head) -> bool:
        now = head if number == head.number else await self._ask("eth_getBlockByNumber", lambda: self._rpc.head(number))
        return now is not None and now.hash == known

    async def _newest_common(self, kept: list[tuple[int, str]], head: Head) -> int | None:
        """Return the newest kept block the chain still has, by halving: agreement below a block means agreement further down."""
        low, high = 0, len(kept)
        while low < high:
            middle = (low + high) // 2
            if await self._agrees(*kept[middle], head):
                high = middle
            else:
                low = middle + 1
        return kept[low][0] if low < len(kept) else None

    async def _fetch(self, first: int, last: int) -> tuple[Head, tuple[Log, ...], dict[int, int]]:
        """Return the last block, the logs, and the times of blocks with logs, all of one and the same chain.

        Raises:
            Moved: A reorganisation came between the answers.
        """
        addresses = list(self._deployment.contracts.values())
        before = await self._ask("eth_getBlockByNumber", lambda: self._rpc.head(last))
        found = await self._ask("eth_getLogs", lambda: self._rpc.logs(first, last, addresses))
        numbers = sorted({entry.block_number for entry in found})
        heads: list[Head] = []
        for start in range(0, len(numbers), _HEADERS_AT_ONCE):
            part = numbers[start : start + _HEADERS_AT_ONCE]
            requests = [("eth_getBlockByNumber", (hex(number), False)) for number in part]
            answers = await self._ask("eth_getBlockByNumber", partial(self._rpc.batch, requests))
            if None in answers:
                raise Moved(f"blocks {first} to {last}")
            heads += [parse_head(answer) for answer in answers]
        after = await self._ask("eth_getBlockByNumber", lambda: self._rpc.head(last))
        hashes = {head.number: head.hash for head in heads}
        if before is None or after is None or before.hash != after.hash:
            raise Moved(f"blocks {first} to {last}")
        if any(hashes[entry.block_number] != entry.block_hash for entry in found):
            raise Moved(f"blocks {first} to {last}")
        return after, found, {head.number: head.timestamp for head in heads}

    async def _write(self, indexed: int, end: Head, found: tuple[Log, ...], times: dict[int, int]) -> None:
        decoded = [event for event in events.decode_all(found) if self._ours(event)]
        async with self._database.write("index") as connection:
            await self._lock(connection, indexed)
            batch = Batch(connection, self._chain, times)
            await batch.apply(decoded)
            await connection.execute(
                "INSERT INTO chain_blocks (chain_id, number, hash, at) VALUES (%s, %s, %s, %s)",
                (self._chain, end.number, end.hash, end.timestamp),
            )
            await connection.execute(
                "UPDATE chain_heads SET indexed = %s, indexed_at = %s, updated_at = now() WHERE chain_id = %s",
                (end.number, end.timestamp, self._chain),
            )
            await self._thin_out(connection, end.number)
        batch.count()
        if decoded:
            log.info("indexed", to=end.number, events=len(decoded))

    async def _thin_out(self, connection: Connection, indexed: int) -> None:
        """Keep one block of each stretch long gone: a reorganisation that deep may take back a little more than it must."""
        stretch = indexed // _STRETCH - 2
        await connection.execute(
            "DELETE FROM chain_blocks WHERE chain_id = %(chain)s AND number >= %(first)s AND number < %(last)s AND number >"
            " (SELECT min(number) FROM chain_blocks WHERE chain_id = %(chain)s AND number >= %(first)s)",
            {"chain": self._chain, "first": stretch * _STRETCH, "last": (stretch + 1) * _STRETCH},
        )

    def _ours(self, event: Event) -> bool:
        """Tell whether one of the deployment's contracts said it: anybody may emit the same event elsewhere."""
        return self._deployment.name_of(event.log.address) is not None

    async def _lock(self, connection: Connection, indexed: int | None = None) -> None:
        """Hold the chain's row and make sure that no other indexer went on meanwhile, where ``indexed`` is given.

        Raises:
            Moved: One did.
        """
        cursor = await connection.execute(
            "SELECT indexed FROM chain_heads WHERE chain_id = %s FOR UPDATE", (self._chain,)
        )
        row = await cursor.fetchone()
        if row is None or (indexed is not None and int(row[0]) != indexed):
            raise Moved("another indexer went on")

    @staticmethod
    async def _ask(method: str, question: Callable[[], T]) -> T:
        started = time.perf_counter()
        try:
            return await asyncio.to_thread(question)
        finally:
            metrics.RPC_SECONDS.labels(method).observe(time.perf_counter() - started)


async def follow_chain(context: Context, held: Held) -> None:
    """Run the indexer of the context's chain, if it has one."""
    if context.rpc is None or context.deployment is None:
        log.info("no chain is configured; nothing to index")
        await held.idle()
        return
    await Indexer(context, context.rpc, context.deployment).follow(held)
