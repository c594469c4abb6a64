"""The sound apart from all tags, and the hash of a whole file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from mycelix_studio.media import reader
from mycelix_studio.media.errors import cannot_read, from_os
from mycelix_studio.media.formats.parts import Broken, digest


def audio_sha256(path: Path) -> str:
    """Return the sha2-256 of the bytes of the sound, in order, as 64 hex digits; tags and structure are left out.

    Raises:
        Unreadable: It is no audio that is known here, or its parts do not fit together.
    """
    try:
        return digest(path, reader.open_file(path)[1].parse(path).audio)
    except Broken as error:
        raise cannot_read(path, str(error)) from error
    except OSError as error:
        raise from_os(path, error, saving=False) from error


def packets_sha256(path: Path) -> str | None:
    """Return the sha2-256 of the first audio stream's packets as FFmpeg finds them by the file's own index; None when it finds none.

    Nothing is decoded, so it costs about as much as reading the file.
    """
    import av

    found = hashlib.sha256()
    packets = 0
    try:
        with av.open(str(path), "r") as container:
            if not container.streams.audio:
                return None
            for packet in container.demux(container.streams.audio[0]):
                if packet.size:
                    found.update(memoryview(packet))
                    packets += 1
    except av.FFmpegError:
        return None
    return found.hexdigest() if packets else None


def file_sha256(path: Path) -> str:
    """Return the sha2-256 of the whole file as 64 hex digits: the content hash a song is registered under."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
