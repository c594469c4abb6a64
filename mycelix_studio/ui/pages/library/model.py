"""Rows of the library's table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QObject, Qt

from mycelix_studio.domain.fields import SPECS, Field
from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.domain.track import TrackRow
from mycelix_studio.services.library import Library
from mycelix_studio.services.song_marks import SongMark
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.theme import STRATEGY_ICON, Strategy
from mycelix_studio.ui.widgets.rows import Cell, Column, Index, RowsModel

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


FIELD_WIDTHS = {
    Field.TRACK: 62,
    Field.DISC: 50,
    Field.BPM: 54,
    Field.KEY: 54,
    Field.DATE: 96,
    Field.EXPLICIT: 70,
    Field.LANGUAGE: 80,
}
MOST_CELLS = 4_000
PLAIN_CELL = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
EDITABLE_CELL = PLAIN_CELL | Qt.ItemFlag.ItemIsEditable
STANDARD = ("cover", "title", "album", "duration_ms", "container", "isrc", "earns", "checks", "plays")


def every_column() -> dict[str, Column]:
    """Return every column there is, by key; those that may be hidden fall away in the order File, Length, ISRC."""
    made = (
        Column("cover", "", 38, sort=False, spoken=tr("Cover")),
        Column("title", tr("Title")),
        Column("album", tr("Album"), 118, drop=1),
        Column("duration_ms", tr("Length"), 56, right=True, drop=4),
        Column("container", tr("File"), 54, drop=5),
        Column("isrc", tr("ISRC"), 146, drop=3),
        Column("earns", tr("Earns by"), 130, sort=False),
        Column("checks", tr("Checks"), 88),
        Column("plays", tr("Plays, 30 d"), 78, right=True, sort=False, drop=2),
        Column("name", tr("File name"), 180, drop=6),
        Column("folder", tr("Folder"), 180, sort=False, drop=7),
    )
    taken = {column.key for column in made}
    fields = (
        Column(spec.field.value, tr(spec.title), FIELD_WIDTHS.get(spec.field, 118), drop=8)
        for spec in SPECS
        if spec.field.value not in taken and spec.field is not Field.LYRICS
    )
    return {column.key: column for column in (*made, *fields)}


def field_of(key: str) -> Field | None:
    """Return the field a column shows and edits, None for one that is no field."""
    return _FIELDS.get(key)


_FIELDS = {field.value: field for field in Field}


class LibraryModel(RowsModel[TrackRow]):
    """Tracks by id. ``marks`` says how a song earns and how often it was played, by its id on chain."""

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        self._library = library
        self._every = every_column()
        chosen = [self._every[key] for key in STANDARD]
        super().__init__(chosen, self._rows, lambda row: row.id, parent)
        self.fields: list[Field | None] = []
        self._flags: list[Qt.ItemFlag] = []
        self._cells: dict[tuple[int, int], Cell] = {}
        self.set_columns(STANDARD)
        self.marks: Mapping[str, SongMark] = {}
        self.checks: dict[int, tuple[int, int]] = {}

    def show_checks(self, counts: Mapping[int, tuple[int, int]]) -> None:
        """Take new results of some tracks, (stops, warnings) by id; their cells are made anew when they are asked for next."""
        self.checks.update(counts)
        columns = [number for number, column in enumerate(self.columns) if column.key == "checks"]
        for track_id in counts:
            for number in columns:
                self._cells.pop((self.place(track_id), number), None)

    def set_ids(self, ids: Sequence[int]) -> None:
        """Show these rows in this order."""
        self._cells.clear()
        super().set_ids(ids)

    def refresh(self, ids: Sequence[int] | None = None) -> None:
        """Fetch rows again, all of them or these only."""
        self._cells.clear()
        super().refresh(ids)

    def set_columns(self, keys: Sequence[str]) -> None:
        """Show these columns in this order; the title is always among them."""
        known = [key for key in dict.fromkeys(keys) if key in self._every]
        wanted = known if "title" in known else ["title", *known]
        self.beginResetModel()
        self.columns = tuple(self._every[key] for key in wanted)
        self.fields = [field_of(column.key) for column in self.columns]
        # Views ask for every cell they paint.
        self._flags = [EDITABLE_CELL if field is not None else PLAIN_CELL for field in self.fields]
        self.forget_rows()
        self._cells.clear()
        self.endResetModel()

    def words(self, place: int, field: Field) -> str:
        """Return a field of a row as it is edited."""
        row = self.row(place)
        if row is None:
            return ""
        if field is Field.ISRC:
            return shown.isrc(row.isrc)
        track = self._library.track(row.id)
        return "; ".join(track.value(field)) if track is not None else ""

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Cells of fields can be edited."""
        return self._flags[index.column()] if index.isValid() else Qt.ItemFlag.NoItemFlags

    def _rows(self, ids: Sequence[int]) -> Sequence[TrackRow]:
        extra = [
            field for field, column in zip(self.fields, self.columns, strict=True) if field and column.key not in _CELLS
        ]
        return self._library.rows(ids, extra)

    def cell_at(self, place: int, column: int) -> Cell | None:
        """Return the cell at a place; made once, since every frame asks for it."""
        found = self._cells.get((place, column))
        if found is None:
            found = super().cell_at(place, column)
            if found is not None:
                if len(self._cells) > MOST_CELLS:
                    self._cells.clear()
                self._cells[place, column] = found
        return found

    def cell(self, row: TrackRow, column: Column) -> Cell:
        """Return what a cell shows."""
        if column.key in _CELLS:
            return _CELLS[column.key](row)
        mark = self.marks.get(row.song_id) if row.song_id else None
        field = field_of(column.key)
        if field is not None:
            return Cell("; ".join(row.extra.get(field, ())) or shown.NONE, "t2")
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
    if row.conflict:
        tip = tr("Another program changed what you edited as well.")
        return Cell(
            row.title, strong=True, icon="ph.warning", icon_tone="warn", dot=True, tip=tip, spoken=f"{row.title}, {tip}"
        )
    spoken = f"{row.title}, {tr('edited, not saved')}" if row.edited else row.title
    return Cell(row.title, strong=True, dot=row.edited, spoken=spoken, tip=row.location)


_SHORT = {"WavPack": "WV", "OptimFROG": "OFR", "OGG FLAC": "OGA"}
"""Containers whose names have no room in their column, by the ending their files have."""
_CELLS: dict[str, Callable[[TrackRow], Cell]] = {
    "cover": lambda row: Cell(cover=row.cover, spoken=tr("yes") if row.cover else tr("none")),
    "title": _title,
    "album": lambda row: Cell(row.album or shown.NONE, "t2"),
    "duration_ms": lambda row: Cell(shown.length(row.seconds), "t2"),
    "container": lambda row: Cell(
        _SHORT.get(row.container, row.container), "t2", tip=row.container, spoken=row.container
    ),
    "name": lambda row: Cell(row.path.name, "t2", tip=row.location),
    "folder": lambda row: Cell(str(row.path.parent), "t3", tip=str(row.path.parent)),
    "isrc": lambda row: Cell(shown.isrc(row.isrc), "t2") if row.isrc else Cell(tr("none"), "t3"),
}
