"""Who may hear a song: its owner always, everyone else by what the song's strategies say of the listener.

Gift songs and songs without a price are open. Passes and patronage are asked of the chain, which knows best. A stream is paid each time and
gives no lasting access, so a listener may hear a song as long as either a paid stream is left or the purse covers what is owed.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mycelix_studio.domain.strategy.names import STRATEGY_BITS, StrategyName, strategies_of
from mycelix_studio.errors import Known
from mycelix_studio.node.db.songs import SongRow

if TYPE_CHECKING:
    from mycelix_studio.chain.artifacts import Deployment
    from mycelix_studio.chain.rpc import Rpc
    from mycelix_studio.node.db.accounts import Account
    from mycelix_studio.node.db.pool import Connection, Database

CONTRACTS: Final[dict[StrategyName, str]] = {
    "pay-per-stream": "Ledger",
    "gift-economy": "GiftEconomyStrategy",
    "patronage": "PatronageStrategy",
    "auction": "AuctionStrategy",
}
_KEPT_SECONDS: Final = 20.0
_MOST_KEPT: Final = 20_000


class ChainAway(Known):
    """The chain, which knows who has a pass or a subscription, does not answer."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "The chain does not answer", f"{why} Whether you may hear this song is not known.", "Try again soon."
        )


@dataclass(frozen=True, slots=True)
class Streams:
    """Of one listener and song: streams paid, plays reported."""

    paid: int
    played: int


class Access:
    """Answers for one process. A yes from the chain is kept for a few seconds: players ask for a file in many ranges."""

    def __init__(self, database: Database, rpc: Rpc | None, deployment: Deployment | None) -> None:
        self._database = database
        self._rpc = rpc
        self._deployment = deployment
        self._kept: dict[tuple[str, str], float] = {}

    async def may_hear(self, song: SongRow, account: Account | None) -> bool:
        """Tell whether this account, None for somebody unknown, may hear the song now.

        Raises:
            ChainAway: The chain had to be asked and does not answer.
        """
        if account is not None and account.id == song.owner:
            return True
        if is_open(song):
            return True
        if account is None or not song.registered:
            return False
        key = (song.song_id, account.address)
        if time.monotonic() - self._kept.get(key, -1e9) < _KEPT_SECONDS:
            return True
        if not await self._ask(song, account):
            return False
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[key] = time.monotonic()
        return True

    async def _ask(self, song: SongRow, account: Account) -> bool:
        streams = None
        if song.strategies & STRATEGY_BITS["pay-per-stream"]:
            async with self._database.read("access") as connection:
                streams = await _streams(connection, song, account.id)
            if streams.paid > streams.played:
                return True
        if self._rpc is None or self._deployment is None:
            return False
        owed = None if streams is None else (streams.played - streams.paid + 1) * int(song.price)
        try:
            return await asyncio.to_thread(_chain_agrees, self._rpc, self._deployment, song, account.address, owed)
        except (Known, ValueError) as error:
            raise ChainAway(error.title + "." if isinstance(error, Known) else "Its answer cannot be read.") from error


def is_open(song: SongRow) -> bool:
    """Tell whether everybody may hear the song."""
    bits = song.strategies
    if bits == 0 or bits & STRATEGY_BITS["gift-economy"]:
        return True
    return bool(bits & STRATEGY_BITS["pay-per-stream"]) and song.price == 0


async def _streams(connection: Connection, song: SongRow, listener: int) -> Streams:
    row = await (
        await connection.execute(
            "SELECT (SELECT coalesce(sum(count), 0) FROM payments WHERE song = %(song)s AND listener = %(listener)s"
            " AND type = 'stream')"
            " + (SELECT coalesce(sum(count), 0) FROM paid_plays WHERE song = %(song)s AND listener = %(listener)s),"
            " (SELECT count(*) FROM plays WHERE artist = %(owner)s AND song = %(song)s AND listener = %(listener)s)",
            {"song": song.id, "owner": song.owner, "listener": listener},
        )
    ).fetchone()
    assert row is not None
    return Streams(int(row[0]), int(row[1]))


def _chain_agrees(rpc: Rpc, deployment: Deployment, song: SongRow, listener: str, owed: int | None) -> bool:
    """Ask the song's strategies and, where a stream may be paid, the listener's purse. On a thread of its own."""
    from mycelix_studio.chain.abi.lens import Lens

    lens = Lens(deployment.address("Lens"))
    asked = [deployment.contracts.get(CONTRACTS[name]) for name in strategies_of(song.strategies)]
    addresses = [address for address in asked if address is not None]
    if any(offer.access for offer in lens.offers(addresses, [song.song_id], listener).read(rpc)[0]):
        return True
    return owed is not None and lens.purses([listener]).read(rpc)[0].balance >= owed
