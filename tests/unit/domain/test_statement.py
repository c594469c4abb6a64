"""Statements: exact to the wei, additive over periods, honest about what the chain took back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given

from mycelix_studio.domain.period import Period
from mycelix_studio.domain.splits import divide
from mycelix_studio.domain.statement import Choices, ItemType, Receipt, Taken
from mycelix_studio.domain.statement_build import build
from mycelix_studio.errors import Known
from tests.unit.statements import ARTIST, BAND, SONGS, START, histories, inputs, payment, payout, voucher_songs

YEAR = Period.year(2026)
MONTHS = [Period.month(2026, month) for month in range(1, 13)]
TOKEN = 10**18


@given(histories())
def test_gross_is_fee_plus_net_and_equals_the_payments_that_hold(receipts: list[Receipt]) -> None:
    statement = build(inputs(receipts), YEAR)
    totals = statement.totals
    assert totals.gross == totals.fee + totals.net
    income = [r for r in receipts if r.payment.type != "reward"]
    gone = [r for r in income if r.retracted_at is not None and YEAR.holds(r.retracted_at)]
    assert totals.net == sum(r.payment.net for r in income) - sum(r.payment.net for r in gone)
    assert totals.net == sum(net for _day, net in statement.per_day())


@given(histories())
def test_shares_of_every_row_add_up_to_its_net(receipts: list[Receipt]) -> None:
    statement = build(inputs(receipts), YEAR)
    for line in statement.lines:
        if line.income:
            assert sum(part for _address, part in line.parts) == line.net
    assert sum(person.due for person in statement.people) == statement.totals.net and statement.unassigned == 0


@given(histories())
def test_twelve_months_add_up_to_the_year_for_everyone(receipts: list[Receipt]) -> None:
    year = build(inputs(receipts), YEAR)
    months = [build(inputs(receipts), month) for month in MONTHS]
    for name in ("gross", "fee", "net", "paid_out", "rewards"):
        assert getattr(year.totals, name) == sum(getattr(month.totals, name) for month in months)
    for person in year.people:
        assert person.due == sum(p.due for month in months for p in month.people if p.address == person.address)
    assert len(year.lines) == sum(len(month.lines) for month in months)


@given(histories())
def test_songs_add_up_to_the_whole(receipts: list[Receipt]) -> None:
    whole = build(inputs(receipts), YEAR).totals.net
    parts = [build(inputs(receipts), YEAR, Choices(songs=frozenset({song}))).totals.net for song in (*SONGS, "")]
    assert whole == sum(parts)


@given(histories())
def test_a_voucher_told_song_by_song_changes_nobodys_money(receipts: list[Receipt]) -> None:
    told, whole = (
        build(inputs(listed), YEAR) for listed in (receipts, [replace(receipt, songs=()) for receipt in receipts])
    )
    assert told.totals == whole.totals and told.per_day() == whole.per_day()
    assert [(p.address, p.due, p.paid) for p in told.people] == [(p.address, p.due, p.paid) for p in whole.people]


def test_a_voucher_has_a_row_for_each_song_and_one_for_what_is_left() -> None:
    made = payment(1, 3000, 1_000, "voucher", None, 4)
    songs = voucher_songs(made, (2_500, 2_500, 5_000))
    songs = (replace(songs[1], count=1), replace(songs[0], count=1))
    lines = build(inputs([Receipt(made, None, songs)]), YEAR).lines
    assert [(line.song_id, line.quantity, line.subtotal, line.fee, line.net) for line in lines] == [
        ("", 2, 500, 5, 495),
        (SONGS[0], 1, 250, 3, 247),
        (SONGS[1], 1, 250, 2, 248),
    ]
    assert {(line.tx, line.log_index, line.position, line.listener) for line in lines} == {
        (made.tx, made.log_index, made.item, made.listener)
    }
    assert len({line.key for line in lines}) == 3
    assert [sum(line.parts[n][1] for line in lines) for n in (0, 1)] == list(divide(990, [8500, 1500]))
    (one,) = build(inputs([Receipt(made, None, songs)]), YEAR, Choices(songs=frozenset({SONGS[1]}))).lines
    assert one == lines[2]
    back = build(inputs([Receipt(made, made.block_time, songs)]), YEAR)
    assert len(back.lines) == 6 and back.totals.net == 0
    assert build(inputs([Receipt(replace(made, type="tip"), None, songs)]), YEAR).lines[0].net == 990


def test_a_payment_is_divided_by_the_split_valid_at_its_place() -> None:
    receipts = [Receipt(payment(1, 10, 100)), Receipt(payment(2, 3000, 100)), Receipt(payment(3, 5200, 10**6 + 1))]
    lines = build(inputs(receipts), YEAR).lines
    assert [len(line.parts) for line in lines] == [1, 2, 3]
    assert [part for _a, part in lines[1].parts] == list(divide(99, [8500, 1500]))


def test_a_split_counts_after_its_own_log_only() -> None:
    receipt = Receipt(replace(payment(7, 2000, 100), block=3000, log_index=0))
    assert len(build(inputs([receipt]), YEAR).lines[0].parts) == 1


def test_income_before_any_known_split_is_nobodys_and_said() -> None:
    receipt = Receipt(replace(payment(1, 1, 1000), block=0))
    statement = build(inputs([receipt]), YEAR)
    assert statement.unassigned == 990 and statement.people == ()


def test_a_payment_taken_back_stays_with_a_reversal_below_it() -> None:
    made = payment(1, 100, 2 * TOKEN, count=2)
    statement = build(inputs([Receipt(made, made.block_time + timedelta(hours=1))]), YEAR)
    first, second = statement.lines
    assert (first.type, second.type) == (ItemType.STREAM, ItemType.REVERSAL)
    assert (second.quantity, second.subtotal, second.net) == (-2, -first.subtotal, -first.net)
    assert statement.totals.net == 0 and statement.people[0].due == 0


def test_a_reversal_stands_in_the_month_it_happened() -> None:
    made = payment(1, 24 * 30, TOKEN)  # 31 January
    receipts = [Receipt(made, made.block_time + timedelta(days=3))]
    january, february = (build(inputs(receipts), month) for month in MONTHS[:2])
    assert january.totals.net == made.net and february.totals.net == -made.net


def test_rewards_and_payouts_are_shown_but_are_no_income() -> None:
    statement = build(
        inputs([Receipt(payment(1, 1, TOKEN)), Receipt(payment(2, 2, 5, "reward"))], [Taken(payout(1, 3, 7))]), YEAR
    )
    assert statement.totals.net == TOKEN * 99 // 100
    assert (statement.totals.rewards, statement.totals.paid_out) == (5, 7)
    assert [line.net for line in statement.lines[1:]] == [-5, -7]
    assert [line.symbol for line in statement.lines] == ["FLOW", "CGC", "FLOW"]


def test_a_rate_of_flow_is_never_applied_to_a_reward() -> None:
    rewarded = Receipt(payment(2, 24 * 200, 5 * TOKEN, "reward"), START + timedelta(days=210))
    with_it = build(inputs([Receipt(payment(1, 1, TOKEN)), rewarded], currency="EUR"), YEAR)
    without = build(inputs([Receipt(payment(1, 1, TOKEN))], currency="EUR"), YEAR)
    assert [line.fiat is None for line in with_it.lines] == [False, True, True]
    assert with_it.totals == without.totals and with_it.totals.without_rate == 0


@given(histories())
def test_every_row_can_be_worked_out_again(receipts: list[Receipt]) -> None:
    for line in build(inputs(receipts), YEAR).lines:
        assert line.net == line.subtotal - line.fee
        if line.price is not None and line.discount is not None:
            assert line.price * line.quantity - line.discount == line.subtotal


def test_a_payout_taken_back_no_longer_counts_as_paid() -> None:
    out = payout(1, 3, 7)
    statement = build(inputs([], [Taken(out, out.block_time + timedelta(hours=1))]), YEAR)
    assert statement.totals.paid_out == 0 and len(statement.lines) == 2 and statement.people[0].paid == 0


def test_a_price_is_told_where_the_sum_is_a_multiple_of_it_and_no_discount_that_is_not_known() -> None:
    paid = (("stream", 90, 3), ("stream", 100, 3), ("renewal", 95, 1), ("reward", 4, 2))
    lines = build(
        inputs([Receipt(payment(n, n, gross, kind, count=count)) for n, (kind, gross, count) in enumerate(paid)]), YEAR
    ).lines
    assert [(line.price, line.discount) for line in lines] == [(30, 0), (None, None), (95, None), (None, None)]


def test_a_persons_statement_has_their_rows_only() -> None:
    receipts = [Receipt(payment(1, 10, 100)), Receipt(payment(2, 3000, 100))]
    outs = [Taken(payout(1, 4000, 15, BAND[1])), Taken(payout(2, 4000, 84))]
    statement = build(inputs(receipts, outs), YEAR, Choices(person=BAND[1]))
    assert len(statement.lines) == 2
    (person,) = statement.people
    assert (person.due, person.paid, person.shares) == (divide(99, [8500, 1500])[1], 15, (1500,))


def test_values_keep_the_rate_and_a_missing_one_leaves_the_sum_unknown() -> None:
    made = payment(1, 100, 2 * TOKEN)
    statement = build(inputs([Receipt(made)], currency="EUR"), YEAR)
    fiat = statement.lines[0].fiat
    assert fiat is not None and fiat.fine == fiat.rate.fine(made.net)
    assert statement.totals.fiat == fiat.rate.value(made.net)
    assert (made.block_time.date() - fiat.rate.day).days <= 7
    gone = build(inputs([Receipt(made)], currency="USD"), YEAR)
    other = replace(inputs([Receipt(made)], currency="EUR"), currency="CHF")
    assert gone.totals.fiat is not None and build(other, YEAR).totals.fiat is None
    assert build(other, YEAR).totals.without_rate == 1


def test_many_streams_of_less_than_a_cent_are_worth_what_they_are_together() -> None:
    cent = TOKEN // 100  # net 0.0099 FLOW, 0.891 cents at 0.90
    statement = build(inputs([Receipt(payment(k, 1, cent)) for k in range(1000)], currency="EUR"), YEAR)
    assert statement.totals.fiat == 891
    (person,) = statement.people
    assert person.fiat == 891


@given(histories())
def test_values_of_people_add_up_to_the_whole_within_a_unit_each(receipts: list[Receipt]) -> None:
    statement = build(inputs(receipts, currency="EUR"), YEAR)
    exact = sum(
        (line.fiat.rate.exact * line.net * 100 / TOKEN for line in statement.lines if line.income and line.fiat),
        Fraction(0),
    )
    assert statement.totals.fiat is not None and abs(statement.totals.fiat - exact) <= Fraction(501, 1000)
    assert (
        abs(sum(person.fiat or 0 for person in statement.people) - statement.totals.fiat) <= len(statement.people) + 1
    )


def test_a_person_with_a_row_without_a_rate_has_no_known_value() -> None:
    other = replace(inputs([Receipt(payment(1, 100, TOKEN))], currency="EUR"), currency="CHF")
    (person,) = build(other, YEAR).people
    assert person.fiat is None


def test_the_hash_follows_every_input_that_is_printed_and_nothing_else() -> None:
    receipts = [Receipt(payment(1, 100, 2 * TOKEN)), Receipt(payment(2, 200, TOKEN))]
    base = build(inputs(receipts), MONTHS[0])
    assert build(inputs(list(reversed(receipts))), MONTHS[0]).input_hash == base.input_hash
    later = replace(inputs(receipts), as_of=START + timedelta(days=600))
    assert build(later, MONTHS[0]).input_hash == base.input_hash
    assert build(inputs([*receipts, Receipt(payment(3, 24 * 40, 1))]), MONTHS[0]).input_hash == base.input_hash
    for changed in (
        inputs([receipts[0], Receipt(replace(receipts[1].payment, net=receipts[1].payment.net + 1))]),
        inputs([receipts[0], Receipt(replace(receipts[1].payment, tx="0x" + "f" * 64))]),
        inputs(receipts[:1]),
        replace(inputs(receipts), artist="Other"),
        replace(inputs(receipts), names={ARTIST: "Other"}),
        replace(inputs(receipts), titles={}),
        inputs(receipts, currency="EUR"),
        replace(inputs(receipts), as_of=START + timedelta(days=20)),
    ):
        assert build(changed, MONTHS[0]).input_hash != base.input_hash


def test_periods_know_their_days_and_names() -> None:
    assert Period.month(2026, 12).last == date(2026, 12, 31)
    assert Period.month(2024, 2).slug == "2024-02" and Period.month(2024, 2).last.day == 29
    assert Period.year(2026).slug == "2026" and Period.year(2026, (4, 6)).title == "2026/27"
    assert Period.year(2026, (4, 6)).last == date(2027, 4, 5)
    assert not Period.month(2026, 1).holds(START + timedelta(days=31)) and Period.month(2026, 1).holds(START)
    with pytest.raises(Known, match="ends before it begins"):
        Period(date(2026, 2, 1), date(2026, 1, 1))


def test_an_unfinished_period_says_so() -> None:
    assert build(inputs([]), MONTHS[0]).complete
    assert not build(inputs([], as_of=START + timedelta(days=5)), MONTHS[0]).complete
