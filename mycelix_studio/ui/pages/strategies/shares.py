"""Ways to fill in who gets paid: the address book, equal shares, presets, shares kept under a name."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMenu

from mycelix_studio.domain.strategy.shares import ShareEntry, SplitForm
from mycelix_studio.domain.strategy.terms import TermsForm
from mycelix_studio.services.jobs import Lane
from mycelix_studio.settings import ARTIST_NAME
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.widgets.dialog import Dialog
from mycelix_studio.ui.widgets.inputs import Field

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.strategies.page import StrategiesPage

COLLABORATION = (("", "Artist", "30"), ("", "Producer", "15"), ("", "Platform", "5"))
"""The platform's preset for two artists, a producer and the platform; the first half is the artist's own."""


class ShareActions(QObject):
    """The buttons around the rows, for one page."""

    def __init__(self, page: StrategiesPage) -> None:
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

    @Slot(object)
    def start_from(self, key: object) -> None:
        """Begin with a preset."""
        account = self.page.studio.wallet.current()
        if not key or account is None:
            return
        name = self.page.studio.settings.get(ARTIST_NAME) or account.name
        me = ShareEntry(account.address, name, tr("Artist"), "100" if key == "alone" else "50")
        others = (
            ()
            if key == "alone"
            else tuple(ShareEntry(address, "", tr(role), share) for address, role, share in COLLABORATION)
        )
        self.page.edit(TermsForm(split=SplitForm((me, *others))))
        self.page.view.preset.set_value("")

    @Slot(object)
    def take_template(self, name: object) -> None:
        """Take saved shares."""
        found = self.page.studio.strategies.templates().get(str(name))
        if found is not None:
            self.page.edit(replace(self.page.form, split=found))
        self.page.view.templates.set_value("")

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
