"""Layout of the Terms tab: chooser, four cards, then form, preview and "Changes to sign" side by side."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from mycelix_studio.domain.strategy.shares import ShareUnit
from mycelix_studio.ui import sizes
from mycelix_studio.ui.labels import Rule, text
from mycelix_studio.ui.pages.strategies.forms import PANELS
from mycelix_studio.ui.pages.strategies.model import WAYS, tr
from mycelix_studio.ui.pages.strategies.parts import PaymentBar, Pile, WayCard, add_person_button
from mycelix_studio.ui.pages.strategies.share_rows import ShareRows
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.cards import Card
from mycelix_studio.ui.widgets.chips import Chip
from mycelix_studio.ui.widgets.inputs import Choice, Switch
from mycelix_studio.ui.widgets.scroll import Scroller
from mycelix_studio.ui.widgets.segment import Segment

CHANGES_WIDTH = 292
NARROW_BELOW = 1120 - 56
"""Width of the page, at normal size of text, below which the cards stand two by two."""


class TermsView(QWidget):
    """Layout only; ``terms.py`` gives it behaviour."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.scroller = Scroller()
        inner = QWidget()
        inner.setProperty("ground", "none")
        self.scroller.setWidget(inner)
        outer.addWidget(self.scroller)
        column = QVBoxLayout(inner)
        column.setContentsMargins(20, 16, 20, 20)
        column.setSpacing(12)
        column.addLayout(self._chooser(theme))
        self.notes = QVBoxLayout()
        column.addLayout(self.notes)
        self.card_grid = QGridLayout()
        self.card_grid.setSpacing(12)
        self.cards = [WayCard(way, theme) for way in WAYS]
        column.addLayout(self.card_grid)
        self.body = QGridLayout()
        self.body.setSpacing(12)
        self.form_card = self._form(theme)
        self.preview_card = self._preview(theme)
        self.changes_card = self._changes(theme)
        column.addLayout(self.body, 1)
        self.narrow = False
        self.lay_out(narrow=False)

    def _chooser(self, theme: Theme) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(text(tr("For"), theme, "body", "t2"))
        self.choice = Choice(tr("Song or album"), theme)
        sizes.keep(self.choice, least_width=300)
        row.addWidget(self.choice)
        self.state = Chip("", theme)
        row.addWidget(self.state)
        row.addWidget(
            text(
                tr("Tips are always on. Ways can be combined: switch on as many as you like."),
                theme,
                "small",
                "t2",
                wrap=True,
            ),
            1,
        )
        self.drafts = Button(tr("Drafts"), theme, "quiet", "ph.pencil-simple", small=True)
        row.addWidget(self.drafts)
        return row

    def _form(self, theme: Theme) -> Card:
        card = Card(16, 8)
        head = QHBoxLayout()
        self.form_title = text("", theme, "section")
        head.addWidget(self.form_title)
        self.on = Switch(tr("Songs earn this way"), theme)
        head.addWidget(self.on)
        self.on_words = text("", theme, "small", "t2")
        head.addWidget(self.on_words)
        head.addStretch(1)
        head.addWidget(text(tr("Start from"), theme, "small", "t3"))
        self.preset = Choice(tr("Start from"), theme, small=True)
        head.addWidget(self.preset)
        card.column.addLayout(head)
        self.forms = Pile()
        self.panels = [panel(theme) for panel in PANELS]
        for panel in self.panels:
            self.forms.add(panel)
        card.column.addWidget(self.forms)
        card.column.addSpacing(4)
        card.column.addWidget(Rule(theme, "line2"))
        self.unit = Segment(tr("Unit of shares"), [(ShareUnit.PERCENT.value, "%"), (ShareUnit.BPS.value, "0.01 %")])
        self.unit.button(ShareUnit.BPS.value).setToolTip(tr("Hundredths of a percent"))
        people = QHBoxLayout()
        people.addWidget(text(tr("Who gets paid"), theme, "strong"))
        people.addStretch(1)
        self.sum = Chip("", theme)
        people.addWidget(self.sum)
        people.addWidget(self.unit)
        self.lock = Button(tr("Lock for good…"), theme, "quiet", "ph.lock-key", small=True)
        self.lock.setCheckable(True)
        people.addWidget(self.lock)
        card.column.addLayout(people)
        self.rows = ShareRows(theme)
        card.column.addWidget(self.rows)
        below = QHBoxLayout()
        self.add_person = add_person_button(theme)
        self.even = Button(tr("Share evenly"), theme, "quiet", small=True)
        self.templates = Choice(tr("Usual shares"), theme, small=True)
        sizes.keep(self.templates, least_width=120)
        self.save_template = Button(tr("Save…"), theme, "quiet", small=True)
        self.save_template.setAccessibleName(tr("Save these shares"))
        for widget in (self.add_person, self.even):
            below.addWidget(widget)
        below.addStretch(1)
        below.addWidget(self.templates)
        below.addWidget(self.save_template)
        card.column.addLayout(below)
        card.column.addStretch(1)
        return card

    def _preview(self, theme: Theme) -> Card:
        card = Card(16, 10)
        self.preview_title = text("", theme, "section")
        card.column.addWidget(self.preview_title)
        self.payment = PaymentBar(theme)
        card.column.addWidget(self.payment)
        self.payment_place = QVBoxLayout()
        card.column.addLayout(self.payment_place)
        self.payment_words = text("", theme, "small", "t3", wrap=True)
        card.column.addWidget(self.payment_words)
        card.column.addWidget(Rule(theme, "line2"))
        self.previews = Pile()
        for panel in self.panels:
            self.previews.add(panel.preview)
        card.column.addWidget(self.previews, 1)
        return card

    def _changes(self, theme: Theme) -> Card:
        card = Card(16, 6)
        sizes.keep(card, width=CHANGES_WIDTH)
        head = QHBoxLayout()
        head.addWidget(text(tr("Changes to sign"), theme, "section"))
        head.addStretch(1)
        self.change_count = Chip("", theme, "acc")
        head.addWidget(self.change_count)
        card.column.addLayout(head)
        self.change_words = text(tr("On chain now → after you sign"), theme, "small", "t3", wrap=True)
        card.column.addWidget(self.change_words)
        self.change_place = QVBoxLayout()
        self.change_place.setSpacing(0)
        card.column.addLayout(self.change_place)
        self.change_notes = QVBoxLayout()
        self.change_notes.setSpacing(8)
        card.column.addSpacing(8)
        card.column.addLayout(self.change_notes)
        card.column.addStretch(1)
        fee = QHBoxLayout()
        self.fee_words = text("", theme, "small", "t2")
        self.fee = text("", theme, "small_strong")
        fee.addWidget(self.fee_words)
        fee.addStretch(1)
        fee.addWidget(self.fee)
        card.column.addLayout(fee)
        self.sign = Button(tr("Review and sign"), theme, "primary", "ph.pencil-simple")
        self.discard = Button(tr("Discard edits"), theme, "quiet", small=True)
        card.column.addWidget(self.sign)
        later = QHBoxLayout()
        later.addWidget(self.discard)
        later.addStretch(1)
        self.plan_date = Button(tr("Sign later…"), theme, "quiet", "ph.calendar-blank", small=True)
        later.addWidget(self.plan_date)
        card.column.addLayout(later)
        return card

    def lay_out(self, *, narrow: bool) -> None:
        """Place the cards: four in a row, or two by two with the preview below the form in a narrow window."""
        self.narrow = narrow
        for number, card in enumerate(self.cards):
            self.card_grid.addWidget(card, number // 2 if narrow else 0, number % 2 if narrow else number)
            self.card_grid.setColumnStretch(number, 0 if narrow and number > 1 else 1)
        self.body.addWidget(self.form_card, 0, 0)
        if narrow:
            self.body.addWidget(self.preview_card, 1, 0)
            self.body.addWidget(self.changes_card, 0, 1, 2, 1)
        else:
            self.body.addWidget(self.preview_card, 0, 1)
            self.body.addWidget(self.changes_card, 0, 2)
        self.body.setColumnStretch(0, 5)
        self.body.setColumnStretch(1, 0 if narrow else 5)
        self.body.setRowStretch(0, 1)
