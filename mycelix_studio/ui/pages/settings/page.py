"""The settings' behaviour: saved as they are changed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from PySide6.QtCore import Slot

from mycelix_studio import settings as keys
from mycelix_studio.domain.account import Account
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.settings import AnySetting
from mycelix_studio.ui.charts.words import day_text
from mycelix_studio.ui.dialogs.usage import UsageDialog
from mycelix_studio.ui.labels import breakable
from mycelix_studio.ui.pages.base import Command, Context, Page
from mycelix_studio.ui.pages.settings.controls import Value, tr
from mycelix_studio.ui.pages.settings.sections import KEPT, PASSPHRASE, PRACTISE, SECTIONS, USAGE, Link
from mycelix_studio.ui.pages.settings.view import SettingsView
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.dialog import ask
from mycelix_studio.ui.widgets.toasts import Message


class SettingsPage(Page):
    """One scrolling page of all settings."""

    concerns: ClassVar[frozenset[Kind]] = frozenset({Kind.ACCOUNTS})

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Settings"))
        self.header.context.setText(tr("Saved as you change them"))
        self.reset = Button(tr("Set back to standard…"), self.theme, "quiet")
        self.reset.clicked.connect(self._reset)
        self.header.add(self.reset)
        self._build()

    def _build(self) -> None:
        self.view = SettingsView(self.studio.settings, self.theme, self._set, self._open_link)
        self.column.addWidget(self.view, 1)
        self.view.list.currentRowChanged.connect(self._jump)
        self.view.finder.textChanged.connect(self.view.search)

    def refresh(self) -> None:
        """Read the account whose words and passphrase are spoken of."""
        self.bridge.run(
            Lane.DB, self._current, name="settings", success=self._show_account, failure=self.failed, initiator=self
        )

    def _current(self, work: Work) -> tuple[Account | None]:
        return (self.studio.wallet.current(),)

    def _show_account(self, found: tuple[Account | None]) -> None:
        (account,) = found
        self.view.lines[KEPT.key].setEnabled(account is not None and account.can_sign)
        self.view.lines[KEPT.key].description.setText(self._where_kept())
        has_words = account is not None and bool(account.path)
        self.view.lines[PRACTISE.key].setEnabled(has_words)
        self.view.lines[PASSPHRASE.key].setEnabled(account is not None and account.can_sign)
        words = tr(PRACTISE.description)
        if account is None:
            words = tr("There is no account yet.")
        elif not has_words:
            words = tr("{name} has no words here.").format(name=account.name)
        elif account.backup_proven_at is not None:
            day = day_text(account.backup_proven_at.astimezone().date(), year=True)
            words = tr("{name}: last done {day}.").format(name=account.name, day=day)
        self.view.lines[PRACTISE.key].description.setText(words)
        words = tr(PASSPHRASE.description)
        if account is not None and account.own_passphrase:
            words = tr("{name}: asked for each signature.").format(name=account.name)
        self.view.lines[PASSPHRASE.key].description.setText(words)

    def _where_kept(self, also: str = "") -> str:
        folder = self.studio.paths.keystores
        where = tr("Sealed in a wallet file in {folder}, which a random passphrase in the system’s keyring opens.")
        if self.studio.paths.throwaway:
            where = tr("Sealed in a wallet file in {folder}, with what opens it: this profile is to be thrown away.")
        return f"{where.format(folder=breakable(folder))} {also}".strip()

    @Slot()
    def try_key(self) -> None:
        """Prove that the wallet file opens, which may ask the keyring to be unlocked."""
        prove = self.studio.wallet.prove_key
        self.bridge.run(
            Lane.KEYRING, lambda _work: prove(), name="try key", success=self._key_opens, failure=self._key_does_not
        )

    @Slot(object)
    def _key_opens(self, _nothing: object) -> None:
        self.view.lines[KEPT.key].description.setText(self._where_kept(tr("Tried just now: it opens.")))

    @Slot(object)
    def _key_does_not(self, error: Exception) -> None:
        self.view.lines[KEPT.key].description.setText(self._where_kept(tr("Tried just now: it does not open.")))
        self.failed(error)

    def _open_link(self, link: Link) -> None:
        if link is USAGE:
            dialog = UsageDialog(self.studio, self.bridge, self.theme, self)
            dialog.exec()
            dialog.deleteLater()
        elif link is KEPT:
            self.try_key()
        elif link.page:
            self.shell.go(link.page, link.target)
        else:
            self.shell.open_keys()

    def _set(self, setting: AnySetting, value: Value) -> None:
        try:
            self.studio.settings.put(setting, value)
        except OSError as error:
            words = tr(
                "{why}. It is as it was before. Make room on the disk, or look at the folder’s rights, then try again."
            )
            words = words.format(why=error.strerror or error)
            self.shell.toast(Message(tr("Could not save the setting"), words, "bad"))
            return
        self.studio.hub.publish(Changes.of(Kind.SETTINGS), self)

    @Slot(int)
    def _jump(self, row: int) -> None:
        self.view.jump(row)

    @Slot()
    def _reset(self) -> None:
        words = tr("Every setting gets its standard value. Your wallet, your music and your figures stay.")
        if not ask(self, tr("Set everything back to standard?"), words, tr("Set back"), self.theme, danger=True):
            return
        for setting in keys.SETTINGS:
            self._set(setting, setting.default)
        self.column.removeWidget(self.view)
        self.view.hide()
        self.view.deleteLater()
        self._build()
        self.refresh()

    def open(self, target: object) -> None:
        """Scroll to a section by its title."""
        if isinstance(target, str):
            titles = self.view.titles()
            if target in titles:
                self.view.list.setCurrentRow(titles.index(target))
                self.view.jump(titles.index(target))

    def focus_filter(self) -> None:
        """Put the cursor into the finder."""
        self.view.finder.setFocus()

    def commands(self) -> Sequence[Command]:
        """Return a command for each section."""
        return tuple(
            Command(
                tr("{section} settings").format(section=tr(section.title)),
                partial(self.open, section.title),
                "",
                tr("Settings"),
                section.icon,
            )
            for section in SECTIONS
        )
