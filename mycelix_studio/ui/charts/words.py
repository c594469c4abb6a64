"""Values, dates and the spoken summary in words, by the system's locale."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale, QTimeZone

from mycelix_studio.ui.charts.data import ChartData, PointState, Unit, UnitKind, extremes

MINUS = "\u2212"
NONE = "–"


def tr(text: str) -> str:
    """Translate a chart's words."""
    return QCoreApplication.translate("Charts", text)


@lru_cache(maxsize=8)
def _marks(name: str) -> tuple[str, str]:
    locale = QLocale(name)
    return locale.groupSeparator(), locale.decimalPoint()


def number(value: int, decimals: int, places: int) -> str:
    """Return an integer scaled by 10**decimals with ``places`` decimals: grouped, truncated, never rounded up, for any size."""
    group, point = _marks(QLocale().name())
    whole, fraction = divmod(abs(value), 10**decimals)
    digits = f"{fraction:0{decimals}d}"[:places] if decimals else ""
    text = f"{whole:,}".replace(",", group) + (point + digits if digits else "")
    return (MINUS if value < 0 else "") + text


def value_text(unit: Unit, value: int | None, *, places: int = 2, symbol: bool = False) -> str:
    """Return a value for a person: ``16.19 FLOW``, ``954``, ``41.2 %``; a dash when there is none."""
    if value is None:
        return NONE
    if unit.kind is UnitKind.BPS:
        return percent(value)
    text = number(value, unit.decimals, places)
    return f"{text} {unit.symbol}" if symbol and unit.symbol else text


def percent(bps: int) -> str:
    """Return basis points as ``60.2 %``, rounded half up, unlike money."""
    tenths = (abs(bps) + 5) // 10
    return f"{number(-tenths if bps < 0 else tenths, 1, 1)}\u00a0%"


def list_text(unit: Unit, value: int | None) -> str:
    """Return a value as lists and tables show it: six decimals for money."""
    return value_text(unit, value, places=6)


def exact_text(unit: Unit, value: int | None) -> str:
    """Return a value to its last digit, for hover and statements."""
    return value_text(unit, value, places=unit.decimals)


def short_exact(unit: Unit, value: int) -> str:
    """Return a value to its last digit without zeros at the end: ``0.01``."""
    return _stripped(value, unit.decimals)


def axis_text(unit: Unit, value: int, top: int) -> str:
    """Return an axis label, short enough for the margin: ``1,200``, ``80 k``, ``0.02``; ``top`` decides the step of the whole axis."""
    if unit.kind is UnitKind.BPS:
        return f"{number(value, 2, 0)}\u00a0%"
    one = 10**unit.decimals
    for size, letter in ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k")):
        if top >= 10 * size * one or (size >= 10**6 and top >= size * one):
            shown = _stripped(value, unit.decimals + len(str(size)) - 1)
            return shown if value == 0 else f"{shown}\u00a0{letter}"
    return _stripped(value, unit.decimals)


def _stripped(value: int, decimals: int) -> str:
    places = decimals
    while places and value % 10 ** (decimals - places + 1) == 0:
        places -= 1
    return number(value, decimals, places)


def change_text(unit: Unit, now: int, before: int | None) -> str:
    """Return how ``now`` differs: ``+23.9 %``; in points for shares; the plain difference when there was nothing before."""
    if before is None:
        return ""
    sign = "+" if now >= before else MINUS
    if unit.kind is UnitKind.BPS:
        return f"{sign}{number((abs(now - before) + 5) // 10, 1, 1)}"
    if before <= 0:
        return f"{sign}{value_text(unit, abs(now - before), places=2)}"
    return sign + percent(abs(now - before) * 10_000 // before)


def day_text(day: date, *, weekday: bool = False, year: bool = False) -> str:
    """Return ``24 Apr``, ``Fri 24 April`` or ``24 Apr 2026``."""
    pattern = "ddd d MMMM" if weekday else "d MMM"
    return QLocale().toString(QDate(day.year, day.month, day.day), pattern + (" yyyy" if year else ""))


def month_text(day: date, *, year: bool = False) -> str:
    """Return ``Apr`` or ``April 2026``."""
    return QLocale().toString(QDate(day.year, day.month, day.day), "MMMM yyyy" if year else "MMM")


def moment_text(moment: datetime) -> str:
    """Return ``14 Jun 2026, 14:32`` in UTC, the zone of the store."""
    stamp = QDateTime.fromSecsSinceEpoch(int(moment.timestamp()), QTimeZone.utc())
    return QLocale().toString(stamp, "d MMM yyyy, HH:mm")


def point_name(data: ChartData, index: int) -> str:
    """Return the name of a point in a sentence."""
    point = data.points[index]
    return day_text(point.day) if point.day is not None else point.label


def summary(data: ChartData) -> str:
    """Return the sentences a screen reader speaks for a whole chart."""
    head = [data.title]
    if data.range_text:
        head.append(data.range_text)
    head.append(
        tr("as of {time}").format(time=moment_text(data.as_of)) if data.as_of is not None else tr("never synced")
    )
    parts = [", ".join(head) + "."]
    if data.empty:
        return " ".join([*parts, tr("Nothing to show.")])
    totals = data.totals()
    parts.append(_total_sentence(data, totals))
    if (ends := extremes(data, totals)) is not None:
        template = tr("Highest {high} on {high_day}, lowest {low} on {low_day}.")
        if data.points[0].day is None:
            template = tr("Highest {high}: {high_day}, lowest {low}: {low_day}.")
        parts.append(
            template.format(
                high=value_text(data.unit, ends.highest[1], symbol=True),
                high_day=point_name(data, ends.highest[0]),
                low=value_text(data.unit, ends.lowest[1], symbol=True),
                low_day=point_name(data, ends.lowest[0]),
            )
        )
    if data.annotations:
        listed = "; ".join(f"{note.text}, {point_name(data, note.index)}" for note in data.annotations)
        template = tr("1 change: {list}.") if len(data.annotations) == 1 else tr("{n} changes: {list}.")
        parts.append(template.format(n=len(data.annotations), list=listed))
    if incomplete := data.count(PointState.INCOMPLETE):
        parts.append((tr("1 day incomplete.") if incomplete == 1 else tr("{k} days incomplete.")).format(k=incomplete))
    if missing := data.count(PointState.MISSING):
        parts.append(
            (tr("1 day missing, left out.") if missing == 1 else tr("{k} days missing, left out.")).format(k=missing)
        )
    return " ".join(part for part in parts if part)


def _total_sentence(data: ChartData, totals: tuple[int | None, ...]) -> str:
    known = [value for value in totals if value is not None]
    if not data.unit.additive:
        return tr("Latest {value}.").format(value=value_text(data.unit, known[-1], symbol=True))
    total = sum(known)
    text = value_text(data.unit, total, symbol=True)
    if data.comparison is None:
        return tr("Total {sum}.").format(sum=text)
    before = sum(value for value in data.comparison.values if value is not None)
    return tr("Total {sum}, {change} against {comparison}.").format(
        sum=text, change=change_text(data.unit, total, before), comparison=data.comparison.label
    )


def point_sentence(data: ChartData, index: int, series: int | None = None) -> str:
    """Return what is spoken as the cursor moves to a point."""
    point = data.points[index]
    name = day_text(point.day, weekday=True) if point.day is not None else point.label
    if point.state is PointState.MISSING:
        return f"{name}: {tr('no data')}"
    chosen = data.series if series is None else (data.series[series],)
    values = [
        f"{item.label} {value_text(data.unit_of(item), item.values[index], symbol=True)}"
        for item in chosen
        if series is not None or item.values[index]
    ]
    if series is None and data.total_label:
        values.append(f"{data.total_label} {value_text(data.unit, data.total_at(index), symbol=True)}")
    notes = [note.text for note in data.annotations if note.index == index]
    state = {PointState.INCOMPLETE: tr("not complete"), PointState.FORECAST: tr("forecast")}.get(point.state)
    return f"{name}: {', '.join([*(values or [tr('nothing')]), *notes, *([state] if state else [])])}"
