"""What is shown while a damaged cache is looked through and put together again, before there is a window."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication

from mycelix_studio.errors import Cancelled
from mycelix_studio.paths import Paths
from mycelix_studio.services.changes import ChangeHub
from mycelix_studio.services.jobs import Job, Jobs, Lane, Progress
from mycelix_studio.services.opening import CHECKING, open_studio
from mycelix_studio.services.studio import Studio
from mycelix_studio.settings import Settings
from mycelix_studio.ui.bridge import Bridge
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.look import Look
from mycelix_studio.ui.widgets.dialog import Dialog
from mycelix_studio.ui.widgets.progress import Bar

SHOW_MS = 500
"""Until it is shown: a small cache is whole again before."""


def tr(source: str) -> str:
    """Translate."""
    return QCoreApplication.translate("Mending", source)


class MendingDialog(Dialog):
    """Says what is being done. Closing it asks to stop."""

    def __init__(self, look: Look) -> None:
        super().__init__(
            tr("Studio checks its own file"),
            tr(
                "It may be damaged. Your music files and your wallet are not in it; what you made is kept wherever it can be read."
            ),
            look.theme,
        )
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)  # the program goes on without it
        self.bar = Bar(look.theme, self.windowTitle())
        self.bar.set_share(None)
        self.now = text("", look.theme, "small", "t3")
        self.step(CHECKING)
        self.body.addWidget(self.bar)
        self.body.addWidget(self.now)
        self.stop = self.add_button(tr("Close Studio"))
        self.stop.clicked.connect(self.reject)

    def step(self, what: str) -> None:
        """Say what is being done now."""
        self.now.setText(tr(what))

    def reject(self) -> None:
        """Ask to stop; the dialog stays until it did."""
        self.stop.setEnabled(False)
        self.now.setText(tr("Stopping"))
        self.rejected.emit()


class Mending(QObject):
    """Opens a profile whose cache was found damaged, off the GUI thread, and says what is being done when that takes a while."""

    def __init__(self, paths: Paths) -> None:
        super().__init__()
        self._paths = paths
        self._loop = QEventLoop(self)
        self._studio: Studio | None = None
        self._error: Exception | None = None
        self._job: Job[Studio] | None = None

    def open(self) -> Studio:
        """Return the open profile; events are handled meanwhile.

        Raises:
            Cancelled: The person closed Studio.
            Known: It cannot be opened.
        """
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        look = Look(app, Settings(self._paths.settings), self)
        look.dress()
        app.setProperty("still", look.still)
        jobs = Jobs()
        bridge = Bridge(jobs, ChangeHub(), self)
        self._dialog = MendingDialog(look)
        self._dialog.rejected.connect(self._stop)
        soon = QTimer(self, singleShot=True, interval=SHOW_MS)
        soon.timeout.connect(self._dialog.show)
        soon.start()
        self._job = bridge.run(
            Lane.DB,
            lambda work: open_studio(self._paths, look_over=False, mend=work),
            name="mending",
            success=self._opened,
            failure=self._failed,
            cancelled=self._cancelled,
            progress=self._step,
        )
        self._loop.exec()
        soon.stop()
        jobs.close()
        bridge.close()
        self._dialog.hide()
        self._dialog.deleteLater()
        app.setStyleSheet("")  # the window is made faster without: see Look.dress
        self.deleteLater()
        if (
            self._studio is not None and self._job.work.token.cancelled
        ):  # stopped when there was nothing to stop any more
            self._studio.close()
            raise Cancelled
        if self._studio is None:
            raise self._error or Cancelled()
        return self._studio

    @Slot()
    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    @Slot(object)
    def _step(self, progress: Progress) -> None:
        self._dialog.step(progress.text)

    @Slot(object)
    def _opened(self, studio: Studio) -> None:
        self._studio = studio
        self._loop.quit()

    @Slot(object)
    def _failed(self, error: Exception) -> None:
        self._error = error
        self._loop.quit()

    @Slot()
    def _cancelled(self) -> None:
        self._loop.quit()
