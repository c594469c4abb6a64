"""Statements as an Excel workbook: figures to calculate with, and the same rows as exact text, since Excel keeps 15 digits only."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from mycelix_studio.domain.fiat import FINE_PLACES, exponent, format_minor
from mycelix_studio.domain.statement import REWARD_SYMBOL, SYMBOL, ItemType, Statement
from mycelix_studio.services import reports_rows as rows

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

AMOUNT = "#,##0.000000;[Red]-#,##0.000000"
DATE = "yyyy-mm-dd hh:mm:ss"
WIDEST = 46
"""Widest column, in characters."""


def statement_xlsx(statement: Statement, stamp: datetime) -> bytes:
    """Return the workbook with the sheets Summary, Rows, Rewards, Exact and Shares; ``stamp`` is its date of creation.

    Rows holds amounts of FLOW and Rewards those of CGC, so that the sum of a column is of one token; a sheet that would be empty is left
    out. Exact holds both, each row with its currency.
    """
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
    money = {"date (UTC)": DATE, "quantity": "#,##0", "percent": '0.00" %"', **dict.fromkeys(rows.AMOUNTS, AMOUNT)}
    if statement.currency:
        fine = "#,##0." + "0" * (exponent(statement.currency) + FINE_PLACES)
        money |= {f"net in {statement.currency}": fine, f"amount in {statement.currency}": fine, "rate": "0.00####"}
    cells = [(line.type, rows.cells(statement, line)) for line in statement.lines]
    _sheet(book, "Rows", names, [row for kind, row in cells if kind is not ItemType.REWARD], money)
    if rewards := [row for kind, row in cells if kind is ItemType.REWARD]:
        _sheet(book, "Rewards", names, rewards, money)
    _sheet(book, "Exact", names, [row for _kind, row in cells], {})
    if shares := [row for person in statement.people for row in rows.person_cells(statement, person)]:
        _sheet(book, "Shares", rows.person_columns(statement), shares, money)
    book.close()
    return target.getvalue()


def _summary(book: Workbook, statement: Statement) -> None:
    sheet = book.add_worksheet("Summary")
    strong = book.add_format({"bold": True})
    figure = book.add_format({"align": "right"})
    totals = statement.totals
    told = [
        ("Statement", statement.period.title),
        ("From", statement.period.first.isoformat()),
        ("To", statement.period.last.isoformat()),
        ("Artist", statement.artist),
        ("Account", statement.account),
        ("Network", statement.network),
        ("Complete", "yes" if statement.complete else "no"),
    ]
    figures = [
        (f"Gross, {SYMBOL}", rows.exact(totals.gross)),
        (f"Protocol fee, {SYMBOL}", rows.exact(totals.fee)),
        (f"Net, {SYMBOL}", rows.exact(totals.net)),
        (f"Paid out, {SYMBOL}", rows.exact(totals.paid_out)),
    ]
    if statement.currency:
        value = format_minor(totals.fiat, statement.currency) if totals.fiat is not None else "not known"
        figures += [(f"Net in {statement.currency}", value), ("Rows without a rate", str(totals.without_rate))]
    if totals.rewards:
        figures.append((f"Rewards to listeners, {REWARD_SYMBOL} (not in the net)", rows.exact(totals.rewards)))
    pairs = [*told, ("", ""), *figures, ("", ""), ("Inputs, SHA-256", statement.input_hash)]
    for index, (name, value) in enumerate(pairs):
        sheet.write_string(index, 0, name, strong)
        sheet.write_string(index, 1, value, figure if (name, value) in figures else None)
    sheet.set_column(0, 0, max(len(name) for name, _value in pairs) + 2)
    sheet.set_column(1, 1, 68)
    _for_paper(sheet)


def _sheet(
    book: Workbook, title: str, names: Sequence[str], body: Sequence[Sequence[str]], formats: Mapping[str, str]
) -> None:
    """Write a sheet; columns named in ``formats`` as numbers or dates, shown so, all others as text."""
    sheet = book.add_worksheet(title)
    right = book.add_format({"bold": True, "bottom": 1, "align": "right"})
    left = book.add_format({"bold": True, "bottom": 1})
    kept = {name: book.add_format({"num_format": formats[name]}) for name in names if name in formats}
    for column, name in enumerate(names):
        sheet.write_string(0, column, name, right if name in kept and formats[name] != DATE else left)
    for number, row in enumerate(body, start=1):
        for column, (name, cell) in enumerate(zip(names, row, strict=True)):
            if name not in kept or not cell:
                sheet.write_string(number, column, cell)
            elif formats[name] == DATE:
                sheet.write_datetime(number, column, datetime.fromisoformat(cell).replace(tzinfo=None), kept[name])
            else:
                sheet.write_number(number, column, float(cell), kept[name])
    for column, name in enumerate(names):
        # A number shows at most six decimals; wider cells would only show hashes when narrower, so that they are measured as shown.
        shown = (len(row[column]) - 8 if name in rows.AMOUNTS and name in kept else len(row[column]) for row in body)
        sheet.set_column(column, column, min(WIDEST, max([len(name) + 2, *shown]) + 2))
    sheet.freeze_panes(1, 0)
    if body:
        sheet.autofilter(0, 0, len(body), len(names) - 1)
    sheet.repeat_rows(0)
    _for_paper(sheet)


def _for_paper(sheet: Worksheet) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
