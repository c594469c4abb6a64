"""Sizes of what holds text: said at the normal size of text, kept at the one in force.

A size style sheets can say belongs into :mod:`mycelix_studio.ui.qss`, which grows ``min-height`` by itself.
"""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QWidget

from mycelix_studio.ui.charts import paint

W = TypeVar("W", bound=QWidget)
_KEPT = "kept_sizes"


def keep(
    widget: W, *, width: int = 0, height: int = 0, least_width: int = 0, least_height: int = 0, most_width: int = 0
) -> W:
    """Fix sizes of a widget, or the least or most of them, in pixels at normal size of text; returns the widget."""
    widget.setProperty(_KEPT, [width, height, least_width, least_height, most_width])
    grow(widget)
    return widget


def grow(widget: QWidget) -> None:
    """Give a widget the sizes it keeps, at the size of text in force; nothing for one that keeps none."""
    kept = widget.property(_KEPT)
    if kept is None:
        return
    put = (
        widget.setFixedWidth,
        widget.setFixedHeight,
        widget.setMinimumWidth,
        widget.setMinimumHeight,
        widget.setMaximumWidth,
    )
    for pixels, set_size in zip(kept, put, strict=True):
        if pixels:
            set_size(paint.scaled(pixels))
