"""What waits is sent once, in order, and is still there after a restart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mycelix_studio.api.errors import ServerRefused, ServerUnreachable, TooMany
from mycelix_studio.errors import Cancelled, Known
from mycelix_studio.services.changes import ChangeHub, Changes, Kind
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.outbox import Later, Outbox
from mycelix_studio.store.connection import Database
from mycelix_studio.store.migrations import open_database
from mycelix_studio.store.outbox import State


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 6, 14, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


class Post:
    """A handler that sends to a list, or fails as told."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.failures: dict[object, Exception] = {}

    def __call__(self, payload: Mapping[str, Any], _work: Work) -> Changes | None:
        if payload["n"] in self.failures:
            raise self.failures[payload["n"]]
        self.sent.append(payload["n"])
        return Changes.of(Kind.SONGS)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "studio.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def outbox(database: Database, clock: Clock, post: Post) -> Outbox:
    made = Outbox(database, ChangeHub(), clock)
    made.register("post", post)
    return made


def put(outbox: Outbox, *numbers: int, subject: str = "") -> None:
    for number in numbers:
        outbox.put("post", {"n": number}, title=f"Number {number}", subject=subject)


def test_items_go_out_in_order_and_are_gone(outbox: Outbox, post: Post) -> None:
    put(outbox, 1, 2, 3)
    assert outbox.drain(Work()).sent == 3
    assert post.sent == [1, 2, 3] and outbox.items() == () and outbox.next_due() is None


def test_items_outlive_the_program(outbox: Outbox, database: Database, clock: Clock, post: Post) -> None:
    put(outbox, 1)
    again = Outbox(database, ChangeHub(), clock)
    assert again.drain(Work()).sent == 0, "nobody sends this kind yet"
    again.register("post", post)
    assert again.drain(Work()).sent == 1


def test_a_server_that_is_away_holds_back_one_subject_and_waits_longer_each_time(
    outbox: Outbox, post: Post, clock: Clock
) -> None:
    post.failures[1] = ServerUnreachable("music.example")
    put(outbox, 1, 2, subject="song")
    put(outbox, 3)
    done = outbox.drain(Work())
    assert post.sent == [3] and (done.sent, done.refused) == (1, 0)
    waits = []
    for _ in range(12):
        due = outbox.items()[0].next_at
        waits.append((due - clock.at).total_seconds())
        assert outbox.drain(Work()).sent == 0, "not before its time"
        clock.at = due + timedelta(seconds=1)
        outbox.drain(Work())
    assert waits[0] < 6 and waits[3] > 20 and max(waits) <= 1800
    assert outbox.items()[0].attempts == 13
    del post.failures[1]
    clock.at += timedelta(hours=1)
    outbox.drain(Work())
    assert post.sent == [3, 1, 2]


@pytest.mark.parametrize(
    "error", [Later("The song is not on the chain yet.", 90.0), TooMany("too-many", "Slow", "", 90.0)]
)
def test_a_wish_to_wait_is_respected(outbox: Outbox, post: Post, clock: Clock, error: Known) -> None:
    post.failures[1] = error
    put(outbox, 1)
    outbox.drain(Work())
    assert (outbox.items()[0].next_at - clock.at).total_seconds() == 90


def test_what_is_refused_stays_with_its_reason_until_a_person_decides(outbox: Outbox, post: Post, clock: Clock) -> None:
    post.failures[1] = ServerRefused(422, "not-valid", "Not valid", "The genre is too long.")
    put(outbox, 1, 2, subject="song")
    put(outbox, 3)
    assert outbox.drain(Work()).refused == 1
    clock.at += timedelta(days=3)
    assert outbox.drain(Work()).sent == 0
    item = outbox.items()[0]
    assert (item.state, item.problem, item.title) == (State.REFUSED, "The genre is too long.", "Number 1")
    outbox.discard(item.id)
    outbox.drain(Work())
    assert post.sent == [3, 2]
    post.failures[4] = post.failures[1]
    put(outbox, 4)
    outbox.drain(Work())
    del post.failures[4]
    outbox.retry(outbox.items()[0].id)
    outbox.drain(Work())
    assert post.sent == [3, 2, 4]


def test_a_mistake_of_ours_is_kept_and_not_hidden(outbox: Outbox, post: Post) -> None:
    post.failures[1] = ZeroDivisionError()
    put(outbox, 1)
    with pytest.raises(ZeroDivisionError):
        outbox.drain(Work())
    assert outbox.items()[0].state is State.REFUSED


def test_stopping_leaves_the_rest(outbox: Outbox, post: Post) -> None:
    put(outbox, 1, 2)
    work = Work()

    def stop_after_one(payload: Mapping[str, Any], work: Work) -> None:
        post(payload, work)
        work.token.cancel()

    outbox.register("post", stop_after_one)
    with pytest.raises(Cancelled):
        outbox.drain(work)
    assert post.sent == [1] and len(outbox.items()) == 1


def test_everybody_who_must_know_is_told(database: Database, post: Post) -> None:
    hub = ChangeHub()
    told: list[Changes] = []
    hub.subscribe(lambda changes, _who: told.append(changes))
    outbox = Outbox(database, hub)
    outbox.register("post", post)
    woken: list[int] = []
    outbox.on_put(lambda: woken.append(1))
    put(outbox, 1)
    outbox.drain(Work())
    assert woken == [1]
    assert [sorted(changes.kinds) for changes in told] == [[Kind.OUTBOX], [Kind.SONGS], [Kind.OUTBOX]]
