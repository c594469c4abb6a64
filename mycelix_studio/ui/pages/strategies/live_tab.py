"""Tabs that show what goes on right now: what was read last at once, then what the chain says, then what to do about it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from mycelix_studio.domain.address import short_address
from mycelix_studio.domain.money import WEI_PER_TOKEN, parse_token
from mycelix_studio.domain.transaction import Prepared
from mycelix_studio.errors import Known
from mycelix_studio.services.changes import Kind
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.live import Live
from mycelix_studio.services.strategies import NoSigner
from mycelix_studio.settings import ARTIST_NAME
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.charts import paint, words
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.base import Command, as_known
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.pages.strategies.parts import clear
from mycelix_studio.ui.pages.strategies.tab import Tab
from mycelix_studio.ui.widgets.buttons import Button, IconButton
from mycelix_studio.ui.widgets.cards import Card, Figure, Note
from mycelix_studio.ui.widgets.dialog import Dialog
from mycelix_studio.ui.widgets.inputs import Field, FieldWithHelp
from mycelix_studio.ui.widgets.progress import Bar
from mycelix_studio.ui.widgets.scroll import Scroller
from mycelix_studio.ui.widgets.states import States

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.strategies.page import StrategiesPage
    from mycelix_studio.ui.theme import Theme

MINUTE = 60_000
CARD_WIDTH = 142
"""Pixels; narrower cards cut their figures."""


class LiveTab(Tab):
    """A tab over one reading of :class:`~mycelix_studio.services.live.Live`, read anew every minute while it is shown."""

    concerns = frozenset({Kind.SONGS, Kind.TRANSACTIONS, Kind.ACCOUNTS, Kind.ADDRESS_BOOK})
    empty: ClassVar[tuple[str, str, str]]
    """Icon, title and words while there is nothing of the kind."""

    def __init__(self, page: StrategiesPage) -> None:
        super().__init__(page)
        self.state: Any = None
        self.names: dict[str, str] = {}
        self._reading = False
        self.body = QWidget()
        self.body_column = QVBoxLayout(self.body)
        self.body_column.setContentsMargins(20, 16, 20, 20)
        self.body_column.setSpacing(12)
        self.top = QHBoxLayout()
        self.top.setSpacing(8)
        self.body_column.addLayout(self.top)
        self.notes = QVBoxLayout()
        self.body_column.addLayout(self.notes)
        self.body.setProperty("ground", "none")
        self.states = States(Scroller(self.body), self.theme, skeleton="rows")
        self.column.addWidget(self.states, 1)
        self.as_of = text("", self.theme, "small", "t3")
        self.again = IconButton("ph.arrows-clockwise", tr("Read from the chain again"), self.theme)
        self.again.clicked.connect(self.read_again)
        self._minute = QTimer(self, interval=MINUTE)
        self._minute.timeout.connect(self.read_again)

    @property
    def live(self) -> Live:
        """The service."""
        return self.studio.live

    # to be said by each tab -----------------------------------------------------------------------------------------------

    @abstractmethod
    def kept(self) -> object:
        """IO. Return what was read last, None when never."""

    @abstractmethod
    def read(self) -> object:
        """CHAIN. Return what the chain says now."""

    @abstractmethod
    def has_any(self, state: Any) -> bool:
        """Tell whether there is anything to show."""

    @abstractmethod
    def show_state(self, state: Any) -> None:
        """Show a reading."""

    # reading ------------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show what was read last, then ask the chain."""
        if self.state is None:
            self.states.show_loading()
        self.bridge.run(Lane.IO, self._read_kept, name=self.key, success=self._show_kept, failure=self._cannot_read)

    def _read_kept(self, _work: Work) -> tuple[object, dict[str, str]]:
        return self.kept(), self._names()

    def _read_now(self, _work: Work) -> tuple[object, dict[str, str]]:
        return self.read(), self._names()

    def _names(self) -> dict[str, str]:
        wallet, artist, me = self.studio.wallet, self.studio.settings.get(ARTIST_NAME), self.studio.wallet.current()
        named = {c.address: c.name for c in wallet.contacts()} | {a.address: a.name for a in wallet.accounts()}
        return named | {me.address: artist} if me is not None and artist else named

    @Slot(object)
    def _show_kept(self, result: tuple[object, dict[str, str]]) -> None:
        state, self.names = result
        if state is not None:
            self._show(state)
        self.read_again()

    @Slot()
    def read_again(self) -> None:
        """Ask the chain, unless it is being asked."""
        if self._reading:
            return
        self._reading = True
        self.bridge.run(
            Lane.CHAIN,
            self._read_now,
            name=self.key,
            success=self._show_read,
            failure=self._silent,
            cancelled=self._over,
        )

    @Slot(object)
    def _show_read(self, result: tuple[object, dict[str, str]]) -> None:
        self._reading = False
        clear(self.notes)
        state, self.names = result
        self._show(state)

    def _show(self, state: Any) -> None:
        self.state = state
        if not self.has_any(state):
            icon, title, said = self.empty
            terms = partial(self.page.show_tab, "terms")
            self.states.show_empty(icon, tr(title), tr(said), [(tr("Go to Terms"), terms)])
            return
        moment = words.moment_text(datetime.fromtimestamp(state.at, UTC))
        self.as_of.setText(tr("As of block {n}, {time} UTC").format(n=shown.count(state.block), time=moment))
        self.states.show_content()
        self.show_state(state)

    @Slot(object)
    def _silent(self, error: Exception) -> None:
        self._reading = False
        known = as_known(error)
        if isinstance(error, NoSigner):
            said = tr("What is shown here belongs to an account. Make a wallet or bring one back.")
            go = partial(self.shell.go, "wallet")
            self.states.show_empty("ph.wallet", tr("A wallet comes first"), said, [(tr("Go to Wallet"), go)])
        elif self.state is None:
            self.states.show_error(known, [(tr("Try again"), self.refresh)])
        else:
            clear(self.notes)
            said = tr("What was read before is shown.")
            self.notes.addWidget(Note(known.title, said, "warn", self.theme, icon="ph.wifi-slash"))

    @Slot(object)
    def _cannot_read(self, error: Exception) -> None:
        self.states.show_error(as_known(error), [(tr("Try again"), self.refresh)])

    @Slot()
    def _over(self) -> None:
        self._reading = False

    def look_again(self) -> None:
        """Ask the chain again after something was sent."""
        self.read_again()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to read every minute."""
        super().showEvent(event)
        self._minute.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop reading."""
        super().hideEvent(event)
        self._minute.stop()

    # doing --------------------------------------------------------------------------------------------------------------

    def who(self, address: str) -> str:
        """Return a name, or the address 4 + 4."""
        return self.names.get(address) or short_address(address)

    def prepare(self, make: Callable[[], Sequence[Prepared]]) -> None:
        """Prepare something on the chain lane and open the signing dialog."""
        self.bridge.run(
            Lane.CHAIN, lambda _work: make(), name="prepare", success=self._prepared, failure=self._not_prepared
        )

    @Slot(object)
    def _prepared(self, requests: Sequence[Prepared]) -> None:
        self.sign(requests)

    @Slot(object)
    def _not_prepared(self, error: Exception) -> None:
        known = as_known(error)
        said = " ".join(part for part in (known.message, known.hint) if part)
        clear(self.notes)
        self.notes.addWidget(Note(known.title, said, "info", self.theme))

    def commands(self) -> Sequence[Command]:
        """Return reading again."""
        return (Command(tr("Read from the chain again"), self.read_again, "", tr("Strategies"), "ph.arrows-clockwise"),)


class FigureCard(Card):
    """A figure with its label above and words or a bar below."""

    def __init__(self, label: str, theme: Theme, *, bar: bool = False) -> None:
        super().__init__(12, 2)
        self.column.addWidget(text(label, theme, "label", "t3"))
        figure = Figure(theme, "figure_small")
        self.figure, self.unit = figure.amount, figure.unit
        self.column.addWidget(figure)
        self.said = text("", theme, "small", "t2", wrap=True)
        self.bar = Bar(theme, label) if bar else None
        self.column.addWidget(self.bar if self.bar is not None else self.said)
        self.column.addStretch(1)
        self.label = label

    def show_figure(self, figure: str, unit: str = "", said: str = "", *, exact: str = "") -> None:
        """Show a figure; ``exact`` on hover."""
        self.figure.setText(figure)
        self.figure.setToolTip(exact)
        self.unit.setText(unit)
        self.said.setText(said)
        self.setAccessibleName(f"{self.label}: {figure} {unit}. {said}".strip())


class Figures(QWidget):
    """Figure cards side by side; in two rows where they would be too narrow to be read."""

    def __init__(self, cards: Sequence[FigureCard]) -> None:
        super().__init__()
        self.cards = tuple(cards)
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setSpacing(12)
        self._columns = 0
        self._lay_out(len(self.cards))

    def _lay_out(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for number, card in enumerate(self.cards):
            self.grid.addWidget(card, number // columns, number % columns)
        for column in range(len(self.cards)):
            self.grid.setColumnStretch(column, 1 if column < columns else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take one or two rows."""
        super().resizeEvent(event)
        whole = len(self.cards)
        self._lay_out(whole if self.width() >= whole * paint.scaled(CARD_WIDTH) else (whole + 1) // 2)


class AmountDialog(Dialog):
    """Asks for an amount of a token; ``most`` wei can be had by one press."""

    def __init__(
        self, title: str, said: str, theme: Theme, parent: QWidget, *, do: str, symbol: str, most: int | None
    ) -> None:
        super().__init__(title, said, theme, parent, width=460)
        self.most = most
        self.symbol = symbol
        self.field = Field(tr("Amount"), theme, hint="0.00", note=symbol)
        self.help = FieldWithHelp(self.field, theme)
        self.body.addWidget(self.help)
        if most is not None:
            everything = Button(
                tr("All {amount} {symbol}").format(amount=shown.coins(most), symbol=symbol), theme, "link", small=True
            )
            everything.clicked.connect(self._all)
            self.body.addWidget(everything, 0, Qt.AlignmentFlag.AlignLeft)
        self.add_button(tr("Cancel")).clicked.connect(self.reject)
        self.go = self.add_button(do, "primary", enter=True)
        self.go.clicked.connect(self.accept)
        self.field.textChanged.connect(self._check)
        self._check()

    def amount(self) -> int | None:
        """Return the wei typed; None while it is not an amount that can be had."""
        try:
            amount = int(parse_token(self.field.text()))
        except Known:
            return None
        return amount if amount > 0 and (self.most is None or amount <= self.most) else None

    def _all(self) -> None:
        from mycelix_studio.domain.strategy.typed import amount_text

        self.field.setText(amount_text(self.most or 0))

    def _check(self) -> None:
        typed = self.field.text().strip()
        amount = self.amount()
        self.go.setEnabled(amount is not None)
        wrong = ""
        if typed and amount is None:
            wrong = tr("Type an amount above 0.")
            if self.most is not None:
                wrong = tr("Between 0 and {most} {symbol}.").format(most=shown.coins(self.most), symbol=self.symbol)
        self.help.set_wrong(wrong)


def flow(amount: int | None, places: int = 2) -> str:
    """Return an amount for a card: two digits, or four below one whole."""
    if amount is not None and 0 < amount < WEI_PER_TOKEN:
        places = max(places, 4)
    return shown.coins(amount, places)
