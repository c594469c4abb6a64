"""`mycelix drafts`: terms that were typed and not signed yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mycelix_studio.cli.output import DryRun, JsonOption, Yes, ask, emit, table
from mycelix_studio.cli.profile import ProfileDir, opened
from mycelix_studio.errors import Known

if TYPE_CHECKING:
    from mycelix_studio.services.strategies import Draft

app = typer.Typer(help="Terms typed and not signed yet; `strategy set` signs them.", no_args_is_help=True)


def _data(draft: Draft) -> dict[str, object]:
    from mycelix_studio.domain.clock import rfc3339

    return {
        "key": draft.key,
        "title": draft.title,
        "changedAt": rfc3339(draft.changed_at),
        "dueAt": rfc3339(draft.due_at) if draft.due_at is not None else None,
    }


@app.command("list")
def list_drafts(as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """List drafts: those to be signed by a day first."""
    with opened(profile_dir) as studio:
        drafts = studio.strategies.drafts()
        rows = [
            (
                draft.title,
                f"{draft.changed_at:%Y-%m-%d %H:%M}",
                f"{draft.due_at:%Y-%m-%d}" if draft.due_at is not None else "",
                draft.key,
            )
            for draft in drafts
        ]
        words = table(("Draft of", "Changed (UTC)", "To be signed", "Key"), rows) if rows else ["No drafts."]
        emit([_data(draft) for draft in drafts], words, as_json)


@app.command()
def discard(
    title: Annotated[str, typer.Argument(help="Title or key of a draft.")],
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Forget a draft: the form then shows what is on chain again."""
    from mycelix_studio.services.strategies import Choice

    with opened(profile_dir) as studio:
        found = [each for each in studio.strategies.drafts() if title.lower() in (each.title.lower(), each.key.lower())]
        if len(found) != 1:
            what = "No draft" if not found else f"{len(found)} drafts are"
            raise Known(f"{what} called “{title}”", "Nothing was changed.", "See `mycelix drafts list`.")
        (draft,) = found
        if not dry_run:
            ask(f"Forget the draft of “{draft.title}”?", yes=yes)
            studio.strategies.discard_draft(Choice(draft.key, draft.title, ()))  # its songs may have left the library
        emit({**_data(draft), "dryRun": dry_run}, [draft.title], as_json)
