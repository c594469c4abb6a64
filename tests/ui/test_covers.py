"""Covers as the inspectors show them."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import QApplication

from mycelix_studio.ui.covers import framed
from mycelix_studio.ui.theme import DARK


def colours(picture: QPixmap) -> set[str]:
    """Return the colours of the middle, which round corners do not reach."""
    image = picture.toImage()
    side = image.width()
    middle = range(side // 4, side * 3 // 4)
    return {image.pixelColor(x, y).name() for x in middle for y in middle}


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_a_track_without_a_cover_has_a_note_in_its_place(qapp: QApplication, ratio: float) -> None:
    empty = framed(None, 64, ratio, DARK)
    assert (empty.width(), empty.devicePixelRatio()) == (64 * ratio, ratio)
    assert {DARK.bg4.lower(), DARK.t3.lower()} <= colours(empty)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_a_cover_that_is_not_square_is_shown_whole(qapp: QApplication, ratio: float) -> None:
    wide = QImage(400, 200, QImage.Format.Format_RGB32)
    wide.fill(QColor("#ff0000"))
    shown = framed(wide, 64, ratio, DARK).toImage()
    side = shown.width()
    assert shown.pixelColor(side // 2, side // 2).name() == "#ff0000"
    assert shown.pixelColor(side // 2, side // 8).name() == DARK.bg4.lower()
    assert shown.pixelColor(1, side // 2).name() == shown.pixelColor(side - 2, side // 2).name() == "#ff0000"
