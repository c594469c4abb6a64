"""Random but possible histories of payments, splits and payouts for tests of statements."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from mycelix_studio.domain.fiat import Rate, RateTable
from mycelix_studio.domain.splits import divide
from mycelix_studio.domain.statement import Inputs, Receipt, Taken
from mycelix_studio.domain.wire import PaymentRecord, PayoutRecord, SplitRecord, VoucherSongRecord, WireShare

ARTIST = "0x7A3e5bAB12cd34Ef567890aB12Cd34ef56c491Fc"
BAND = (ARTIST, "0x" + "B1" * 20, "0x" + "C2" * 20)
START = datetime(2026, 1, 1, tzinfo=UTC)
AS_OF = datetime(2027, 6, 1, tzinfo=UTC)
SONGS = ("0x" + "a1" * 32, "0x" + "b2" * 32)
TITLES = {SONGS[0]: "Salt Meridian", SONGS[1]: '=HYPERLINK("evil")'}


def payment(
    key: int, hours: int, gross: int, kind: str = "stream", song: str | None = SONGS[0], count: int = 1
) -> PaymentRecord:
    """Return a payment ``hours`` into 2026 at 1 % fee."""
    fee = gross // 100
    strategy = {"tip": None, "reward": "gift-economy", "pass": "auction"}.get(kind, "pay-per-stream")
    return PaymentRecord(
        key, 100, 1000 + hours, START + timedelta(hours=hours), f"0x{key:064x}", key % 7, 0, "0x" + f"{key % 5:040x}",
        7, song, strategy, kind, count, gross, 0 if kind == "reward" else fee, gross if kind == "reward" else gross - fee,  # type: ignore[arg-type]
    )  # fmt: skip


def split(key: int, block: int, bps: tuple[int, ...]) -> SplitRecord:
    """Return a split of account 7 that holds from ``block`` on."""
    shares = tuple(WireShare(address, part, "artist") for address, part in zip(BAND, bps, strict=False))
    return SplitRecord(key, 100, block, START, f"0x{key:064x}", 0, 7, "0xhash", 100, False, shares)


def payout(key: int, hours: int, amount: int, to: str = ARTIST, deferred: bool = False) -> PayoutRecord:
    """Return a payout ``hours`` into 2026."""
    return PayoutRecord(
        key, 100, 1000 + hours, START + timedelta(hours=hours), "0x" + "ee" * 32, 3, key, 7, to, amount, deferred
    )


def rates(currency: str = "EUR") -> RateTable:
    """Return a rate for every fifth day of 2026."""
    return RateTable(
        Rate((START + timedelta(days=day)).date(), currency, f"0.{900 + day % 90}", "own table")
        for day in range(0, 366, 5)
    )


def inputs(
    receipts: list[Receipt], payouts: list[Taken] | None = None, currency: str = "", as_of: datetime = AS_OF
) -> Inputs:
    """Return the inputs of a statement of one artist with a partner from block 3000 on."""
    return Inputs(
        "Maren Okafor",
        ARTIST,
        "Gnosis",
        as_of,
        receipts,
        payouts or [],
        [split(1, 1, (10_000,)), split(2, 3000, (8500, 1500)), split(3, 6000, (3334, 3333, 3333))],
        TITLES,
        {ARTIST: "Maren Okafor", BAND[1]: "Ilse Brandt"},
        rates=rates(currency or "EUR"),
        currency=currency,
    )


def voucher_songs(paid: PaymentRecord, weights: tuple[int, ...]) -> tuple[VoucherSongRecord, ...]:
    """Return what each of :data:`SONGS` got of a voucher, by weights, of which the last is left to no song."""
    gross, net = divide(paid.gross, weights), divide(paid.net, weights)
    return tuple(
        VoucherSongRecord(
            100 * paid.key + n, paid.key, paid.block_time, paid.listener, song, paid.count, gross[n], net[n]
        )
        for n, song in enumerate(SONGS)
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Receipt]:
    """Return payments over one year, some taken back."""
    size = draw(st.integers(0, 25))
    found = []
    for key in range(size):
        hours = draw(st.integers(0, 365 * 24 - 1))
        gross = draw(st.one_of(st.integers(1, 10**19), st.integers(1, 10**30)))
        kind = draw(st.sampled_from(["stream", "voucher", "tip", "subscription", "renewal", "pass", "reward"]))
        song = None if kind == "voucher" else draw(st.sampled_from([*SONGS, None]))
        made = payment(key, hours, gross, kind, song, draw(st.integers(1, 30)))
        back = draw(st.one_of(st.none(), st.integers(1, 2000)))
        weights = draw(st.sampled_from([(), (5_000, 5_000, 0), (1, 9_999, 0), (3_333, 3_333, 3_334)]))
        songs = voucher_songs(made, weights) if kind == "voucher" and weights else ()
        found.append(Receipt(made, made.block_time + timedelta(hours=back) if back else None, songs))
    return found
