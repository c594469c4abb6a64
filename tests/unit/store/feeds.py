"""Random but possible feeds of a node, and what the tables must then hold, computed from the rows by plain SQL and Python."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from mycelix_studio.domain import wire
from mycelix_studio.domain.clock import DAY_SECONDS, day_number, to_unix
from mycelix_studio.domain.metrics import day_of, month_start
from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.store import song_sums
from mycelix_studio.store.day_sums import month_number
from mycelix_studio.store.rollups import EARN_BITS, INCOME, PLAYS, TIP_OF_UNKNOWN

START = datetime(2026, 1, 20, tzinfo=UTC)
ARTIST = "0x" + "A7" * 20
SONGS = tuple("0x" + f"{number:02x}" * 32 for number in range(1, 6))
LISTENERS = tuple("0x" + f"{number:02X}" * 20 for number in range(1, 9))
GENRES = ("ambient", "folk", "")
WAYS: tuple[StrategyName, ...] = ("pay-per-stream", "gift-economy", "patronage", "auction")


def song(key: int, song_id: str, strategy: StrategyName = "pay-per-stream", genre: str = "ambient") -> wire.SongRecord:
    return wire.SongRecord(
        key, song_id, ARTIST, f"Song {key}", "Ada Lark", genre, 181, "bafk" + str(key), None, strategy, (strategy,), 10**16 + key,
        None, START, False,
    )  # fmt: skip


def payment(
    key: int,
    at: datetime,
    net: int,
    song_id: str | None = SONGS[0],
    strategy: StrategyName | None = "pay-per-stream",
    kind: wire.PaymentType = "stream",
    listener: str = LISTENERS[0],
    payee: int = 1,
) -> wire.PaymentRecord:
    fee = net // 99
    return wire.PaymentRecord(
        key, 31337, key, at, f"0x{key:064x}", 0, 0, listener, payee, song_id, strategy, kind, 1, net + fee, fee, net
    )


def voucher_song(
    key: int, payment_: int, at: datetime, net: int, song_id: str = SONGS[0], listener: str = LISTENERS[0]
) -> wire.VoucherSongRecord:
    return wire.VoucherSongRecord(key, payment_, at, listener, song_id, 1, net + net // 99, net)


def plays(rows: list[tuple[int, int, int, int]], paid: int = 0) -> wire.PlayPage:
    """Return a page of (key, song, listener, Unix second) rows, songs and listeners as indices."""
    key, songs, listeners, at = ([row[n] for row in rows] for n in range(4))
    return wire.PlayPage(
        SONGS, LISTENERS, tuple(key), tuple(songs), tuple(listeners), tuple(at), (30,) * len(key), (paid,) * len(key)
    )


@dataclass
class Feed:
    """A node in small: it hands out pages of records, and knows which rows hold in the end."""

    rng: random.Random
    live: dict[tuple[str, int], object] = field(default_factory=dict)
    keys: Counter[str] = field(default_factory=Counter)
    pages: list[wire.SyncPage] = field(default_factory=list)

    def grow(self, pages: int) -> Feed:
        """Add pages with new, late, repeated, changed and retracted rows."""
        for _ in range(pages):
            records = [self._step() for _ in range(self.rng.randint(0, 5))]
            self.page(*[record for record in records if record is not None])
        return self

    def agree(self) -> Feed:
        """Add a page after which every song of a voucher belongs to a payment by voucher of its time, as at the end of a node's feed."""
        odd = [
            key
            for (kind, key), row in self.live.items()
            if isinstance(row, wire.VoucherSongRecord)
            and not (
                isinstance(paid := self.live.get(("payment", row.payment)), wire.PaymentRecord)
                and (paid.type, paid.block_time) == ("voucher", row.block_time)
            )
        ]
        for key in odd:
            del self.live["voucher_song", key]
        self.page(wire.Retraction("voucher_song", tuple(odd)))
        return self

    def page(self, *records: wire.Record) -> None:
        """Hand out a page of these."""
        if self.pages:
            last = self.pages[-1]
            self.pages[-1] = replace(last, more=True)
        number = len(self.pages) + 1
        self.pages.append(
            wire.SyncPage(records, f"cursor-{number}", False, START + timedelta(days=400, seconds=number))
        )

    def fresh(self) -> list[wire.SyncPage]:
        """Return what a sync from the beginning gets now: the rows that hold, in another order and other pages."""
        other = Feed(random.Random(7))
        rows = list(self.live.items())
        other.rng.shuffle(rows)
        for start in range(0, len(rows), 4):
            records: list[wire.Record] = []
            for (kind, key), row in rows[start : start + 4]:
                records.append(plays([(key, *row[:3])], row[3]) if kind == "play" else row)  # type: ignore[index, arg-type]
            other.page(*records)
        if not other.pages:
            other.page()
        other.pages[-1] = replace(other.pages[-1], next_cursor=self.pages[-1].next_cursor, as_of=self.pages[-1].as_of)
        return other.pages

    def _moment(self) -> int:
        # Mostly around the present of the feed, sometimes long ago.
        days = len(self.pages) * 3 if self.rng.random() < 0.6 else self.rng.randint(0, 90)
        return to_unix(START) + days * DAY_SECONDS + self.rng.randint(0, 2 * DAY_SECONDS)

    def _step(self) -> wire.Record | None:
        kinds = ("plays", "again", "payment", "song", "retraction", "payout", "voucher_song")
        what = self.rng.choices(kinds, (6, 2, 4, 2, 3, 1, 3))[0]
        return getattr(self, f"_{what}")()  # type: ignore[no-any-return]

    def _plays(self) -> wire.PlayPage:
        rows = []
        for _ in range(self.rng.randint(1, 8)):
            self.keys["play"] += self.rng.randint(1, 3)
            row = (self.rng.randrange(len(SONGS)), self.rng.randrange(len(LISTENERS)), self._moment())
            self.live["play", self.keys["play"]] = (*row, 0)
            rows.append((self.keys["play"], *row))
        return plays(rows)

    def _again(self) -> wire.PlayPage | None:
        known = [(key, row) for (kind, key), row in self.live.items() if kind == "play"]
        if not known:
            return None
        rows = []
        for key, (song_, listener, at, _paid) in self.rng.sample(known, min(len(known), 3)):  # type: ignore[misc]
            if self.rng.random() < 0.3:
                at = self._moment()  # noqa: PLW2901
            self.live["play", key] = (song_, listener, at, 1)
            rows.append((key, song_, listener, at))
        return plays(rows, paid=1)

    def _payment(self) -> wire.PaymentRecord:
        known = [key for kind, key in self.live if kind == "payment"]
        if known and self.rng.random() < 0.2:
            key = self.rng.choice(known)
        else:
            self.keys["payment"] += 1
            key = self.keys["payment"]
        kind: wire.PaymentType = self.rng.choice(("stream", "tip", "voucher", "reward", "renewal"))
        record = payment(
            key,
            datetime.fromtimestamp(self._moment(), UTC),
            self.rng.choice((0, 1, 10**9 - 1, 10**16, 123456789012345678901)),
            None if kind == "voucher" else self.rng.choice(SONGS),
            None if kind == "tip" else "pay-per-stream" if kind == "voucher" else self.rng.choice(WAYS),
            kind,
            self.rng.choice(LISTENERS),
        )
        self.live["payment", key] = record
        return record

    def _voucher_song(self) -> wire.VoucherSongRecord:
        """A song of a payment that is here, that comes later or that never comes; perhaps one that is here already."""
        known = [key for kind, key in self.live if kind == "voucher_song"]
        if known and self.rng.random() < 0.3:
            key = self.rng.choice(known)
        else:
            self.keys["voucher_song"] += 1
            key = self.keys["voucher_song"]
        of = self.rng.randint(1, self.keys["payment"] + 3)
        paid = self.live.get(("payment", of))
        record = voucher_song(
            key,
            of,
            paid.block_time if isinstance(paid, wire.PaymentRecord) else datetime.fromtimestamp(self._moment(), UTC),
            self.rng.choice((0, 1, 10**9 - 1, 10**16, 123456789012345678901)),
            self.rng.choice(SONGS),
            self.rng.choice(LISTENERS),
        )
        self.live["voucher_song", key] = record
        return record

    def _payout(self) -> wire.PayoutRecord:
        self.keys["payout"] += 1
        key = self.keys["payout"]
        record = wire.PayoutRecord(
            key, 31337, key, datetime.fromtimestamp(self._moment(), UTC), f"0x{key:064x}", 1, 0, 1, ARTIST, 10**17 + key, False
        )  # fmt: skip
        self.live["payout", key] = record
        return record

    def _song(self) -> wire.SongRecord:
        number = self.rng.randrange(len(SONGS))
        record = song(number + 1, SONGS[number], self.rng.choice(WAYS), self.rng.choice(GENRES))
        self.live["song", number + 1] = record
        return record

    def _retraction(self) -> wire.Retraction | None:
        kind: wire.RetractedKind = self.rng.choice(("play", "play", "payment", "song", "payout", "voucher_song"))
        keys = [key for of, key in self.live if of == kind]
        chosen = self.rng.sample(keys, min(len(keys), self.rng.randint(1, 4)))
        for key in chosen:
            del self.live[kind, key]
        return wire.Retraction(kind, (*chosen, 10**9))  # and one nobody heard of


def expected(db: sqlite3.Connection) -> dict[str, set[tuple[int, ...]]]:
    """Return what every rollup must hold, from the plays, payments and songs in the same file."""
    found: dict[str, set[tuple[int, ...]]] = {}
    rows = [tuple(row) for row in db.execute("SELECT song, listener, at / 86400 FROM play")]
    mains = dict(tuple(row) for row in db.execute("SELECT song, strategy FROM song"))
    net: dict[tuple[int, int, int], list[int]] = {}
    for record in db.execute(
        "SELECT coalesce(song, 0), strategy, block_time / 86400, net_gwei, net_rem FROM payment WHERE type <> 'reward'"
    ):
        place = net.setdefault((record[2], record[0], record[1]), [0, 0, 0])
        for n, value in enumerate((1, record[3], record[4])):
            place[n] += value
    for song_, day, gwei, rem in db.execute("SELECT song, block_time / 86400, net_gwei, net_rem FROM voucher_song"):
        for to, way in ((song_, 1), (0, -1)):
            place = net.setdefault((day, to, 1), [0, 0, 0])
            place[1] += way * gwei
            place[2] += way * rem
    net = {key: money for key, money in net.items() if any(money)}
    found["song_earn"] = {(*key, *money) for key, money in net.items()}
    for level, unit in (("song_day", lambda day: day), (song_sums.TABLE, month_number)):
        sums: dict[tuple[int, int], list[int]] = {}
        for song_, _listener, day in rows:
            sums.setdefault((unit(day), song_), [0, 0, 0, 0])[0] += 1
        for (day, song_, _strategy), money in net.items():
            for n, value in enumerate(money):
                sums.setdefault((unit(day), song_), [0, 0, 0, 0])[n + 1] += value
        found[level] = {(*key, *values) for key, values in sums.items() if any(values)}
    days: dict[int, list[int]] = {}
    for (day, song_, strategy), money in net.items():
        place = 1 + 2 * EARN_BITS.index(strategy or mains.get(song_, TIP_OF_UNKNOWN))
        for n, value in zip((0, place, place + 1), money, strict=True):
            days.setdefault(day, [0] * 9)[n] += value
    found[INCOME.table] = {(day, *values) for day, values in days.items() if any(values)}
    found["listener_day"] = {(*key, n) for key, n in Counter((listener, day) for _s, listener, day in rows).items()}
    gaps: Counter[tuple[int, int]] = Counter()
    cohorts: Counter[tuple[int, int]] = Counter()
    for who in {listener for _s, listener, _d in rows}:
        active = sorted({day for _s, listener, day in rows if listener == who})
        gaps.update(zip(active, [-1, *active], strict=False))
        cohorts.update((month_number(active[0]), month) for month in {month_number(day) for day in active})
    found["gap"] = {(*key, n) for key, n in gaps.items()}
    for table in ("gap_month", "month_gap", "month_gap_month"):
        counted: Counter[tuple[int, int]] = Counter()
        for (day, before), n in gaps.items():
            month = -1 if before < 0 else month_number(before)
            counted[month_number(day) if "month_gap" in table else day, month if "gap_month" in table else before] += n
        found[table] = {(*key, n) for key, n in counted.items()}
    found["cohort"] = {(*key, n) for key, n in cohorts.items()}
    found[PLAYS.table] = {
        (
            day,
            n,
            len({listener for _s, listener, d in rows if d == day}),
            gaps[day, -1],
        )
        for day, n in Counter(day for _s, _l, day in rows).items()
    }
    return found


def held(db: sqlite3.Connection, table: str) -> set[tuple[int, ...]]:
    """Return the rows of a table; of one that packs days, a row for each day that counts anything."""
    if table == song_sums.TABLE:
        rows = {(month, song_, *sums) for month, song_, sums in song_sums.rows(db)}
        assert {month for month, *_rest in rows} == {month for (month,) in db.execute(f"SELECT month FROM {table}")}
        return rows
    packed = {kind.table: kind for kind in (PLAYS, INCOME)}.get(table)
    if packed is None:
        return {tuple(row) for row in db.execute(f"SELECT * FROM {table}")}
    found = set()
    for (month,) in db.execute(f"SELECT month FROM {table}"):
        first, end = day_of(month_start(month)), day_of(month_start(month + 1))
        days = zip(range(first, end), *packed.read(db, first, end - 1), strict=True)
        counted = {row for row in days if any(row[1:])}
        assert counted, f"{table} holds a month without anything"
        found |= counted
    return found


__all__ = [
    "ARTIST",
    "LISTENERS",
    "SONGS",
    "START",
    "Feed",
    "day_number",
    "expected",
    "held",
    "payment",
    "plays",
    "song",
    "voucher_song",
]
