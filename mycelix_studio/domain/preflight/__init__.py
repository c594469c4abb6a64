"""Delivery rules of stores and distributors, checked without a network. Each rule is one small class.

To add a rule: a class with id, severity, explanation, source and ``check`` in the module of its subject; a line in :data:`RULES`; a test
with a track that fails it and one that passes; a line in ``docs/library.md``.

Sources: S = Spotify, *Sound recording delivery and metadata style guide*; A = Apple, *Music style guide* and *Audio source profile*;
E = EBU R 128 and ITU-R BS.1770; I = IFPI, *ISRC handbook*.
"""

from __future__ import annotations

from typing import Final

from mycelix_studio.domain.preflight.art import ArtBytes, ArtColour, ArtFormat, ArtSize, ArtSquare, ArtThere
from mycelix_studio.domain.preflight.rule import CoverFacts, Facts, Finding, Fix, Rule, Severity, SoundFacts, WaveFacts
from mycelix_studio.domain.preflight.sound import (
    BitDepth,
    LongEnough,
    LosslessContainer,
    NoClipping,
    NoOffset,
    NoSilence,
    NothingAfterData,
    PlainWave,
    SampleRate,
    Stereo,
    TruePeak,
)
from mycelix_studio.domain.preflight.words import (
    ArtistThere,
    ExplicitSaid,
    FeaturedInRoles,
    IsrcThere,
    NoCapitals,
    NoOfficial,
    TitleThere,
    VersionInField,
    title_case,
)

__all__ = [
    "RULES",
    "CoverFacts",
    "Facts",
    "Finding",
    "Fix",
    "Rule",
    "Severity",
    "SoundFacts",
    "WaveFacts",
    "check",
    "title_case",
]

RULES: Final[tuple[Rule, ...]] = (
    LosslessContainer(), SampleRate(), BitDepth(), Stereo(), PlainWave(), NothingAfterData(), LongEnough(), NoClipping(), TruePeak(),
    NoSilence(), NoOffset(), ArtThere(), ArtFormat(), ArtColour(), ArtSquare(), ArtSize(), ArtBytes(), TitleThere(), ArtistThere(),
    NoCapitals(), NoOfficial(), FeaturedInRoles(), VersionInField(), ExplicitSaid(), IsrcThere(),
)  # fmt: skip


def check(facts: Facts) -> tuple[Finding, ...]:
    """Return every finding, those that stop a delivery first."""
    found = [finding for rule in RULES if (finding := rule.check(facts)) is not None]
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.STOP))
