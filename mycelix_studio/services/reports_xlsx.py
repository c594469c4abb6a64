"""Statements as an Excel workbook: figures to calculate with, and the same rows as exact text, since Excel keeps 15 digits only."""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING

from mycelix_studio.domain.fiat import format_minor
from mycelix_studio.domain.statement import REWARD_SYMBOL, SYMBOL, Statement
from mycelix_studio.services import reports_rows as rows

if TYPE_CHECKING:
    from xlsxwriter import Workbook


def statement_xlsx(statement: Statement, stamp: datetime) -> bytes:
    """Return the workbook with the sheets Summary, Rows, Exact and Shares; ``stamp`` is its date of creation."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties(
        {
            "title": f"Statement, {statement.period.title}",
            "author": statement.artist,
            "comments": f"Inputs {statement.input_hash}",
            "created": stamp.replace(tzinfo=None),
        }
    )
    _summary(book, statement)
    names = rows.columns(statement)
    body = [rows.cells(statement, line) for line in statement.lines]
    numeric = {i for i, name in enumerate(names) if name in rows.NUMERIC or name == f"net in {statement.currency}"}
    _sheet(book, "Rows", names, body, numeric)
    _sheet(book, "Exact", names, body, set())
    shares = [row for person in statement.people for row in rows.person_cells(person)]
    _sheet(book, "Shares", list(rows.PERSON_COLUMNS), shares, {6, 7})
    book.close()
    return target.getvalue()


def _summary(book: Workbook, statement: Statement) -> None:
    sheet = book.add_worksheet("Summary")
    strong = book.add_format({"bold": True})
    totals = statement.totals
    pairs = [
        ("Statement", statement.period.title),
        ("From", statement.period.first.isoformat()),
        ("To", statement.period.last.isoformat()),
        ("Artist", statement.artist),
        ("Account", statement.account),
        ("Network", statement.network),
        (f"Gross, {SYMBOL}", rows.exact(totals.gross)),
        (f"Protocol fee, {SYMBOL}", rows.exact(totals.fee)),
        (f"Net, {SYMBOL}", rows.exact(totals.net)),
        (f"Paid out, {SYMBOL}", rows.exact(totals.paid_out)),
        (f"Rewards, {REWARD_SYMBOL}", rows.exact(totals.rewards)),
    ]
    if statement.currency:
        value = format_minor(totals.fiat, statement.currency) if totals.fiat is not None else "not known"
        pairs += [(f"Net in {statement.currency}", value), ("Rows without a rate", str(totals.without_rate))]
    pairs += [("Complete", "yes" if statement.complete else "no"), ("Inputs, SHA-256", statement.input_hash)]
    for index, (name, value) in enumerate(pairs):
        sheet.write_string(index, 0, name, strong)
        sheet.write_string(index, 1, value)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 70)


def _sheet(book: Workbook, title: str, names: list[str], body: list[list[str]], numeric: set[int]) -> None:
    sheet = book.add_worksheet(title)
    strong = book.add_format({"bold": True, "bottom": 1})
    amount = book.add_format({"num_format": "#,##0.00####"})
    for column, name in enumerate(names):
        sheet.write_string(0, column, name, strong)
    for number, row in enumerate(body, start=1):
        for column, cell in enumerate(row):
            if column in numeric and cell:
                sheet.write_number(number, column, float(cell), amount)
            else:
                sheet.write_string(number, column, cell)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(names) - 1, 16)
    if body:
        sheet.autofilter(0, 0, len(body), len(names) - 1)
