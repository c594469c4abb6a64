"""Playback: whole and by range, to whoever the song's strategies let in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from mycelix_studio.node.stores.folder import FolderStore
from tests.fixtures.node import NodeProcess, Person, audio, families, list_song


@pytest.fixture(scope="module")
def artist(node: NodeProcess) -> Iterator[httpx.Client]:
    with Person.new().sign_in(node.url) as client:
        yield client


@pytest.fixture(scope="module")
def gift(artist: httpx.Client) -> str:
    return str(list_song(artist, seed=61, strategy="gift-economy")["songId"])


def test_a_gift_is_open_to_everybody_whole_and_by_range(node: NodeProcess, gift: str) -> None:
    data = audio(0.3, 61)
    with node.client() as client:
        whole = client.get(f"/api/songs/{gift}/audio")
        assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, data, "audio/flac")
        head = client.head(f"/api/songs/{gift}/audio")
        assert (head.headers["content-length"], head.headers["accept-ranges"], head.content) == (
            str(len(data)),
            "bytes",
            b"",
        )
        for text, start, end in (
            ("bytes=0-99", 0, 100),
            ("bytes=100-", 100, len(data)),
            ("bytes=-50", len(data) - 50, len(data)),
            ("bytes=10-9999999", 10, len(data)),
            ("bytes=-9999999", 0, len(data)),
        ):
            part = client.get(f"/api/songs/{gift}/audio", headers={"Range": text})
            assert (part.status_code, part.content) == (206, data[start:end])
            assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{len(data)}"
        for odd in ("bytes=5-1", "bytes=0-1,5-9", "lines=1-2", "bytes=-", "nonsense"):
            assert client.get(f"/api/songs/{gift}/audio", headers={"Range": odd}).status_code == 200
        beyond = client.get(f"/api/songs/{gift}/audio", headers={"Range": f"bytes={len(data)}-"})
        assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(data)}")
        tag = whole.headers["etag"]
        assert client.get(f"/api/songs/{gift}/audio", headers={"If-None-Match": tag}).status_code == 304
        stale = client.get(f"/api/songs/{gift}/audio", headers={"Range": "bytes=0-9", "If-Range": '"another"'})
        assert (stale.status_code, len(stale.content)) == (200, len(data))


def test_a_song_with_a_price_is_its_owners_until_it_is_paid(node: NodeProcess, artist: httpx.Client) -> None:
    song_id = list_song(artist, seed=62)["songId"]
    with node.client() as anonymous, Person.new().sign_in(node.url) as listener:
        assert artist.get(f"/api/songs/{song_id}/audio").status_code == 200
        assert anonymous.get(f"/api/songs/{song_id}/audio").status_code == 401
        refused = listener.get(f"/api/songs/{song_id}/audio")
        assert (refused.status_code, refused.json()["type"]) == (402, "urn:mycelix:problem:no-access")


def test_a_stream_that_costs_nothing_is_open(node: NodeProcess, artist: httpx.Client) -> None:
    song_id = list_song(artist, seed=63, price="0")["songId"]
    with node.client() as anonymous:
        assert anonymous.get(f"/api/songs/{song_id}/audio").status_code == 200


def test_a_name_alone_plays_nobody_elses_audio(node: NodeProcess, artist: httpx.Client) -> None:
    """A song may be listed by the hash of audio that lies elsewhere; that must not open another artist's file."""
    victim = list_song(artist, seed=64)
    with Person.new().sign_in(node.url) as thief:
        body = {"title": "T", "artist": "A", "genre": "g", "strategy": "gift-economy", "ipfsHash": victim["ipfsHash"],
                "contentHash": victim["contentHash"]}  # fmt: skip
        stolen = thief.post("/api/songs", json=body).json()["songId"]
        answer = thief.get(f"/api/songs/{stolen}/audio")
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:mycelix:problem:unknown-audio")


def test_damaged_audio_is_never_played(node: NodeProcess, artist: httpx.Client) -> None:
    song = list_song(artist, seed=66, strategy="gift-economy")
    cid, path = str(song["ipfsHash"]), f"/api/songs/{song['songId']}/audio"
    file = FolderStore(Path(node.environment["MYCELIX_DATA_DIR"]) / "audio").path(cid)
    good = file.read_bytes()
    with (
        psycopg.connect(node.environment["MYCELIX_DATABASE_URL"], autocommit=True) as database,
        node.client() as client,
    ):
        for older in (False, True):
            if older:
                # As an older node kept it: the digests are made when it is played, from bytes that have their name.
                database.execute("UPDATE objects SET leaves = '' WHERE cid = %s", (cid,))
            for bad in (bytes([good[0] ^ 1]) + good[1:], good[:-1] + bytes([good[-1] ^ 128]), good[:-1]):
                file.write_bytes(bad)
                for headers in ({}, {"Range": "bytes=5-99"}):
                    answer = client.get(path, headers=headers)
                    assert (answer.status_code, answer.json()["type"]) == (503, "urn:mycelix:problem:audio-damaged")
            file.write_bytes(good)
            assert client.get(path).content == good
            assert client.get(path, headers={"Range": "bytes=5-99"}).content == good[5:100]
        (kept,) = database.execute("SELECT leaves FROM objects WHERE cid = %s", (cid,)).fetchall()
    assert kept == (hashlib.sha256(good).digest(),)
    assert families(node)["mycelix_audio_damaged"].samples[0].value == 12


def test_a_song_taken_away_plays_no_more(artist: httpx.Client) -> None:
    song_id = list_song(artist, seed=65, strategy="gift-economy")["songId"]
    artist.delete(f"/api/songs/{song_id}")
    assert artist.get(f"/api/songs/{song_id}/audio").status_code == 404
