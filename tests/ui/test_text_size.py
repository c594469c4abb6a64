"""What holds text grows with it: at 150 % nothing is cut and nothing lies beside its row."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QLabel

from mycelix_studio.app import App
from mycelix_studio.settings import TEXT_SCALE
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.labels import Icon
from mycelix_studio.ui.pages.library.page import LibraryPage
from mycelix_studio.ui.widgets.buttons import GAP, IconButton
from mycelix_studio.ui.widgets.chips import chip_width
from mycelix_studio.ui.widgets.dialog import Dialog
from mycelix_studio.ui.widgets.toasts import Message

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
