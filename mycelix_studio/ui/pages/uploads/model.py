"""Rows of the queue, and every word the page says about an upload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QDate, QLocale, QObject, QTime

from mycelix_studio.domain.clock import now
from mycelix_studio.domain.upload import (
    QueueTotals,
    Step,
    StepState,
    UploadDetail,
    UploadRow,
    UploadState,
)
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.widgets.rows import Cell, Column, RowsModel


def tr(source: str) -> str:
    """Translate a text of the uploads."""
    return QCoreApplication.translate("Uploads", source)


class Act(StrEnum):
    """What the two buttons of a row do."""

    PAUSE = "pause"
    RESUME = "resume"
    RETRY = "retry"
    FIX = "fix"
    SHOW = "show"
    STOP = "stop"
    REMOVE = "remove"
    MORE = "more"


ACT_ICON: Final = {
    Act.PAUSE: "ph.pause",
    Act.RESUME: "ph.play",
    Act.RETRY: "ph.arrow-clockwise",
    Act.FIX: "ph.pencil-simple",
    Act.SHOW: "ph.arrow-square-out",
    Act.STOP: "ph.x",
    Act.REMOVE: "ph.x",
    Act.MORE: "ph.dots-three",
}
ACT_WORDS: Final = {
    Act.PAUSE: "Pause",
    Act.RESUME: "Go on",
    Act.RETRY: "Try again",
    Act.FIX: "See what it needs",
    Act.SHOW: "Show in Library",
    Act.STOP: "Stop",
    Act.REMOVE: "Take off the queue",
    Act.MORE: "More",
}
STATE_CHIP: Final = {
    UploadState.WAITING: ("Waiting", "plain", "ph.clock"),
    UploadState.FINGERPRINTING: ("Fingerprinting", "plain", "ph.fingerprint"),
    UploadState.SENDING: ("Sending", "info", "ph.arrow-up"),
    UploadState.PAUSED: ("Paused", "plain", "ph.pause"),
    UploadState.NEEDS_YOU: ("Needs you", "warn", "ph.warning"),
    UploadState.STOPPED: ("Stopped", "bad", "ph.x-circle"),
    UploadState.DONE: ("Done", "ok", "ph.check"),
}
_BAR: Final = {
    UploadState.SENDING: "acc",
    UploadState.STOPPED: "bad",
    UploadState.DONE: "ok",
    UploadState.PAUSED: "ctl",
    UploadState.WAITING: "ctl",
    UploadState.NEEDS_YOU: "ctl",
}


@dataclass(frozen=True, slots=True)
class QueueCell(Cell):
    """A cell of the queue: two lines, or a bar with words below it, or the buttons.

    Attributes:
        second: The second line in grey.
        right: Words at the right end of the line below the bar.
        acts: Buttons, left to right.
    """

    second: str = ""
    right: str = ""
    acts: tuple[Act, ...] = ()


def columns() -> tuple[Column, ...]:
    """Return the columns; the widths of the two flexible ones are the table's own."""
    return (
        Column("cover", "", 52, sort=False, spoken=tr("Cover")),
        Column("track", tr("Track"), sort=False),
        Column("state", tr("State"), 128, sort=False),
        Column("progress", tr("Confirmed by the server"), sort=False),
        Column("acts", "", 88, sort=False, spoken=tr("Buttons")),
    )


class QueueModel(RowsModel[UploadRow]):
    """The queue as last read."""

    def __init__(self, zone: ZoneInfo, parent: QObject | None = None) -> None:
        self.by_id: Mapping[int, UploadRow] = {}
        self.next_id: int | None = None
        self.zone = zone
        super().__init__(columns(), self._take, lambda row: row.id, parent)

    def take(self, rows: Sequence[UploadRow]) -> None:
        """Remember rows; the caller shows their ids or refreshes."""
        self.by_id = {row.id: row for row in rows}
        self.next_id = next((row.id for row in rows if row.state is UploadState.WAITING), None)

    def _take(self, ids: Sequence[int]) -> list[UploadRow]:
        return [self.by_id[each] for each in ids if each in self.by_id]

    def cell(self, row: UploadRow, column: Column) -> Cell:
        """Return what a cell shows."""
        if column.key == "cover":
            return Cell(cover=row.cover, spoken=tr("yes") if row.cover else tr("none"))
        if column.key == "track":
            return QueueCell(row.title, strong=True, second=file_words(row), tip=str(row.path))
        if column.key == "state":
            words, tone, icon = STATE_CHIP[row.state]
            return Cell(tr(words), chip=tone, icon=icon, tip=row.why)
        if column.key == "progress":
            left, right = progress_words(row, self.zone, first=row.id == self.next_id)
            share = row.confirmed / row.size if row.size else 0.0
            return QueueCell(
                left,
                share=share,
                right=right,
                icon_tone=_BAR.get(row.state, "acc"),
                spoken=", ".join(part for part in (left, right) if part),
                tip=" ".join(part for part in (row.why, row.hint) if part) or " · ".join(filter(None, (left, right))),
            )
        acts = acts_of(row)
        return QueueCell(acts=acts, spoken=", ".join(tr(ACT_WORDS[act]) for act in acts))


def acts_of(row: UploadRow) -> tuple[Act, ...]:
    """Return what the buttons of a row do."""
    match row.state:
        case UploadState.PAUSED:
            return Act.RESUME, Act.STOP
        case UploadState.NEEDS_YOU:
            return Act.FIX, Act.REMOVE
        case UploadState.STOPPED:
            return Act.RETRY, Act.REMOVE
        case UploadState.DONE:
            return Act.SHOW, Act.MORE
        case _:
            return Act.PAUSE, Act.STOP


def file_words(row: UploadRow) -> str:
    """Return ``FLAC · 61.4 MB``."""
    return f"{row.container} · {shown.size(row.size)}"


def progress_words(  # noqa: PLR0911 - one state a line
    row: UploadRow, zone: ZoneInfo, *, first: bool = False
) -> tuple[str, str]:
    """Return what stands below the bar, left and right."""
    of = of_words(row.confirmed, row.size)
    match row.state:
        case UploadState.WAITING:
            return _waiting(row, of, first)
        case UploadState.FINGERPRINTING:
            return tr("Computing on this computer"), ""
        case UploadState.SENDING if row.step is Step.LIST:
            return tr("Giving title, artist and length to the platform"), ""
        case UploadState.SENDING:
            parts = [speed_words(row.speed), left_words(row.eta)]
            return of, " · ".join(part for part in parts if part)
        case UploadState.PAUSED:
            time = tr("Paused by you, {time}").format(time=time_words(row.changed_at, zone))
            return (of if row.confirmed else tr("Nothing sent yet")), time
        case UploadState.DONE:
            words = tr("Answer was lost, recognised") if row.recognised else tr("Fingerprints equal")
            return words, time_words(row.changed_at, zone)
        case UploadState.STOPPED if row.confirmed:
            return row.title_of_why, tr("Kept at {size}, will resume").format(size=shown.size(row.confirmed))
        case _:
            return row.title_of_why, ""


def _waiting(row: UploadRow, of: str, first: bool) -> tuple[str, str]:
    if row.waits_for == "server":
        return row.title_of_why, tr("Goes on by itself")
    words = tr("Next") if first else tr("In line")
    return (f"{words} · {of}" if row.confirmed else words), ""


def of_words(confirmed: int, size: int) -> str:
    """Return ``38.1 of 61.4 MB``, or ``900.0 kB of 61.4 MB`` where the units differ."""
    part, whole = shown.size(confirmed), shown.size(size)
    if part.rpartition(" ")[2] == whole.rpartition(" ")[2]:
        part = part.rpartition(" ")[0]
    elif not confirmed:
        part = "0"
    return tr("{part} of {whole}").format(part=part, whole=whole)


def speed_words(speed: int) -> str:
    """Return ``4.1 MB/s``, nothing while nothing moves."""
    return f"{shown.size(speed)}/s" if speed > 0 else ""


def left_words(seconds: int | None, *, about: bool = False) -> str:
    """Return ``6 s left`` or ``about 3 min left``; nothing when not known."""
    if seconds is None:
        return ""
    if seconds < 90:
        words = tr("{n} s").format(n=seconds)
    elif seconds < 5_400:
        words = tr("{n} min").format(n=round(seconds / 60))
    else:
        words = tr("{n} h").format(n=round(seconds / 3_600))
    return (tr("about {time} left") if about else tr("{time} left")).format(time=words)


def time_words(moment: datetime, zone: ZoneInfo) -> str:
    """Return ``14:21`` for today, ``13 Jun`` for this year, ``13 Jun 2025`` before."""
    local, today = moment.astimezone(zone), now().astimezone(zone).date()
    if local.date() == today:
        return QLocale().toString(QTime(local.hour, local.minute), "HH:mm")
    pattern = "d MMM" if local.year == today.year else "d MMM yyyy"
    return QLocale().toString(QDate(local.year, local.month, local.day), pattern)


def totals_words(totals: QueueTotals) -> tuple[str, str, str]:
    """Return what stands above the bar of the whole queue: how many are done, bytes, speed and time left."""
    count = tr("{done} of {all} done").format(done=shown.count(totals.done), all=shown.count(totals.uploads))
    size = tr("{of} confirmed").format(of=of_words(totals.confirmed, totals.size))
    speed = " · ".join(part for part in (speed_words(totals.speed), left_words(totals.eta, about=True)) if part)
    if not speed and totals.paused and not totals.waiting:
        speed = tr("Paused")
    return count, size, speed


def header_words(totals: QueueTotals) -> str:
    """Return the line beside the page's title."""
    words = (
        tr("1 in the queue") if totals.uploads == 1 else tr("{n} in the queue").format(n=shown.count(totals.uploads))
    )
    if totals.needs_you:
        need = (
            tr("1 needs you") if totals.needs_you == 1 else tr("{n} need you").format(n=shown.count(totals.needs_you))
        )
        return f"{words} · {need}"
    return words if totals.uploads else ""


def place_words(detail: UploadDetail) -> str:
    """Return ``Track 4 of Salt Meridian``, the album alone, or the artist."""
    if detail.album and detail.number:
        return tr("Track {n} of {album}").format(n=detail.number, album=detail.album)
    return detail.album or detail.row.artist


_STEP: Final[dict[Step, dict[StepState, tuple[str, str]]]] = {
    Step.CHECK: {
        StepState.TODO: ("Checked", "The file is there, with all the platform asks for"),
    },
    Step.FINGERPRINT: {
        StepState.TODO: ("Fingerprint", "Computed on this computer, before anything is sent"),
        StepState.DONE: ("Fingerprint computed here", "{cid}"),
    },
    Step.SEND: {
        StepState.TODO: ("Sending", "In pieces, each compared as it arrives"),
        StepState.NOW: ("Sending", "{of} confirmed. If the line drops, it goes on from here"),
        StepState.DONE: ("Sent", "{size} confirmed"),
    },
    Step.COMPARE: {
        StepState.TODO: ("Server's fingerprint compared", "Must equal ours, or the upload is refused"),
        StepState.DONE: ("Server's fingerprint compared", "Equal to ours"),
    },
    Step.LIST: {
        StepState.TODO: ("Listed at the platform", "Title, artist, genre, length and identifiers"),
    },
    Step.REGISTER: {
        StepState.TODO: ("Registered on chain", "Waits for your signature, in Strategies"),
        StepState.NOW: ("Registered on chain", "Signed, being confirmed"),
        StepState.DONE: ("Registered on chain", "It can earn"),
    },
}
"""What a step is called and says; what is not told apart says the same as when it is still to do."""


def checks_words(stops: int, warnings: int) -> str:
    """Return what the delivery rules found: ``2 hints left, none that stop a delivery``."""
    if stops:
        found = tr("1 finding") if stops == 1 else tr("{n} findings").format(n=shown.count(stops))
        return tr("{found} that other stores would refuse; your platform takes it").format(found=found)
    if warnings:
        found = tr("1 hint") if warnings == 1 else tr("{n} hints").format(n=shown.count(warnings))
        return tr("{found} left, none that stop a delivery").format(found=found)
    return tr("Nothing stands in the way of a delivery")


def step_words(step: Step, state: StepState, detail: UploadDetail) -> tuple[str, str]:
    """Return a step's title and the line below it."""
    row = detail.row
    by_state = _STEP[step]
    if state is StepState.FAILED and state not in by_state:
        return tr(by_state[StepState.TODO][0]), row.title_of_why
    title, line = by_state.get(state, by_state[StepState.TODO])
    if step is Step.SEND and row.confirmed and state is not StepState.DONE and row.state is not UploadState.SENDING:
        line = "{of} confirmed, goes on from there"
    return tr(title), tr(line).format(
        cid=f"{detail.cid[:10]}…{detail.cid[-6:]}",
        of=of_words(row.confirmed, row.size),
        size=shown.size(row.size),
    )
