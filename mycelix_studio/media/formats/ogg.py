"""Ogg (Vorbis, Opus, Speex, FLAC in Ogg): pages, the comments being the second packet of the sound's stream. Source: RFC 3533."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mutagen import MutagenError
from mutagen.ogg import OggPage

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.track import Values
from mycelix_studio.media.families import vorbis
from mycelix_studio.media.formats.parts import Broken, Cover, Part, Span

_BEGINNINGS = (
    (b"\x01vorbis", 2, b"\x03vorbis"),
    (b"OpusHead", 1, b"OpusTags"),
    (b"Speex   ", 1, b""),
    (b"\x7fFLAC", 1, b"\x04"),
)
"""First packet of a stream, how many header packets follow it, and what stands before the comments."""
_FLAC_HEAD = 4


@dataclass(frozen=True, slots=True)
class Page:
    """One page: where it lies, how long its head is, its stream and number."""

    span: Span
    head: int
    serial: int
    number: int

    @property
    def body(self) -> Span:
        """What it holds."""
        return Span(self.span.offset + self.head, self.span.length - self.head)


@dataclass(frozen=True, slots=True)
class Ogg:
    """The parsed file.

    Attributes:
        audio: The bodies of all pages but the first and those of the comments.
        path: The file.
        pages: All pages.
        serial: The sound's stream.
        old: Places in ``pages`` of the pages with the comments.
        packets: The packets those hold, comments first.
        mark: What stands before the comments.
        rest: Bytes behind the last page.
    """

    audio: tuple[Span, ...]
    path: Path
    pages: tuple[Page, ...]
    serial: int
    old: tuple[int, ...]
    packets: tuple[bytes, ...]
    mark: bytes
    rest: Span

    def edited(self, edits: Mapping[Field, Values], cover: Cover) -> list[Part]:
        """Return the file with edited comments; when they need other pages, the pages behind them are numbered anew."""
        first, *others = self.packets
        head = _FLAC_HEAD if self.mark == b"\x04" else len(self.mark)
        comments = vorbis.edit(vorbis.parse(first[head:]), edits, cover)
        body = vorbis.render(comments) + comments.rest
        if head == _FLAC_HEAD:
            if len(body) >= 1 << 24:
                raise Broken("FLAC holds at most 16 MB of comments.")
            packet = first[:1] + len(body).to_bytes(3, "big") + body
        else:
            packet = first[:head] + body
        with self.path.open("rb") as file:
            old = [self._page(file, self.pages[at]) for at in self.old]
            new = self._new_pages([packet, *others], old)
            shift = len(new) - len(old)
            parts: list[Part] = []
            gone = set(self.old)
            for at, page in enumerate(self.pages):
                if at == self.old[0]:
                    parts.append(b"".join(bytes(each.write()) for each in new))
                if at in gone:
                    continue
                if shift and at > self.old[-1] and page.serial == self.serial:
                    whole = self._page(file, page)
                    whole.sequence += shift
                    parts += [bytes(whole.write())[: page.head], page.body]
                else:
                    parts.append(page.span)
        return [*parts, self.rest]

    def _new_pages(self, packets: list[bytes], old: list[OggPage]) -> list[OggPage]:
        new: list[OggPage] = OggPage._from_packets_try_preserve(packets, old)
        for number, page in enumerate(new):
            page.serial, page.sequence = self.serial, old[0].sequence + number
        new[-1].last, new[-1].complete = old[-1].last, old[-1].complete
        if new[-1].complete:
            new[-1].position = old[-1].position
        return new

    @staticmethod
    def _page(file: BinaryIO, page: Page) -> OggPage:
        file.seek(page.span.offset)
        return OggPage(file)


def parse(path: Path) -> Ogg:
    """Find the pages of a file.

    Raises:
        Broken: There is no sound whose comments can be found, or pages are missing.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        pages, end = _pages(file, size)
        serial, count, mark = _sound(file, pages)
        mine = [at for at, page in enumerate(pages) if page.serial == serial]
        old: list[int] = []
        whole: list[OggPage] = []
        packets: list[bytes] = []
        try:
            for at in mine[1:]:
                whole.append(Ogg._page(file, pages[at]))
                old.append(at)
                packets = OggPage.to_packets(whole)
                if len(packets) - (not whole[-1].complete) >= count:
                    break
            else:
                raise Broken("Its comments are cut off.")
        except (MutagenError, EOFError, ValueError) as error:
            raise Broken("Its pages are broken.") from error
        if not packets[0].startswith(mark) and mark != b"\x04":
            raise Broken("There are no comments where they belong.")
        if mark == b"\x04" and packets[0][0] & 0x7F != 4:
            raise Broken("There are no comments where they belong.")
    gone = {mine[0], *old}
    audio = tuple(page.body for at, page in enumerate(pages) if at not in gone)
    return Ogg(audio, path, tuple(pages), serial, tuple(old), tuple(packets), mark, Span(end, size - end))


def _pages(file: BinaryIO, size: int) -> tuple[list[Page], int]:
    pages = []
    at = 0
    while at + 27 <= size:
        file.seek(at)
        head = file.read(27 + 255)
        if head[:4] != b"OggS" or len(head) < 27 + head[26]:
            break
        head_size = 27 + head[26]
        length = head_size + sum(head[27:head_size])
        if at + length > size:
            break
        serial, number = int.from_bytes(head[14:18], "little"), int.from_bytes(head[18:22], "little")
        pages.append(Page(Span(at, length), head_size, serial, number))
        at += length
    return pages, at


def _sound(file: BinaryIO, pages: list[Page]) -> tuple[int, int, bytes]:
    """Return stream, number of header packets behind the first, and the mark of the comments, of the first stream of sound."""
    for page in pages:
        file.seek(page.span.offset)
        head = file.read(page.head)
        if not head[5] & 2:
            break  # all streams begin before the first page of another kind
        beginning = file.read(8)
        for start, count, mark in _BEGINNINGS:
            if beginning.startswith(start):
                return page.serial, count, mark
    raise Broken("There is no sound in it that Studio can tag.")
