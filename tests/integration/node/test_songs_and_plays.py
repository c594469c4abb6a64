"""Songs and plays through the running node's HTTP."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from mycelix_studio.domain import wire
from tests.fixtures.node import NodeProcess, Person, audio, list_song, upload, wait_for


def _play(song_id: str, **changes: object) -> dict[str, object]:
    return {
        "songId": song_id,
        "playId": str(uuid.uuid4()),
        "playedAt": "2026-01-02T03:04:05Z",
        "duration": 31,
        **changes,
    }


def test_a_song_is_listed_found_changed_and_taken_away(node: NodeProcess) -> None:
    artist = Person.new()
    with artist.sign_in(node.url) as client:
        song = list_song(client, seed=11, title="Zephyrine Lamp", genre="dub")
        song_id = song["songId"]
        assert song["artistAddress"] == artist.address
        assert client.get(f"/api/songs/{song_id}").json() == song
        assert [
            found["songId"] for found in client.get("/api/songs/search", params={"q": "zephyrine"}).json()["songs"]
        ] == [song_id]
        assert client.get("/api/songs", params={"genre": "DUB"}).json()["pagination"]["total"] == 1
        again = client.post(
            "/api/songs", json={k: song[k] for k in ("title", "artist", "genre", "ipfsHash", "strategy")}
        )
        assert again.status_code == 409
        changed = client.patch(f"/api/songs/{song_id}", json={"title": "New name", "metadata": {"mood": "late"}}).json()
        assert (changed["title"], changed["metadata"], changed["genre"]) == ("New name", {"mood": "late"}, "dub")
        assert client.get(f"/api/artists/{artist.address.lower()}/songs").json()["songs"][0]["title"] == "New name"
        assert client.delete(f"/api/songs/{song_id}").status_code == 204
        assert client.get(f"/api/songs/{song_id}").status_code == 404
        assert client.get("/api/sync/changes").json()["records"][0]["deleted"] is True


def test_a_song_needs_audio_of_its_own_and_whole_splits(node: NodeProcess) -> None:
    with Person.new().sign_in(node.url) as client, Person.new().sign_in(node.url) as other:
        cid = upload(client, audio(0.2, 12))
        body = {"title": "T", "artist": "A", "genre": "g", "ipfsHash": cid, "strategy": "patronage"}
        refused = other.post("/api/songs", json=body)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "ipfsHash")
        share = {"recipient": Person.new().address, "basisPoints": 9_000, "role": "artist"}
        assert client.post("/api/songs", json={**body, "splits": [share]}).json()["errors"][0]["field"] == "splits"
        wrong = {**share, "recipient": share["recipient"].swapcase().replace("0X", "0x")}
        assert (
            client.post("/api/songs", json={**body, "splits": [wrong]}).json()["errors"][0]["field"]
            == "splits.0.recipient"
        )
        assert (
            client.post("/api/songs", json={**body, "songId": "0x" + "0" * 64}).json()["errors"][0]["field"] == "songId"
        )
        assert client.post("/api/songs", json={**body, "splits": [{**share, "basisPoints": 10_000}]}).status_code == 201


def test_plays_are_taken_once_each_on_its_own(node: NodeProcess) -> None:
    artist, listener = Person.new(), Person.new()
    with artist.sign_in(node.url) as client, listener.sign_in(node.url) as player:
        song_id = list_song(client, seed=13)["songId"]
        good = [_play(song_id) for _ in range(3)]
        future = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        bad = [
            (_play("0x" + "ab" * 32), "unknown song"),
            (_play(song_id, playedAt=future), "played in the future"),
            (_play(song_id, playedAt="yesterday"), "not an RFC 3339 time"),
            (_play(song_id, playedAt="1999-01-01T00:00:00Z"), "played before 2009"),
            (_play(song_id, duration=-1), "duration is negative or longer than a day"),
            (_play(song_id, listener=artist.address), "the listener is not the signed-in account"),
        ]
        answer = player.post("/api/plays", json={"plays": [*good, *(play for play, _why in bad)]}).json()
        assert (answer["accepted"], answer["duplicates"], answer["refused"]) == (3, 0, 6)
        assert [result["reason"] for result in answer["results"][3:]] == [why for _play, why in bad]
        again = player.post("/api/plays", json={"plays": [*good, {**good[0], "duration": 1}, good[1]]}).json()
        assert [result["status"] for result in again["results"]] == ["duplicate"] * 3 + ["refused", "duplicate"]
        assert player.post(f"/api/songs/{song_id}/play", json={"duration": 9}).status_code == 200
        page = wire.page_from_json(client.get("/api/sync/changes").json())
        plays = next(record for record in page.records if isinstance(record, wire.PlayPage))
        assert len(plays.key) == 4
        assert set(plays.listeners) == {listener.address}
        stats = wait_for(
            lambda: client.get(f"/api/artists/{artist.address}/stats").json(), lambda found: found["totalPlays"] == 4
        )
        assert (stats["totalPlays"], stats["uniqueListeners"], stats["totalEarnings"]) == (4, 1, "0")
        assert client.get(f"/api/songs/{song_id}/stats").json()["playCount"] == 4
        rows = client.get(f"/api/songs/{song_id}/plays", params={"limit": 2}).json()
        rest = client.get(f"/api/songs/{song_id}/plays", params={"before": rows["next"]}).json()
        assert len({play["playId"] for play in rows["plays"] + rest["plays"]}) == 4


def test_an_operator_reports_for_any_listener(node: NodeProcess) -> None:
    with Person.new().sign_in(node.url) as client, node.operator.sign_in(node.url) as operator:  # type: ignore[attr-defined]
        song_id = list_song(client, seed=14)["songId"]
        listeners = [Person.new().address for _ in range(5)]
        answer = operator.post("/api/plays", json={"plays": [_play(song_id, listener=who) for who in listeners]}).json()
        assert answer["accepted"] == 5
        wait_for(lambda: client.get(f"/api/songs/{song_id}/stats").json()["uniqueListeners"], lambda found: found == 5)


def test_a_duplicate_within_one_batch_is_taken_once(node: NodeProcess) -> None:
    with Person.new().sign_in(node.url) as client:
        song_id = list_song(client, seed=15)["songId"]
        play = _play(song_id)
        answer = client.post("/api/plays", json={"plays": [play, play]}).json()
        assert (answer["accepted"], answer["duplicates"]) == (1, 1)


def test_bodies_that_are_no_batch_name_the_field(node: NodeProcess) -> None:
    with Person.new().sign_in(node.url) as client:
        for body, status in (
            (b"{", 400),
            (b"[]", 422),
            (b'{"plays":[]}', 422),
            (b'{"plays":[{"songId":1}]}', 422),
            (b"\xff", 400),
            (b"[" * 5_000, 422),
        ):
            answer = client.post("/api/plays", content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code == status, answer.text
            assert answer.headers["content-type"] == "application/problem+json"


def test_the_feed_goes_on_after_its_cursor_and_says_when_nothing_is_new(node: NodeProcess) -> None:
    with Person.new().sign_in(node.url) as client:
        song_id = list_song(client, seed=16)["songId"]
        client.post("/api/plays", json={"plays": [_play(song_id) for _ in range(25)]})
        keys: list[int] = []
        cursor = ""
        for _ in range(20):
            page = wire.page_from_json(client.get("/api/sync/changes", params={"cursor": cursor, "limit": 4}).json())
            keys += [key for record in page.records if isinstance(record, wire.PlayPage) for key in record.key]
            cursor = page.next_cursor
            if not page.more:
                break
        assert len(keys) == len(set(keys)) == 25
        quiet = client.get("/api/sync/changes", params={"cursor": cursor})
        assert quiet.json()["records"] == []
        unchanged = client.get(
            "/api/sync/changes", params={"cursor": cursor}, headers={"If-None-Match": quiet.headers["ETag"]}
        )
        assert unchanged.status_code == 304
        packed = client.get("/api/sync/changes", headers={"Accept-Encoding": "zstd"})
        assert packed.headers["Content-Encoding"] == "zstd"
        assert packed.json()["records"][0]["song_id"] == song_id


def test_anothers_cursor_and_a_forged_one_are_refused(node: NodeProcess) -> None:
    with Person.new().sign_in(node.url) as client, Person.new().sign_in(node.url) as other:
        list_song(client, seed=17)
        cursor = client.get("/api/sync/changes").json()["next_cursor"]
        for who, forged in ((other, cursor), (client, cursor[:-3] + "AAA"), (client, "A" * len(cursor)), (client, "%")):
            answer = who.get("/api/sync/changes", params={"cursor": forged})
            assert answer.status_code in {400, 410}, answer.text
        assert other.get("/api/sync/changes").json()["records"] == []
