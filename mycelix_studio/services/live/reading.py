"""What the tabs read with: one block, the artist's songs, and events that are asked for once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from mycelix_studio.domain.strategy.terms import SongTerms
from mycelix_studio.services import strategies_chain as on_chain

if TYPE_CHECKING:
    from mycelix_studio.chain.abi.ledger import Ledger
    from mycelix_studio.chain.artifacts import Deployment
    from mycelix_studio.chain.binding import Event
    from mycelix_studio.chain.rpc import Log, Rpc
    from mycelix_studio.services.wallet_context import WalletContext

Songs: TypeAlias = Mapping[str, tuple[str, SongTerms]]
"""Song id to title and terms on chain."""
REREAD_BLOCKS = 64
"""Newest blocks whose events are asked for again: the chain may have taken them back."""
SMALLEST_RANGE = 16
"""Blocks; a server that refuses even these does not refuse because there are too many."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Everything a reading needs.

    Attributes:
        rpc: Client of the chain.
        deployment: Where the contracts lie.
        ledger: The Ledger.
        artist: Own address.
        songs: The artist's songs that are on chain.
        block: Newest block.
        at: Its Unix time.
        confirmations: Blocks until a payment counts as final.
    """

    rpc: Rpc
    deployment: Deployment
    ledger: Ledger
    artist: str
    songs: Songs
    block: int
    at: int
    confirmations: int

    @classmethod
    def open(cls, context: WalletContext, artist: str, songs: Songs) -> Reader:
        """Look at the newest block.

        Raises:
            ChainUnreachable: No server answers.
        """
        from mycelix_studio.chain.rpc import ChainUnreachable

        rpc = context.rpc()
        head = rpc.head()
        if head is None:
            raise ChainUnreachable("no server has the newest block")
        ledger, deployment = on_chain.ledger_of(context), on_chain.deployment_of(context)
        return cls(rpc, deployment, ledger, artist, songs, head.number, head.timestamp, context.confirmations)

    def first_block(self, kept: int | None) -> int:
        """Return from which block on events must be asked for, when those up to block ``kept`` are known."""
        if kept is None or kept > self.block:
            return self.deployment.block
        return max(self.deployment.block, kept - REREAD_BLOCKS)

    def events(
        self, address: str, kinds: Sequence[type[Event]], first: int, numbers: Sequence[int | str] = ()
    ) -> tuple[Event, ...]:
        """Return events of these kinds from block ``first`` on; ``numbers`` are the wanted values of their first indexed argument."""
        from mycelix_studio.chain.events import decode_all, topic

        if not numbers:
            return ()
        wanted = [n if isinstance(n, str) else "0x" + n.to_bytes(32, "big").hex() for n in numbers]
        topics = [[topic(kind) for kind in kinds], wanted]
        return tuple(decode_all(self._logs(address, topics, first, self.block)))

    def _logs(self, address: str, topics: Sequence[list[str]], first: int, last: int) -> tuple[Log, ...]:
        """Return logs of a range of blocks, in halves where a server refuses so many at once."""
        from mycelix_studio.chain.rpc import RpcRefused

        if first > last:
            return ()
        try:
            return self.rpc.logs(first, last, [address], topics)
        except RpcRefused:
            if last - first < SMALLEST_RANGE:
                raise
            middle = (first + last) // 2
            return (*self._logs(address, topics, first, middle), *self._logs(address, topics, middle + 1, last))

    def times(self, blocks: Sequence[int]) -> dict[int, int]:
        """Return the Unix times of blocks, in one request."""
        from mycelix_studio.chain.rpc import parse_head

        wanted = sorted(set(blocks))
        if not wanted:
            return {}
        answers = self.rpc.batch([("eth_getBlockByNumber", (hex(number), False)) for number in wanted])
        return {number: parse_head(raw).timestamp for number, raw in zip(wanted, answers, strict=True) if raw}
