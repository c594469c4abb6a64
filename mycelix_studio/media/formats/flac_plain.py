"""Reads a FLAC of blocks without any oddity several times quicker than mutagen, which reads all the others.

Only for scans of many files, as :mod:`mycelix_studio.media.families.id3_plain`: what it is not sure of it leaves to mutagen, so both always
say the same; a test compares them. Source: RFC 9639, section 8.
"""

from __future__ import annotations

import os
import re
import struct
from pathlib import Path
from typing import BinaryIO, Final

from mycelix_studio.domain.track import Audio, FileTags, Picture
from mycelix_studio.media.families import vorbis

_HEAD: Final = 1 << 16
"""Bytes read at once: nearly always all blocks, small covers included."""
_STREAMINFO, _PADDING, _APPLICATION, _COMMENT, _PICTURE = 0, 1, 2, 4, 6
_NAME: Final = re.compile(r"[ -<>-}]+")
_LINK: Final = "-->"
_IN_COMMENTS: Final = frozenset({"METADATA_BLOCK_PICTURE", "COVERART"})


class _Odd(Exception):
    """Something that is left to mutagen."""


def read(path: Path) -> FileTags | None:
    """Return what a file holds; None when it is not plain.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        try:
            return _read(file, os.fstat(file.fileno()).st_size)
        except (_Odd, UnicodeDecodeError, ValueError, struct.error):
            return None


def _read(file: BinaryIO, size: int) -> FileTags:
    data = file.read(_HEAD)
    if data[:4] != b"fLaC":
        raise _Odd
    at, last = 4, False
    info, comments, pictures = b"", None, []
    while not last:
        if at + 4 > len(data):
            data += _more(file, at + 4 - len(data))
        kind, last = data[at] & 0x7F, data[at] >> 7 == 1
        length = int.from_bytes(data[at + 1 : at + 4], "big")
        at += 4
        if at + length > size:
            raise _Odd
        if at + length > len(data):
            data += _more(file, at + length - len(data))
        body = data[at : at + length]
        at += length
        # The stream's own block comes first and once; whatever is rare is mutagen's.
        if (kind == _STREAMINFO) is bool(info):
            raise _Odd
        if kind == _STREAMINFO and length == 34:
            info = body
        elif kind == _COMMENT and comments is None:
            comments = _comments(body)
        elif kind == _PICTURE:
            pictures.append(_picture(body))
        elif kind not in {_PADDING, _APPLICATION}:
            raise _Odd
    fields, others = vorbis.read(comments) if comments is not None else ({}, {})
    shown = tuple(picture for picture in pictures if picture.mime != _LINK)
    return FileTags(_audio(info, size - at), "vorbis", fields, shown, "", others)


def _more(file: BinaryIO, least: int) -> bytes:
    parts = []
    while least > 0:
        part = file.read(max(least, _HEAD))
        if not part:
            raise _Odd
        parts.append(part)
        least -= len(part)
    return b"".join(parts)


def _audio(info: bytes, sound_bytes: int) -> Audio:
    packed = int.from_bytes(info[10:18], "big")
    rate, samples = packed >> 44, packed & 0xFFFFFFFFF
    if not rate:
        raise _Odd
    seconds = samples / float(rate)
    return Audio(
        container="FLAC",
        codec="",
        seconds=seconds,
        sample_rate=rate,
        bits=(packed >> 36 & 0x1F) + 1,
        channels=(packed >> 41 & 7) + 1,
        bitrate=int(float(sound_bytes) * 8 / seconds) if seconds else 0,
    )


def _comments(body: bytes) -> list[tuple[str, str]]:
    """Return the comments of a block that is exactly as long as they are."""
    (length,) = struct.unpack_from("<I", body)
    at = 4 + length
    body[4:at].decode()
    (count,) = struct.unpack_from("<I", body, at)
    at += 4
    found = []
    for _ in range(count):
        (length,) = struct.unpack_from("<I", body, at)
        at += 4 + length
        if at > len(body):
            raise _Odd
        name, equals, value = body[at - length : at].decode().partition("=")
        if not equals or not _NAME.fullmatch(name) or name.upper() in _IN_COMMENTS:
            raise _Odd
        found.append((name, value))
    if at != len(body):
        raise _Odd
    return found


def _picture(body: bytes) -> Picture:
    """Return the picture of a block that is exactly as long as it is."""
    kind, length = struct.unpack_from(">2I", body)
    at = 8 + length
    mime = body[8:at].decode()
    (length,) = struct.unpack_from(">I", body, at)
    described = body[at + 4 : at + 4 + length].decode()
    at += 4 + length
    (length,) = struct.unpack_from(">I", body, at + 16)
    at += 20
    if at + length != len(body):
        raise _Odd
    return Picture(body[at:], mime, kind, described)
