"""What holds text grows with it: at 150 % nothing is cut and nothing lies beside its row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from mycelix_studio.app import App
from mycelix_studio.domain import clock, wire
from mycelix_studio.domain.dashboard import Filter
from mycelix_studio.paths import Paths
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.studio import Studio
from mycelix_studio.settings import TEXT_SCALE
from mycelix_studio.store import synced
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.dialogs.wallet.account import UnlockDialog
from mycelix_studio.ui.labels import Icon, font_of
from mycelix_studio.ui.mending import MendingDialog
from mycelix_studio.ui.pages import PAGES
from mycelix_studio.ui.pages.analytics.page import AnalyticsPage
from mycelix_studio.ui.pages.analytics.payment import PaymentDialog
from mycelix_studio.ui.pages.base import Page
from mycelix_studio.ui.pages.library.conflicts import Conflicts
from mycelix_studio.ui.pages.library.page import LibraryPage
from mycelix_studio.ui.pages.library.sending import CleanOrNot
from mycelix_studio.ui.pages.settings.page import SettingsPage
from mycelix_studio.ui.pages.settings.sections import USAGE
from mycelix_studio.ui.pages.strategies.gifts import GiftsTab
from mycelix_studio.ui.pages.strategies.page import StrategiesPage
from mycelix_studio.ui.pages.strategies.selection import choose_songs
from mycelix_studio.ui.pages.strategies.terms import TermsTab
from mycelix_studio.ui.pages.wallet.page import WalletPage
from mycelix_studio.ui.widgets.buttons import GAP, IconButton
from mycelix_studio.ui.widgets.chips import chip_width
from mycelix_studio.ui.widgets.dialog import Dialog
from mycelix_studio.ui.widgets.states import Empty
from mycelix_studio.ui.widgets.toasts import Message
from tests.fixtures.songs import Songs, prepare
from tests.fixtures.ways import Ways, settle_in, songs_of
from tests.ui.fit import cut
from tests.ui.tour import Tour
from tests.unit.store.feeds import SONGS, payment, plays

Until = Callable[[Callable[[], bool]], None]


@pytest.fixture(params=[100, 150])
def percent(request: pytest.FixtureRequest, window: App, until: Until) -> int:
    """The size of text in force, of a window of the designed size."""
    window.window.resize(1440, 900)
    window.studio.settings.set(TEXT_SCALE, request.param)
    until(lambda: paint.scaled(100) == request.param)
    return int(request.param)


def test_an_icon_button_stays_a_square_around_its_icon(window: App, percent: int) -> None:
    button = IconButton("ph.x", "Close", window.look.theme, parent=window.window)
    button.show()
    side = 28 * percent // 100
    assert (button.width(), button.height(), button.iconSize().height()) == (side, side, 16 * percent // 100)
    button.deleteLater()


def test_signs_of_the_status_bar_keep_room_before_their_words(window: App, percent: int) -> None:
    bar = window.window.bar
    bar.network.show_words("Gnosis", "ph.circle-fill", "ok")
    for item, side in ((bar.network, 9), (bar.as_of, 16), (bar.outbox, 16), (bar.keys, 16)):
        height = side * percent // 100
        assert (item.iconSize().width(), item.iconSize().height()) == (height + GAP, height)


def test_the_buttons_of_the_player_are_squares(window: App, percent: int, until: Until) -> None:
    window.window.go("library")
    page = window.window.page("library")
    assert isinstance(page, LibraryPage)
    side = 28 * percent // 100
    inspector = page.view.inspector
    inspector.show()
    for button in (inspector.before, inspector.play, inspector.after):
        assert button.sizeHint().toTuple() == (side, side)
        until(lambda button=button: button.size().toTuple() == (side, side))  # type: ignore[misc]


def test_icons_beside_words_grow_with_them(window: App, percent: int) -> None:
    words = paint.width_of("Paused", paint.font(11, 500))
    assert chip_width("Paused", "ph.pause") == pytest.approx(words + 16 + 13 * percent // 100 + 3)


def test_the_words_of_a_filter_begin_beside_its_icon(window: App, percent: int) -> None:
    window.window.go("library")
    page = window.window.page("library")
    assert isinstance(page, LibraryPage)
    field = page.view.filter
    icon = field.findChild(Icon)
    assert icon is not None
    assert field.textMargins().left() == icon.width() + 6 == 14 * percent // 100 + 6


def test_the_words_of_a_toast_have_room(window: App, percent: int, until: Until) -> None:
    toasts = window.window.toasts
    toasts.show(Message("7 files saved", "The sound is unchanged in all of them.", "ok", "Undo", lambda: None))
    (toast,) = toasts.shown
    until(lambda: all(label.height() >= label.heightForWidth(label.width()) for label in toast.findChildren(QLabel)))
    assert toast.width() == 400 * percent // 100
    toasts.clear()


def test_a_dialog_grows_up_to_the_window(window: App, percent: int, until: Until) -> None:
    for wanted, shown in ((520, 520 * percent // 100), (1240, min(1240 * percent // 100, 1440 - 24))):
        dialog = Dialog("Title", "Words", window.look.theme, window.window, width=wanted)
        dialog.show()
        until(lambda dialog=dialog, shown=shown: dialog.width() == shown)  # type: ignore[misc]
        dialog.close()
        dialog.deleteLater()


def test_pages_and_addresses_of_the_sidebar_keep_room(window: App, percent: int) -> None:
    sidebar = window.window.sidebar
    assert {button.height() for button in sidebar.buttons.values()} == {32 * percent // 100}
    assert (sidebar.finder.height(), sidebar.account.height()) == (28 * percent // 100, 44 * percent // 100)
    assert font_of("mono").pixelSize() == 12 * percent // 100


def test_an_empty_page_gets_more_lines_when_text_grows(window: App, until: Until) -> None:
    window.window.go("wallet")
    until(lambda: bool(window.window.page("wallet").findChildren(Empty)))
    for percent in (150, 100):
        window.studio.settings.set(TEXT_SCALE, percent)
        until(lambda percent=percent: paint.scaled(100) == percent)  # type: ignore[misc]
        (empty,) = window.window.page("wallet").findChildren(Empty)
        assert all(label.minimumHeight() == label.heightForWidth(label.width()) for label in empty._words)


def test_the_measure_sees_what_is_cut(window: App) -> None:
    box = QWidget(window.window)
    box.resize(400, 200)
    label, low, button = (
        QLabel("Number in line", box),
        QLabel("Some words that wrap", box),
        QPushButton("Pay everyone", box),
    )
    low.setWordWrap(True)
    label.setFixedSize(label.sizeHint())
    low.setFixedSize(60, low.heightForWidth(60))
    button.setFixedSize(button.sizeHint())
    box.show()
    assert cut(box) == []
    label.setFixedWidth(40)
    low.setFixedHeight(16)
    button.setFixedWidth(50)
    assert [line.split("“")[0] for line in cut(box)] == ["QLabel ", "QLabel ", "QPushButton "]
    box.deleteLater()


# everything ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Songs:
    named = (("flac", "Low Lamp"), ("mp3", "Marigold Static"), ("wav", "Night Ferry"))
    return prepare(tmp_path_factory.mktemp("songs"), [(f"0{n + 1} - {t}", e, t) for n, (e, t) in enumerate(named)])


@pytest.fixture
def furnished(songs: Songs, ways: Ways, sealed: Path, tmp_path: Path) -> Iterator[Studio]:
    """A profile that has something on every page: music, a wallet on a chain, songs that earn every way, a year of figures."""
    studio = songs.fresh(tmp_path / "furnished")
    account = settle_in(studio, ways, sealed)
    now = clock.now()
    listed = songs_of(account.address)
    keys = (*(record.song_id for record in listed), *SONGS)
    paid = tuple(payment(n, now - timedelta(days=n), 10**16 * n + 7, keys[n % 3]) for n in range(1, 80))
    heard = plays([(n, n % 4, n % 8, int((now - timedelta(days=n)).timestamp())) for n in range(1, 200)])
    with studio.database.write() as db:
        synced.begin(db, "http://node", account.address)
        synced.apply(db, wire.SyncPage((*listed, heard, *paid), "c1", False, now))
    yield studio
    studio.close()


@pytest.fixture(params=[100, 125, 150])
def tour(request: pytest.FixtureRequest, furnished: Studio, qapp: QApplication) -> Iterator[Tour]:
    """A walk through a furnished window at each size of text."""
    furnished.settings.set(TEXT_SCALE, request.param)
    app = App(qapp, furnished)
    app.window.set_welcomed()
    app.window.resize(1440, 900)
    app.open()
    app.start()
    yield Tour(app, cut)
    app.close()


@pytest.mark.anvil
def test_nothing_is_cut_on_any_page_or_in_any_dialog(tour: Tour) -> None:
    walk, window = tour, tour.app.window
    seen: set[str] = set()
    for page in walk.pages():
        seen.update(_dialogs(walk, page))
    seen.update(walk.dialog("keys", window.open_keys))
    mending = MendingDialog(window.look)  # it has no parent, so somebody must hold it
    seen.update(walk.dialog("mending", mending.open))
    mending.deleteLater()
    window.open_palette()
    walk.look("palette", window)
    window.palette_frame.hide()
    assert not walk.found, "\n".join(dict.fromkeys(walk.found))
    assert {kind.__name__ for kind in _kinds(Dialog)} - seen == set(), "a dialog nobody looked at: open it below"
    assert "SignDialog" in seen


def _dialogs(walk: Tour, page: Page) -> list[str]:
    """Look at what a page opens; returns the names of the dialogs' classes."""
    extra: list[Callable[[], object]] = []
    match page:
        case LibraryPage():
            page.view.table.selectAll()
            walk.settle()
            walk.look("library, many", walk.app.window)
            page.tools.copy_tags()
            walk.settle()
            tracks = page.library.tracks_of(page.model.ids)
            table = walk.app.studio.paths.cache / "table.csv"
            table.write_text("title,genre\nNight Ferry,Folk\n")
            extra = [
                lambda: CleanOrNot(["Marigold Static", "Night Ferry"], page.theme, page).open(),
                lambda: Conflicts(tracks, page.theme, page).open(),
                partial(page.tools.open_table, table),
            ]
        case StrategiesPage():
            terms, gifts = page.tab("terms"), page.tab("gifts")
            assert isinstance(terms, TermsTab) and isinstance(gifts, GiftsTab)
            page.show_tab("gifts")
            walk.settle()
            seen = walk.dialog("top up", gifts.ask_top_up)
            page.show_tab("terms")
            walk.settle()
            return [
                *seen,
                *walk.dialog("songs", partial(choose_songs, terms._choices, page.theme, page)),
                *walk.commands(),
            ]
        case WalletPage():
            account = page.wallet.current()
            assert account is not None
            file = walk.app.studio.paths.cache / "pay.mycelix-request"
            page.wallet.export_unsigned(page.wallet.prepare_payout(), file)
            of_account = (page._practise, page._passphrase, page._export, page._rename, page._remove)
            extra = [partial(run, account) for run in of_account]
            extra.append(partial(page._show_codes, page.wallet.qr_codes(file)))
            extra.append(lambda: UnlockDialog(account, page._tools, page).open())
        case AnalyticsPage():
            extra = [page.ask_dates, page.ask_filter, page.behind.all_songs]
            assert page.board is not None
            rows = walk.app.studio.analytics.behind(page.board.query.period, Filter()).rows
            extra.append(lambda: PaymentDialog(rows[0], page.theme, page).open())
        case SettingsPage():
            extra = [partial(page._open_link, USAGE)]
    return [*walk.commands(), *(seen for run in extra for seen in walk.dialog("more", run))]


def _kinds(kind: type[QWidget]) -> Iterator[type[QWidget]]:
    """Return the classes that are derived from one, and are not base of others."""
    for derived in kind.__subclasses__():
        yield from _kinds(derived) if derived.__subclasses__() else (derived,)


@pytest.mark.parametrize("percent", [100, 125, 150])
def test_nothing_is_cut_in_an_empty_profile(percent: int, tmp_path: Path, qapp: QApplication) -> None:
    studio = open_studio(Paths.under(tmp_path / "empty"))
    studio.settings.set(TEXT_SCALE, percent)
    app = App(qapp, studio)
    app.open()
    walk = Tour(app, cut)
    walk.settle()
    assert app.window.first_run is not None
    walk.look("welcome", app.window)
    app.window._door("connect")
    assert len(list(walk.pages())) == len(PAGES)
    app.close()
    assert not walk.found, "\n".join(dict.fromkeys(walk.found))
