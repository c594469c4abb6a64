"""Analytics, stats and events through the running node's HTTP; and who may see what of whom."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from mycelix_studio.node.http.app import specification
from mycelix_studio.node.http.spec import operations
from tests.fixtures.node import NodeProcess, Person, list_song, wait_for

DAY = 86_400


@dataclass
class Stage:
    """Two artists with a song each, a listener of both, and the plays between them."""

    node: NodeProcess
    artist: httpx.Client
    other: httpx.Client
    listener: httpx.Client
    person: Person
    rival: Person
    fan: Person
    song_id: str
    other_song: str
    genre: str


@pytest.fixture(scope="module")
def stage(node: NodeProcess) -> Iterator[Stage]:
    person, rival, fan = Person.new(), Person.new(), Person.new()
    genre = f"genre-{uuid.uuid4().hex[:8]}"
    with person.sign_in(node.url) as artist, rival.sign_in(node.url) as other, fan.sign_in(node.url) as listener:
        song_id = str(list_song(artist, seed=91, genre=genre, title="Mine")["songId"])
        other_song = str(list_song(other, seed=92, genre=genre, strategy="gift-economy", title="Theirs")["songId"])
        _play(listener, song_id, [10, 20, 3 * DAY, 10 * DAY, 40 * DAY])
        _play(listener, other_song, [30, 2 * DAY])
        _play(other, song_id, [50])
        wait_for(lambda: artist.get(f"/api/songs/{song_id}/stats").json()["playCount"], lambda found: found == 6)
        wait_for(lambda: other.get(f"/api/songs/{other_song}/stats").json()["playCount"], lambda found: found == 2)
        yield Stage(node, artist, other, listener, person, rival, fan, song_id, other_song, genre)


def _play(client: httpx.Client, song_id: str, ages: list[int]) -> None:
    now = datetime.now(UTC).timestamp()
    plays = [
        {"songId": song_id, "playId": str(uuid.uuid4()), "duration": 30,
         "playedAt": datetime.fromtimestamp(now - age, UTC).isoformat().replace("+00:00", "Z")} for age in ages
    ]  # fmt: skip
    assert client.post("/api/plays", json={"plays": plays}).json()["accepted"] == len(ages)


def test_a_songs_figures_by_all_their_names(stage: Stage) -> None:
    with stage.node.client() as client:
        row = client.get(f"/api/analytics/songs/{stage.song_id}").json()
    row.pop("daily")
    assert (row["play_count"], row["unique_listeners"], row["avg_play_duration"]) == (6, 2, 30.0)
    assert (row["plays_last_7_days"], row["plays_last_30_days"]) == (4, 5)
    assert row["trending_score"] == 10 * 3 + 5 * 4 + 5
    assert (row["title"], row["genre"], row["strategy"], row["artist_address"]) == (
        "Mine", stage.genre, "pay-per-stream", stage.person.address)  # fmt: skip
    with stage.node.client() as client:
        # Days are folded every 15 seconds.
        daily = wait_for(
            lambda: client.get(f"/api/analytics/songs/{stage.song_id}").json()["daily"],
            lambda found: sum(day["plays"] for day in found) == 5,
        )
    assert all(day["seconds"] == 30 * day["plays"] for day in daily)


def test_an_artists_figures_and_a_listeners(stage: Stage) -> None:
    with stage.node.client() as client:
        row = client.get(f"/api/analytics/artists/{stage.person.address.lower()}").json()
        assert client.get(f"/api/analytics/artists/{Person.new().address}").status_code == 404
    assert (row["total_plays"], row["unique_listeners"], row["total_songs"], row["artist_name"]) == (
        6,
        2,
        1,
        "Ada Lark",
    )
    mine = stage.listener.get(f"/api/analytics/listeners/{stage.fan.address}").json()
    assert (mine["total_plays"], mine["unique_songs_played"], mine["unique_artists"]) == (7, 2, 2)
    assert (mine["favorite_genre"], mine["favorite_strategy"]) == (stage.genre, "pay-per-stream")
    assert (mine["plays_last_7d"], mine["plays_last_30d"], mine["total_spent"]) == (5, 6, "0")


def test_an_artist_sees_of_a_listener_what_concerns_its_own_songs(stage: Stage) -> None:
    path = f"/api/analytics/listeners/{stage.fan.address}"
    mine, theirs = stage.artist.get(path).json(), stage.other.get(path).json()
    assert (mine["total_plays"], mine["unique_artists"], mine["plays_last_7d"]) == (5, 1, 3)
    assert (theirs["total_plays"], theirs["favorite_strategy"]) == (2, "gift-economy")
    with Person.new().sign_in(stage.node.url) as stranger:
        assert stranger.get(path).status_code == 404
    with stage.node.client() as client:
        assert client.get(path).status_code == 401
    with stage.node.operator.sign_in(stage.node.url) as operator:  # type: ignore[attr-defined]
        assert operator.get(path).json()["total_plays"] == 7


def test_lists_of_the_best_hold_both_songs_in_order(stage: Stage) -> None:
    with stage.node.client() as client:
        for path, first in (("trending", "trending_score"), ("popular", "play_count"), ("top-week", "plays_this_week")):
            songs = client.get(f"/api/analytics/songs/{path}", params={"limit": 100}).json()["songs"]
            ids = [song["song_id"] for song in songs]
            assert ids.index(stage.song_id) < ids.index(stage.other_song)
            assert [song[first] for song in songs] == sorted((song[first] for song in songs), reverse=True)
        artists = client.get("/api/analytics/artists/top", params={"limit": 100}).json()["artists"]
        assert {stage.person.address, stage.rival.address} <= {artist["artist_address"] for artist in artists}
        genres = client.get("/api/analytics/genres", params={"limit": 100}).json()["genres"]
        genre = next(row for row in genres if row["genre"] == stage.genre)
        assert (genre["total_songs"], genre["total_artists"], genre["total_plays"], genre["unique_listeners"]) == (
            2,
            2,
            8,
            2,
        )
        week = client.get("/api/analytics/songs/top-week", params={"limit": 100}).json()["songs"]
        song = next(row for row in week if row["song_id"] == stage.song_id)
        assert (song["plays_this_week"], song["unique_listeners_this_week"], song["earnings_this_week"]) == (4, 2, "0")
        listed = client.get("/api/songs", params={"sort": "popular", "genre": stage.genre}).json()
        assert [row["songId"] for row in listed["songs"]] == [stage.song_id, stage.other_song]
        assert [row["playCount"] for row in listed["songs"]] == [6, 2]


def test_the_platforms_totals_agree_with_each_other(stage: Stage) -> None:
    with stage.node.client() as client:
        platform = client.get("/api/analytics/platform").json()
        stats = client.get("/api/stats").json()
    strategies = [platform[name] for name in platform if name.startswith("songs_")]
    assert sum(strategies) == platform["total_songs"] == stats["totalSongs"]
    assert stats["activeStrategies"] == sum(count > 0 for count in strategies)
    assert platform["total_plays"] >= 8
    assert platform["total_volume"] == stats["totalRevenue"]


def test_the_platform_day_by_day_counts_each_listener_once_a_day_and_once_in_the_range(stage: Stage) -> None:
    today = datetime.now(UTC).date()
    with stage.node.client() as client:

        def days(**params: str | int) -> dict[str, Any]:
            return dict(client.get("/api/analytics/platform/days", params=params).raise_for_status().json())

        found = wait_for(lambda: days(days=60), lambda found: found["totals"]["plays"] >= 8)
        by_date = {day["date"]: day for day in found["days"]}
        assert list(by_date) == sorted(by_date)
        assert found["totals"]["plays"] == sum(day["plays"] for day in found["days"])
        assert found["totals"]["new_listeners"] == sum(day["new_listeners"] for day in found["days"])
        assert found["totals"]["listeners"] <= sum(day["listeners"] for day in found["days"])
        assert (found["first"], found["last"]) == ((today - timedelta(days=59)).isoformat(), today.isoformat())
        assert found["first_day"] <= min(by_date)
        # Whoever came on one of several days counts once in all of them, and is new before none of the later ones.
        week = days(days=7)
        assert week["totals"]["listeners"] <= found["totals"]["listeners"]
        before = days(days=53, to=(today - timedelta(days=7)).isoformat())
        assert before["totals"]["plays"] + week["totals"]["plays"] == found["totals"]["plays"]
        assert days(days=1, to="1999-12-31")["days"] == []
        for params in ({"days": 0}, {"days": 3_661}, {"to": "yesterday"}, {"to": "2026-02-31"}):
            assert client.get("/api/analytics/platform/days", params=params).status_code == 422
        months = client.get("/api/analytics/platform/months").json()
        assert months["months"] == []  # this node follows no chain: nothing is paid


def test_a_song_that_changes_genre_or_goes_takes_its_figures_along(stage: Stage) -> None:
    with Person.new().sign_in(stage.node.url) as client:
        old, new = f"genre-{uuid.uuid4().hex[:8]}", f"genre-{uuid.uuid4().hex[:8]}"
        song_id = list_song(client, seed=93, genre=old)["songId"]
        _play(client, song_id, [5, 6])

        def genres() -> dict[str, Any]:
            rows = client.get("/api/analytics/genres", params={"limit": 100}).json()["genres"]
            return {row["genre"]: (row["total_songs"], row["total_plays"], row["unique_listeners"]) for row in rows}

        wait_for(lambda: genres().get(old), lambda found: found == (1, 2, 1))
        client.patch(f"/api/songs/{song_id}", json={"genre": new})
        assert old not in wait_for(genres, lambda found: found.get(new) == (1, 2, 1))
        client.delete(f"/api/songs/{song_id}")
        wait_for(lambda: genres().get(new), lambda found: found == (0, 2, 1))
        assert client.get(f"/api/analytics/songs/{song_id}").status_code == 404
        assert client.get(f"/api/songs/{song_id}/stats").status_code == 404


def test_a_clients_event_is_kept_under_the_account_that_sent_it_or_under_nobody(stage: Stage) -> None:
    name = f"test.{uuid.uuid4().hex[:12]}"
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    event = {"event": name, "properties": {"page": "library"}, "timestamp": now}
    with stage.node.client() as client:
        assert client.post("/api/analytics", json=event).status_code == 204
        named = {**event, "userAddress": stage.person.address}
        assert client.post("/api/analytics", json=named).status_code == 401
    assert stage.other.post("/api/analytics", json=named).status_code == 403
    assert stage.artist.post("/api/analytics", json=named).status_code == 204
    with psycopg.connect(stage.node.environment["MYCELIX_DATABASE_URL"]) as connection:
        rows = connection.execute(
            "SELECT a.address FROM client_events e LEFT JOIN accounts a ON a.id = e.account WHERE event = %s", (name,)
        ).fetchall()
    assert sorted(rows, key=str) == sorted([(None,), (stage.person.address,)], key=str)


PATHS = {
    "song_id": lambda stage: stage.song_id,
    "address": lambda stage: stage.person.address,
    "listener": lambda stage: stage.person.address,
    "nonce": lambda _stage: "1",
    "upload_id": lambda _stage: str(uuid.uuid4()),
    "name": lambda _stage: "trending",
}
SECRET = {"GET /api/sync/changes", "GET /api/songs/{song_id}/plays"}
"""Where an artist's own rows, with listeners, are given out: a stranger must get others, or none."""
GETS = [path for path, method, _operation in operations(specification()) if method == "get"]


@pytest.mark.parametrize("path", GETS)
def test_no_endpoint_shows_one_artist_anothers_listeners(stage: Stage, path: str) -> None:
    """Whatever a stranger asks of an artist's song, page or account, no listener's address is in the answer."""
    filled = path
    for name, value in PATHS.items():
        filled = filled.replace(f"{{{name}}}", value(stage))
    with Person.new().sign_in(stage.node.url) as stranger:
        for params in ({}, {"q": "Mine"}, {"limit": "100"}):
            answer = stranger.get(filled, params={**params, **({"q": "Mine"} if path.endswith("search") else {})})
            assert answer.status_code < 500
            # The rival is also an artist and may stand in public lists; the fan only listens.
            assert stage.fan.address not in answer.text, filled
            if f"GET {path}" in SECRET:
                assert stage.song_id not in answer.text
    own = stage.artist.get(filled)
    if f"GET {path}" in SECRET:
        assert stage.fan.address in own.text
