"""The waveform: what it draws of a sound, and where one lands by mouse and by keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from mycelix_studio.ui.theme import DARK
from mycelix_studio.ui.widgets.waveform import Waveform


@pytest.fixture
def waveform(qtbot: QtBot) -> Waveform:
    """A sound of 100 s whose only peaks are at its first and its last point."""
    made = Waveform(DARK)
    qtbot.addWidget(made)
    made.resize(300, made.height())
    low, high = bytearray(1_000), bytearray(1_000)
    high[0], low[-1] = 127, 128  # 128 is -128
    made.set_outline(bytes(low), bytes(high), 100.0)
    made.show()
    return made


@pytest.mark.parametrize("bars", [1, 7, 100, 999, 5_000])
def test_no_peak_is_lost_however_few_bars_are_drawn(waveform: Waveform, bars: int) -> None:
    drawn = waveform.bars(bars)
    assert len(drawn) == min(bars, 1_000)
    assert (drawn[0][1], drawn[-1][0]) == (127, -128)


def test_a_click_seeks_to_its_place(waveform: Waveform, qtbot: QtBot) -> None:
    with qtbot.waitSignal(waveform.seek) as told:
        qtbot.mouseClick(waveform, Qt.MouseButton.LeftButton, pos=QPoint(75, 10))
    assert told.args == [0.25]


@pytest.mark.parametrize(
    ("key", "place"),
    [(Qt.Key.Key_Left, 0.45), (Qt.Key.Key_Right, 0.55), (Qt.Key.Key_Home, 0.0), (Qt.Key.Key_End, 1.0)],
)
def test_keys_seek_by_five_seconds_and_to_the_ends(waveform: Waveform, qtbot: QtBot, key: Qt.Key, place: float) -> None:
    waveform.set_share(0.5)
    with qtbot.waitSignal(waveform.seek) as told:
        qtbot.keyClick(waveform, key)
    assert told.args == [pytest.approx(place)]


def test_what_was_played_wears_the_accent_and_a_screen_reader_hears_how_far(waveform: Waveform) -> None:
    waveform.set_outline(bytes([129]) * 100, bytes([127]) * 100, 100.0)
    waveform.set_share(0.5)
    picture = waveform.grab().toImage()
    height = picture.height() // 2
    colours = [{picture.pixelColor(x, height).name() for x in part} for part in (range(140), range(160, 300))]
    assert DARK.acc.lower() in colours[0] and DARK.t3.lower() not in colours[0]
    assert DARK.t3.lower() in colours[1] and DARK.acc.lower() not in colours[1]
    assert waveform.accessibleDescription() == "50 %"


def test_nothing_is_sought_in_a_sound_that_is_not_measured_yet(waveform: Waveform, qtbot: QtBot) -> None:
    waveform.set_outline(b"", b"", 100.0)
    with qtbot.assertNotEmitted(waveform.seek):
        qtbot.mouseClick(waveform, Qt.MouseButton.LeftButton, pos=QPoint(75, 10))
        qtbot.keyClick(waveform, Qt.Key.Key_Right)
