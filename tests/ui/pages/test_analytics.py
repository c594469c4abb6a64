"""The page of figures on a real cache, filled as a sync fills it: what it shows equals what the rows add up to."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from mycelix_studio import settings
from mycelix_studio.app import App
from mycelix_studio.domain import wire
from mycelix_studio.domain.dashboard import Against, Filter, Range
from mycelix_studio.domain.period import Period
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.studio import Studio
from mycelix_studio.store import synced
from mycelix_studio.ui.pages.analytics.dialogs import FilterDialog
from mycelix_studio.ui.pages.analytics.page import AnalyticsPage, Wanted
from mycelix_studio.ui.widgets.dates import DatesDialog
from tests.fixtures.dashboard import FIRST, LISTED, NOW, PAID, PLAYED, fill, net, patron, settled
from tests.unit.store.feeds import SONGS, payment

Until = Callable[[Callable[[], bool]], None]


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


def test_tab_leads_from_the_head_to_the_cards_and_from_the_cards_to_the_charts(page: AnalyticsPage) -> None:
    music = page.view.music
    stops: list[QWidget] = [page.view.views]
    while (following := stops[-1].nextInFocusChain()) is not stops[0]:
        stops.append(following)
    meant = [page.view.export, page.view.filter, *music.cards, *(panel.chart for panel in music.panels)]
    assert sorted(meant, key=stops.index) == meant
    between = stops[stops.index(music.cards[-1]) + 1 : stops.index(music.panels[0].chart)]
    assert all(music.panels[0].isAncestorOf(each) for each in between if each.focusPolicy() & Qt.FocusPolicy.TabFocus)


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


def test_alerts_list_what_happened_and_what_was_seen_is_no_longer_new(
    page: AnalyticsPage, window: App, until: Until
) -> None:
    notices = page.studio.notices
    window.window.go("analytics", "alerts")
    until(lambda: page.alerts.tab.card.column.count() == len(notices.listed().notices) > 0)
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


def test_every_control_has_a_name(page: AnalyticsPage) -> None:
    nameless = [
        w
        for kind in (QAbstractButton, QComboBox)
        for w in page.findChildren(kind)
        if w.isVisible() and not w.accessibleName()
    ]
    assert nameless == []
