"""A listener: signs in at a Mycelix node, looks for songs, fetches audio and reports plays."""

from __future__ import annotations

import sys
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from eth_account import Account
from eth_account.messages import encode_defunct


class Listener:
    """One listener at one node.

    Args:
        server: Address of the node, such as ``https://music.example``.
        key: Private key, 0x + 64 hex; a new account when left out.
        chain_id: Chain of the node.
    """

    def __init__(self, server: str, key: str | None = None, chain_id: int = 100) -> None:
        self._account = Account.from_key(key) if key else Account.create()
        self._server = server.rstrip("/")
        self._chain_id = chain_id
        self._client = httpx.Client(base_url=self._server, timeout=30)

    @property
    def address(self) -> str:
        """The listener's address."""
        return str(self._account.address)

    def sign_in(self) -> None:
        """Sign in with Ethereum (ERC-4361); later calls carry the token."""
        nonce = self._json(self._client.post("/api/auth/nonce", json={"address": self.address}))["nonce"]
        domain = urlsplit(self._server).netloc
        issued = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        message = (
            f"{domain} wants you to sign in with your Ethereum account:\n{self.address}\n\nSign in to listen.\n\n"
            f"URI: {self._server}/\nVersion: 1\nChain ID: {self._chain_id}\nNonce: {nonce}\nIssued At: {issued}"
        )
        signature = "0x" + self._account.sign_message(encode_defunct(text=message)).signature.hex()
        answer = self._json(self._client.post("/api/auth/verify", json={"message": message, "signature": signature}))
        self._client.headers["Authorization"] = f"Bearer {answer['token']}"

    def songs(self, limit: int = 20) -> list[Song]:
        """Return the newest songs."""
        page = self._json(self._client.get("/api/songs", params={"limit": limit, "sort": "newest"}))
        return [Song(each["songId"], each["title"], each["artist"], each["duration"] or 0) for each in page["songs"]]

    def may_hear(self, song: Song) -> bool:
        """Tell whether the node lets this listener hear a song now."""
        return self._client.head(f"/api/songs/{song.song_id}/audio").is_success

    def audio(self, song: Song, first: int = 0, last: int = 65_535) -> bytes:
        """Return a range of a song's audio; the node checks that its way to earn lets you hear it."""
        answer = self._client.get(f"/api/songs/{song.song_id}/audio", headers={"Range": f"bytes={first}-{last}"})
        answer.raise_for_status()
        return answer.content

    def report(self, play: Play) -> str:
        """Report a play and return what became of it: accepted, duplicate or refused.

        It counts once however often it is sent: after a lost answer send the same play again.
        """
        answer = self._json(self._client.post("/api/plays", json={"plays": [play.as_sent()]}))
        return str(answer["results"][0]["status"])

    def plays(self, song: Song) -> int:
        """Return how often a song was played."""
        return int(self._json(self._client.get(f"/api/songs/{song.song_id}"))["playCount"])

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @staticmethod
    def _json(answer: httpx.Response) -> Any:
        """Return the body, or raise with the node's own words: errors are RFC 9457 problems."""
        if answer.is_error:
            problem = answer.json()
            raise RuntimeError(f"{problem.get('title')}: {problem.get('detail', '')}")
        return answer.json()


@dataclass(frozen=True, slots=True)
class Song:
    """A song as a listener sees it; ``seconds`` is its length."""

    song_id: str
    title: str
    artist: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Play:
    """A song as it was heard: its id and its moment stay the same however often it is reported."""

    song_id: str
    seconds: int
    play_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    played_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def as_sent(self) -> dict[str, str | int]:
        """Return it as the node reads it."""
        at = self.played_at.isoformat().replace("+00:00", "Z")
        return {"songId": self.song_id, "playId": self.play_id, "playedAt": at, "duration": self.seconds}


def main(server: str) -> None:
    """Play the newest song."""
    listener = Listener(server)
    try:
        listener.sign_in()
        for song in listener.songs(1):
            heard = len(listener.audio(song)) if listener.may_hear(song) else 0
            print(f"{song.title} by {song.artist}: {heard:,} bytes heard")
            print(listener.report(Play(song.song_id, song.seconds)))
    finally:
        listener.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "{{SERVER}}")
