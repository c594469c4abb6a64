"""Small covers for tables and inspectors: loaded off the GUI thread, kept while they are in use."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPixmap

from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.studio import Studio
from mycelix_studio.ui.bridge import Bridge
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.theme import Theme

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

KEPT = 2048


class Covers(QObject):
    """Pictures by their key and size.

    Signals:
        ready: One or more pictures that were asked for can be painted now.
    """

    ready = Signal()

    def __init__(self, studio: Studio, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._bridge = bridge
        self._kept: OrderedDict[tuple[str, int], QPixmap | None] = OrderedDict()

    def get(self, key: str, pixels: int = 44) -> QPixmap | None:
        """Return a square picture of ``pixels`` device pixels, or None while it is loading or when there is none."""
        if not key:
            return None
        found = self._kept.get((key, pixels), False)
        if found is not False:
            self._kept.move_to_end((key, pixels))
            return found  # type: ignore[return-value]
        self._kept[key, pixels] = None
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self._bridge.run(
            Lane.IO, partial(self._load, key, pixels), name="cover", success=self._loaded, failure=self._failed
        )
        return None

    def _load(self, key: str, pixels: int, work: Work) -> tuple[str, int, QImage]:
        from PySide6.QtGui import QImage

        data = self._studio.library.cover(key, pixels)
        return key, pixels, QImage.fromData(data) if data else QImage()

    @Slot(object)
    def _loaded(self, result: tuple[str, int, QImage]) -> None:
        key, pixels, image = result
        if not image.isNull():
            self._kept[key, pixels] = QPixmap.fromImage(image)
            self.ready.emit()

    @Slot(object)
    def _failed(self, error: Exception) -> None:
        """A picture that cannot be read is drawn as none; its track says so where it is edited."""


def framed(picture: QImage | None, pixels: int, ratio: float, theme: Theme) -> QPixmap:
    """Return a cover as a square with round corners, whole where it is not square itself; a note on its ground when there is none."""
    made = QPixmap(round(pixels * ratio), round(pixels * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    box = QRectF(0, 0, pixels, pixels)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    path = QPainterPath()
    path.addRoundedRect(box, 6, 6)
    painter.setClipPath(path)
    painter.fillRect(box, QColor(theme.bg4))
    if picture is None or picture.isNull():
        side = min(pixels // 3, 36)
        paint.draw_icon(
            painter, "ph.music-note", QRectF((pixels - side) / 2, (pixels - side) / 2, side, side), QColor(theme.t3)
        )
    else:
        fitted = picture.scaled(
            made.size(), Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        place = QRectF(0, 0, fitted.width() / ratio, fitted.height() / ratio)
        place.moveCenter(box.center())
        painter.drawImage(place, fitted, QRectF(fitted.rect()))
    painter.end()
    return made
