"""The client against a real node: sign-in and its renewal, every group, errors in words."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from mycelix_studio.api.client import USER_AGENT, refusal
from mycelix_studio.api.errors import (
    BadAnswer,
    InTheWay,
    NobodySignsIn,
    NotThere,
    ServerRefused,
    ServerUnreachable,
    SignInRefused,
    TooMany,
)
from mycelix_studio.api.platform import Api
from mycelix_studio.api.shapes import ArtistEdit, NewSong, Play, SongEdit
from mycelix_studio.api.sign_in import Signer
from mycelix_studio.domain.clock import rfc3339
from mycelix_studio.domain.wire import PlayPage, SongRecord
from tests.fixtures.node import NodeProcess, Person, audio, make_node, upload
from tests.integration.api.conftest import api_of


def uploaded(node: NodeProcess, person: Person, seed: int = 1) -> str:
    with person.sign_in(node.url) as client:
        return upload(client, audio(0.3, seed))


def new_song(cid: str, **changes: object) -> NewSong:
    fields = {"title": "Low Lamp", "artist": "Ada Lark", "genre": "ambient", "cid": cid, "strategy": "pay-per-stream"}
    return NewSong(**{**fields, **changes})  # type: ignore[arg-type]


class Kept:
    """A store as the keyring is one."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def load(self, name: str) -> str | None:
        return self.values.get(name)

    def save(self, name: str, value: str) -> None:
        self.values[name] = value

    def forget(self, name: str) -> None:
        self.values.pop(name, None)


def test_a_song_is_listed_read_changed_found_and_taken_away(node: NodeProcess, api: Api, person: Person) -> None:
    title = f"Lamp {uuid4().hex}"
    song = api.songs.create(
        new_song(uploaded(node, person), title=title, price=str(10**16), metadata={"isrc": "NOA1B2600001"})
    )
    assert (song.title, song.artist_address, song.price_wei) == (title, person.address, 10**16)
    assert api.songs.get(song.song_id) == song
    assert api.songs.search(title).songs == (song,)
    assert song in api.songs.page(limit=100).songs
    assert api.artists.songs(person.address).songs == (song,)

    changed = api.songs.change(song.song_id, SongEdit(genre="drone"))
    assert (changed.genre, changed.title) == ("drone", title)
    api.songs.delete(song.song_id)
    with pytest.raises(NotThere) as caught:
        api.songs.get(song.song_id)
    assert caught.value.kind == "unknown-song"


def test_the_same_audio_listed_twice_is_in_the_way(node: NodeProcess, api: Api, person: Person) -> None:
    cid = uploaded(node, person)
    api.songs.create(new_song(cid))
    with pytest.raises(InTheWay) as caught:
        api.songs.create(new_song(cid))
    assert (caught.value.kind, caught.value.title) == ("song-exists", "This song is listed already")
    assert caught.value.hint == "Change the song that is there, or delete it first."


def test_fields_that_are_not_valid_are_named(api: Api) -> None:
    with pytest.raises(ServerRefused) as caught:
        api.songs.create(new_song("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", title=""))
    assert caught.value.status == 422
    assert [field for field, _ in caught.value.errors] == ["title"]


def test_plays_are_reported_once_however_often_they_are_sent(node: NodeProcess, api: Api, person: Person) -> None:
    song = api.songs.create(new_song(uploaded(node, person)))
    listener = api_of(node.url, Person.new())
    plays = [
        Play(song_id=song.song_id, play_id=str(uuid4()), played_at=rfc3339(datetime.now(UTC)), duration=181),
        Play(song_id="0x" + "5a" * 32, play_id=str(uuid4()), played_at=rfc3339(datetime.now(UTC)), duration=1),
    ]
    first, second = listener.plays.report(plays), listener.plays.report(plays)
    listener.close()
    assert [result.status for result in first.results] == ["accepted", "refused"]
    assert (second.accepted, second.duplicates) == (0, 1)
    assert [play.duration for play in api.songs.plays(song.song_id).plays] == [181]
    deadline = time.monotonic() + 30  # the node folds new plays into its figures every few seconds
    while api.songs.stats(song.song_id).play_count == 0 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (api.songs.stats(song.song_id).play_count, api.artists.stats(person.address).total_plays) == (1, 1)


def test_the_feed_gives_records_and_then_nothing_new(node: NodeProcess, api: Api, person: Person) -> None:
    song = api.songs.create(new_song(uploaded(node, person)))
    play = Play(song_id=song.song_id, play_id=str(uuid4()), played_at=rfc3339(datetime.now(UTC)), duration=20)
    api.plays.report([play])
    kinds: set[type] = set()
    cursor = ""
    while True:
        feed = api.sync.changes(cursor, limit=1)
        assert feed.page is not None
        kinds |= {type(record) for record in feed.page.records}
        cursor = feed.page.next_cursor
        if not feed.page.more:
            break
    assert {SongRecord, PlayPage} <= kinds
    empty = api.sync.changes(cursor)
    assert empty.page is not None
    assert empty.page.records == ()
    assert empty.etag
    assert api.sync.changes(cursor, etag=empty.etag).page is None


def test_the_feed_travels_compressed(node: NodeProcess, person: Person) -> None:
    with person.sign_in(node.url) as client:
        answer = client.get("/api/sync/changes", headers={"Accept-Encoding": "zstd, gzip"})
    assert answer.headers["Content-Encoding"] == "zstd"
    assert answer.json()["records"] == []


def test_a_cursor_of_somebody_else_is_refused(node: NodeProcess, api: Api, person: Person) -> None:
    api.songs.create(new_song(uploaded(node, person)))
    feed = api.sync.changes()
    assert feed.page is not None
    other = api_of(node.url, Person.new())
    with pytest.raises(ServerRefused) as caught:
        other.sync.changes(feed.page.next_cursor)
    other.close()
    assert caught.value.kind == "bad-cursor"


def test_an_artist_changes_the_own_page_and_no_other(api: Api, person: Person) -> None:
    page = api.artists.change(person.address, ArtistEdit(name="Ada Lark", bio="Tapes."))
    assert (page.name, api.artists.get(person.address).bio) == ("Ada Lark", "Tapes.")
    with pytest.raises(ServerRefused) as caught:
        api.artists.change(Person.new().address, ArtistEdit(name="Mine"))
    assert caught.value.status == 403


def test_strategies_and_status_are_given_without_a_sign_in(node: NodeProcess) -> None:
    api = api_of(node.url)
    assert [strategy.id for strategy in api.strategies.all()] == [
        "pay-per-stream",
        "gift-economy",
        "patronage",
        "auction",
    ]
    assert api.status.health().status == "ok"
    assert api.status.ready().checks["database"].ok
    assert not api.session.signed_in
    api.close()


def test_one_sign_in_serves_many_requests_and_ends_with_sign_out(api: Api, person: Person) -> None:
    signed: list[str] = []
    api.use(Signer(lambda: person.address, lambda text: signed.append(text) or person.sign(text)))  # type: ignore[func-returns-value]
    api.sync.changes()
    api.sync.changes()
    assert len(signed) == 1
    assert api.session.signed_in
    token = api.session.token(lambda path, body: pytest.fail("a token is there"))
    api.sign_out()
    assert not api.session.signed_in
    answer = httpx.get(f"{api.client.origin()}/api/sync/changes", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_a_token_the_server_forgot_is_renewed_unnoticed(api: Api) -> None:
    api.sync.changes()
    token = api.session.token(lambda path, body: pytest.fail("a token is there"))
    httpx.post(f"{api.client.origin()}/api/auth/logout", headers={"Authorization": f"Bearer {token}"})
    assert api.sync.changes().page is not None


def test_a_token_is_renewed_before_it_ends(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api.sync.changes()
    first = api.session.token(lambda path, body: pytest.fail("a token is there"))
    monkeypatch.setattr("mycelix_studio.api.sign_in.RENEW_BEFORE", timedelta(days=1))
    api.sync.changes()
    monkeypatch.undo()
    assert api.session.token(lambda path, body: pytest.fail("a token is there")) != first


def test_another_account_never_uses_the_first_ones_token(node: NodeProcess, api: Api, person: Person) -> None:
    api.sync.changes()
    other = Person.new()
    api.use(Signer(lambda: other.address, other.sign))
    assert not api.session.signed_in
    api.artists.change(other.address, ArtistEdit(name="Other"))


def test_a_kept_sign_in_outlives_the_program(node: NodeProcess, person: Person) -> None:
    kept = Kept()
    first = Api(lambda: node.url, lambda: 31337, kept)
    first.use(Signer(lambda: person.address, person.sign))
    first.sync.changes()
    first.close()
    second = Api(lambda: node.url, lambda: 31337, kept)
    second.use(Signer(lambda: person.address, lambda text: pytest.fail("signed again")))
    second.sync.changes()
    second.sign_out()
    second.close()
    assert kept.values == {}


def test_without_an_account_nobody_signs_in(node: NodeProcess) -> None:
    api = api_of(node.url)
    with pytest.raises(NobodySignsIn) as caught:
        api.sync.changes()
    api.close()
    assert caught.value.hint == "Create or import an account in Wallet."


def test_a_wrong_network_is_refused_with_what_to_do(node: NodeProcess, person: Person) -> None:
    api = Api(lambda: node.url, lambda: 100)
    api.use(Signer(lambda: person.address, person.sign))
    with pytest.raises(SignInRefused) as caught:
        api.sign_in()
    api.close()
    assert (caught.value.kind, caught.value.hint) == ("wrong-chain", "Choose the network of this platform in Settings.")


def test_no_server_is_told_apart_from_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mycelix_studio.api.client.FIRST_WAIT", 0.001)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        api = api_of(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(ServerUnreachable) as caught:
            api.status.health()
    api.close()
    assert "is not running" in caught.value.message
    assert "goes on by itself" in caught.value.hint


def test_a_limit_that_is_reached_says_how_long_to_wait(postgres: object, tmp_path: object) -> None:
    from pathlib import Path

    from tests.fixtures.postgres import new_database

    assert isinstance(tmp_path, Path)
    tight = make_node(
        tmp_path,
        MYCELIX_DATABASE_URL=new_database(postgres),
        MYCELIX_CHAIN_ID="31337",
        MYCELIX_RATE_ANONYMOUS="2/900",  # type: ignore[arg-type]
    ).start()
    api = api_of(tight.url)
    try:
        api.strategies.all()
        api.strategies.all()
        with pytest.raises(TooMany) as caught:
            api.strategies.all()
    finally:
        api.close()
        tight.stop()
    assert 5 < caught.value.retry_after <= 900


def test_answers_of_another_program_are_not_believed(node: NodeProcess, api: Api) -> None:
    page = httpx.Response(200, text="<html>Please log in</html>", request=httpx.Request("GET", node.url))
    with pytest.raises(BadAnswer):
        api.client.decode(page, dict)
    error = refusal(httpx.Response(502, text="<html>Bad gateway</html>", request=httpx.Request("GET", node.url)))
    assert (error.status, error.kind) == (502, "http-502")
    assert USER_AGENT.startswith("MycelixStudio/")
