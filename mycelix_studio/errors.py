"""Two families of errors: those a person can act on, and bugs.

Every error that reaches a person has a title (what failed, on what), a message (why, and what is safe) and a hint (what to
do now). Raise a subclass of :class:`Known` for anything that can happen on a healthy program: a full disk, a locked keyring, a
server that does not answer. Everything else is a bug and ends in a crash report.
"""

from __future__ import annotations


class StudioError(Exception):
    """An error with words for a person.

    Args:
        title: What failed and on what, without a full stop: ``Could not save “Low Lamp.flac”``.
        message: Why it failed and what is safe, in whole sentences.
        hint: What to do next, in one sentence. May be empty when there is nothing to do.
    """

    def __init__(self, title: str, message: str = "", hint: str = "") -> None:
        super().__init__(". ".join(part.rstrip(".") for part in (title, message, hint) if part))
        self.title = title
        self.message = message
        self.hint = hint


class Known(StudioError):
    """Something that happens to healthy programs; the person is told and nothing is reported."""


class Bug(StudioError):
    """A broken assumption of ours; goes to a crash report."""


class Cancelled(Known):
    """The person stopped the work; nothing half-done is left behind."""

    def __init__(self, title: str = "Stopped") -> None:
        super().__init__(title, "You stopped it. What was finished stays finished.")
