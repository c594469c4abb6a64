"""MP4 (M4A, M4B): atoms; tags in ``moov.udta.meta.ilst``, the sound in ``mdat``, found by offsets that have to stay right.

Source: ISO/IEC 14496-12, ISO base media file format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.track import Values
from mycelix_studio.media.families import mp4
from mycelix_studio.media.families.mp4 import atom
from mycelix_studio.media.formats.parts import Broken, Cover, Part, Span, exactly

_MAX_MOOV = 1 << 28
_SPARE = 2_048
_KEPT = 1 << 16
_HANDLER = bytes(8) + b"mdirappl" + bytes(9)
_WITH_CHILDREN = {b"trak", b"mdia", b"minf", b"stbl", b"edts", b"traf", b"mvex"}
_BASE_OFFSET = 1


@dataclass(frozen=True, slots=True)
class Top:
    """An atom of the file itself: where it lies, and how long its head is."""

    name: bytes
    span: Span
    head: int


@dataclass(frozen=True, slots=True)
class Mp4:
    """The parsed file. ``moov`` is the body of the head; ``tops`` are all atoms of the file; ``rest`` is behind them."""

    audio: tuple[Span, ...]
    path: Path
    tops: tuple[Top, ...]
    moov: bytes
    rest: Span

    def edited(self, edits: Mapping[Field, Values], cover: Cover) -> list[Part]:
        """Return the file with an edited list of items; every offset to the sound is moved by as much as the sound moves."""
        at = next(at for at, top in enumerate(self.tops) if top.name == b"moov")
        place = self.tops[at].span
        following = self.tops[at + 1] if at + 1 < len(self.tops) else None
        spare = following.span if following is not None and following.name == b"free" else None
        new = _with_items(self.moov, edits, cover)
        shift = 8 + len(new) - place.length
        padding = b""
        if spare is not None and shift and spare.length - shift >= 8 and spare.length - shift <= _KEPT + spare.length:
            padding = atom(b"free", bytes(spare.length - shift - 8))
            shift = 0
        behind = place.end
        sound_moves = shift and any(top.name != b"free" for top in self.tops[at + 1 :])
        parts: list[Part] = []
        if sound_moves:
            new = _moved(new, behind, shift)
        for index, top in enumerate(self.tops):
            if index == at:
                parts.append(atom(b"moov", new))
            elif padding and index == at + 1:
                parts.append(padding)
            elif sound_moves and top.name in (b"moof", b"mfra", b"sidx"):
                parts.append(self._moved_top(top, behind, shift))
            else:
                parts.append(top.span)
        return [*parts, self.rest]

    def _moved_top(self, top: Top, behind: int, shift: int) -> bytes:
        if top.name == b"mfra":
            raise Broken("It lists its parts by their places; writing it would make that list wrong.")
        with self.path.open("rb") as file:
            whole = exactly(file, top.span.offset, top.span.length)
        if top.name == b"sidx":
            return whole  # counts from its own end
        return whole[: top.head] + _moved(whole[top.head :], behind, shift)


def parse(path: Path) -> Mp4:
    """Find the atoms of a file.

    Raises:
        Broken: There is no head, or it cannot be walked through.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        tops, end = _tops(file, size)
        heads = [top for top in tops if top.name == b"moov"]
        if len(heads) != 1 or heads[0].span.length > _MAX_MOOV:
            raise Broken("Its head is missing, or there are several.")
        head = heads[0]
        moov = exactly(file, head.span.offset + head.head, head.span.length - head.head)
    audio = tuple(Span(top.span.offset + top.head, top.span.length - top.head) for top in tops if top.name == b"mdat")
    _atoms(moov)
    return Mp4(audio, path, tuple(tops), moov, Span(end, size - end))


def _tops(file: BinaryIO, size: int) -> tuple[list[Top], int]:
    tops = []
    at = 0
    while at + 8 <= size:
        file.seek(at)
        head = file.read(16)
        length, name, head_size = int.from_bytes(head[:4], "big"), head[4:8], 8
        if length == 1:
            length, head_size = int.from_bytes(head[8:16], "big"), 16
        elif length == 0:
            length = size - at
        if length < head_size or at + length > size:
            if name != b"mdat" or length < head_size:
                break
            length = size - at  # cut off in the sound; what is there is kept
        tops.append(Top(name, Span(at, length), head_size))
        at += length
    return tops, at


def _atoms(data: bytes) -> tuple[list[bytes], bytes]:
    """Return whole atoms that follow each other, and what follows them (QuickTime ends some lists with zeros)."""
    found = []
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size == 0 and not data[at:].strip(b"\0"):
            break
        if size < 8 or at + size > len(data):
            raise Broken("Its head is broken.")
        found.append(data[at : at + size])
        at += size
    return found, data[at:]


def _head(whole: bytes) -> int:
    return 16 if whole[:4] == b"\0\0\0\1" else 8


def _with_items(moov: bytes, edits: Mapping[Field, Values], cover: Cover) -> bytes:
    """Return the head's body with an edited list of items, the padding beside it taking up the difference when it can."""
    children, rest = _atoms(moov)
    udta_at = next((at for at, each in enumerate(children) if each[4:8] == b"udta"), None)
    udta = children[udta_at] if udta_at is not None else None
    inner, tail = _atoms(udta[_head(udta) :]) if udta is not None else ([], b"")
    meta_at = next((at for at, each in enumerate(inner) if each[4:8] == b"meta" and _is_itunes(each)), None)
    meta = _edited_meta(inner[meta_at] if meta_at is not None else None, edits, cover)
    if meta_at is None:
        if not meta:
            return moov
        inner.append(meta)
    else:
        inner[meta_at] = meta
    made = atom(b"udta", b"".join(inner) + tail)
    if udta_at is None:
        children.append(made)
    else:
        children[udta_at] = made
    return b"".join(children) + rest


def _meta_head(meta: bytes) -> int:
    """Return the length of a meta atom's head; QuickTime leaves its version out."""
    head = _head(meta)
    return head if meta[head + 4 : head + 8] == b"hdlr" else head + 4


def _is_itunes(meta: bytes) -> bool:
    try:
        children, _ = _atoms(meta[_meta_head(meta) :])
    except Broken:
        return True
    handler = next((each for each in children if each[4:8] == b"hdlr"), None)
    return handler is None or handler[16:20] in (b"mdir", b"\0\0\0\0") or any(each[4:8] == b"ilst" for each in children)


def _edited_meta(meta: bytes | None, edits: Mapping[Field, Values], cover: Cover) -> bytes:
    if meta is None:
        items = mp4.edit(b"", edits, cover)
        if not items:
            return b""
        body = atom(b"hdlr", _HANDLER) + atom(b"ilst", items) + atom(b"free", bytes(_SPARE))
        return atom(b"meta", bytes(4) + body)
    head = _meta_head(meta)
    children, rest = _atoms(meta[head:])
    at = next((at for at, each in enumerate(children) if each[4:8] == b"ilst"), None)
    if at is None:
        at = len(children)
        children.append(atom(b"ilst", b""))
    old = children[at]
    new = atom(b"ilst", mp4.edit(old[_head(old) :], edits, cover))
    grown = len(new) - len(old)
    children[at] = new
    beside = next((i for i in (at + 1, at - 1) if 0 <= i < len(children) and children[i][4:8] == b"free"), None)
    if grown and beside is not None:
        left = len(children[beside]) - grown
        children[beside] = atom(b"free", bytes((left if 8 <= left <= _KEPT else _SPARE + 8) - 8))
    elif grown <= -8:
        children.insert(at + 1, atom(b"free", bytes(-grown - 8)))
    elif grown:
        children.insert(at + 1, atom(b"free", bytes(_SPARE)))
    return atom(b"meta", meta[_head(meta) : head] + b"".join(children) + rest)


def _moved(data: bytes, behind: int, shift: int) -> bytes:
    """Return atoms whose offsets to what lies at or behind a place are moved.

    Raises:
        Broken: An offset no longer fits, or there are offsets of a kind that is not known here.
    """
    found, rest = _atoms(data)
    made = []
    for whole in found:
        name, head = whole[4:8], _head(whole)
        body = whole[head:]
        if name in _WITH_CHILDREN:
            made.append(whole[:head] + _moved(body, behind, shift))
        elif name in (b"stco", b"co64"):
            made.append(whole[:head] + _moved_table(body, 4 if name == b"stco" else 8, behind, shift))
        elif name == b"tfhd" and int.from_bytes(body[1:4], "big") & _BASE_OFFSET:
            made.append(whole[:head] + body[:8] + _moved_number(body[8:16], behind, shift) + body[16:])
        elif name in (b"saio", b"iloc"):
            raise Broken("It holds offsets that Studio does not know how to move.")
        else:
            made.append(whole)
    return b"".join(made) + rest


def _moved_table(body: bytes, width: int, behind: int, shift: int) -> bytes:
    count = int.from_bytes(body[4:8], "big")
    if 8 + count * width > len(body):
        raise Broken("Its table of offsets is cut off.")
    numbers = (body[8 + at * width : 8 + (at + 1) * width] for at in range(count))
    moved = b"".join(_moved_number(number, behind, shift) for number in numbers)
    return body[:8] + moved + body[8 + count * width :]


def _moved_number(number: bytes, behind: int, shift: int) -> bytes:
    value = int.from_bytes(number, "big")
    try:
        return (value + shift if value >= behind else value).to_bytes(len(number), "big")
    except OverflowError as error:
        raise Broken("The file would be too large for its table of offsets.") from error
