"""Charts as a person uses them: keys, pointer, colours, states, table twin, export."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from mycelix_studio.errors import Known
from mycelix_studio.ui import glyphs
from mycelix_studio.ui.charts import gallery, paint
from mycelix_studio.ui.charts.area import StackedArea
from mycelix_studio.ui.charts.base import Chart
from mycelix_studio.ui.charts.data import PLAYS, ChartData, Point, Series, Unit, UnitKind
from mycelix_studio.ui.charts.donut import Donut
from mycelix_studio.ui.charts.line import LineChart
from mycelix_studio.ui.charts.panel import ChartPanel
from mycelix_studio.ui.charts.stat_card import Figure, StatCard
from mycelix_studio.ui.theme import DARK, LIGHT


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[object]:
    hosts: list[QWidget] = []

    def showing(widget: QWidget, width: int = 700, height: int = 300) -> QWidget:
        host = QWidget()  # a window without a least size: the offscreen platform warns of those
        qtbot.addWidget(host)
        host.resize(width, height)
        widget.setParent(host)
        widget.setGeometry(0, 0, width, height)
        host.show()
        hosts.append(host)
        return widget

    return showing


def colours(image: QImage) -> set[str]:
    step = 3
    return {
        image.pixelColor(x, y).name() for x in range(0, image.width(), step) for y in range(0, image.height(), step)
    }


@pytest.mark.parametrize(("name", "make", "kind"), [(n, m, k) for n, m, k, _l in gallery.KINDS])
def test_every_chart_paints_in_every_state_and_both_themes(show, qtbot, name, make, kind) -> None:
    chart: Chart = show(kind(make(), DARK), 520, 240)
    ready = chart.grab().toImage()
    assert len(colours(ready)) > 4, name
    chart.set_theme(LIGHT)
    assert chart.grab().toImage() != ready
    chart.set_empty("Nothing yet.")
    empty = chart.grab().toImage()
    chart.set_error("It broke. Your data is safe.")
    assert chart.grab().toImage() != empty != ready
    assert "It broke" in chart.accessibleDescription()
    chart.set_loading()
    qtbot.waitUntil(lambda: QColor(LIGHT.bg3).name() in colours(chart.grab().toImage()), timeout=2000)
    chart.set_data(make())
    assert chart.accessibleName() == make().title and chart.accessibleDescription() == chart.summary()
    for index in range(len(chart.data.points)):
        chart.set_cursor(index)
        chart.grab()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float]]:
    """Name and height of every icon that is drawn."""
    found: list[tuple[str, float]] = []
    real = glyphs.draw

    def draw(painter: QPainter, name: str, rect: QRectF, tint: QColor, scale: float = 1.0) -> None:
        assert rect.width() == rect.height()
        found.append((name, rect.height()))
        real(painter, name, rect, tint, scale)

    monkeypatch.setattr(glyphs, "draw", draw)
    return found


@pytest.mark.parametrize(("name", "make", "kind"), [(n, m, k) for n, m, k, _l in gallery.KINDS])
def test_icons_grow_with_the_text_in_every_state(show, drawn, name, make, kind) -> None:
    sizes = []
    for percent in (100, 150):
        paint.set_text_percent(percent)
        drawn.clear()
        panel: ChartPanel = show(ChartPanel(kind(make(), DARK), legend=True), 900, 480)
        panel.chart.set_cursor(len(panel.chart.data.points) - 1)
        panel.grab()
        assert panel.table_button.iconSize().height() == 16 * percent // 100
        panel.chart.set_error("It broke.")
        panel.grab()
        sizes.append(dict(drawn))
    small, large = sizes
    assert small["ph.warning"] == 28 and large["ph.warning"] == 42
    assert small.keys() == large.keys()
    for glyph, size in small.items():
        assert abs(large[glyph] - size * 1.5) <= 1, (glyph, size, large[glyph])


def test_the_arrow_of_a_card_and_the_words_after_it_grow_with_the_text(show, drawn) -> None:
    card = StatCard(Figure("Plays", PLAYS, 120, 100), DARK)
    show(card, 260, 140)
    for percent, size in ((100, 12), (150, 18)):
        paint.set_text_percent(percent)
        drawn.clear()
        card.set_theme(DARK)
        card.grab()
        assert drawn == [("ph.arrow-up-right", size)]


@pytest.mark.parametrize("percent", [100, 125, 150])
def test_every_row_of_a_ring_has_room_in_the_least_card(show, drawn, percent: int) -> None:
    paint.set_text_percent(percent)
    chart: Donut = show(Donut(gallery.strategies(), DARK), 250, 190)
    area = QRectF(chart.rect())
    rows = len(chart.data.points) * chart._row_height(area)
    assert (
        chart._ring_box(area).bottom() <= chart._rows_top(area) and chart._rows_top(area) + rows <= area.bottom() + 0.5
    )
    seen = {chart.point_at(QPointF(20, chart._rows_top(area) + (n + 0.5) * rows / 4)) for n in range(4)}
    assert seen == {0, 1, 2, 3}


@pytest.mark.parametrize("percent", [100, 150])
def test_a_chip_of_missing_days_never_lies_upon_the_title(show, drawn, percent: int) -> None:
    paint.set_text_percent(percent)
    data = next(make() for name, make, _kind, _l in gallery.KINDS if name == "Missing days")
    panel: ChartPanel = show(ChartPanel(LineChart(data, DARK)), 280, 240)
    image = panel.grab().toImage()
    ground, row = QColor(DARK.warn_ground).name(), 10 + paint.scaled(28) // 2
    left = next(x for x in range(image.width()) if image.pixelColor(x, row).name() == ground)
    assert QColor(DARK.t1).name() in {image.pixelColor(x, y).name() for x in range(16, left - 8) for y in range(10, 50)}
    gap = {image.pixelColor(x, y).name() for x in range(left - 6, left) for y in range(row - 8, row + 8)}
    assert QColor(DARK.t1).name() not in gap


def test_names_under_columns_are_left_out_evenly(show, drawn) -> None:
    paint.set_text_percent(150)
    make, kind = next((make, kind) for name, make, kind, _l in gallery.KINDS if name == "Months, stacked columns")
    chart = show(kind(make(), DARK), 420, 240)
    shown = chart.label_indexes(chart.plot_area(QRectF(chart.rect())))
    assert 2 < len(shown) < 12 and len({after - before for before, after in pairwise(shown)}) == 1


def test_loading_shorter_than_200_ms_leaves_the_chart_as_it_was(show) -> None:
    chart = show(LineChart(gallery.plays()))
    before = chart.grab().toImage()
    chart.set_loading()
    after = chart.grab().toImage()
    chart.set_data(gallery.plays())
    assert before == after == chart.grab().toImage()


def test_keys_move_by_point_by_change_and_to_the_ends(show) -> None:
    chart = show(StackedArea(gallery.earnings()))
    spoken: list[str] = []
    chart.announced.connect(spoken.append)
    QTest.keyClick(chart, Qt.Key.Key_Home)
    QTest.keyClick(chart, Qt.Key.Key_Right)
    assert chart.at == 1 and spoken[-1].startswith("Wed 18 March: Pay per stream ")
    QTest.keyClick(chart, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert chart.at == 16 and "Salt Meridian → Patronage" in spoken[-1]
    QTest.keyClick(chart, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert chart.at == 86
    QTest.keyClick(chart, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert chart.at == 16
    QTest.keyClick(chart, Qt.Key.Key_End)
    assert chart.at == 89 and spoken[-1].endswith("not complete")
    QTest.keyClick(chart, Qt.Key.Key_Right)
    assert chart.at == 89
    QTest.keyClick(chart, Qt.Key.Key_Up)
    assert chart.series == 0 and spoken[-1].startswith("Sun 14 June: Pay per stream ") and "Gift" not in spoken[-1]
    QTest.keyClick(chart, Qt.Key.Key_Escape)
    assert chart.at == -1


def test_s_speaks_the_summary_plus_and_minus_change_the_range_enter_drills(show, qtbot) -> None:
    chart = show(LineChart(gallery.plays()))
    with qtbot.waitSignal(chart.announced) as said:
        QTest.keyClick(chart, Qt.Key.Key_S)
    assert said.args == [chart.summary()]
    steps: list[int] = []
    chart.range_step.connect(steps.append)
    QTest.keyClick(chart, Qt.Key.Key_Plus)
    QTest.keyClick(chart, Qt.Key.Key_Minus)
    assert steps == [1, -1]
    QTest.keyClick(chart, Qt.Key.Key_Home)
    with qtbot.waitSignal(chart.activated) as opened:
        QTest.keyClick(chart, Qt.Key.Key_Return)
    assert opened.args == [0, -1]


def test_control_c_copies_exact_values_as_a_table(show) -> None:
    chart = show(StackedArea(gallery.earnings()))
    QTest.keyClick(chart, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().split("\n")
    assert len(lines) == 91 and lines[0].startswith("Date\tPay per stream, FLOW\t")
    assert len(lines[1].split("\t")[1].split(".")[1]) == 18


def test_the_pointer_finds_the_day_and_the_layer(show, qtbot) -> None:
    chart = show(StackedArea(gallery.earnings()))
    plot = chart.plot_area(chart.rect().toRectF())
    x, levels = chart.x_of(40, plot), chart.stacked()
    y = (chart.y_of(levels[2][40], plot) + chart.y_of(levels[3][40], plot)) / 2
    spot = QPoint(round(x), round(y))
    QTest.mouseMove(chart, spot)
    qtbot.waitUntil(lambda: chart.at == 40)
    with qtbot.waitSignal(chart.activated) as opened:
        QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=spot)
    assert opened.args == [40, 2]


def test_a_click_on_a_part_of_the_ring_and_on_its_row_finds_it(show) -> None:
    chart = show(Donut(gallery.strategies()), 300, 320)
    box = chart._ring_box(chart.rect().toRectF())
    assert chart.point_at(box.center() + QPoint(20, -int(box.width() / 2) + 8).toPointF()) == 0
    top = chart._rows_top(chart.rect().toRectF())
    assert chart.point_at(QPoint(40, int(top) + 4).toPointF()) == 2


@given(st.lists(st.integers(0, 10**30), min_size=1, max_size=12))
def test_shares_of_a_ring_add_up_to_the_whole(values: list[int]) -> None:
    data = ChartData("x", PLAYS, tuple(Point(str(i)) for i in range(len(values))), (Series("s", "s", tuple(values)),))
    shares = Donut.shares(_Holder(data))  # type: ignore[arg-type]
    assert sum(shares) == (1000 if sum(values) else 0)
    assert all(
        abs(share * sum(values) - value * 1000) < sum(values)
        for share, value in zip(shares, values, strict=True)
        if sum(values)
    )


class _Holder:
    def __init__(self, data: ChartData) -> None:
        self.data = data


def test_t_turns_to_the_table_and_back_with_equal_values(show) -> None:
    panel = show(ChartPanel(StackedArea(gallery.earnings()), legend=True))
    QTest.keyClick(panel.chart, Qt.Key.Key_T)
    assert panel.stack.currentWidget() is panel.table
    model = panel.table.model()
    assert model.rowCount() == 90
    total = model.index(89, 5)
    assert model.headerData(5, Qt.Orientation.Horizontal) == "Net, FLOW"
    assert total.data(Qt.ItemDataRole.ToolTipRole) == panel.chart.data.unit.plain(panel.chart.data.total_at(89))
    assert model.index(89, 6).data() == "not complete"
    panel.toggle_table()
    assert panel.stack.currentWidget() is panel.chart


def test_a_panel_saves_picture_and_values_and_tells_when_it_cannot(show, qtbot, tmp_path: Path) -> None:
    panel = show(ChartPanel(LineChart(gallery.plays())))
    panel.save(tmp_path / "plays.png")
    image = QImage(str(tmp_path / "plays.png"))
    assert image.width() == 2 * panel.width()
    panel.save(tmp_path / "plays.csv")
    assert (tmp_path / "plays.csv").read_text().startswith("Date,Plays,")
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with qtbot.waitSignal(panel.failed) as failure:
        panel.save(blocked / "plays.csv")
    assert isinstance(failure.args[0], Known) and "plays.csv" in failure.args[0].title


def test_a_card_computes_its_trend_and_its_colour() -> None:
    count = Unit(UnitKind.COUNT)
    assert Figure("Plays", count, 59168, 47761).trend == ("+23.9\u00a0%", "from 47,761", "ok")
    assert Figure("Patrons", count, 64, 0).trend == ("+64", "none before", "ok")
    assert Figure("Fees", count, 5, 4, rising_is_good=False).trend[2] == "bad"
    back = Figure("Came back", Unit(UnitKind.BPS, additive=False), 4120, 4300)
    assert back.trend == ("−1.8", "points, from 43.0\u00a0%", "bad")
    assert Figure("Plays", count, 3, 3).trend[0] == "no change"
    assert Figure("Plays", count, None, 3).trend == ("", "", "t3")


def test_a_card_is_spoken_whole(show) -> None:
    card = show(StatCard(Figure("Plays", Unit(UnitKind.COUNT), 59168, 47761)), 220, 92)
    assert card.accessibleDescription().replace("\u00a0", " ") == "Plays 59,168, +23.9 % from 47,761."


def test_the_gallery_shows_every_kind_in_four_states(show) -> None:
    page = show(gallery.ChartGallery(DARK), 1400, 900)
    assert len(page.panels) == 4 * len(gallery.KINDS)
    assert all(panel.accessibleName() and panel.table_button.accessibleName() for panel in page.panels)
    page.set_theme(LIGHT)
    assert {panel.chart.theme.name for panel in page.panels} == {"light"}


def test_charts_start_without_pyqtgraph_and_numpy() -> None:
    import subprocess
    import sys

    code = "import sys, mycelix_studio.ui.charts.gallery; print({'pyqtgraph', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
