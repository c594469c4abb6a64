"""Uploads against a real node: pieces, faults on the line, a killed server, damaged pieces, files that change."""

from __future__ import annotations

import hashlib
import os
import signal
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mycelix_studio.api import uploads as uploads_module
from mycelix_studio.api.errors import NotThere, ServerRefused, ServerUnreachable
from mycelix_studio.api.platform import Api
from mycelix_studio.api.shapes import NewSong
from mycelix_studio.api.upload_pieces import FileChanged, FileGone
from mycelix_studio.api.uploads import MIB, Allowance, Bytes, Standing
from mycelix_studio.domain.cid import FileDigest, digest_file
from mycelix_studio.errors import Cancelled
from mycelix_studio.node.embedded import EmbeddedPostgres
from mycelix_studio.services.jobs import CancelToken
from tests.fixtures.line import Line
from tests.fixtures.node import NodeProcess, Person, make_node
from tests.fixtures.postgres import new_database
from tests.integration.api.conftest import api_of


@pytest.fixture(autouse=True)
def _quick_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mycelix_studio.api.uploads.FIRST_WAIT", 0.01)
    monkeypatch.setattr("mycelix_studio.api.client.FIRST_WAIT", 0.01)


@pytest.fixture
def song(tmp_path: Path) -> tuple[Path, FileDigest]:
    """A real WAV of a little more than 6 MiB, unlike every other."""
    path = tmp_path / "Low Lamp – 夜.wav"
    return path, write_wav(path, 6 * MIB + 12_345)


def write_wav(path: Path, size: int) -> FileDigest:
    samples = np.random.default_rng(int.from_bytes(os.urandom(4))).integers(-9_000, 9_000, size // 2, dtype=np.int16)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(samples.tobytes())
    return digest_file(path)


@pytest.fixture
def line(node: NodeProcess) -> Iterator[Line]:
    """A line to the node that can be cut."""
    with Line(node.url) as one:
        yield one


def through(line: Line, node: NodeProcess, person: Person) -> Api:
    """Return a client whose uploads go over the line, while it signs in directly: the node knows its own name only."""
    direct = api_of(node.url, person)
    direct.sign_in()
    token = direct.session.token(lambda path, body: pytest.fail("a token is there"))
    direct.close()
    api = api_of(line.url, person)
    api.session.token = lambda ask: token  # type: ignore[method-assign]
    return api


def test_a_file_arrives_in_pieces_under_the_name_computed_here(
    api: Api, song: tuple[Path, FileDigest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mycelix_studio.api.uploads.LARGEST_PIECE", MIB)
    path, digest = song
    seen: list[int] = []
    begun: list[Standing] = []
    sent = api.uploads.push(path, digest.size, digest.cid, name=path.name, began=begun.append, confirmed=seen.append)
    assert (sent.cid, sent.recognised, sent.repeated) == (digest.cid, False, 0)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, digest.size)
    assert seen == [*range(0, digest.size, MIB), digest.size, digest.size]
    assert [each.upload_id for each in begun] == [sent.upload_id]
    listed = api.songs.create(
        NewSong(title="Low Lamp", artist="Ada Lark", genre="", cid=sent.cid, strategy="pay-per-stream")
    )
    assert listed.content_hash == digest.content_hash


def test_a_line_cut_in_a_piece_costs_at_most_that_piece(
    node: NodeProcess, person: Person, line: Line, song: tuple[Path, FileDigest]
) -> None:
    path, digest = song
    for count in (300_000, 2_000_000, 5_500_000):
        line.at(count)
    api = through(line, node, person)
    sent = api.uploads.push(path, digest.size, digest.cid, name=path.name)
    api.close()
    assert sent.cid == digest.cid
    assert 0 < sent.repeated <= 3 * uploads_module.LARGEST_PIECE
    assert line.connections >= 4


def test_an_answer_that_was_lost_is_recognised(
    node: NodeProcess, person: Person, line: Line, song: tuple[Path, FileDigest]
) -> None:
    path, digest = song
    api = through(line, node, person)
    small = path.with_name("small.wav")
    digest = write_wav(small, MIB // 2)
    standing = api.uploads.create(digest.size, cid=digest.cid, name="small.wav")
    data = small.read_bytes()
    api.uploads.send_piece(standing.upload_id, 0, data, hashlib.sha256(data).digest(), last=True)
    sent = api.uploads.push(small, digest.size, digest.cid, name="small.wav", upload_id=standing.upload_id)
    api.close()
    assert (sent.cid, sent.recognised, sent.upload_id) == (digest.cid, True, standing.upload_id)


def test_a_node_killed_in_mid_upload_goes_on_after_the_last_whole_piece(
    postgres: EmbeddedPostgres, tmp_path: Path, person: Person, song: tuple[Path, FileDigest]
) -> None:
    path, digest = song
    own = make_node(tmp_path / "own", MYCELIX_DATABASE_URL=new_database(postgres), MYCELIX_CHAIN_ID="31337").start()
    own.environment["MYCELIX_PORT"] = own.url.rsplit(":", 1)[1]
    seen: list[int] = []
    stood: list[int] = []

    def began(standing: Standing) -> None:
        stood.append(standing.confirmed)

    try:
        with Line(own.url) as line:
            killed: list[int] = []

            def kill() -> None:
                killed.append(seen[-1])
                own.stop(signal.SIGKILL)
                own.start()

            line.at(3_300_000, kill)
            api = through(line, own, person)
            sent = api.uploads.push(path, digest.size, digest.cid, name=path.name, began=began, confirmed=seen.append)
            api.close()
    finally:
        own.stop()
    assert sent.cid == digest.cid
    assert len(stood) == 2
    assert stood[1] == killed[0] > 0, "it went on where the server had confirmed"


@pytest.mark.parametrize("by_leaves", [False, True])
def test_a_piece_that_arrives_damaged_is_discarded_and_sent_again(
    api: Api, song: tuple[Path, FileDigest], monkeypatch: pytest.MonkeyPatch, by_leaves: bool
) -> None:
    path, digest = song
    whole = uploads_module.Uploads.send_piece
    damaged: list[int] = []

    def damage(self: object, upload_id: str, offset: int, piece: Bytes, *good: object, **more: object) -> Standing:
        if len(damaged) < 2 and offset >= MIB:
            damaged.append(offset)
            piece = bytes([piece[:1][0] ^ 1]) + piece[1:]
        return whole(self, upload_id, offset, piece, *good, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(uploads_module.Uploads, "send_piece", damage)
    leaves = digest.leaves if by_leaves else b""
    sent = api.uploads.push(path, digest.size, digest.cid, name=path.name, leaves=leaves)
    assert len(damaged) == 2
    assert damaged[0] == damaged[1]
    assert sent.cid == digest.cid


def test_pieces_are_checked_by_what_the_fingerprint_was_made_of(
    api: Api, song: tuple[Path, FileDigest], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, digest = song
    algorithms: list[str] = []
    whole = uploads_module.Uploads.send_piece

    def note(
        self: object, upload_id: str, offset: int, piece: Bytes, good: bytes, kind: str, **more: object
    ) -> Standing:
        algorithms.append(kind)
        return whole(self, upload_id, offset, piece, good, kind, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(uploads_module.Uploads, "send_piece", note)
    assert api.uploads.push(path, digest.size, digest.cid, name=path.name, leaves=digest.leaves).cid == digest.cid
    assert set(algorithms) == {"sha256-mib"}


def test_a_file_that_changes_while_it_is_sent_is_told_from_a_damaged_piece(
    api: Api, song: tuple[Path, FileDigest]
) -> None:
    path, digest = song

    def change(confirmed: int) -> None:
        if confirmed >= MIB:
            with path.open("r+b") as file:
                file.seek(5 * MIB)
                file.write(b"other sound")

    with pytest.raises(FileChanged):
        api.uploads.push(path, digest.size, digest.cid, name=path.name, leaves=digest.leaves, confirmed=change)


def test_stopping_keeps_what_is_confirmed_and_going_on_begins_there(api: Api, song: tuple[Path, FileDigest]) -> None:
    path, digest = song
    token = CancelToken()
    began: list[Standing] = []

    def confirmed(size: int) -> None:
        if size >= MIB:
            token.cancel()

    with pytest.raises(Cancelled):
        api.uploads.push(
            path, digest.size, digest.cid, name=path.name, began=began.append, confirmed=confirmed, stop=token
        )
    upload_id = began[0].upload_id
    kept = api.uploads.standing(upload_id).confirmed
    assert kept >= MIB
    again: list[Standing] = []
    sent = api.uploads.push(path, digest.size, digest.cid, name=path.name, upload_id=upload_id, began=again.append)
    assert (again[0].upload_id, again[0].confirmed, sent.cid) == (upload_id, kept, digest.cid)


def test_an_upload_the_server_forgot_begins_anew(api: Api, song: tuple[Path, FileDigest]) -> None:
    path, digest = song
    old = api.uploads.create(digest.size, cid=digest.cid, name=path.name)
    api.uploads.end(old.upload_id)
    api.uploads.end(old.upload_id)
    with pytest.raises(NotThere):
        api.uploads.standing(old.upload_id)
    sent = api.uploads.push(path, digest.size, digest.cid, name=path.name, upload_id=old.upload_id)
    assert sent.cid == digest.cid
    assert sent.upload_id != old.upload_id


def test_a_file_that_shrank_or_vanished_is_told_and_not_published(
    api: Api, song: tuple[Path, FileDigest], tmp_path: Path
) -> None:
    path, digest = song
    with pytest.raises(FileGone) as gone:
        api.uploads.push(tmp_path / "gone.wav", 10, digest.cid, name="gone.wav")
    assert "not where it was" in gone.value.message

    def shrink(size: int) -> None:
        if size >= MIB:
            os.truncate(path, digest.size - 5_000)

    with pytest.raises(FileChanged):
        api.uploads.push(path, digest.size, digest.cid, name=path.name, confirmed=shrink)


def test_a_file_edited_in_place_is_refused_by_its_fingerprint(api: Api, song: tuple[Path, FileDigest]) -> None:
    path, digest = song
    with path.open("r+b") as file:
        file.seek(3 * MIB)
        file.write(b"other sound")
    with pytest.raises(ServerRefused) as caught:
        api.uploads.push(path, digest.size, digest.cid, name=path.name)
    assert caught.value.kind == "cid-mismatch"


def test_a_text_file_named_mp3_is_refused_in_words(api: Api, tmp_path: Path) -> None:
    path = tmp_path / "notes.mp3"
    path.write_text("no music\n" * 500)
    digest = digest_file(path)
    with pytest.raises(ServerRefused) as caught:
        api.uploads.push(path, digest.size, digest.cid, name=path.name)
    assert (caught.value.kind, caught.value.hint) == ("not-audio", "Choose a file that plays, or export it again.")


def test_space_that_is_used_up_is_told(api: Api, tmp_path: Path) -> None:
    with pytest.raises(ServerRefused) as caught:
        api.uploads.create(65 * MIB, cid=digest_file(Path(__file__)).cid, name="big.wav")
    assert caught.value.kind == "quota"


def test_a_server_that_is_gone_is_told_after_some_tries(
    node: NodeProcess, person: Person, song: tuple[Path, FileDigest]
) -> None:
    path, digest = song
    line = Line(node.url)
    api = through(line, node, person)
    line.close()
    with pytest.raises(ServerUnreachable):
        api.uploads.push(path, digest.size, digest.cid, name=path.name)
    api.close()


def test_the_limit_is_shared_and_kept() -> None:
    limit = [1_000_000]
    allowance = Allowance(lambda: limit[0])
    waits = [allowance.seconds(250_000) for _ in range(4)]
    assert waits[0] == 0.0
    assert waits[3] == pytest.approx(0.75, abs=0.05)
    assert allowance.piece() == 7 * uploads_module.SMALLEST_PIECE
    limit[0] = 0
    assert (allowance.seconds(10**9), allowance.piece()) == (0.0, None)
