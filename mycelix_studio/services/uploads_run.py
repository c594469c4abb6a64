"""One upload from file to listed song: check, fingerprint, send, compare, list. May be stopped anywhere and run again."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mycelix_studio.domain.cid import FileDigest, digest_file
from mycelix_studio.domain.clock import now
from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.track import Track
from mycelix_studio.domain.upload import Step, UploadState
from mycelix_studio.errors import Known
from mycelix_studio.services.jobs import CancelToken
from mycelix_studio.services.library import Library
from mycelix_studio.store import uploads
from mycelix_studio.store.connection import Database
from mycelix_studio.store.uploads import Stored

if TYPE_CHECKING:
    from mycelix_studio.api.platform import Api
    from mycelix_studio.api.shapes import Song
    from mycelix_studio.api.uploads import Allowance, Standing

_METADATA: Final = (
    Field.ALBUM, Field.ALBUM_ARTIST, Field.VERSION, Field.DATE, Field.TRACK, Field.DISC, Field.ISRC, Field.ISWC, Field.BARCODE, Field.LABEL,
    Field.COMPOSER, Field.LYRICIST, Field.PRODUCER, Field.LANGUAGE, Field.COPYRIGHT, Field.BPM, Field.KEY, Field.MOOD, Field.EXPLICIT,
)  # fmt: skip
"""Fields the platform keeps beside title, artist, genre and length."""


class DetailMissing(Known):
    """The platform lists no song without this."""


class AnotherAccount(Known):
    """The upload was begun with an account that is not the present one."""

    def __init__(self, address: str) -> None:
        short = f"{address[:6]}…{address[-4:]}"
        super().__init__(
            "This belongs to another account",
            f"It was begun with {short}, and a song belongs to the account that uploads it.",
            "Choose that account in Wallet, or take this off the queue and add it again.",
        )


class EmptyFile(Known):
    """A file of no bytes."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"“{path.name}” is empty", "There is no sound in it.", "Export it again, then try again.")


@dataclass(frozen=True, slots=True)
class Run:
    """What one run works with.

    Attributes:
        database: The cache.
        library: For the track's details and its song.
        api: The server.
        allowance: The limit all uploads share.
        artist_name: Whom a song is listed under when its tags name nobody.
        state: Told each change of state and step, already kept in the cache.
        confirmed: Told the bytes the server has.
    """

    database: Database
    library: Library
    api: Api
    allowance: Allowance
    artist_name: str
    state: Callable[[], None]
    confirmed: Callable[[int], None]

    def upload(self, number: int, token: CancelToken) -> None:
        """Do what is left to do.

        Raises:
            Known: It cannot go on; the caller keeps why. What was done stays done.
            Cancelled: The token was cancelled.
        """
        row = self._check(number)
        token.raise_if_cancelled()
        row, leaves = self._fingerprint(row, token)
        if not (row.step is Step.LIST and row.confirmed == row.size):
            row = self._send(row, token, leaves)
        token.raise_if_cancelled()
        song = self._list(row, token)
        with self.database.write() as db:
            uploads.set_song(db, number, song.song_id)
            uploads.set_state(db, number, UploadState.DONE, now(), step=Step.REGISTER)
        if row.track_id is not None:
            self.library.link_song(row.track_id, song.song_id)
        self.state()

    # the steps ----------------------------------------------------------------------------------------------------------

    def _check(self, number: int) -> Stored:
        row = self._row(number)
        self.api.client.origin()
        account = self.api.session.address
        if row.account and account is not None and row.account != account:
            raise AnotherAccount(row.account)
        self._artist(row)
        status = _status(row.path)
        if status.st_size == 0:
            raise EmptyFile(row.path)
        if (row.size, row.mtime_ns) == (status.st_size, status.st_mtime_ns):
            return row
        if row.confirmed:
            from mycelix_studio.api.upload_pieces import FileChanged

            raise FileChanged(row.path)
        return self._take_file(row, status)

    def _fingerprint(self, row: Stored, token: CancelToken) -> tuple[Stored, bytes]:
        """Return the upload with its fingerprint, and what that was made of unless it was made before a restart."""
        if row.cid:
            return row, b""
        self._enter(row, UploadState.FINGERPRINTING, Step.FINGERPRINT)
        while True:
            digest = self._digest(row, token)
            status = _status(row.path)
            if (row.size, row.mtime_ns) == (status.st_size, status.st_mtime_ns):
                break
            row = self._take_file(row, status)  # it was saved meanwhile: nothing was sent, so begin again
        with self.database.write() as db:
            uploads.set_fingerprint(db, row.id, digest.cid, digest.content_hash)
        if row.track_id is not None:
            self.library.note_content_hash(row.track_id, digest.content_hash.removeprefix("0x"), row.size, row.mtime_ns)
        return self._row(row.id), digest.leaves

    def _digest(self, row: Stored, token: CancelToken) -> FileDigest:
        try:
            return digest_file(row.path, lambda done: token.raise_if_cancelled())
        except OSError as error:
            raise _gone(row.path, error) from error

    def _send(self, row: Stored, token: CancelToken, leaves: bytes) -> Stored:
        self._enter(row, UploadState.SENDING, Step.SEND)
        origin = self.api.client.origin()
        known_here = row.server == origin

        def began(standing: Standing) -> None:
            with self.database.write() as db:
                uploads.set_begun(
                    db,
                    row.id,
                    at_server=standing.upload_id,
                    server=origin,
                    account=self.api.session.address or "",
                    confirmed=standing.confirmed,
                )

        sent = self.api.uploads.push(
            row.path,
            row.size,
            row.cid,
            name=row.path.name,
            upload_id=row.upload_id if known_here else "",
            began=began,
            confirmed=self.confirmed,
            leaves=leaves,
            allowance=self.allowance,
            stop=token,
        )
        with self.database.write() as db:
            uploads.set_sent(db, row.id, recognised=sent.recognised)
        return self._row(row.id)

    def _list(self, row: Stored, token: CancelToken) -> Song:
        from mycelix_studio.api.errors import InTheWay, ServerRefused
        from mycelix_studio.api.shapes import NewSong, SongEdit
        from mycelix_studio.services.strategies_chain import song_id_of

        self._enter(row, UploadState.SENDING, Step.LIST)
        track = self.library.track(row.track_id) if row.track_id is not None else None
        new = NewSong(
            title=_fit(row.title, 300),
            artist=_fit(self._artist(row), 200),
            genre=_fit(track.row.genre if track else "", 100),
            cid=row.cid,
            strategy=row.strategy,
            duration=round(track.audio.seconds) if track and track.audio.seconds >= 1 else None,
            price=None if row.price is None else str(row.price),
            metadata=_metadata(track) if track else {},
        )
        for _ in range(2):
            try:
                return self.api.songs.create(new)
            except InTheWay:
                # It is listed: before an answer got lost, or long ago. Then its details are brought up to date.
                song_id = song_id_of(self.api.session.address or row.account, row.content_hash)
                edit = SongEdit(
                    title=new.title, artist=new.artist, genre=new.genre, duration=new.duration, metadata=new.metadata
                )
                return self.api.songs.change(song_id, edit)
            except ServerRefused as error:
                if "ipfsHash" not in {field for field, _ in error.errors}:
                    raise
                refused = error
            # The server lost the file (set up anew, or cleaned up): send it again, once.
            with self.database.write() as db:
                uploads.set_file(db, row.id, row.size, row.mtime_ns)
            fresh, leaves = self._fingerprint(self._row(row.id), token)
            row = self._send(fresh, token, leaves)
            self._enter(row, UploadState.SENDING, Step.LIST)
        raise refused

    # inside -------------------------------------------------------------------------------------------------------------

    def _row(self, number: int) -> Stored:
        row = uploads.get(self.database.read(), number)
        if row is None:
            from mycelix_studio.errors import Cancelled

            raise Cancelled
        return row

    def _enter(self, row: Stored, state: UploadState, step: Step) -> None:
        with self.database.write() as db:
            uploads.set_state(db, row.id, state, now(), step=step)
        self.state()

    def _take_file(self, row: Stored, status: os.stat_result) -> Stored:
        with self.database.write() as db:
            uploads.set_file(db, row.id, status.st_size, status.st_mtime_ns)
        return self._row(row.id)

    def _artist(self, row: Stored) -> str:
        artist = row.artist.strip() or self.artist_name.strip()
        if not artist:
            raise DetailMissing(
                "No artist",
                f"“{row.title}” has no artist in its tags, and the platform lists every song under one.",
                "Add the artist in Library; this then goes on by itself.",
            )
        return artist


def file_state(path: Path) -> tuple[int, int] | None:
    """Return size and time of a file, None when it cannot be looked at: a run then says so in words."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _status(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        raise _gone(path, error) from error


def _gone(path: Path, error: OSError) -> Known:
    from mycelix_studio.api.upload_pieces import FileGone, why_unreadable

    return FileGone(path, why_unreadable(error))


def _fit(text: str, most: int) -> str:
    clean = text.replace("\x00", "").strip()
    return clean if len(clean) <= most else clean[: most - 1] + "…"


def _metadata(track: Track) -> dict[str, object]:
    """Return what else the tags say, with unsaved edits; several values are joined by ``; ``."""
    found = {field.value: _fit("; ".join(track.value(field)), 500) for field in _METADATA}
    return {name: text for name, text in found.items() if text}
