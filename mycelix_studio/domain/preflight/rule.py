"""What a delivery rule looks at, says and is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from mycelix_studio.domain.fields import Field

Values = tuple[str, ...]


class Severity(StrEnum):
    """How bad a finding is."""

    STOP = "stop"
    """Stores refuse it."""
    WARN = "warn"
    """Stores take it and may change or hide it."""


@dataclass(frozen=True, slots=True)
class CoverFacts:
    """The front cover: format (``JPEG``, ``PNG``), mode (``RGB``, ``CMYK``, ``L``...), pixels, bytes."""

    format: str
    mode: str
    width: int
    height: int
    size: int


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """What was measured.

    Attributes:
        integrated: LUFS, None when too short or too quiet to measure.
        range: LU, likewise.
        true_peak: dBTP of the loudest channel, likewise.
        clipped: Runs of three or more samples at full scale.
        silence_start: Seconds below -60 dBFS at the beginning.
        silence_end: The same at the end.
        dc: Greatest mean of a channel, as a part of full scale, 0 to 1; None when samples are no numbers.
    """

    integrated: float | None
    range: float | None
    true_peak: float | None
    clipped: int
    silence_start: float
    silence_end: float
    dc: float | None


@dataclass(frozen=True, slots=True)
class WaveFacts:
    """How a WAV file is built: format tag of its ``fmt `` chunk and bytes that follow the ``data`` chunk."""

    format_tag: int
    bytes_after_data: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the rules look at. ``fields`` are as they would be saved; sound and wave are None while not measured."""

    container: str
    seconds: float
    sample_rate: int
    bits: int
    channels: int
    fields: Mapping[Field, Values]
    cover: CoverFacts | None = None
    sound: SoundFacts | None = None
    wave: WaveFacts | None = None

    def text(self, name: Field) -> str:
        """Return a field's values joined, empty without any."""
        return "; ".join(self.fields.get(name, ()))


@dataclass(frozen=True, slots=True)
class Fix:
    """A way out in one click: the words of the button, and edits of fields, or an action (``art``, ``clean-copy``, ``isrc``)."""

    words: str
    edits: Mapping[Field, Values] = field(default_factory=dict)
    action: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: title, words below it, a way out where there is one."""

    rule: str
    severity: Severity
    title: str
    words: str
    fix: Fix | None = None


class Rule(ABC):
    """One rule.

    Attributes:
        id: Name on the command line and in reports; never changes.
        severity: How bad it is.
        explanation: Why the rule is there, in one sentence.
        source: Where it stands, see the module.
    """

    id: ClassVar[str]
    severity: ClassVar[Severity] = Severity.STOP
    explanation: ClassVar[str]
    source: ClassVar[str]

    @abstractmethod
    def check(self, facts: Facts) -> Finding | None:
        """Return what is wrong, None when nothing is or it is not known yet."""

    def found(self, title: str, words: str, fix: Fix | None = None) -> Finding:
        """Return a finding of this rule."""
        return Finding(self.id, self.severity, title, words, fix)
