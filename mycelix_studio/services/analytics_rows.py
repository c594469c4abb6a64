"""The payments behind a mark of a dashboard: the same rows the mark is the sum of, each with its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mycelix_studio.domain.clock import to_unix
from mycelix_studio.domain.dashboard import Filter
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.strategy.names import STRATEGY_BITS
from mycelix_studio.domain.vouchers import divided, songs_of
from mycelix_studio.domain.wire import PaymentRecord, VoucherSongRecord
from mycelix_studio.domain.zones import Zone
from mycelix_studio.services.analytics import LAYER_OF_BIT, choose
from mycelix_studio.store import figures, synced
from mycelix_studio.store.connection import Database
from mycelix_studio.store.rollups import TIP_OF_UNKNOWN

MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One payment with its song's title; ``way`` is the strategy it counts under on dashboards."""

    payment: PaymentRecord
    title: str
    way: str


@dataclass(frozen=True, slots=True)
class Behind:
    """Payments, newest first: at most :data:`MOST` of ``count``; the sums are over all of them, in wei.

    With songs chosen, of a voucher there is what each of them got.
    """

    rows: tuple[PaymentRow, ...]
    count: int
    gross: int
    fee: int
    net: int


def behind(database: Database, period: Period, wanted: Filter, zone: Zone | None = None) -> Behind:
    """Return the payments of a period that a filter lets through; their net is what a dashboard shows for both.

    Raises:
        CacheUnusable: The cache cannot be read.
    """
    bounds = zone.bounds(period) if zone is not None else tuple(to_unix(moment) for moment in period.bounds)
    within = "t.block_time >= ? AND t.block_time < ?"
    with database.snapshot() as db:
        songs = figures.all_songs(db)
        chosen = choose(db, songs, wanted)
        paid = synced.records(
            db,
            PaymentRecord,
            within,
            bounds,
            "t.block_time DESC, t.block DESC, t.log_index DESC, t.item DESC, t.key DESC",
        )
        parts = () if chosen.songs is None else synced.records(db, VoucherSongRecord, within, bounds)
    by_payment = songs_of(parts)
    pieces = (piece for payment in paid for piece in divided(payment, by_payment.get(payment.key, ())))
    by_id = {song.song_id: song for song in songs.values()}
    found = []
    for payment in pieces:
        if payment.type == "reward":  # of another token, and no income
            continue
        song = by_id.get(payment.song_id or "")
        if chosen.songs is not None and (song is None or song.number not in chosen.songs):
            continue
        bit = STRATEGY_BITS[payment.strategy] if payment.strategy else song.strategy if song else TIP_OF_UNKNOWN
        if chosen.strategies is None or bit in chosen.strategies:
            found.append(PaymentRow(payment, song.title if song else "", LAYER_OF_BIT.get(bit, "")))
    return _summed(found)


def _summed(rows: Sequence[PaymentRow]) -> Behind:
    return Behind(
        tuple(rows[:MOST]),
        len(rows),
        sum(row.payment.gross for row in rows),
        sum(row.payment.fee for row in rows),
        sum(row.payment.net for row in rows),
    )
