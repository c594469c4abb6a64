"""What a start imports, and what PySide6 leaves out then without anybody noticing; each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
QUICKLY = "import mycelix_studio.ui"
WORDS = """
import re
from PySide6.QtCore import QObject, QPoint, QTimer, Qt
from PySide6.QtGui import QColor, QKeySequence
from PySide6.QtWidgets import QLabel, QWidget

def said(what, *arguments, **named):
    try:
        what(*arguments, **named)
    except Exception as error:
        print(type(error).__name__, re.sub("0x[0-9a-f]+", "0x", str(error)))

said(QPoint, "1", {})
said(QPoint, 1, 2, 3)
said(QTimer, interval="soon")
said(QTimer, nothing=1)
said(QColor("red").setRgb, "red")
said(getattr, Qt, "Nothing")
for kind in (QObject, QWidget, QLabel, QKeySequence):
    print(re.sub("0x[0-9a-f]+", "0x", f"{kind.__doc__}"))
print(QLabel.setText.__doc__)

import sys
from PySide6.support.signature.lib import pyi_generator
for name in ("mapping", "errorhandler", "lib.tool", "parser", "layout", "lib.enum_sig", "lib.pyi_generator"):
    module = sys.modules[f"shibokensupport.signature.{name}"]
    print(name, sorted(each for each in vars(module) if not each.startswith("__")))
"""


def run(script: str) -> str:
    """Run a script and return what it printed."""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_no_source_text_is_read_for_what_pyside_may_want_to_know() -> None:
    script = (
        "from mycelix_studio.ui.imports import import_quickly\n"
        "import mycelix_studio.app, mycelix_studio.ui.pages.analytics.page\n"
        "import linecache\n"
        "print(import_quickly(), [name for name in linecache.cache if 'mycelix_studio' in name])\n"
    )
    # False says that this PySide6 looks in another way, or no more: see the decision on starting.
    assert run(script).strip() == "True []"


def opened(profile: Path) -> str:
    """Return a script that opens Studio at its figures, which are painted then; ``app`` is the program."""
    return (
        "import builtins, pathlib, sys\n"
        "usual = builtins.compile\n"
        "from mycelix_studio.ui import imports\n"
        "from mycelix_studio.app import App, make_application\n"
        "from mycelix_studio.paths import Paths\n"
        "from mycelix_studio.services.opening import open_studio\n"
        f"app = App(make_application(['x']), open_studio(Paths.under(pathlib.Path({str(profile)!r}))))\n"
        "app.open('analytics')\n"
        "app.qt.processEvents()\n"
    )


def test_the_window_shows_before_anything_slow_is_imported(tmp_path: Path) -> None:
    """web3 costs 1 s, pyqtgraph 0.8 s, eth_account 0.6 s, sqlite_utils 0.4 s: they wait until they are needed."""
    script = (
        f"{opened(tmp_path)}"
        "slow = {'web3', 'eth_account', 'pyqtgraph', 'httpx', 'keyring', 'sqlite_utils', 'av', 'typst', 'numpy',\n"
        "        'multiprocessing', 'locale', 'mycelix_studio.ui.pages.analytics.listeners',\n"
        "        'mycelix_studio.ui.charts.panel', 'mycelix_studio.ui.widgets.focus'}\n"
        "print(sorted(slow & set(sys.modules)), app.window.isVisible())\n"
        "app.close()\n"
    )
    assert run(script).strip() == "[] True"


def test_what_words_errors_is_compiled_with_the_first_error(tmp_path: Path) -> None:
    script = (
        f"{opened(tmp_path)}"
        "print(imports.waiting() == imports.LATER, builtins.compile is usual)\n"
        "app.close()\n"
        "try:\n"
        "    app.qt.setQuitOnLastWindowClosed({})\n"
        "except TypeError:\n"
        "    print(imports.waiting())\n"
    )
    assert run(script).splitlines() == ["True True", "()"]


def test_errors_and_signatures_are_worded_as_pyside_words_them() -> None:
    said = run(WORDS)
    assert "Supported signatures" in said and "pyi_generator" in said
    assert run(f"{QUICKLY}{WORDS}") == said
