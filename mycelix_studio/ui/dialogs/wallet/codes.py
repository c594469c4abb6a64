"""QR codes in place of a file: shown one after the other, and read from pictures or a camera."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtSvgWidgets import QSvgWidget
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from mycelix_studio.errors import Known
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.wallet_qr import Collector, NoCode, OtherCode, read_codes
from mycelix_studio.ui.dialogs.wallet.base import Tools, WalletDialog, tr
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.widgets.buttons import Button, IconButton
from mycelix_studio.ui.widgets.progress import Bar

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QCamera, QVideoFrame

SIDE = 420
PAUSE_MS = 900
"""How long each code stays: enough for a camera that takes four pictures a second."""


class ShowCodesDialog(WalletDialog):
    """A file as QR codes, turning by themselves until stopped."""

    def __init__(self, codes: Sequence[str], tools: Tools, parent: QWidget | None = None) -> None:
        words = tr("Hold the camera of the other computer before it. Nothing in it is secret.")
        super().__init__(tr("Show as codes"), words, tools, parent, width=SIDE + 60)
        self.codes = tuple(codes)
        self.at = 0
        self.code = QSvgWidget()
        self.code.setFixedSize(SIDE, SIDE)
        self.body.addWidget(self.code, 0, Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout()
        self.back = IconButton("ph.caret-left", tr("Code before"), tools.theme)
        self.next = IconButton("ph.caret-right", tr("Next code"), tools.theme)
        self.place = text("", tools.theme, "strong")
        self.turn = Button(tr("Stop turning"), tools.theme, "quiet", small=True)
        row.addWidget(self.back)
        row.addWidget(self.place)
        row.addWidget(self.next)
        row.addStretch(1)
        row.addWidget(self.turn)
        self.body.addLayout(row)
        self.timer = QTimer(self, interval=PAUSE_MS)
        self.timer.timeout.connect(partial(self.step, 1))
        self.back.clicked.connect(partial(self._by_hand, -1))
        self.next.clicked.connect(partial(self._by_hand, 1))
        self.turn.clicked.connect(self._toggle)
        self.add_button(tr("Close"), "primary", enter=True).clicked.connect(self.accept)
        several = len(self.codes) > 1
        for widget in (self.back, self.next, self.turn):
            widget.setVisible(several)
        self.step(0)
        if several:
            self.timer.start()

    def step(self, way: int) -> None:
        """Show another code."""
        self.at = (self.at + way) % len(self.codes)
        self.code.load(QByteArray(self.codes[self.at].encode()))
        words = tr("Code {n} of {all}").format(n=self.at + 1, all=len(self.codes))
        self.place.setText(words)
        self.code.setAccessibleName(words)

    def _by_hand(self, way: int) -> None:
        self.timer.stop()
        self.turn.setText(tr("Turn by itself"))
        self.step(way)

    def _toggle(self) -> None:
        if self.timer.isActive():
            self.timer.stop()
        else:
            self.timer.start()
        self.turn.setText(tr("Stop turning") if self.timer.isActive() else tr("Turn by itself"))

    def done(self, result: int) -> None:
        """Stop turning."""
        self.timer.stop()
        super().done(result)


class ReadCodesDialog(WalletDialog):
    """Reads codes until a request or a signature is whole.

    Signals:
        read(Path): The file they stand for.
    """

    read = Signal(object)

    def __init__(self, folder: Path, tools: Tools, parent: QWidget | None = None) -> None:
        words = tr("Show the codes of the other computer to the camera, or choose pictures of them. In any order.")
        super().__init__(tr("Read codes"), words, tools, parent, width=520)
        self.folder = folder
        self.collector = Collector()
        self.camera: QCamera | None = None
        self._looking = False
        self.bar = Bar(tools.theme, tr("Codes read"))
        self.count = text(tr("No code yet"), tools.theme, "small", "t2")
        self.body.addWidget(self.bar)
        self.body.addWidget(self.count)
        self.add_problem_place()
        self.pictures = self.add_button(tr("Choose pictures…"), left=True)
        self.use_camera = self.add_button(tr("Use the camera"), left=True)
        self.add_button(tr("Cancel")).clicked.connect(self.reject)
        self.pictures.clicked.connect(self._ask_pictures)
        self.use_camera.clicked.connect(self.start_camera)

    # pictures -----------------------------------------------------------------------------------------------------------

    def _ask_pictures(self) -> None:
        names, _kind = QFileDialog.getOpenFileNames(
            self, tr("Pictures of codes"), filter=tr("Pictures (*.png *.jpg *.jpeg *.webp *.bmp *.gif);;All files (*)")
        )
        if names:
            self.open_pictures([Path(name) for name in names])

    def open_pictures(self, files: Sequence[Path]) -> None:
        """Read codes from pictures."""
        self.run_job(Lane.MEDIA, partial(_read_pictures, list(files)), self._found, "read codes")

    def _found(self, texts: list[str]) -> None:
        try:
            for one in texts:
                self.collector.add(one)
        except OtherCode as error:
            self.show_problem(error)
        self._show_count()

    def _show_count(self) -> None:
        have, total = len(self.collector.parts), self.collector.total
        self.bar.set_share(have / total if total else 0.0)
        self.count.setText(tr("{n} of {all} codes").format(n=have, all=total) if total else tr("No code yet"))
        if self.collector.whole:
            self.run_job(Lane.IO, partial(_save, self.collector, self.folder), self._whole, "join codes")

    def _whole(self, path: Path) -> None:
        self.accept()
        self.read.emit(path)

    # camera -------------------------------------------------------------------------------------------------------------

    def start_camera(self) -> None:
        """Look through the camera, if there is one."""
        from PySide6.QtMultimedia import QCamera, QMediaCaptureSession, QMediaDevices  # loads FFmpeg, so not before
        from PySide6.QtMultimediaWidgets import QVideoWidget

        if not QMediaDevices.videoInputs():
            self.show_problem(
                Known(
                    "No camera found",
                    "This computer has none, or another program uses it.",
                    "Choose pictures of the codes.",
                )
            )
            return
        self.video = QVideoWidget()
        self.video.setMinimumHeight(280)
        self.video.setAccessibleName(tr("What the camera sees"))
        self.body.insertWidget(0, self.video)
        self.session = QMediaCaptureSession(self)
        self.camera = QCamera(self)
        self.session.setCamera(self.camera)
        self.session.setVideoOutput(self.video)
        self.video.videoSink().videoFrameChanged.connect(self.on_frame)
        self.use_camera.setEnabled(False)
        self.camera.start()
        self.fit()

    def on_frame(self, frame: QVideoFrame) -> None:
        """Look for a code in a frame of the camera."""
        if not self._looking and not self.busy:
            self.on_image(frame.toImage())

    def on_image(self, image: QImage) -> None:
        """Look for a code in a picture, one at a time."""
        if self._looking or self.busy or image.isNull():
            return
        self._looking = True
        self.bridge.run(
            Lane.MEDIA, partial(_read_image, image), name="read frame", success=self._seen, failure=self._not_seen
        )

    def _seen(self, texts: list[str]) -> None:
        self._looking = False
        if texts and not self.collector.whole:
            self._found(texts)

    def _not_seen(self, error: Exception) -> None:
        self._looking = False
        self.show_problem(error)

    def done(self, result: int) -> None:
        """Switch the camera off."""
        if self.camera is not None:
            self.camera.stop()
        super().done(result)


def _read_image(image: QImage, _work: Work) -> list[str]:
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    return read_codes(grey.width(), grey.height(), grey.bytesPerLine(), bytes(grey.constBits()))


def _read_pictures(files: Sequence[Path], work: Work) -> list[str]:
    found: list[str] = []
    for file in files:
        work.token.raise_if_cancelled()
        image = QImage(str(file))
        if image.isNull():
            raise Known(
                f"“{file.name}” is no picture", "It could not be opened, or it holds something else.", "Choose another."
            )
        texts = _read_image(image, work)
        if not texts:
            raise NoCode(file.name)
        found += texts
    return found


def _save(collector: Collector, folder: Path, _work: Work) -> Path:
    return collector.save(folder)
