"""The audit of songs of vouchers: true lists are proven by their hash, and every one that was changed is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from mycelix_studio.chain.values import keccak
from mycelix_studio.domain.audit import Fault, Signed
from mycelix_studio.domain.money import fee_of
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.vouchers import Play, net_by_song, pack_plays
from mycelix_studio.domain.wire import PaymentRecord, VoucherSongRecord
from mycelix_studio.services.audit_songs import judge

AT = datetime(2026, 5, 3, 12, tzinfo=UTC)
MAY, JUNE = Period.month(2026, 5), Period.month(2026, 6)
FAN = "0x" + "F1" * 20
SONGS = tuple("0x" + f"{number:064x}" for number in (1, 2, 3))
LINES = [Play(song, n, 10**16 * n + 55) for n, song in enumerate(SONGS, start=1)]  # type: ignore[arg-type]
BPS = 137


def paid(key: int, item: int, plays: list[Play]) -> tuple[PaymentRecord, list[VoucherSongRecord]]:
    """Return what one account got of the voucher in block 9, log 4."""
    gross, count = sum(play.amount for play in plays), sum(play.count for play in plays)
    fee = fee_of(gross, BPS)
    payment = PaymentRecord(
        key,
        100,
        9,
        AT,
        "0x1",
        4,
        item,
        FAN,
        7 + item,
        None,
        "pay-per-stream",
        "voucher",
        count,
        gross,
        fee,
        gross - fee,
    )
    nets = net_by_song([(play.song_id, payment.payee, play.amount) for play in plays], {payment.payee: BPS})
    return payment, [
        VoucherSongRecord(10 * key + n, key, AT, FAN, play.song_id, play.count, play.amount, nets[play.song_id])
        for n, play in enumerate(plays)
    ]


ONE, OTHER = paid(1, 0, LINES[:2]), paid(2, 1, LINES[2:])
PAYMENTS, PARTS = [ONE[0], OTHER[0]], [*ONE[1], *OTHER[1]]
HASH = "0x" + keccak(pack_plays(LINES)).hex()
TOTAL = sum(play.amount for play in LINES)
CHAIN = {(9, 4): Signed(HASH, TOTAL, {0: BPS, 1: BPS})}


def test_a_true_list_is_proven_by_its_hash_and_one_that_pays_others_too_by_its_sums() -> None:
    found = judge(PAYMENTS, PARTS, CHAIN, MAY)
    assert (found.differences, found.proven, found.partly, found.unnamed) == ((), 1, 0, 0)
    own = judge(PAYMENTS[:1], ONE[1], CHAIN, MAY)
    assert (own.differences, own.proven, own.partly, own.unnamed) == ((), 0, 1, 0)
    none = judge(PAYMENTS, ONE[1], CHAIN, MAY)
    assert (none.differences, none.partly, none.unnamed) == ((), 1, 1)


def changed(place: int, **values: object) -> list[VoucherSongRecord]:
    return [replace(part, **values) if n == place else part for n, part in enumerate(PARTS)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parts", "fault", "fields"),
    [
        (changed(0, count=9), Fault.ALTERED, {"count", "plays_hash"}),
        (changed(1, gross=PARTS[1].gross + 1), Fault.ALTERED, {"gross", "plays_hash"}),
        (changed(1, net=0), Fault.ALTERED, {"net"}),
        (changed(0, song_id=SONGS[2][:-1] + "9"), Fault.ALTERED, {"plays_hash"}),
        (changed(0, listener="0x" + "00" * 20), Fault.ALTERED, {"listener"}),
        (changed(0, block_time=AT.replace(hour=13)), Fault.ALTERED, {"block_time"}),
        (changed(0, payment=3), Fault.INVENTED, set()),
        (PARTS[1:], Fault.ALTERED, {"count", "gross", "net"}),
        ([*PARTS, replace(PARTS[0], key=99)], Fault.ALTERED, {"count", "gross", "net", "plays_hash"}),
        (
            [replace(PARTS[0], net=PARTS[0].net - 1), replace(PARTS[1], net=PARTS[1].net + 1), *PARTS[2:]],
            Fault.ALTERED,
            {"net"},
        ),
        (
            [replace(PARTS[0], count=-1), replace(PARTS[1], count=4), *PARTS[2:]],
            Fault.ALTERED,
            {"plays_hash"},
        ),
    ],
)  # fmt: skip
def test_every_change_is_found(parts: list[VoucherSongRecord], fault: Fault, fields: set[str]) -> None:
    found = judge(PAYMENTS, parts, CHAIN, MAY)
    assert fault in {difference.fault for difference in found.differences}
    assert fields <= {name for difference in found.differences for name, _chain, _here in difference.values}
    assert {difference.kind for difference in found.differences} == {"voucher_song"}
    assert judge(PAYMENTS, parts, CHAIN, JUNE).differences == ()


@pytest.mark.parametrize("make", [lambda p: replace(p, type="tip"), lambda p: replace(p, type="stream")])
def test_only_vouchers_have_songs_behind_them(make: Callable[[PaymentRecord], PaymentRecord]) -> None:
    found = judge([make(PAYMENTS[0])], ONE[1], {}, MAY)
    assert [difference.fault for difference in found.differences] == [Fault.INVENTED] * 2


def test_songs_of_payments_that_are_not_final_wait_with_them() -> None:
    assert judge([], PARTS, {}, Period(date(2026, 1, 1), date(2026, 12, 31)), frozenset({1, 2})).differences == ()
    assert len(judge([], PARTS, {}, MAY, frozenset({1})).differences) == 1
