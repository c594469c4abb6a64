"""The status bar: network, as of, signatures under way, outbox, keys."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from mycelix_studio.services.status import Status
from mycelix_studio.ui import sizes
from mycelix_studio.ui.charts import paint, words
from mycelix_studio.ui.icons import icon
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import GAP


class _Item(QPushButton):
    """Icon and words; a click goes where one can do something about it."""

    def __init__(self, theme: Theme, icon_name: str) -> None:
        super().__init__()
        self.icon_name = icon_name
        self.tone = "t2"
        self.setProperty("kind", "link")
        self.setAutoDefault(False)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Tint the icon."""
        self.theme = theme
        self.setIcon(icon(self.icon_name, theme, self.tone))
        side = paint.scaled(9 if self.icon_name == "ph.circle-fill" else 16)
        self.setIconSize(QSize(side + GAP, side))

    def show_words(self, shown: str, icon_name: str, tone: str = "t2") -> None:
        """Say something else."""
        self.setText(shown)
        self.setAccessibleName(shown)
        if (icon_name, tone) != (self.icon_name, self.tone):
            self.icon_name, self.tone = icon_name, tone
            self.set_theme(self.theme)


class StatusBar(QFrame):
    """One line at the bottom of the window.

    Signals:
        wanted(what): One of network, sync, wallet, outbox, keys was clicked.
    """

    wanted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "status")
        sizes.keep(self, height=28)
        self.setAccessibleName(self.tr("Status"))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(16)
        self.network = _Item(theme, "ph.circle-fill")
        self.as_of = _Item(theme, "ph.arrows-clockwise")
        self.wallet = _Item(theme, "ph.hourglass")
        self.outbox = _Item(theme, "ph.tray")
        self.keys = _Item(theme, "ph.keyboard")
        self.keys.show_words(self.tr("F1 keys"), "ph.keyboard")
        for item, name in self._items():
            item.clicked.connect(lambda _on=False, what=name: self.wanted.emit(what))
        row.addWidget(self.network)
        row.addWidget(self.as_of)
        row.addStretch(1)
        for item in (self.wallet, self.outbox, self.keys):
            row.addWidget(item)
        self.show_status(Status())

    def set_narrow(self, narrow: bool) -> None:
        """Outbox and keys leave a narrow window."""
        self.outbox.setVisible(not narrow)
        self.keys.setVisible(not narrow)

    def show_status(self, status: Status) -> None:
        """Show another status."""
        if status.online is False:
            self.network.show_words(
                self.tr("{network} · not reachable").format(network=status.network), "ph.wifi-slash", "warn"
            )
        elif status.block is None:
            self.network.show_words(status.network or self.tr("No network yet"), "ph.circle", "t3")
        else:
            block = f"{status.block:,}"
            self.network.show_words(
                self.tr("{network} · block {block}").format(network=status.network, block=block), "ph.circle-fill", "ok"
            )
        if status.syncing:
            self.as_of.show_words(self.tr("Syncing…"), "ph.arrows-clockwise", "acc")
        elif status.as_of is None:
            self.as_of.show_words(self.tr("Never synced"), "ph.arrows-clockwise")
        else:
            self.as_of.show_words(
                self.tr("As of {time}").format(time=words.moment_text(status.as_of)), "ph.arrows-clockwise"
            )
        signed = self.tr("{n} signatures under way").format(n=status.under_way)
        if status.under_way == 1:
            signed = self.tr("1 signature under way")
        self.wallet.show_words(signed, "ph.hourglass", "info" if status.under_way else "t2")
        self.wallet.setVisible(bool(status.under_way))
        waiting = self.tr("Outbox empty") if not status.outbox else self.tr("{n} in the outbox").format(n=status.outbox)
        self.outbox.show_words(waiting, "ph.tray", "warn" if status.outbox else "t2")

    def _items(self) -> tuple[tuple[_Item, str], ...]:
        return (
            (self.network, "network"),
            (self.as_of, "sync"),
            (self.wallet, "wallet"),
            (self.outbox, "outbox"),
            (self.keys, "keys"),
        )
