"""Rows of the library's table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QCoreApplication, QObject

from mycelix_studio.domain.track import TrackRow
from mycelix_studio.domain.wire import StrategyName
from mycelix_studio.services.library import Library
from mycelix_studio.services.song_marks import SongMark
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.theme import STRATEGY_ICON, Strategy
from mycelix_studio.ui.widgets.rows import Cell, Column, RowsModel

STRATEGY_WORDS = {
    Strategy.STREAM: "Pay per stream",
    Strategy.GIFT: "Gift",
    Strategy.PATRONAGE: "Patronage",
    Strategy.AUCTION: "Auction",
}
WAYS: dict[StrategyName, Strategy] = {
    "pay-per-stream": Strategy.STREAM,
    "gift-economy": Strategy.GIFT,
    "patronage": Strategy.PATRONAGE,
    "auction": Strategy.AUCTION,
}


def tr(source: str) -> str:
    """Translate a text of the library."""
    return QCoreApplication.translate("Library", source)


def columns() -> tuple[Column, ...]:
    """Return the columns; those that may be hidden fall away in the order File, Length, ISRC."""
    return (
        Column("cover", "", 38, sort=False, spoken=tr("Cover")),
        Column("title", tr("Title")),
        Column("album", tr("Album"), 118, drop=1),
        Column("duration_ms", tr("Length"), 56, right=True, drop=4),
        Column("container", tr("File"), 54, drop=5),
        Column("isrc", tr("ISRC"), 146, drop=3),
        Column("earns", tr("Earns by"), 130, sort=False),
        Column("checks", tr("Checks"), 88, sort=False),
        Column("plays", tr("Plays, 30 d"), 78, right=True, sort=False, drop=2),
    )


class LibraryModel(RowsModel[TrackRow]):
    """Tracks by id. ``marks`` says how a song earns and how often it was played, by its id on chain."""

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(columns(), library.rows, lambda row: row.id, parent)
        self.marks: Mapping[str, SongMark] = {}
        self.checks: Mapping[int, tuple[int, int]] = {}

    def cell(self, row: TrackRow, column: Column) -> Cell:
        """Return what a cell shows."""
        if column.key in _CELLS:
            return _CELLS[column.key](row)
        mark = self.marks.get(row.song_id) if row.song_id else None
        if column.key == "checks":
            return self._checks(row)
        if column.key == "plays":
            known = mark is not None and mark.plays is not None
            return Cell(
                shown.count(mark.plays or 0) if known and mark is not None else shown.NONE, "t1" if known else "t3"
            )
        return self._earns(mark)

    def _checks(self, row: TrackRow) -> Cell:
        found = self.checks.get(row.id)
        if found is None or row.missing:
            return Cell(shown.NONE, "t3")
        stops, warns = found
        if not stops and not warns:
            return Cell(tr("Ready"), "t2", icon="ph.check-circle", icon_tone="ok")
        words = tr("{n} to fix").format(n=stops + warns)
        tip = tr("{stops} that stores refuse, {warns} to look at").format(stops=stops, warns=warns)
        tone, icon = ("bad", "ph.x-circle") if stops > 1 else ("warn", "ph.warning")
        return Cell(words, tone, icon=icon, icon_tone=tone, tip=tip)

    def _earns(self, mark: SongMark | None) -> Cell:
        ways = [WAYS[way] for way in mark.ways] if mark is not None else []
        if not ways:
            return Cell(tr("Not set"), "t3")
        first, more = ways[0], len(ways) - 1
        rest = f"+ {more}" if more else ""
        names = ", ".join(tr(STRATEGY_WORDS[way]) for way in ways)
        return Cell(tr(STRATEGY_WORDS[first]), icon=STRATEGY_ICON[first], icon_tone=first.value, rest=rest, tip=names)


def _title(row: TrackRow) -> Cell:
    if row.missing:
        return Cell(row.title, "t3", icon="ph.warning", icon_tone="warn", tip=tr("The file is not where it was."))
    spoken = f"{row.title}, {tr('edited, not saved')}" if row.edited else row.title
    return Cell(row.title, strong=True, dot=row.edited, spoken=spoken, tip=str(row.path))


_CELLS: dict[str, Callable[[TrackRow], Cell]] = {
    "cover": lambda row: Cell(cover=row.cover, spoken=tr("yes") if row.cover else tr("none")),
    "title": _title,
    "album": lambda row: Cell(row.album or shown.NONE, "t2"),
    "duration_ms": lambda row: Cell(shown.length(row.seconds), "t2"),
    "container": lambda row: Cell(row.container, "t2"),
    "isrc": lambda row: Cell(shown.isrc(row.isrc), "t2") if row.isrc else Cell(tr("none"), "t3"),
}
