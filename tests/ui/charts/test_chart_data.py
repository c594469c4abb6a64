"""The chart contract, axis steps, words and exported values: whole numbers in, exact text out."""

from __future__ import annotations

import csv
import io
import itertools
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.ui.charts import export, words
from mycelix_studio.ui.charts.data import (
    FLOW,
    PLAYS,
    Annotation,
    ChartData,
    Comparison,
    Point,
    PointState,
    Series,
    Unit,
    UnitKind,
    day_points,
    extremes,
)
from mycelix_studio.ui.charts.heatmap import levels
from mycelix_studio.ui.charts.scale import matching_scale, nice_scale
from mycelix_studio.ui.charts.sparkline import MOST, thinned

AMOUNTS = st.integers(-(10**36), 10**36)


def days(values: list[int | None], **more: object) -> ChartData:
    points = day_points(date(2026, 6, 1), len(values), incomplete=[date(2026, 6, len(values))])
    return ChartData("Plays a day", PLAYS, points, (Series("plays", "Plays", tuple(values)),), **more)  # type: ignore[arg-type]


@given(AMOUNTS, AMOUNTS)
def test_an_axis_holds_every_value_in_round_steps(a: int, b: int) -> None:
    scale = nice_scale(min(a, b), max(a, b))
    assert scale.low <= min(a, b, 0) and scale.high >= max(a, b, 0)
    assert scale.ticks[0] == scale.low and scale.ticks[-1] == scale.high and 0 in scale.ticks
    assert len(scale.ticks) <= 10
    assert str(scale.step).rstrip("0") in {"1", "2", "4", "5"}


@given(st.integers(0, 10**36), st.integers(1, 9))
def test_a_right_axis_has_as_many_steps_as_the_left(high: int, steps: int) -> None:
    scale = matching_scale(high, steps)
    assert scale.high >= high and len(scale.ticks) == steps + 1


@given(AMOUNTS, st.integers(0, 18))
def test_numbers_are_grouped_and_truncated_towards_zero_at_any_size(value: int, places: int) -> None:
    text = words.number(value, 18, places).replace(",", "").replace(words.MINUS, "-")
    exact = Fraction(value, 10**18)
    assert abs(Fraction(text)) <= abs(exact)
    assert abs(exact) - abs(Fraction(text)) < Fraction(1, 10**places)


@pytest.mark.parametrize(
    ("value", "top", "text"),
    [
        (1200, 1200, "1,200"),
        (20_000, 80_000, "20\u00a0k"),
        (0, 80_000, "0"),
        (500_000, 2_000_000, "0.5\u00a0M"),
        (10**30, 4 * 10**30, "1,000,000,000\u00a0" + "T" + "0"[:0]),
    ],
)
def test_axis_labels_are_short(value: int, top: int, text: str) -> None:
    unit = PLAYS if value < 10**20 else Unit(UnitKind.COUNT)
    if value >= 10**20:
        text = f"{10**18:,}\u00a0T"
    assert words.axis_text(unit, value, top) == text


def test_small_amounts_of_money_keep_their_digits_on_the_axis() -> None:
    assert words.axis_text(FLOW, 2 * 10**14, 8 * 10**14) == "0.0002"


def test_percentages_are_rounded_and_money_is_not() -> None:
    assert words.change_text(PLAYS, 59_168, 47_761) == "+23.9\u00a0%"
    assert words.value_text(FLOW, 1_999_999_999_999_999_999) == "1.99"


def test_no_figure_before_gives_no_percent() -> None:
    assert words.change_text(PLAYS, 64, 0) == "+64"
    assert words.change_text(PLAYS, 64, None) == ""


def test_the_summary_is_the_sentence_of_the_design() -> None:
    data = days(
        [100, 250, 80, 20],
        range_text="4 days",
        as_of=datetime(2026, 6, 4, 14, 32, tzinfo=UTC),
        comparison=Comparison("the 4 days before", (90, 90, 90, 90)),
        annotations=(Annotation(1, "Price 8 → 10"),),
    )
    assert words.summary(data).replace("\u00a0", " ") == (
        "Plays a day, 4 days, as of 4 Jun 2026, 14:32. Total 450 plays, +25.0 % against the 4 days before. "
        "Highest 250 plays on 2 Jun, lowest 80 plays on 3 Jun. 1 change: Price 8 → 10, 2 Jun. 1 day incomplete."
    )


def test_a_share_has_no_total_in_its_summary() -> None:
    unit = Unit(UnitKind.BPS, additive=False)
    data = ChartData("Came back", unit, day_points(date(2026, 1, 1), 2), (Series("x", "x", (4100, 4120)),))
    assert "Total" not in words.summary(data) and "Latest 41.2\u00a0%." in words.summary(data)


def test_missing_days_are_left_out_of_sums_and_said() -> None:
    points = day_points(date(2026, 6, 1), 3, missing=[date(2026, 6, 2)])
    data = ChartData("Plays", PLAYS, points, (Series("p", "Plays", (5, None, 7)),))
    assert data.total() == 12
    assert "1 day missing, left out." in words.summary(data)
    assert words.point_sentence(data, 1).endswith("no data")


def test_the_incomplete_day_is_never_the_lowest() -> None:
    found = extremes(days([9, 5, 1]), (9, 5, 1))
    assert found is not None and found.lowest == (1, 5)


def test_a_series_needs_a_value_for_every_point() -> None:
    with pytest.raises(ValueError, match="2 values for 3 points"):
        ChartData("x", PLAYS, day_points(date(2026, 1, 1), 3), (Series("s", "s", (1, 2)),))


@given(st.lists(st.one_of(st.none(), AMOUNTS), min_size=1, max_size=20))
def test_csv_gives_back_every_wei(values: list[int | None]) -> None:
    data = ChartData("x", FLOW, day_points(date(2026, 1, 1), len(values)), (Series("s", "Net", tuple(values)),))
    rows = list(csv.reader(io.StringIO(export.to_csv(data).decode(), newline="")))
    assert rows[0][:2] == ["Date", "Net, FLOW"]
    back = [int(row[1].replace(".", "")) if row[1] else None for row in rows[1:]]
    assert back == values


def test_csv_escapes_what_a_spreadsheet_would_run() -> None:
    data = ChartData(
        "x", PLAYS, (Point('=HYPERLINK("x")'), Point("-cmd"), Point("@a")), (Series("s", "s", (1, -2, 3)),)
    )
    rows = list(csv.reader(io.StringIO(export.to_csv(data).decode(), newline="")))
    assert [row[0] for row in rows[1:]] == ['\'=HYPERLINK("x")', "'-cmd", "'@a"]
    assert [row[1] for row in rows[1:]] == ["1", "-2", "3"]


@given(st.lists(st.one_of(st.none(), st.integers(0, 10**30)), max_size=60))
def test_heatmap_levels_rise_with_the_values(values: list[int | None]) -> None:
    shades = levels(tuple(values))
    pairs = sorted(
        (value, shade) for value, shade in zip(values, shades, strict=True) if value is not None and shade is not None
    )
    assert all(a[1] <= b[1] for a, b in itertools.pairwise(pairs))
    assert all((shade == 0) is (value == 0) for value, shade in pairs)
    assert [shade is None for shade in shades] == [value is None for value in values]


@given(st.lists(st.integers(0, 10**24), max_size=400))
def test_a_thinned_line_keeps_within_its_extent(values: list[int]) -> None:
    few = thinned(tuple(values))
    assert len(few) <= max(MOST, 1)
    if values:
        assert all(value is not None and min(values) <= value <= max(values) for value in few)


def test_forecasts_are_named_in_the_rows() -> None:
    data = ChartData("x", PLAYS, (Point("a", state=PointState.FORECAST),), (Series("s", "s", (1,)),))
    assert export.rows(data) == [["a", "1", "forecast", ""]]
