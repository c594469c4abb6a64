"""Statements as CSV (RFC 4180, UTF-8, one row a receipt) and as JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence

from mycelix_studio.domain.cells import guarded
from mycelix_studio.domain.clock import rfc3339
from mycelix_studio.domain.fiat import format_fine, format_minor
from mycelix_studio.domain.statement import FORMAT, REWARD_SYMBOL, SYMBOL, Statement
from mycelix_studio.services import reports_rows as rows


def table(names: Sequence[str], body: Iterable[Sequence[str]], *, guard: bool) -> bytes:
    """Return a table as CSV; ``guard`` escapes what a spreadsheet would run as a formula."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(names)
    writer.writerows([guarded(cell) for cell in row] if guard else row for row in body)
    return target.getvalue().encode()


def statement_csv(statement: Statement, *, guard: bool = True) -> bytes:
    """Return the rows of a statement."""
    body = (rows.cells(statement, line) for line in statement.lines)
    return table(rows.columns(statement), body, guard=guard)


def shares_csv(statement: Statement, *, guard: bool = True) -> bytes:
    """Return the shares and payouts of every person."""
    body = (row for person in statement.people for row in rows.person_cells(statement, person))
    return table(rows.person_columns(statement), body, guard=guard)


def statement_json(statement: Statement) -> bytes:
    """Return all of a statement; amounts are decimal strings of wei, keys in a fixed order.

    ``currency`` beside an amount is its token; a part that names none is of the statement's.
    """
    totals = statement.totals
    fiat = None
    if statement.currency:
        net = format_minor(totals.fiat, statement.currency) if totals.fiat is not None else None
        fiat = {"currency": statement.currency, "net": net, "rows_without_rate": totals.without_rate}
    first, last = statement.period.first.isoformat(), statement.period.last.isoformat()
    document = {
        "format": FORMAT,
        "input_hash": statement.input_hash,
        "period": {"first": first, "last": last, "name": statement.period.title, "zone": "UTC"},
        "complete": statement.complete,
        "complete_to": rfc3339(statement.complete_to),
        "artist": statement.artist,
        "account": statement.account,
        "network": statement.network,
        "currency": SYMBOL,
        "decimals": 18,
        "totals": {
            "gross": str(totals.gross),
            "protocol_fee": str(totals.fee),
            "net": str(totals.net),
            "paid_out": str(totals.paid_out),
            "rewards": {"currency": REWARD_SYMBOL, "amount": str(totals.rewards)},
            "without_known_shares": str(statement.unassigned),
            "fiat": fiat,
        },
        "lines": [
            {
                "key": line.key,
                "date": rfc3339(line.when),
                "paid_to": line.paid_to,
                "type": line.type.value,
                "item": line.item,
                "song_id": line.song_id or None,
                "strategy": line.strategy or None,
                "listener": line.listener or None,
                "account": line.payee,
                "currency": line.symbol,
                "quantity": line.quantity,
                "price": None if line.price is None else str(line.price),
                "discount": None if line.discount is None else str(line.discount),
                "subtotal": str(line.subtotal),
                "protocol_fee": str(line.fee),
                "net": str(line.net),
                "fiat": None
                if line.fiat is None
                else {
                    "currency": statement.currency,
                    "net": format_fine(line.fiat.fine, statement.currency),
                    "rate": line.fiat.rate.price,
                    "rate_date": line.fiat.rate.day.isoformat(),
                    "source": line.fiat.rate.source,
                },
                "shares": [{"recipient": address, "amount": str(part)} for address, part in line.parts],
                "chain_id": line.chain_id,
                "block": line.block,
                "transaction": line.tx,
                "log_index": line.log_index,
                "item_index": line.position,
                "deferred": line.deferred,
            }
            for line in statement.lines
        ],
        "people": [
            {
                "address": p.address,
                "name": p.name,
                "currency": SYMBOL,
                "due": str(p.due),
                "paid": str(p.paid),
                "fiat": None
                if p.fiat is None
                else {"currency": statement.currency, "due": format_minor(p.fiat, statement.currency)},
                "shares_bps": p.shares,
            }
            for p in statement.people
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
