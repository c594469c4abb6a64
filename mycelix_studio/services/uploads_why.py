"""What becomes of an upload that could not go on: whether it waits by itself, needs somebody, or stopped, and in which words."""

from __future__ import annotations

from dataclasses import dataclass

from mycelix_studio.domain.upload import UploadState
from mycelix_studio.errors import Known
from mycelix_studio.store.uploads import NOTHING, Why


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state an upload takes.

    Attributes:
        state: The state.
        why: In words.
        again: The whole queue waits for the server, then goes on by itself.
        after: Seconds the server asked to wait, 0 when it did not.
    """

    state: UploadState
    why: Why = NOTHING
    again: bool = False
    after: float = 0.0


STOPPED_BY_YOU = Why("Stopped by you", "What the server confirmed is kept.", "Try again to go on from there.")


def outcome_of(error: Exception) -> Outcome:  # noqa: PLR0911 - one ending a line
    """Return what becomes of an upload that ended with this error."""
    from mycelix_studio.api import errors as api
    from mycelix_studio.api.upload_pieces import FileChanged, FileGone
    from mycelix_studio.services.uploads_run import AnotherAccount, DetailMissing, EmptyFile

    if not isinstance(error, Known):
        text = "Studio made a mistake and noted it in its log. What the server confirmed is kept."
        return Outcome(UploadState.STOPPED, Why("Could not upload", text, "Try again."))

    def why(waits_for: str = "") -> Why:
        return Why(error.title, error.message, error.hint, waits_for)

    match error:
        case api.ServerUnreachable() | api.BadAnswer():
            return Outcome(UploadState.WAITING, why("server"), again=True)
        case api.TooMany():
            return Outcome(UploadState.WAITING, why("server"), again=True, after=error.retry_after)
        case api.ServerTrouble() if error.kind == "disk-full":
            return Outcome(UploadState.STOPPED, why())
        case api.ServerTrouble():
            return Outcome(UploadState.WAITING, why("server"), again=True, after=error.retry_after)
        case api.NobodySignsIn() | api.NotSigned() | api.SignInRefused():
            return Outcome(UploadState.NEEDS_YOU, why("sign-in"))
        case api.NoServer() | api.InsecureAddress():
            return Outcome(UploadState.NEEDS_YOU, why("address"))
        case DetailMissing():
            return Outcome(UploadState.NEEDS_YOU, why("details"))
        case FileGone() | FileChanged() | EmptyFile() | AnotherAccount():
            return Outcome(UploadState.NEEDS_YOU, why())
        case api.ServerRefused() if error.kind in {"not-audio", "cid-mismatch", "invalid"}:
            return Outcome(UploadState.NEEDS_YOU, why())
        case _:
            return Outcome(UploadState.STOPPED, why())
