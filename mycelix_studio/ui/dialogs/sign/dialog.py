"""The signing dialog: shows prepared requests one after the other, signs those the person agrees to, sends them.

The dialog never holds a key. The passphrase goes from its field into the job as an argument and the field is emptied at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QDateTime, QLocale, Qt, QTime, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QVBoxLayout, QWidget

from mycelix_studio.domain.clock import now
from mycelix_studio.domain.transaction import FeeLevel, Prepared, RequestKind, Signed
from mycelix_studio.errors import Known
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.wallet_face import Wallet
from mycelix_studio.ui.bridge import Bridge
from mycelix_studio.ui.dialogs.sign.flow import SigningFlow
from mycelix_studio.ui.dialogs.sign.parts import tr
from mycelix_studio.ui.dialogs.sign.view import WIDTH, SignView
from mycelix_studio.ui.dialogs.wallet.base import SCRUB_MS
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.dialog import width_within

Following = Callable[[Sequence[Signed], Work], Sequence[Prepared]]
"""Prepares what can only be prepared once the signatures before are in a block; runs on lane CHAIN; empty when nothing follows."""


class SignDialog(QDialog):
    """Signs one or several requests.

    Args:
        requests: What ``Wallet.prepare`` made, in order.
        following: Prepares the next ones after these are sent, or None.
        expected: How many signatures there will be in all, for "Signature 2 of 8".
        carry_to: On a computer without network: look at all requests one by one, sign them together at the last, and write them here.

    Signals:
        all_signed(list[Signed]): Everything was signed; the dialog closes after it.
        carried(Path): Signed without sending, into this file; the dialog closes after it.
        saved(Path): Written as a request for another computer; the dialog closes after it.
    """

    all_signed = Signal(object)
    carried = Signal(object)
    saved = Signal(object)

    def __init__(
        self,
        requests: Sequence[Prepared],
        wallet: Wallet,
        bridge: Bridge,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        following: Following | None = None,
        expected: int = 0,
        carry_to: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self.wallet = wallet
        self.bridge = bridge
        self.flow = SigningFlow(list(requests), wallet.fee_level(), together=carry_to is not None)
        self.following = following
        self.expected = max(expected, len(requests))
        self.carry_to = carry_to
        self.setWindowTitle(tr("Before you sign"))
        self.setModal(True)
        self.setProperty("kind", "dialog")
        self.view = SignView(theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        self.setMinimumWidth(640)
        self.resize(width_within(self, WIDTH), 720)
        self.view.passphrase.textChanged.connect(self._update_button)
        self.view.sign.clicked.connect(self._sign)
        self.view.leave.clicked.connect(self.reject)
        self.view.save.clicked.connect(self._ask_where_to_save)
        self._show()

    @property
    def signed(self) -> list[Signed]:
        """What was signed so far."""
        return [result for result, _at in self.flow.signed]

    # what is shown ----------------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        request = self.flow.current
        shown = self.view.show_request(request, self.flow.level, self._note())
        if shown.fee is not None:
            shown.fee.chosen.connect(self._choose_fee)
        shown.more.toggled.connect(self._refit)
        self.view.passphrase.clear()
        self.view.sign.setText(self._verb())
        self.view.sign.setAccessibleName(f"{self.view.sign.text()}: {request.title}")
        self.view.save.setVisible(request.kind is RequestKind.TRANSACTION and self.carry_to is None)
        self._tab_order()
        self._fit()
        self._update_button()

    def _verb(self) -> str:
        """Return what the button does now."""
        if self.flow.together:
            return tr("Sign all and save") if self.flow.last else tr("Right so far, next")
        return tr("Sign and send") if self.flow.current.kind is RequestKind.TRANSACTION else tr("Sign")

    def _note(self) -> str:
        if self.expected <= 1:
            return ""
        note = tr("Signature {number} of {all}").format(number=len(self.flow.signed) + 1, all=self.expected)
        if self.flow.signed and not self.flow.together:
            _result, at = self.flow.signed[-1]
            clock = self.locale().toString(_local_time(at), QLocale.FormatType.ShortFormat)
            note += tr(" · {number} of {all} was sent at {time}").format(
                number=len(self.flow.signed), all=self.expected, time=clock
            )
        return note

    def _fit(self) -> None:
        """Take the height the request needs, as far as the screen has it; beyond that the request scrolls."""
        assert self.view.request is not None
        self.view.request.adjustSize()
        content = self.view.request.heightForWidth(self.width() - 2)
        wanted = max(content, self.view.request.sizeHint().height()) + self.view.sizeHint().height()
        wanted += 8 - self.view.scroller.sizeHint().height()
        room = self.screen().availableGeometry().height() - 48 if self.screen() is not None else 900
        self.resize(self.width(), max(420, min(wanted, room)))
        if self.isVisible():
            self._grow()

    def showEvent(self, event: QShowEvent) -> None:
        """Take the room the request turns out to need, once it is laid out."""
        super().showEvent(event)
        self._grow()

    def _grow(self) -> None:
        request = self.view.request
        layout, inner = self.layout(), request.layout() if request is not None else None
        if request is None or layout is None or inner is None:
            return
        layout.activate()
        viewport = self.view.scroller.viewport()
        # Wrapped lines make the layout ask for the height of a much narrower dialog; what this width needs is told instead.
        need = inner.totalHeightForWidth(viewport.width()) if inner.hasHeightForWidth() else inner.sizeHint().height()
        request.setMinimumHeight(need)
        room = self.screen().availableGeometry().height() - 48 if self.screen() is not None else 900
        self.resize(self.width(), max(420, min(self.height() + need - viewport.height(), room)))

    def _refit(self, _shown: bool) -> None:
        self._grow()

    def _tab_order(self) -> None:
        shown = self.view.request
        assert shown is not None
        order = [shown.fee, shown.more, self.view.passphrase, self.view.save, self.view.leave, self.view.sign]
        present = [widget for widget in order if widget is not None]
        for before, after in pairwise(present):
            QWidget.setTabOrder(before, after)
        (self.view.passphrase if self.flow.current.needs_passphrase else self.view.leave).setFocus(
            Qt.FocusReason.OtherFocusReason
        )

    def _choose_fee(self, level: FeeLevel) -> None:
        self.flow.level = level
        if self.view.request is not None:
            self.view.request.show_fee(self.flow.current, level)
        self._update_button()

    def _update_button(self) -> None:
        why = self.flow.why_not(self.view.passphrase.text())
        self.view.sign.setEnabled(not why)
        self.view.sign.setToolTip(why or tr("Ctrl+Enter signs while this button has the focus"))
        self.view.sign.setAccessibleDescription(why)

    # signing ----------------------------------------------------------------------------------------------------------------------

    def _sign(self) -> None:
        passphrase = self.view.passphrase.text()
        if not self.flow.may_sign(passphrase):
            return
        request = self.flow.current
        if self.carry_to is not None:
            self._carry(passphrase, self.carry_to)
            return
        self._set_busy(True, tr("Signing…"))
        self.view.passphrase.clear()
        self.view.show_problem("", "")
        self.bridge.run(
            Lane.CHAIN,
            partial(_sign_one, self.wallet, request, passphrase if request.needs_passphrase else None, self.flow.level),
            name="sign",
            success=self._was_signed,
            failure=self._failed,
            cancelled=self._stopped,
            initiator=self,
        )

    def _carry(self, passphrase: str, to: Path) -> None:
        if not self.flow.last:
            self.flow.done(Signed(), now())
            self._show()
            return
        self._set_busy(True, tr("Signing…"))
        self.view.passphrase.clear()
        secret = passphrase if self.flow.current.needs_passphrase else None
        self.bridge.run(
            Lane.KEYRING,
            partial(_sign_offline, self.wallet, list(self.flow.requests), to, secret),
            name="sign to carry",
            success=self._was_carried,
            failure=self._failed,
            cancelled=self._stopped,
        )

    def _was_carried(self, to: Path) -> None:
        self._set_busy(False)
        self.carried.emit(to)
        self.accept()

    def _was_signed(self, result: Signed) -> None:
        finished = self.flow.done(result, now())
        if not finished:
            self._set_busy(False)
            self._show()
            return
        if self.following is None:
            self._finish()
            return
        self._set_busy(True, tr("Being confirmed…"))
        self.bridge.run(
            Lane.CHAIN,
            partial(_prepare_following, self.following, self.signed),
            name="prepare next signature",
            success=self._has_following,
            failure=self._failed,
            cancelled=self._stopped,
            initiator=self,
        )

    def _has_following(self, requests: Sequence[Prepared]) -> None:
        if not requests:
            self._finish()
            return
        self.flow.requests = [*self.flow.requests, *requests]
        self.expected = max(self.expected, len(self.flow.requests))
        self._set_busy(False)
        self._show()

    def _failed(self, error: Exception) -> None:
        self._set_busy(False)
        if isinstance(error, Known):
            self.view.show_problem(error.title, f"{error.message} {error.hint}".strip())
        else:
            self.view.show_problem(
                tr("Studio made a mistake"), tr("Nothing was sent by it. Details are in the crash report.")
            )
            self.bridge.failed.emit(error)
        self._update_button()

    def _stopped(self) -> None:
        self._set_busy(False)
        self._update_button()

    def _finish(self) -> None:
        self.flow.busy = False
        self.all_signed.emit(self.signed)
        self.accept()

    def _set_busy(self, busy: bool, words: str = "") -> None:
        self.flow.busy = busy
        self.view.leave.setEnabled(not busy)
        self.view.save.setEnabled(not busy)
        self.view.sign.setText(words if busy else self._verb())
        self._update_button()

    def reject(self) -> None:
        """Close without signing more; not while a signature is being made."""
        if not self.flow.busy:
            self.view.passphrase.clear()
            super().reject()

    # offline ----------------------------------------------------------------------------------------------------------------------

    def done(self, result: int) -> None:
        """Close, and overwrite what a passphrase left behind."""
        asked = any(request.needs_passphrase for request in self.flow.requests)
        super().done(result)
        if asked:
            QTimer.singleShot(SCRUB_MS, self.wallet.scrub_memory)

    def _ask_where_to_save(self) -> None:
        dialog = QFileDialog(self, tr("Save to sign on a computer without network"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(tr("Request to sign (*.mycelix-request)"))
        dialog.setDefaultSuffix("mycelix-request")
        dialog.fileSelected.connect(self._save)
        dialog.open()

    def _save(self, file: str) -> None:
        self._saving = Path(file)
        rest = list(self.flow.requests)[len(self.flow.signed) :]
        self._set_busy(True, tr("Saving…"))
        self.bridge.run(
            Lane.IO,
            partial(_export, self.wallet, rest, Path(file), self.flow.level),
            name="save request",
            success=self._was_saved,
            failure=self._failed,
            cancelled=self._stopped,
        )

    def _was_saved(self, _result: object) -> None:
        self._set_busy(False)
        super().reject()
        self.saved.emit(self._saving)


def _sign_one(wallet: Wallet, request: Prepared, passphrase: str | None, level: FeeLevel, work: Work) -> Signed:
    work.token.raise_if_cancelled()
    return wallet.sign_and_send(request, passphrase, level=level)


def _sign_offline(wallet: Wallet, requests: Sequence[Prepared], to: Path, passphrase: str | None, work: Work) -> Path:
    work.token.raise_if_cancelled()
    wallet.sign_offline(requests, to, passphrase)
    return to


def _prepare_following(following: Following, signed: Sequence[Signed], work: Work) -> Sequence[Prepared]:
    return following(signed, work)


def _export(wallet: Wallet, requests: Sequence[Prepared], to: Path, level: FeeLevel, work: Work) -> None:
    work.token.raise_if_cancelled()
    wallet.export_unsigned(requests, to, level=level)


def _local_time(moment: datetime) -> QTime:
    return QDateTime.fromSecsSinceEpoch(int(moment.timestamp())).time()
