"""Files by themselves, without library and profile: what they hold, what a container would lose, what stores would say."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from mycelix_studio.domain import losses as judging
from mycelix_studio.domain import preflight as rules
from mycelix_studio.domain.losses import Loss, Target
from mycelix_studio.domain.preflight import Facts, Finding
from mycelix_studio.domain.track import FileTags, Picture, Shown

if TYPE_CHECKING:
    from mycelix_studio.media.sandbox import Sandbox

MEASURE_SECONDS = 300.0
HASH_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Judged:
    """What delivery rules found in a file, and why its sound could not be measured, empty when it could."""

    facts: Facts
    findings: tuple[Finding, ...]
    problem: str


@dataclass(eq=False)
class TagFiles:
    """Reads files in a child process that is ended on leaving the ``with``."""

    _sandbox: Sandbox | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> TagFiles:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def show(self, path: Path) -> Shown:
        """Return what a file holds. Raises ``Unreadable``."""
        from mycelix_studio.media import facts, reader

        children = self._children()
        tags = children.run(reader.read, path)
        return Shown(tags, children.run(facts.sound_sha256, path, seconds=HASH_SECONDS))

    def losses(self, path: Path, to: Target) -> tuple[FileTags, tuple[Loss, ...]]:
        """Return what a file holds and what of it a target could not hold. Raises ``Unreadable``."""
        from mycelix_studio.media import reader

        tags = self._children().run(reader.read, path)
        return tags, judging.losses(tags, to)

    def judge(self, path: Path) -> Judged:
        """Measure a file and run the delivery rules. Raises ``Unreadable``."""
        from mycelix_studio.media import facts

        known, problem = self._children().run(facts.facts, path, seconds=MEASURE_SECONDS)
        return Judged(known, rules.check(known), problem)

    def picture(self, path: Path) -> Picture:
        """Return a JPEG or PNG as a front cover. Raises ``NotAPicture`` or ``Unreadable``."""
        from mycelix_studio.media import art

        return self._children().run(art.load, path)

    def close(self) -> None:
        """End the child process."""
        with self._lock:
            sandbox, self._sandbox = self._sandbox, None
        if sandbox is not None:
            sandbox.close()

    def _children(self) -> Sandbox:
        from mycelix_studio.media.sandbox import WORKING_BYTES, Sandbox

        with self._lock:
            if self._sandbox is None:
                self._sandbox = Sandbox(1, memory=WORKING_BYTES)
            return self._sandbox
