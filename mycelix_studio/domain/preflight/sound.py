"""Delivery rules of the sound and its container."""

from __future__ import annotations

from typing import ClassVar, Final

from mycelix_studio.domain.preflight.rule import Facts, Finding, Fix, Rule, Severity

LOSSLESS: Final = ("FLAC", "WAV")
CLEAN_COPY: Final = Fix("Make a copy", action="clean-copy")


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
        offset = facts.sound.dc if facts.sound is not None else None
        if offset is None or offset <= 0.005:
            return None
        return self.found(f"DC offset of {offset * 100:.1f} %", "Remove it with a high-pass filter below 20 Hz.")
