"""How a page was left: columns, order, filter, sizes. Written within a moment, so that it is there after a crash; nothing secret."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QSettings, QTimer

WRITE_MS = 700
"""Writing takes some 15 ms: not with each step of an arrow key."""


class Kept(QObject):
    """Values of one page in ``window.ini``.

    Args:
        config: The profile's folder of settings.
        page: Its group.
        parent: Its owner.
    """

    def __init__(self, config: Path, page: str, parent: QObject) -> None:
        super().__init__(parent)
        self._late = QTimer(self, singleShot=True, interval=WRITE_MS)
        self._late.timeout.connect(self.write)
        self._settings = QSettings(str(config / "window.ini"), QSettings.Format.IniFormat)
        self._page = page

    def text(self, key: str, default: str = "") -> str:
        """Return a text; the default when there is none."""
        value = self._settings.value(f"{self._page}/{key}", default)
        return value if isinstance(value, str) else default

    def texts(self, key: str) -> list[str]:
        """Return a list of texts, empty when there is none."""
        return [part for part in self.text(key).split("|") if part]

    def state(self, key: str) -> QByteArray | None:
        """Return what a widget's ``saveState`` gave."""
        value = self._settings.value(f"{self._page}/{key}")
        return value if isinstance(value, QByteArray) else None

    def keep(self, key: str, value: str | list[str] | QByteArray) -> None:
        """Keep a value, when it is another than before."""
        plain = "|".join(value) if isinstance(value, list) else value
        if self._settings.value(f"{self._page}/{key}") != plain:
            self._settings.setValue(f"{self._page}/{key}", plain)
            self._late.start()

    def write(self) -> None:
        """Write what was kept now; it is written by itself in a moment."""
        self._late.stop()
        self._settings.sync()
