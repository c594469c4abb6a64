"""Pan and zoom of a line and an area of a million points, against pyqtgraph's own downsampling and QtCharts."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator

from tests.bench.rows import Row

WIDTH, HEIGHT = 1200, 360


def run(*, large: bool, seed: int) -> Iterator[Row]:
    """Measure frames of the same journey: from everything into the middle, along it, and out again."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import numpy as np
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication([])
    count = 10_000_000 if large else 1_000_000
    values = np.abs(np.random.default_rng(seed).normal(size=count).cumsum()) + 10
    views = list(_journey(count))
    line, line_all = _own(values, views, area=False)
    area, _area_all = _own(values, views, area=True)
    peer_line, peer_area = (_pyqtgraph(values, views, area=area_) for area_ in (False, True))
    charts = _qtcharts(values, views[:: len(views) // 4])
    del app
    yield Row("line, a frame", line, "ms", 4.0, "<=")
    yield Row("area, a frame", area, "ms", 8.0, "<=")
    yield Row("line, 99 of 100 frames", float(np.percentile(line_all, 99)), "ms", 16.7, "<=")
    yield Row("line against downsampling", peer_line / line, "x", 2.0, ">=", "pyqtgraph")
    yield Row("area against downsampling", peer_area / area, "x", 2.0, ">=", "pyqtgraph")
    yield Row("line against a series", charts / line, "x", 100.0, ">=", "QtCharts")
    yield Row("pyqtgraph line, a frame", peer_line, "ms")
    yield Row("pyqtgraph area, a frame", peer_area, "ms")
    yield Row("QtCharts line, a frame", charts, "ms")


def _journey(count: int) -> Iterator[tuple[float, float]]:
    for step in range(60):
        span = count * 0.9**step
        yield count / 2 - span / 2, count / 2 + span / 2
    for step in range(60):
        yield count * (0.2 + step / 150), count * (0.4 + step / 150)


def _timed(views: list[tuple[float, float]], show: Callable[[float, float], None]) -> list[float]:
    found = []
    for first, last in views:
        start = time.perf_counter()
        show(first, last)
        found.append((time.perf_counter() - start) * 1000)
    return found


def _own(values: object, views: list[tuple[float, float]], *, area: bool) -> tuple[float, list[float]]:
    from PySide6.QtGui import QPixmap

    from mycelix_studio.ui.charts.zoom import ZoomPlot

    plot = ZoomPlot("bench", values, area=area)
    plot.resize(WIDTH, HEIGHT)
    target = QPixmap(WIDTH, HEIGHT)

    def show(first: float, last: float) -> None:
        plot.set_view(first, last)
        plot.render(target)

    found = _timed(views, show)
    return statistics.median(found), found


def _pyqtgraph(values: object, views: list[tuple[float, float]], *, area: bool) -> float:
    import pyqtgraph
    from PySide6.QtGui import QPainter, QPixmap

    plot = pyqtgraph.PlotWidget()
    plot.resize(WIDTH, HEIGHT)
    options = {"fillLevel": 0, "brush": "g"} if area else {}
    plot.plot(values, pen="g", **options)
    plot.setDownsampling(auto=True, mode="peak")
    plot.setClipToView(True)
    target = QPixmap(WIDTH, HEIGHT)

    def show(first: float, last: float) -> None:
        plot.setXRange(first, last, padding=0)
        painter = QPainter(target)
        plot.render(painter)
        painter.end()

    found = statistics.median(_timed(views, show))
    plot.close()
    return found


def _qtcharts(values: object, views: list[tuple[float, float]]) -> float:
    import numpy as np
    from PySide6.QtCharts import QChart, QChartView, QLineSeries, QValueAxis
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QPainter, QPixmap

    series = QLineSeries()
    numbers = np.asarray(values, dtype=np.float64)
    series.appendNp(np.arange(len(numbers), dtype=np.float64), numbers)
    chart = QChart()
    chart.addSeries(series)
    across, up = QValueAxis(), QValueAxis()
    up.setRange(0, float(numbers.max()))
    chart.addAxis(across, Qt.AlignmentFlag.AlignBottom)
    chart.addAxis(up, Qt.AlignmentFlag.AlignLeft)
    series.attachAxis(across)
    series.attachAxis(up)
    view = QChartView(chart)
    view.resize(WIDTH, HEIGHT)
    target = QPixmap(WIDTH, HEIGHT)

    def show(first: float, last: float) -> None:
        across.setRange(first, last)
        painter = QPainter(target)
        view.render(painter)
        painter.end()

    return statistics.median(_timed(views, show))
