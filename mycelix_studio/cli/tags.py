"""`mycelix tags`: read and write tags, see what a container would lose, take a write back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mycelix_studio.cli.output import REFUSED, DryRun, JsonOption
from mycelix_studio.cli.profile import ProfileDir, opened
from mycelix_studio.domain.fields import Field, field_named, spec
from mycelix_studio.domain.losses import TARGETS, Loss, target
from mycelix_studio.errors import Known

if TYPE_CHECKING:
    from mycelix_studio.domain.track import FileTags, Picture, Shown
    from mycelix_studio.services.studio import Studio
    from mycelix_studio.services.tag_files import TagFiles

Files = Annotated[list[Path], typer.Argument(help="Audio files.", show_default=False)]

tags = typer.Typer(name="tags", help="Read and write the tags of audio files.", no_args_is_help=True)


@tags.command()
def show(files: Files, as_json: JsonOption = False) -> None:
    """Print what files hold: every field with its values, pictures, and the hash of the sound. Changes nothing."""
    from mycelix_studio.services.tag_files import TagFiles

    with TagFiles() as reading:
        each_file(files, lambda path: _print(path, reading.show(path), as_json), as_json)


@tags.command("set")
def set_fields(
    files: Files,
    fields: Annotated[
        list[str] | None,
        typer.Option("--field", help="NAME=VALUE; again for a further value of the same field; NAME= removes it."),
    ] = None,
    cover: Annotated[Path | None, typer.Option(help="A JPEG or PNG as front cover.")] = None,
    remove_cover: Annotated[bool, typer.Option("--remove-cover", help="Take the front cover out.")] = False,
    newer: Annotated[
        bool,
        typer.Option("--id3v2.4", help="Move MP3 files from ID3v2.3 to ID3v2.4 as well; others are left as they are."),
    ] = False,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Write fields into files and print what they hold then. What is not named stays as it is; `undo` takes it back."""
    from mycelix_studio.services.tag_files import TagFiles

    edits = _edits(fields or [])
    if not edits and cover is None and not remove_cover and not newer:
        raise typer.BadParameter("name a field, such as title=Low Lamp", param_hint="--field")
    if cover is not None and remove_cover:
        raise typer.BadParameter("give --cover or --remove-cover", param_hint="--cover")
    with opened(profile_dir) as studio, TagFiles() as reading:
        picture = reading.picture(cover) if cover is not None else None
        if dry_run:
            keep = cover is None and not remove_cover

            def rehearse(path: Path) -> None:
                changed = studio.tag_history.rehearse(path, edits, picture, keep_cover=keep)
                version = reading.show(path).tags.version if newer else ""
                if version == "ID3v2.3":
                    changed = {"tag version": ((version,), ("ID3v2.4",)), **changed}
                fields = {name: {"before": list(old), "after": list(new)} for name, (old, new) in changed.items()}
                if as_json:
                    _line({"file": str(path), "dryRun": True, "fields": fields})
                    return
                typer.echo(f"{path}{'' if fields else ': nothing would change'}")
                for name, (old, new) in changed.items():
                    typer.echo(f"  {name}: {'; '.join(old) or '—'} → {'; '.join(new) or '—'}")

            each_file(files, rehearse, as_json)
            return
        keep = cover is None and not remove_cover
        _write(studio, reading, files, edits, picture, keep_cover=keep, as_json=as_json, newer=newer)


@tags.command()
def resave(files: Files, as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """Save files without an edit, which changes no byte of them, and print what they hold."""
    from mycelix_studio.services.tag_files import TagFiles

    with opened(profile_dir) as studio, TagFiles() as reading:
        _write(studio, reading, files, {}, None, keep_cover=True, as_json=as_json)


@tags.command()
def losses(
    file: Annotated[Path, typer.Argument(help="An audio file.", show_default=False)],
    to: Annotated[str, typer.Option(help="Container or tag version: " + ", ".join(each.name for each in TARGETS))],
    as_json: JsonOption = False,
) -> None:
    """Print what of a file's tags another container or tag version could not hold. Changes nothing."""
    from mycelix_studio.services.tag_files import TagFiles

    wanted = target(to)
    if wanted is None:
        raise typer.BadParameter(f"one of {', '.join(each.name for each in TARGETS)}", param_hint="--to")

    def one(path: Path) -> None:
        held, found = reading.losses(path, wanted)
        if as_json:
            rows = [_loss(loss) for loss in found]
            _line({"file": str(path), "container": held.audio.container, "to": wanted.name, "losses": rows})
            return
        for loss in found:
            left = f"leaves {'; '.join(loss.becomes)}" if loss.becomes else "is lost"
            typer.echo(f"{loss.title} ({'; '.join(loss.values)[:80]}) {left}: {loss.why}")
        if not found:
            typer.echo(f"{wanted.name} holds all of it.")

    with TagFiles() as reading:
        each_file([file], one, as_json)


@tags.command()
def undo(files: Files, as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """Take the last write of files back, byte for byte; again for the one before."""
    from mycelix_studio.services.tag_files import TagFiles

    with opened(profile_dir) as studio, TagFiles() as reading:

        def one(path: Path) -> None:
            done = studio.tag_history.undo(path)
            _print(path if path.exists() else done.path, reading.show(done.path), as_json)

        _tidy(studio, files)
        each_file(files, one, as_json)


@tags.command()
def redo(files: Files, as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """Make the write again that `undo` took back last, as long as nothing was written since."""
    from mycelix_studio.services.tag_files import TagFiles

    with opened(profile_dir) as studio, TagFiles() as reading:

        def one(path: Path) -> None:
            done = studio.tag_history.redo(path)
            _print(done.path, reading.show(done.path), as_json)

        _tidy(studio, files)
        each_file(files, one, as_json)


@tags.command()
def history(files: Files, as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """List what was written into files and how they were renamed, newest first. Changes nothing."""
    from mycelix_studio.domain.clock import rfc3339

    with opened(profile_dir) as studio:

        def one(path: Path) -> None:
            for each in studio.tag_history.changes(path):
                fields = {name: {"before": list(old), "after": list(new)} for name, (old, new) in each.details.items()}
                if as_json:
                    what = {"id": each.id, "kind": each.kind, "at": rfc3339(each.at), "undone": each.undone}
                    _line({"file": str(path), **what, "oldFile": str(each.old_path), "fields": fields})
                    continue
                taken = ", taken back" if each.undone else ""
                typer.echo(f"{each.id}  {each.at:%Y-%m-%d %H:%M} UTC  {each.kind}{taken}")
                for name, (old, new) in each.details.items():
                    typer.echo(f"  {name}: {'; '.join(old) or '—'} → {'; '.join(new) or '—'}")
                if each.old_path != each.path:
                    typer.echo(f"  {each.old_path.name} → {each.path.name}")

        each_file(files, one, as_json)


@tags.command()
def restore(
    file: Annotated[Path, typer.Argument(help="One audio file.")],
    change: Annotated[int, typer.Option(help="Id of `tags history`: the state before that change.")],
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Bring a file back to its state before a change, whatever was done since; its present state can be brought back too."""
    from mycelix_studio.services.tag_files import TagFiles

    with opened(profile_dir) as studio, TagFiles() as reading:

        def one(path: Path) -> None:
            done = studio.tag_history.restore(path, change)
            _print(done.path, reading.show(done.path), as_json)

        _tidy(studio, [file])
        each_file([file], one, as_json)


# what commands on files share -----------------------------------------------------------------------------------------------------


def each_file(files: Iterable[Path], work: Callable[[Path], None], as_json: bool) -> None:
    """Do something with each file; a refused one is said and stops no other.

    Raises:
        typer.Exit: With 3 when one was refused.
    """
    refused = False
    for path in files:
        try:
            work(path)
        except Known as error:
            refused = True
            words = " ".join(
                part if part.endswith(".") else f"{part}." for part in (error.title, error.message, error.hint) if part
            )
            if as_json:
                _line({"file": str(path), "refused": words})
            else:
                typer.echo(words, err=True)
    if refused:
        raise typer.Exit(REFUSED)


def _write(
    studio: Studio,
    reading: TagFiles,
    files: Iterable[Path],
    edits: Mapping[Field, tuple[str, ...]],
    picture: Picture | None,
    *,
    keep_cover: bool,
    as_json: bool,
    newer: bool = False,
) -> None:
    def one(path: Path) -> None:
        studio.tag_history.write(path, edits, picture, keep_cover=keep_cover, whole=True, newer=newer)
        _print(path, reading.show(path), as_json)

    _tidy(studio, files)
    each_file(files, one, as_json)


def _tidy(studio: Studio, files: Iterable[Path]) -> None:
    """Take away what a crash left beside files."""
    studio.tag_history.tidy([path.resolve().parent for path in files])


def _edits(given: list[str]) -> dict[Field, tuple[str, ...]]:
    """Return fields by ``NAME=VALUE``; a name without a value removes its field."""
    edits: dict[Field, tuple[str, ...]] = {}
    for each in given:
        name, equals, value = each.partition("=")
        field = field_named(name)
        if not equals or field is None:
            known = ", ".join(field.value for field in Field)
            raise typer.BadParameter(f"“{each}”: NAME=VALUE with one of {known}", param_hint="--field")
        edits[field] = (*edits.get(field, ()), value) if value else edits.get(field, ())
    return edits


def _print(path: Path, shown: Shown, as_json: bool) -> None:
    if as_json:
        _line(as_data(path, shown.tags, shown.audio_sha256))
        return
    typer.echo(f"{path}\n  {shown.tags.audio.words()}{f', {shown.tags.version}' if shown.tags.version else ''}")
    for field, values in shown.tags.fields.items():
        typer.echo(f"  {spec(field).title}: {'; '.join(values)}")
    for name, values in shown.tags.others.items():
        typer.echo(f"  {name}: {'; '.join(values)}")
    for picture in shown.tags.pictures:
        typer.echo(f"  Picture: {picture.mime}, type {picture.type}, {len(picture.data):,} bytes")


def as_data(path: Path, held: FileTags, audio_sha256: str) -> dict[str, object]:
    """Return what a file holds as JSON values; texts that are no field stand under the name the tag gives them."""
    names = {field.value: list(held.fields[field]) for field in Field if field in held.fields}
    return {
        "file": str(path),
        "container": held.audio.container,
        "tag": held.version or held.family,
        "fields": {**names, **{name: list(values) for name, values in held.others.items()}},
        "pictures": [
            {
                "type": picture.type,
                "mime": picture.mime,
                "description": picture.description,
                "bytes": len(picture.data),
                "sha256": hashlib.sha256(picture.data).hexdigest(),
            }
            for picture in held.pictures
        ],
        "seconds": round(held.audio.seconds, 3),
        "sample_rate": held.audio.sample_rate,
        "audio_sha256": audio_sha256,
    }


def _loss(loss: Loss) -> dict[str, object]:
    return {"field": loss.field, "values": list(loss.values), "becomes": list(loss.becomes), "why": loss.why}


def _line(data: Mapping[str, object]) -> None:
    typer.echo(json.dumps(data))
