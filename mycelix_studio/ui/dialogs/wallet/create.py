"""Making an account: words made, written down, practised; and practising again later."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from mycelix_studio.domain.account import Account, NewWords
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.wallet import StudioWallet
from mycelix_studio.ui.dialogs.wallet.base import Tools, WalletDialog, secret_field, tr
from mycelix_studio.ui.dialogs.wallet.words import Restored, Steps, WordsShown, WordsTyped
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.cards import Note
from mycelix_studio.ui.widgets.inputs import Choice, Field

MAKE, WRITE, PRACTISE, READY = range(4)
WIDTH = 680
SAYS = (
    (
        "Make an account",
        "Your account is a key that only you have. Studio makes words you can write on paper; from them it can always be made again.",
    ),
    (
        "Write these words down",
        "In this order, on paper. Whoever has them has your money; without them nobody can bring it back.",
    ),
    (
        "Can you get back in?",
        (
            "Imagine this computer is gone. Type all words from your paper. Studio rebuilds the wallet from what you wrote and "
            "compares the address."
        ),
    ),
    (
        "Your account is ready",
        "The words restored the address, so you can always get back in. It can sign from now on.",
    ),
)


class CreateDialog(WalletDialog):
    """Four steps. Nothing is usable before the words restored the address.

    Signals:
        created(Account): The account was kept, practised or not.
    """

    created = Signal(object)

    def __init__(self, tools: Tools, parent: QWidget | None = None) -> None:
        super().__init__(tr(SAYS[MAKE][0]), tr(SAYS[MAKE][1]), tools, parent, width=WIDTH)
        self.step = MAKE
        self.account: Account | None = None
        self.steps = Steps((tr("Make"), tr("Write down"), tr("Practise"), tr("Ready")), tools.theme)
        self._column.insertWidget(0, self.steps)
        self._column.insertSpacing(1, 8)
        self.stack = QStackedWidget()
        self.body.addWidget(self.stack)
        self.stack.addWidget(self._make_page())
        self.stack.addWidget(self._write_page())
        self.stack.addWidget(self._practise_page())
        self.stack.addWidget(QWidget())
        self.add_problem_place()
        self.back = self.add_button(tr("Show the words again"), "quiet", left=True)
        self.later = self.add_button(tr("Cancel"))
        self.go = self.add_button(tr("Make the words"), "primary")
        self.back.clicked.connect(self._show_again)
        self.later.clicked.connect(self.reject)
        self.go.clicked.connect(self._next)
        self._show_step(MAKE)

    def _make_page(self) -> QWidget:
        page, column = _page()
        self.name = Field(tr("Name"), self.theme)
        self.name.setText(tr("Main"))
        self.count = Choice(tr("Number of words"), self.theme, [(12, tr("12 words")), (24, tr("24 words"))])
        self.passphrase = secret_field(tr("Passphrase"), self.theme, tr("None, the keyring is enough"))
        self.again = secret_field(tr("Passphrase again"), self.theme)
        column.addLayout(self.labelled(tr("Name"), self.name))
        column.addLayout(self.labelled(tr("How many"), self.count))
        column.addLayout(self.labelled(tr("Own passphrase"), self.passphrase))
        column.addLayout(self.labelled(tr("Type it again"), self.again))
        hint = tr("With a passphrase of your own Studio asks for it before each signature.")
        column.addWidget(text(hint, self.theme, "small", "t3", wrap=True))
        column.addStretch(1)
        for field in (self.name, self.passphrase, self.again):
            field.textChanged.connect(self.update_buttons)
        return page

    def _write_page(self) -> QWidget:
        page, column = _page()
        self.shown = WordsShown(self.theme)
        column.addWidget(self.shown)
        column.addSpacing(4)
        column.addWidget(_nobody(self.theme))
        column.addStretch(1)
        return page

    def _practise_page(self) -> QWidget:
        page, column = _page()
        self.typed = WordsTyped(12, self.theme)
        self.typed.changed.connect(self._typed)
        self.restored = Restored(self.theme)
        column.addWidget(self.typed)
        column.addSpacing(6)
        column.addWidget(self.restored)
        column.addWidget(_nobody(self.theme))
        column.addWidget(_kept(self.theme))
        column.addStretch(1)
        return page

    # steps ------------------------------------------------------------------------------------------------------------------------

    def _show_step(self, step: int) -> None:
        self.step = step
        self.steps.set_step(step if step < READY else READY + 1)
        self.title.setText(tr(SAYS[step][0]))
        self.words.setText(tr(SAYS[step][1]))
        self.stack.setCurrentIndex(step)
        page = self.stack.currentWidget()
        self.stack.setMaximumHeight(page.sizeHint().height() if page is not None and step != READY else 1)
        self.back.setVisible(step == PRACTISE)
        self.later.setVisible(step != READY)
        self.later.setText(
            tr("Later, do not use it yet") if step in {WRITE, PRACTISE} and self.account else tr("Cancel")
        )
        self.go.setText((tr("Make the words"), tr("I wrote them down"), tr("Restore and compare"), tr("Done"))[step])
        self.go.setAccessibleName(self.go.text())
        self.update_buttons()
        self.fit()
        if step == PRACTISE:
            self.typed.fields[0].setFocus()

    def update_buttons(self) -> None:
        """The next step needs what this one asks for."""
        if self.step == MAKE:
            same = self.passphrase.text() == self.again.text()
            self.again.set_wrong(bool(self.again.text()) and not same, "" if same else tr("The two are not equal."))
            self.go.setEnabled(bool(self.name.text().strip()) and same)
        elif self.step == PRACTISE:
            self.go.setEnabled(not self.typed.left())
        else:
            self.go.setEnabled(True)

    def _next(self) -> None:
        if self.step == MAKE:
            count = self.count.value()
            run = partial(_new_words, self.wallet, count if isinstance(count, int) else 12)
            self.run_job(Lane.KEYRING, run, self._have_words, "new words")
        elif self.step == WRITE:
            if self.account is not None:
                self._practise(self.account)
                return
            run_create = partial(
                _create, self.wallet, self.shown.words(), self.name.text().strip(), self.passphrase.text() or None
            )
            self.run_job(Lane.KEYRING, run_create, self._practise, "create account")
        elif self.step == PRACTISE and self.account is not None:
            run_drill = partial(_drill, self.wallet, self.account.address, self.typed.words())
            self.run_job(Lane.KEYRING, run_drill, self._proven, "recovery drill")
        else:
            self.accept()

    def _have_words(self, made: NewWords) -> None:
        self.shown.show_words(made.words)
        self.typed.set_count(len(made.words))
        self.restored.show_address(made.address)
        self._show_step(WRITE)

    def _practise(self, account: Account) -> None:
        if self.account is None:
            self.account = account
            self.passphrase.clear()
            self.again.clear()
            self.wallet.context.hub.publish(Changes.of(Kind.ACCOUNTS), self)
            self.created.emit(account)
        self._show_step(PRACTISE)
        self._typed()

    def _show_again(self) -> None:
        self._show_step(WRITE)

    def _typed(self) -> None:
        self.restored.show_left(self.typed.compare(self.shown.words()))
        self.update_buttons()

    def _proven(self, _changes: object) -> None:
        self.shown.forget()
        self.forget()
        self._show_step(READY)

    def forget(self) -> None:
        """Empty fields and words."""
        super().forget()
        self.shown.forget()


class DrillDialog(WalletDialog):
    """Practise again, or for the first time after "Later": all words are typed from paper."""

    def __init__(self, account: Account, tools: Tools, parent: QWidget | None = None) -> None:
        super().__init__(tr(SAYS[PRACTISE][0]), tr(SAYS[PRACTISE][1]), tools, parent, width=WIDTH)
        self.account = account
        self.count = Choice(
            tr("Number of words"), tools.theme, [(12, tr("12 words")), (24, tr("24 words"))], small=True
        )
        self.count.picked.connect(self._count)
        self.typed = WordsTyped(12, tools.theme)
        self.typed.changed.connect(self._typed)
        self.restored = Restored(tools.theme)
        self.restored.show_address(account.address)
        self.body.addLayout(self.labelled(tr("On your paper"), self.count))
        self.body.addWidget(self.typed)
        self.body.addSpacing(6)
        self.body.addWidget(self.restored)
        self.body.addWidget(_nobody(tools.theme))
        self.add_problem_place()
        leave = self.add_button(tr("Cancel"))
        self.go = self.add_button(tr("Restore and compare"), "primary")
        leave.clicked.connect(self.reject)
        self.go.clicked.connect(self._drill)
        self._typed()

    def _count(self, count: object) -> None:
        self.typed.set_count(count if isinstance(count, int) else 12)
        self._typed()
        self.fit()

    def _typed(self) -> None:
        self.restored.show_left(self.typed.left())
        self.update_buttons()

    def update_buttons(self) -> None:
        """All words must be there."""
        self.go.setEnabled(not self.typed.left())

    def _drill(self) -> None:
        run = partial(_drill, self.wallet, self.account.address, self.typed.words())
        self.run_job(Lane.KEYRING, run, self._proven, "recovery drill")

    def _proven(self, _changes: object) -> None:
        self.forget()
        self.accept()


def _page() -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    return page, column


def _nobody(theme: Theme) -> Note:
    return Note(
        tr("Nobody can give you these words again."),
        tr("Not the platform, not us. Keep the paper where you keep your passport. No photo, no cloud note."),
        "warn",
        theme,
    )


def _kept(theme: Theme) -> Note:
    return Note(
        "",
        tr("Studio keeps the wallet locked in your system’s keyring. The words are not stored anywhere."),
        "info",
        theme,
    )


def _new_words(wallet: StudioWallet, count: int, work: Work) -> NewWords:
    return wallet.new_words(count)


def _create(wallet: StudioWallet, words: Sequence[str], name: str, passphrase: str | None, work: Work) -> Account:
    account = wallet.create(words, name, passphrase)
    if len(wallet.accounts()) == 1:
        wallet.set_current(account.address)
    return account


def _drill(wallet: StudioWallet, address: str, words: Sequence[str], work: Work) -> Changes:
    return wallet.drill(address, words)
