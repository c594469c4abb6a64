"""A chart's values as rows, CSV, clipboard text and picture. Values are exact; nothing is taken from the pixels."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint
from PySide6.QtGui import QColor, QGuiApplication, QImage, QImageWriter, QPainter
from PySide6.QtWidgets import QWidget

from mycelix_studio.domain.cells import guarded
from mycelix_studio.errors import Known
from mycelix_studio.files import write_atomic
from mycelix_studio.ui.charts.data import ChartData, Point, Unit, UnitKind
from mycelix_studio.ui.charts.words import tr


def header(data: ChartData) -> list[str]:
    """Return the titles of the columns of :func:`rows`."""
    first = tr("Date") if data.points and data.points[0].day is not None else tr("Name")
    titles = [first, *(_title(s.label, data.unit_of(s)) for s in data.series)]
    if data.total_label:
        titles.append(_title(data.total_label, data.unit))
    if data.comparison is not None:
        titles.append(_title(data.comparison.label, data.unit))
    return [*titles, tr("State"), tr("Changes")]


def _title(label: str, unit: Unit) -> str:
    symbol = "%" if unit.kind is UnitKind.BPS else unit.symbol
    return f"{label}, {symbol}" if symbol and symbol != label.lower() else label


def name_of(point: Point) -> str:
    """Return a point's ISO date, or its label."""
    return point.day.isoformat() if point.day is not None else point.label


def rows(data: ChartData) -> list[list[str]]:
    """Return one row per point: name, exact value of each series, total, comparison, state, changes."""
    found = []
    for index, point in enumerate(data.points):
        row = [name_of(point), *(data.unit_of(s).plain(s.values[index]) for s in data.series)]
        if data.total_label:
            row.append(data.unit.plain(data.total_at(index)))
        if data.comparison is not None:
            values = data.comparison.values
            row.append(data.unit.plain(values[index] if index < len(values) else None))
        row.append(point.state.value)
        row.append("; ".join(note.text for note in data.annotations if note.index == index))
        found.append(row)
    return found


def to_csv(data: ChartData) -> bytes:
    """Return the rows as RFC 4180 CSV in UTF-8; cells a spreadsheet would take for a formula are escaped."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(header(data))
    writer.writerows([guarded(cell) for cell in row] for row in rows(data))
    return target.getvalue().encode()


def copy_values(data: ChartData) -> None:
    """Put the rows on the clipboard as tab-separated text, which spreadsheets paste as a table."""
    lines = [header(data), *([guarded(cell) for cell in row] for row in rows(data))]
    QGuiApplication.clipboard().setText("\n".join("\t".join(line) for line in lines))


def picture(widget: QWidget, ground: str, scale: float = 2.0) -> QImage:
    """Return a widget as a picture of ``scale`` pixels a point on a ground like ``#RRGGBB``."""
    image = QImage(widget.size() * scale, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(scale)
    image.fill(QColor(ground))
    painter = QPainter(image)
    widget.render(painter, QPoint(0, 0))
    painter.end()
    return image


def png_bytes(image: QImage) -> bytes:
    """Return a picture as PNG."""
    store = QByteArray()
    buffer = QBuffer(store)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    buffer.close()
    return bytes(store.data())


def save(path: Path, data: bytes) -> None:
    """Write an exported file, whole or not at all.

    Raises:
        Known: The folder cannot be written or the disk is full; an older file of that name is unchanged.
    """
    try:
        write_atomic(path, data, mode=0o644)
    except OSError as error:
        raise Known(
            tr("Could not save “{name}”").format(name=path.name),
            f"{error.strerror or error}.",
            tr("Choose another folder, or free some space, then save again."),
        ) from error
