"""The audio itself, apart from all tags: its packets' hash says whether a save left the sound as it was."""

from __future__ import annotations

import hashlib
from pathlib import Path

import av

from mycelix_studio.media.errors import cannot_read


def audio_sha256(path: Path) -> str:
    """Return the sha2-256 of the first audio stream's packets, in order, as 64 hex digits.

    Nothing is decoded, so it costs about as much as reading the file.

    Raises:
        Unreadable: FFmpeg finds no audio in it.
    """
    digest = hashlib.sha256()
    packets = 0
    try:
        with av.open(str(path), "r") as container:
            if not container.streams.audio:
                raise cannot_read(path, "There is no audio in it.")
            for packet in container.demux(container.streams.audio[0]):
                if packet.size:
                    digest.update(memoryview(packet))
                    packets += 1
    except av.FFmpegError as error:
        raise cannot_read(path, "Its audio is broken.") from error
    if not packets:
        raise cannot_read(path, "There is no audio in it.")
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """Return the sha2-256 of the whole file as 64 hex digits: the content hash a song is registered under."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
