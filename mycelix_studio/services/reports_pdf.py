"""Statements as a tagged PDF (PDF/UA-1), set by Typst from `resources/reports/statement.typ` with the fonts Studio ships.

The same statement gives the same bytes: the date of the document is the moment the statement is complete to (or ``SOURCE_DATE_EPOCH``),
its id is made from its content, and no system font or clock is used. Rows of one day and kind are added up; every receipt stands in
the CSV. Rewards are of another token than all else, so they stand in a table of their own.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from mycelix_studio import __version__
from mycelix_studio.domain.fiat import format_minor, minor_of
from mycelix_studio.domain.money import DECIMALS, WEI_PER_TOKEN
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.statement import (
    REWARD_SYMBOL,
    SYMBOL,
    FiatValue,
    ItemType,
    Line,
    Person,
    PersonLine,
    Statement,
)
from mycelix_studio.services.pdf import set_pdf

LEAST_PLACES = 6
PAGE, LARGEST = 511, 7.5
"""Width of the type area and largest type of tables, in points."""
OF_DIGIT, FILLED = 0.63, 14
"""Width of a figure, and least width of a column that takes the room left, in ems."""
CHART_DAYS = 62
"""Longer periods are charted by month."""

_TYPE_WORDS = {
    ItemType.STREAM: "Streams",
    ItemType.VOUCHER: "Streams",
    ItemType.TIP: "Tips",
    ItemType.SUBSCRIPTION: "New patron",
    ItemType.RENEWAL: "Renewal",
    ItemType.PASS: "Pass",
    ItemType.REWARD: "Reward",
    ItemType.PAYOUT: "Payout",
    ItemType.REVERSAL: "Reversal",
    ItemType.REFUND: "Refund",
}

_OF_PATRONS = frozenset({ItemType.SUBSCRIPTION, ItemType.RENEWAL})


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one day and kind, added up: of one token, as the kind says which. ``fiat`` is fine, None when a row has no rate."""

    day: date
    type: str
    what: str
    count: int
    gross: int
    fee: int
    net: int
    fiat: int | None


def groups(lines: Sequence[Line]) -> tuple[Group, ...]:
    """Return the lines added up by day and kind, in order of day, then kind."""
    kept: dict[tuple[date, str], list[Line]] = {}
    for line in lines:
        kept.setdefault((line.when.date(), _TYPE_WORDS[line.type]), []).append(line)
    found = []
    order = list(dict.fromkeys(_TYPE_WORDS.values()))
    for (day, kind), rows in sorted(kept.items(), key=lambda item: (item[0][0], order.index(item[0][1]))):
        found.append(
            Group(
                day,
                kind,
                _what(rows),
                sum(line.quantity for line in rows),
                sum(line.subtotal for line in rows),
                sum(line.fee for line in rows),
                sum(line.net for line in rows),
                _fine_sum(line.fiat for line in rows),
            )
        )
    return tuple(found)


def _what(rows: Sequence[Line]) -> str:
    if rows[0].type is ItemType.PAYOUT:
        people = len({line.paid_to for line in rows})
        return f"to {people} people" if people > 1 else "to 1 person"
    if rows[0].type is ItemType.REVERSAL:
        return "taken back by the chain"
    items = {line.item for line in rows if line.item}
    payers = len({line.listener for line in rows})
    word = "patron" if rows[0].type in _OF_PATRONS else "listener"
    who = f"{payers:,} {word}s" if payers > 1 else f"1 {word}"
    return next(iter(items)) if len(items) == 1 else f"{len(items)} songs, {who}" if items else who


def statement_pdf(statement: Statement, *, person_pages: bool = True, chart: bool = True) -> bytes:
    """Return the statement as PDF.

    Raises:
        Known: The page could not be set; the message says where.
    """
    stamp = pinned(statement)
    return set_pdf(
        "statement", _document(statement, stamp, person_pages, chart), stamp, "Save the statement as CSV meanwhile."
    )


def pinned(statement: Statement) -> datetime:
    """Return the date a file carries: ``SOURCE_DATE_EPOCH`` when set, else the moment the statement is complete to."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else statement.complete_to


def _document(statement: Statement, stamp: datetime, person_pages: bool, chart: bool) -> dict[str, object]:
    found = groups([line for line in statement.lines if line.type is not ItemType.REWARD])
    totals = statement.totals
    places = _places([amount for group in found for amount in (group.gross, group.fee, group.net)])
    rate = _fee_percent(totals.fee, totals.gross)
    alone = statement.people[0] if statement.choices.person and statement.people else None
    figures = [
        (f"Gross, {SYMBOL}", _amount(totals.gross, places)),
        (f"Fees{rate}, {SYMBOL}", _amount(totals.fee, places)),
        (f"Net, {SYMBOL}", _amount(totals.net, places)),
    ]
    if statement.currency:
        figures.append((f"Net in {statement.currency}", _money(totals.fiat, statement.currency, "not known")))
    if alone is not None:  # the rows are whole payments, of which this person has a share
        figures = _due(statement, alone, places)
    title = f"Statement, {_named(statement.period)}"
    named = "" if statement.artist == statement.account else statement.artist
    return {
        "title": title,
        "artist": statement.artist or statement.account,
        "subtitle": " · ".join(
            part for part in (named, _short(statement.account), statement.network, _scope(statement)) if part
        ),
        "stamp": [stamp.year, stamp.month, stamp.day, stamp.hour, stamp.minute, stamp.second],
        "paper": "a4",
        "lang": "en",
        "dates": f"{_dates(statement.period)}, UTC",
        "figures": _sized(figures),
        "notes": _notes(statement),
        "chart": _chart(statement) if chart and any(net for _day_, net in statement.per_day()) else None,
        "table": _table(statement, found, places),
        "below": f"Account {statement.account} on {statement.network}. {len(statement.lines):,} "
        f"{'receipt' if len(statement.lines) == 1 else 'receipts'}, each with its transaction, in the CSV of the same name.",
        "rewards": _rewards_table(statement),
        "people": _people_table(statement),
        "rates": _rates_table(statement),
        "pages": [_person_page(statement, person) for person in statement.people] if person_pages else [],
        "footer": f"Inputs {_spaced(statement.input_hash)} · made by Mycelix Studio {__version__}",
        "words": {
            "page": "Page",
            "of": "of",
            "shares": "Shares of net",
            "rewards": "Rewards to listeners",
            "rates": "Rates used",
            "nothing": "Nothing came in and nothing was paid out in this period.",
        },
    }


def _named(period: Period) -> str:
    return period.title if period.name else _dates(period)


def _dates(period: Period) -> str:
    first, last = period.first, period.last
    if first == last:
        return f"{last.day} {last:%b %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} – {last.day} {last:%b %Y}"
    return f"{first.day} {first:%b %Y} – {last.day} {last:%b %Y}"


def _scope(statement: Statement) -> str:
    choices = statement.choices
    parts = []
    if choices.songs:
        parts.append("1 song" if len(choices.songs) == 1 else f"{len(choices.songs)} songs")
    parts += sorted(choices.strategies)
    if choices.person:
        name = next((person.name for person in statement.people if person.name), "")
        parts.append(f"payments that {name or _short(choices.person)} shares in")
    return ", ".join(parts)


def _notes(statement: Statement) -> list[str]:
    notes = []
    if not statement.complete:
        notes.append(f"Not complete: figures up to {statement.complete_to:%d %b %Y, %H:%M} UTC.")
    if statement.unassigned:
        notes.append(
            f"{_amount(statement.unassigned, DECIMALS)} {SYMBOL} of the net came in before its shares were known "
            "to this computer and is in nobody’s part."
        )
    totals = statement.totals
    if totals.without_rate:
        notes.append(f"{totals.without_rate:,} rows have no {statement.currency} rate, so that sum is not known.")
    return notes


def _table(statement: Statement, found: Sequence[Group], places: int) -> dict[str, object]:
    heads = [("Date", False, False), ("Type", False, False), ("What", False, True), ("Count", True, False)]
    heads += [(f"{name}, {SYMBOL}", True, False) for name in ("Gross", "Fee", "Net")]
    if statement.currency:
        heads.append((f"Net, {statement.currency}", True, False))
    paid_out = _TYPE_WORDS[ItemType.PAYOUT]
    values = _add_up(group.fiat for group in found if group.type != paid_out)
    rows = []
    for group in found:
        moved = group.type == paid_out
        row = [
            _day(group.day, group.day.year != statement.period.last.year),
            group.type,
            group.what,
            f"{group.count:,}".replace("-", "−"),
            "" if moved else _amount(group.gross, places),
            "" if moved else _amount(group.fee, places),
            _amount(group.net, places),
        ]
        if statement.currency:
            value = next(_add_up([group.fiat])) if moved else next(values)
            row.append(_money(value, statement.currency))
        rows.append(row)
    totals = statement.totals
    without = "without payouts" if any(group.type == paid_out for group in found) else ""
    total = ["", "Total", without, "", *(_amount(sum_, places) for sum_ in (totals.gross, totals.fee, totals.net))]
    if statement.currency:
        total.append(_money(totals.fiat, statement.currency))
    return _table_of(heads, rows, total)


def _rewards_table(statement: Statement) -> dict[str, object]:
    """Return what was given to listeners, as positive amounts; a reward the chain took back is negative."""
    found = groups([line for line in statement.lines if line.type is ItemType.REWARD])
    places = _places([group.net for group in found])
    heads = [("Date", False, False), ("What", False, True), ("Listens", True, False)]
    heads.append((f"Given, {REWARD_SYMBOL}", True, False))
    rows = [
        [
            _day(group.day, group.day.year != statement.period.last.year),
            group.what,
            f"{group.count:,}".replace("-", "−"),
            _amount(-group.net, places),
        ]
        for group in found
    ]
    total = ["", "Total", "", _amount(statement.totals.rewards, places)]
    return _table_of(heads, rows, total) | {
        "below": f"From the budgets of your gifts. {REWARD_SYMBOL} is another token than {SYMBOL}: "
        "none of it is in any other figure of this statement.",
    }


def _people_table(statement: Statement) -> dict[str, object]:
    people, currency = statement.people, statement.currency
    places = _places([amount for person in people for amount in (person.due, person.paid)])
    heads = [("Who", False, True), ("Share", True, False), (f"Due, {SYMBOL}", True, False)]
    heads += [(f"Due, {currency}", True, False)] if currency else []
    heads.append((f"Paid out, {SYMBOL}", True, False))
    rows = [
        [
            f"{person.name} · {_short(person.address)}" if person.name else person.address,
            _shares(person),
            _amount(person.due, places),
            *([_money(person.fiat, currency)] if currency else []),
            _amount(person.paid, places),
        ]
        for person in people
    ]
    return _table_of(heads, rows)


def _rates_table(statement: Statement) -> dict[str, object]:
    rates = sorted({line.fiat.rate for line in statement.lines if line.fiat is not None}, key=lambda rate: rate.day)
    heads = [("Day", False, False), (f"{statement.currency} for 1 {SYMBOL}", True, False), ("Source", False, True)]
    rows = [[_day(rate.day, True), rate.price, rate.source] for rate in rates]
    return _table_of(heads, rows)


def _person_page(statement: Statement, person: Person) -> dict[str, object]:
    kept: dict[tuple[date, str, int], list[PersonLine]] = {}
    for row in person.rows:
        kept.setdefault((row.line.when.date(), _TYPE_WORDS[row.line.type], row.bps), []).append(row)
    places = _places([person.due, person.paid, *(sum(row.amount for row in rows) for rows in kept.values())])
    of_all = _places([sum(row.line.net for row in rows) for rows in kept.values()])
    currency = statement.currency
    heads = [
        ("Date", False, False),
        ("Type", False, False),
        ("What", False, True),
        (f"Net of all, {SYMBOL}", True, False),
    ]
    heads += [("Share", True, False), (f"Yours, {SYMBOL}", True, False)]
    heads += [(f"Yours, {currency}", True, False)] if currency else []
    values = _add_up(_fine_sum(row.fiat for row in rows) for rows in kept.values())
    body = []
    for (day, kind, bps), rows in kept.items():
        lines = [row.line for row in rows]
        cells = [_day(day, day.year != statement.period.last.year), kind, _what(lines)]
        cells += [_amount(sum(line.net for line in lines), of_all), _percent(bps)]
        cells.append(_amount(sum(row.amount for row in rows), places))
        body.append((day, [*cells, *([_money(next(values), currency)] if currency else [])]))
    for line in person.payouts:
        day = line.when.date()
        cells = [_day(day, day.year != statement.period.last.year), _TYPE_WORDS[line.type]]
        cells += ["waits to be collected" if line.deferred else "", "", "", _amount(line.net, places)]
        body.append((day, [*cells, *([""] if currency else [])]))
    body.sort(key=lambda item: item[0])
    figures = [*_due(statement, person, places), ("Share", _shares(person))]
    total = ["", "Total", "without payouts" if person.payouts else "", "", "", _amount(person.due, places)]
    named = "" if statement.artist == statement.account else statement.artist
    return {
        "title": f"{person.name or _short(person.address)}, {_named(statement.period)}",
        "subtitle": f"{person.address} · from the account of {named or _short(statement.account)}",
        "figures": _sized(figures),
        "table": _table_of(
            heads, [row for _day_, row in body], [*total, *([_money(person.fiat, currency)] if currency else [])]
        ),
    }


def _due(statement: Statement, person: Person, places: int) -> list[tuple[str, str]]:
    """Return what a person is due, its value, and what they were paid."""
    currency = statement.currency
    exact = max(places, _places([person.due, person.paid]))
    figures = [(f"Due, {SYMBOL}", _amount(person.due, exact))]
    figures += [(f"Due in {currency}", _money(person.fiat, currency, "not known"))] if currency else []
    return [*figures, (f"Paid out, {SYMBOL}", _amount(person.paid, exact))]


def _fine_sum(values: Iterable[FiatValue | None]) -> int | None:
    """Return the sum of values, fine; None when one is not known."""
    total = 0
    for value in values:
        if value is None:
            return None
        total += value.fine
    return total


def _add_up(values: Iterable[int | None]) -> Iterator[int | None]:
    """Yield fine values in minor units so that those shown add up to their rounded sum."""
    total = 0
    for value in values:
        before = total
        total += value or 0
        yield None if value is None else minor_of(total) - minor_of(before)


def _money(minor: int | None, currency: str, unknown: str = "–") -> str:
    return unknown if minor is None else _grouped(format_minor(minor, currency))


def _chart(statement: Statement) -> dict[str, object]:
    days = statement.per_day()
    by_month = len(days) > CHART_DAYS
    sums: dict[date, int] = {}
    for day, net in days:
        place = day.replace(day=1) if by_month else day
        sums[place] = sums.get(place, 0) + net
    top = max(1, *(abs(net) for net in sums.values()))
    best = max(sums, key=lambda day: sums[day])
    pattern = "%B %Y" if by_month else "%d %B %Y"
    unit = "month" if by_month else "day"
    when = f"in {best:%B %Y}" if by_month else f"on {_day(best, False)}"
    first, last = min(sums), max(sums)
    return {
        "title": f"Net a {unit}, {SYMBOL}; highest {_amount(sums[best], _places([sums[best]]))} {when}",
        "heights": [net * 1000 // top for net in sums.values()],
        "first": f"{first:%b %Y}" if by_month else _day(first, False),
        "last": f"{last:%b %Y}" if by_month else _day(last, False),
        "alt": f"Bars of the net a {unit}. Highest {_amount(sums[best], LEAST_PLACES)} {SYMBOL} in {best:{pattern}}. "
        f"Total {_amount(sum(sums.values()), DECIMALS)} {SYMBOL}.",
    }


# Words ---------------------------------------------------------------------------------------------------------------


def _table_of(
    heads: Sequence[tuple[str, bool, bool]], rows: Sequence[Sequence[str]], total: Sequence[str] = ()
) -> dict[str, object]:
    """Return a table whose size of type lets the widest row into the page: heads are title, right-aligned, takes the room left."""
    columns = [{"title": title, "right": right, "fill": fill} for title, right, fill in heads]
    cells = zip([title for title, *_rest in heads], *rows, *([total] if total else []), strict=True)
    ems = 0.0
    for column, (_title, _right, fill) in zip(cells, heads, strict=True):
        widest = max(len(word) for cell in column for word in ((cell.split() or [""]) if fill else [cell]))
        ems += max(widest * OF_DIGIT, FILLED if fill else 0)
    made: dict[str, object] = {
        "columns": columns,
        "rows": rows,
        "size": round(min(LARGEST, (PAGE - 6 * len(heads)) / ems), 1),
    }
    return made | ({"total": total} if total else {})


def _sized(figures: Sequence[tuple[str, str]]) -> list[list[object]]:
    """Return the figures with a size at which the longest fits its share of the line."""
    longest = max(len(value) for _name, value in figures)
    size = min(12.0, 480 / len(figures) / max(longest, 1) * 1.5)
    return [[name, value, round(size, 1)] for name, value in figures]


def _places(amounts: Sequence[int]) -> int:
    """Return the fewest decimals, at least six, that show every amount exactly."""
    places = DECIMALS
    while places > LEAST_PLACES and all(amount % 10 ** (DECIMALS - places + 1) == 0 for amount in amounts):
        places -= 1
    return places


@lru_cache(maxsize=4096)
def _amount(amount: int, places: int) -> str:
    whole, fraction = divmod(abs(amount), WEI_PER_TOKEN)
    return f"{'−' if amount < 0 else ''}{whole:,}.{f'{fraction:018d}'[:places]}"


def _grouped(plain: str) -> str:
    whole, dot, fraction = plain.removeprefix("-").partition(".")
    return f"{'−' if plain.startswith('-') else ''}{int(whole):,}{dot}{fraction}"


def _percent(bps: int) -> str:
    text = f"{bps // 100}.{bps % 100:02d}".rstrip("0").rstrip(".")
    return f"{text} %"


def _shares(person: Person) -> str:
    return " / ".join(_percent(bps) for bps in person.shares) or "–"


def _fee_percent(fee: int, gross: int) -> str:
    """Return ``, 1 %`` when one rate explains the fees to within rounding, nothing otherwise."""
    if gross <= 0:
        return ""
    bps = round(fee * 10_000 / gross)
    return f", {_percent(bps)}" if abs(gross * bps - fee * 10_000) < gross else ""


def _day(day: date, year: bool) -> str:
    return f"{day:%d %b %Y}" if year else f"{day:%d %b}"


def _short(address: str) -> str:
    return f"{address[:8]}…{address[-6:]}" if len(address) > 20 else address


def _spaced(digest: str) -> str:
    return " ".join(digest[place : place + 4] for place in range(0, len(digest), 4))
