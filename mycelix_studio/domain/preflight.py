"""Delivery rules of stores and distributors, checked without a network. Each rule is one small class.

To add a rule: a class with id, severity, explanation, source and ``check``; a line in :data:`RULES`; a test with a track that fails it and
one that passes; a line in ``docs/library.md``.

Sources: S = Spotify, *Sound recording delivery and metadata style guide*; A = Apple, *Music style guide* and *Audio source profile*;
E = EBU R 128 and ITU-R BS.1770; I = IFPI, *ISRC handbook*.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Final

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.identifiers import isrc_problem

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
        integrated: LUFS, None when too short to measure.
        range: LU.
        true_peak: dBTP of the loudest channel.
        clipped: Runs of three or more samples at full scale.
        silence_start: Seconds below -60 dBFS at the beginning.
        silence_end: The same at the end.
        dc: Greatest mean of a channel, as a part of full scale, 0 to 1.
    """

    integrated: float | None
    range: float | None
    true_peak: float | None
    clipped: int
    silence_start: float
    silence_end: float
    dc: float


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
    """A way out in one click: the words of the button, and edits of fields, or an action the window knows (``art``, ``clean-copy``)."""

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


LOSSLESS: Final = ("FLAC", "WAV")
CLEAN_COPY: Final = Fix("Make a copy", action="clean-copy")
ART: Final = Fix("Replace", action="art")


class LosslessContainer(Rule):
    """FLAC or WAV."""

    id, source = "audio-container", "S, A"
    explanation = "Stores make their own formats and need the uncompressed original."

    def check(self, facts: Facts) -> Finding | None:
        """Look at the container."""
        if facts.container in LOSSLESS:
            return None
        return self.found(
            f"{facts.container} is not delivered", "Stores take FLAC or WAV. Export the song again from your project."
        )


class SampleRate(Rule):
    """At least 44.1 kHz."""

    id, source = "audio-rate", "S, A"
    explanation = "Below 44.1 kHz the highest tones are missing."

    def check(self, facts: Facts) -> Finding | None:
        """Look at the sample rate."""
        if not facts.sample_rate or facts.sample_rate >= 44_100:
            return None
        return self.found(f"Only {facts.sample_rate / 1000:g} kHz", "At least 44.1 kHz needed.")


class BitDepth(Rule):
    """At least 16 bit."""

    id, source = "audio-bits", "S, A"
    explanation = "Below 16 bit the quiet parts are noisy."

    def check(self, facts: Facts) -> Finding | None:
        """Look at the bits; lossy files have none and are found by their container."""
        if not facts.bits or facts.bits >= 16:
            return None
        return self.found(f"Only {facts.bits} bit", "At least 16 bit needed.")


class Stereo(Rule):
    """Two channels."""

    id, source = "audio-stereo", "S, A"
    explanation = "Stores take stereo; a mono song is delivered as two equal channels."

    def check(self, facts: Facts) -> Finding | None:
        """Look at the channels."""
        if facts.channels == 2 or not facts.channels:
            return None
        name = "Mono" if facts.channels == 1 else f"{facts.channels} channels"
        return self.found(f"{name}, not stereo", "Two channels needed.", CLEAN_COPY if facts.channels == 1 else None)


class PlainWave(Rule):
    """Format tag 0x0001."""

    id, source = "wav-format", "S"
    explanation = "WAV files with an extensible header are refused though they sound the same."

    def check(self, facts: Facts) -> Finding | None:
        """Look at the format tag."""
        if facts.wave is None or facts.wave.format_tag == 1:
            return None
        return self.found(
            "WAV header is not plain PCM",
            f"Its format tag is 0x{facts.wave.format_tag:04X}; 0x0001 needed.",
            CLEAN_COPY,
        )


class NothingAfterData(Rule):
    """Nothing after the audio."""

    id, source = "wav-trailer", "S"
    explanation = "Some stores take what follows the audio for noise."

    def check(self, facts: Facts) -> Finding | None:
        """Look behind the data chunk."""
        if facts.wave is None or not facts.wave.bytes_after_data:
            return None
        return self.found("WAV has data after the audio", "Deliver a clean copy; your file stays.", CLEAN_COPY)


class LongEnough(Rule):
    """At least 30 seconds."""

    id, source = "length", "S"
    explanation = "A stream counts after 30 seconds, so shorter singles earn nothing."
    severity = Severity.WARN

    def check(self, facts: Facts) -> Finding | None:
        """Look at the length."""
        if facts.seconds >= 30 or facts.seconds <= 0:
            return None
        return self.found(f"Only {facts.seconds:.0f} s long", "Streams count from 30 s on.")


class NoClipping(Rule):
    """No clipped samples."""

    id, source = "clipping", "E"
    explanation = "Flattened peaks crackle, and more so once a store has compressed the song."
    severity = Severity.WARN

    def check(self, facts: Facts) -> Finding | None:
        """Look at runs at full scale."""
        if facts.sound is None or not facts.sound.clipped:
            return None
        count = facts.sound.clipped
        return self.found(
            f"Peaks clip, {count:,} {'place' if count == 1 else 'places'}",
            "Lower the limiter by 1 dB and export again.",
        )


class TruePeak(Rule):
    """At most -1 dBTP."""

    id, source = "true-peak", "E, S"
    explanation = "Peaks between the samples distort when a store converts the song."
    severity = Severity.WARN

    def check(self, facts: Facts) -> Finding | None:
        """Look at the true peak."""
        peak = facts.sound.true_peak if facts.sound is not None else None
        if peak is None or peak <= -1.0:
            return None
        sign = "+" if peak > 0 else "\u2212"
        return self.found(f"True peak {sign}{abs(peak):.1f} dBTP", "At most \u22121 dBTP is asked for.")


class NoSilence(Rule):
    """No long silence at the ends."""

    id, source = "silence", "A"
    explanation = "Listeners skip what does not begin."
    severity = Severity.WARN
    MOST: ClassVar[float] = 3.0

    def check(self, facts: Facts) -> Finding | None:
        """Look at both ends."""
        if facts.sound is None:
            return None
        ends = [(facts.sound.silence_start, "beginning"), (facts.sound.silence_end, "end")]
        long = [f"{seconds:.1f} s at the {place}" for seconds, place in ends if seconds > self.MOST]
        return self.found(f"Silence, {' and '.join(long)}", f"Up to {self.MOST:g} s is usual.") if long else None


class NoOffset(Rule):
    """No DC offset."""

    id, source = "dc-offset", "E"
    explanation = "A wave that does not swing around zero wastes headroom and clicks at cuts."
    severity = Severity.WARN

    def check(self, facts: Facts) -> Finding | None:
        """Look at the mean; 0.5 % of full scale is about -46 dB."""
        if facts.sound is None or facts.sound.dc <= 0.005:
            return None
        return self.found(
            f"DC offset of {facts.sound.dc * 100:.1f} %", "Remove it with a high-pass filter below 20 Hz."
        )


class ArtThere(Rule):
    """A front cover."""

    id, source = "art", "S, A"
    explanation = "No store lists a release without art."

    def check(self, facts: Facts) -> Finding | None:
        """Look for a cover."""
        return (
            None
            if facts.cover is not None
            else self.found("No album art", "A square JPEG or PNG needed.", Fix("Add", action="art"))
        )


class ArtFormat(Rule):
    """JPEG or PNG."""

    id, source = "art-format", "S, A"
    explanation = "Other formats are not read."

    def check(self, facts: Facts) -> Finding | None:
        """Look at the format."""
        if facts.cover is None or facts.cover.format in ("JPEG", "PNG"):
            return None
        return self.found(f"Album art is {facts.cover.format or 'unreadable'}", "JPEG or PNG needed.", ART)


class ArtColour(Rule):
    """RGB."""

    id, source = "art-colour", "S, A"
    explanation = "Print colours (CMYK) look wrong on screens."

    def check(self, facts: Facts) -> Finding | None:
        """Look at the colour mode; PNG palettes and alpha are RGB to a store."""
        if facts.cover is None or facts.cover.mode in ("RGB", "RGBA", "P"):
            return None
        name = {"CMYK": "CMYK", "L": "grey", "1": "black and white"}.get(facts.cover.mode, facts.cover.mode)
        return self.found(f"Album art is {name}", "RGB needed.", ART)


class ArtSquare(Rule):
    """Square."""

    id, source = "art-square", "S, A"
    explanation = "Art that is not square is cut or refused."

    def check(self, facts: Facts) -> Finding | None:
        """Look at the sides."""
        if facts.cover is None or facts.cover.width == facts.cover.height:
            return None
        return self.found(f"Album art is {facts.cover.width:,} × {facts.cover.height:,}", "A square needed.", ART)


class ArtSize(Rule):
    """At least 3000 x 3000 pixels."""

    id, source = "art-pixels", "S, A"
    explanation = "Smaller art is blurred on large screens."

    def check(self, facts: Facts) -> Finding | None:
        """Look at the smaller side."""
        if facts.cover is None or min(facts.cover.width, facts.cover.height) >= 3_000:
            return None
        return self.found(
            f"Album art is {facts.cover.width:,} × {facts.cover.height:,}", "At least 3,000 × 3,000 needed.", ART
        )


class ArtBytes(Rule):
    """At most 10 MB."""

    id, source = "art-bytes", "S"
    explanation = "Larger files are refused."

    def check(self, facts: Facts) -> Finding | None:
        """Look at the size."""
        if facts.cover is None or facts.cover.size <= 10_000_000:
            return None
        return self.found(f"Album art has {facts.cover.size / 1e6:.1f} MB", "At most 10 MB.", ART)


class TitleThere(Rule):
    """A title."""

    id, source = "title", "S, A"
    explanation = "A song without a title cannot be listed."

    def check(self, facts: Facts) -> Finding | None:
        """Look for a title."""
        return None if facts.text(Field.TITLE) else self.found("No title", "Type one under Tags.")


class ArtistThere(Rule):
    """An artist."""

    id, source = "artist", "S, A"
    explanation = "A song without an artist cannot be listed."

    def check(self, facts: Facts) -> Finding | None:
        """Look for an artist."""
        return None if facts.text(Field.ARTIST) else self.found("No artist", "Type one under Tags.")


_SMALL_WORDS: Final = frozenset(
    ("a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "nor", "of", "on", "or", "per", "the", "to", "via", "vs", "with")
)  # fmt: skip


def title_case(text: str) -> str:
    """Return a title with capitals as English stores ask for: small words stay small but at both ends and after brackets."""
    words = text.lower().split(" ")
    shown = []
    for number, word in enumerate(words):
        ends = number in (0, len(words) - 1) or word[:1] in "([" or (number and words[number - 1][-1:] in ":-–—")
        shown.append(
            word if word in _SMALL_WORDS and not ends else re.sub(r"^(\W*)(\w)", lambda m: m[1] + m[2].upper(), word)
        )
    return " ".join(shown)


class NoCapitals(Rule):
    """No title in capitals."""

    id, source = "title-capitals", "S, A"
    explanation = "Capitals throughout are changed or refused."
    severity = Severity.WARN

    def check(self, facts: Facts) -> Finding | None:
        """Look at the letters; short ones such as “OK” may be capitals."""
        title = facts.text(Field.TITLE)
        letters = [letter for letter in title if letter.isalpha()]
        if len(letters) < 5 or not title.isupper():
            return None
        better = title_case(title)
        return self.found("Title in capitals", f"Stores ask for “{better}”.", Fix("Change", {Field.TITLE: (better,)}))


_OFFICIAL = re.compile(
    r"\s*[(\[][^)\]]*\bofficial\b[^)\]]*[)\]]|\s*[-–]?\s*\bofficial\s+(music\s+)?(video|audio|visuali[sz]er)\b",
    re.IGNORECASE,
)


class NoOfficial(Rule):
    """No "Official" in the title."""

    id, source = "title-official", "S, A"
    explanation = "“Official audio” belongs to video sites."

    def check(self, facts: Facts) -> Finding | None:
        """Look for the word."""
        title = facts.text(Field.TITLE)
        better = _OFFICIAL.sub("", title).strip()
        if better == title or not better:
            return None
        return self.found(
            "“Official” in the title", f"Stores ask for “{better}”.", Fix("Remove", {Field.TITLE: (better,)})
        )


_FEATURED = re.compile(
    r"\s*[(\[]\s*(?:feat\.?|ft\.?|featuring)\s+([^)\]]+)[)\]]|\s+(?:feat\.?|ft\.?|featuring)\s+(.+)$", re.IGNORECASE
)


class FeaturedInRoles(Rule):
    """Featured artists are artists, not part of the title."""

    id, source = "title-featured", "S, A"
    explanation = "Featured artists are linked to their own pages by their role."

    def check(self, facts: Facts) -> Finding | None:
        """Look for "feat." in the title."""
        title = facts.text(Field.TITLE)
        match = _FEATURED.search(title)
        if match is None:
            return None
        names = tuple(name.strip() for name in re.split(r",|&|\band\b", match[1] or match[2]) if name.strip())
        better = (title[: match.start()] + title[match.end() :]).strip()
        artists = facts.fields.get(Field.ARTIST, ())
        edits = {Field.TITLE: (better,), Field.ARTIST: (*artists, *(name for name in names if name not in artists))}
        words = f"“{', '.join(names)}” belongs to the artists."
        return self.found("Featured artist in the title", words, Fix("Move", edits) if better else None)


_VERSION = re.compile(
    r"\s*[(\[]([^)\]]*\b(?:remix|live|acoustic|instrumental|remaster(?:ed)?|edit|demo|version|mix|unplugged|reprise)\b[^)\]]*)[)\]]\s*$",
    re.IGNORECASE,
)


class VersionInField(Rule):
    """The version stands in its own field."""

    id, source = "title-version", "S, A"
    explanation = "Stores show title and version apart and join them themselves."
    severity = Severity.WARN

    def check(self, facts: Facts) -> Finding | None:
        """Look for a version in brackets at the end."""
        title = facts.text(Field.TITLE)
        match = _VERSION.search(title)
        if match is None or match.start() == 0:
            return None
        edits = {Field.TITLE: (title[: match.start()].strip(),), Field.VERSION: (match[1].strip(),)}
        fix = Fix("Move", edits) if not facts.text(Field.VERSION) else None
        return self.found("Version in the title", f"“{match[1].strip()}” belongs to the field Version.", fix)


class ExplicitSaid(Rule):
    """Explicit or not is said."""

    id, source = "explicit", "S, A"
    explanation = "Stores ask for every song whether its words are explicit."
    severity = Severity.WARN

    def check(self, facts: Facts) -> Finding | None:
        """Look for the flag."""
        if facts.text(Field.EXPLICIT):
            return None
        return self.found(
            "Explicit or not is not said", "Every song needs an answer.", Fix("Not explicit", {Field.EXPLICIT: ("0",)})
        )


class IsrcThere(Rule):
    """A right ISRC."""

    id, source = "isrc", "I, S, A"
    explanation = "Royalties are counted by ISRC; without one they go astray."

    def check(self, facts: Facts) -> Finding | None:
        """Look for a right one."""
        code = facts.text(Field.ISRC)
        if not code:
            return self.found("No ISRC", "Your distributor or your ISRC agency gives one.")
        problem = isrc_problem(code)
        return self.found("ISRC is not right", problem) if problem else None


RULES: Final[tuple[Rule, ...]] = (
    LosslessContainer(), SampleRate(), BitDepth(), Stereo(), PlainWave(), NothingAfterData(), LongEnough(), NoClipping(), TruePeak(),
    NoSilence(), NoOffset(), ArtThere(), ArtFormat(), ArtColour(), ArtSquare(), ArtSize(), ArtBytes(), TitleThere(), ArtistThere(),
    NoCapitals(), NoOfficial(), FeaturedInRoles(), VersionInField(), ExplicitSaid(), IsrcThere(),
)  # fmt: skip


def check(facts: Facts) -> tuple[Finding, ...]:
    """Return every finding, those that stop a delivery first."""
    found = [finding for rule in RULES if (finding := rule.check(facts)) is not None]
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.STOP))
