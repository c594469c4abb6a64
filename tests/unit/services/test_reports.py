"""Files of a statement: agreeing to the last unit, equal byte for byte on repetition, safe to open."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pypdf
import pytest
from hypothesis import given, settings
from openpyxl.worksheet.worksheet import Worksheet

from mycelix_studio.domain.cells import guarded
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.statement import Choices, Inputs, Receipt, Taken
from mycelix_studio.domain.statement_build import build
from mycelix_studio.errors import Cancelled, Known
from mycelix_studio.services import reports_pdf
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.reports import Format, Options, Reports, render, write
from tests.unit.statements import BAND, START, histories, inputs, payment, payout

YEAR = Period.year(2026)
ALL = Options(formats=frozenset(Format))
TOKEN = 10**18


@dataclass(frozen=True, slots=True)
class Fixed:
    """Inputs as given, whatever the period."""

    given: Inputs

    def inputs(self, period: Period, currency: str) -> Inputs:
        return replace(self.given, currency=currency)


def sample(currency: str = "EUR") -> Inputs:
    receipts = [
        Receipt(payment(k, 40 * k, k * 10**15 + 1, "tip" if k % 3 else "voucher", count=k)) for k in range(1, 200)
    ]
    receipts.append(Receipt(payment(200, 3000, TOKEN), START + timedelta(hours=3100)))
    receipts.append(Receipt(payment(201, 3001, 9, "reward")))
    return inputs(receipts, [Taken(payout(1, 5000, 10**16)), Taken(payout(2, 5000, 10**15, BAND[1], True))], currency)


def wei(text: str) -> int:
    whole, _dot, fraction = text.partition(".")
    assert len(fraction) == 18
    return int(whole + fraction)


def read_csv(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


@settings(max_examples=25)
@given(histories())
def test_csv_json_beancount_and_excel_agree_to_the_last_wei(receipts: list[Receipt]) -> None:
    statement = build(inputs(receipts), YEAR)
    options = Options(formats=frozenset(Format) - {Format.PDF})
    files = dict(render(statement, options, "s"))
    income = [row for row in read_csv(files["s.csv"]) if row["item type"] not in ("reward", "payout")]
    totals = statement.totals
    assert sum(wei(row["net"]) for row in income) == totals.net
    assert sum(wei(row["subtotal"]) for row in income) == totals.gross
    assert sum(wei(row["protocol fee"]) for row in income) == totals.fee
    document = json.loads(files["s.json"])
    assert int(document["totals"]["net"]) == totals.net
    assert sum(int(line["net"]) for line in document["lines"] if line["currency"] == "FLOW") == totals.net
    if "s-shares.csv" in files:
        assert sum(wei(row["amount"]) for row in read_csv(files["s-shares.csv"])) == totals.net
    exact = openpyxl.load_workbook(io.BytesIO(files["s.xlsx"]))["Exact"]
    rows = [[cell.value or "" for cell in row] for row in exact.iter_rows()]
    assert rows == list(csv.reader(io.StringIO(files["s.csv"].decode().replace("'=", "="), newline="")))
    balances(files["s.beancount"].decode())


@settings(max_examples=12, deadline=None)
@given(histories())
def test_no_file_adds_amounts_of_two_tokens(receipts: list[Receipt]) -> None:
    statement = build(inputs(receipts, [Taken(payout(1, 5000, 10**16))], "EUR"), YEAR)
    files, totals = dict(render(statement, ALL, "s")), statement.totals
    sums = {"FLOW": totals.net - totals.paid_out, "CGC": -totals.rewards}

    def check(rows: list[dict[str, str]]) -> None:
        found: dict[str, int] = {"FLOW": 0, "CGC": 0}
        for row in rows:
            assert (row["currency"] == "CGC") == (row["item type"] == "reward")
            assert row["currency"] == "FLOW" or not (row["net in EUR"] or row["rate"] or row["rate source"])
            found[row["currency"]] += wei(row["net"])
        assert found == sums

    check(read_csv(files["s.csv"]))
    assert {row["currency"] for row in read_csv(files.get("s-shares.csv", b""))} <= {"FLOW"}
    document = json.loads(files["s.json"])
    for symbol, total in sums.items():
        assert sum(int(line["net"]) for line in document["lines"] if line["currency"] == symbol) == total
    assert document["totals"]["rewards"] == {"currency": "CGC", "amount": str(totals.rewards)}
    assert all(line["fiat"] is None for line in document["lines"] if line["currency"] == "CGC")
    book = openpyxl.load_workbook(io.BytesIO(files["s.xlsx"]))
    for title, symbol in (("Rows", "FLOW"), ("Rewards", "CGC")):
        names, *body = (
            ([str(cell.value or "") for cell in row] for row in book[title].iter_rows()) if title in book else [[]]
        )
        assert {row[names.index("currency")] for row in body} <= {symbol}
    assert ("Rewards" in book) == any(line.symbol == "CGC" for line in statement.lines)
    check([dict(zip(*pair, strict=True)) for pair in paired(book["Exact"])])
    ledger = files["s.beancount"].decode()
    balance = balances(ledger)
    assert balance["Assets:Mycelix:Account-7"] + balance["Assets:Mycelix:Wallet"] == totals.net
    assert balance["Assets:Mycelix:Gift-Budget"] == -balance["Expenses:Mycelix:Rewards"] == -totals.rewards
    assert set(re.findall(r"^\S+ price (\w+)", ledger, re.M)) <= {"FLOW"}
    before, _heading, after = text_of(files["s.pdf"]).partition("Rewards to listeners")
    assert "CGC" not in before and "Reward" not in before
    assert bool(after) == ("Rewards" in book)
    whole = f"{abs(totals.rewards) // TOKEN:,}.{abs(totals.rewards) % TOKEN:018d}".rstrip("0")
    assert not after or ("Given, CGC" in after and whole in after.partition("Shares of net")[0])


def paired(sheet: Worksheet) -> list[tuple[list[str], list[str]]]:
    """Return each row of a sheet with the names of its columns."""
    names, *body = ([str(cell.value or "") for cell in row] for row in sheet.iter_rows())
    return [(names, row) for row in body]


def test_values_shown_in_the_pdf_add_up_to_its_total() -> None:
    receipts = [Receipt(payment(k, 24 * k, TOKEN // 100 + k)) for k in range(90)]
    text = text_of(reports_pdf.statement_pdf(build(inputs(receipts, currency="EUR"), YEAR), person_pages=False))
    shown = [line.split()[-1] for line in text.splitlines() if re.match(r"\d\d [A-Z][a-z]{2} Streams ", line)]
    (total,) = (line.split()[-1] for line in text.splitlines() if line.startswith("Total "))
    assert len(shown) == 90 and round(sum(map(float, shown)), 2) == float(total)


@pytest.mark.parametrize("currency", ["", "KWD"])
def test_no_words_of_a_table_lie_upon_others_however_exact_the_amounts_are(currency: str) -> None:
    receipts = [Receipt(payment(k, 900 * k, 3 * TOKEN // 7 + k * 1000 * TOKEN, "tip")) for k in range(1, 9)]
    reader = pypdf.PdfReader(io.BytesIO(reports_pdf.statement_pdf(build(inputs(receipts, currency=currency), YEAR))))
    text = "\n".join(page.extract_text(extraction_mode="layout") for page in reader.pages)
    (row,) = (line.split() for line in text.splitlines() if line.lstrip().startswith(BAND[2]) and "33.33" in line)
    assert row[0] == BAND[2] and row[1:3] == ["33.33", "%"]


def test_zeros_after_the_sixth_decimal_are_not_printed_and_the_figures_are_exact() -> None:
    receipts = [Receipt(payment(1, 1, TOKEN)), Receipt(payment(2, 30, 10 * TOKEN // 3))]
    text = text_of(reports_pdf.statement_pdf(build(inputs(receipts), YEAR), person_pages=False, chart=False))
    assert "01 Jan Streams Salt Meridian 1 1.000000 0.010000 0.990000\n" in text
    assert "02 Jan Streams Salt Meridian 1 3.333333333333333333 0.033333333333333333 3.300000\n" in text


def test_a_persons_statement_is_headed_by_what_they_are_due_not_by_the_net_of_all() -> None:
    receipts = [Receipt(payment(1, 4000, 100 * TOKEN))]
    statement = build(inputs(receipts, currency="EUR"), YEAR, Choices(person=BAND[1]))
    text = text_of(reports_pdf.statement_pdf(statement, person_pages=False, chart=False))
    head = text[: text.index("Date Type")]
    assert "payments that Ilse Brandt shares in" in head and "Due, FLOW Due in EUR Paid out, FLOW" in head
    (person,) = statement.people
    assert person.due == 99 * TOKEN * 15 // 100 and "14.850000" in head and "99.000000" not in head
    assert "99.000000" in text[text.index("Date Type") :], "the rows are the whole payments"


def test_an_own_period_is_named_by_its_days() -> None:
    period = Period(date(2026, 7, 29), date(2026, 11, 26))
    text = text_of(reports_pdf.statement_pdf(build(inputs([]), period)))
    assert "Statement, 29 Jul 2026 – 26 Nov 2026" in text and "29 Jul 2026 – 26 Nov 2026, UTC" in text


def test_excel_shows_dates_and_numbers_as_such() -> None:
    book = openpyxl.load_workbook(io.BytesIO(dict(render(build(sample(), YEAR), ALL, "s"))["s.xlsx"]))
    names, first = ([cell.value for cell in row] for row in book["Rows"].iter_rows(max_row=2))
    row = dict(zip(names, first, strict=True))
    assert row["date (UTC)"] == (START + timedelta(hours=40)).replace(tzinfo=None)
    assert isinstance(row["net"], float) and isinstance(row["net in EUR"], float) and row["quantity"] == 1
    assert book["Shares"]["G2"].value == row["net"] and book["Shares"]["H2"].value == 100


def balances(ledger: str) -> dict[str, int]:
    """Check that every transaction is balanced and every account opened; return the balance of each account in wei."""
    opened = re.findall(r"^\S+ open (\S+) (\w+)$", ledger, re.M)
    assert len(dict(opened)) == len(opened), "an account holds one token"
    assert {symbol for _account, symbol in opened} <= set(re.findall(r"^\S+ commodity (\w+)$", ledger, re.M))
    sums: dict[str, int] = defaultdict(int)
    for entry in re.split(r"^(?=\S+ \* )", ledger, flags=re.M)[1:]:
        postings = re.findall(r"^  ([A-Z][\w:-]+)  (-?\d+\.\d{18}) (\w+)$", entry, re.M)
        assert sum(wei(amount) for _name, amount, _symbol in postings) == 0 and postings
        assert len({symbol for _name, _amount, symbol in postings}) == 1
        for name, amount, symbol in postings:
            assert (name, symbol) in opened
            sums[name] += wei(amount)
    return sums


def test_the_ledgers_accounts_hold_what_was_not_paid_out() -> None:
    statement = build(sample(), YEAR)
    ledger = dict(render(statement, ALL, "s"))["s.beancount"].decode()
    sums = balances(ledger)
    assert sums["Assets:Mycelix:Account-7"] == statement.totals.net - statement.totals.paid_out
    assert sums["Expenses:Mycelix:Protocol-Fee"] == statement.totals.fee
    assert sums["Expenses:Mycelix:Shares:Ilse-Brandt-B1B1B1"] == 10**15
    assert "price FLOW 0.9" in ledger and statement.input_hash in ledger


def test_every_format_is_equal_byte_for_byte_on_repetition() -> None:
    first = render(build(sample(), YEAR), ALL, "s")
    again = render(build(replace(sample(), receipts=list(reversed(sample().receipts))), YEAR), ALL, "s")
    assert [name for name, _data in first] == ["s.pdf", "s.csv", "s-shares.csv", "s.xlsx", "s.json", "s.beancount"]
    assert first == again


def test_files_are_equal_in_another_process_zone_and_locale(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from tests.unit.services.test_reports import *;"
        "write(build(sample(), YEAR), pathlib.Path(sys.argv[1]), ALL, 's')"
    )
    import os

    env = {**os.environ, "TZ": "Asia/Kolkata", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "7", "PYTHONPATH": "."}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, env=env, cwd=Path(__file__).parents[3])
    for name, data in render(build(sample(), YEAR), ALL, "s"):
        assert (tmp_path / name).read_bytes() == data, name


def test_the_date_of_a_file_follows_source_date_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    statement = build(sample(), YEAR)
    plain = reports_pdf.statement_pdf(statement)
    assert b"2027" in plain or reports_pdf.pinned(statement).year == 2027
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    assert reports_pdf.pinned(statement).year == 2001
    pinned = pypdf.PdfReader(io.BytesIO(reports_pdf.statement_pdf(statement)))
    assert pinned.metadata is not None and pinned.metadata.creation_date is not None
    assert pinned.metadata.creation_date.year == 2001


def test_the_pdf_is_tagged_embeds_its_fonts_and_reads_as_text() -> None:
    statement = build(sample(), YEAR)
    pdf = reports_pdf.statement_pdf(statement)
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en" and "/StructTreeRoot" in root
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    fonts = [
        descendant.get_object()["/FontDescriptor"]
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
        for descendant in font.get_object()["/DescendantFonts"]
    ]
    assert fonts and all({"/FontFile2", "/FontFile3"} & set(font) for font in fonts)
    text = text_of(pdf)
    assert "Statement, 2026" in text and "Maren Okafor" in text and "Ilse Brandt" in text
    assert statement.input_hash in text.replace(" ", "").replace("\n", "")
    assert f"Page 1 of {len(reader.pages)}" in text


def test_the_pdf_prints_the_net_to_its_last_digit() -> None:
    statement = build(sample(), YEAR)
    net = statement.totals.net
    assert f"{net // TOKEN}.{net % TOKEN:018d}".rstrip("0") in text_of(reports_pdf.statement_pdf(statement))


def test_groups_of_the_pdf_add_up_to_the_totals() -> None:
    statement = build(sample(), YEAR)
    found = reports_pdf.groups([line for line in statement.lines if line.income])
    assert sum(group.net for group in found) == statement.totals.net
    assert sum(group.gross for group in found) == statement.totals.gross


def test_an_empty_period_makes_whole_files_that_say_so() -> None:
    files = dict(render(build(inputs([]), YEAR), ALL, "s"))
    assert "Nothing came in" in text_of(files["s.pdf"])
    assert len(files["s.csv"].splitlines()) == 1


def test_amounts_of_ten_to_the_thirty_fit_the_page() -> None:
    statement = build(inputs([Receipt(payment(1, 1, 10**30 + 1))]), YEAR)
    text = text_of(reports_pdf.statement_pdf(statement)).replace(",", "")
    assert str(statement.totals.net // TOKEN) in text


@pytest.mark.parametrize("cell", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "-", "-x"])
def test_formulas_are_escaped(cell: str) -> None:
    assert guarded(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-1", "-0.5", "plain", "", "0x19", "1=1"])
def test_plain_text_and_numbers_are_left_alone(cell: str) -> None:
    assert guarded(cell) == cell


def test_raw_mode_leaves_cells_as_they_are() -> None:
    statement = build(inputs([Receipt(payment(1, 1, 5, song="0x" + "b2" * 32))]), YEAR)
    (safe,) = read_csv(dict(render(statement, Options(formats=frozenset({Format.CSV})), "s"))["s.csv"])
    raw_options = Options(formats=frozenset({Format.CSV}), guard=False)
    (raw,) = read_csv(dict(render(statement, raw_options, "s"))["s.csv"])
    assert safe["item"] == "'" + raw["item"] == '\'=HYPERLINK("evil")'


def test_excel_never_holds_a_formula() -> None:
    statement = build(inputs([Receipt(payment(1, 1, 5, song="0x" + "b2" * 32))]), YEAR)
    book = openpyxl.load_workbook(io.BytesIO(dict(render(statement, ALL, "s"))["s.xlsx"]))
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_saving_names_the_files_by_period_and_choice(tmp_path: Path) -> None:
    reports = Reports(Fixed(sample("")))
    saved = reports.save(
        tmp_path, Period.month(2026, 1), Choices(person=BAND[1]), options=Options(frozenset({Format.CSV}))
    )
    assert [path.name for path in saved.files] == ["statement-2026-01-0xB1B1B1B1.csv"]
    saved = reports.save(tmp_path, YEAR, stem="statement")
    assert [path.name for path in saved.files] == ["statement.pdf", "statement.csv", "statement-shares.csv"]
    assert saved.statements[0].totals.net == build(sample(""), YEAR).totals.net


def test_a_folder_that_cannot_be_written_is_told_and_old_files_stay(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    with pytest.raises(Known, match=r"Could not save “s\.csv”"):
        write(build(sample(), YEAR), blocked, Options(frozenset({Format.CSV})), "s")
    assert blocked.read_text() == "x"


def test_a_batch_covers_every_period_and_person_and_can_be_stopped(tmp_path: Path) -> None:
    reports = Reports(Fixed(sample("")))
    months = [Period.month(2026, month) for month in (1, 2, 3)]
    options = Options(frozenset({Format.CSV}), person_pages=False)
    saved = reports.batch(tmp_path, months, [Choices(), Choices(person=BAND[1])], options=options)
    assert len(saved.files) == len({path.name for path in saved.files}) == 6
    work = Work()
    work.token.cancel()
    with pytest.raises(Cancelled):
        reports.batch(tmp_path, months, options=options, work=work)
