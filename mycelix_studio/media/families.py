"""Reading and writing the tags of each family by the table in :mod:`mycelix_studio.domain.fields`.

Writing touches only the fields it is given: unknown frames, private data, other pictures and the tag's version stay as they were.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import mutagen
import mutagen.flac
import mutagen.id3
import mutagen.mp4
from mutagen.apev2 import APETextValue
from mutagen.asf._attrs import ASFByteArrayAttribute, ASFUnicodeAttribute

from mycelix_studio.domain.fields import SPECS, Family, Field, spec
from mycelix_studio.domain.track import FRONT_COVER, Fields, Picture, Values

_PAIRS = {"trkn", "disk"}
_NUMBERS = {"tmpo", "rtng"}
_ITUNES_FORMATS = {mutagen.mp4.MP4Cover.FORMAT_JPEG: "image/jpeg", mutagen.mp4.MP4Cover.FORMAT_PNG: "image/png"}


@dataclass(frozen=True, slots=True)
class Codec:
    """How one family is read and written. ``file`` is mutagen's object, its ``tags`` exist."""

    read: Callable[[Any], dict[Field, Values]]
    write: Callable[[Any, Mapping[Field, Values]], None]
    pictures: Callable[[Any], tuple[Picture, ...]]
    set_cover: Callable[[Any, Picture | None], None]


# --- ID3 ------------------------------------------------------------------------------------------------------------------------


def _id3_read(file: Any) -> dict[Field, Values]:
    found: dict[Field, Values] = {}
    for row in SPECS:
        values: list[str] = []
        for frame in _id3_frames(file.tags, row.id3):
            text = getattr(frame, "text", "")
            values += [text] if isinstance(text, str) else [str(part) for part in text]
        values = [value for value in values if value]
        if values:
            found[row.field] = tuple(values)
    return found


def _id3_frames(tags: Any, place: str) -> list[Any]:
    if place.startswith("TXXX:"):
        wanted = place[5:].casefold()
        return [frame for frame in tags.getall("TXXX") if frame.desc.casefold() == wanted]
    frames = list(tags.getall(place))
    if place in {"COMM", "USLT"}:
        # Only frames without a description are the field; described ones (ratings, gapless data) belong to other programs.
        return [frame for frame in frames if not frame.desc]
    return frames


def _id3_write(file: Any, edits: Mapping[Field, Values]) -> None:
    tags = file.tags
    for field, values in edits.items():
        place = spec(field).id3
        if place.startswith("TXXX:"):
            before = _id3_frames(tags, place)
            name = before[0].desc if before else place[5:]
            for frame in before:
                del tags[frame.HashKey]
            if values:
                tags.add(mutagen.id3.TXXX(encoding=3, desc=name, text=list(values)))
        elif place in {"COMM", "USLT"}:
            plain = _id3_frames(tags, place)
            language = plain[0].lang if plain else "eng"
            for frame in plain:
                del tags[frame.HashKey]
            kind = getattr(mutagen.id3, place)
            if values:
                text: Any = "\n".join(values) if place == "USLT" else list(values)
                tags.add(kind(encoding=3, lang=language, desc="", text=text))
        else:
            tags.delall(place)
            if values:
                tags.add(getattr(mutagen.id3, place)(encoding=3, text=list(values)))


def _id3_pictures(file: Any) -> tuple[Picture, ...]:
    return tuple(Picture(f.data, f.mime, int(f.type), f.desc) for f in file.tags.getall("APIC") if f.mime != "-->")


def _id3_set_cover(file: Any, picture: Picture | None) -> None:
    for frame in [frame for frame in file.tags.getall("APIC") if int(frame.type) == FRONT_COVER]:
        del file.tags[frame.HashKey]
    if picture is not None:
        file.tags.add(
            mutagen.id3.APIC(
                encoding=3, mime=picture.mime, type=FRONT_COVER, desc=picture.description, data=picture.data
            )
        )


# --- Vorbis comments ------------------------------------------------------------------------------------------------------------

_VORBIS_ALIASES = {
    "DATE": ("YEAR",),
    "LABEL": ("ORGANIZATION", "PUBLISHER"),
    "ALBUMARTIST": ("ALBUM ARTIST",),
    "LYRICS": ("UNSYNCEDLYRICS",),
}


def _vorbis_names(tags: Any, place: str) -> list[str]:
    names = [place, *_VORBIS_ALIASES.get(place, ())]
    return [name for name in names if name in tags]


def _vorbis_read(file: Any) -> dict[Field, Values]:
    found: dict[Field, Values] = {}
    for row in SPECS:
        for name in _vorbis_names(file.tags, row.vorbis)[:1]:
            values = tuple(str(value) for value in file.tags[name] if value)
            if values:
                found[row.field] = values
    return found


def _vorbis_write(file: Any, edits: Mapping[Field, Values]) -> None:
    for field, values in edits.items():
        place = spec(field).vorbis
        for name in _vorbis_names(file.tags, place):
            del file.tags[name]
        if values:
            file.tags[place] = list(values)


def _vorbis_pictures(file: Any) -> tuple[Picture, ...]:
    blocks = list(getattr(file, "pictures", []))
    for text in file.tags.get("METADATA_BLOCK_PICTURE", []):
        try:
            blocks.append(mutagen.flac.Picture(base64.b64decode(text)))
        except (mutagen.flac.error, ValueError):
            continue  # a broken picture stays in the file as it is; there is nothing to show of it
    return tuple(Picture(b.data, b.mime, int(b.type), b.desc) for b in blocks if b.mime != "-->")


def _vorbis_set_cover(file: Any, picture: Picture | None) -> None:
    block = None
    if picture is not None:
        block = mutagen.flac.Picture()
        block.type, block.mime, block.desc, block.data = FRONT_COVER, picture.mime, picture.description, picture.data
        block.width, block.height, block.depth = _dimensions(picture.data)
    if hasattr(file, "pictures"):
        others = [other for other in file.pictures if int(other.type) != FRONT_COVER]
        file.clear_pictures()
        for other in ([block] if block is not None else []) + others:
            file.add_picture(other)
        return
    kept = []
    for text in file.tags.get("METADATA_BLOCK_PICTURE", []):
        try:
            front = int(mutagen.flac.Picture(base64.b64decode(text)).type) == FRONT_COVER
        except (mutagen.flac.error, ValueError):
            front = False
        if not front:
            kept.append(text)
    if block is not None:
        kept.insert(0, base64.b64encode(block.write()).decode("ascii"))
    if kept:
        file.tags["METADATA_BLOCK_PICTURE"] = kept
    elif "METADATA_BLOCK_PICTURE" in file.tags:
        del file.tags["METADATA_BLOCK_PICTURE"]


def _dimensions(data: bytes) -> tuple[int, int, int]:
    import io

    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.width, image.height, 24
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return 0, 0, 0


# --- MP4 ------------------------------------------------------------------------------------------------------------------------


def _mp4_read(file: Any) -> dict[Field, Values]:
    found: dict[Field, Values] = {}
    for row in SPECS:
        place = _mp4_key(file.tags, row.mp4)
        raw = file.tags.get(place)
        if not raw:
            continue
        if place in _PAIRS:
            number, total = raw[0]
            values: Values = (f"{number}/{total}" if total else str(number),) if number else ()
        elif place.startswith("----"):
            values = tuple(bytes(value).decode("utf-8", "replace") for value in raw)
        else:
            values = tuple(str(value) for value in raw)
        values = tuple(value for value in values if value)
        if values:
            found[row.field] = values
    return found


def _mp4_key(tags: Any, place: str) -> str:
    if place.startswith("----"):
        folded = place.casefold()
        return next((key for key in tags if key.casefold() == folded), place)
    return place


def _mp4_write(file: Any, edits: Mapping[Field, Values]) -> None:
    for field, values in edits.items():
        place = _mp4_key(file.tags, spec(field).mp4)
        if not values:
            file.tags.pop(place, None)
        elif place in _PAIRS:
            number, _, total = values[0].partition("/")
            file.tags[place] = [(int(number or 0), int(total or 0))]
        elif place in _NUMBERS:
            file.tags[place] = [round(float(values[0]))]
        elif place.startswith("----"):
            file.tags[place] = [mutagen.mp4.MP4FreeForm(value.encode()) for value in values]
        else:
            file.tags[place] = list(values)


def _mp4_pictures(file: Any) -> tuple[Picture, ...]:
    return tuple(
        Picture(bytes(cover), _ITUNES_FORMATS.get(cover.imageformat, "image/jpeg"))
        for cover in file.tags.get("covr", [])
    )


def _mp4_set_cover(file: Any, picture: Picture | None) -> None:
    others = list(file.tags.get("covr", []))[1:]
    if picture is not None:
        png = picture.mime == "image/png"
        kind = mutagen.mp4.MP4Cover.FORMAT_PNG if png else mutagen.mp4.MP4Cover.FORMAT_JPEG
        others.insert(0, mutagen.mp4.MP4Cover(picture.data, imageformat=kind))
    if others:
        file.tags["covr"] = others
    else:
        file.tags.pop("covr", None)


# --- APEv2 ----------------------------------------------------------------------------------------------------------------------


def _ape_read(file: Any) -> dict[Field, Values]:
    found: dict[Field, Values] = {}
    for row in SPECS:
        item = file.tags.get(row.ape)
        if isinstance(item, APETextValue):
            values = tuple(value for value in item if value)
            if values:
                found[row.field] = values
    return found


def _ape_write(file: Any, edits: Mapping[Field, Values]) -> None:
    for field, values in edits.items():
        place = spec(field).ape
        if values:
            file.tags[place] = list(values)
        elif place in file.tags:
            del file.tags[place]


_APE_COVER = "Cover Art (Front)"


def _ape_pictures(file: Any) -> tuple[Picture, ...]:
    item = file.tags.get(_APE_COVER)
    if item is None or isinstance(item, APETextValue):
        return ()
    name, _, data = bytes(item.value).partition(b"\0")
    return (
        Picture(
            data, "image/png" if data[:4] == b"\x89PNG" else "image/jpeg", FRONT_COVER, name.decode("utf-8", "replace")
        ),
    )


def _ape_set_cover(file: Any, picture: Picture | None) -> None:
    from mutagen.apev2 import APEBinaryValue

    if picture is None:
        if _APE_COVER in file.tags:
            del file.tags[_APE_COVER]
        return
    ending = "png" if picture.mime == "image/png" else "jpg"
    file.tags[_APE_COVER] = APEBinaryValue(f"cover.{ending}".encode() + b"\0" + picture.data)


# --- ASF (WMA) ------------------------------------------------------------------------------------------------------------------


def _asf_read(file: Any) -> dict[Field, Values]:
    found: dict[Field, Values] = {}
    for row in SPECS:
        values = tuple(str(value) for value in file.tags.get(row.asf, []) if str(value))
        if values:
            found[row.field] = values
    return found


def _asf_write(file: Any, edits: Mapping[Field, Values]) -> None:
    for field, values in edits.items():
        place = spec(field).asf
        if values:
            file.tags[place] = [ASFUnicodeAttribute(value) for value in values]
        elif place in file.tags:
            del file.tags[place]


def _asf_pictures(file: Any) -> tuple[Picture, ...]:
    found = []
    for attribute in file.tags.get("WM/Picture", []):
        data = bytes(attribute.value)
        kind, size = data[0], int.from_bytes(data[1:5], "little")
        mime, rest = _utf16(data[5:])
        description, _ = _utf16(rest)
        found.append(Picture(data[-size:], mime, kind, description))
    return tuple(found)


def _utf16(data: bytes) -> tuple[str, bytes]:
    """Return a text ended by a double zero, and what follows it."""
    for at in range(0, len(data) - 1, 2):
        if data[at : at + 2] == b"\0\0":
            return data[:at].decode("utf-16-le", "replace"), data[at + 2 :]
    return "", b""


def _asf_set_cover(file: Any, picture: Picture | None) -> None:
    others = [a for a in file.tags.get("WM/Picture", []) if bytes(a.value)[:1] != bytes([FRONT_COVER])]
    if picture is not None:
        head = bytes([FRONT_COVER]) + len(picture.data).to_bytes(4, "little")
        text = picture.mime.encode("utf-16-le") + b"\0\0" + picture.description.encode("utf-16-le") + b"\0\0"
        others.insert(0, ASFByteArrayAttribute(head + text + picture.data))
    if others:
        file.tags["WM/Picture"] = others
    elif "WM/Picture" in file.tags:
        del file.tags["WM/Picture"]


CODECS: dict[Family, Codec] = {
    "id3": Codec(_id3_read, _id3_write, _id3_pictures, _id3_set_cover),
    "vorbis": Codec(_vorbis_read, _vorbis_write, _vorbis_pictures, _vorbis_set_cover),
    "mp4": Codec(_mp4_read, _mp4_write, _mp4_pictures, _mp4_set_cover),
    "ape": Codec(_ape_read, _ape_write, _ape_pictures, _ape_set_cover),
    "asf": Codec(_asf_read, _asf_write, _asf_pictures, _asf_set_cover),
}


def merge(file_fields: Fields, fallback: Fields) -> dict[Field, Values]:
    """Return ``file_fields`` filled up with ``fallback``, such as RIFF INFO behind the ID3 chunk of a WAV."""
    return {**fallback, **file_fields}
