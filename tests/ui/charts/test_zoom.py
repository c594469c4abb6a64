"""The pyramid shows every extreme of every column, and the zoomable plot stays within its series."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from mycelix_studio.ui.charts.pyramid import Pyramid
from mycelix_studio.ui.charts.zoom import ZoomPlot
from mycelix_studio.ui.theme import LIGHT


@given(st.integers(1, 40_000), st.integers(0, 2**32 - 1), st.floats(0, 1), st.floats(0.001, 1), st.integers(1, 900))
def test_columns_hold_every_point_within_them_and_little_more(
    size: int, seed: int, start: float, share: float, count: int
) -> None:
    values = np.random.default_rng(seed).normal(size=size)
    pyramid = Pyramid(values)
    first = start * (size - 1)
    last = first + max(share * (size - 1), 1.0)
    columns = pyramid.columns(first, last, count)
    step = (last - first) / count
    slack = 2 * step + 2
    for column in range(0, count, max(count // 7, 1)):
        left, right = first + column * step, first + (column + 1) * step
        inner = values[max(int(np.ceil(left)), 0) : int(np.floor(right)) + 1]
        if len(inner):
            assert columns.low[column] <= inner.min() and columns.high[column] >= inner.max()
        around = values[max(int(left - slack), 0) : int(right + slack) + 1]
        if len(around) and not np.isnan(columns.low[column]):
            assert columns.low[column] >= around.min() and columns.high[column] <= around.max()


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=5000))
def test_bounds_of_the_whole_are_the_extremes(values: list[int]) -> None:
    pyramid = Pyramid(values)
    assert pyramid.bounds(0, len(values) - 1) == (min(values), max(values))


def test_missing_values_are_left_out_of_the_extremes() -> None:
    values = np.array([1.0, np.nan, 3.0] * 2000)
    assert Pyramid(values).bounds(0, 5999) == (1.0, 3.0)


def test_a_series_has_one_dimension() -> None:
    with pytest.raises(ValueError, match="one dimension"):
        Pyramid(np.zeros((2, 2)))


@pytest.fixture
def plot(qtbot) -> ZoomPlot:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(600, 200)
    made = ZoomPlot("Plays an hour", np.arange(100_000) % 977, area=True)
    made.setParent(host)
    made.setGeometry(0, 0, 600, 200)
    host.show()
    made.host = host  # keeps it alive
    return made


def test_keys_zoom_and_pan_within_the_series(plot: ZoomPlot) -> None:
    QTest.keyClick(plot, Qt.Key.Key_Plus)
    assert plot.last - plot.first == pytest.approx(49_999.5)
    for _ in range(30):
        QTest.keyClick(plot, Qt.Key.Key_Right)
    assert plot.last == 99_999
    for _ in range(30):
        QTest.keyClick(plot, Qt.Key.Key_Plus)
    assert plot.last - plot.first == 8
    assert "of 100,000" in plot.accessibleDescription().replace("100000", "100,000")
    QTest.keyClick(plot, Qt.Key.Key_Home)
    assert (plot.first, plot.last) == (0, 99_999)


def test_it_paints_columns_points_lines_and_themes(plot: ZoomPlot) -> None:
    far = plot.grab().toImage()
    plot.set_view(500, 560)
    near = plot.grab().toImage()
    plot.area = False
    line = plot.grab().toImage()
    plot.set_theme(LIGHT)
    assert len({far.cacheKey(), near.cacheKey()}) == 2 and far != near != line != plot.grab().toImage()


def test_an_area_is_filled_from_its_line_to_the_ground(plot: ZoomPlot) -> None:
    image = plot.grab().toImage()
    area = plot.plot_area()
    low = image.pixelColor(int(area.center().x()), int(area.bottom()) - 3)
    assert low.green() > low.blue() + 20


def test_dragging_moves_what_is_shown(plot: ZoomPlot) -> None:
    plot.set_view(1000, 2000)
    moves: list[tuple[float, float]] = []
    plot.view_changed.connect(lambda first, last: moves.append((first, last)))
    spot = plot.plot_area().center().toPoint()
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=spot)
    QTest.mouseMove(plot, spot - spot.__class__(100, 0))
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=spot)
    assert moves and moves[-1][0] > 1000 and moves[-1][1] - moves[-1][0] == pytest.approx(1000)
