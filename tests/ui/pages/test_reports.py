"""The page of statements on a real cache: the paper, the files and their sums agree; rates; audits; faults."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QAbstractButton, QComboBox, QScrollArea
from pytestqt.qtbot import QtBot

from mycelix_studio.app import App
from mycelix_studio.domain import wire
from mycelix_studio.domain.address import short_address
from mycelix_studio.domain.audit import AuditReport, Check, compare, sums_of
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.statement import Choices
from mycelix_studio.services.reports import Format
from mycelix_studio.services.studio import Studio
from mycelix_studio.settings import TEXT_SCALE
from mycelix_studio.store import synced
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.charts.data import FLOW
from mycelix_studio.ui.pages.reports.batch import BatchDialog
from mycelix_studio.ui.pages.reports.differences import differences
from mycelix_studio.ui.pages.reports.model import PeriodKind, Wanted, periods, spoken
from mycelix_studio.ui.pages.reports.page import ReportsPage
from mycelix_studio.ui.widgets.sheet import RowsDialog
from tests.unit.store.feeds import ARTIST, LISTENERS, SONGS, payment, song

Until = Callable[[Callable[[], bool]], None]

NOW = datetime(2026, 6, 14, 14, 32, tzinfo=UTC)
PARTNER = LISTENERS[5]
PAID = [
    payment(key, NOW - timedelta(days=key * 3 % 120, hours=key % 9), 10**15 * key + 3 * key + 1, SONGS[key % 2])
    for key in range(1, 80)
]
SPLIT = wire.SplitRecord(
    1, 31337, 0, NOW - timedelta(days=200), "0x" + "5" * 64, 0, 1, "0xhash", 100, False,
    (wire.WireShare(ARTIST, 8500, "artist"), wire.WireShare(PARTNER, 1500, "producer")),
)  # fmt: skip


def fill(studio: Studio, *records: wire.Record) -> None:
    """Bring records into the cache as a finished sync does."""
    with studio.database.write() as db:
        synced.restart(db, "https://music.example", ARTIST)
        synced.apply(db, wire.SyncPage(records, "cursor-1", False, NOW))


@pytest.fixture
def page(profile: Studio, window: App, until: Until) -> ReportsPage:
    """The page with four months of payments."""
    fill(profile, song(1, SONGS[0]), song(2, SONGS[1]), *PAID, SPLIT)
    window.window.go("reports")
    made = window.window.page("reports")
    assert isinstance(made, ReportsPage)
    until(lambda: made.made is not None and made.view.preview.showing == "content")
    return made


def net(period: Period, song_id: str = "") -> int:
    return sum(p.net for p in PAID if period.holds(p.block_time) and song_id in ("", p.song_id))


def shows(page: ReportsPage, period: Period) -> Callable[[], bool]:
    return lambda: page.made is not None and page.made.wanted.period == period and page.bridge.idle


def test_it_opens_with_the_statement_of_the_present_month(page: ReportsPage) -> None:
    assert page.made is not None
    period = Period.month(2026, 6)
    assert page.made.statement.period == period
    assert page.made.statement.totals.net == net(period)
    assert page.view.paper.sheet.pages >= 2, "a page per person"
    assert "Statement, June 2026" in page.view.paper.sheet.words()
    assert page.view.paper.name.text() == "statement-2026-06.pdf"
    assert page.view.choices.notes[Format.CSV].text() == f"{len(page.made.statement.lines)} rows"


def test_months_quarters_and_years_are_offered(page: ReportsPage, until: Until, qtbot: QtBot) -> None:
    choice = page.view.choices.period
    assert choice.count() == len(periods(PeriodKind.MONTH, min(p.block_time for p in PAID).date(), NOW.date()))
    qtbot.mouseClick(page.view.choices.kind.button("quarter"), Qt.MouseButton.LeftButton)
    until(lambda: page.made is not None and page.made.wanted.period.name == "Q2 2026" and page.bridge.idle)
    assert page.made is not None
    assert page.made.statement.totals.net == net(page.made.wanted.period)
    qtbot.mouseClick(page.view.choices.kind.button("year"), Qt.MouseButton.LeftButton)
    until(shows(page, Period.year(2026)))
    assert page.made.statement.totals.net == sum(p.net for p in PAID)


def test_another_month_is_picked_and_stays_picked(page: ReportsPage, until: Until) -> None:
    choice = page.view.choices.period
    assert choice.currentText() == "June 2026"
    choice.setCurrentIndex(2)
    choice.picked.emit(choice.value())
    until(shows(page, Period.month(2026, 4)))
    assert choice.currentText() == "April 2026"
    page.view.choices.person_pages.setChecked(False)
    until(lambda: page.made is not None and not page.made.wanted.options.person_pages and page.bridge.idle)
    assert page.made is not None
    assert page.made.statement.totals.net == net(Period.month(2026, 4))
    own = Period(NOW.date() - timedelta(days=20), NOW.date() - timedelta(days=11))
    page.choose(Wanted(own))
    until(shows(page, own))
    assert choice.currentText() == "25 May 2026 – 3 Jun 2026"


def test_a_statement_of_one_song_and_of_one_person(page: ReportsPage, until: Until, tmp_path: Path) -> None:
    choices = page.view.choices
    assert [choices.song.itemText(n) for n in range(3)] == ["All 2", "Song 1", "Song 2"]
    choices.song.setCurrentIndex(1)
    choices.song.picked.emit(choices.song.value())
    until(
        lambda: page.made is not None and page.made.wanted.choices.songs == frozenset({SONGS[0]}) and page.bridge.idle
    )
    assert page.made is not None
    assert page.made.statement.totals.net == net(page.made.wanted.period, SONGS[0])
    page.choose(Wanted(page.made.wanted.period, Choices(person=PARTNER)))
    until(lambda: page.made is not None and page.made.wanted.choices.person == PARTNER and page.bridge.idle)
    (person,) = page.made.statement.people
    assert person.address == PARTNER
    assert choices.person.value() == PARTNER
    assert f"{short_address(PARTNER)} is due {words.number(person.due, 18, 18)} FLOW of it." in spoken(
        page.made.statement
    )
    page.save_to(tmp_path)
    until(lambda: bool(page.studio.kept_statements.all()))
    assert page.studio.kept_statements.all()[0].net == str(person.due) != str(page.made.statement.totals.net)


def test_saved_files_say_what_the_page_says(
    page: ReportsPage, until: Until, tmp_path: Path, window: App, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    assert page.made is not None
    for tick in page.view.choices.formats.values():
        tick.setChecked(True)
    page.save_to(tmp_path)
    until(lambda: bool(window.window.toasts.shown))
    toast = window.window.toasts.shown[-1]
    assert toast.message.title == "Saved 6 files"
    total = page.made.statement.totals.net
    with (tmp_path / "statement-2026-06.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(Decimal(row["net"]) * 10**18) for row in rows) == total
    loaded = json.loads((tmp_path / "statement-2026-06.json").read_text(encoding="utf-8"))
    assert str(total) in json.dumps(loaded)
    assert (tmp_path / "statement-2026-06.pdf").read_bytes() == page.made.pdf, "the paper is the file"
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()) or True)
    qtbot.mouseClick(toast.button, Qt.MouseButton.LeftButton)
    assert opened == [str(tmp_path)]
    (kept,) = page.studio.kept_statements.all()
    assert (kept.title, kept.net, kept.there) == ("June 2026", str(total), True)
    until(lambda: page.view.audit.kept.count() == 1)
    (tmp_path / "statement-2026-06.csv").unlink()
    assert not kept.there


def test_a_folder_that_cannot_be_written_is_told_and_the_page_goes_on(
    page: ReportsPage, until: Until, tmp_path: Path, window: App
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file, no folder")
    page.save_to(blocked)
    until(lambda: bool(window.window.toasts.shown))
    assert "Could not save" in window.window.toasts.shown[-1].message.title
    assert page.view.choices.save.isEnabled()
    assert page.studio.kept_statements.all() == ()


def test_a_period_without_income_says_so_and_saves_nothing(page: ReportsPage, until: Until) -> None:
    page.choose(Wanted(Period.month(2025, 1)))
    until(lambda: page.view.preview.showing == "other")
    assert "No payments in January 2025" in page.view.preview.currentWidget().accessibleName()
    assert not page.view.choices.save.isEnabled()


def test_before_the_first_sync_it_says_what_to_do(window: App, until: Until) -> None:
    window.window.go("reports")
    page = window.window.page("reports")
    assert isinstance(page, ReportsPage)
    until(lambda: page.view.states.showing == "other")
    assert "Nothing to report yet" in page.view.states.currentWidget().accessibleName()


def test_without_a_file_ticked_nothing_can_be_saved(page: ReportsPage) -> None:
    for tick in page.view.choices.formats.values():
        tick.setChecked(False)
    assert not page.view.choices.save.isEnabled()


def test_rates_are_typed_imported_removed_and_used(
    page: ReportsPage, until: Until, tmp_path: Path, qtbot: QtBot
) -> None:
    view = page.view.rates
    page.view.tabs.set_value("rates")
    page._tab("rates")
    until(lambda: view.states.showing == "other")
    view.day.setText("yesterday")
    qtbot.mouseClick(view.add, Qt.MouseButton.LeftButton)
    assert view.day.property("wrong")
    for field, typed in ((view.day, "2026-05-31"), (view.currency, "eur"), (view.price, "0.9")):
        field.setText(typed)
    qtbot.mouseClick(view.add, Qt.MouseButton.LeftButton)
    until(lambda: len(view.rates) == 1)
    file = tmp_path / "rates.csv"
    file.write_text("date,price\n" + "".join(f"2026-06-{day:02d},0.9{day:02d}\n" for day in range(1, 15)))
    page.rates.import_rates(file)
    until(lambda: len(view.rates) == 15 and page.made is not None and page.made.offer.currencies == ("EUR",))
    assert page.made is not None
    page.choose(Wanted(page.made.wanted.period, currency="EUR"))
    until(lambda: page.made is not None and page.made.statement.currency == "EUR" and page.bridge.idle)
    assert page.made.statement.totals.fiat is not None
    assert page.view.choices.rates.text() == "your rates, all days"
    assert "Net in EUR" in page.view.paper.sheet.words()
    view.table.selectRow(0)
    qtbot.mouseClick(view.remove, Qt.MouseButton.LeftButton)
    until(lambda: len(view.rates) == 14)


def test_an_audit_without_contracts_says_what_is_missing(page: ReportsPage, until: Until) -> None:
    page.audit.check()
    until(lambda: page.view.audit.check.isEnabled() and page.bridge.idle)
    assert page.audit.report is None
    assert page.view.audit.verdict.count() == 1
    assert page.view.audit.verdict.itemAt(0).widget().accessibleName()


def audited(period: Period, held: Sequence[wire.PaymentRecord]) -> AuditReport:
    """Return what an audit says of these rows when the chain has all of PAID."""
    return AuditReport(
        period, ARTIST, "0x" + "c1" * 20, 1, 900, NOW, ("rpc.example",), sums_of(PAID, (), period), sums_of(held, (), period),
        differences=compare(PAID, held, period), how=("rpc.example gave every log of the Ledger.",),
    )  # fmt: skip


def test_an_audit_that_agrees_says_so_line_by_line(page: ReportsPage) -> None:
    period = Period.month(2026, 6)
    page.audit.show_report(audited(period, PAID))
    panel = page.view.audit
    count = sum(period.holds(p.block_time) for p in PAID)
    names = [panel.lines.itemAt(row).widget().accessibleName() for row in range(panel.lines.count())]
    assert names[0] == f"Payments: {count} of {count}"
    assert "Missing, invented or doubled: none" in names
    assert "Everything matches the chain" in panel.verdict.itemAt(0).widget().accessibleName()
    assert not panel.differences.isVisible()


def test_audits_before_are_listed_and_the_proof_is_said_to_be_kept(page: ReportsPage) -> None:
    kept = page.studio.kept_audits
    period = page.made.wanted.period  # type: ignore[union-attr]
    good, other = audited(period, PAID), Period(period.first - timedelta(days=40), period.first - timedelta(days=1))
    wrong = replace(audited(other, []), differences=compare(PAID[:2], []))
    for report in (wrong, good):
        kept.add(report, NOW)
    page.audit.show_report(replace(good, proven=3, records=3))
    (row,) = (page.view.audit.earlier.itemAt(n).widget() for n in range(page.view.audit.earlier.count()))
    assert row.accessibleName().startswith(f"{other.title}: 2 of")
    names = [page.view.audit.how.itemAt(n).widget().accessibleName() for n in range(page.view.audit.how.count())]
    assert any(name.startswith("The proof is kept") for name in names)
    path = page.studio.paths.data / "audits.json"
    path.write_text("[{")
    assert kept.all() == () and path.with_suffix(".json.broken").exists()


def test_an_audit_that_differs_lists_each_row(page: ReportsPage, until: Until, qtbot: QtBot) -> None:
    period = Period.month(2026, 6)
    inside = [p for p in PAID if period.holds(p.block_time)]
    wrong = [replace(inside[0], net=inside[0].net + 1), *inside[2:]]
    page.audit.show_report(audited(period, [p for p in PAID if p not in inside] + wrong))
    panel = page.view.audit
    assert "does not match" in panel.verdict.itemAt(0).widget().accessibleName()
    qtbot.mouseClick(panel.differences, Qt.MouseButton.LeftButton)
    dialog = page.findChild(RowsDialog)
    assert dialog is not None
    assert {row[0] for row in dialog.model.sheet.rows} == {"Changed: net", "Missing here"}
    assert inside[1].tx in {row[5] for row in dialog.model.sheet.exact}
    changed = next(row for row in dialog.model.sheet.exact if row[0].startswith("Changed"))
    assert changed[3] == f"{words.short_exact(FLOW, inside[0].net)} FLOW"
    assert changed[4] == f"{words.short_exact(FLOW, inside[0].net + 1)} FLOW"
    dialog.close()
    until(lambda: page.findChild(RowsDialog) is None)


def test_every_kind_of_difference_is_told_in_words_and_in_its_token() -> None:
    period = Period.month(2026, 6)
    made = replace(PAID[0], block_time=NOW, type="reward", strategy="gift-economy", net=3 * 10**18)
    moved = replace(made, type="tip", strategy=None, block_time=NOW + timedelta(hours=1), listener=PARTNER)
    share = wire.SplitRecord(
        1, 1, 5, NOW, "0x" + "5" * 64, 0, 7, "0x" + "6" * 64, 100, False, (wire.WireShare(ARTIST, 10_000, ""),)
    )
    held = replace(share, fee_bps=250, locked=True, shares=(wire.WireShare(PARTNER, 10_000, ""),))
    report = replace(
        audited(period, PAID),
        differences=(
            *compare([made], [moved]), *compare([made], []), *compare([], [made]), *compare([made], [made, made]),
            *compare([share], [held]),
        ),
        checks=(Check("Statement, rewards", 10**18, 2 * 10**18, "CGC"), Check("Statement, net", 5, 5)),
    )  # fmt: skip
    told = [(row[0], row[3], row[4]) for row in differences(report).rows]
    assert told == [
        ("Changed: time", "14 Jun 2026, 14:32", "14 Jun 2026, 15:32"),
        ("Changed: listener", short_address(made.listener), short_address(PARTNER)),
        ("Changed: way to earn", "Gift", "–"),
        ("Changed: type", "Reward", "Tip"),
        ("Missing here", "3 CGC", "nothing"),
        ("Not on the chain", "nothing", "3 CGC"),
        ("Here twice", "3 CGC", "one more of it"),
        ("Changed: platform fee", "1.0\u00a0%", "2.5\u00a0%"),
        ("Changed: fixed for ever", "no", "yes"),
        ("Changed: shares", f"{short_address(ARTIST)} 100.00 %", f"{short_address(PARTNER)} 100.00 %"),
        ("Another sum", "1 CGC", "2 CGC"),
    ]


def test_figures_that_differ_can_be_looked_at_though_every_row_is_right(page: ReportsPage, qtbot: QtBot) -> None:
    report = replace(audited(Period.month(2026, 6), PAID), checks=(Check("Statement, net", 10**18, 2 * 10**18),))
    page.audit.show_report(report)
    qtbot.mouseClick(page.view.audit.differences, Qt.MouseButton.LeftButton)
    dialog = page.findChild(RowsDialog)
    assert dialog is not None and [row[1:5] for row in dialog.model.sheet.rows] == [
        ["Statement, net", "–", "1 FLOW", "2 FLOW"]
    ]
    dialog.close()


def test_what_an_audit_says_fits_its_panel(page: ReportsPage, qtbot: QtBot) -> None:
    line = f"rpc.example gave every record of the contracts from block 1 to 46,139,377 ({'0x' + 'ab' * 32})."
    page.audit.show_report(replace(audited(Period.month(2026, 6), []), how=(line,)))
    panel = page.view.audit
    qtbot.wait(1)
    body = panel.findChild(QScrollArea).widget()
    assert body.width() <= panel.width()
    assert any(panel.how.itemAt(n).widget().toolTip() == line for n in range(panel.how.count()))
    told = [panel.lines.itemAt(n).widget().accessibleName() for n in range(panel.lines.count())]
    (net,) = (each for each in told if each.startswith("Net: "))
    assert net.endswith(", here 0.000000")


def test_with_large_text_the_audit_is_a_drawer_that_leaves_room_for_the_paper(
    page: ReportsPage, window: App, until: Until
) -> None:
    window.window.resize(1440, 900)
    until(page.view.audit.isVisible)
    page.studio.settings.set(TEXT_SCALE, 150)
    until(lambda: page.drawer.isVisible() and not page.view.audit.isVisible())
    page.studio.settings.set(TEXT_SCALE, 100)
    until(page.view.audit.isVisible)


def test_many_statements_are_saved_and_add_up(page: ReportsPage, until: Until, tmp_path: Path, window: App) -> None:
    assert page.made is not None
    years = periods(PeriodKind.YEAR, page.made.first, page.made.last)
    dialog = BatchDialog(years, 2, page.theme, page)
    months = dialog.periods(Period(page.made.first, page.made.last))
    dialog.each[PeriodKind.YEAR].setChecked(True)
    dialog.starts.setCurrentIndex(1)
    assert dialog.periods(Period(page.made.first, page.made.last))[0].name == "2026/27"
    dialog.deleteLater()
    assert [month.first.month for month in months] == [2, 3, 4, 5, 6]
    page.view.choices.formats[Format.PDF].setChecked(False)
    page.desk.save(tmp_path, months, [PARTNER])
    until(lambda: bool(window.window.toasts.shown))
    assert "10 statements" in window.window.toasts.shown[-1].message.words
    total = 0
    for month in months:
        with (tmp_path / f"statement-{month.slug}.csv").open(encoding="utf-8", newline="") as file:
            total += sum(int(Decimal(row["net"]) * 10**18) for row in csv.DictReader(file))
    assert total == sum(p.net for p in PAID)
    until(page.desk.many.isEnabled)


def test_choices_are_kept_under_a_name_and_taken_again(page: ReportsPage, until: Until) -> None:
    assert page.made is not None
    page.choose(Wanted(page.made.wanted.period, Choices(songs=frozenset({SONGS[1]}))))
    until(lambda: page.made is not None and bool(page.made.wanted.choices.songs) and page.bridge.idle)
    page.view.choices.formats[Format.JSON].setChecked(True)
    page.desk.keep("For Ilse")
    page.view.choices.formats[Format.JSON].setChecked(False)
    page.choose(Wanted(Period.month(2026, 5)))
    until(shows(page, Period.month(2026, 5)))
    menu = page.desk.templates_menu()
    assert menu.actions()[0].text() == "For Ilse"
    menu.actions()[0].trigger()
    menu.deleteLater()
    until(lambda: page.made is not None and page.made.wanted.choices.songs == frozenset({SONGS[1]}))
    assert page.made.wanted.period == Period.month(2026, 5)
    assert page.view.choices.formats[Format.JSON].isChecked()
    page.desk.remove("For Ilse")
    assert page.studio.report_templates.all() == ()


def test_the_paper_turns_and_sizes(page: ReportsPage, qtbot: QtBot) -> None:
    paper = page.view.paper
    assert not paper.back.isEnabled()
    qtbot.keyClick(paper.sheet, Qt.Key.Key_PageDown)
    assert paper.place.text().startswith("2 / ")
    zoom = paper.sheet.zoom
    qtbot.keyClick(paper.sheet, Qt.Key.Key_Plus)
    assert paper.sheet.zoom > zoom
    assert "page 2 of" in paper.sheet.accessibleName()


def test_the_audit_is_a_drawer_in_a_narrow_window(page: ReportsPage, window: App, until: Until, qtbot: QtBot) -> None:
    window.window.resize(1440, 900)
    until(page.view.audit.isVisible)
    window.window.resize(1024, 680)
    until(lambda: not page.view.audit.isVisible())
    qtbot.mouseClick(page.drawer, Qt.MouseButton.LeftButton)
    assert page.view.audit.isVisible()
    window.window.resize(1440, 900)
    until(lambda: not page.drawer.isVisible())


def test_every_control_has_a_name(page: ReportsPage) -> None:
    nameless = [
        w
        for kind in (QAbstractButton, QComboBox)
        for w in page.findChildren(kind)
        if w.isVisible() and not w.accessibleName()
    ]
    assert nameless == []
