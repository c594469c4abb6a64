"""What would be sent about how Studio is used: every word of it, before it is sent, to send, keep or forget."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QWidget

from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.studio import Studio
from mycelix_studio.ui import sizes
from mycelix_studio.ui.bridge import Bridge
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.dialog import Dialog


class UsageDialog(Dialog):
    """Shows what waits. Nothing leaves this computer but by its button."""

    def __init__(self, studio: Studio, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("", "", theme, parent, width=560)
        self.setWindowTitle(self.tr("What would be sent"))
        self.title.setText(self.tr("What would be sent"))
        self._studio = studio
        self._bridge = bridge
        self.sheet = QPlainTextEdit()
        self.sheet.setReadOnly(True)
        self.sheet.setAccessibleName(self.tr("Every word that would be sent"))
        sizes.keep(self.sheet, least_height=200)
        self.body.addWidget(self.sheet)
        self.let_body_grow()
        self.erase = self.add_button(self.tr("Forget it"), "quiet", left=True)
        self.save = self.add_button(self.tr("Save as…"))
        self.leave = self.add_button(self.tr("Close"))
        self.send = self.add_button(self.tr("Send this"), "primary")
        self.erase.clicked.connect(self._erase)
        self.save.clicked.connect(self._save)
        self.leave.clicked.connect(self.reject)
        self.send.clicked.connect(self._send)
        self._show("")

    def _show(self, said: str) -> None:
        usage = self._studio.usage
        count = len(usage.waiting())
        if said:
            words = said
        elif not usage.on:
            words = self.tr("This is off: nothing is noted and nothing is sent. Switch it on in Privacy.")
        elif not count:
            words = self.tr("Nothing was noted yet.")
        else:
            words = self.tr(
                "Which pages you opened, by day. No name, address, title or file, and your platform cannot tell that it is you."
            )
        self.words.setText(words)
        self.words.setVisible(True)
        self.sheet.setPlainText(usage.text() if count else "")
        self.sheet.setVisible(bool(count))
        for button in (self.erase, self.save, self.send):
            button.setEnabled(bool(count))

    @Slot()
    def _erase(self) -> None:
        self._studio.usage.erase()
        self._show(self.tr("Forgotten."))

    @Slot()
    def _save(self) -> None:
        name, _kind = QFileDialog.getSaveFileName(self, self.tr("Save as"), "studio-usage.json", "JSON (*.json)")
        if name:
            try:
                self._studio.usage.export(Path(name))
            except OSError as error:
                self._show(self.tr("Could not save it: {why}.").format(why=error.strerror or error))

    @Slot()
    def _send(self) -> None:
        self.send.setEnabled(False)
        self.words.setText(self.tr("Sending…"))
        self._bridge.run(Lane.IO, self._sending, name="usage", success=self._sent, failure=self._failed, initiator=self)

    def _sending(self, work: Work) -> int:
        return self._studio.usage.send(work)

    def _sent(self, count: int) -> None:
        self._show(self.tr("Sent {count}. Thank you.").format(count=count))

    def _failed(self, error: Exception) -> None:
        self._show(f"{getattr(error, 'title', error)}. {getattr(error, 'message', '')}")
