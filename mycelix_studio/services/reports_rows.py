"""The rows of a statement as text, shared by every format, so that they cannot disagree."""

from __future__ import annotations

from mycelix_studio.domain.clock import rfc3339
from mycelix_studio.domain.fiat import format_fine
from mycelix_studio.domain.money import DECIMALS, format_token
from mycelix_studio.domain.statement import FiatValue, Line, Person, Statement


def exact(amount: int | None) -> str:
    """Return wei as tokens with all 18 decimals; empty when not known."""
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


AMOUNTS = frozenset({"price", "discount", "subtotal", "protocol fee", "net", "amount"})
"""Columns whose cells are amounts of the row's currency."""


def cells(statement: Statement, line: Line) -> list[str]:
    """Return a row; amounts exact with a dot, times RFC 3339."""
    row = [
        rfc3339(line.when),
        line.paid_to,
        line.type.value,
        line.item,
        line.song_id,
        line.strategy,
        line.symbol,
        exact(line.price),
        str(line.quantity),
        exact(line.discount),
        exact(line.subtotal),
        exact(line.fee),
        exact(line.net),
    ]
    row += _value(statement, line.fiat)
    note = (
        "waits to be collected"
        if line.deferred
        else "taken back by the chain"
        if line.key.endswith(":reversed")
        else ""
    )
    place = [str(line.chain_id), str(line.block), line.tx, str(line.log_index), str(line.position)]
    return [*row, line.listener, str(line.payee), *place, note]


def _value(statement: Statement, fiat: FiatValue | None) -> list[str]:
    """Return value, rate, its day and its source; empty where there is none, nothing where no currency was chosen."""
    if not statement.currency:
        return []
    if fiat is None:
        return ["", "", "", ""]
    rate = fiat.rate
    return [format_fine(fiat.fine, statement.currency), rate.price, rate.day.isoformat(), rate.source]


def person_columns(statement: Statement) -> list[str]:
    """Return the names of the columns of :func:`person_cells`."""
    names = ["person", "name", "date (UTC)", "item type", "item", "currency", "net", "percent", "amount"]
    if statement.currency:
        names += [f"amount in {statement.currency}", "rate", "rate date", "rate source"]
    return [*names, "transaction", "log index", "item index"]


def person_cells(statement: Statement, person: Person) -> list[list[str]]:
    """Return a person's rows: each share of a payment, then each payout as a negative amount."""

    def row(line: Line, share: tuple[str, str], amount: int, fiat: FiatValue | None) -> list[str]:
        head = [person.address, person.name, rfc3339(line.when), line.type.value, line.item, line.symbol, *share]
        return [*head, exact(amount), *_value(statement, fiat), line.tx, str(line.log_index), str(line.position)]

    found = []
    for each in person.rows:
        share = (exact(each.line.net), f"{each.bps // 100}.{each.bps % 100:02d}")
        found.append(row(each.line, share, each.amount, each.fiat))
    return [*found, *(row(line, ("", ""), line.net, line.fiat) for line in person.payouts)]
