"""The rows of a statement as text, shared by every format, so that they cannot disagree."""

from __future__ import annotations

from mycelix_studio.domain.clock import rfc3339
from mycelix_studio.domain.fiat import format_minor
from mycelix_studio.domain.money import DECIMALS, format_token
from mycelix_studio.domain.statement import SYMBOL, Line, Person, Statement


def exact(amount: int | None) -> str:
    """Return wei as FLOW with all 18 decimals; empty when not known."""
    return "" if amount is None else format_token(amount, DECIMALS)


def columns(statement: Statement) -> list[str]:
    """Return the names of the columns of :func:`cells`."""
    names = [
        "date (UTC)", "paid to", "item type", "item", "song id", "strategy", "currency", "price", "quantity", "discount",
        "subtotal", "protocol fee", "net",
    ]  # fmt: skip
    if statement.currency:
        names += [f"net in {statement.currency}", "rate", "rate date", "rate source"]
    return [*names, "listener", "account", "chain", "block", "transaction", "log index", "item index", "note"]


NUMERIC = frozenset({"price", "quantity", "discount", "subtotal", "protocol fee", "net", "rate"})
"""Columns whose cells are numbers, besides ``net in ...``."""


def cells(statement: Statement, line: Line) -> list[str]:
    """Return a row; amounts exact with a dot, times RFC 3339."""
    row = [
        rfc3339(line.when),
        line.paid_to,
        line.type.value,
        line.item,
        line.song_id,
        line.strategy,
        SYMBOL,
        exact(line.price),
        str(line.quantity),
        exact(line.discount),
        exact(line.subtotal),
        exact(line.fee),
        exact(line.net),
    ]
    if statement.currency:
        fiat = line.fiat
        row += (
            [
                format_minor(fiat.minor, statement.currency),
                fiat.rate.price,
                fiat.rate.day.isoformat(),
                fiat.rate.source,
            ]
            if fiat is not None
            else ["", "", "", ""]
        )
    note = (
        "waits to be claimed" if line.deferred else "taken back by the chain" if line.key.endswith(":reversed") else ""
    )
    place = [str(line.chain_id), str(line.block), line.tx, str(line.log_index), str(line.position)]
    return [*row, line.listener, str(line.payee), *place, note]


PERSON_COLUMNS = (
    "person", "name", "date (UTC)", "item type", "item", "net", "percent", "amount", "transaction", "log index", "item index",
)  # fmt: skip


def person_cells(person: Person) -> list[list[str]]:
    """Return a person's rows: each share of a payment, then each payout as a negative amount."""
    found = []
    for row in person.rows:
        line = row.line
        percent = f"{row.bps // 100}.{row.bps % 100:02d}"
        found.append(
            [
                person.address,
                person.name,
                rfc3339(line.when),
                line.type.value,
                line.item,
                exact(line.net),
                percent,
                exact(row.amount),
                line.tx,
                str(line.log_index),
                str(line.position),
            ]
        )
    found += [
        [
            person.address,
            person.name,
            rfc3339(line.when),
            line.type.value,
            "",
            "",
            "",
            exact(line.net),
            line.tx,
            *(str(number) for number in (line.log_index, line.position)),
        ]
        for line in person.payouts
    ]
    return found
