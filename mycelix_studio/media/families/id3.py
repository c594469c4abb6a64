"""ID3v2.2, 2.3 and 2.4 (MP3, WAV, AIFF, DSF, TTA), with ID3v1 beside them.

Sources: id3.org, ID3 tag version 2.2.0, 2.3.0 and 2.4.0 (structure and native frames).
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mutagen.id3 import BitPaddedInt, Frames, Frames_2_2
from mutagen.id3._tags import ID3Header, determine_bpi
from mutagen.id3._util import unsynch

from mycelix_studio.domain.fields import SPECS, Field, spec
from mycelix_studio.domain.track import FRONT_COVER, Picture, Values
from mycelix_studio.media.formats.parts import KEEP, Broken, Cover, Keep

_ROLES = {row.id3[5:].casefold(): row.field for row in SPECS if row.id3.startswith("TIPL:")}
_BY_PLACE = {
    name + colon + what.casefold(): row.field for row in SPECS for name, colon, what in (row.id3.partition(":"),)
}
_LATIN, _UTF16, _UTF8 = b"\0", b"\1", b"\3"
_STATUS_23, _LAID_OUT_23 = 0xE000, 0x00E0
"""Flags of a frame in ID3v2.3: what to do when it is not known; compressed, encrypted, grouped."""
_UNSYNCHRONISED = 0x02
_TAG_UNSYNCHRONISED = 0x80
_EXTENDED = 0x40
PADDING = 1_024
KEPT_PADDING = 1 << 16
_V22 = {
    "TIT1": "TT1", "TIT2": "TT2", "TIT3": "TT3", "TPE1": "TP1", "TPE2": "TP2", "TPE3": "TP3", "TPE4": "TP4", "TALB": "TAL", "TCON": "TCO",
    "TRCK": "TRK", "TPOS": "TPA", "TSRC": "TRC", "TPUB": "TPB", "TCOM": "TCM", "TEXT": "TXT", "TLAN": "TLA", "TCOP": "TCR", "COMM": "COM",
    "USLT": "ULT", "TBPM": "TBP", "TKEY": "TKE", "TENC": "TEN", "TXXX": "TXX", "TYER": "TYE", "TDAT": "TDA", "TIME": "TIM", "TORY": "TOR",
    "APIC": "PIC", "IPLS": "IPL", "TMED": "TMT", "TCMP": "TCP", "TOPE": "TOA", "TOAL": "TOT", "TSSE": "TSS", "TSOT": "TST", "TSOP": "TSP",
    "TSOA": "TSA", "TSO2": "TS2", "TSOC": "TSC", "UFID": "UFI",
}  # fmt: skip


# --- reading --------------------------------------------------------------------------------------------------------------------


def read(tags: Any) -> tuple[dict[Field, Values], dict[str, Values]]:
    """Return the fields of mutagen's ID3, and by its own name every other text."""
    found: dict[Field, Values] = {}
    others: dict[str, Values] = {}
    for key, frame in tags.items():
        if key in {"TIPL", "TMCL"}:
            for pair in frame.people:
                role, person = [str(part) for part in [*pair, "", ""][:2]]
                field, value = _credit(role, person)
                found[field] = (*found.get(field, ()), value)
            continue
        held = _BY_PLACE.get(_place(frame))
        values = tuple(_texts(frame) if held is not None else _shown(frame))
        if held is None and values:
            others[key] = values
        elif held is not None and (kept := tuple(value for value in values if value)):
            found[held] = (*found.get(held, ()), *kept)
    return found, others


def pictures(tags: Any) -> tuple[Picture, ...]:
    """Return all pictures of mutagen's ID3, links left out."""
    return tuple(Picture(f.data, f.mime, int(f.type), f.desc) for f in tags.getall("APIC") if f.mime != "-->")


def _place(frame: Any) -> str:
    """Return a frame's place as the table writes it, its description in small letters."""
    name = str(frame.FrameID)
    if name == "TXXX":
        return f"TXXX:{frame.desc.casefold()}"
    if name == "UFID":
        return f"UFID:{frame.owner.casefold()}"
    if name in {"COMM", "USLT"} and frame.desc:
        # Only frames without a description are the field; described ones (ratings, gapless data) belong to other programs.
        return ""
    return name


def _texts(frame: Any) -> list[str]:
    if frame.FrameID == "UFID":
        return [bytes(frame.data).decode("ascii", "replace")]
    text = getattr(frame, "text", "")
    return [text] if isinstance(text, str) else [str(part) for part in text]


def _shown(frame: Any) -> list[str]:
    if frame.FrameID == "APIC":
        return []
    if hasattr(frame, "text"):
        return _texts(frame)
    return [str(frame.url)] if hasattr(frame, "url") else []


def _credit(role: str, person: str) -> tuple[Field, str]:
    """Return where a person of the list belongs. ID3v2.3 keeps players and staff in one list, so roles nobody knows are players."""
    field = _ROLES.get(role.casefold())
    if field is not None:
        return field, person
    return Field.PERFORMER, f"{person} ({role})" if role else person


def _role(value: str) -> tuple[str, str]:
    """Return role and name of ``Ilse Brandt (viola)``."""
    match = re.fullmatch(r"(.*?)\s*\(([^()]*)\)", value, re.DOTALL)
    return (match[2], match[1]) if match else ("", value)


# --- the tag's own bytes --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as it lies in the tag: ``id`` is made of the raw bytes, ``data`` excludes the header."""

    id: str
    flags: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: version 2, 3 or 4, its frames, and how many bytes it took with header and padding (0 for a new one)."""

    version: int
    frames: tuple[Frame, ...]
    size: int
    header: Any


def size_of(head: bytes) -> int:
    """Return how many bytes a tag takes whose first ten bytes these are, 0 when there is none."""
    if len(head) < 10 or head[:3] != b"ID3" or head[3] not in (2, 3, 4) or any(byte & 0x80 for byte in head[6:10]):
        return 0
    footer = 10 if head[3] == 4 and head[5] & 0x10 else 0
    return 10 + int(BitPaddedInt(head[6:10])) + footer


def parse(blob: bytes) -> Tag:
    """Take a tag apart.

    Raises:
        Broken: It cannot be walked through, so editing it would lose frames.
    """
    try:
        header = ID3Header(io.BytesIO(blob))
    except Exception as error:
        raise Broken("Its tag is broken.") from error
    version, flags = header.version[1], blob[5]
    if version == 2 and flags & _EXTENDED:
        raise Broken("Its tag is compressed in a way nobody defined.")
    at = 10
    if version > 2 and header.f_extended:
        at += 4 + len(header._extdata)
    end = min(len(blob), 10 + int(BitPaddedInt(blob[6:10])))
    body = blob[at:end]
    if version < 4 and flags & _TAG_UNSYNCHRONISED:
        try:
            body = unsynch.decode(body)
        except ValueError as error:
            raise Broken("Its tag is broken.") from error
    head = 6 if version == 2 else 10
    whole = determine_bpi(body, Frames) if version == 4 else int
    frames = []
    place = 0
    while place + head <= len(body) and body[place : place + head].strip(b"\0"):
        name = body[place : place + (3 if version == 2 else 4)]
        if not name.strip(b"\0"):
            break
        if version == 2:
            length, mark = int.from_bytes(body[place + 3 : place + 6], "big"), 0
        else:
            raw, mark = struct.unpack_from(">LH", body, place + 4)
            length = int(whole(raw))
        data = body[place + head : place + head + length]
        if version == 4 and flags & _TAG_UNSYNCHRONISED:
            mark |= _UNSYNCHRONISED
        frames.append(Frame(name.decode("latin-1"), mark, data))
        place += head + length
    if body[place:].strip(b"\0"):
        raise Broken("There are bytes in its tag that nobody can read; writing it would lose them.")
    return Tag(version, tuple(frames), len(blob), header)


def render(tag: Tag, *, room: int | None = None) -> bytes:
    """Return the bytes of a tag, padded to what it took before when that is not wasteful; ``room`` 0 leaves padding out."""
    parts = []
    for frame in tag.frames:
        name = frame.id.encode("latin-1")
        if tag.version == 2:
            parts.append(name + len(frame.data).to_bytes(3, "big") + frame.data)
        else:
            length = (
                BitPaddedInt.to_str(len(frame.data), width=4, bits=7)
                if tag.version == 4
                else len(frame.data).to_bytes(4, "big")
            )
            parts.append(name + length + frame.flags.to_bytes(2, "big") + frame.data)
    body = b"".join(parts)
    space = tag.size if room is None else room
    spare = space - 10 - len(body)
    if spare < 0 or spare > KEPT_PADDING:
        spare = PADDING if room is None else 0
    size = len(body) + spare
    if size >= 1 << 28:
        raise Broken("A tag holds at most 256 MB.")
    return b"ID3" + bytes([tag.version, 0, 0]) + BitPaddedInt.to_str(size, width=4) + body + bytes(spare)


def moved(blob: bytes) -> bytes:
    """Return an ID3v2.3 tag as ID3v2.4: the same frames with the heads of 2.4; any other version as it is.

    Dates and lists of people stay as 2.3 writes them; :func:`edit` rewrites those it is given.

    Source: id3.org, ID3 tag version 2.4.0, main structure, 4, and changes, 2.

    Raises:
        Broken: The tag cannot be walked through, or holds a frame whose inside 2.4 lays out in another way.
    """
    tag = parse(blob)
    if tag.version != 3:
        return blob
    frames = []
    for frame in tag.frames:
        if frame.flags & _LAID_OUT_23:
            raise Broken("Its tag holds compressed or encrypted entries, which tag version 2.4 keeps in another way.")
        if frame.id in {"CHAP", "CTOC"}:
            raise Broken("Its tag holds chapters, which tag version 2.4 keeps in another way.")
        frames.append(replace(frame, flags=(frame.flags & _STATUS_23) >> 1))
    return render(Tag(4, tuple(frames), tag.size, _header()))


def edit(blob: bytes | None, edits: Mapping[Field, Values], cover: Cover = KEEP, *, v1: bytes = b"") -> Tag:
    """Return a tag with edited fields; every other frame is kept byte for byte.

    Args:
        blob: The tag as it is, None for none; a new one is ID3v2.4 and takes over what an ID3v1 tag holds.
        edits: New values, none to remove a field.
        cover: A new front cover.
        v1: The ID3v1 tag of the file.

    Raises:
        Broken: The tag cannot be walked through.
    """
    tag = parse(blob) if blob is not None else Tag(4, _from_v1(v1), 0, _header())
    frames = list(tag.frames)
    for field, values in edits.items():
        place = spec(field).id3
        if place.startswith("TIPL:") or place == "TMCL":
            continue
        frames = _put(tag, frames, place, values)
    people = {field: values for field, values in edits.items() if spec(field).id3.startswith(("TIPL:", "TMCL"))}
    if people:
        frames = _put_people(tag, frames, people)
    if not isinstance(cover, Keep):
        frames = _put_cover(tag, frames, cover)
    return replace(tag, frames=tuple(frames))


def _header() -> Any:
    return ID3Header(io.BytesIO(b"ID3\x04\0\0\0\0\0\0"))


def _name(tag: Tag, name: str) -> str:
    """Return a frame's id in the tag's version.

    Raises:
        Broken: ID3v2.2 has no such frame.
    """
    if tag.version > 2:
        return name
    if name not in _V22:
        raise Broken(f"ID3v2.2 has no place for {name}.")
    return _V22[name]


def _decoded(tag: Tag, frame: Frame) -> Any:
    """Return mutagen's object of a frame; None when it cannot be read."""
    kinds = Frames_2_2 if tag.version == 2 else Frames
    kind = kinds.get(frame.id)
    if kind is None:
        return None
    try:
        return kind._fromData(tag.header, frame.flags, frame.data)
    except Exception:  # noqa: BLE001 - unreadable frames raise whatever their parser does; they are kept as they are
        return None


def _matching(tag: Tag, frames: list[Frame], place: str) -> list[int]:
    """Return where the frames of a place stand."""
    name, _, what = place.partition(":")
    wanted = {name, _V22.get(name, name)} if tag.version == 2 else {name, f"{_V22.get(name, name):\0<4}"}
    here = [at for at, frame in enumerate(frames) if frame.id in wanted]
    if name not in {"TXXX", "COMM", "USLT", "UFID"}:
        return here
    found = []
    for at in here:
        decoded = _decoded(tag, frames[at])
        if decoded is None:
            continue
        said = decoded.owner if name == "UFID" else decoded.desc
        if said.casefold() == what.casefold():
            found.append(at)
    return found


def _replaced(frames: list[Frame], old: list[int], new: list[Frame]) -> list[Frame]:
    """Return frames with the old ones gone and the new ones in the first one's place, or at the end."""
    gone = set(old)
    at = old[0] if old else len(frames)
    before = [frame for i, frame in enumerate(frames) if i < at]
    after = [frame for i, frame in enumerate(frames) if i >= at and i not in gone]
    return before + new + after


def _put(tag: Tag, frames: list[Frame], place: str, values: Values) -> list[Frame]:
    name, _, what = place.partition(":")
    if place == "TDRC":
        return _put_date(tag, frames, values, ("TYER", "TDAT", "TIME"), "TDRC")
    if place == "TDOR":
        return _put_date(tag, frames, values, ("TORY",), "TDOR")
    old = _matching(tag, frames, place)
    new: list[Frame] = []
    if not values:
        return _replaced(frames, old, new)
    if name == "TXXX":
        said = _decoded(tag, frames[old[0]]).desc if old else what
        new = [Frame(_name(tag, name), 0, _described(tag, said, list(values)))]
    elif name == "UFID":
        new = [Frame(_name(tag, name), 0, what.encode("latin-1") + b"\0" + values[0].encode("ascii", "replace"))]
    elif name in {"COMM", "USLT"}:
        new = _put_languages(tag, name, [_decoded(tag, frames[at]).lang for at in old], values)
    else:
        new = [Frame(_name(tag, name), 0, _text(tag, list(values)))]
    return _replaced(frames, old, new)


def _put_languages(tag: Tag, name: str, languages: list[str], values: Values) -> list[Frame]:
    """Return comments or lyrics: each value keeps the language of the one it replaces; ``[la:deu]`` in front names one."""
    if name == "COMM" and len(languages) < 2 and not any(_language(value)[0] for value in values):
        language = languages[0] if languages else "eng"
        return [Frame(_name(tag, name), 0, _described(tag, "", list(values), language))]
    new, taken = [], set()
    spare = ["eng", "XXX", *(f"q{a}{b}" for a in "ab" for b in "abcdefghijklmnopqrstuvwxyz")]
    for at, value in enumerate(values):
        said, text = _language(value)
        language = said or (languages[at] if at < len(languages) else "")
        if not language or language in taken:
            language = next(each for each in spare if each not in taken and each not in languages)
        taken.add(language)
        new.append(Frame(_name(tag, name), 0, _described(tag, "", [text], language)))
    return new


def _language(value: str) -> tuple[str, str]:
    match = re.match(r"\[la:\s*([A-Za-z]{3})\]\s*", value)
    return (match[1].lower(), value[match.end() :]) if match else ("", value)


def _put_date(tag: Tag, frames: list[Frame], values: Values, old_names: tuple[str, ...], name: str) -> list[Frame]:
    """Replace a date: one timestamp in ID3v2.4; year, day and time apart before it, and the timestamp too where they cannot say it."""
    old = sorted({at for each in (name, *old_names) for at in _matching(tag, frames, each)} if tag.version > 2 else
                 {at for each in old_names for at in _matching(tag, frames, each)})  # fmt: skip
    if not values:
        return _replaced(frames, old, [])
    if tag.version == 4:
        return _replaced(frames, old, [Frame(name, 0, _text(tag, list(values)))])
    match = re.fullmatch(r"(\d{4})(?:-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(:00)?)?)?", values[0])
    year = re.match(r"\d{4}", values[0])
    new = [Frame(_name(tag, old_names[0]), 0, _text(tag, [year[0]]))] if year else []
    told = match is not None and len(values) == 1
    if name == "TDRC" and match and match[2]:
        new.append(Frame(_name(tag, "TDAT"), 0, _text(tag, [match[3] + match[2]])))
        if match[4]:
            new.append(Frame(_name(tag, "TIME"), 0, _text(tag, [match[4] + match[5]])))
    elif match and match[2]:
        told = False
    if not told:
        new.append(Frame(_name(tag, name), 0, _text(tag, list(values))))
    return _replaced(frames, old, new)


def _put_people(tag: Tag, frames: list[Frame], edits: Mapping[Field, Values]) -> list[Frame]:
    """Replace people by role; roles that were not edited keep their names and order."""
    names = ("TIPL", "TMCL") if tag.version == 4 else ("IPLS",)
    places = {
        name: _matching(tag, frames, name) for name in ("TIPL", "TMCL", "IPLS") if tag.version > 2 or name == "IPLS"
    }
    # In the order in which the tag has them, since players may stand in both.
    order = sorted(names, key=lambda name: min(places.get(name, [])[:1] or [len(frames) + names.index(name)]))
    lists: dict[str, list[tuple[str, str]]] = {name: [] for name in order}
    for name, at in places.items():
        target = name if name in lists else ("TIPL" if name == "IPLS" else "IPLS")
        for each in at:
            if not frames[each].data[1:].strip(b"\0"):
                continue  # an empty list
            decoded = _decoded(tag, frames[each])
            if decoded is None:
                raise Broken("Its list of people cannot be read; writing it would lose it.")
            for pair in decoded.people:
                role, person = [str(part) for part in [*pair, "", ""][:2]]
                if _credit(role, person)[0] not in edits:
                    lists[target].append((role, person))
    for field, values in edits.items():
        place = spec(field).id3
        target = names[0] if place.startswith("TIPL:") else names[-1]
        lists[target] += [_role(value) if place == "TMCL" else (place[5:], value) for value in values]
    old = sorted(at for each in places.values() for at in each)
    new = [
        Frame(_name(tag, name), 0, _text(tag, [part for pair in people for part in pair]))
        for name, people in lists.items()
        if people
    ]
    return _replaced(frames, old, new)


def _put_cover(tag: Tag, frames: list[Frame], cover: Picture | None) -> list[Frame]:
    here = _matching(tag, frames, "APIC")
    old = [at for at in here if (decoded := _decoded(tag, frames[at])) is not None and int(decoded.type) == FRONT_COVER]
    new = []
    if cover is not None:
        encoding, desc, end = _encoded(tag, cover.description)
        if tag.version == 2:
            kind = {"image/png": b"PNG", "image/jpeg": b"JPG"}.get(cover.mime)
            if kind is None:
                raise Broken("ID3v2.2 holds JPEG and PNG pictures only.")
        else:
            kind = cover.mime.encode("latin-1") + b"\0"
        new = [Frame(_name(tag, "APIC"), 0, encoding + kind + bytes([FRONT_COVER]) + desc + end + cover.data)]
    return _replaced(frames, old, new)


def _encoded(tag: Tag, *texts: str) -> tuple[bytes, bytes, bytes]:
    """Return the mark of the encoding, the texts joined by its terminator, and the terminator."""
    if tag.version == 4:
        return _UTF8, b"\0".join(text.encode("utf-8") for text in texts), b"\0"
    try:
        return _LATIN, b"\0".join(text.encode("latin-1") for text in texts), b"\0"
    except UnicodeEncodeError:
        return _UTF16, b"\0\0".join(b"\xff\xfe" + text.encode("utf-16-le") for text in texts), b"\0\0"


def _text(tag: Tag, values: list[str]) -> bytes:
    encoding, texts, _ = _encoded(tag, *values)
    return encoding + texts


def _described(tag: Tag, description: str, values: list[str], language: str = "") -> bytes:
    encoding, texts, _ = _encoded(tag, description, *values)
    return encoding + language.encode("latin-1") + texts


# --- ID3v1 ----------------------------------------------------------------------------------------------------------------------

_V1 = {Field.TITLE: (3, 30), Field.ARTIST: (33, 30), Field.ALBUM: (63, 30), Field.DATE: (93, 4)}


def edit_v1(tag: bytes, edits: Mapping[Field, Values]) -> bytes:
    """Return an ID3v1 tag of 128 bytes with those of the edited fields that it has places for; the others stay byte for byte."""
    from mutagen.id3 import TCON

    made = bytearray(tag)
    for field, values in edits.items():
        if field in _V1:
            at, length = _V1[field]
            made[at : at + length] = (
                (values[0] if values else "").encode("latin-1", "replace")[:length].ljust(length, b"\0")
            )
        elif field is Field.TRACK and (made[125] == 0 or not made[97:127].strip(b"\0")):
            number = re.match(r"\d+", values[0]) if values else None
            made[125:127] = bytes([0, int(number[0]) if number and int(number[0]) < 256 else 0])
        elif field is Field.GENRE:
            made[127] = TCON.GENRES.index(values[0]) if values and values[0] in TCON.GENRES else 255
    return bytes(made)


def _from_v1(tag: bytes) -> tuple[Frame, ...]:
    """Return the frames that say what an ID3v1 tag says, so that a new tag beside it hides nothing."""
    from mutagen.id3 import ParseID3v1

    if not tag:
        return ()
    new = Tag(4, (), 0, _header())
    frames = []
    for name, frame in (ParseID3v1(tag) or {}).items():
        text = [str(part) for part in frame.text]
        data = _described(new, frame.desc, text, "eng") if name == "COMM" else _text(new, text)
        frames.append(Frame(name, 0, data))
    return tuple(frames)
