"""What was synced from the platform: the records of ``domain.wire`` as rows, and the place in the feed up to which they go.

:func:`apply` writes one page, its rollups and its cursor; call it inside one ``Database.write()``. Applying a page twice, or any
earlier page again, leaves the same tables. Song ids and addresses are stored once and named by local numbers, since a random text key
is what makes ingestion slow. Payments, their songs and payouts that the chain took back are kept in ``taken_back`` for statements, where
nothing is silently rewritten.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from mycelix_studio.domain import wire
from mycelix_studio.domain.clock import DAY_SECONDS, day_number, from_unix, to_unix
from mycelix_studio.domain.money import split_gwei
from mycelix_studio.domain.strategy.names import STRATEGY_BITS, StrategyName
from mycelix_studio.errors import Known
from mycelix_studio.store import records as recorded
from mycelix_studio.store import rollups, song_sums
from mycelix_studio.store.records import PARTIES, by_keys, fields_of
from mycelix_studio.store.sync_state import SyncState, state

_PLACE: Final = """key INTEGER PRIMARY KEY, chain_id INTEGER NOT NULL, block INTEGER NOT NULL, block_time INTEGER NOT NULL,
  tx TEXT NOT NULL, log_index INTEGER NOT NULL"""

SCHEMA: Final = f"""
CREATE TABLE sync_state (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  server TEXT NOT NULL,
  account TEXT NOT NULL,
  cursor TEXT NOT NULL,
  as_of INTEGER,
  complete INTEGER NOT NULL
) STRICT;
CREATE TABLE song_ref (id INTEGER PRIMARY KEY, song_id TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE party (id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE song (
  key INTEGER PRIMARY KEY,
  song INTEGER NOT NULL UNIQUE REFERENCES song_ref (id),
  artist INTEGER NOT NULL REFERENCES party (id),
  title TEXT NOT NULL,
  artist_name TEXT NOT NULL,
  genre TEXT NOT NULL,
  duration INTEGER,
  cid TEXT NOT NULL,
  content_hash TEXT,
  strategy INTEGER NOT NULL,
  strategies INTEGER NOT NULL,
  price_gwei INTEGER NOT NULL,
  price_rem INTEGER NOT NULL,
  payee INTEGER,
  created_at INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  history TEXT NOT NULL CHECK (json_valid(history))
) STRICT;
-- No foreign keys here: checking them costs as much as the insert, and apply() makes the numbers in the same transaction.
CREATE TABLE play (
  key INTEGER PRIMARY KEY,
  song INTEGER NOT NULL,
  listener INTEGER NOT NULL,
  at INTEGER NOT NULL,
  seconds INTEGER NOT NULL,
  paid INTEGER NOT NULL
) STRICT;
CREATE INDEX play_song ON play (song, at);
CREATE TABLE payment (
  {_PLACE},
  item INTEGER NOT NULL,
  listener INTEGER NOT NULL REFERENCES party (id),
  payee INTEGER NOT NULL,
  song INTEGER REFERENCES song_ref (id),
  strategy INTEGER NOT NULL,
  type TEXT NOT NULL,
  count INTEGER NOT NULL,
  gross_gwei INTEGER NOT NULL,
  gross_rem INTEGER NOT NULL,
  fee_gwei INTEGER NOT NULL,
  fee_rem INTEGER NOT NULL,
  net_gwei INTEGER NOT NULL,
  net_rem INTEGER NOT NULL
) STRICT;
CREATE INDEX payment_time ON payment (block_time);
CREATE INDEX payment_song ON payment (song, block_time);
CREATE TABLE voucher_song (
  key INTEGER PRIMARY KEY,
  payment INTEGER NOT NULL,
  block_time INTEGER NOT NULL,
  listener INTEGER NOT NULL REFERENCES party (id),
  song INTEGER NOT NULL REFERENCES song_ref (id),
  count INTEGER NOT NULL,
  gross_gwei INTEGER NOT NULL,
  gross_rem INTEGER NOT NULL,
  net_gwei INTEGER NOT NULL,
  net_rem INTEGER NOT NULL
) STRICT;
CREATE INDEX voucher_song_time ON voucher_song (block_time);
CREATE INDEX voucher_song_song ON voucher_song (song, block_time);
CREATE TABLE payout (
  {_PLACE},
  item INTEGER NOT NULL,
  payee INTEGER NOT NULL,
  recipient INTEGER NOT NULL REFERENCES party (id),
  amount_gwei INTEGER NOT NULL,
  amount_rem INTEGER NOT NULL,
  deferred INTEGER NOT NULL
) STRICT;
CREATE INDEX payout_time ON payout (block_time);
CREATE TABLE split (
  {_PLACE},
  payee INTEGER NOT NULL,
  split_hash TEXT NOT NULL,
  fee_bps INTEGER NOT NULL,
  locked INTEGER NOT NULL,
  shares TEXT NOT NULL CHECK (json_valid(shares))
) STRICT;
CREATE TABLE subscription (
  {_PLACE},
  song INTEGER NOT NULL REFERENCES song_ref (id),
  patron INTEGER NOT NULL REFERENCES party (id),
  started_at INTEGER NOT NULL,
  paid_through INTEGER NOT NULL,
  price_gwei INTEGER NOT NULL,
  price_rem INTEGER NOT NULL,
  periods INTEGER NOT NULL,
  auto_renew INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE TABLE auction (
  {_PLACE},
  auction INTEGER NOT NULL,
  song INTEGER NOT NULL REFERENCES song_ref (id),
  start_price_gwei INTEGER NOT NULL,
  start_price_rem INTEGER NOT NULL,
  end_price_gwei INTEGER NOT NULL,
  end_price_rem INTEGER NOT NULL,
  starts_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  supply INTEGER NOT NULL,
  sold INTEGER NOT NULL,
  per_wallet INTEGER NOT NULL,
  closed INTEGER NOT NULL
) STRICT;
CREATE TABLE taken_back (
  kind TEXT NOT NULL,
  key INTEGER NOT NULL,
  record TEXT NOT NULL CHECK (json_valid(record)),
  at INTEGER NOT NULL,
  PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
{rollups.SCHEMA}"""

records = recorded.records
"""The rows of a kind (not plays) as records: see :func:`mycelix_studio.store.records.records`."""
KINDS: Final = ("song", "play", "payment", "payout", "split", "subscription", "auction", "voucher_song")
TABLES: Final = (*KINDS, *rollups.TABLES)
"""Tables that hold nothing but what the platform sent. ``taken_back`` is not among them: a fresh sync could not bring it back."""

_LAST_SECOND: Final = 253_402_300_799  # the end of the year 9999


class DamagedAnswer(Known):
    """The server sent something that cannot be; nothing of it was kept."""

    def __init__(self, what: str) -> None:
        super().__init__(
            "Could not sync",
            f"The server sent something that cannot be: {what}. What you have is unchanged.",
            "Try again later; if it happens again, tell the people who run the server.",
        )


@dataclass(slots=True)
class Applied:
    """What a page changed: rows by kind, duplicates included."""

    rows: dict[str, int] = field(default_factory=dict)

    def count(self, kind: str, rows: int = 1) -> None:
        """Add rows of a kind."""
        self.rows[kind] = self.rows.get(kind, 0) + rows

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.rows.values())


def begin(db: sqlite3.Connection, server: str, account: str) -> SyncState:
    """Return where to go on for this account; rows of another one are removed first.

    A platform that moved to another address is the same as long as it knows its cursor, so rows are kept then.
    """
    found = state(db)
    if found.account != account:
        return restart(db, server, account)
    if found.server != server:
        db.execute("UPDATE sync_state SET server = ?", (server,))
    return state(db)


def restart(db: sqlite3.Connection, server: str, account: str) -> SyncState:
    """Remove every synced row, so that the next page is the first. What the person made is not touched."""
    for table in (*reversed(TABLES), "song_ref", "party"):
        db.execute(f"DELETE FROM {table}")
    db.execute("INSERT OR REPLACE INTO sync_state VALUES (1, ?, ?, '', NULL, 0)", (server, account))
    return state(db)


def apply(db: sqlite3.Connection, page: wire.SyncPage) -> Applied:
    """Write a page with its rollups and its cursor, in the caller's transaction.

    Raises:
        DamagedAnswer: A record cannot be; the caller's transaction must be rolled back.
    """
    applied = Applied()
    try:
        _apply(db, page, applied)
    except (OverflowError, sqlite3.IntegrityError, sqlite3.DataError) as error:
        raise DamagedAnswer(f"a number out of range ({error})") from error
    as_of = None if page.more else to_unix(page.as_of)
    db.execute(
        "INSERT INTO sync_state VALUES (1, '', '', ?1, ?2, ?3) ON CONFLICT (one) DO UPDATE SET cursor = ?1,"
        " as_of = coalesce(?2, as_of), complete = max(complete, ?3)",
        (page.next_cursor, as_of, int(not page.more)),
    )
    return applied


def _apply(db: sqlite3.Connection, page: wire.SyncPage, applied: Applied) -> None:
    run: list[Any] = []

    def flush() -> None:
        if run:
            _put(db, run[0].kind, run)
            run.clear()

    for record in page.records:
        if run and (record.kind != run[0].kind):
            flush()
        if isinstance(record, wire.PlayPage):
            _put_plays(db, record)
            applied.count("play", len(record.key))
        elif isinstance(record, wire.Retraction):
            _retract(db, record.of, record.keys, page.as_of)
            applied.count(record.of, len(record.keys))
        else:
            run.append(record)
            applied.count(record.kind)
    flush()


# names and numbers


def _numbers(db: sqlite3.Connection, table: str, names: Iterable[str]) -> dict[str, int]:
    """Return the local numbers of song ids or addresses, giving new ones to those not seen before."""
    wanted = list(dict.fromkeys(names))
    column = "song_id" if table == "song_ref" else "address"
    query = f"SELECT {column}, id FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))"
    found = {str(row[0]): int(row[1]) for row in db.execute(query, (json.dumps(wanted),))}
    missing = [name for name in wanted if name not in found]
    if missing:
        db.executemany(f"INSERT INTO {table} ({column}) VALUES (?)", [(name,) for name in missing])
        found |= {str(row[0]): int(row[1]) for row in db.execute(query, (json.dumps(missing),))}
    return found


# records


def _put(db: sqlite3.Connection, kind: str, records: Sequence[Any]) -> None:
    """Write records of one kind in place of those with their keys; the rollups follow."""
    latest = {record.key: record for record in records}
    if kind in _FOLDED:
        _FOLDED[kind](db, [*((row, -1) for row in by_keys(db, kind, latest)), *((row, 1) for row in latest.values())])
    columns = [column for part in fields_of(kind) for column in part.columns]
    numbers = _numbers_of(db, kind, latest.values())
    values = [
        tuple(
            value
            for part in fields_of(kind)
            for value in (
                (numbers[part.refers].get(getattr(record, part.name)),)
                if part.refers
                else part.store(getattr(record, part.name))
            )
        )
        for record in latest.values()
    ]
    changes = ", ".join(f"{column} = excluded.{column}" for column in columns if column != "key")
    insert = (
        f"INSERT INTO {kind} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        f" ON CONFLICT (key) DO UPDATE SET {changes}"
    )
    if kind == "song":
        for record, row in zip(latest.values(), values, strict=True):
            number = numbers["song_ref"][record.song_id]
            main = rollups.main_strategy(db, number)
            # A song that left and came back has another key: the row of the old one goes, as its retraction says elsewhere.
            db.execute("DELETE FROM song WHERE song = ? AND key <> ?", (number, record.key))
            db.execute(insert, row)
            rollups.move_tips(db, number, main, rollups.main_strategy(db, number))
    else:
        db.executemany(insert, values)


def _numbers_of(db: sqlite3.Connection, kind: str, records: Iterable[Any]) -> dict[str, dict[str, int]]:
    names: dict[str, list[str]] = {"song_ref": [], "party": []}
    refer = [(part.name, part.refers) for part in fields_of(kind) if part.refers]
    for record in records:
        for name, table in refer:
            value = getattr(record, name)
            if value is not None:
                names[table].append(value)
    return {table: _numbers(db, table, wanted) for table, wanted in names.items()}


TakenBack = wire.PaymentRecord | wire.PayoutRecord | wire.VoucherSongRecord


def taken_back(db: sqlite3.Connection) -> tuple[tuple[TakenBack, datetime], ...]:
    """Return payments, their songs and payouts that the chain took back, with the moment this became known, unless they are there again."""
    found = []
    for row in db.execute("SELECT kind, key, record, at FROM taken_back ORDER BY kind, key").fetchall():
        if db.execute(f"SELECT 1 FROM {row['kind']} WHERE key = ?", (row["key"],)).fetchone() is None:
            record = wire.from_json(json.loads(row["record"]))
            found.append((cast("TakenBack", record), from_unix(row["at"])))
    return tuple(found)


# money


def _fold_payments(db: sqlite3.Connection, changes: Iterable[tuple[wire.PaymentRecord, int]]) -> None:
    listed = [(payment, sign) for payment, sign in changes if payment.type != "reward"]
    songs = _numbers(db, "song_ref", [payment.song_id for payment, _sign in listed if payment.song_id is not None])
    income: dict[tuple[int, int, int], rollups.Money] = {}
    for payment, sign in listed:
        strategy = STRATEGY_BITS.get(cast("StrategyName", payment.strategy), rollups.TIP)
        song = songs[payment.song_id] if payment.song_id is not None else 0
        key = (day_number(to_unix(payment.block_time)), song, strategy)
        n, gwei, rem = income.get(key, (0, 0, 0))
        more, rest = split_gwei(payment.net)
        income[key] = (n + sign, gwei + sign * more, rem + sign * rest)
    rollups.fold_income(db, income)


def _fold_voucher_songs(db: sqlite3.Connection, changes: Iterable[tuple[wire.VoucherSongRecord, int]]) -> None:
    """Move the net of songs from those that name none, where its payment is or will be, to them; it counts as no payment of its own."""
    listed = list(changes)
    songs = _numbers(db, "song_ref", [part.song_id for part, _sign in listed])
    income: dict[tuple[int, int, int], rollups.Money] = {}
    for part, sign in listed:
        gwei, rem = split_gwei(part.net)
        for song, way in ((songs[part.song_id], sign), (0, -sign)):
            key = (day_number(to_unix(part.block_time)), song, rollups.STREAMS)
            held = income.get(key, (0, 0, 0))
            income[key] = (0, held[1] + way * gwei, held[2] + way * rem)
    rollups.fold_income(db, income)


_FOLDED: Final[dict[str, Callable[[sqlite3.Connection, Iterable[tuple[Any, int]]], None]]] = {
    "payment": _fold_payments,
    "voucher_song": _fold_voucher_songs,
}
"""What keeps the sums of a kind, given records that come (1) or go (-1)."""


# plays


def _put_plays(db: sqlite3.Connection, page: wire.PlayPage) -> None:
    import numpy as np

    if not page.key:
        return
    _check_plays(page)
    songs = _numbers(db, "song_ref", page.songs)
    parties = _numbers(db, "party", page.listeners)
    key = np.array(page.key, dtype=np.int64)
    song = np.array([songs[name] for name in page.songs], dtype=np.int64)[np.array(page.song, dtype=np.int64)]
    listener = np.array([parties[name] for name in page.listeners], dtype=np.int64)[
        np.array(page.listener, dtype=np.int64)
    ]
    at, seconds = np.array(page.at, dtype=np.int64), np.array(page.seconds, dtype=np.int64)
    paid = np.array(page.paid, dtype=np.int64)
    _different, last = np.unique(key[::-1], return_index=True)
    if len(last) != len(key):  # the same play twice in one page: the later one holds
        keep = len(key) - 1 - last
        key, song, listener, at, seconds, paid = (column[keep] for column in (key, song, listener, at, seconds, paid))
    rows = zip(*(column.tolist() for column in (key, song, listener, at, seconds, paid)), strict=True)
    held = _held_plays(db, key)
    insert = "INSERT INTO play VALUES (?, ?, ?, ?, ?, ?)"
    if len(held):
        insert += (
            " ON CONFLICT (key) DO UPDATE SET song = excluded.song, listener = excluded.listener, at = excluded.at,"
            " seconds = excluded.seconds, paid = excluded.paid"
        )
    db.executemany(insert, rows)
    weight = np.ones(len(key), dtype=np.int64)
    rollups.fold_plays(
        db,
        np.concatenate([song, held[:, 1]]),
        np.concatenate([listener, held[:, 2]]),
        np.concatenate([at, held[:, 3]]) // DAY_SECONDS,
        np.concatenate([weight, -np.ones(len(held), dtype=np.int64)]),
    )


def _check_plays(page: wire.PlayPage) -> None:
    if not 0 <= min(page.song) <= max(page.song) < len(page.songs):
        raise DamagedAnswer("a play of a song it does not name")
    if not 0 <= min(page.listener) <= max(page.listener) < len(page.listeners):
        raise DamagedAnswer("a play by a listener it does not name")
    if not 0 <= min(page.at) <= max(page.at) <= _LAST_SECOND:
        raise DamagedAnswer("a play outside of all time")


def _held_plays(db: sqlite3.Connection, keys: rollups.Ints) -> rollups.Ints:
    """Return (key, song, listener, at) of the plays that are here already."""
    import numpy as np

    among = db.execute(
        "SELECT EXISTS (SELECT 1 FROM play WHERE key BETWEEN ? AND ?)", (int(keys.min()), int(keys.max()))
    ).fetchone()[0]
    if not among:
        return np.empty((0, 4), dtype=np.int64)
    rows = db.execute(
        "SELECT p.key, p.song, p.listener, p.at FROM json_each(?) j CROSS JOIN play p ON p.key = j.value",
        (json.dumps(keys.tolist()),),
    ).fetchall()
    return np.array([tuple(row) for row in rows], dtype=np.int64).reshape(-1, 4)


# what no longer holds


def _retract(db: sqlite3.Connection, kind: str, keys: Sequence[int], at: datetime) -> None:
    import numpy as np

    if not keys:
        return
    if kind == "play":
        held = _held_plays(db, np.unique(np.array(keys, dtype=np.int64)))
        db.executemany("DELETE FROM play WHERE key = ?", [(key,) for key in held[:, 0].tolist()])
        rollups.fold_plays(db, held[:, 1], held[:, 2], held[:, 3] // DAY_SECONDS, -np.ones(len(held), dtype=np.int64))
        return
    gone = by_keys(db, kind, keys)
    if kind in {"payment", "payout", "voucher_song"}:
        db.executemany(
            "INSERT OR IGNORE INTO taken_back VALUES (?, ?, ?, ?)",
            [(kind, row.key, json.dumps(wire.to_json(row), ensure_ascii=False), to_unix(at)) for row in gone],
        )
    if kind in _FOLDED:
        _FOLDED[kind](db, [(row, -1) for row in gone])
    songs = {}
    if kind == "song":
        songs = {n: rollups.main_strategy(db, n) for n in _numbers(db, "song_ref", [r.song_id for r in gone]).values()}
    db.executemany(f"DELETE FROM {kind} WHERE key = ?", [(row.key,) for row in gone])
    for number, main in songs.items():
        rollups.move_tips(db, number, main, rollups.main_strategy(db, number))


# the same cache


def digest(db: sqlite3.Connection) -> str:
    """Return SHA-256 over all synced tables, with names in place of local numbers: equal after a wipe and a new sync."""
    total = hashlib.sha256()
    for table in TABLES:
        names = [str(row[1]) for row in db.execute(f"PRAGMA table_info({table})")]
        total.update(f"{table} {names}\n".encode())
        for row in _packed_songs(db) if table == song_sums.TABLE else db.execute(_named_query(table, names)):
            total.update(repr(tuple(row)).encode() + b"\n")
    return total.hexdigest()


def _packed_songs(db: sqlite3.Connection) -> list[tuple[int, str, song_sums.Sums]]:
    names = dict(db.execute("SELECT id, song_id FROM song_ref").fetchall())
    return sorted((month, names.get(song, ""), sums) for month, song, sums in song_sums.rows(db))


def _named_query(table: str, names: Sequence[str]) -> str:
    columns: Mapping[str, str] = {
        name: f"coalesce((SELECT song_id FROM song_ref WHERE id = t.{name}), '')"
        if name == "song"
        else f"(SELECT address FROM party WHERE id = t.{name})"
        if name in PARTIES
        else f"t.{name}"
        for name in names
    }
    places = ", ".join(str(number + 1) for number in range(len(names)))
    return f"SELECT {', '.join(columns.values())} FROM {table} t ORDER BY {places}"
