"""Uploads as the queue knows them: states, the six steps of one, and what a row of the queue shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal

from mycelix_studio.domain.strategy.names import StrategyName

CleanKind = Literal["flac", "wav"]
"""What a clean copy can be."""


class UploadState(StrEnum):
    """What an upload does now."""

    WAITING = "waiting"
    FINGERPRINTING = "fingerprinting"
    SENDING = "sending"
    PAUSED = "paused"
    NEEDS_YOU = "needs_you"
    STOPPED = "stopped"
    DONE = "done"


ACTIVE: Final = frozenset({UploadState.FINGERPRINTING, UploadState.SENDING})
"""States in which something runs for it."""
UNFINISHED: Final = frozenset({UploadState.WAITING, UploadState.FINGERPRINTING, UploadState.SENDING})
"""States that go on by themselves."""


class Step(StrEnum):
    """The steps of one upload, in order."""

    CHECK = "check"
    FINGERPRINT = "fingerprint"
    SEND = "send"
    COMPARE = "compare"
    LIST = "list"
    REGISTER = "register"


class StepState(StrEnum):
    """How far a step is."""

    TODO = "todo"
    NOW = "now"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class UploadRow:
    """One row of the queue.

    Attributes:
        id: Local key.
        track_id: The track in the library, None when it was taken off the list.
        title: Title of the track, with unsaved edits.
        artist: Artist as it will be listed.
        container: Such as ``FLAC``.
        cover: Key of the cover, empty for none.
        path: The file.
        size: Bytes of the file.
        confirmed: Bytes the server has confirmed.
        state: What it does now.
        step: The step it is at or stopped at.
        speed: Bytes a second over the last seconds, 0 while nothing is sent.
        eta: Seconds left at this speed, None when not known.
        why: Why it waits, needs somebody or stopped, in whole sentences; empty otherwise.
        title_of_why: The same in a few words, such as ``Your space is used up``.
        hint: What to do, in one sentence.
        waits_for: What would let it go on: ``sign-in``, ``address`` (of the server), ``details`` (of the song), ``server``, or empty.
        recognised: The server had it all and only its answer had been lost.
        changed_at: When its state changed last, UTC.
        song_id: The song on the platform, empty until listed.
    """

    id: int
    track_id: int | None
    title: str
    artist: str
    container: str
    cover: str
    path: Path
    size: int
    confirmed: int
    state: UploadState
    step: Step
    speed: int
    eta: int | None
    why: str
    title_of_why: str
    hint: str
    waits_for: str
    recognised: bool
    changed_at: datetime
    song_id: str


@dataclass(frozen=True, slots=True)
class UploadDetail:
    """What the inspector shows of one upload.

    Attributes:
        row: As in the queue.
        album: Album of the track, empty for none.
        number: Number of the track on its album as tagged, empty for none.
        cid: Fingerprint computed here, empty until then.
        strategy: Way to earn it is listed with first.
        price: Gross price of a stream in wei, None for the platform's own.
        steps: Every step and how far it is, in order.
        speeds: Bytes a second of the last 60 seconds, oldest first; empty when nothing was sent since the start of the program.
        on_chain: The song stands on chain; False while it waits for a signature or is being confirmed.
        under_way: A signature that registers it is under way.
    """

    row: UploadRow
    album: str
    number: str
    cid: str
    strategy: StrategyName
    price: int | None
    steps: tuple[tuple[Step, StepState], ...]
    speeds: tuple[int, ...]
    on_chain: bool
    under_way: bool


@dataclass(frozen=True, slots=True)
class QueueTotals:
    """The line above the queue.

    Attributes:
        uploads: Rows in the queue.
        done: Rows done.
        size: Bytes of all.
        confirmed: Bytes confirmed of all.
        speed: Bytes a second now.
        eta: Seconds until everything that goes on by itself is sent, None when not known.
        running: Rows for which something runs.
        waiting: Rows that go on by themselves, running ones included.
        paused: Rows paused.
        needs_you: Rows that need somebody, stopped ones included.
        offline: Why nothing can be sent now, empty while the server answers.
    """

    uploads: int
    done: int
    size: int
    confirmed: int
    speed: int
    eta: int | None
    running: int
    waiting: int
    paused: int
    needs_you: int
    offline: str


def steps_of(
    step: Step, state: UploadState, *, listed: bool, on_chain: bool, under_way: bool
) -> tuple[tuple[Step, StepState], ...]:
    """Return how far each step is, from the step an upload is at, its state, and what the chain is known to say."""
    order = list(Step)
    at = order.index(step)
    found: list[tuple[Step, StepState]] = []
    for index, each in enumerate(order):
        if each is Step.REGISTER:
            how = StepState.DONE if on_chain else StepState.NOW if under_way else StepState.TODO
        elif index < at or listed:
            how = StepState.DONE
        elif index > at:
            how = StepState.TODO
        elif state in (UploadState.NEEDS_YOU, UploadState.STOPPED):
            how = StepState.FAILED
        else:
            how = StepState.NOW if state in ACTIVE or (state is UploadState.PAUSED and at) else StepState.TODO
        found.append((each, how))
    return tuple(found)
