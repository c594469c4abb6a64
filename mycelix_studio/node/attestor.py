"""The attestor: signs how often a listener heard a gift song, from the plays this node recorded. It needs no coin and sends nothing.

The key stays in the one worker that holds the task; those who answer requests only ask it, through the database.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg import sql

from mycelix_studio.chain import eip712
from mycelix_studio.chain.values import checksum
from mycelix_studio.node import logs, metrics
from mycelix_studio.node.context import Context
from mycelix_studio.node.db import attestations
from mycelix_studio.node.db.attestations import Answer, Asked
from mycelix_studio.node.key import load_key

if TYPE_CHECKING:
    from mycelix_studio.node.worker import Held

log = logs.get("attestor")

VALID_SECONDS: Final = 7 * 86_400
"""How long an attestation can be collected; a later one replaces it."""
_MOST: Final = 200
"""Questions answered in one transaction."""
_IDLE_SECONDS: Final = 1.0
"""Seconds without a ring after which the lock is looked at again."""


class Attestor:
    """Answers the questions of one chain's listeners."""

    def __init__(self, context: Context, domain: eip712.Domain, key: str) -> None:
        from eth_account import Account

        self._context = context
        self._domain = domain
        self._key = key
        self.address = checksum(str(Account.from_key(key).address))

    async def follow(self, held: Held) -> None:
        """Answer until cancelled, at once when somebody asks."""
        database = self._context.database
        async with database.write("attestor") as connection:
            await attestations.announce(connection, self.address)
        bell = await psycopg.AsyncConnection.connect(database.url, autocommit=True)
        async with bell:
            await bell.execute(sql.SQL("LISTEN {}").format(sql.Identifier(attestations.CHANNEL)))
            while True:
                await held.check()
                while await self.round():
                    pass
                async for _ring in bell.notifies(timeout=_IDLE_SECONDS, stop_after=1):
                    pass

    async def round(self) -> int:
        """Answer the oldest questions and return how many."""
        chain_id = self._context.chain_id
        deadline = max(int(time.time()), await self._context.head_time()) + VALID_SECONDS
        async with self._context.database.write("attestor") as connection:
            found = await attestations.waiting(connection, chain_id, _MOST)
            if found:
                signed = await asyncio.to_thread(lambda: [(asked, self._sign(asked, deadline)) for asked in found])
                await attestations.keep(connection, chain_id, signed)
        metrics.ATTESTATIONS.inc(sum(asked.listens > 0 for asked in found))
        return len(found)

    def _sign(self, asked: Asked, deadline: int) -> Answer:
        if not asked.listens:
            return Answer(0, 0, "")
        typed = eip712.listens(
            self._domain, asked.song_id, asked.listener_address, cumulative=asked.listens, deadline=deadline
        )
        return Answer(asked.listens, deadline, "0x" + eip712.sign(typed, self._key).hex())


async def attest_listens(context: Context, held: Held) -> None:
    """Run the attestor of the context's chain, if it has a chain and a key.

    Raises:
        WrongConfiguration: The key cannot be read.
    """
    key = load_key(context.config, "attestor")
    if key is None or context.deployment is None:
        async with context.database.write("attestor") as connection:
            await attestations.announce(connection, None)
        await held.idle()
        return
    contract = context.deployment.address("GiftEconomyStrategy")
    attestor = Attestor(context, eip712.Domain(*eip712.NAMES["GiftEconomyStrategy"], context.chain_id, contract), key)
    log.info("counting listens as this account; it needs no coin", account=attestor.address)
    await attestor.follow(held)
