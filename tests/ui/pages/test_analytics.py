"""The page of figures on a real cache, filled as a sync fills it: what it shows equals what the rows add up to."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import shiboken6
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from mycelix_studio import settings
from mycelix_studio.app import App
from mycelix_studio.domain import wire
from mycelix_studio.domain.dashboard import Against, Filter, Range
from mycelix_studio.domain.period import Period
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.studio import Studio
from mycelix_studio.store import synced
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.charts.data import FLOW
from mycelix_studio.ui.charts.stat_card import StatCard
from mycelix_studio.ui.pages.analytics.dialogs import FilterDialog
from mycelix_studio.ui.pages.analytics.page import AnalyticsPage, Wanted
from mycelix_studio.ui.pages.analytics.payment import PaymentDialog
from mycelix_studio.ui.pages.analytics.view import SIDE, AnalyticsView, Music, Place
from mycelix_studio.ui.theme import DARK
from mycelix_studio.ui.widgets.dates import DatesDialog
from mycelix_studio.ui.widgets.sheet import RowsDialog
from tests.unit.store.feeds import ARTIST, SONGS, WAYS, payment, plays, song

Until = Callable[[Callable[[], bool]], None]

NOW = datetime(2026, 6, 14, 14, 32, tzinfo=UTC)
PAID = [
    payment(
        key,
        NOW - timedelta(days=key * 3 % 200, hours=key % 14),
        10**16 * key + 7 * key + 1,
        SONGS[key % 4],
        WAYS[key % 4],
        listener=f"0x{key % 9:040x}",
    )
    for key in range(1, 90)
]
FIRST = (NOW - timedelta(days=89)).date()
PLAYED = [
    (key, key % 4, key % 8, int((NOW - timedelta(days=key * 7 % 300, minutes=key)).timestamp()))
    for key in range(1, 400)
]
LISTED = [song(number + 1, SONGS[number], WAYS[number], ("ambient", "folk")[number % 2]) for number in range(4)]


def fill(studio: Studio, *records: wire.Record) -> None:
    """Bring records into the cache as a finished sync does."""
    with studio.database.write() as db:
        synced.restart(db, "https://music.example", ARTIST)
        synced.apply(db, wire.SyncPage(records, "cursor-1", False, NOW))


@pytest.fixture
def page(profile: Studio, window: App, until: Until) -> AnalyticsPage:
    """The page with a year of figures."""
    fill(profile, *LISTED, plays(PLAYED), *PAID)
    window.window.go("analytics")
    made = window.window.page("analytics")
    assert isinstance(made, AnalyticsPage)
    until(lambda: made.board is not None and made.view.states.showing == "content" and settled(made)())
    return made


def net(first: datetime, *, song_id: str = "") -> int:
    start = first.date()
    return sum(p.net for p in PAID if p.block_time.date() >= start and song_id in ("", p.song_id))


def settled(page: AnalyticsPage) -> Callable[[], bool]:
    """Tell whether what is shown is what was asked for."""
    return lambda: (
        page.board is not None
        and page.view.music.cards[0].state.value == "ready"
        and not page.studio.jobs.running()
        and page.bridge.idle
    )


def test_the_cards_and_charts_show_the_sums_of_the_rows(page: AnalyticsPage) -> None:
    cards = page.view.music.cards
    start = NOW - timedelta(days=89)
    assert cards[0].figure.value == net(start)
    assert cards[1].figure.value == sum(
        at >= datetime(start.year, start.month, start.day, tzinfo=UTC).timestamp() for *_k, at in PLAYED
    )
    assert page.view.music.charts.earnings.chart.data.total() == net(start)
    assert page.view.music.charts.sources.chart.data.total() == net(start)
    assert "As of 14 Jun 2026, 14:32" in page.view.as_of.text()
    assert page.view.as_of.text().endswith("UTC")
    assert page.view.music.charts.songs.accessibleName() == "Top songs by plays"


def start(profile: Studio, qapp: QApplication) -> tuple[App, Music]:
    """Start Studio at its figures, as the program does; not one event has passed then."""
    fill(profile, *LISTED, plays(PLAYED), *PAID)
    app = App(qapp, profile)
    app.window.set_welcomed()
    app.open("analytics")
    app.start()
    page = app.window.page("analytics")
    assert isinstance(page, AnalyticsPage)
    return app, page.view.music


def test_the_figures_are_painted_before_the_charts_are_made(
    profile: Studio, qapp: QApplication, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    paint = StatCard.paintEvent

    def painting(card: StatCard, event: QPaintEvent) -> None:
        paint(card, event)
        order.append("figure" if card.figure.value is not None else "nothing")

    monkeypatch.setattr(StatCard, "paintEvent", painting)
    app, music = start(profile, qapp)
    music.made.connect(lambda: order.append("charts made"))
    assert not music.whole
    until(lambda: music.whole)
    assert order[: order.index("charts made")][-5:] == ["figure"] * 5
    assert music.charts.earnings.chart.data.total() == music.cards[0].figure.value
    assert music.charts.songs.chart.data.points and music.charts.plays.caption == "dashed: the 90 days before"
    app.close()


def test_nothing_moves_when_the_charts_take_their_places(window: App, qtbot: QtBot, until: Until) -> None:
    for width, height in ((820, 560), (1240, 800), (1700, 900)):
        view = AnalyticsView(DARK)
        qtbot.addWidget(view)
        view.resize(width, height)
        view.show()
        music = view.music
        place = music.findChildren(Place)[1]
        until(lambda: place.width() in SIDE and place.x() + place.width() == place.parentWidget().width())  # noqa: B023 - asked at once
        before = [each.geometry() for each in (*music.cards, *music.findChildren(Place))]
        assert len(before) == 10 and not music.whole
        music.complete()
        QApplication.processEvents()
        QApplication.processEvents()
        assert [each.geometry() for each in (*music.cards, *music.panels)] == before
        view.close()


@pytest.mark.parametrize("painted", [False, True])
def test_closing_while_it_starts_makes_no_charts_and_leaves_no_timer(
    profile: Studio, qapp: QApplication, until: Until, painted: bool
) -> None:
    app, music = start(profile, qapp)
    if painted:  # right after the cards, before the turn that makes the charts
        music.findChildren(Place)[-1].painted.connect(app.close, Qt.ConnectionType.QueuedConnection)
        until(lambda: not app.window.isVisible())
    else:
        app.close()
    QApplication.processEvents()
    assert not music.whole
    left = [owner for owner in (app, app.window) if shiboken6.isValid(owner)]
    assert not [timer for owner in left for timer in owner.findChildren(QTimer) if timer.isActive()]


def test_tab_leads_from_the_head_to_the_cards_and_from_the_cards_to_the_charts(page: AnalyticsPage) -> None:
    music = page.view.music
    stops: list[QWidget] = [page.view.views]
    while (following := stops[-1].nextInFocusChain()) is not stops[0]:
        stops.append(following)
    meant = [page.view.export, page.view.filter, *music.cards, *(panel.chart for panel in music.panels)]
    assert sorted(meant, key=stops.index) == meant
    between = stops[stops.index(music.cards[-1]) + 1 : stops.index(music.panels[0].chart)]
    assert all(music.panels[0].isAncestorOf(each) for each in between if each.focusPolicy() & Qt.FocusPolicy.TabFocus)


def test_charts_that_are_asked_for_are_made_at_once(profile: Studio, qapp: QApplication) -> None:
    app, music = start(profile, qapp)
    assert not music.whole
    assert [panel.chart.state.value for panel in music.panels] and music.whole
    app.close()


def test_every_range_covers_its_days(page: AnalyticsPage, until: Until, qtbot: QtBot) -> None:
    for kind, days in ((Range.WEEK, 7), (Range.MONTH, 30), (Range.YEAR, 365)):
        qtbot.mouseClick(page.view.range.button(kind.value), Qt.MouseButton.LeftButton)
        until(lambda days=days: page.board is not None and page.board.days.count == days)
        assert page.view.music.cards[0].figure.value == net(NOW - timedelta(days=days - 1))
    qtbot.mouseClick(page.view.range.button("all"), Qt.MouseButton.LeftButton)
    until(lambda: page.board is not None and page.board.figures.net == sum(p.net for p in PAID))
    assert page.view.music.cards[1].figure.value == len(PLAYED)


def test_own_dates_are_asked_for_and_shown(page: AnalyticsPage, until: Until) -> None:
    period = Period(NOW.date() - timedelta(days=20), NOW.date() - timedelta(days=11))
    page.choose(Wanted(Range.CUSTOM, Against.NOTHING, custom=period))
    until(lambda: page.board is not None and page.board.query.period == period)
    wanted = sum(p.net for p in PAID if period.holds(p.block_time))
    assert page.view.music.cards[0].figure.value == wanted
    assert page.view.music.cards[0].figure.before is None
    assert "not complete" not in page.view.as_of.text()
    dialog = DatesDialog(period, NOW.date(), page.theme, page)
    assert dialog.period() == period
    dialog.first.setDate(dialog.last.date().addDays(1))
    assert not dialog.show_button.isEnabled()
    dialog.deleteLater()


def test_the_comparison_is_the_days_before_or_a_year_earlier(page: AnalyticsPage, until: Until) -> None:
    start = NOW.date() - timedelta(days=89)
    before = sum(p.net for p in PAID if start - timedelta(days=90) <= p.block_time.date() < start)
    assert page.view.music.cards[0].figure.before == before
    assert page.view.music.charts.plays.caption == "dashed: the 90 days before"
    page.choose(Wanted(against=Against.NOTHING))
    until(lambda: page.view.music.charts.plays.caption == "")
    assert page.view.music.charts.plays.chart.data.comparison is None


def test_a_filter_changes_every_figure_and_is_cleared(page: AnalyticsPage, until: Until, qtbot: QtBot) -> None:
    dialog = FilterDialog(page.parts, Filter(), page.theme, page)
    titles = [dialog.songs.item(row).text() for row in range(dialog.songs.count())]
    assert [dialog.genres.item(row).text() for row in range(2)] == ["ambient", "folk"]
    dialog.songs.item(titles.index("Song 2")).setCheckState(Qt.CheckState.Checked)
    chosen = dialog.chosen()
    dialog.deleteLater()
    assert chosen == Filter(songs=frozenset({SONGS[1]}))
    page.choose(Wanted(filter=chosen))
    until(settled(page))
    assert page.view.music.cards[0].figure.value == net(NOW - timedelta(days=89), song_id=SONGS[1])
    assert page.view.filter.text() == "Filter · 1"
    qtbot.mouseClick(page.view.clear, Qt.MouseButton.LeftButton)
    until(lambda: page.view.music.cards[0].figure.value == net(NOW - timedelta(days=89)))


def test_ticks_of_its_lists_are_painted_by_the_theme_with_a_mark(page: AnalyticsPage, until: Until) -> None:
    assert page.parts is not None
    dialog = FilterDialog(page.parts, Filter(), page.theme, page)
    dialog.show()
    row = dialog.genres.visualItemRect(dialog.genres.item(0))

    def colours() -> set[str]:
        image = dialog.genres.viewport().grab(row).toImage()
        return {image.pixelColor(x, y).name() for x in range(24) for y in range(image.height())}

    off = colours()
    assert page.theme.ctl.lower() in off and page.theme.acc.lower() not in off
    dialog.genres.item(0).setCheckState(Qt.CheckState.Checked)
    assert {page.theme.acc.lower(), page.theme.on_acc.lower()} <= colours()
    dialog.close()


def test_a_filter_that_hides_everything_says_so(page: AnalyticsPage, until: Until) -> None:
    page.choose(Wanted(filter=Filter(genres=frozenset({"polka"}))))
    until(lambda: page.view.states.showing == "other")
    page.clear_filter()
    until(lambda: page.view.states.showing == "content")


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


def test_it_refreshes_only_on_changes_that_concern_it(page: AnalyticsPage, window: App, until: Until) -> None:
    asked = page._number
    window.bridge.store_changed.emit(Changes.of(Kind.DRAFTS, Kind.SETTINGS), None)
    assert page._number == asked
    late = payment(500, NOW, 10**18)
    with page.studio.database.write() as db:
        synced.apply(db, wire.SyncPage((late,), "cursor-2", False, NOW + timedelta(minutes=5)))
    page.studio.hub.publish(Changes.of(Kind.EARNINGS))
    until(lambda: page.view.music.cards[0].figure.value == net(NOW - timedelta(days=89)) + late.net)
    assert "14:37" in page.view.as_of.text()


def test_another_zone_of_days_is_taken_when_the_page_is_opened_next(
    page: AnalyticsPage, window: App, until: Until
) -> None:
    total = page.view.music.cards[0].figure.value
    page.studio.settings.set(settings.ZONE, "America/New_York")
    window.window.go("library")
    window.window.go("analytics")
    until(lambda: page.board is not None and page.board.zone == "America/New_York" and settled(page)())
    assert page.view.as_of.text().endswith("times in UTC, days of America/New_York")
    moved = sum(p.net for p in PAID if zoned(p.block_time) >= FIRST)
    assert page.view.music.cards[0].figure.value == moved
    assert sum(page.view.music.charts.earnings.chart.data.totals()) == moved  # type: ignore[arg-type]
    assert total == net(NOW - timedelta(days=89))


def zoned(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo("America/New_York")).date()


def test_plus_and_minus_on_a_chart_change_the_range(page: AnalyticsPage, until: Until, qtbot: QtBot) -> None:
    chart = page.view.music.charts.plays.chart
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_Minus)
    until(lambda: page.board is not None and page.board.days.count == 30)
    assert page.view.range.value() == "30d"
    qtbot.keyClick(chart, Qt.Key.Key_Plus)
    until(lambda: page.board is not None and page.board.days.count == 90)


def test_cards_wrap_in_a_narrow_window(page: AnalyticsPage, window: App, until: Until) -> None:
    window.window.resize(1440, 900)
    until(lambda: page.view.music.across == 5)
    window.window.resize(1024, 680)
    until(lambda: page.view.music.across == 3)
    window.window.resize(1440, 900)
    until(lambda: page.view.music.across == 5)


def test_with_large_text_cards_wrap_and_nothing_that_is_said_is_cut(
    page: AnalyticsPage, window: App, until: Until
) -> None:
    window.window.resize(1440, 900)
    until(lambda: page.view.music.across == 5)
    page.studio.settings.set(settings.TEXT_SCALE, 150)
    until(lambda: page.view.music.across == 3)
    said = page.view.as_of
    until(lambda: said.height() >= said.heightForWidth(said.width()) > 0)
    page.studio.settings.set(settings.TEXT_SCALE, 100)
    until(lambda: page.view.music.across == 5)


def test_before_the_first_sync_it_says_what_to_do(window: App, until: Until) -> None:
    window.window.go("analytics")
    page = window.window.page("analytics")
    assert isinstance(page, AnalyticsPage)
    until(lambda: page.view.states.showing == "other")
    assert "Nothing came in yet" in page.view.states.currentWidget().accessibleName()
    assert not page.view.toolbar.isVisible()


def test_synced_but_never_heard_it_says_what_to_do(profile: Studio, window: App, until: Until) -> None:
    fill(profile, *LISTED)
    window.window.go("analytics")
    page = window.window.page("analytics")
    assert isinstance(page, AnalyticsPage)
    until(lambda: page.view.states.showing == "other")
    assert "first play" in page.view.states.currentWidget().accessibleName()


def test_a_cache_that_cannot_be_read_is_told_and_read_again(page: AnalyticsPage, until: Until) -> None:
    with page.studio.database.write() as db:
        db.execute("ALTER TABLE play_month RENAME TO play_month_gone")
    page.refresh()
    until(lambda: page.view.states.showing == "other")
    with page.studio.database.write() as db:
        db.execute("ALTER TABLE play_month_gone RENAME TO play_month")
    page.refresh()
    until(lambda: page.view.states.showing == "content")


def test_a_view_is_kept_found_again_and_removed(page: AnalyticsPage, until: Until) -> None:
    page.choose(Wanted(Range.MONTH, Against.YEAR, Filter(songs=frozenset({SONGS[1]}))))
    until(settled(page))
    page.desk.save(" Second song ")
    page.choose(Wanted())
    until(settled(page))
    menu = page.desk.views_menu()
    assert [action.text() for action in menu.actions() if action.text()] == ["Second song", "Save this view…", "Remove"]
    menu.actions()[0].trigger()
    menu.deleteLater()
    assert page.wanted == Wanted(Range.MONTH, Against.YEAR, Filter(songs=frozenset({SONGS[1]})))
    until(settled(page))
    page.desk.remove("Second song")
    assert page.studio.views.all() == ()


def test_views_that_cannot_be_read_are_set_aside(page: AnalyticsPage) -> None:
    path = page.studio.paths.data / "analytics_views.json"
    path.write_text('{"half": {"range": "7d"')
    assert page.studio.views.all() == ()
    assert path.with_suffix(".json.broken").exists()


def test_all_values_and_the_page_are_exported(page: AnalyticsPage, tmp_path: Path, window: App) -> None:
    files = page.desk.save_values(tmp_path)
    assert len(files) == len(page.view.music.panels)
    earned = next(path for path in files if path.name.startswith("earnings"))
    with earned.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(Decimal(row["Net, FLOW"]) * 10**18) for row in rows) == net(NOW - timedelta(days=89))
    page.desk.save_picture(tmp_path / "page.png")
    picture = QImage(str(tmp_path / "page.png"))
    assert picture.width() == page.view.music.width() * 2
    page.desk.save_picture(tmp_path / "page.png" / "below a file.png")
    assert "Could not save" in window.window.toasts.shown[-1].message.title


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


def test_alerts_list_what_happened_and_what_was_seen_is_no_longer_new(
    page: AnalyticsPage, window: App, until: Until
) -> None:
    notices = page.studio.notices
    window.window.go("analytics", "alerts")
    until(lambda: page.alerts.card.column.count() == len(notices.listed().notices) > 0)
    window.window.go("analytics", "music")
    notices.look()
    with page.studio.database.write() as db:
        synced.apply(db, wire.SyncPage((patron(7, NOW - timedelta(hours=3)),), "cursor-2", False, NOW))
    page.studio.hub.publish(Changes.of(Kind.EARNINGS))
    told = "0x0303…0303 is a new patron of Song 1"
    until(lambda: any(toast.message.title == told for toast in window.window.toasts.shown))
    until(lambda: page.view.tabs.inner.button("alerts").text() == "Alerts · 1")
    window.window.go("analytics", "alerts")
    assert not page.view.toolbar.isVisible()
    until(lambda: notices.count() == 0)
    page.refresh()
    until(lambda: page.view.tabs.inner.button("alerts").text() == "Alerts")


def patron(key: int, since: datetime) -> wire.SubscriptionRecord:
    return wire.SubscriptionRecord(
        key, 31337, 9, since, f"0x{key:064x}", 2, SONGS[0], "0x" + "03" * 20, since, since + timedelta(days=30), 10**18, 1, True,
        "subscribed", "",
    )  # fmt: skip


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


def test_every_control_has_a_name(page: AnalyticsPage) -> None:
    from PySide6.QtWidgets import QAbstractButton, QComboBox

    nameless = [
        w
        for kind in (QAbstractButton, QComboBox)
        for w in page.findChildren(kind)
        if w.isVisible() and not w.accessibleName()
    ]
    assert nameless == []
