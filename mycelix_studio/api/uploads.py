"""Sending a file in pieces that survive anything: tus 1.0.0 (creation, checksum, termination, expiration).

Every piece carries its sha-256, so a piece is whole on the server or not there at all. After any fault the server is asked how far it
got (HEAD) and the file goes on from there: at most one piece is sent twice. What counts as sent is what the server confirmed.
"""

from __future__ import annotations

import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from mycelix_studio.api.client import FIRST_WAIT, NEVER, Client, Stop
from mycelix_studio.api.errors import (
    BadAnswer,
    InTheWay,
    NotThere,
    ServerRefused,
    ServerTrouble,
    ServerUnreachable,
)
from mycelix_studio.api.upload_pieces import BY_LEAVES, FileChanged, Piece, Pieces
from mycelix_studio.errors import Known

if TYPE_CHECKING:
    import httpx

MIB: Final = 1 << 20
SMALLEST_PIECE: Final = MIB // 4
FIRST_PIECE: Final = MIB
LARGEST_PIECE: Final = 128 * MIB
"""What the proxy in front of a node lets through."""
SMALLEST_SLICE: Final = MIB // 4
LARGEST_SLICE: Final = MIB
"""Bytes between two looks at the stop token and the limit; pieces are long only where the line is quick."""
QUICK_SECONDS: Final = 0.4
SLOW_SECONDS: Final = 3.0
"""A piece confirmed quicker than the first makes the next one two to 32 times as long; slower than the second, half."""
TRIES: Final = 4
"""Faults in a row, without a byte confirmed between them, until the caller is told."""
PIECE_SECONDS: Final = 60.0
"""Longest silence after any other piece."""
FINISH_SECONDS: Final = 300.0
"""Longest silence after the last piece: the server looks into the file and stores it."""

_TYPE: Final = "application/offset+octet-stream"
_VERSION: Final = {"Tus-Resumable": "1.0.0"}


class Bytes(Protocol):
    """Bytes in memory, or in a file and read as they are asked for."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> bytes: ...


class FingerprintDiffers(Known):
    """What the server stored is not the file that was fingerprinted here."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"“{name}” arrived changed",
            "The server's fingerprint is not the one computed here. What arrived is not used.",
            "Send it again.",
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an upload stands at the server.

    Attributes:
        upload_id: Its id.
        confirmed: Bytes that have arrived and are safe.
        cid: Name of the stored file once it is complete and accepted.
        expires_at: When the server forgets it, None when it did not say.
    """

    upload_id: str
    confirmed: int
    cid: str | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sent:
    """How a whole file was sent.

    Attributes:
        upload_id: Its id at the server.
        cid: Its name there, equal to the one computed here.
        recognised: True when the server had it all and only its answer had been lost.
        repeated: Bytes that had to be sent again.
    """

    upload_id: str
    cid: str
    recognised: bool
    repeated: int


class Allowance:
    """A limit of bytes a second that several uploads share; 0 is no limit. Safe to use from any thread.

    Args:
        limit: Returns the bytes a second allowed now.
    """

    def __init__(self, limit: Callable[[], int] = lambda: 0) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._free_at = 0.0

    def seconds(self, size: int) -> float:
        """Take an allowance of ``size`` bytes and return the seconds to wait before sending them."""
        limit = self._limit()
        with self._lock:
            present = time.monotonic()
            if limit <= 0:
                self._free_at = present
                return 0.0
            start = max(present, self._free_at)
            # A lowered limit must not be held up by what a higher one had promised, nor the other way round.
            start = min(start, present + 5.0)
            self._free_at = start + size / limit
            return start - present

    def piece(self) -> int | None:
        """Return the longest piece that takes about 2 seconds under the limit, None without a limit."""
        limit = self._limit()
        return None if limit <= 0 else max(SMALLEST_PIECE, 2 * limit // SMALLEST_PIECE * SMALLEST_PIECE)


def next_length(length: int, seconds: float) -> int:
    """Return the bytes of the piece after one of ``length`` that was confirmed after so many seconds.

    Between two pieces nothing is under way while the server flushes and answers, so a quick line soon gets long ones.
    """
    if seconds < QUICK_SECONDS:
        return min(LARGEST_PIECE, length * int(max(2.0, min(32.0, QUICK_SECONDS / max(seconds, 0.001)))))
    if seconds > SLOW_SECONDS:
        return max(SMALLEST_PIECE, length // 2)
    return length


class Uploads:
    """``/api/uploads``. Errors are those of :meth:`Client.request` unless said otherwise."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def create(self, size: int, *, cid: str, name: str, stop: Stop = NEVER) -> Standing:
        """Begin an upload of ``size`` bytes; the server will refuse a file that is not named ``cid``.

        Raises:
            ServerRefused: 413 ``too-big`` or ``quota``, 422 ``not-audio`` for an empty file.
        """
        metadata = ",".join(
            f"{key} {b64encode(value.encode('utf-8', 'replace')).decode()}"
            for key, value in (("filename", name[-200:]), ("cid", cid))
        )
        headers = {**_VERSION, "Upload-Length": str(size), "Upload-Metadata": metadata}
        answer = self._client.request("POST", "/api/uploads", headers=headers, signed=True, stop=stop)
        upload_id = answer.headers.get("Location", "").rsplit("/", 1)[-1]
        if not upload_id:
            raise BadAnswer(answer.url.netloc.decode(), "no Location")
        return self._standing(answer, upload_id)

    def standing(self, upload_id: str, stop: Stop = NEVER) -> Standing:
        """Ask how far an upload got.

        Raises:
            NotThere: 404 or 410, the server does not know it or its time is over.
        """
        answer = self._client.request("HEAD", f"/api/uploads/{upload_id}", headers=_VERSION, signed=True, stop=stop)
        return self._standing(answer, upload_id)

    def send_piece(
        self,
        upload_id: str,
        offset: int,
        piece: Bytes,
        digest: bytes,
        algorithm: str = "sha256",
        *,
        last: bool = False,
        allowance: Allowance | None = None,
        stop: Stop = NEVER,
    ) -> Standing:
        """Send one piece, once.

        Args:
            upload_id: Which upload.
            offset: Where the piece begins; must be what the server confirmed.
            piece: The bytes, in memory or read as they go; may be empty to let the server finish a file that is all there.
            digest: Their checksum.
            algorithm: What it was computed by: ``sha256``, or ``sha256-mib`` from the digests of each MiB.
            last: The file ends with it, so the server takes its time to answer.
            allowance: The limit, None for none.
            stop: Breaks off between two slices; nothing of the piece is then kept.

        Raises:
            InTheWay: 409, the offset is wrong.
            ServerRefused: 460, the piece arrived damaged and was discarded; 422, it is not audio or not the file announced.
        """
        headers = {
            **_VERSION,
            "Content-Type": _TYPE,
            "Content-Length": str(len(piece)),
            "Upload-Offset": str(offset),
            "Upload-Checksum": f"{algorithm} {b64encode(digest).decode()}",
        }
        answer = self._client.request(
            "PATCH",
            f"/api/uploads/{upload_id}",
            content=_Slices(piece, allowance, stop),
            headers=headers,
            signed=True,
            idempotent=False,
            read_seconds=FINISH_SECONDS if last else PIECE_SECONDS,
            stop=stop,
        )
        return self._standing(answer, upload_id)

    def end(self, upload_id: str) -> None:
        """Give up an upload and free its space; one that the server does not know is given up already."""
        try:
            self._client.request("DELETE", f"/api/uploads/{upload_id}", headers=_VERSION, signed=True)
        except NotThere:
            return

    def push(
        self,
        path: Path,
        size: int,
        cid: str,
        *,
        name: str,
        upload_id: str = "",
        began: Callable[[Standing], None] = lambda standing: None,
        confirmed: Callable[[int], None] = lambda size: None,
        leaves: bytes = b"",
        allowance: Allowance | None = None,
        stop: Stop = NEVER,
    ) -> Sent:
        """Send a whole file, going on where the server stands; blocks until it is stored under ``cid``.

        Args:
            path: The file; must hold the ``size`` bytes that were fingerprinted.
            size: Its length.
            cid: Its fingerprint, computed before.
            name: For people at the other end.
            upload_id: An upload begun earlier, empty for none. One the server has forgotten is begun anew.
            began: Called with the upload when it is begun or found again; keep its id.
            confirmed: Called with the bytes the server has, after each piece.
            leaves: What the fingerprint was made of, so that nothing is hashed twice; without it each piece is hashed on its way.
            allowance: The limit shared with other uploads.
            stop: Breaks off; what is confirmed stays for the next time.

        Raises:
            ServerUnreachable: No answer several times in a row; call again later with the same ``upload_id``.
            ServerRefused: The server does not take it.
            FingerprintDiffers: What it stored is another file.
            FileGone: The file cannot be read any more.
            FileChanged: It has another length now.
            Cancelled: As ``stop`` raises it.
        """
        with Pieces(path, size, leaves) as pieces:
            return _Push(self, pieces, cid, name, began, confirmed, allowance or Allowance(), stop).run(upload_id)

    def _standing(self, answer: httpx.Response, upload_id: str) -> Standing:
        text = answer.headers.get("Upload-Offset", "")
        if not text.isascii() or not text.isdigit():
            raise BadAnswer(answer.url.netloc.decode(), "no Upload-Offset")
        try:
            expires = parsedate_to_datetime(answer.headers.get("Upload-Expires", ""))
        except (ValueError, TypeError):
            expires = None
        return Standing(upload_id, int(text), answer.headers.get("X-Content-Cid") or None, expires)


class _Slices:
    """A piece as a body that can be sent again, slice by slice, under the limit, until stopped."""

    def __init__(self, piece: Bytes, allowance: Allowance | None, stop: Stop) -> None:
        self._piece = piece
        self._allowance = allowance
        self._stop = stop

    def __iter__(self) -> Iterator[bytes]:
        step = min(LARGEST_SLICE, max(SMALLEST_SLICE, len(self._piece) // 32))
        for start in range(0, len(self._piece), step):
            part = self._piece[start : start + step]
            wait = self._allowance.seconds(len(part)) if self._allowance is not None else 0.0
            if wait > 0:
                self._stop.wait(wait)
            self._stop.raise_if_cancelled()
            yield part


class _Push:
    """One run of :meth:`Uploads.push`."""

    def __init__(  # noqa: PLR0917 - one call, by the method above
        self,
        uploads: Uploads,
        pieces: Pieces,
        cid: str,
        name: str,
        began: Callable[[Standing], None],
        confirmed: Callable[[int], None],
        allowance: Allowance,
        stop: Stop,
    ) -> None:
        self._uploads = uploads
        self._pieces = pieces
        self._cid = cid
        self._name = name
        self._began = began
        self._confirmed = confirmed
        self._allowance = allowance
        self._stop = stop
        self._length = FIRST_PIECE
        self._failures = 0
        self._repeated = 0
        self._piece: Piece | None = None

    def run(self, upload_id: str) -> Sent:
        standing = self._find(upload_id)
        recognised = standing.cid is not None
        while standing.cid is None:
            self._stop.raise_if_cancelled()
            before = standing.confirmed
            try:
                standing = self._advance(standing)
            except (ServerUnreachable, ServerTrouble, InTheWay, NotThere) as error:
                self._failed(error)
                standing = self._find(standing.upload_id)
                recognised = standing.cid is not None
            except ServerRefused as error:
                if error.kind == "bad-checksum" and self._piece is not None and self._piece.algorithm == BY_LEAVES:
                    self._pieces.hash_each()
                    continue
                if error.kind != "checksum-mismatch":
                    raise
                if self._piece is not None and not self._pieces.is_as_fingerprinted(self._piece):
                    raise FileChanged(self._pieces.path) from error
                self._failed(error)
            if standing.confirmed > before:
                self._failures = 0
                self._confirmed(standing.confirmed)
        if standing.cid != self._cid:
            raise FingerprintDiffers(self._name)
        self._confirmed(self._pieces.size)
        return Sent(standing.upload_id, standing.cid, recognised, self._repeated)

    def _find(self, upload_id: str) -> Standing:
        """Return where the upload stands, beginning one when there is none."""
        standing: Standing | None = None
        if upload_id:
            try:
                standing = self._uploads.standing(upload_id, self._stop)
            except NotThere:
                standing = None  # expired, or the server was set up anew
        if standing is None:
            standing = self._uploads.create(self._pieces.size, cid=self._cid, name=self._name, stop=self._stop)
        self._began(standing)
        self._confirmed(standing.confirmed)
        return standing

    def _advance(self, standing: Standing) -> Standing:
        most = self._allowance.piece()
        length = self._length if most is None else min(self._length, most)
        piece = self._piece = self._pieces.take(standing.confirmed, length)
        last = piece.offset + len(piece.data) >= self._pieces.size
        started = time.monotonic()
        after = self._uploads.send_piece(
            standing.upload_id,
            piece.offset,
            piece.data,
            piece.digest,
            piece.algorithm,
            last=last,
            allowance=self._allowance,
            stop=self._stop,
        )
        self._length = next_length(self._length, time.monotonic() - started)
        return after

    def _failed(self, error: ServerRefused | ServerUnreachable) -> None:
        """Wait before the next try, or tell the caller when there were too many."""
        self._failures += 1
        lasting = isinstance(error, ServerTrouble) and error.kind == "disk-full"
        if self._failures >= TRIES or lasting:
            raise error
        self._repeated += self._length
        self._length = max(SMALLEST_PIECE, min(FIRST_PIECE, self._length // 2))
        if self._stop.wait(FIRST_WAIT * 2 ** (self._failures - 1)):
            self._stop.raise_if_cancelled()
