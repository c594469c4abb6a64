"""Tools that change tags of many tracks: file names, find and replace, capitals, numbers, paste. Each shows first what it would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu

from mycelix_studio.domain import tag_patterns as patterns
from mycelix_studio.domain.clock import now
from mycelix_studio.domain.fields import BY_FIELD, EDITABLE, SPECS, Field
from mycelix_studio.domain.tag_edits import OWN, Case, changes, from_names, number, paste, recase
from mycelix_studio.domain.track import Fields, Track
from mycelix_studio.services.isrc import Isrcs
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.library import Library
from mycelix_studio.services.library_rename import plan_renames
from mycelix_studio.services.library_replace import Search, replace
from mycelix_studio.ui import sizes
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.library.model import tr
from mycelix_studio.ui.pages.library.preview import Kit, Maker, Plan, Preview, field_choices
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.inputs import Choice, Radio, Tick
from mycelix_studio.ui.widgets.inputs import Field as LineField

TEXTS = (Field.TITLE, Field.VERSION, Field.ARTIST, Field.ALBUM, Field.ALBUM_ARTIST, Field.GENRE)
"""Fields that capitals are corrected in."""


class PatternPreview(Preview):
    """What both tools of file names share: the pattern, fields to put into it, patterns to begin with."""

    def pattern_row(self) -> None:
        """Add the row with the pattern."""
        row = QHBoxLayout()
        row.setSpacing(8)
        self.pattern = LineField(tr("Pattern"), self.theme)
        self.pattern.setText(patterns.EXAMPLES[0])
        self.put = Button(tr("Put in a field"), self.theme, small=True, icon_name="ph.plus")
        self.examples = Button(tr("Examples"), self.theme, "quiet", small=True)
        row.addWidget(self.pattern, 1)
        row.addWidget(self.put)
        row.addWidget(self.examples)
        self.form.addLayout(row)
        self.pattern.textChanged.connect(self.changed)
        self.put.clicked.connect(self._put_menu)
        self.examples.clicked.connect(self._examples_menu)

    def _put_menu(self) -> None:
        menu = QMenu(self)
        for spec in SPECS:
            word = f"%{spec.field.value}%"
            menu.addAction(f"{tr(spec.title)}\t{word}").triggered.connect(partial(self.pattern.insert, word))
        menu.addSeparator()
        menu.addAction(f"{tr('Anything')}\t%skip%").triggered.connect(partial(self.pattern.insert, "%skip%"))
        menu.exec(self.put.mapToGlobal(self.put.rect().bottomLeft()))
        menu.deleteLater()
        self.pattern.setFocus()

    def _examples_menu(self) -> None:
        menu = QMenu(self)
        for example in patterns.EXAMPLES:
            menu.addAction(example).triggered.connect(partial(self.pattern.setText, example))
        menu.exec(self.examples.mapToGlobal(self.examples.rect().bottomLeft()))
        menu.deleteLater()


class NamesToTags(PatternPreview):
    """Fill tags in from file names."""

    def __init__(self, kit: Kit) -> None:
        words = tr("Say how your files are named. A slash stands for a folder, [ ] for what is not always there.")
        super().__init__(tr("Fill tags from file names"), words, kit)
        self.pattern_row()
        self.underscores = Tick(tr("Read _ as a space"), self.theme)
        self.underscores.setChecked(True)
        self.underscores.toggled.connect(self.changed)
        self.form.addWidget(self.underscores)
        self.work_out()

    def maker(self) -> Maker:
        """Read the names of all tracks."""
        parts = patterns.parse(self.pattern.text())
        return partial(_read_names, self.tracks, parts, self.underscores.isChecked())


def _read_names(tracks: Sequence[Track], parts: Sequence[patterns.Part], underscores: bool, work: Work) -> Plan:
    found, strange = from_names(tracks, parts, underscores=underscores, each=work.token.raise_if_cancelled)
    notes: tuple[str, ...] = ()
    if strange:
        words = (
            tr("1 name does not fit: “{name}”.") if len(strange) == 1 else tr("{n} names do not fit, such as “{name}”.")
        )
        notes = (words.format(n=len(strange), name=strange[0]),)
    return Plan(found, notes)


class TagsToNames(PatternPreview):
    """Rename files from their tags."""

    heads = ("Track", "Name now", "New name")

    def __init__(self, kit: Kit, library: Library) -> None:
        words = tr("Say how your files shall be named. Nothing is ever replaced; edits and songs go with their files.")
        super().__init__(tr("Rename files from tags"), words, kit)
        self.library = library
        self.pattern_row()
        self.work_out()

    def do_words(self, count: int) -> str:
        """Return what the button says."""
        if not count:
            return tr("Rename")
        return tr("Rename 1 file") if count == 1 else tr("Rename {n} files").format(n=count)

    def maker(self) -> Maker:
        """Work out new names."""
        parts = patterns.parse(self.pattern.text())
        return partial(_new_names, self.library, self.tracks, parts)


def _new_names(library: Library, tracks: Sequence[Track], parts: Sequence[patterns.Part], work: Work) -> Plan:
    plan = plan_renames(tracks, parts, library.places.folders())
    titles = {track.row.id: track.row.title for track in tracks}
    lines = [
        (
            titles[each.track_id],
            each.old.name,
            each.shown if not each.problem else f"{each.shown}  ({tr(each.problem)})",
        )
        for each in plan
    ]
    good = tuple(each for each in plan if not each.problem)
    bad = len(plan) - len(good)
    notes = (tr("{n} files keep their name.").format(n=bad),) if bad else ()
    return Plan((), notes, good, tuple(lines), len(good))


class ReplaceTool(Preview):
    """Find and replace."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(tr("Find and replace"), "", kit)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        self.sought = LineField(tr("Find"), self.theme)
        self.put = LineField(tr("Put in its place"), self.theme, hint=tr("Nothing"))
        self.where = Choice(
            tr("Where"),
            self.theme,
            field_choices(("usual", tr("Title, artist, album, genre")), ("all", tr("Every field"))),
        )
        for row, field in enumerate((self.sought, self.put)):
            grid.addWidget(text(field.accessibleName(), self.theme, "body", "t2"), row, 0)
            grid.addWidget(field, row, 1)
        grid.addWidget(text(tr("Where"), self.theme, "body", "t2"), 2, 0)
        where = QHBoxLayout()
        where.setSpacing(16)
        where.addWidget(self.where)
        self.expression = Tick(tr("Regular expression"), self.theme)
        self.case = Tick(tr("Match capitals"), self.theme)
        self.whole = Tick(tr("Whole words"), self.theme)
        for tick in (self.expression, self.case, self.whole):
            where.addWidget(tick)
            tick.toggled.connect(self.changed)
        where.addStretch(1)
        grid.addLayout(where, 2, 1)
        self.form.addLayout(grid)
        for line in (self.sought, self.put):
            line.textChanged.connect(self.changed)
        self.where.picked.connect(self.changed)
        self.sought.setFocus()
        self.work_out()

    def maker(self) -> Maker | None:
        """Search all tracks."""
        if not self.sought.text():
            return None
        where = self.where.value()
        fields = TEXTS if where == "usual" else tuple(Field) if where == "all" else (Field(str(where)),)
        search = Search(
            self.sought.text(), self.put.text(), fields, expression=self.expression.isChecked(),
            match_case=self.case.isChecked(), whole_words=self.whole.isChecked(),
        )  # fmt: skip
        return partial(_replaced, self.tracks, search)


def _replaced(tracks: Sequence[Track], search: Search, work: Work) -> Plan:
    return Plan(replace(tracks, search, work))


class CaseTool(Preview):
    """Capitals and surplus spaces."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(tr("Capitals and spaces"), "", kit)
        ways = (
            (Case.TITLE, tr("Title Case")), (Case.SENTENCE, tr("Sentence case")), (Case.UPPER, tr("UPPER")), (Case.LOWER, tr("lower")),
            (Case.SPACES, tr("Only surplus spaces")),
        )  # fmt: skip
        row = QHBoxLayout()
        row.setSpacing(16)
        self.ways: dict[Case, Radio] = {}
        for case, words in ways:
            radio = Radio(words, self.theme)
            row.addWidget(radio)
            self.ways[case] = radio
        row.addStretch(1)
        self.form.addLayout(row)
        self.fields = _ticks(TEXTS, (Field.TITLE, Field.ALBUM), self)
        self.ways[Case.TITLE].setChecked(True)
        for radio in self.ways.values():
            radio.toggled.connect(self.changed)
        self.work_out()

    def maker(self) -> Maker:
        """Write the ticked fields another way."""
        case = next(case for case, radio in self.ways.items() if radio.isChecked())
        return partial(_recased, self.tracks, case, _ticked(self.fields))


def _recased(tracks: Sequence[Track], case: Case, fields: Sequence[Field], work: Work) -> Plan:
    return Plan(changes(tracks, recase(case, fields)))


class NumberTool(Preview):
    """Track numbers in the order of the table."""

    def __init__(self, kit: Kit) -> None:
        words = tr("In the order of the table. Sort it, or select in another order, to number otherwise.")
        super().__init__(tr("Number tracks"), words, kit)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(text(tr("From"), self.theme, "body", "t2"))
        self.start = LineField(tr("First number"), self.theme, small=True)
        self.start.setText("1")
        sizes.keep(self.start, width=64)
        row.addWidget(self.start)
        self.total = Tick(tr("With the total, 3/12"), self.theme)
        self.total.setChecked(True)
        self.albums = Tick(tr("Each album anew"), self.theme)
        self.albums.setChecked(len({track.row.album for track in self.tracks}) > 1)
        self.discs = Tick(tr("Disc numbers instead"), self.theme)
        for tick in (self.total, self.albums, self.discs):
            row.addWidget(tick)
            tick.toggled.connect(self.changed)
        row.addStretch(1)
        self.form.addLayout(row)
        self.start.textChanged.connect(self.changed)
        self.work_out()

    def maker(self) -> Maker | None:
        """Number all tracks."""
        typed = self.start.text().strip()
        right = typed.isascii() and typed.isdigit() and int(typed) <= 9_999
        self.start.set_wrong(not right, "" if right else tr("A whole number"))
        if not right:
            return None
        field = Field.DISC if self.discs.isChecked() else Field.TRACK
        return partial(
            _numbered,
            self.tracks,
            start=int(typed),
            total=self.total.isChecked(),
            each_album=self.albums.isChecked(),
            field=field,
        )


def _numbered(tracks: Sequence[Track], work: Work, *, start: int, total: bool, each_album: bool, field: Field) -> Plan:
    return Plan(number(tracks, start=start, total=total, each_album=each_album, field=field))


@dataclass(frozen=True, slots=True)
class IsrcPlan:
    """Tracks that are to get an ISRC, in order, with year and least number."""

    track_ids: tuple[int, ...]
    year: int
    first: int


class IsrcTool(Preview):
    """ISRCs from the artist's own prefix, each given once."""

    def __init__(self, kit: Kit, isrcs: Isrcs) -> None:
        words = tr(
            "Tracks that have an ISRC keep it. The prefix is in Settings; a number that was given is never given again."
        )
        super().__init__(tr("Give ISRCs"), words, kit)
        self.isrcs = isrcs
        row = QHBoxLayout()
        row.setSpacing(12)
        self.year, self.first = (
            LineField(tr("Year"), self.theme, small=True),
            LineField(tr("From number"), self.theme, small=True),
        )
        for line, value, width in ((self.year, str(now().year), 64), (self.first, "1", 72)):
            line.setText(value)
            sizes.keep(line, width=width)
            line.textChanged.connect(self.changed)
            row.addWidget(text(line.accessibleName(), self.theme, "body", "t2"))
            row.addWidget(line)
        row.addStretch(1)
        self.form.addLayout(row)
        self.work_out()

    def do_words(self, count: int) -> str:
        """Return what the button says."""
        if not count:
            return tr("Give")
        return tr("Give 1 ISRC") if count == 1 else tr("Give {n} ISRCs").format(n=count)

    def maker(self) -> Maker | None:
        """Work out the codes."""
        numbers = []
        for line, least, most in ((self.year, 1986, 2085), (self.first, 1, 99_999)):
            typed = line.text().strip()
            right = typed.isascii() and typed.isdigit() and least <= int(typed) <= most
            line.set_wrong(not right, "" if right else tr("A whole number"))
            numbers.append(int(typed) if right else -1)
        if -1 in numbers:
            return None
        plan = IsrcPlan(tuple(track.row.id for track in self.tracks), *numbers)
        return partial(_codes, self.isrcs, self.tracks, plan)


def _codes(isrcs: Isrcs, tracks: Sequence[Track], asked: IsrcPlan, work: Work) -> Plan:
    codes = isrcs.preview(asked.track_ids, asked.year, asked.first)
    found = changes(tracks, lambda track: {Field.ISRC: (codes[track.row.id],)} if track.row.id in codes else {})
    have = len(tracks) - len(codes)
    notes = (tr("{n} of them have one already.").format(n=have),) if have else ()
    return Plan(found, notes, asked)


class PasteTool(Preview):
    """Give tracks the tags that were copied from others."""

    def __init__(self, kit: Kit, sets: Sequence[Fields]) -> None:
        one = len(sets) == 1
        words = (
            tr("The tags of one track go to all of them.")
            if one
            else tr("{n} sets of tags go to the tracks one by one, in the order of the table.").format(n=len(sets))
        )
        super().__init__(tr("Paste tags"), words, kit)
        self.sets = list(sets)
        there = tuple(field for field in Field if any(field in each for each in sets))
        chosen = tuple(field for field in there if not one or field not in OWN)
        self.fields = _ticks(there or EDITABLE, chosen, self)
        self.work_out()

    def maker(self) -> Maker:
        """Paste the ticked fields."""
        return partial(_pasted, self.tracks, self.sets, _ticked(self.fields))


def _pasted(tracks: Sequence[Track], sets: Sequence[Fields], fields: Sequence[Field], work: Work) -> Plan:
    return Plan(paste(tracks, sets, fields))


def _ticks(fields: Sequence[Field], ticked: Sequence[Field], dialog: Preview) -> dict[Field, Tick]:
    """Add ticks of fields to a form, five in a row."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    made = {}
    for place, field in enumerate(fields):
        tick = Tick(tr(BY_FIELD[field].title), dialog.theme)
        tick.setChecked(field in ticked)
        tick.toggled.connect(dialog.changed)
        grid.addWidget(tick, place // 5, place % 5)
        made[field] = tick
    grid.setColumnStretch(5, 1)
    dialog.form.addLayout(grid)
    return made


def _ticked(ticks: dict[Field, Tick]) -> tuple[Field, ...]:
    return tuple(field for field, tick in ticks.items() if tick.isChecked())
