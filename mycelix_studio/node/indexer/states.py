"""What the chain says of each thing, after every event that changed it, so that taking blocks back is a matter of looking one state up."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypedDict

from psycopg.types.json import Jsonb

from mycelix_studio.node.db.pool import Connection


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event happened: block, its Unix second, transaction, position in the block."""

    block: int
    block_time: int
    tx: str
    log_index: int


class PayeeState(TypedDict):
    """An account of the Ledger. ``artist`` is the owner of the first song that pays it, empty until there is one."""

    split_hash: str
    fee_bps: int
    to: list[str]
    bps: list[int]
    roles: list[str]
    artist: str
    locked: bool
    block: int
    block_time: int
    tx: str
    log_index: int


class SongState(TypedDict):
    """A song on chain. ``registrant`` made its id, ``owner`` has it now; ``price`` as decimal text."""

    registrant: str
    owner: str
    content_hash: str
    payee: int
    price: str
    strategies: int
    locked: bool


class VoucherState(TypedDict):
    """What the chain did with a listener's nonce: charged it (``reason`` 0, ``items`` packed as hex), or left it out for a reason."""

    plays_hash: str
    items: str
    reason: int
    tx: str
    block: int


class PlanState(TypedDict):
    """Terms of patronage of a song; ``price`` as decimal text."""

    song_id: str
    price: str
    minimum_periods: int
    tier_bps: list[int]
    early_cancel: bool
    open: bool


class SubscriptionState(TypedDict):
    """One patron of a song. Times in Unix seconds, ``price`` of a period as decimal text; the place is that of the last event."""

    song_id: str
    patron: str
    started_at: int
    paid_through: int
    price: str
    auto_renew: bool
    state: str
    reason: str
    block: int
    block_time: int
    tx: str
    log_index: int


class AuctionState(TypedDict):
    """One auction. Times in Unix seconds, prices as decimal text; the place is that of the last event."""

    song_id: str
    start_price: str
    end_price: str
    starts_at: int
    ends_at: int
    supply: int
    sold: int
    per_wallet: int
    closed: bool
    block: int
    block_time: int
    tx: str
    log_index: int


def owner_of(payee: PayeeState) -> str:
    """Return whose account it is: the owner of the first song that paid it, else its first recipient."""
    return payee["artist"] or payee["to"][0]


class States:
    """The states of one chain within one transaction: looked up once, written at the end."""

    def __init__(self, connection: Connection, chain_id: int) -> None:
        self._connection = connection
        self._chain = chain_id
        self._known: dict[str, dict[str, object] | None] = {}
        self._new: dict[tuple[str, int, int], dict[str, object]] = {}

    async def load(self, entities: Iterable[str]) -> None:
        """Look several up at once."""
        wanted = [entity for entity in set(entities) if entity not in self._known]
        if not wanted:
            return
        cursor = await self._connection.execute(
            "SELECT DISTINCT ON (entity) entity, state FROM chain_states WHERE chain_id = %s AND entity = ANY(%s)"
            " ORDER BY entity, block DESC, log_index DESC",
            (self._chain, wanted),
        )
        self._known |= dict.fromkeys(wanted)
        self._known |= {str(entity): state for entity, state in await cursor.fetchall()}

    async def get(self, entity: str) -> dict[str, object] | None:
        """Return the state of one thing, None when the chain never spoke of it."""
        await self.load([entity])
        return self._known[entity]

    def put(self, entity: str, place: Place, state: object) -> None:
        """Note a new state after an event."""
        plain = json.loads(json.dumps(state))
        self._known[entity] = plain
        self._new[entity, place.block, place.log_index] = plain

    @property
    def changed(self) -> set[str]:
        """Entities with a new state."""
        return {entity for entity, _block, _index in self._new}

    async def write(self) -> None:
        """Write the new states."""
        async with self._connection.cursor() as cursor:
            await cursor.executemany(
                "INSERT INTO chain_states (chain_id, entity, block, log_index, state) VALUES (%s, %s, %s, %s, %s)",
                [
                    (self._chain, entity, block, index, Jsonb(state))
                    for (entity, block, index), state in self._new.items()
                ],
            )
        self._new.clear()
