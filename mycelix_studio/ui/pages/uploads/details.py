"""Fills the inspector: one upload's steps, speed, and what it needs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from mycelix_studio.domain.upload import ACTIVE, Step, StepState, UploadDetail, UploadRow, UploadState
from mycelix_studio.ui.covers import framed
from mycelix_studio.ui.pages.base import Context
from mycelix_studio.ui.pages.uploads.model import checks_words, place_words, step_words, tr
from mycelix_studio.ui.pages.uploads.view import COVER, Inspector
from mycelix_studio.ui.widgets.cards import Action, Note

WORDS_WIDTH = 250


class Details:
    """What the inspector shows.

    Args:
        inspector: The widgets.
        context: For covers and theme.
        fix: Opens where the upload's need is met; gets its id.
        retry: Tries it again; gets its id.
    """

    def __init__(
        self,
        inspector: Inspector,
        context: Context,
        fix: Callable[[int], None],
        retry: Callable[[int], None],
    ) -> None:
        self._inspector = inspector
        self._context = context
        self._fix = fix
        self._retry = retry
        self._note_key: object = None

    def show(self, detail: UploadDetail) -> None:
        """Show one upload."""
        row, inspector = detail.row, self._inspector
        for label, words in ((inspector.title, row.title), (inspector.line, place_words(detail))):
            label.show_short(words, WORDS_WIDTH)
        ratio = inspector.devicePixelRatioF()
        picture = self._context.covers.get(row.cover, round(COVER * ratio))
        image = picture.toImage() if picture is not None else None
        inspector.cover.setPixmap(framed(image, COVER, ratio, self._context.look.theme))
        for step, state in detail.steps:
            name, line = step_words(step, state, detail)
            if step is Step.CHECK and state is StepState.DONE:
                line = self._checks(row) or line
            inspector.steps[step].show_step(state, name, line)
        inspector.speed_part.setVisible(row.state in ACTIVE or any(detail.speeds))
        inspector.graph.set_speeds(detail.speeds)
        self._show_note(row)

    def _checks(self, row: UploadRow) -> str:
        """Return what the delivery rules say of the track, nothing while it was not checked; a read by key."""
        counts = self._context.studio.preflight.counts([row.track_id]) if row.track_id is not None else {}
        found = counts.get(row.track_id or 0)
        return "" if found is None else checks_words(*found)

    def _show_note(self, row: UploadRow) -> None:
        wrong = row.state in (UploadState.NEEDS_YOU, UploadState.STOPPED)
        theme = self._context.look.theme
        key = (row.id, row.state, row.title_of_why, row.why, theme.name) if wrong else None
        if key == self._note_key:
            return
        self._note_key = key
        if not wrong:
            self._inspector.set_note(None)
            return
        tone = "bad" if row.state is UploadState.STOPPED else "warn"
        words = " ".join(part for part in (row.why, row.hint) if part)
        self._inspector.set_note(Note(row.title_of_why, words, tone, theme, self._ways_out(row)))

    def _ways_out(self, row: UploadRow) -> list[Action]:
        again = (tr("Try again"), partial(self._retry, row.id))
        there = partial(self._fix, row.id)
        match row.waits_for:
            case "details":
                return [(tr("Open in Library"), there)]
            case "sign-in":
                return [(tr("Open Wallet"), there), again]
            case "address":
                return [(tr("Open Settings"), there)]
            case _:
                return [again]
