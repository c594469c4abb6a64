"""Pre-flight: measures files in a child process, runs the delivery rules, and keeps how many findings each track has."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mycelix_studio.domain import preflight as rules
from mycelix_studio.domain.preflight import CoverFacts, Facts, Finding, Severity, SoundFacts
from mycelix_studio.domain.track import Track
from mycelix_studio.errors import Known
from mycelix_studio.services.changes import ChangeHub, Changes, Kind
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.library import Library
from mycelix_studio.store import checks
from mycelix_studio.store.connection import Database

if TYPE_CHECKING:
    from mycelix_studio.domain.upload import CleanKind
    from mycelix_studio.media.sandbox import Sandbox

MEASURE_SECONDS = 300.0
BATCH = 50
PAUSE_SECONDS = 0.01
"""Between two batches: the window needs Python as well."""


@dataclass(frozen=True, slots=True)
class Sounding:
    """What the inspector shows of a track's sound: the outline as pairs of bytes, figures, findings.

    Attributes:
        low: Least sample of each point, int8.
        high: Greatest.
        sound: Figures; None while not measured or not measurable.
        problem: Why it could not be measured.
        findings: What the rules found.
        measured: False while the measurement is still to come.
    """

    low: bytes
    high: bytes
    sound: SoundFacts | None
    problem: str
    findings: tuple[Finding, ...]
    measured: bool


@dataclass(eq=False)
class Preflight:
    """The service of one profile.

    Args:
        database: The cache.
        library: Tracks and covers.
        hub: Where results are made known.
    """

    database: Database
    library: Library
    hub: ChangeHub
    _covers: dict[str, CoverFacts | None] = field(default_factory=dict)
    _sandbox: Sandbox | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def counts(self, track_ids: Sequence[int]) -> Mapping[int, tuple[int, int]]:
        """Any lane. (stops, warnings) of the tracks that were checked."""
        return checks.counts(self.database.read(), track_ids)

    def sounding(self, track_id: int) -> Sounding | None:
        """IO. What is known of a track's sound, with its findings; None without the track."""
        track = self.library.track(track_id)
        if track is None:
            return None
        found = checks.measure(self.database.read(), track_id)
        findings = rules.check(self._facts(track, found))
        if found is None:
            return Sounding(b"", b"", None, "", findings, measured=False)
        return Sounding(found.low, found.high, found.sound, found.problem, findings, measured=True)

    def sounding_now(self, track_id: int) -> Sounding | None:
        """MEDIA. The same, measured first where it was not yet; None without the track."""
        track = self.library.track(track_id)
        if track is not None and not track.row.missing and checks.measure(self.database.read(), track_id) is None:
            self._measure(track)
            self._results([track_id])
        return self.sounding(track_id)

    def check_due(self, work: Work) -> Changes:
        """MEDIA. Check every track that changed, then measure those never measured; each result is made known as it comes.

        Raises:
            Cancelled: Between two files; what was measured stays.
        """
        due = checks.due(self.database.read())
        for start in range(0, len(due), BATCH):
            self._results([each.track_id for each in due[start : start + BATCH]])
            if work.token.wait(PAUSE_SECONDS):
                break
        wanted = [each.track_id for each in due if not each.measured]
        for done, track_id in enumerate(wanted):
            track = self.library.track(track_id)
            if track is None:
                continue
            work.progress(done, len(wanted), track.row.title)
            self._measure(track)
            self._results([track_id])
        work.progress(len(wanted), len(wanted))
        return Changes()

    def clean_copy(self, path: Path, kind: CleanKind = "flac") -> Path:
        """MEDIA. Write a copy that stores take beside a file and return it; the file stays as it is.

        Raises:
            Unreadable: The file cannot be decoded, or the folder not be written to.
        """
        from mycelix_studio.media.clean import clean_copy

        return self._children().run(clean_copy, path, kind, seconds=MEASURE_SECONDS)

    def close(self) -> None:
        """End the child process."""
        with self._lock:
            sandbox, self._sandbox = self._sandbox, None
        if sandbox is not None:
            sandbox.close()

    # inside -------------------------------------------------------------------------------------------------------------

    def _results(self, track_ids: Sequence[int]) -> None:
        """Run the rules and keep the counts, stamped with what they are of."""
        rows = []
        db = self.database.read()
        for track_id in track_ids:
            stamp, track = checks.stamp(db, track_id), self.library.track(track_id)
            if stamp is None or track is None:
                continue
            findings = rules.check(self._facts(track, checks.measure(db, track_id)))
            stops = sum(finding.severity is Severity.STOP for finding in findings)
            rows.append((track_id, stamp, stops, len(findings) - stops))
        with self.database.write() as writing:
            checks.keep_results(writing, rows)
        self.hub.publish(Changes.of(Kind.CHECKS, track_ids=frozenset(track_ids)), self)

    def _measure(self, track: Track) -> None:
        from mycelix_studio.media.measure import measure

        try:
            got = self._children().run(measure, track.row.path, seconds=MEASURE_SECONDS)
            found = checks.Measure(got.outline.low, got.outline.high, got.sound, got.wave, "")
        except Known as error:
            found = checks.Measure(b"", b"", None, None, error.message)
        with self.database.write() as db:
            checks.keep_measure(db, track.row.id, found)

    def _children(self) -> Sandbox:
        from mycelix_studio.media.sandbox import WORKING_BYTES, Sandbox

        with self._lock:
            if self._sandbox is None:
                self._sandbox = Sandbox(children=1, memory=WORKING_BYTES)
            return self._sandbox

    def _facts(self, track: Track, found: checks.Measure | None) -> Facts:
        return Facts(
            track.audio.container,
            track.audio.seconds,
            track.audio.sample_rate,
            track.audio.bits,
            track.audio.channels,
            {**track.fields, **track.edits},
            self._cover(track.row.cover),
            found.sound if found is not None else None,
            found.wave if found is not None else None,
        )

    def _cover(self, key: str) -> CoverFacts | None:
        """Return facts of a cover, read once; None without one."""
        if not key:
            return None
        if key not in self._covers:
            from mycelix_studio.media import art

            data = self.library.cover(key)
            self._covers[key] = None if data is None else art.facts(data)
        return self._covers[key]
