"""Ways to fill in who gets paid: the address book, equal shares, usual shares, shares kept under a name."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMenu

from mycelix_studio.domain.strategy.pay_per_stream import SHARE_PRESETS
from mycelix_studio.domain.strategy.shares import ShareEntry, ShareUnit, SplitForm, format_share
from mycelix_studio.services.jobs import Lane
from mycelix_studio.settings import ARTIST_NAME
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.widgets.dialog import Dialog
from mycelix_studio.ui.widgets.inputs import Field

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.strategies.terms import TermsTab


class ShareActions(QObject):
    """The buttons around the rows, for one page."""

    def __init__(self, page: TermsTab) -> None:
        super().__init__(page)
        self.page = page

    @Slot()
    def add_person(self) -> None:
        """Offer the address book; an empty row for somebody new."""
        contacts = [
            c
            for c in self.page.studio.wallet.contacts()
            if c.address not in {e.address for e in self.page.form.split.entries}
        ]
        if not contacts:
            self.page.edit(replace(self.page.form, split=self.page.form.split.added(ShareEntry())))
            self.page.view.rows.fields[-1][0].setFocus()
            return
        menu = QMenu(self.page)
        for contact in contacts:
            entry = ShareEntry(contact.address, contact.name, "", "")
            menu.addAction(contact.name, partial(self.add_entry, entry))
        menu.addSeparator()
        menu.addAction(tr("Somebody new"), partial(self.add_entry, ShareEntry()))
        menu.exec(self.page.view.add_person.mapToGlobal(self.page.view.add_person.rect().bottomLeft()))
        menu.deleteLater()

    def add_entry(self, entry: ShareEntry) -> None:
        """Add a row for somebody."""
        self.page.edit(replace(self.page.form, split=self.page.form.split.added(entry)))

    @Slot()
    def share_evenly(self) -> None:
        """Give everybody the same."""
        self.page.edit(replace(self.page.form, split=self.page.form.split.evened()))

    def offers(self) -> list[tuple[str, str]]:
        """Return key and words of what shares can start from: usual ones, then those kept under a name."""
        usual = [(f"preset:{preset.key}", tr(preset.title)) for preset in SHARE_PRESETS]
        kept = [(f"saved:{name}", name) for name in self.page.studio.strategies.templates()]
        return [("", tr("Usual shares")), *usual, *kept]

    @Slot(object)
    def take(self, key: object) -> None:
        """Begin with usual or with saved shares."""
        kind, _colon, name = str(key).partition(":")
        account = self.page.studio.wallet.current()
        if kind == "saved":
            found = self.page.studio.strategies.templates().get(name)
        elif kind == "preset" and account is not None:
            preset = next(preset for preset in SHARE_PRESETS if preset.key == name)
            me = self.page.studio.settings.get(ARTIST_NAME) or account.name
            found = SplitForm(
                tuple(
                    ShareEntry("" if place else account.address, "" if place else me, tr(role), format_share(bps))
                    for place, (role, bps) in enumerate(preset.shares)
                )
            )
        else:
            found = None
        if found is not None:
            self.page.edit(replace(self.page.form, split=found))
        self.page.view.templates.set_value("")

    @Slot(str)
    def show_unit(self, unit: str) -> None:
        """Show shares in percent, or in hundredths of it."""
        self.page.edit(replace(self.page.form, split=self.page.form.split.with_unit(ShareUnit(unit))))

    @Slot()
    def save_template(self) -> None:
        """Keep these shares under a name."""
        split = self.page.form.split
        dialog = Dialog(
            tr("Save these shares"), tr("Take them for other songs later."), self.page.theme, self.page, width=420
        )
        name = Field(tr("Name"), self.page.theme, hint=tr("Such as Band of three"))
        dialog.body.addWidget(name)
        dialog.add_button(tr("Cancel")).clicked.connect(dialog.reject)
        dialog.add_button(tr("Save shares"), "primary", enter=True).clicked.connect(dialog.accept)
        if dialog.exec() and name.text().strip():
            called = name.text().strip()
            self.page.bridge.run(
                Lane.DB,
                lambda _work: self.page.studio.strategies.save_template(called, split),
                name="template",
                failure=self.page.failed,
            )
        dialog.deleteLater()
