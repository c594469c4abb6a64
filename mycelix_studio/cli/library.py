"""`mycelix library`: the tracks on this computer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mycelix_studio.cli import library_tools as tools
from mycelix_studio.cli.output import DryRun, JsonOption, Yes, ask, emit, say, table, working
from mycelix_studio.cli.profile import ProfileDir, opened

app = typer.Typer(help="Tracks on this computer: bring in, list, take out.", no_args_is_help=True)


@app.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(help="Audio files, or folders that are searched for some.")],
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Bring files into the library; they stay where they are. What is known and unchanged is not read again."""
    from mycelix_studio.services.uploads_files import find_files

    if dry_run:
        found, refused = find_files(files)
        for each in refused:
            say(each.error)
        emit({"dryRun": True, "files": [str(path) for path in found]}, [str(path) for path in found], as_json)
        return
    with opened(profile_dir) as studio, working("Reading") as work:
        result = studio.library.add(files, work)
    for each in result.refused:
        say(each.error)
    data = {
        "added": result.added,
        "updated": result.updated,
        "unchanged": result.unchanged,
        "refused": [{"file": str(each.path), "why": each.error.title} for each in result.refused],
    }
    words = [f"{result.added} added, {result.updated} read again, {result.unchanged} unchanged."]
    emit(data, words, as_json)
    if result.refused:
        raise typer.Exit(1)


@app.command("list")
def list_tracks(
    search: Annotated[str, typer.Argument(help="Words to look for in title, artist and album.")] = "",
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """List tracks."""
    with opened(profile_dir) as studio:
        rows = studio.library.rows(studio.library.ids(text=search))
        data = [
            {
                "id": row.id,
                "title": row.title,
                "artist": row.artist,
                "album": row.album,
                "file": str(row.path),
                "missing": row.missing,
            }
            for row in rows
        ]
        words = table(("Id", "Title", "Artist", "Album"), [(str(r.id), r.title, r.artist, r.album) for r in rows])
        emit(data, words if rows else ["No tracks."], as_json)


@app.command()
def remove(
    tracks: Annotated[list[int], typer.Argument(help="Ids of `mycelix library list`.")],
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Take tracks out of the library. The files stay."""
    with opened(profile_dir) as studio:
        rows = studio.library.rows(tracks)
        if not dry_run:
            ask(f"Take {len(rows)} tracks out of the library?", yes=yes)
            studio.library.remove([row.id for row in rows])
        emit({"removed": [row.id for row in rows], "dryRun": dry_run}, [row.title for row in rows], as_json)


for _name, _tool in (
    ("isrc", tools.isrc),
    ("rename", tools.rename_files),
    ("fill", tools.names_to_tags),
    ("export-table", tools.export_table),
    ("import-table", tools.import_table),
    ("save", tools.save),
    ("revert", tools.revert),
):
    app.command(_name)(_tool)
