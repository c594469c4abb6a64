"""The On chain tab: whether the selected track is registered, how it earns and who gets paid, as last read from the chain."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from mycelix_studio.domain.address import short_address
from mycelix_studio.errors import Known
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.settings import ARTIST_NAME
from mycelix_studio.ui import sizes
from mycelix_studio.ui.charts.data import Unit, UnitKind
from mycelix_studio.ui.charts.words import moment_text, percent, short_exact
from mycelix_studio.ui.labels import Icon, text
from mycelix_studio.ui.pages.library.model import STRATEGY_WORDS, WAYS, tr
from mycelix_studio.ui.theme import STRATEGY_ICON
from mycelix_studio.ui.widgets.buttons import Button

if TYPE_CHECKING:
    from mycelix_studio.services.strategies import TermsState
    from mycelix_studio.ui.pages.library.page import LibraryPage

LABEL_WIDTH = 92
PRICE = Unit(UnitKind.MONEY, "FLOW", additive=False)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is known of a track; ``state`` is None for one that is not uploaded, ``problem`` says why nothing can be known,
    ``own`` is the artist's address."""

    track_id: int
    state: TermsState | None
    problem: str = ""
    own: str = ""


class OnChainPanel(QObject):
    """Behaviour of the tab. It reads when it is shown, and again when its track changes; it never asks the chain."""

    def __init__(self, page: LibraryPage) -> None:
        super().__init__(page)
        self.page = page
        self.track_id: int | None = None
        self.lines: list[tuple[str, str]] = []
        self.terms: Button | None = None

    def show(self, track_id: int | None) -> None:
        """Show what is known of a track; None for several tracks."""
        self.track_id = track_id
        if not self.page.view.inspector.on_chain.isVisible():
            return
        if track_id is None:
            self._clear()
            self._say(tr("Select one track to see how it earns."))
            return
        self.page.bridge.run(
            Lane.IO, partial(self._read, track_id), name="on chain", success=self._list, failure=self.page.failed
        )

    def _read(self, track_id: int, _work: Work) -> _Found:
        strategies = self.page.studio.strategies
        choice = strategies.choose_tracks([track_id])
        if choice is None:
            return _Found(track_id, None)
        try:
            account = self.page.studio.wallet.current()
            return _Found(track_id, strategies.state(choice), own=account.address if account is not None else "")
        except Known as error:
            return _Found(track_id, None, " ".join(part for part in (error.message, error.hint) if part))

    @Slot(object)
    def _list(self, found: _Found) -> None:
        if found.track_id != self.track_id:
            return
        self._clear()
        if found.state is None:
            self._say(found.problem or tr("Not uploaded yet. Upload it, then choose in Strategies how it earns."))
            return
        self._show_terms(found.state, found.own)
        theme = self.page.theme
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 8, 0, 0)
        self.terms = Button(tr("Open its terms"), theme, icon_name="ph.sliders-horizontal", small=True)
        self.terms.clicked.connect(self.open_terms)
        row.addWidget(self.terms)
        row.addStretch(1)
        self.page.view.inspector.on_chain_rows.addWidget(box)

    def _show_terms(self, state: TermsState, own: str) -> None:
        names = dict(state.names)
        if own and (me := self.page.studio.settings.get(ARTIST_NAME)):
            names[own] = me
        target = state.targets[0]
        terms = target.terms
        if state.pending:
            standing, icon, tone = tr("Being confirmed"), "ph.hourglass", "info"
        elif terms is not None:
            standing, icon, tone = tr("Registered"), "ph.check-circle", "ok"
        else:
            standing, icon, tone = tr("Not registered yet"), "ph.info", "t2"
        self._line(tr("Standing"), standing, icon, tone)
        if terms is not None:
            for way in terms.ways:
                kind = WAYS[way]
                self._line(tr("Earns by"), tr(STRATEGY_WORDS[kind]), STRATEGY_ICON[kind], kind.value)
            if "pay-per-stream" in terms.ways:
                self._line(tr("Price"), tr("{price} FLOW a stream").format(price=short_exact(PRICE, terms.price)))
            for share in terms.split.shares if terms.split is not None else ():
                name = names.get(share.recipient) or short_address(share.recipient)
                self._line(tr("Gets paid"), f"{name}, {percent(share.bps)}", hover=share.recipient)
        self._line(tr("Fingerprint"), short_address(target.content_hash), hover=target.content_hash)
        self._line(tr("As of"), moment_text(state.as_of) if state.as_of is not None else tr("not known"))

    @Slot()
    def open_terms(self) -> None:
        """Show the track's terms in Strategies."""
        if self.track_id is not None:
            self.page.shell.go("strategies", [self.track_id])

    # inside -------------------------------------------------------------------------------------------------------------

    def _clear(self) -> None:
        rows = self.page.view.inspector.on_chain_rows
        while (item := rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.lines, self.terms = [], None

    def _say(self, words: str) -> None:
        self.lines = [("", words)]
        said = text(words, self.page.theme, "small", "t2", wrap=True)
        self.page.view.inspector.on_chain_rows.addWidget(said)

    def _line(self, label: str, words: str, icon: str = "", tone: str = "", hover: str = "") -> None:
        theme = self.page.theme
        repeated = bool(self.lines) and self.lines[-1][0] == label
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(6)
        named = text("" if repeated else label, theme, "small", "t3")
        sizes.keep(named, width=LABEL_WIDTH)
        row.addWidget(named, 0, Qt.AlignmentFlag.AlignTop)
        if icon:
            row.addWidget(Icon(icon, theme, tone), 0, Qt.AlignmentFlag.AlignTop)
        said = text(words, theme, "body", "t1", wrap=True)
        said.setToolTip(hover)
        row.addWidget(said, 1)
        box.setAccessibleName(f"{label}: {words}")
        self.page.view.inspector.on_chain_rows.addWidget(box)
        self.lines.append((label, words))
