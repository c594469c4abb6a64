"""Periods, choices and the lines of the audit as words. No widget, no query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from mycelix_studio.domain.address import short_address
from mycelix_studio.domain.audit import AuditReport, Fault, total_of
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.statement import REWARD_SYMBOL, SYMBOL, Choices, Statement
from mycelix_studio.services.reports import Format, Options
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.charts import words


def tr(source: str) -> str:
    """Translate a text of this page."""
    return QCoreApplication.translate("Reports", source)


class PeriodKind(StrEnum):
    """Lengths of a statement."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    CUSTOM = "custom"


FORMAT_WORDS = {
    Format.PDF: "PDF",
    Format.CSV: "CSV",
    Format.XLSX: "Excel",
    Format.JSON: "JSON",
    Format.BEANCOUNT: "Beancount",
}
WAYS = {
    "pay-per-stream": "Pay per stream",
    "gift-economy": "Gift",
    "patronage": "Patronage",
    "auction": "Auction",
    "tip": "Tips",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for."""

    period: Period
    choices: Choices = field(default_factory=Choices)
    currency: str = ""
    options: Options = field(default_factory=Options)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a period can be narrowed to: (value, words) pairs, in order."""

    people: tuple[tuple[str, str], ...] = ()
    songs: tuple[tuple[str, str], ...] = ()
    ways: tuple[tuple[str, str], ...] = ()
    currencies: tuple[str, ...] = ()


def offer_of(statement: Statement, currencies: Sequence[str]) -> Offer:
    """Return what the whole statement of a period can be narrowed to."""
    songs = {line.song_id: line.item for line in statement.lines if line.song_id}
    ways = [way for way in WAYS if any(line.strategy == way for line in statement.lines)]
    return Offer(
        tuple((person.address, person.name or short_address(person.address)) for person in statement.people),
        tuple(sorted(songs.items(), key=lambda pair: (pair[1].casefold(), pair[0]))),
        tuple((way, tr(WAYS[way])) for way in ways),
        tuple(currencies),
    )


def periods(kind: PeriodKind, first: date, last: date) -> tuple[Period, ...]:
    """Return the months, quarters or years between two days, newest first."""
    found = []
    for year in range(last.year, first.year - 1, -1):
        if kind is PeriodKind.YEAR:
            found.append(Period.year(year))
        elif kind is PeriodKind.QUARTER:
            found += [quarter(year, number) for number in (4, 3, 2, 1)]
        elif kind is PeriodKind.MONTH:
            found += [Period.month(year, month) for month in range(12, 0, -1)]
    return tuple(period for period in found if period.first <= last and period.last >= first)


def quarter(year: int, number: int) -> Period:
    """Return a calendar quarter, 1 to 4."""
    first, last = Period.month(year, number * 3 - 2), Period.month(year, number * 3)
    return Period(first.first, last.last, f"Q{number} {year}")


def period_words(period: Period) -> str:
    """Return a period as the list of periods shows it."""
    if not period.name:
        return f"{words.day_text(period.first, year=True)} – {words.day_text(period.last, year=True)}"
    if period == Period.month(period.first.year, period.first.month):
        return words.month_text(period.first, year=True)
    return period.name


def rows_words(statement: Statement) -> str:
    """Return how many rows the CSV has."""
    count = len(statement.lines)
    return tr("1 row") if count == 1 else tr("{n} rows").format(n=shown.count(count))


def pages_words(count: int) -> str:
    """Return how many pages the PDF has."""
    return tr("1 page") if count == 1 else tr("{n} pages").format(n=shown.count(count))


def rates_words(statement: Statement, offered: Sequence[str]) -> str:
    """Return the line beside the currency."""
    if not offered:
        return tr("needs your rates")
    if not statement.currency:
        return ""
    missing = statement.totals.without_rate
    if not missing:
        return tr("your rates, all days")
    return (tr("1 row without rate") if missing == 1 else tr("{n} rows without rate")).format(n=shown.count(missing))


def spoken(statement: Statement) -> str:
    """Return the statement as a sentence, for a screen reader on the paper."""
    totals = statement.totals
    money = (shown.coins(amount, 18) for amount in (totals.gross, totals.fee, totals.net))
    said = tr("Statement, {period}: gross {gross}, fees {fee}, net {net} {symbol}, {rows}.")
    if statement.choices.person and statement.people:
        said += " " + tr("{person} is due {due} {symbol} of it.")
    if totals.rewards:
        said += " " + tr("Rewards to listeners {rewards} {reward_symbol}.")
    gross, fee, net = money
    return said.format(
        period=period_words(statement.period),
        gross=gross,
        fee=fee,
        net=net,
        symbol=SYMBOL,
        person=next((person.name or short_address(person.address) for person in statement.people), ""),
        due=shown.coins(sum(person.due for person in statement.people), 18),
        rewards=shown.coins(totals.rewards, 18),
        reward_symbol=REWARD_SYMBOL,
        rows=rows_words(statement),
    )


def has_rows(statement: Statement) -> bool:
    """Tell whether anything came in or went out."""
    return bool(statement.lines)


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the audit: what, how it stands, whether it is right."""

    name: str
    value: str
    right: bool


def audit_lines(report: AuditReport) -> tuple[AuditLine, ...]:
    """Return the lines under the verdict."""
    chain, here = total_of(report.chain), total_of(report.cache)

    def money(name: str, true: int, found: int, symbol: str = SYMBOL) -> AuditLine:
        value = f"{shown.coins(true)} {symbol}"
        if true != found:
            value = tr("{value}, here {found}").format(value=value, found=shown.coins(found))
        return AuditLine(name, value, true == found)

    counted = tr("{n} of {m}").format(n=shown.count(here.payments), m=shown.count(chain.payments))
    faults = {fault: sum(d.fault is fault for d in report.differences) for fault in Fault}
    odd = faults[Fault.MISSING] + faults[Fault.INVENTED] + faults[Fault.DOUBLED]
    changed = faults[Fault.ALTERED]
    wrong = sum(not check.equal for check in report.checks)
    none = tr("none")
    given = [money(tr("Rewards to listeners"), chain.rewards, here.rewards, REWARD_SYMBOL)]
    return (
        AuditLine(tr("Payments"), counted, here.payments == chain.payments),
        money(tr("Gross"), chain.gross, here.gross),
        money(tr("Fees"), chain.fee, here.fee),
        money(tr("Net"), chain.net, here.net),
        money(tr("Payouts"), chain.paid_out, here.paid_out),
        *(given if chain.rewards or here.rewards else []),
        AuditLine(tr("Missing, invented or doubled"), shown.count(odd) if odd else none, not odd),
        AuditLine(tr("Altered"), shown.count(changed) if changed else none, not changed),
        AuditLine(
            tr("Proven records of the chain"),
            tr("{n} of {m}").format(n=shown.count(report.proven), m=shown.count(report.records)),
            not faults[Fault.UNPROVEN],
        ),
        AuditLine(tr("Other figures compared"), shown.count(len(report.checks)), not wrong),
    )
