from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from mycelix_studio import settings
from mycelix_studio.app import App
from mycelix_studio.errors import Known
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.status import Status
from mycelix_studio.ui.pages import PAGES
from mycelix_studio.ui.pages.base import Command
from mycelix_studio.ui.palette import rank
from mycelix_studio.ui.theme import DARK, LIGHT, Theme
from mycelix_studio.ui.widgets.toasts import Message

ROOT = Path(__file__).resolve().parents[2]
CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QAbstractItemView)


@pytest.mark.parametrize("key", [spec.key for spec in PAGES])
def test_every_control_of_every_page_has_an_accessible_name(window: App, key: str) -> None:
    window.window.go(key)
    page = window.window.page(key)
    nameless = [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for widget in page.findChildren(QWidget)
        if isinstance(widget, CONTROLS) and not widget.accessibleName() and not _inner(widget)
    ]
    assert nameless == [], nameless


def _inner(widget: QWidget) -> bool:
    """Parts Qt makes inside its own controls: editors of spin boxes, the list of a closed combo box, corners."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QComboBox | QAbstractItemView) or type(parent).__name__ == "QComboBoxPrivateContainer":
            return True
        parent = parent.parentWidget()
    return False


def test_every_page_opens_by_its_key(window: App, qtbot: QtBot) -> None:
    for number, spec in enumerate(PAGES, start=1):
        key = Qt.Key.Key_Comma if spec.key == "settings" else Qt.Key(Qt.Key.Key_0 + number)
        qtbot.keyClick(window.window, key, Qt.KeyboardModifier.ControlModifier)
        assert window.window.current is window.window.page(spec.key)
        assert window.window.sidebar.buttons[spec.key].isChecked()


def test_the_theme_follows_the_setting_at_once(window: App, until: Callable[[Callable[[], bool]], None]) -> None:
    window.studio.settings.set(settings.THEME, "light")
    until(lambda: window.look.theme is LIGHT)
    window.studio.settings.set(settings.THEME, "dark")
    until(lambda: window.look.theme is DARK)


def test_status_shows_network_as_of_signatures_and_outbox(window: App) -> None:
    moment = datetime(2026, 6, 14, 14, 32, tzinfo=UTC)
    window.window.show_status(Status("Gnosis", 46_318_204, True, moment, under_way=2, outbox=3, uploads=4))
    bar = window.window.bar
    assert "46,318,204" in bar.network.text()
    assert "14 Jun 2026" in bar.as_of.text()
    assert bar.wallet.text() == "2 signatures under way"
    assert bar.outbox.text() == "3 in the outbox"


def test_a_narrow_window_keeps_icons_and_drops_words(window: App) -> None:
    window.window.resize(1024, 680)
    assert window.window.sidebar.width() == 56
    assert window.window.sidebar.buttons["library"].toolTip() == "Library"
    window.window.resize(1440, 900)
    assert window.window.sidebar.width() == 208


def test_the_palette_finds_and_does(window: App, qtbot: QtBot) -> None:
    window.window.open_palette()
    frame = window.window.palette_frame
    qtbot.keyClicks(frame.field, "go sett")
    qtbot.keyClick(frame.field, Qt.Key.Key_Return)
    assert window.window.current is window.window.page("settings")
    assert not frame.isVisible()


def test_the_palette_says_when_nothing_fits_and_esc_closes_it(window: App, qtbot: QtBot) -> None:
    window.window.open_palette()
    frame = window.window.palette_frame
    qtbot.keyClicks(frame.field, "zzz")
    assert frame.nothing.isVisible()
    qtbot.keyClick(frame.field, Qt.Key.Key_Escape)
    assert not frame.isVisible()


def test_a_command_fits_by_the_beginnings_of_its_words() -> None:
    change = Command("Change price of songs", lambda: None, where="Strategies")
    assert rank("pri son", change) is not None
    assert rank("strat", change) is not None
    assert rank("refund", change) is None
    begins, inside = rank("pr", change), rank("ice", change)
    assert begins is not None and inside is not None and begins < inside


def test_a_job_that_fails_says_what_happened_and_what_to_do(
    window: App, until: Callable[[Callable[[], bool]], None]
) -> None:
    def fail(work: Work) -> None:
        raise Known("Could not save “Low Lamp.flac”", "The disk is full.", "Free 42 MB.")

    window.bridge.run(Lane.IO, fail, name="fails")
    until(lambda: bool(window.window.toasts.shown))
    message = window.window.toasts.shown[0].message
    assert (message.title, message.words, message.tone) == (
        "Could not save “Low Lamp.flac”",
        "The disk is full. Free 42 MB.",
        "bad",
    )


def test_toasts_stack_replace_the_same_title_and_close(window: App) -> None:
    toasts = window.window.toasts
    for words in ("one", "two"):
        toasts.show(Message("Saved", words))
    assert [toast.message.words for toast in toasts.shown] == ["two"]
    toasts.shown[0].dismiss()
    assert toasts.shown == []


def test_size_and_place_of_the_window_are_remembered(window: App) -> None:
    window.window.resize(1200, 700)
    window.window.close()
    assert "geometry" in (window.studio.paths.config / "window.ini").read_text()


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_text_keeps_its_contrast_on_every_ground(theme: Theme) -> None:
    for ground in (theme.bg0, theme.bg1, theme.bg2, theme.bg3):
        for token, least in (
            ("t1", 12),
            ("t2", 7),
            ("t3", 5),
            ("acc", 5),
            ("ok", 4.5),
            ("warn", 4.5),
            ("bad", 4.5),
            ("info", 4.5),
        ):
            assert _contrast(getattr(theme, token), ground) >= least, (token, ground)
        for token in ("stream", "gift", "patronage", "auction", "ctl"):
            assert _contrast(getattr(theme, token), ground) >= 3, (token, ground)
    assert _contrast(theme.on_acc, theme.acc) >= 6
    assert _contrast(theme.t3, theme.sel) >= 4.5
    for state in ("ok", "warn", "bad", "info"):
        assert _contrast(getattr(theme, state), getattr(theme, f"{state}_ground")) >= 4.5


def _contrast(first: str, second: str) -> float:
    """WCAG 2.2 contrast ratio."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_icon_named_in_the_code_is_in_the_font() -> None:
    import qtawesome

    fonts = Path(qtawesome.__file__).parent / "fonts"
    known = set(json.loads(next(fonts.glob("phosphor-charmap*.json")).read_text()))
    named = {
        name
        for folder in ("ui", "domain", "services")
        for path in (ROOT / "mycelix_studio" / folder).rglob("*.py")
        for name in re.findall(r'"ph\.([a-z0-9-]+)"', path.read_text())
    }
    assert named - known == set()
