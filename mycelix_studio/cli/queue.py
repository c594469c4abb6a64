"""`mycelix queue`: uploads that wait, and steering them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mycelix_studio.cli.output import DryRun, JsonOption, emit, table
from mycelix_studio.cli.profile import ProfileDir, opened

if TYPE_CHECKING:
    from mycelix_studio.domain.upload import UploadRow

app = typer.Typer(help="Uploads that wait. `upload` and Studio send them.", no_args_is_help=True)

Ids = Annotated[list[int], typer.Argument(help="Ids of `mycelix queue list`.")]


def _data(row: UploadRow) -> dict[str, object]:
    return {
        "id": row.id,
        "title": row.title,
        "file": str(row.path),
        "state": row.state.value,
        "step": row.step.value,
        "bytes": row.size,
        "confirmed": row.confirmed,
        "why": row.why or None,
        "songId": row.song_id or None,
    }


@app.command("list")
def list_uploads(
    done: Annotated[int, typer.Option(help="Of those that are done, so many.")] = 20,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """List the queue in its order, then what is done."""
    with opened(profile_dir) as studio:
        rows = studio.uploads.rows(done)
        words = table(
            ("Id", "Title", "State", "Confirmed", "Why"),
            [(str(r.id), r.title, r.state.value, f"{r.confirmed:,} of {r.size:,}", r.title_of_why) for r in rows],
            right=(3,),
        )
        emit([_data(row) for row in rows], words if rows else ["Nothing waits."], as_json)


@app.command()
def pause(ids: Ids, dry_run: DryRun = False, as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """Pause uploads; what the server has confirmed stays."""
    _steer("pause", ids, dry_run, as_json, profile_dir)


@app.command()
def resume(ids: Ids, dry_run: DryRun = False, as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """Let paused uploads go on at the next `upload`, or in Studio."""
    _steer("resume", ids, dry_run, as_json, profile_dir)


@app.command()
def retry(ids: Ids, dry_run: DryRun = False, as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """Try uploads again that stopped or needed somebody; a file that changed is taken as it is now."""
    _steer("retry", ids, dry_run, as_json, profile_dir)


@app.command()
def first(ids: Ids, dry_run: DryRun = False, as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """Put uploads at the front of the queue."""
    _steer("first", ids, dry_run, as_json, profile_dir)


@app.command()
def remove(ids: Ids, dry_run: DryRun = False, as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """Take uploads off the queue. Songs that are listed stay listed."""
    _steer("remove", ids, dry_run, as_json, profile_dir)


def _steer(what: str, ids: list[int], dry_run: bool, as_json: bool, profile_dir: ProfileDir) -> None:
    with opened(profile_dir) as studio:
        uploads = studio.uploads
        before = [row for number in ids if (row := uploads.row(number)) is not None]
        unknown = sorted(set(ids) - {row.id for row in before})
        if unknown:
            raise typer.BadParameter(f"there is no {', '.join(map(str, unknown))} in the queue", param_hint="IDS")
        if not dry_run:
            if what == "first":
                uploads.move(ids, None)
            else:
                getattr(uploads, what)(ids)
        after = [uploads.row(row.id) or row for row in before]
        emit(
            {"dryRun": dry_run, "uploads": [_data(row) for row in after]},
            [f"{r.title}: {r.state.value}" for r in after],
            as_json,
        )
