"""Records of the feed as rows and back: the columns of each field, read from the types of ``domain.wire``. Plays are columns already."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, TypeVar, cast, get_type_hints

from mycelix_studio.domain import wire
from mycelix_studio.domain.clock import from_unix, to_unix
from mycelix_studio.domain.money import join_gwei, split_gwei
from mycelix_studio.domain.strategy.names import STRATEGY_BITS, bitmask_of, strategies_of
from mycelix_studio.store.song_history import history, history_text

R = TypeVar("R", bound=wire.Record)
PARTIES: Final = frozenset({"artist", "listener", "recipient", "patron"})
"""Fields that hold an address."""
_BIT_NAMES: Final = {bit: name for name, bit in STRATEGY_BITS.items()}


@dataclass(frozen=True, slots=True)
class Field:
    """How a field of a record is stored: its columns, the numbers it refers to, and the way there and back."""

    name: str
    columns: tuple[str, ...]
    refers: str
    store: Callable[[Any], tuple[object, ...]]
    load: Callable[..., object]


@cache
def fields_of(kind: str) -> tuple[Field, ...]:
    """Return how the fields of a kind are stored."""
    hints = get_type_hints(wire.RECORD_TYPES[kind])
    return tuple(_field(name, hint) for name, hint in hints.items() if name != "kind")


def _field(name: str, hint: object) -> Field:  # noqa: PLR0911 - one kind of field a line
    if name in wire.WEI_FIELDS:
        return Field(name, (f"{name}_gwei", f"{name}_rem"), "", split_gwei, join_gwei)
    if name == "song_id":
        return Field(name, ("song",), "song_ref", _same, _itself)
    if name in PARTIES:
        return Field(name, (name,), "party", _same, _itself)
    if name == "strategies":
        return Field(name, (name,), "", lambda value: (bitmask_of(value),), strategies_of)
    if name == "strategy":
        return Field(name, (name,), "", lambda value: (STRATEGY_BITS.get(value, 0),), _BIT_NAMES.get)
    if name == "shares":
        return Field(name, (name,), "", _shares_text, _shares)
    if name == "history":
        return Field(name, (name,), "", history_text, history)
    if hint is datetime:
        return Field(name, (name,), "", lambda value: (to_unix(value),), from_unix)
    if hint is bool:
        return Field(name, (name,), "", lambda value: (int(value),), bool)
    return Field(name, (name,), "", _same, _itself)


def _same(value: object) -> tuple[object, ...]:
    return (value,)


def _itself(value: object) -> object:
    return value


def _shares_text(shares: Sequence[wire.WireShare]) -> tuple[str]:
    return (json.dumps([[share.recipient, share.bps, share.role] for share in shares], ensure_ascii=False),)


def _shares(text: str) -> tuple[wire.WireShare, ...]:
    return tuple(wire.WireShare(recipient, bps, role) for recipient, bps, role in json.loads(text))


def by_keys(db: sqlite3.Connection, kind: str, keys: Iterable[int]) -> list[Any]:
    """Return the records of a kind with these keys that are here."""
    return list(_records(db, kind, "t.key IN (SELECT value FROM json_each(?))", (json.dumps(list(keys)),)))


def _records(
    db: sqlite3.Connection, kind: str, where: str = "1", values: Sequence[object] = (), order: str = "t.key"
) -> Iterable[wire.Record]:
    selected: list[str] = []
    for part in fields_of(kind):
        for column in part.columns:
            if part.refers == "song_ref":
                selected.append(f"(SELECT song_id FROM song_ref WHERE id = t.{column})")
            elif part.refers == "party":
                selected.append(f"(SELECT address FROM party WHERE id = t.{column})")
            else:
                selected.append(f"t.{column}")
    make: Any = wire.RECORD_TYPES[kind]
    widths = [(part.load, len(part.columns)) for part in fields_of(kind)]
    for row in db.execute(
        f"SELECT {', '.join(selected)} FROM {kind} t WHERE {where} ORDER BY {order}", values
    ).fetchall():
        arguments: list[object] = []
        place = 0
        for load, width in widths:
            arguments.append(load(*row[place : place + width]))
            place += width
        yield make(*arguments)


def records(
    db: sqlite3.Connection, kind: type[R], where: str = "1", values: Sequence[object] = (), order: str = "t.key"
) -> tuple[R, ...]:
    """Return the rows of a kind (not plays) as records; ``where`` and ``order`` are constants of this package over the table ``t``."""
    return cast("tuple[R, ...]", tuple(_records(db, kind.kind, where, values, order)))
