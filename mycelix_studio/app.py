"""The composition root of the window: the only place where everything meets."""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from mycelix_studio import __version__, settings
from mycelix_studio.errors import Cancelled, Known, StudioError
from mycelix_studio.paths import Paths
from mycelix_studio.services import crash
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.opening import needs_mending, open_studio
from mycelix_studio.services.studio import Studio
from mycelix_studio.store.connection import CacheDamaged
from mycelix_studio.ui.bridge import Bridge
from mycelix_studio.ui.clipboard import leave_plain_text
from mycelix_studio.ui.icons import mark
from mycelix_studio.ui.look import Look
from mycelix_studio.ui.main_window import MainWindow
from mycelix_studio.ui.widgets.toasts import Message

if TYPE_CHECKING:
    from mycelix_studio.store.rebuild import Rebuilt
    from mycelix_studio.ui.widgets.focus import FocusRing

WATCH_MS = 100
"""Until every event passes the ring of the keyboard focus: the first page is painted before."""
CALM_MS = 600
"""Until what works in the background is imported and begins: the first page is read and painted before."""
TURN_SECONDS = 0.0005
"""Until a thread that works gives the interpreter to the window; Python's own 5 ms, several times a frame, are a stutter."""
STYLE = ("-style", "fusion")
"""The style the sheet is written for, on every system."""
PATIENCE = 0.1
"""Seconds that the window waits for its first page, so that it appears with figures and is painted once."""


def make_application(arguments: list[str]) -> QApplication:
    """Return the one QApplication, made when there is none."""
    existing = QApplication.instance()
    # As an argument: to be able to take a QStyle, setStyle() first makes its hundreds of enumerators known to Python (12 ms).
    app = existing if isinstance(existing, QApplication) else QApplication([*arguments, *STYLE])
    app.setApplicationName("Mycelix Studio")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("mycelix-studio")
    return app


class App(QObject):
    """Everything of one running Studio, taken apart by :meth:`close` in the right order."""

    def __init__(self, app: QApplication, studio: Studio) -> None:
        super().__init__()
        self.qt = app
        self.studio = studio
        self.look = Look(app, studio.settings, self)
        self.bridge = Bridge(studio.jobs, studio.hub, self)
        app.setProperty("still", self.look.still)
        app.setWindowIcon(QIcon(mark(self.look.theme, 64)))
        self.window = MainWindow(studio, self.bridge, self.look)
        self._ring: FocusRing | None = None
        self._watching = QTimer(self, singleShot=True, interval=WATCH_MS)
        self._watching.timeout.connect(self._watch_focus)
        self._starting = QTimer(self, singleShot=True, interval=CALM_MS)
        self._starting.timeout.connect(self._begin)

    def open(self, page: str = "library") -> None:
        """Show the window; an empty profile nobody was welcomed to shows the four doors first."""
        self.window.go(page)
        self.look.dress()
        self.bridge.settle(PATIENCE)
        if not self.window.welcomed and self.studio.is_empty():
            self.window.welcome()
        self.window.show()
        self._watching.start()
        if self.studio.rebuilt is not None:
            self.window.toast(self._rebuilt_words(self.studio.rebuilt))

    def _rebuilt_words(self, rebuilt: Rebuilt) -> Message:
        """Say what became of a damaged cache."""
        kept = self.tr(
            "Your library, drafts and everything that waits are here; figures come again with the next sync."
        )
        if rebuilt.exact:
            kept = self.tr("It had changed on the disk by itself, and was put right exactly. Look at your disk soon.")
        if not rebuilt.whole:
            kept = self.tr(
                "A part of it could not be read: look at {what}. Figures come again with the next sync."
            ).format(what=", ".join(sorted(rebuilt.lost)))
        aside = self.tr("The damaged file is kept as {file}.").format(file=rebuilt.aside)
        title = self.tr("Studio's own file was damaged and is put together again")
        return Message(title, f"{kept} {aside}", "info" if rebuilt.whole else "bad")

    @Slot()
    def _watch_focus(self) -> None:
        from mycelix_studio.ui.widgets.focus import FocusRing

        self._ring = ring = FocusRing(self.qt, self.look.theme)
        self.look.changed.connect(ring.set_theme)
        ring.watch()

    def start(self) -> None:
        """Begin, once the first page is painted, what goes on by itself: uploads, sync, following signatures, the status bar."""
        self._starting.start()

    @Slot()
    def _begin(self) -> None:
        sys.setswitchinterval(TURN_SECONDS)
        gc.freeze()  # what a start has made stays as long as the window: looking through it again would cost 30 ms each time
        gc.enable()
        self.bridge.run(
            Lane.IO, self._look_over_and_begin, name="background", success=self._started, failure=self._not_started
        )

    def _look_over_and_begin(self, _work: Work) -> None:
        self.studio.look_over()
        self.studio.background.start()

    @Slot(object)
    def _started(self, _nothing: object) -> None:
        self.window.watch()

    @Slot(object)
    def _not_started(self, error: Exception) -> None:
        """Say why nothing goes on by itself: the cache changed on the disk, and nothing of it is shown or saved any more."""
        if not isinstance(error, StudioError):
            raise error
        self.window.toast(Message(error.title, f"{error.message} {error.hint}", "bad"))

    def close(self) -> None:
        """Close the window, stop the lanes, close the cache."""
        self._starting.stop()
        self._watching.stop()
        leave_plain_text()
        self.window.close()
        for timer in self.window.findChildren(QTimer):  # none may ask for work once the lanes are closed
            timer.stop()
        self.studio.background.close()
        self.bridge.close()
        self.studio.close()
        if self._ring is not None:
            self.qt.removeEventFilter(self._ring)
            self._ring.deleteLater()
        self.window.deleteLater()

    @Slot(object)
    def crashed(self, error: BaseException) -> None:
        """Write a crash report and say where it is."""
        path = crash.write_report(self.studio.paths.logs, error)
        self.window.toast(
            Message(
                self.tr("Something went wrong in Studio"),
                self.tr("Your files and your wallet are as they were. A report without secrets is in {file}.").format(
                    file=path
                ),
                "bad",
            )
        )


def opened(paths: Paths) -> Studio:
    """Open a profile for the window, which stands before its cache is compared with its checksums; one found damaged is mended first.

    Raises:
        Cancelled: The person closed Studio meanwhile.
        Known: It cannot be opened.
    """
    if not needs_mending(paths):
        with suppress(CacheDamaged):
            return open_studio(paths, look_over=False, mend=None)
    from mycelix_studio.ui.mending import Mending

    return Mending(paths).open()


def run(paths: Paths, page: str = "library", arguments: list[str] | None = None) -> int:
    """Open a profile in the window and return the exit code when it is closed."""
    qt = make_application(arguments or sys.argv[:1])
    handler = crash.log_to(paths.logs)
    try:
        studio = opened(paths)
    except Cancelled:
        return 0
    except Known as error:
        _say(qt, paths, error)
        return 1
    app = App(qt, studio)

    def on_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        if not issubclass(kind, KeyboardInterrupt):
            app.crashed(error)
        else:
            qt.quit()

    sys.excepthook = on_crash
    beat = QTimer(app, interval=500)  # lets Python see Ctrl-C while Qt waits
    beat.timeout.connect(_nothing)
    beat.start()
    app.open(page)
    app.start()
    try:
        return qt.exec()
    finally:
        beat.stop()
        app.close()
        handler.close()


def _nothing() -> None:
    """Give Python a turn."""


def _say(qt: QApplication, paths: Paths, error: Known) -> None:
    from mycelix_studio.ui.widgets.dialog import Dialog

    look = Look(qt, settings.Settings(paths.settings))
    look.dress()
    words = " ".join(part for part in (error.message, error.hint) if part)
    dialog = Dialog(error.title, words, look.theme)
    dialog.add_button(dialog.tr("Close"), enter=True).clicked.connect(dialog.accept)
    dialog.exec()


def gallery(paths: Paths, arguments: list[str] | None = None) -> int:
    """Show every chart and widget in all states, for developers."""
    from mycelix_studio.ui.gallery import Gallery

    qt = make_application(arguments or sys.argv[:1])
    look = Look(qt, settings.Settings(paths.settings))
    look.dress()
    window = Gallery(look.theme)
    window.show()
    gc.enable()
    return qt.exec()
