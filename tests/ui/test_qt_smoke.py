"""The pinned Qt survives 20,000 calls and a painted plot on this Python (PySide6 6.12.0 aborts after about 5,000)."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import os
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
label = QLabel()
for i in range(20_000):
    label.setText(str(i))
    assert label.text() == str(i)
import pyqtgraph
plot = pyqtgraph.PlotWidget()
plot.plot([0, 1, 2], [2, 0, 1])
plot.resize(200, 100)
image = plot.grab().toImage()
colours = {image.pixelColor(x, y).rgb() for x in range(image.width()) for y in range(image.height())}
assert len(colours) > 2, colours
print("painted")
"""


def test_twenty_thousand_qt_calls_and_a_painted_plot() -> None:
    result = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip().endswith("painted")
