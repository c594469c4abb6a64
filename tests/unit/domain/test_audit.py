"""Altering any field of any kind of row, leaving one out, inventing or doubling one is found; equal rows raise no alarm."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain.audit import AuditReport, Check, Fault, Sums, compare, sums_of
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.wire import PaymentRecord, PayoutRecord, SplitRecord, WireShare

NOON = datetime(2026, 6, 14, 12, tzinfo=UTC)
ADA, TOVE = "0x" + "A1" * 20, "0x" + "B2" * 20
PERIOD = Period(date(2026, 6, 1), date(2026, 6, 30))


def payment(place: int) -> PaymentRecord:
    return PaymentRecord(
        place, 100, 10 + place, NOON + timedelta(hours=place), f"0x{place:064x}", 3, 0, TOVE, 7, "0x" + "5a" * 32, "pay-per-stream",
        "stream", 2, 10**18, 10**16, 99 * 10**16,
    )  # fmt: skip


def payout(place: int) -> PayoutRecord:
    return PayoutRecord(
        place, 100, 10 + place, NOON + timedelta(hours=place), f"0x{place:064x}", 4, place % 2, 7, ADA, 10**17, False
    )


def split(place: int) -> SplitRecord:
    shares = (WireShare(ADA, 9_000, "artist"), WireShare(TOVE, 1_000, "cello"))
    return SplitRecord(place, 100, place, NOON, f"0x{place:064x}", 1, place, "0xabc", 100, False, shares)


ROWS = st.sampled_from([payment, payout, split]).flatmap(
    lambda make: st.lists(st.integers(1, 50), min_size=1, max_size=8, unique=True).map(lambda ns: [make(n) for n in ns])
)


def other(value: object) -> object:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case datetime():
            return value + timedelta(seconds=1)
        case tuple():
            return (replace(value[0], bps=8_999), replace(value[1], bps=1_001))
        case _:
            return f"{value}x"


@given(ROWS)
def test_equal_rows_raise_no_alarm_whatever_keys_the_platform_gave(rows: list[PaymentRecord]) -> None:
    assert compare(rows, [replace(row, key=row.key + 1000) for row in reversed(rows)], PERIOD) == ()


@given(ROWS, st.data())
def test_any_altered_field_is_named_with_both_values(rows: list[PaymentRecord], data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(rows) - 1))
    names = {part.name for part in fields(rows[0])} - {"key", "chain_id", "block", "log_index", "item"}
    name = data.draw(st.sampled_from(sorted(names)))
    wrong = replace(rows[number], **{name: other(getattr(rows[number], name))})  # type: ignore[arg-type]
    (found,) = compare(rows, [*rows[:number], wrong, *rows[number + 1 :]], PERIOD)
    assert (found.fault, found.block, [value[0] for value in found.values]) == (Fault.ALTERED, wrong.block, [name])
    assert found.values[0][1] != found.values[0][2]


@given(ROWS, st.data())
def test_a_row_at_another_place_is_one_missing_and_one_invented(rows: list[PaymentRecord], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["block", "log_index"]))
    wrong = replace(rows[0], **{name: 900})  # type: ignore[arg-type]
    assert {found.fault for found in compare(rows, [wrong, *rows[1:]], PERIOD)} == {Fault.MISSING, Fault.INVENTED}


@given(ROWS)
def test_missing_invented_and_doubled_rows_are_found(rows: list[PaymentRecord]) -> None:
    assert [d.fault for d in compare(rows, rows[1:], PERIOD)] == [Fault.MISSING]
    assert [d.fault for d in compare(rows[1:], rows, PERIOD)] == [Fault.INVENTED]
    assert [d.fault for d in compare(rows, [*rows, replace(rows[0], key=999)], PERIOD)] == [Fault.DOUBLED]
    twice = [replace(rows[0], key=999, tx="0xother"), *rows]
    assert [d.fault for d in compare(rows, twice, PERIOD)] == [Fault.DOUBLED], "the right one of the two is the row"


def test_a_row_moved_out_of_the_period_is_found_by_the_chains_time() -> None:
    moved = replace(payment(1), block_time=NOON + timedelta(days=90))
    (found,) = compare([payment(1)], [moved], PERIOD)
    assert found.fault is Fault.ALTERED
    assert compare([moved], [moved], PERIOD) == ()


def test_sums_are_by_account_and_keep_rewards_apart() -> None:
    rows = [payment(1), replace(payment(2), payee=8), replace(payment(3), type="reward")]
    assert sums_of(rows, [payout(1)], PERIOD) == {
        7: Sums(1, 10**18, 10**16, 99 * 10**16, 10**17, rewards=99 * 10**16),
        8: Sums(1, 10**18, 10**16, 99 * 10**16, 0),
    }


@pytest.mark.parametrize(
    ("cache", "checks", "words"),
    [
        (1, (), "Everything agrees to the last digit: 1 payment, and the payouts with them."),
        (2, (), "What the platform sent does not agree with the chain: the sums differ."),
        (1, (Check("net", 1, 2),), "What the platform sent does not agree with the chain: 1 figure different."),
    ],
)
def test_the_verdict_is_a_sentence(cache: int, checks: tuple[Check, ...], words: str) -> None:
    report = AuditReport(
        PERIOD, ADA, TOVE, 1, 9, NOON, (), {7: Sums(1, 5, 1, 4)}, {7: Sums(cache, 5, 1, 4)}, checks=checks
    )
    assert report.verdict == words
