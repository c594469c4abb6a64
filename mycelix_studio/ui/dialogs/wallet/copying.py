"""An address on the clipboard, watched for a moment: programs that steal swap it for their own as soon as it lies there."""

from __future__ import annotations

import re

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication

from mycelix_studio.errors import Known
from mycelix_studio.ui.dialogs.wallet.base import tr

WATCH_MS = 2_000
"""Faster than anybody copies another address by hand."""
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


def swap_noticed(other: str) -> Known:
    """Return what is said when an address was swapped."""
    return Known(
        tr("Another program changed the address you copied"),
        tr("It put {other} in its place. Studio emptied the clipboard; nothing was sent.").format(other=other),
        tr("Look for malware on this computer, and give your address by its code meanwhile."),
    )


class AddressCopier(QObject):
    """Copies addresses.

    Signals:
        swapped(str): Another program put this other address in its place; the clipboard was emptied.
    """

    swapped = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._address = ""
        self._watch = QTimer(self, interval=WATCH_MS, singleShot=True)
        QGuiApplication.clipboard().dataChanged.connect(self._look)

    def copy(self, address: str) -> None:
        """Put the whole address on the clipboard."""
        self._address = address
        QGuiApplication.clipboard().setText(address)
        self._watch.start()

    @Slot()
    def _look(self) -> None:
        found = QGuiApplication.clipboard().text().strip()
        if self._watch.isActive() and found != self._address and _ADDRESS.fullmatch(found):
            self._watch.stop()
            QGuiApplication.clipboard().clear()
            self.swapped.emit(found)
