"""The pre-flight report: what the delivery rules found in some tracks or in all of them, to be read, saved or printed."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mycelix_studio.domain.cells import guarded
from mycelix_studio.domain.clock import now
from mycelix_studio.domain.preflight import RULES, Finding, Severity
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.pdf import set_pdf
from mycelix_studio.services.preflight import Preflight

FORMATS = ("pdf", "csv", "json")


@dataclass(frozen=True, slots=True)
class Checked:
    """One track's findings. ``problem`` says why its sound could not be measured, empty when it could."""

    track_id: int
    title: str
    artist: str
    path: Path
    findings: tuple[Finding, ...]
    problem: str

    @property
    def stops(self) -> int:
        """How many findings stores refuse."""
        return sum(finding.severity is Severity.STOP for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, track by track in the order asked, at ``made_at`` (UTC)."""

    tracks: tuple[Checked, ...]
    made_at: datetime

    @property
    def ready(self) -> int:
        """How many tracks have nothing to fix."""
        return sum(not track.findings for track in self.tracks)

    @property
    def refused(self) -> int:
        """How many tracks stores would refuse."""
        return sum(bool(track.stops) for track in self.tracks)

    def by_rule(self) -> list[tuple[str, str, Severity, int]]:
        """Return (rule, what it asks for, severity, tracks) of every rule that found something, those that stop first."""
        counts = Counter(finding.rule for track in self.tracks for finding in track.findings)
        asked = {rule.id: ((rule.__doc__ or "").partition("\n")[0].rstrip("."), rule.severity) for rule in RULES}
        found = [(rule, *asked[rule], count) for rule, count in counts.items()]
        return sorted(found, key=lambda each: (each[2] is not Severity.STOP, -each[3], each[0]))


def make_report(preflight: Preflight, ids: Sequence[int], work: Work) -> Report:
    """MEDIA. Measure what was never measured and run every rule; progress counts tracks.

    Raises:
        Cancelled: Between two tracks; what was measured stays.
    """
    found = []
    for done, track_id in enumerate(ids):
        track = preflight.library.track(track_id)
        if track is None:
            continue
        work.progress(done, len(ids), track.row.title)
        sounding = preflight.sounding_now(track_id)
        if sounding is not None:
            row = track.row
            found.append(Checked(track_id, row.title, row.artist, row.path, sounding.findings, sounding.problem))
    work.progress(len(ids), len(ids))
    return Report(tuple(found), now())


def render(report: Report, kind: str) -> bytes:
    """Return the report as ``pdf`` (PDF/UA-1), ``csv`` (a row each finding, cells guarded) or ``json``.

    Raises:
        Known: The PDF could not be set.
    """
    return {"pdf": _pdf, "csv": _csv, "json": _json}[kind](report)


def summary(report: Report) -> str:
    """Return the verdict in one line."""
    total = len(report.tracks)
    tracks = "1 track" if total == 1 else f"{total:,} tracks"
    return f"{tracks}: {report.ready:,} ready, {report.refused:,} that stores refuse, {total - report.ready - report.refused:,} to look at"


def _csv(report: Report) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["file", "title", "artist", "rule", "severity", "found", "what to do"])
    for track in report.tracks:
        head = [str(track.path), track.title, track.artist]
        rows = [[*head, f.rule, f.severity.value, f.title, f.words] for f in track.findings] or [
            [*head, "", "ready", "", ""]
        ]
        writer.writerows([guarded(_text(cell)) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _json(report: Report) -> bytes:
    made = {
        "made_at": report.made_at.isoformat(),
        "tracks": [
            {
                "file": _text(str(track.path)),
                "title": track.title,
                "artist": track.artist,
                "ready": not track.findings,
                "not_measured": track.problem,
                "findings": [
                    {"rule": f.rule, "severity": f.severity.value, "title": f.title, "words": f.words}
                    for f in track.findings
                ],
            }
            for track in report.tracks
        ],
    }
    return json.dumps(made, indent=2, ensure_ascii=False).encode()


def _pdf(report: Report) -> bytes:
    stamp = report.made_at
    document = {
        "title": "Ready for delivery?",
        "stamp": [stamp.year, stamp.month, stamp.day, stamp.hour, stamp.minute, stamp.second],
        "summary": summary(report),
        "when": f"{stamp.day} {stamp:%b %Y, %H:%M} UTC",
        "rules": [
            [asks, "stores refuse it" if severity is Severity.STOP else "to look at", f"{count:,}"]
            for _rule, asks, severity, count in report.by_rule()
        ],
        "tracks": [
            {
                "title": track.title,
                "file": _text(track.path.name),
                "findings": [[f.severity.value, f.title, f.words] for f in track.findings],
            }
            for track in report.tracks
            if track.findings
        ],
        "ready": [track.title for track in report.tracks if not track.findings],
    }
    return set_pdf("preflight", document, stamp, "Save the report as CSV meanwhile.")


def _text(words: str) -> str:
    return words.encode("utf-8", "replace").decode()
