"""What stays on the clipboard when the program ends."""

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication


def leave_plain_text() -> None:
    """Let copied tags stay as text only.

    Qt frees what is on its clipboard last of all; data that was made in Python would call into Python then, which has ended: the program
    crashed on its way out.
    """
    from mycelix_studio.domain.tag_edits import TAG_SET

    clipboard = QGuiApplication.clipboard()
    held: QMimeData | None = clipboard.mimeData()  # None where a system shows its clipboard to the window in front only
    if held is not None and held.hasFormat(TAG_SET):
        clipboard.setText(clipboard.text())
