"""The first window: four doors into Studio, the demo first. Shown until one of them was taken."""

from __future__ import annotations

from PySide6.QtCore import QProcess, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from mycelix_studio.errors import Known
from mycelix_studio.paths import module_command
from mycelix_studio.ui.icons import paint_mark
from mycelix_studio.ui.labels import Icon, text
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.cards import error_note
from mycelix_studio.ui.widgets.progress import Bar

WIDTH = 640


class _Mark(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setFixedSize(52, 52)

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_mark(painter, QRectF(4, 4, 44, 44), QColor(self.theme.acc))
        painter.end()


class Door(QFrame):
    """One way in: icon, what it is, a button."""

    def __init__(self, icon: str, title: str, words: str, button: str, theme: Theme, *, first: bool = False) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setProperty("chosen", first)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 16, 16, 16)
        row.setSpacing(16)
        row.addWidget(Icon(icon, theme, "acc" if first else "t2", 24))
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(text(title, theme, "section"))
        column.addWidget(text(words, theme, "small", "t2", wrap=True))
        row.addLayout(column, 1)
        self.button = Button(button, theme, "primary" if first else "default")
        self.button.setAccessibleDescription(f"{title}. {words}")
        row.addWidget(self.button)


class FirstRun(QWidget):
    """Four doors.

    Signals:
        taken(door): music, connect or restore was chosen; the demo opens a window of its own.
    """

    taken = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setProperty("ground", "bg0")
        self.setAccessibleName(self.tr("Welcome"))
        self._process: QProcess | None = None
        self._said = ""
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        inner = QWidget()
        inner.setFixedWidth(WIDTH)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 24, 0, 24)
        column.setSpacing(12)
        column.addStretch(2)
        column.addWidget(_Mark(theme))
        column.addSpacing(8)
        column.addWidget(text(self.tr("Your music, your terms."), theme, "figure"))
        column.addWidget(
            text(
                self.tr(
                    "Tag your tracks, decide how each song earns, and see exactly what came in. "
                    "Everything stays on this computer until you send it."
                ),
                theme,
                "body",
                "t2",
                wrap=True,
            )
        )
        column.addSpacing(12)
        self.demo = Door(
            "ph.compass",
            self.tr("Look around first"),
            self.tr("12 demo songs, 20 listeners, 120 days of earnings. Nothing is real money."),
            self.tr("Explore the demo"),
            theme,
            first=True,
        )
        self.music = Door(
            "ph.folder-plus",
            self.tr("Start with my music"),
            self.tr("Add a folder. A wallet is only needed once you want to earn."),
            self.tr("Add music"),
            theme,
        )
        self.connect_door = Door(
            "ph.share-network",
            self.tr("Connect to my platform"),
            self.tr("You have an address of a platform and a wallet, or will make one."),
            self.tr("Connect"),
            theme,
        )
        self.restore = Door(
            "ph.clock-counter-clockwise",
            self.tr("Bring back a wallet"),
            self.tr("12 or 24 words, or a wallet file."),
            self.tr("Restore"),
            theme,
        )
        for door in (self.demo, self.music, self.connect_door, self.restore):
            column.addWidget(door)
        self.line = text("", theme, "small", "t2")
        self.bar = Bar(theme, self.tr("Preparing the demo"))
        self.line.hide()
        self.bar.hide()
        column.addWidget(self.line)
        column.addWidget(self.bar)
        self.problem = QVBoxLayout()
        column.addLayout(self.problem)
        column.addWidget(text(self.tr("No account, no tracking."), theme, "small", "t3"))
        column.addStretch(3)
        outer.addWidget(inner, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(1)
        self.demo.button.clicked.connect(self._demo)
        self.music.button.clicked.connect(lambda: self.taken.emit("music"))
        self.connect_door.button.clicked.connect(lambda: self.taken.emit("connect"))
        self.restore.button.clicked.connect(lambda: self.taken.emit("restore"))

    def set_theme(self, theme: Theme) -> None:
        """Remember the colours."""
        self.theme = theme

    def close_demo(self) -> None:
        """End a demo that is being prepared or open; it ends its own children."""
        process, self._process = self._process, None
        if process is not None and process.state() is not QProcess.ProcessState.NotRunning:
            process.terminate()
            process.waitForFinished(20_000)

    @Slot()
    def _demo(self) -> None:
        if self._process is not None:
            return
        while (item := self.problem.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        process = QProcess(self)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        process.readyRead.connect(self._read)
        process.finished.connect(self._ended)
        program, *arguments = module_command("mycelix_studio.demo")
        process.start(program, arguments)
        self._process = process
        self._said = ""
        self.demo.button.setEnabled(False)
        self.line.setText(self.tr("Preparing the demo, about a minute. It opens in a window of its own."))
        self.line.show()
        self.bar.set_share(None)
        self.bar.show()

    @Slot()
    def _read(self) -> None:
        if self._process is None:
            return
        self._said += bytes(self._process.readAll().data()).decode(errors="replace")
        lines = [line for line in self._said.splitlines() if line.strip()]
        if lines:
            self.line.setText(lines[-1].lstrip("✓ "))

    @Slot(int)
    def _ended(self, code: int) -> None:
        self._process = None
        self.demo.button.setEnabled(True)
        self.line.hide()
        self.bar.hide()
        if code not in (0, 130, 15):
            lines = [line for line in self._said.splitlines() if line.strip()]
            error = Known(
                self.tr("The demo did not start"), " ".join(lines[-3:]), self.tr("Nothing of yours was touched.")
            )
            self.problem.addWidget(error_note(error, self.theme))
