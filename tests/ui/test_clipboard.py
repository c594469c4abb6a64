"""Ending the program with tags on the clipboard."""

from __future__ import annotations

import os
import subprocess
import sys

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from mycelix_studio.app import App
from mycelix_studio.domain.tag_edits import TAG_SET

PROGRAM = f"""
from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QApplication
from mycelix_studio.ui.clipboard import leave_plain_text

program = QApplication([])
mime = QMimeData()
mime.setData({TAG_SET!r}, b"[]")
mime.setText("album: Salt Meridian")
program.clipboard().setMimeData(mime)
leave_plain_text()
print(program.clipboard().text())
"""


def test_a_program_with_copied_tags_ends_in_peace() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "album: Salt Meridian"), done.stderr


def test_closing_the_window_leaves_the_text_of_copied_tags(window: App) -> None:
    mime = QMimeData()
    mime.setData(TAG_SET, b"[]")
    mime.setText("album: Salt Meridian")
    clipboard = QGuiApplication.clipboard()
    clipboard.setMimeData(mime)
    window.close()
    assert not clipboard.mimeData().hasFormat(TAG_SET)
    assert clipboard.text() == "album: Salt Meridian"
