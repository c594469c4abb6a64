"""Reads a file: container, audio properties, tags, pictures. Runs in a child process (:mod:`mycelix_studio.media.sandbox`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mutagen
import mutagen.aac
import mutagen.aiff
import mutagen.apev2
import mutagen.asf
import mutagen.dsf
import mutagen.flac
import mutagen.id3
import mutagen.monkeysaudio
import mutagen.mp3
import mutagen.mp4
import mutagen.musepack
import mutagen.oggflac
import mutagen.oggopus
import mutagen.oggspeex
import mutagen.oggvorbis
import mutagen.trueaudio
import mutagen.wave
import mutagen.wavpack

from mycelix_studio.domain.fields import Family
from mycelix_studio.domain.track import Audio, FileTags
from mycelix_studio.media import riff
from mycelix_studio.media.errors import cannot_read, from_os
from mycelix_studio.media.families import CODECS, merge

EXTENSIONS = frozenset(
    {".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".m4b", ".mp4", ".alac", ".wav", ".wave", ".aif", ".aiff", ".aifc", ".ape",
     ".mpc", ".mp+", ".wma", ".asf", ".dsf", ".wv", ".tta", ".spx"}
)  # fmt: skip
"""What a folder is searched for."""

_KINDS: tuple[tuple[type, str, Family], ...] = (
    (mutagen.mp3.MP3, "MP3", "id3"),
    (mutagen.wave.WAVE, "WAV", "id3"),
    (mutagen.aiff.AIFF, "AIFF", "id3"),
    (mutagen.dsf.DSF, "DSF", "id3"),
    (mutagen.trueaudio.TrueAudio, "TTA", "id3"),
    (mutagen.flac.FLAC, "FLAC", "vorbis"),
    (mutagen.oggvorbis.OggVorbis, "OGG", "vorbis"),
    (mutagen.oggopus.OggOpus, "Opus", "vorbis"),
    (mutagen.oggflac.OggFLAC, "OGG FLAC", "vorbis"),
    (mutagen.oggspeex.OggSpeex, "Speex", "vorbis"),
    (mutagen.mp4.MP4, "M4A", "mp4"),
    (mutagen.asf.ASF, "WMA", "asf"),
    (mutagen.monkeysaudio.MonkeysAudio, "APE", "ape"),
    (mutagen.musepack.Musepack, "MPC", "ape"),
    (mutagen.wavpack.WavPack, "WavPack", "ape"),
)


def open_file(path: Path) -> tuple[Any, str, Family]:
    """Return mutagen's object, the container's name and the tag family. ``tags`` may be None for a file that has none.

    Raises:
        Unreadable: It cannot be opened, is empty, broken, or no audio this program knows.
    """
    try:
        if path.stat().st_size == 0:
            raise cannot_read(path, "It is empty.")
        file = mutagen.File(path)
    except OSError as error:
        raise from_os(path, error, saving=False) from error
    except mutagen.MutagenError as error:
        if isinstance(error.__cause__, OSError) or (error.args and isinstance(error.args[0], OSError)):
            inner = error.args[0] if error.args and isinstance(error.args[0], OSError) else error.__cause__
            assert isinstance(inner, OSError)
            raise from_os(path, inner, saving=False) from error
        raise cannot_read(path, "Its structure is broken.") from error
    except Exception as error:  # mutagen lets parser errors of broken files escape
        raise cannot_read(path, "Its structure is broken.") from error
    if file is None:
        raise cannot_read(path, "It is not audio, whatever its name says.")
    for kind, name, family in _KINDS:
        if isinstance(file, kind):
            return file, name, family
    raise cannot_read(path, f"Studio does not know {type(file).__name__} files.")


def read(path: Path) -> FileTags:
    """Read everything from a file.

    Raises:
        Unreadable: As in :func:`open_file`.
    """
    file, container, family = open_file(path)
    codec = CODECS[family]
    try:
        fields = codec.read(file) if file.tags is not None else {}
        pictures = codec.pictures(file) if file.tags is not None or hasattr(file, "pictures") else ()
        if container == "WAV":
            fields = merge(fields, riff.read_info(path))
        version = ".".join(map(str, file.tags.version[:2])) if family == "id3" and file.tags is not None else ""
    except OSError as error:
        raise from_os(path, error, saving=False) from error
    except Exception as error:
        raise cannot_read(path, "Its tags are broken.") from error
    return FileTags(_audio(file, container), family, fields, pictures, f"ID3v{version}" if version else "")


def _audio(file: Any, container: str) -> Audio:
    info = file.info
    codec = str(getattr(info, "codec", "") or "")
    lossless = container in {"FLAC", "WAV", "AIFF", "APE", "WavPack", "OGG FLAC", "DSF", "TTA"} or codec == "alac"
    return Audio(
        container=container,
        codec=codec,
        seconds=float(getattr(info, "length", 0.0) or 0.0),
        sample_rate=int(getattr(info, "sample_rate", 0) or (48_000 if container == "Opus" else 0)),
        bits=int(getattr(info, "bits_per_sample", 0) or getattr(info, "sample_size", 0) or 0) if lossless else 0,
        channels=int(getattr(info, "channels", 0) or 0),
        bitrate=int(getattr(info, "bitrate", 0) or 0),
    )
