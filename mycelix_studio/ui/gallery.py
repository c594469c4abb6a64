"""Every widget in all its states, for developers (``mycelix-studio --gallery``). Words and figures are made up."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from mycelix_studio.ui.charts.gallery import ChartGallery
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button, IconButton
from mycelix_studio.ui.widgets.cards import Card, Note
from mycelix_studio.ui.widgets.chips import Chip, KeyHint
from mycelix_studio.ui.widgets.inputs import Choice, Field, FieldWithHelp, FilterField, Radio, Switch, Tick
from mycelix_studio.ui.widgets.progress import Bar
from mycelix_studio.ui.widgets.segment import Segment, Tabs
from mycelix_studio.ui.widgets.states import Empty, Skeleton
from mycelix_studio.ui.widgets.toasts import Message, Toast


def _nothing() -> None:
    """Do nothing: the gallery only shows."""


class Components(QScrollArea):
    """The parts pages are made of."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        inner = QWidget()
        inner.setProperty("ground", "bg0")
        grid = QGridLayout(inner)
        grid.setSpacing(14)
        cards = [
            self._card("Buttons", self._buttons()),
            self._card("Inputs", self._inputs()),
            self._card("Chips, keys", self._chips()),
            self._card("Type", self._type()),
            self._card("Progress", self._progress()),
            self._card("Notes", self._notes()),
            self._card("Toasts", self._toasts()),
            self._card(
                "Empty",
                Empty(
                    "ph.folder-plus",
                    "No music here yet",
                    "Add a folder or drop files.",
                    theme,
                    [("Add music", _nothing), ("Explore the demo", _nothing)],
                ),
            ),
            self._card("Loading", self._skeleton()),
        ]
        for number, card in enumerate(cards):
            grid.addWidget(card, number // 3, number % 3)
        self.setWidget(inner)
        self.setWidgetResizable(True)

    def _card(self, title: str, body: QWidget) -> Card:
        card = Card()
        card.column.addWidget(text(title, self.theme, "label", "t3"))
        card.column.addWidget(body)
        card.column.addStretch(1)
        return card

    def _rows(self, *rows: tuple[QWidget, ...]) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widgets in rows:
            row = QHBoxLayout()
            row.setSpacing(8)
            for widget in widgets:
                row.addWidget(widget)
            row.addStretch(1)
            column.addLayout(row)
        return box

    def _buttons(self) -> QWidget:
        t = self.theme
        off = Button("Disabled", t)
        off.setEnabled(False)
        return self._rows(
            (
                Button("Primary", t, "primary"),
                Button("Default", t),
                Button("Quiet", t, "quiet"),
                Button("Danger", t, "danger"),
                off,
            ),
            (
                Button("Small 28", t, "primary", small=True),
                Button("Small", t, small=True),
                IconButton("ph.play-fill", "Play", t, boxed=True),
                IconButton("ph.dots-three", "More", t),
                Button("With icon", t, icon_name="ph.folder-plus"),
            ),
            (Segment("Range", [("7", "7 d"), ("30", "30 d"), ("90", "90 d"), ("y", "1 y"), ("all", "All")]),),
            (Tabs("Tabs", [("a", "Tags"), ("b", "Art"), ("c", "History")], padding=0),),
        )

    def _inputs(self) -> QWidget:
        t = self.theme
        plain, wrong, price, fixed = (
            Field("Album", t),
            Field("ISRC", t),
            Field("Price", t, note="FLOW"),
            Field("Address", t),
        )
        plain.setText("Salt Meridian")
        wrong.setText("NO-A1B-26-0001")
        price.setText("0.01")
        fixed.setText("Read only")
        fixed.setReadOnly(True)
        helped = FieldWithHelp(wrong, t)
        helped.set_wrong("12 letters and digits needed, 11 given")
        ticked, other = Tick("Ticked", t), Tick("Not", t)
        ticked.setChecked(True)
        one, two = Radio("One", t), Radio("Other", t)
        one.setChecked(True)
        return self._rows(
            (plain, fixed), (helped, price),
            (Choice("Choose", t, [(1, "Choose one"), (2, "Another")]), FilterField("Filter", t, "Filter…")),
            (ticked, other, one, two, Switch("On", t, on=True), Switch("Off", t)),
        )  # fmt: skip

    def _chips(self) -> QWidget:
        t = self.theme
        return self._rows(
            (
                Chip("Final", t, "ok", "ph.check"),
                Chip("Confirming 3 of 12", t, "info", "ph.hourglass"),
                Chip("2 to fix", t, "warn", "ph.warning"),
                Chip("Refused", t, "bad", "ph.x-circle"),
            ),
            (
                Chip("Draft", t, "plain", "ph.pencil-simple"),
                Chip("Edited", t, "acc"),
                Chip("Watch only", t, "plain", "ph.eye"),
            ),
            (KeyHint("Ctrl", t), KeyHint("K", t)),
        )

    def _type(self) -> QWidget:
        t = self.theme
        return self._rows(
            (
                text("1,846.20", t, "figure"),
                text("Figure", t, "figure_small"),
                text("Page", t, "page"),
                text("Section", t, "section"),
            ),
            (
                text("Body 13/20", t),
                text("Strong", t, "strong"),
                text("Small 12/16", t, "small", "t2"),
                text("Label 11/16", t, "label", "t3"),
                text("0x7A3e…91Fc", t, "mono"),
            ),
        )

    def _progress(self) -> QWidget:
        bars = []
        for share, tone in ((0.62, "acc"), (0.48, "acc"), (None, "acc"), (0.71, "bad")):
            bar = Bar(self.theme, "Example")
            bar.setMinimumWidth(280)
            bar.set_share(share, tone)
            bars.append((bar,))
        return self._rows(*bars)

    def _notes(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        t = self.theme
        column.addWidget(
            Note(
                "Could not save “Low Lamp.flac”",
                "The disk is full. Your file is unchanged, your edits are kept. Free 42 MB, then save again.",
                "bad",
                t,
                [("Save again", _nothing), ("Show folder", _nothing)],
            )
        )
        column.addWidget(
            Note(
                "You are offline. Everything here works.",
                "Figures as of today, 09:12.",
                "warn",
                t,
                icon="ph.wifi-slash",
            )
        )
        column.addWidget(
            Note("“Thaw.mp3” was changed by another program", "You have 2 unsaved edits on it.", "info", t)
        )
        column.addWidget(Note("Nothing changes for your listeners.", "", "ok", t))
        return box

    def _toasts(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        for message in (
            Message("7 files saved", "The sound is unchanged in all of them.", "ok", "Undo", _nothing),
            Message("Sent, being confirmed", "About 10 seconds. You can go on.", "info"),
            Message("Upload stopped", "The server has no room. Kept at 50.0 MB.", "bad", "Open", _nothing),
        ):
            column.addWidget(Toast(message, self.theme, Toast.hide, box))
        return box

    def _skeleton(self) -> QWidget:
        made = Skeleton(self.theme, "cards")
        made.setMinimumHeight(220)
        return made


class Gallery(QTabWidget):
    """Components and charts."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setWindowTitle("Mycelix Studio, gallery")
        self.resize(1440, 900)
        self.addTab(Components(theme), "Components")
        self.addTab(ChartGallery(theme), "Charts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
