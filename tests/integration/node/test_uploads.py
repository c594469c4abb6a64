"""tus uploads: resumable, checked, named by CID, only audio, never a path of the client's choice."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import socket
import wave
import zipfile
from pathlib import Path

import httpx
import pytest

from mycelix_studio.domain.cid import CidHasher
from mycelix_studio.node.embedded import EmbeddedPostgres
from tests.fixtures.cluster import Cluster, until
from tests.fixtures.node import NodeProcess, Person, audio, make_node, upload
from tests.fixtures.postgres import new_database

TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = {**TUS, "Content-Type": "application/offset+octet-stream"}


def _begin(client: httpx.Client, size: int, name: str = "a.flac") -> str:
    metadata = f"filename {base64.b64encode(name.encode()).decode()}"
    answer = client.post("/api/uploads", headers={**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata})
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"])


def _send(client: httpx.Client, place: str, offset: int, data: bytes, **headers: str) -> httpx.Response:
    return client.patch(place, content=data, headers={**CHUNK, "Upload-Offset": str(offset), **headers})


def _offset(client: httpx.Client, place: str) -> int:
    answer = client.head(place, headers=TUS)
    assert answer.headers["Cache-Control"] == "no-store"
    return int(answer.headers["Upload-Offset"])


def test_an_upload_in_pieces_has_the_name_computed_here(node: NodeProcess) -> None:
    data = audio(3.0, 21)
    hasher = CidHasher()
    hasher.update(data)
    with Person.new().sign_in(node.url) as client:
        place = _begin(client, len(data))
        cut = len(data) // 3
        assert _send(client, place, 0, data[:cut]).status_code == 204
        assert _offset(client, place) == cut
        assert _send(client, place, 0, data).status_code == 409
        last = _send(client, place, cut, data[cut:])
        assert (last.status_code, last.headers["X-Content-Cid"]) == (204, hasher.finish())
        assert _offset(client, place) == len(data)


def _half_a_piece(
    node: NodeProcess, client: httpx.Client, place: str, data: bytes, *, checked: bool = True
) -> socket.socket:
    """Return a connection that announced a piece, sent half of it, and says nothing any more."""
    host, port = node.url.removeprefix("http://").split(":")
    checksum = f"Upload-Checksum: sha256 {base64.b64encode(hashlib.sha256(data).digest()).decode()}\r\n"
    head = (
        f"PATCH {place} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {client.headers['Authorization']}\r\nTus-Resumable: 1.0.0\r\n"
        f"Upload-Offset: 0\r\n{checksum if checked else ''}"
        f"Content-Type: application/offset+octet-stream\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    raw = socket.create_connection((host, int(port)), timeout=20)
    raw.sendall(head.encode() + data[: len(data) // 2])
    # It holds the upload before anybody else asks for that.
    until((Path(node.environment["MYCELIX_DATA_DIR"]) / "uploads" / f"{place.rsplit('/', 1)[1]}.part").exists)
    return raw


def test_a_connection_that_breaks_keeps_what_arrived(node: NodeProcess) -> None:
    data = audio(4.0, 22)
    with Person.new().sign_in(node.url) as client:
        place = _begin(client, len(data))
        cut = len(data) // 2
        _half_a_piece(node, client, place, data, checked=False).close()
        offset = 0
        for _ in range(200):
            offset = _offset(client, place)
            if offset:
                break
        assert 0 < offset <= cut
        assert _send(client, place, offset, data[offset:]).status_code == 204


def test_who_begins_anew_does_not_wait_for_a_request_that_fell_silent(node: NodeProcess) -> None:
    data = audio(4.0, 23)
    with Person.new().sign_in(node.url) as client:
        place = _begin(client, len(data))
        with _half_a_piece(node, client, place, data) as silent:
            answer = _send(client, place, 0, data)
            assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(data)))
            said = silent.recv(4_096)
        assert b"204" in said.split(b"\r\n")[0] and b"upload-offset: 0" in said.lower()
        hasher = CidHasher()
        hasher.update(data)
        assert answer.headers["X-Content-Cid"] == hasher.finish()


def test_nobody_waits_for_ever_for_who_says_nothing(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    names = {"MYCELIX_DATABASE_URL": new_database(postgres), "MYCELIX_CHAIN_ID": "31337"}
    own = make_node(tmp_path / "node", MYCELIX_UPLOAD_SILENCE_SECONDS="0.2", **names).start()
    data = audio(4.0, 24)
    try:
        with Person.new().sign_in(own.url) as client:
            place = _begin(client, len(data))
            with _half_a_piece(own, client, place, data) as silent:
                assert b"upload-offset: 0" in silent.recv(4_096).lower(), "what cannot be checked is not kept"
            assert _send(client, place, 0, data).status_code == 204
    finally:
        assert own.stop() == 0


def test_who_begins_anew_at_another_process_takes_over_and_both_never_write(
    postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    cluster = Cluster(tmp_path, new_database(postgres), {"MYCELIX_CHAIN_ID": "31337", "MYCELIX_DOMAIN": "node.example"})
    data = audio(4.0, 27)
    hasher = CidHasher()
    hasher.update(data)
    try:
        first, second = cluster.api(), cluster.api()
        artist = Person.new()
        with artist.sign_in(first.url, "node.example") as here, artist.sign_in(second.url, "node.example") as there:
            place = _begin(here, len(data))
            # The half that lies at the first process is unlike what the second is sent, and cannot be checked: none of it may stay.
            with _half_a_piece(first, here, place, bytes(len(data))) as silent:
                answer = _send(there, place, 0, data)
                assert (answer.status_code, answer.headers["X-Content-Cid"]) == (204, hasher.finish())
                assert b"upload-offset: 0" in silent.recv(4_096).lower()
            # What the first remembers of a file that the second went on with does not count.
            place = _begin(here, len(data))
            for client, start, end in ((here, 0, 100), (there, 100, 200), (here, 200, len(data))):
                answer = _send(client, place, start, data[start:end])
            assert answer.headers["X-Content-Cid"] == hasher.finish()
            assert here.delete(place, headers=TUS).status_code == 204
        assert not list((tmp_path / "data" / "uploads").iterdir())
    finally:
        cluster.close()


def test_a_node_that_stops_sends_waiting_uploads_away_and_they_go_on_later(
    postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    names = {"MYCELIX_DATABASE_URL": new_database(postgres), "MYCELIX_CHAIN_ID": "31337", "MYCELIX_ROLE": "api"}
    own = make_node(tmp_path / "node", MYCELIX_DOMAIN="node.example", **names).start()
    data = audio(4.0, 28)
    artist = Person.new()
    with artist.sign_in(own.url, "node.example") as client:
        place = _begin(client, len(data))
        with _half_a_piece(own, client, place, data, checked=False) as silent:
            assert own.stop() == 0
            said = silent.recv(4_096)
    assert b"503" in said.split(b"\r\n")[0] and b"retry-after" in said.lower()
    own.start()
    try:
        with artist.sign_in(own.url, "node.example") as client:
            offset = _offset(client, place)
            assert offset <= len(data) // 2
            assert _send(client, place, offset, data[offset:]).status_code == 204
    finally:
        assert own.stop() == 0


def test_a_chunk_with_a_wrong_checksum_is_discarded(node: NodeProcess) -> None:
    data = audio(1.0, 23)
    right = base64.b64encode(hashlib.sha256(data).digest()).decode()
    wrong = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
    with Person.new().sign_in(node.url) as client:
        place = _begin(client, len(data))
        assert _send(client, place, 0, data, **{"Upload-Checksum": f"sha256 {wrong}"}).status_code == 460
        assert _offset(client, place) == 0
        assert _send(client, place, 0, data, **{"Upload-Checksum": "crc32 AAAA"}).status_code == 400
        assert _send(client, place, 0, data, **{"Upload-Checksum": f"sha256 {right}"}).status_code == 204


def test_a_piece_is_checked_by_the_digests_of_its_mibs(node: NodeProcess) -> None:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, 44_100, 0, "NONE", ""))
        file.writeframes(os.urandom(5 << 19))
    data = buffer.getvalue()
    leaves = [hashlib.sha256(data[at : at + (1 << 20)]).digest() for at in range(0, len(data), 1 << 20)]
    assert len(leaves) > 2

    def header(first: int, last: int | None = None) -> dict[str, str]:
        digest = hashlib.sha256(b"".join(leaves[first:last])).digest()
        return {"Upload-Checksum": f"sha256-mib {base64.b64encode(digest).decode()}"}

    with Person.new().sign_in(node.url) as client:
        place = _begin(client, len(data))
        assert _send(client, place, 0, data[: 1 << 20], **header(1, 2)).status_code == 460
        assert _offset(client, place) == 0
        assert _send(client, place, 0, data[: 1 << 20], **header(0, 1)).status_code == 204
        assert _send(client, place, 1 << 20, data[1 << 20 :], **header(1)).status_code == 204
        # Counted from whole MiBs only.
        place = _begin(client, len(data))
        assert _send(client, place, 0, data[:1_000]).status_code == 204
        assert _send(client, place, 1_000, data[1_000:2_000], **header(0)).status_code == 400
        assert _send(client, place, 1_000, data[1_000:]).status_code == 204


def test_the_protocols_refusals(node: NodeProcess) -> None:
    with Person.new().sign_in(node.url) as client:
        place = _begin(client, 100)
        assert client.patch(place, content=b"x", headers={**TUS, "Upload-Offset": "0"}).status_code == 415
        assert client.head(place, headers={"Tus-Resumable": "0.2.2"}).status_code == 412
        assert client.post("/api/uploads", headers={"Upload-Length": "1"}).status_code == 412
        assert client.post("/api/uploads", headers={**TUS, "Upload-Length": "-1"}).status_code == 400
        assert client.post("/api/uploads", headers={**TUS, "Upload-Length": str(2**40)}).status_code == 413
        assert client.post("/api/uploads", headers={**TUS, "Upload-Length": str(65 * 2**20)}).status_code == 413
        assert _send(client, place, 0, bytes(101)).status_code == 413
        assert client.delete(place, headers=TUS).status_code == 204
        assert client.head(place, headers=TUS).status_code == 404
        options = client.options("/api/uploads")
        assert options.headers["Tus-Extension"] == "creation,creation-with-upload,termination,checksum,expiration"


def _bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(20_000_000))
    return target.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"just a text, renamed", b"fLaC" + bytes(2_000), _bomb(), b"\x89PNG\r\n\x1a\n" + bytes(300)],
    ids=["text", "header", "zip", "png"],
)
def test_what_is_not_audio_is_refused_and_removed(node: NodeProcess, data: bytes) -> None:
    with Person.new().sign_in(node.url) as client:
        place = _begin(client, len(data), "song.flac")
        answer = _send(client, place, 0, data)
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:mycelix:problem:not-audio")
        assert client.head(place, headers=TUS).status_code == 404


def test_names_with_path_tricks_name_no_path(node: NodeProcess) -> None:
    data = audio(0.2, 24)
    with Person.new().sign_in(node.url) as client:
        for name in ("../../../../tmp/owned.flac", "C:\\x\\..\\y.flac", "a\nb", "n" * 2_000):
            place = _begin(client, len(data), name)
            assert _send(client, place, 0, data).status_code == 204
        bad = client.post("/api/uploads", headers={**TUS, "Upload-Length": "5", "Upload-Metadata": "filename !!"})
        assert bad.status_code == 400


def test_an_announced_name_must_be_the_right_one(node: NodeProcess) -> None:
    data = audio(0.2, 25)
    with Person.new().sign_in(node.url) as client:
        other = base64.b64encode(b"bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e").decode()
        made = client.post(
            "/api/uploads", headers={**TUS, "Upload-Length": str(len(data)), "Upload-Metadata": f"cid {other}"}
        )
        assert _send(client, made.headers["Location"], 0, data).json()["type"].endswith("cid-mismatch")


@pytest.mark.parametrize(
    ("codec", "container"), [("libmp3lame", "mp3"), ("pcm_s16le", "wav"), ("flac", "ogg"), ("aac", "mp4")]
)
def test_other_containers_are_audio_too(node: NodeProcess, codec: str, container: str) -> None:
    with Person.new().sign_in(node.url) as client:
        assert upload(client, audio(1.0, 26, codec, container), f"a.{container}").startswith("b")


def test_a_small_file_goes_in_one_request(node: NodeProcess) -> None:
    data = audio(0.5, 27)
    hasher = CidHasher()
    hasher.update(data)
    with Person.new().sign_in(node.url) as client:
        answer = client.post("/api/upload/ipfs", files={"file": ("../x.flac", data, "audio/flac")})
        assert answer.status_code == 201, answer.text
        assert answer.json() == {"ipfsHash": hasher.finish(), "url": f"ipfs://{hasher.finish()}"}
        assert client.post("/api/upload/ipfs", files={"file": ("x.flac", b"no", "audio/flac")}).status_code == 422


def test_the_quota_counts_unfinished_uploads(node: NodeProcess) -> None:
    with Person.new().sign_in(node.url) as client:
        _begin(client, 60 * 2**20)
        answer = client.post("/api/uploads", headers={**TUS, "Upload-Length": str(10 * 2**20)})
        assert (answer.status_code, answer.json()["type"]) == (413, "urn:mycelix:problem:quota")


def test_anothers_upload_is_not_there(node: NodeProcess) -> None:
    with Person.new().sign_in(node.url) as client, Person.new().sign_in(node.url) as other:
        place = _begin(client, 50)
        assert other.head(place, headers=TUS).status_code == 404
        assert _send(other, place, 0, b"x").status_code == 404
        assert other.delete(place, headers=TUS).status_code == 404
        assert _offset(client, place) == 0
