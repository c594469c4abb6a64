"""What is behind a mark, a card or a row of the figures: the rows they are the sum of, down to one payment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mycelix_studio.domain import wire
from mycelix_studio.store import synced
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.charts.data import FLOW
from mycelix_studio.ui.pages.analytics.page import AnalyticsPage
from mycelix_studio.ui.pages.analytics.payment import PaymentDialog
from mycelix_studio.ui.widgets.sheet import RowsDialog
from tests.fixtures.dashboard import FIRST, NOW, PAID, PLAYED, net, patron, settled

Until = Callable[[Callable[[], bool]], None]


def rows_dialog() -> RowsDialog | None:
    shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, RowsDialog) and w.isVisible()]
    return next((w for w in shown if w is QApplication.activeModalWidget()), shown[0] if shown else None)


def test_a_mark_opens_the_rows_it_is_the_sum_of(page: AnalyticsPage, until: Until) -> None:
    chart = page.view.music.charts.earnings.chart
    index = next(i for i, value in enumerate(chart.data.totals()) if value)
    chart.activated.emit(index, -1)
    until(lambda: rows_dialog() is not None)
    dialog = rows_dialog()
    assert dialog is not None
    day = chart.data.points[index].day
    that_day = [p for p in PAID if p.block_time.date() == day]
    assert dialog.model.rowCount() == len(that_day)
    assert words.exact_text(FLOW, sum(p.net for p in that_day)) in dialog.words.text()
    assert dialog.model.sheet.exact[0][8] in {p.tx for p in that_day}
    dialog.copy_all()
    assert len(QApplication.clipboard().text().splitlines()) == len(that_day) + 1
    dialog.close()
    until(lambda: rows_dialog() is None)


def test_a_bar_opens_the_payments_of_its_song(page: AnalyticsPage, until: Until) -> None:
    chart = page.view.music.charts.songs.chart
    chart.activated.emit(0, -1)
    until(lambda: rows_dialog() is not None)
    dialog = rows_dialog()
    assert dialog is not None
    wanted = net(NOW - timedelta(days=89), song_id=chart.data.points[0].key)
    assert words.exact_text(FLOW, wanted) in dialog.words.text()
    dialog.close()
    until(lambda: rows_dialog() is None)


def test_groups_of_listeners_are_counted_and_open_their_people(page: AnalyticsPage, until: Until, qtbot: QtBot) -> None:
    today = NOW.date().toordinal()
    days: dict[int, set[int]] = {}
    for _key, _song, who, at in PLAYED:
        days.setdefault(who, set()).add(datetime.fromtimestamp(at, UTC).date().toordinal())
    groups = {"loyal": 0, "fresh": 0, "back": 0, "lapsed": 0}
    for heard in days.values():
        stretches = {(today - day) // 30 for day in heard} & {0, 1, 2}
        if today - min(heard) < 30:
            groups["fresh"] += 1
        elif stretches:
            groups["lapsed" if 0 not in stretches else "loyal" if len(stretches) == 3 else "back"] += 1
    page.view.tabs.set_value("listeners")
    page._tab("listeners")
    cards = page.listeners.tab.cards
    until(lambda: cards[0].figure.value is not None)
    assert [card.figure.value for card in cards] == [*groups.values(), 0]
    place = next(n for n, card in enumerate(cards) if card.figure.value)
    cards[place].setFocus()
    qtbot.keyClick(cards[place], Qt.Key.Key_Return)
    until(lambda: rows_dialog() is not None)
    dialog = rows_dialog()
    assert dialog is not None
    assert dialog.model.rowCount() == cards[place].figure.value
    assert "…" in dialog.model.sheet.rows[0][2]
    dialog.close()
    until(lambda: rows_dialog() is None)


def test_every_mark_and_card_opens_what_it_is_made_of(page: AnalyticsPage, until: Until) -> None:
    with page.studio.database.write() as db:
        synced.apply(db, wire.SyncPage((patron(7, NOW - timedelta(days=3)),), "cursor-2", False, NOW))
    page.refresh()
    until(lambda: settled(page)() and page.view.music.cards[3].figure.value == 1)
    music, listeners = page.view.music, page.listeners.tab
    until(lambda: listeners.cards[0].figure.value is not None)
    assert [series.key for series in listeners.engagement.chart.data.series] == ["plays", "listeners", "patrons"]
    assert sum(value or 0 for value in music.cards[3].figure.spark.series[0].values) == 4
    day = next(n for n, value in enumerate(listeners.daily.chart.data.totals()) if value)
    cohort = next(n for n, each in enumerate(page.board.cohorts) if each.size) if page.board else 0
    opened = {
        "earnings card": (music.cards[0].opened.emit, len([p for p in PAID if p.block_time.date() >= FIRST])),
        "plays card": (music.cards[1].opened.emit, 4),
        "listeners card": (music.cards[2].opened.emit, music.cards[2].figure.value),
        "patrons card": (music.cards[3].opened.emit, 1),
        "listeners a day": (lambda: listeners.daily.chart.activated.emit(day, -1), listeners.daily.chart.data.total_at(day)),
        "engagement": (lambda: listeners.engagement.chart.activated.emit(day, 1), listeners.daily.chart.data.total_at(day)),
        "growth": (lambda: listeners.growth.chart.activated.emit(day, -1), listeners.daily.chart.data.total_at(day)),
        "cohort": (lambda: listeners.cohorts.chart.activated.emit(0, cohort), page.board and page.board.cohorts[cohort].size),
        "genre": (lambda: listeners.genres.chart.activated.emit(0, -1), 2),
        "calendar": (lambda: music.charts.every.chart.activated.emit(day, -1), None),
        "group": (listeners.cards[0].opened.emit, listeners.cards[0].figure.value),
    }  # fmt: skip
    for name, (emit, count) in opened.items():
        emit()
        until(lambda: rows_dialog() is not None)
        dialog = rows_dialog()
        assert dialog is not None
        assert count is None or dialog.model.rowCount() == count, name
        dialog.close()
        until(lambda: rows_dialog() is None)


def test_the_price_of_a_patron_is_told_as_agreed_not_as_paid(page: AnalyticsPage, until: Until) -> None:
    with page.studio.database.write() as db:
        synced.apply(db, wire.SyncPage((patron(7, NOW - timedelta(days=3)),), "cursor-2", False, NOW))
    page.open_behind("patrons")
    until(lambda: rows_dialog() is not None)
    dialog = rows_dialog()
    assert dialog is not None
    assert dialog.words.text() == "1 people. Discounts of loyalty come off what they agreed to."
    assert (dialog.model.sheet.heads[5], dialog.model.sheet.exact[0][5]) == (
        "Agreed a month, FLOW",
        words.exact_text(FLOW, 10**18),
    )
    dialog.close()
    until(lambda: rows_dialog() is None)


def test_a_row_opens_its_payment_and_a_song_its_payments(page: AnalyticsPage, until: Until) -> None:
    page.view.music.charts.songs.more.emit()
    until(lambda: rows_dialog() is not None)
    songs = rows_dialog()
    assert songs is not None and not songs.action.isEnabled()
    songs.table.selectRow(0)
    songs.action.click()
    until(lambda: rows_dialog() is not songs)
    payments = rows_dialog()
    assert payments is not None
    payments.table.selectRow(1)
    payments.table.activated.emit(payments.model.index(1, 0))
    until(lambda: any(isinstance(w, PaymentDialog) and w.isVisible() for w in QApplication.topLevelWidgets()))
    dialog = next(w for w in QApplication.topLevelWidgets() if isinstance(w, PaymentDialog) and w.isVisible())
    dialog.copy()
    tx = payments.model.sheet.exact[1][8]
    assert tx in QApplication.clipboard().text() and dialog.explorer == ""
    paid = next(p for p in PAID if p.tx == tx)
    assert ("Net, FLOW", words.exact_text(FLOW, paid.net), False) in dialog.values
    for each in (dialog, payments, songs):
        each.close()
    until(lambda: rows_dialog() is None)
