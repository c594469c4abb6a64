"""What came in stands in the activity list beside what was signed: streams of a song and day together, everything else one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mycelix_studio.domain import wire
from mycelix_studio.domain.clock import now
from mycelix_studio.paths import Paths
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.studio import Studio
from mycelix_studio.settings import CHAIN_ID
from mycelix_studio.store import earning, synced

ME = "0x7A3e5B0000000000000000000000000000C491FC"
FAN = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
OTHER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
SONG = "0x" + "5a" * 32
DAY = datetime(2026, 6, 10, 9, tzinfo=UTC)


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """A profile that watches an artist, with one synced song and seven payments."""
    opened = open_studio(Paths.under(tmp_path))
    opened.settings.set(CHAIN_ID, 31337)
    opened.wallet.watch("0x" + ME[2:].lower(), "Main")
    opened.wallet.save_contact(FAN, "otto-k")
    song = wire.SongRecord(
        1, SONG, FAN, "Low Lamp", "Maren", "Folk", 200, "bafy", "0x" + "0f" * 32, "pay-per-stream", ("pay-per-stream",), 10**16, 1,
        DAY, False,
    )  # fmt: skip
    payments = [
        _payment(1, "stream", DAY, FAN, 3),
        _payment(2, "stream", DAY + timedelta(hours=2), OTHER, 2),
        _payment(3, "stream", DAY + timedelta(days=1), FAN, 1),
        _payment(4, "tip", DAY + timedelta(days=1, hours=1), FAN, 1),
        _payment(5, "reward", DAY + timedelta(days=2), FAN, 1),
    ]
    with opened.database.write() as db:
        synced.begin(db, "http://node", FAN)
        synced.apply(db, wire.SyncPage((song, *payments), "c1", False, now()))
    yield opened
    opened.close()


def _payment(key: int, kind: wire.PaymentType, at: datetime, listener: str, count: int) -> wire.PaymentRecord:
    strategy = "pay-per-stream" if kind == "stream" else None
    gross = 10**16 * count
    return wire.PaymentRecord(
        key, 31337, 100 + key, at, "0x" + f"{key:064x}", 0, 0, listener, 1, SONG, strategy, kind, count, gross, gross // 100,
        gross - gross // 100,
    )  # fmt: skip


def test_streams_of_a_day_are_one_row_and_tips_stand_alone(studio: Studio) -> None:
    rows = studio.wallet.activity(only="in")
    assert [(row.title, row.detail) for row in rows] == [
        ("Tip from otto-k", "for Low Lamp"),
        ("1 play, Low Lamp", "otto-k"),
        ("5 plays, Low Lamp", "2 listeners"),
    ]
    assert [row.amount for row in rows] == [99 * 10**14, 99 * 10**14, 5 * 99 * 10**14]
    assert all(row.incoming and row.amount > 0 for row in rows)
    assert {row.activity for row in rows} == {"tip", "stream"}


def test_pages_follow_one_another_without_gap_or_repetition(studio: Studio) -> None:
    whole = [row.id for row in studio.wallet.activity()]
    first = studio.wallet.activity(limit=1)
    second = studio.wallet.activity(limit=2, before=first[-1].id)
    assert [row.id for row in (*first, *second)] == whole
    assert studio.wallet.activity(only="out") == ()
    assert studio.wallet.activity(only="pending") == ()


def test_a_narrow_window_shows_the_same_rows_in_more_pages(studio: Studio) -> None:
    db = studio.database.read()
    whole = earning.income(db, 31337, None, 100)
    for window in (1, 2, 3):
        found: list[earning.Income] = []
        while page := earning.income(db, 31337, (found[-1].at, found[-1].key) if found else None, 100, window=window):
            found += page
        assert tuple(found) == whole
