"""The waveform: what it draws of a sound at any zoom, and where one lands by mouse and by keys."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.charts.pyramid import Pyramid
from mycelix_studio.ui.theme import DARK, LIGHT, Theme
from mycelix_studio.ui.widgets.waveform import BAR, FINEST, GAP, HEIGHT, OutlinePoints, PyramidPoints, Waveform

WIDTH = 300
BARS = WIDTH // (BAR + GAP)


def _host(qtbot: QtBot, theme: Theme = DARK) -> Waveform:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(WIDTH, 120)
    made = Waveform(theme)
    made.setParent(host)
    made.setGeometry(0, 0, WIDTH, made.height())
    host.show()
    made.host = host  # type: ignore[attr-defined]  # keeps it alive
    return made


@pytest.fixture
def waveform(qtbot: QtBot) -> Waveform:
    """A sound of 100 s whose only peaks are at its first and its last point."""
    made = _host(qtbot)
    low, high = bytearray(1_000), bytearray(1_000)
    high[0], low[-1] = 127, 128  # 128 is -128
    made.set_outline(bytes(low), bytes(high), 100.0)
    return made


def _noise(seconds: float, seed: int = 5) -> tuple[Pyramid, np.ndarray, np.ndarray]:
    """Return a pyramid of a point a millisecond, with its points."""
    draw = np.random.default_rng(seed)
    high = draw.integers(0, 128, int(seconds * 1_000), dtype=np.int8)
    low = -draw.integers(0, 128, len(high), dtype=np.int8)
    return Pyramid(low, high), low, high


@pytest.fixture
def close(waveform: Waveform) -> tuple[Waveform, np.ndarray, np.ndarray]:
    """The same 100 s of noise to the millisecond."""
    pyramid, low, high = _noise(100)
    waveform.set_fine(pyramid, 0.001)
    return waveform, low, high


def _wheel(
    target: QWidget, x: float, y: int = 0, sideways: int = 0, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    event = QWheelEvent(
        QPointF(x, 20), QPointF(x, 20), QPoint(), QPoint(sideways, y), Qt.MouseButton.NoButton, keys,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(target, event)


# What is drawn ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 7, 100, 999, 5_000])
def test_no_peak_of_an_outline_is_lost_however_few_bars_are_drawn(count: int) -> None:
    low, high = bytearray(1_000), bytearray(1_000)
    high[0], low[-1] = 127, 128
    drawn = OutlinePoints(bytes(low), bytes(high), 100.0).bars(0.0, 100.0 / count, count)
    assert drawn[0] is not None and drawn[-1] is not None and (drawn[0][1], drawn[-1][0]) == (127, -128)
    assert OutlinePoints(bytes(low), bytes(high), 100.0).bars(100.0, 1.0, 2) == [None, None]


@pytest.mark.parametrize("span", [(0.0, 100.0), (3.217, 41.5), (50.0, 51.0), (99.9, 100.0)])
def test_a_bar_holds_every_extreme_of_its_stretch_and_little_more(
    close: tuple[Waveform, np.ndarray, np.ndarray], span: tuple[float, float]
) -> None:
    waveform, low, high = close
    waveform.span.show(*span)
    width = waveform.span.width * (BAR + GAP) / WIDTH
    number = int(waveform.span.first / width + 1e-9)
    bars = waveform.bars()
    assert len(bars) >= BARS
    for place, (_x, least, most) in enumerate(bars[:BARS], number):
        start, end = place * width * 1_000, (place + 1) * width * 1_000
        inner = slice(max(0, round(start + 0.499)), max(round(start + 0.499) + 1, round(end - 0.499)))
        assert least <= low[inner].min() and most >= high[inner].max()
        around = slice(max(0, int(start - width * 500) - 1), int(end + width * 500) + 2)
        assert least >= low[around].min() and most <= high[around].max()


def test_at_the_closest_a_bar_is_a_millisecond(close: tuple[Waveform, np.ndarray, np.ndarray]) -> None:
    waveform, low, high = close
    waveform.set_place(40.0)
    for _ in range(20):
        waveform.zoom_in()
    assert waveform.span.width == pytest.approx(BARS * FINEST)
    waveform.span.show(40.0, 40.1)
    drawn = [(least, most) for _x, least, most in waveform.bars()]
    expected = list(zip(low[40_000:40_100].tolist(), high[40_000:40_100].tolist(), strict=True))
    assert [pair for pair in expected if pair not in drawn] == []


def test_bars_stand_at_the_same_places_of_the_sound_while_the_view_moves(
    close: tuple[Waveform, np.ndarray, np.ndarray],
) -> None:
    waveform, _low, _high = close
    waveform.span.show(20.0, 30.0)
    before = {(least, most) for _x, least, most in waveform.bars()[1:-1]}
    waveform.span.pan(0.137)
    after = {(least, most) for _x, least, most in waveform.bars()[1:-1]}
    assert len(before & after) > 0.8 * len(before)


def test_what_was_played_wears_the_accent(waveform: Waveform) -> None:
    waveform.set_outline(bytes([129]) * 100, bytes([127]) * 100, 100.0)
    waveform.set_place(50.0)
    picture = waveform.grab().toImage()
    height = picture.height() // 2
    colours = [{picture.pixelColor(x, height).name() for x in part} for part in (range(140), range(160, 300))]
    assert DARK.acc.lower() in colours[0] and DARK.t3.lower() not in colours[0]
    assert DARK.t3.lower() in colours[1] and DARK.acc.lower() not in colours[1]


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_the_ends_of_the_view_are_written_below_it_at_any_size_of_text(qtbot: QtBot, theme: Theme) -> None:
    waveform = _host(qtbot, theme)
    waveform.set_outline(bytes([129]) * 100, bytes([127]) * 100, 3_725.0)
    assert waveform.height() == HEIGHT
    waveform.zoom_in()
    heights = []
    for percent in (100, 150):
        paint.set_text_percent(percent)
        waveform.set_theme(theme)
        picture = waveform.grab().toImage()
        ground = picture.pixelColor(waveform.slider.x() + 1, waveform.height() - 1).name()
        rows = range(HEIGHT, waveform.height())
        inked = [y for y in rows if any(picture.pixelColor(x, y).name() != ground for x in range(waveform.slider.x()))]
        heights.append(len(inked))
        assert inked[0] > HEIGHT and inked[-1] < waveform.height() - 1, "nothing is cut off"
        assert waveform.slider.width() > 80
    assert heights[1] > heights[0] > 5


def test_painting_costs_the_same_however_long_the_sound_is(qtbot: QtBot) -> None:
    """Three hours and three minutes at every zoom: sixty times the length may not even cost three times as much."""
    waveform = _host(qtbot)

    def cost(seconds: float) -> float:
        pyramid = _noise(seconds)[0]
        waveform.set_outline(b"\0" * 2_000, b"\0" * 2_000, seconds)
        waveform.set_fine(pyramid, 0.001)
        best = []
        for share in (1.0, 0.3, 0.01, 0.0001):
            waveform.span.show(seconds * 0.4, seconds * (0.4 + share))
            runs = []
            for _ in range(15):
                start = time.perf_counter()
                waveform.bars()
                runs.append(time.perf_counter() - start)
            best.append(min(runs))
        return sum(best)

    assert cost(3 * 3_600) < 3 * cost(180)


# Where one lands ----------------------------------------------------------------------------------------------------------


def test_a_click_seeks_to_its_place_at_any_zoom(waveform: Waveform, qtbot: QtBot) -> None:
    with qtbot.waitSignal(waveform.seek) as told:
        qtbot.mouseClick(waveform, Qt.MouseButton.LeftButton, pos=QPoint(75, 10))
    assert told.args == [25.0]
    waveform.span.show(40.0, 41.0)
    with qtbot.waitSignal(waveform.seek) as told:
        qtbot.mouseClick(waveform, Qt.MouseButton.LeftButton, pos=QPoint(75, 10))
    assert told.args == [pytest.approx(40.25)]


def test_dragging_takes_the_place_along_and_seeks_when_it_is_let_go(waveform: Waveform, qtbot: QtBot) -> None:
    pointed: list[float] = []
    waveform.pointed.connect(pointed.append)
    with qtbot.assertNotEmitted(waveform.seek):
        QTest.mousePress(waveform, Qt.MouseButton.LeftButton, pos=QPoint(75, 10))
        QTest.mouseMove(waveform, QPoint(150, 10))
        waveform.set_place(3.0)  # what still plays does not pull it away
    assert pointed[-1] == waveform.place == 50.0
    with qtbot.waitSignal(waveform.seek) as told:
        QTest.mouseRelease(waveform, Qt.MouseButton.LeftButton, pos=QPoint(999, 10))
    assert told.args == [100.0]


@pytest.mark.parametrize(
    ("key", "place"),
    [(Qt.Key.Key_Left, 45.0), (Qt.Key.Key_Right, 55.0), (Qt.Key.Key_Home, 0.0), (Qt.Key.Key_End, 100.0)],
)
def test_keys_seek_by_five_seconds_and_to_the_ends(waveform: Waveform, qtbot: QtBot, key: Qt.Key, place: float) -> None:
    waveform.set_place(50.0)
    with qtbot.waitSignal(waveform.seek) as told:
        qtbot.keyClick(waveform, key)
    assert told.args == [pytest.approx(place)]


def test_keys_seek_by_milliseconds_where_one_looks_at_them(waveform: Waveform, qtbot: QtBot) -> None:
    waveform.set_place(50.0)
    for _ in range(15):
        qtbot.keyClick(waveform, Qt.Key.Key_Plus)
    with qtbot.waitSignal(waveform.seek) as told:
        qtbot.keyClick(waveform, Qt.Key.Key_Right)
    assert told.args == [pytest.approx(50.005)]
    qtbot.keyClick(waveform, Qt.Key.Key_End)
    assert waveform.span.holds(100.0), "a place that is sought is seen"


# Zooming and moving -------------------------------------------------------------------------------------------------------


def test_keys_zoom_around_the_place_and_show_the_whole_again(waveform: Waveform, qtbot: QtBot) -> None:
    waveform.set_place(20.0)
    qtbot.keyClick(waveform, Qt.Key.Key_Plus)
    assert (waveform.span.first, waveform.span.last) == (10.0, 60.0)
    qtbot.keyClick(waveform, Qt.Key.Key_Equal)
    assert waveform.span.width == 25.0 and waveform.span.holds(20.0)
    qtbot.keyClick(waveform, Qt.Key.Key_Minus)
    assert waveform.span.width == 50.0
    qtbot.keyClick(waveform, Qt.Key.Key_PageDown)
    assert (waveform.span.first, waveform.span.last) == (50.0, 100.0)
    qtbot.keyClick(waveform, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert waveform.span.first == 45.0 and waveform.place == 20.0
    qtbot.keyClick(waveform, Qt.Key.Key_Plus)
    assert (waveform.span.first, waveform.span.last) == (57.5, 82.5), "around the middle where the place is out of view"
    qtbot.keyClick(waveform, Qt.Key.Key_0)
    assert waveform.span.whole and waveform.slider.isHidden()


def test_the_wheel_zooms_around_the_pointer_and_moves_with_shift_or_sideways(waveform: Waveform) -> None:
    _wheel(waveform, 225, 120)
    assert (waveform.span.first, waveform.span.last) == (pytest.approx(15.0), pytest.approx(95.0))
    _wheel(waveform, 225, -120, keys=Qt.KeyboardModifier.ShiftModifier)
    assert waveform.span.last == 100.0 and waveform.span.width == pytest.approx(80.0)
    _wheel(waveform, 225, sideways=120)
    assert waveform.span.first == pytest.approx(12.0)
    for _ in range(80):
        _wheel(waveform, 0, -120)
    assert waveform.span.whole


def test_a_pinch_zooms_around_its_middle(waveform: Waveform) -> None:
    pad = QPointingDevice.primaryPointingDevice()
    where = QPointF(150, 20)
    for value in (0.25, -0.2):
        event = QNativeGestureEvent(
            Qt.NativeGestureType.ZoomNativeGesture, pad, 2, where, where, where, value, QPointF(), 1
        )
        QApplication.sendEvent(waveform, event)
        if value > 0:
            assert (waveform.span.first, waveform.span.last) == (pytest.approx(10.0), pytest.approx(90.0))
    assert waveform.span.whole


def test_the_slider_and_the_menu_do_the_same(waveform: Waveform, qtbot: QtBot) -> None:
    menu = waveform.menu()
    assert [action.isEnabled() for action in menu.actions()] == [True, False, False]
    menu.actions()[0].trigger()
    assert waveform.slider.isVisible() and waveform.slider.accessibleName()
    waveform.slider.setValue(30_000)
    assert (waveform.span.first, waveform.span.last) == (30.0, 80.0)
    assert waveform.slider.value() == 30_000 and waveform.slider.maximum() == 50_000
    again = waveform.menu()
    assert [action.isEnabled() for action in again.actions()] == [True, True, True]
    again.actions()[2].trigger()
    assert waveform.span.whole
    assert {action.text().partition("\t")[2] for action in again.actions()} == {"+", "-", "0"}


def test_the_place_is_kept_in_view_while_it_plays_unless_one_looks_elsewhere(waveform: Waveform) -> None:
    waveform.span.show(10.0, 20.0)
    waveform.set_place(19.9)
    waveform.set_place(20.1)
    assert (waveform.span.first, waveform.span.last) == (pytest.approx(19.6), pytest.approx(29.6))
    waveform.span.show(60.0, 70.0)
    waveform.set_place(20.3)
    assert waveform.span.first == 60.0
    waveform.reveal()
    assert waveform.span.holds(20.3)


def test_finer_points_are_asked_for_when_one_looks_closer_and_another_track_is_shown_whole(
    waveform: Waveform, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(waveform.closer):
        qtbot.keyClick(waveform, Qt.Key.Key_Plus)
    waveform.set_fine(_noise(100)[0], 0.001)
    with qtbot.assertNotEmitted(waveform.closer):
        qtbot.keyClick(waveform, Qt.Key.Key_Plus)
    assert isinstance(waveform._points, PyramidPoints)
    with qtbot.waitSignal(waveform.closer):  # measured anew, for tags were saved
        waveform.set_outline(bytes(10), bytes(10), 100.0, same_track=True)
    assert waveform.span.width == 25.0
    waveform.set_outline(bytes(10), bytes(10), 60.0)
    assert waveform.span.whole and waveform.place == 0.0 and waveform.span.end == 60.0


def test_a_screen_reader_hears_the_place_and_what_is_shown(waveform: Waveform) -> None:
    waveform.set_place(50.0)
    assert waveform.accessibleDescription() == "0:50 of 1:40"
    waveform.zoom_in()
    assert waveform.accessibleDescription() == "0:50 of 1:40. Shows 0:25.000 to 1:15.000"


def test_nothing_is_sought_or_zoomed_in_a_sound_that_is_not_measured_yet(waveform: Waveform, qtbot: QtBot) -> None:
    waveform.set_outline(b"", b"", 100.0)
    with qtbot.assertNotEmitted(waveform.seek):
        qtbot.mouseClick(waveform, Qt.MouseButton.LeftButton, pos=QPoint(75, 10))
        qtbot.keyClick(waveform, Qt.Key.Key_Right)
        qtbot.keyClick(waveform, Qt.Key.Key_Plus)
    assert waveform.span.whole and not waveform.measured and waveform.accessibleDescription() == ""
    assert [action.isEnabled() for action in waveform.menu().actions()] == [False, False, False]


def test_the_ring_is_drawn_when_the_focus_came_by_keyboard(waveform: Waveform, qtbot: QtBot) -> None:
    def corner() -> str:
        return waveform.grab().toImage().pixelColor(0, 0).name()

    waveform.setFocus(Qt.FocusReason.MouseFocusReason)
    assert corner() != DARK.focus.lower()
    waveform.clearFocus()
    waveform.setFocus(Qt.FocusReason.TabFocusReason)
    assert waveform.focusPolicy() & Qt.FocusPolicy.TabFocus and corner() == DARK.focus.lower()
