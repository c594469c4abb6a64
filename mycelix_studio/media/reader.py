"""Reads a file: container, audio properties, tags, pictures. Runs in a child process (:mod:`mycelix_studio.media.sandbox`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
import mutagen.optimfrog
import mutagen.tak
import mutagen.trueaudio
import mutagen.wave
import mutagen.wavpack

from mycelix_studio.domain.fields import Family, Field
from mycelix_studio.domain.track import Audio, FileTags, Picture, Values
from mycelix_studio.media.errors import cannot_read, from_os
from mycelix_studio.media.families import ape as ape_tags
from mycelix_studio.media.families import asf as asf_tags
from mycelix_studio.media.families import id3, id3_plain, riff, vorbis
from mycelix_studio.media.families import mp4 as mp4_tags
from mycelix_studio.media.formats import ape, asf, dsf, flac, flac_plain, iff, mp4, mpeg, ogg
from mycelix_studio.media.formats.parts import Broken, Structure

EXTENSIONS = frozenset(
    {".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".m4b", ".mp4", ".alac", ".wav", ".wave", ".aif", ".aiff", ".aifc", ".ape",
     ".mpc", ".mp+", ".wma", ".asf", ".dsf", ".wv", ".tta", ".spx", ".ofr", ".ofs", ".tak"}
)  # fmt: skip
"""What a folder is searched for."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A container: mutagen's class, the name shown, the tag family, how its parts are found for writing, and whether it loses no sound."""

    type: type
    name: str
    family: Family
    parse: Callable[[Path], Structure]
    lossless: bool = False


KINDS: tuple[Kind, ...] = (
    Kind(mutagen.mp3.MP3, "MP3", "id3", mpeg.parse),
    Kind(mutagen.wave.WAVE, "WAV", "id3", iff.parse, lossless=True),
    Kind(mutagen.aiff.AIFF, "AIFF", "id3", iff.parse, lossless=True),
    Kind(mutagen.dsf.DSF, "DSF", "id3", dsf.parse, lossless=True),
    Kind(mutagen.trueaudio.TrueAudio, "TTA", "id3", mpeg.parse, lossless=True),
    Kind(mutagen.flac.FLAC, "FLAC", "vorbis", flac.parse, lossless=True),
    Kind(mutagen.oggvorbis.OggVorbis, "OGG", "vorbis", ogg.parse),
    Kind(mutagen.oggopus.OggOpus, "Opus", "vorbis", ogg.parse),
    Kind(mutagen.oggflac.OggFLAC, "OGG FLAC", "vorbis", ogg.parse, lossless=True),
    Kind(mutagen.oggspeex.OggSpeex, "Speex", "vorbis", ogg.parse),
    Kind(mutagen.mp4.MP4, "M4A", "mp4", mp4.parse),
    Kind(mutagen.asf.ASF, "WMA", "asf", asf.parse),
    Kind(mutagen.monkeysaudio.MonkeysAudio, "APE", "ape", ape.parse, lossless=True),
    Kind(mutagen.musepack.Musepack, "MPC", "ape", ape.parse),
    Kind(mutagen.wavpack.WavPack, "WavPack", "ape", ape.parse, lossless=True),
    Kind(mutagen.optimfrog.OptimFROG, "OptimFROG", "ape", ape.parse, lossless=True),
    Kind(mutagen.tak.TAK, "TAK", "ape", ape.parse, lossless=True),
)
"""Every container that is read, and how."""


_BEGINNINGS: tuple[tuple[bytes, int, str], ...] = (
    (b"fLaC", 0, "FLAC"),
    (b"WAVE", 8, "WAV"),
    (b"AIFF", 8, "AIFF"),
    (b"AIFC", 8, "AIFF"),
    (b"\x01vorbis", 28, "OGG"),
    (b"OpusHead", 28, "Opus"),
    (b"ftyp", 4, "M4A"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", 0, "WMA"),
    (b"wvpk", 0, "WavPack"),
    (b"DSD ", 0, "DSF"),
    (b"MAC ", 0, "APE"),
)
"""Bytes, their place, and what a file with them is: quicker than trying each kind, which is done for all others."""
_BY_NAME = {kind.name: kind for kind in KINDS}


def _by_beginning(path: Path) -> Kind | None:
    with path.open("rb") as file:
        head = file.read(36)
    if head[:3] == b"ID3" and path.suffix.lower() == ".mp3":
        return _BY_NAME["MP3"]
    found = next((name for mark, at, name in _BEGINNINGS if head[at : at + len(mark)] == mark), None)
    return _BY_NAME[found] if found is not None else None


def open_file(path: Path) -> tuple[Any, Kind]:
    """Return mutagen's object and what kind of file it is. ``tags`` may be None for a file that has none.

    Raises:
        Unreadable: It cannot be opened, is empty, broken, or no audio this program knows.
    """
    try:
        if path.stat().st_size == 0:
            raise cannot_read(path, "It is empty.")
        kind = _by_beginning(path)
        file = kind.type(path) if kind is not None else mutagen.File(path)
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
    for kind in KINDS:
        if isinstance(file, kind.type):
            return file, kind
    raise cannot_read(path, "It is of a kind that Studio does not read.")


def read_quick(path: Path) -> FileTags:
    """Read everything from a file, plain MP3 and FLAC files in a third of the time; for scans. It says what :func:`read` says.

    Raises:
        Unreadable: As in :func:`open_file`.
    """
    return _plain_mp3(path) or _plain_flac(path) or read(path)


def _plain_mp3(path: Path) -> FileTags | None:
    """Read an MP3 whose tag has no oddity; None for every other file."""
    if path.suffix.lower() != ".mp3":
        return None
    try:
        with path.open("rb") as file:
            length = id3.size_of(file.read(10))
            if not length:
                return None
            file.seek(0)
            found = id3_plain.read(file.read(length))
            size = file.seek(0, 2)
            file.seek(max(0, size - 160))
            if found is None or b"TAG" in file.read():
                return None
            info = mutagen.mp3.MPEGInfo(file, length)
    except Exception:  # noqa: BLE001 - whatever is wrong, the thorough reader says it
        return None
    fields, others, pictures = found
    return FileTags(_audio_of(info, _BY_NAME["MP3"]), "id3", fields, pictures, "ID3v2.4", others)


def _plain_flac(path: Path) -> FileTags | None:
    """Read a FLAC whose blocks have no oddity; None for every other file."""
    if path.suffix.lower() != ".flac":
        return None
    try:
        return flac_plain.read(path)
    except OSError:  # the thorough reader says it
        return None


def read(path: Path) -> FileTags:
    """Read everything from a file.

    Raises:
        Unreadable: As in :func:`open_file`.
    """
    file, kind = open_file(path)
    try:
        fields, others, pictures = _tags(file, kind)
        if kind.name == "WAV" and (info := iff.info_of(path)) is not None:
            # What the ID3 chunk says stands above INFO, which holds less.
            in_info, more = riff.read(info)
            fields, others = {**in_info, **fields}, {**more, **others}
        if kind.name == "MP3" and (items := mpeg.ape_of(path)):
            # APEv2 behind an MP3 says what ID3 does not, such as levels.
            in_ape, more = ape_tags.read_items(_items(items))
            fields, others = (
                {**in_ape, **fields},
                {**{f"APEv2:{name}": values for name, values in more.items()}, **others},
            )
        version = ".".join(map(str, file.tags.version[:2])) if kind.family == "id3" and file.tags is not None else ""
    except OSError as error:
        raise from_os(path, error, saving=False) from error
    except Exception as error:
        raise cannot_read(path, "Its tags are broken.") from error
    return FileTags(
        _audio_of(file.info, kind), kind.family, fields, pictures, f"ID3v{version}" if version else "", others
    )


def _items(data: bytes) -> tuple[ape_tags.Item, ...]:
    try:
        return ape_tags.parse(data)
    except Broken:
        return ()


def _tags(file: Any, kind: Kind) -> tuple[dict[Field, Values], dict[str, Values], tuple[Picture, ...]]:
    """Return fields, other texts by their own names, and pictures."""
    if kind.family == "vorbis":
        return *(vorbis.read(file.tags) if file.tags is not None else ({}, {})), vorbis.pictures(file)
    if file.tags is None:
        return {}, {}, ()
    family = {"id3": id3, "mp4": mp4_tags, "asf": asf_tags, "ape": ape_tags}[kind.family]
    return *family.read(file.tags), family.pictures(file.tags)


def _audio_of(info: Any, kind: Kind) -> Audio:
    codec = str(getattr(info, "codec", "") or "")
    lossless = kind.lossless or codec == "alac"
    return Audio(
        container=kind.name,
        codec=codec,
        seconds=float(getattr(info, "length", 0.0) or 0.0),
        sample_rate=int(getattr(info, "sample_rate", 0) or (48_000 if kind.name == "Opus" else 0)),
        bits=int(getattr(info, "bits_per_sample", 0) or getattr(info, "sample_size", 0) or 0) if lossless else 0,
        channels=int(getattr(info, "channels", 0) or 0),
        bitrate=int(getattr(info, "bitrate", 0) or 0),
    )
