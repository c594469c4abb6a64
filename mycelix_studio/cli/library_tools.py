"""`mycelix library`: what the window's tools do to many tracks: ISRCs, file names, tables. Each shows with ``--dry-run`` what it would do.

Tags become unsaved edits, as in the window; ``mycelix library save`` writes them into the files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mycelix_studio.cli.output import DryRun, JsonOption, Yes, ask, emit, need_new, read_file, say, working
from mycelix_studio.cli.profile import ProfileDir, opened
from mycelix_studio.errors import Known

if TYPE_CHECKING:
    from mycelix_studio.domain.metadata_csv import Target
    from mycelix_studio.domain.tag_edits import Change
    from mycelix_studio.domain.track import Track
    from mycelix_studio.services.studio import Studio

Tracks = Annotated[list[int] | None, typer.Argument(help="Ids of `mycelix library list`, in order; all when left out.")]
Pattern = Annotated[
    str, typer.Option(help="Such as “%track% - %title%”; a slash is a folder, [ ] what may be missing.")
]


def isrc(
    tracks: Tracks = None,
    year: Annotated[
        int | None, typer.Option(help="Year of reference; this year when left out.", min=1986, max=2085)
    ] = None,
    first: Annotated[int, typer.Option("--from", help="Least number to give.", min=1, max=99_999)] = 1,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Give tracks that have none an ISRC from your prefix (`settings set library.isrc_prefix`); a number is never given twice."""
    with opened(profile_dir) as studio:
        ids = _ids(studio, tracks)
        codes = studio.isrcs.preview(ids, year, first) if dry_run else studio.isrcs.assign(ids, year, first)
        titles = {row.id: row.title for row in studio.library.rows(list(codes))}
        words = [f"{code}  {titles[track]}" for track, code in codes.items()]
        data = {"dryRun": dry_run, "isrcs": [{"track": track, "isrc": code} for track, code in codes.items()]}
        emit(data, words or ["Every track has an ISRC."], as_json)


def rename_files(
    pattern: Pattern,
    tracks: Tracks = None,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Rename files from their tags. Nothing is ever replaced; edits and songs go with their files; `tags undo` takes it back."""
    from mycelix_studio.domain.tag_patterns import parse
    from mycelix_studio.services.library_rename import plan_renames, rename

    parts = parse(pattern)
    with opened(profile_dir) as studio, working("Renaming") as work:
        plan = plan_renames(_tracks(studio, tracks), parts, studio.library.places.folders())
        kept = [(each.old, each.problem) for each in plan if each.problem]
        good = [each for each in plan if not each.problem]
        refused: tuple[Known, ...] = ()
        if not dry_run:
            done = rename(studio.library, good, work)
            good, refused = list(done.done), tuple(each.error for each in done.refused)
    for error in refused:
        say(error)
    data = {
        "dryRun": dry_run,
        "renamed": [{"track": each.track_id, "from": str(each.old), "to": str(each.new)} for each in good],
        "kept": [{"file": str(old), "why": why} for old, why in kept],
    }
    words = [f"{each.old.name} → {each.shown}" for each in good]
    words += [f"{old.name} keeps its name: {why}" for old, why in kept]
    emit(data, words or ["Every file has its name."], as_json)
    if refused:
        raise typer.Exit(1)


def _ids(studio: Studio, named: Sequence[int] | None) -> list[int]:
    """Return the tracks that were named, all of the library when none was; an unknown one is wrong usage."""
    if not named:
        return list(studio.library.ids())
    known = {row.id for row in studio.library.rows(list(named))}
    strange = [str(each) for each in named if each not in known]
    if strange:
        raise typer.BadParameter(f"no track {', '.join(strange)}", param_hint="TRACKS")
    return list(named)


def _tracks(studio: Studio, named: Sequence[int] | None) -> list[Track]:
    return studio.library.tracks_of(_ids(studio, named))


def _change(studio: Studio, wanted: Sequence[Change], notes: Iterable[str], *, dry_run: bool, as_json: bool) -> None:
    """Keep changes as unsaved edits unless it is a rehearsal, and print them."""
    from mycelix_studio.domain.tag_edits import as_edits, shown

    if wanted and not dry_run:
        with working("Changing tags") as work:
            studio.library.edit_each(as_edits(wanted), work)
    names = {row.id: row.path.name for row in studio.library.rows(list({each.track_id for each in wanted}))}
    rows = [
        {
            "track": each.track_id,
            "field": each.field.value,
            "before": list(each.before),
            "after": list(each.after),
        }
        for each in wanted
    ]
    words = [
        f"{names[each.track_id]}: {each.field.value}: {shown(each.before) or '—'} → {shown(each.after) or '—'}"
        for each in wanted
    ]
    said = list(notes)
    for note in said:
        typer.echo(note, err=True)
    emit({"dryRun": dry_run, "changes": rows, "notes": said}, words or ["Nothing would change."], as_json)


def names_to_tags(
    pattern: Pattern,
    tracks: Tracks = None,
    underscores: Annotated[bool, typer.Option("--underscores/--no-underscores", help="Read _ as a space.")] = True,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Fill tags in from file names, as unsaved edits."""
    from mycelix_studio.domain.tag_edits import from_names
    from mycelix_studio.domain.tag_patterns import parse

    parts = parse(pattern)
    with opened(profile_dir) as studio:
        wanted, strange = from_names(_tracks(studio, tracks), parts, underscores=underscores)
        notes = [f"“{name}” does not fit the pattern." for name in strange]
        _change(studio, wanted, notes, dry_run=dry_run, as_json=as_json)


def save(
    tracks: Tracks = None,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Write unsaved edits into their files; `tags undo` takes a write back."""
    with opened(profile_dir) as studio, working("Saving") as work:
        ids = [track for track in _ids(studio, tracks) if track in set(studio.library.unsaved())]
        rows = studio.library.rows(ids)
        refused: Sequence[Known] = ()
        if not dry_run:
            result = studio.library.save(ids, work)
            rows, refused = studio.library.rows(result.saved), [each.error for each in result.refused]
    for error in refused:
        say(error)
    files = [str(row.path) for row in rows]
    emit({"dryRun": dry_run, "saved": files}, files or ["Nothing is unsaved."], as_json)
    if refused:
        raise typer.Exit(1)


def export_table(
    to: Annotated[Path, typer.Argument(help="New CSV file.")],
    tracks: Tracks = None,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Write the metadata of tracks, unsaved edits included, as a CSV table."""
    from mycelix_studio.domain import metadata_csv
    from mycelix_studio.domain.fields import EDITABLE, Field
    from mycelix_studio.files import write_atomic
    from mycelix_studio.settings import CSV_GUARD

    need_new(to)
    with opened(profile_dir) as studio:
        held = _tracks(studio, tracks)
        fields = [field for field in Field if field in EDITABLE or any(track.value(field) for track in held)]
        text = metadata_csv.export(held, fields, guard=studio.settings.get(CSV_GUARD))
    if not dry_run:
        try:
            write_atomic(to, text.encode("utf-8-sig"), 0o644)
        except OSError as error:
            raise Known(f"Could not write “{to}”", f"{error.strerror or error}.", "Name another place.") from error
    data = {"dryRun": dry_run, "file": str(to), "tracks": len(held), "fields": [field.value for field in fields]}
    emit(data, [f"{len(held)} tracks in {to}."], as_json)


def import_table(
    file: Annotated[Path, typer.Argument(help="CSV: a row of headings, and one for each track.")],
    column: Annotated[
        list[str] | None,
        typer.Option(help="HEADING=FIELD for a column whose heading says it otherwise, HEADING= to leave it alone."),
    ] = None,
    empty_clears: Annotated[bool, typer.Option("--empty-clears", help="An empty cell empties the field.")] = False,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Take metadata from a table, as unsaved edits. A row finds its track by path, file name, ISRC, or title and artist."""
    from mycelix_studio.domain.metadata_csv import match, read

    table = read(read_file(file))
    targets = _targets(table.heads, column or [])
    with opened(profile_dir) as studio:
        found = match(table, targets, studio.library.tracks_of(studio.library.ids()), empty_clears=empty_clears)
        notes = [f"{found.tracks} of {len(table.rows)} rows found their track."]
        if found.strangers:
            notes.append(f"Not found, or found twice: rows {', '.join(map(str, found.strangers))}.")
        _change(studio, found.changes, notes, dry_run=dry_run, as_json=as_json)


def _targets(heads: Sequence[str], given: Sequence[str]) -> list[Target | None]:
    """Return what each column is: guessed by its heading unless ``HEADING=FIELD`` says it."""
    from mycelix_studio.domain.fields import Field
    from mycelix_studio.domain.metadata_csv import Key, guess

    known: dict[str, Target | None] = {"": None, **{each.value: each for each in (*Field, *Key)}}
    said: dict[str, Target | None] = {}
    for each in given:
        head, equals, name = each.rpartition("=")
        if not equals or head not in heads or name not in known:
            raise typer.BadParameter(
                f"“{each}”: one of the headings {', '.join(heads)}, =, and one of {', '.join(filter(None, known))}",
                param_hint="--column",
            )
        said[head] = known[name]
    named = {target for target in said.values() if target is not None}
    guessed = [target if target not in named else None for target in guess(heads)]
    targets = [said.get(head, target) for head, target in zip(heads, guessed, strict=True)]
    twice = [target for target in named if targets.count(target) > 1]
    if twice:
        raise typer.BadParameter(f"two columns are {twice[0].value}", param_hint="--column")
    return targets


def revert(
    tracks: Tracks = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Forget unsaved edits. The files are as they were."""
    with opened(profile_dir) as studio:
        unsaved = set(studio.library.unsaved())
        ids = [track for track in _ids(studio, tracks) if track in unsaved]
        files = [str(row.path) for row in studio.library.rows(ids)]
        if ids and not dry_run:
            ask(f"Forget the unsaved edits of {len(ids)} tracks?", yes=yes)
            studio.library.revert(ids)
        emit({"dryRun": dry_run, "reverted": files}, files or ["Nothing is unsaved."], as_json)
