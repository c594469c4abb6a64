"""Renaming files from their tags: worked out first, then one by one; nothing is ever replaced, and what is known of a file goes with it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mycelix_studio.domain.fields import BY_FIELD, Field, inside_title
from mycelix_studio.domain.tag_patterns import Part, write_name
from mycelix_studio.domain.track import Track
from mycelix_studio.errors import Known
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.library import Library
from mycelix_studio.services.library_results import Refused

TAKEN = "another file has this name"


@dataclass(frozen=True, slots=True)
class Renaming:
    """One file's new name. ``shown`` is the name below its base folder; ``problem`` says why it keeps the old one."""

    track_id: int
    old: Path
    new: Path
    shown: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Renamed:
    """What came of it: those that were renamed, those that were refused, and the changes."""

    done: tuple[Renaming, ...]
    refused: tuple[Refused, ...]
    changes: Changes

    def undoing(self) -> tuple[Renaming, ...]:
        """Return what gives every file its name back."""
        return tuple(Renaming(each.track_id, each.new, each.old, each.old.name) for each in reversed(self.done))


def plan_renames(tracks: Sequence[Track], parts: Sequence[Part], roots: Sequence[Path]) -> tuple[Renaming, ...]:
    """Return new names by a pattern; files that keep theirs are left out.

    A pattern with folders begins at the music folder that holds the file, else at the file's own folder.

    Args:
        tracks: Whose files are renamed.
        parts: The pattern.
        roots: Folders with music.
    """
    wanted: list[Renaming] = []
    for track in tracks:
        old = track.row.path
        fields = {field: track.value(field) for field in Field}
        name, missing = write_name(parts, fields, old.suffix)
        base = next((root for root in roots if root in old.parents), old.parent) if "/" in name else old.parent
        new = base / name
        problem = ""
        if missing:
            problem = "no " + ", ".join(inside_title(BY_FIELD[field].title) for field in missing)
        elif track.row.missing:
            problem = "the file is not where it was"
        if new != old:
            wanted.append(Renaming(track.row.id, old, new, name, problem))
    return _without_clashes(wanted)


def rename(library: Library, plan: Sequence[Renaming], work: Work) -> Renamed:
    """DB. Rename files; one that cannot be renamed keeps its name and stops no other.

    Raises:
        Cancelled: Between two files; what was renamed stays so.
    """
    done: list[Renaming] = []
    refused: list[Refused] = []
    waiting = [each for each in plan if not each.problem]
    total = len(waiting)
    # A name that is free only once another file gave it up: its turn comes then.
    while waiting:
        later: list[Renaming] = []
        for each in waiting:
            if _taken(each) and any(other.old == each.new for other in waiting):
                later.append(each)
                continue
            work.progress(len(done) + len(refused), total, each.old.name)
            try:
                if library.places.known([str(each.new)]):
                    raise FileExistsError(str(each.new))
                library.history.rename(each.old, each.new)
                library.places.relocate(each.track_id, each.new)
                done.append(each)
            except FileExistsError:
                refused.append(Refused(each.old, _in_the_way(each)))
            except Known as error:
                refused.append(Refused(each.old, error))
        if len(later) == len(waiting):
            refused += [Refused(each.old, _in_the_way(each)) for each in later]
            break
        waiting = later
    work.progress(total, total)
    ids = frozenset(each.track_id for each in done)
    return Renamed(tuple(done), tuple(refused), Changes.of(Kind.TRACKS, track_ids=ids) if ids else Changes())


def _without_clashes(wanted: Sequence[Renaming]) -> tuple[Renaming, ...]:
    """Mark those whose new name another file has or gets, whatever its capitals: many file systems do not tell them apart."""
    leaving = {str(each.old).casefold() for each in wanted if not each.problem}
    given: set[str] = set()
    checked = []
    for each in wanted:
        key = str(each.new).casefold()
        if not each.problem and (key in given or (_taken(each) and key not in leaving)):
            each = Renaming(each.track_id, each.old, each.new, each.shown, TAKEN)  # noqa: PLW2901
        if not each.problem:
            given.add(key)
        checked.append(each)
    return tuple(checked)


def _taken(each: Renaming) -> bool:
    """Tell whether there is another file of the new name; the file itself under other capitals is none."""
    return os.path.lexists(each.new) and not (each.old.exists() and each.old.samefile(each.new))


def _in_the_way(each: Renaming) -> Known:
    return Known(
        f"Could not rename “{each.old.name}”",
        f"There is a file “{each.new.name}” already. Both are as they were.",
        "Choose another pattern.",
    )
