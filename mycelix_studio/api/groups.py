"""The endpoints, one class per group. Every method blocks; errors are those of :meth:`Client.request` unless said otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from mycelix_studio.api.client import NEVER, Client, Stop
from mycelix_studio.api.errors import BadAnswer, ServerTrouble
from mycelix_studio.api.shapes import (
    Artist,
    ArtistEdit,
    ArtistPage,
    ArtistStats,
    Attestation,
    ChainHead,
    Check,
    Health,
    HeldVoucher,
    NewSong,
    Play,
    PlayResults,
    Ready,
    SignedVoucher,
    Song,
    SongEdit,
    SongPage,
    SongPlays,
    SongStats,
    Strategy,
)
from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.domain.wire import SyncPage, page_from_json

Order = Literal["newest", "oldest", "popular", "trending"]

MOST_PLAYS: Final = 1_000
"""Plays in one batch."""


class Songs:
    """``/api/songs``."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def create(self, song: NewSong) -> Song:
        """List a song whose audio this account uploaded.

        Raises:
            InTheWay: This account lists this audio already.
        """
        return self._client.send("POST", "/api/songs", song, Song)

    def page(
        self,
        *,
        page: int = 1,
        limit: int = 100,
        strategy: StrategyName | None = None,
        genre: str | None = None,
        sort: Order = "newest",
    ) -> SongPage:
        """Return a page of songs, at most 100."""
        params = {"page": page, "limit": limit, "strategy": strategy, "genre": genre, "sort": sort}
        return self._client.get("/api/songs", SongPage, params=params)

    def search(self, words: str, *, page: int = 1, limit: int = 20) -> SongPage:
        """Return songs whose title, artist and genre hold all the words."""
        return self._client.get("/api/songs/search", SongPage, params={"q": words, "page": page, "limit": limit})

    def get(self, song_id: str) -> Song:
        """Return a song.

        Raises:
            NotThere: There is none, or it is not listed.
        """
        return self._client.get(f"/api/songs/{song_id}", Song)

    def change(self, song_id: str, edit: SongEdit) -> Song:
        """Change an own song; price, strategy and splits change on chain."""
        return self._client.send("PATCH", f"/api/songs/{song_id}", edit, Song, idempotent=True)

    def delete(self, song_id: str) -> None:
        """Take an own song out of the catalogue; its history stays."""
        self._client.request("DELETE", f"/api/songs/{song_id}", signed=True)

    def stats(self, song_id: str) -> SongStats:
        """Return a song's figures."""
        return self._client.get(f"/api/songs/{song_id}/stats", SongStats)

    def plays(self, song_id: str, *, limit: int = 100, before: int | None = None) -> SongPlays:
        """Return plays of an own song, the last reported first; go on with ``before=answer.next``."""
        params = {"limit": limit, "before": before}
        return self._client.get(f"/api/songs/{song_id}/plays", SongPlays, params=params, signed=True)

    def attestation(self, song_id: str) -> Attestation:
        """Return one's own listens of a gift song, signed, to collect thanks with: ``chain.listener.Listener.claim_rewards``.

        Raises:
            InTheWay: The song is no gift, another one counts its listens, or there is none yet.
        """
        return self._client.get(f"/api/songs/{song_id}/attestation", Attestation, signed=True)


class Plays:
    """``/api/plays``."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def report(self, plays: Sequence[Play], stop: Stop = NEVER) -> PlayResults:
        """Report up to 1,000 plays; each is accepted, known already, or refused on its own. May be repeated without harm."""
        return self._client.send("POST", "/api/plays", {"plays": list(plays)}, PlayResults, idempotent=True, stop=stop)


class Vouchers:
    """``/api/vouchers``."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def bring(self, voucher: SignedVoucher) -> HeldVoucher:
        """Bring a listener's signed plays, with the song-by-song list. May be repeated without harm.

        Raises:
            InTheWay: Another voucher of this listener has this number.
        """
        return self._client.send("POST", "/api/vouchers", voucher, HeldVoucher, idempotent=True)


class Artists:
    """``/api/artists``."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def page(self, *, page: int = 1, limit: int = 100) -> ArtistPage:
        """Return a page of artists, at most 100."""
        return self._client.get("/api/artists", ArtistPage, params={"page": page, "limit": limit})

    def get(self, address: str) -> Artist:
        """Return an artist's page.

        Raises:
            NotThere: Nobody by this address.
        """
        return self._client.get(f"/api/artists/{address}", Artist)

    def change(self, address: str, edit: ArtistEdit) -> Artist:
        """Change one's own page."""
        return self._client.send("PATCH", f"/api/artists/{address}", edit, Artist, idempotent=True)

    def songs(self, address: str, *, page: int = 1, limit: int = 100) -> SongPage:
        """Return an artist's songs, newest first."""
        return self._client.get(f"/api/artists/{address}/songs", SongPage, params={"page": page, "limit": limit})

    def stats(self, address: str) -> ArtistStats:
        """Return an artist's figures."""
        return self._client.get(f"/api/artists/{address}/stats", ArtistStats)


class Strategies:
    """``/api/strategies``."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def all(self) -> tuple[Strategy, ...]:
        """Return the four ways to earn, with contracts and presets."""
        return self._client.get("/api/strategies", tuple[Strategy, ...])


@dataclass(frozen=True, slots=True)
class Feed:
    """One answer of the sync feed.

    Attributes:
        page: The changes; None when nothing changed since the answer whose etag was sent (304).
        etag: To send with the next question of the same cursor.
        head: How far the server has read the chain, None when it did not say.
        size: Bytes of JSON, after decompression.
    """

    page: SyncPage | None
    etag: str
    head: ChainHead | None
    size: int


class _Head(msgspec.Struct, frozen=True):
    chain: ChainHead | None = None


class Sync:
    """``/api/sync``."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def changes(self, cursor: str = "", limit: int = 5_000, *, etag: str = "", stop: Stop = NEVER) -> Feed:
        """Return what changed for the signed-in artist after a cursor, in commit order; compressed with zstd on the way.

        Args:
            cursor: ``next_cursor`` of the page before, empty to begin.
            limit: Rows of the page at most.
            etag: Of the last answer to this cursor; then nothing new comes back as ``page=None``.
            stop: Ends waiting between two tries.

        Raises:
            NotThere: 410, the cursor belongs to another database: begin again without one.
            ServerRefused: 400 ``bad-cursor``, it is another account's: the same.
            BadAnswer: The page cannot be read.
        """
        headers = {"Accept-Encoding": "zstd, gzip"} | ({"If-None-Match": etag} if etag else {})
        params = {"cursor": cursor or None, "limit": limit}
        answer = self._client.request(
            "GET", "/api/sync/changes", params=params, headers=headers, signed=True, read_seconds=60.0, stop=stop
        )
        tag = answer.headers.get("ETag", "")
        if answer.status_code == 304:
            return Feed(None, tag or etag, None, 0)
        try:
            data = msgspec.json.decode(answer.content)
            page = page_from_json(data)
            head = msgspec.convert(data, _Head).chain
        except (ValueError, AttributeError) as error:  # msgspec's errors are ValueErrors
            raise BadAnswer(answer.url.netloc.decode(), str(error)) from error
        return Feed(page, tag, head, len(answer.content))


class Status:
    """``/health`` and ``/ready``."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def health(self) -> Health:
        """Return that the server's process lives, and its version."""
        return self._client.get("/health", Health)

    def ready(self) -> Ready:
        """Return whether the server can serve; a server that cannot is an answer here, not an error."""
        try:
            return self._client.decode(self._client.request("GET", "/ready", idempotent=False), Ready)
        except ServerTrouble as error:
            if error.status != 503:
                raise
            return Ready("not-ready", {"server": Check(False, 0.0, error.message)})
