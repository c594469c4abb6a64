"""One look at a file for the command line: what it holds, and what delivery rules ask of it. Called in the child process."""

from __future__ import annotations

from pathlib import Path

from mycelix_studio.domain.preflight import Facts
from mycelix_studio.domain.track import FRONT_COVER
from mycelix_studio.media import art, payload, reader
from mycelix_studio.media.errors import Unreadable, cannot_read
from mycelix_studio.media.measure import measure


def sound_sha256(path: Path) -> str:
    """Return the sha2-256 of a file's sound, without tags, as 64 hex digits.

    Raises:
        Unreadable: It is no audio that is known here, or broken.
    """
    try:
        return payload.audio_sha256(path)
    except Unreadable:
        # Parts that do not fit together can be read, not written; FFmpeg may find the sound nevertheless.
        found = payload.packets_sha256(path)
        if found is None:
            raise cannot_read(path, "Its sound is broken.") from None
        return found


def facts(path: Path) -> tuple[Facts, str]:
    """Read and measure a file; returns what the delivery rules look at, and why its sound could not be measured, empty when it could.

    Raises:
        Unreadable: It is no audio that is known here, or broken.
    """
    tags = reader.read(path)
    front = next((picture for picture in tags.pictures if picture.type == FRONT_COVER), next(iter(tags.pictures), None))
    found, problem = None, ""
    try:
        found = measure(path)
    except Unreadable as error:
        problem = error.message
    known = Facts(
        tags.audio.container,
        tags.audio.seconds,
        tags.audio.sample_rate,
        tags.audio.bits,
        tags.audio.channels,
        tags.fields,
        art.facts(front.data) if front is not None else None,
        found.sound if found is not None else None,
        found.wave if found is not None else None,
    )
    return known, problem
