"""The six analytics views equal the raw SQL, whatever happened and in whatever order it was committed."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from mycelix_studio.node.db import platform_days
from mycelix_studio.node.db.migrations import migrate, migrations
from mycelix_studio.node.embedded import EmbeddedPostgres
from tests.fixtures.analytics_raw import DAYS, RANGE, SONG_DAYS, VIEWS, WAYS
from tests.fixtures.postgres import new_database

pytestmark = pytest.mark.postgres

START = 1_770_000_000
DAY = 86_400
ARTISTS, LISTENERS, SONGS = 3, 5, 6
BEFORE_LISTENERS = 509
"""Number of the last account before the listeners', which lie on both sides of the end of a block of `roll_genre_heard`."""
TABLES = "songs, plays, payments, paid_plays, accounts, artists"
EDGES = [
    0,
    1,
    DAY - 1,
    DAY,
    DAY + 1,
    7 * DAY - 1,
    7 * DAY,
    7 * DAY + 1,
    30 * DAY - 1,
    30 * DAY,
    30 * DAY + 1,
    200 * DAY,
]

step = st.one_of(
    st.tuples(st.just("plays"), st.integers(0, 2**32), st.booleans()),
    st.tuples(st.just("payments"), st.integers(0, 2**32), st.booleans()),
    st.tuples(st.just("vouchers"), st.integers(0, 2**32), st.booleans()),
    st.tuples(st.just("days"), st.just(0), st.just(False)),
    st.tuples(st.just("reorganise"), st.integers(0, 30), st.just(False)),
    st.tuples(st.just("song"), st.integers(0, 2**32), st.booleans()),
    st.tuples(st.just("paid"), st.integers(0, 2**32), st.just(False)),
    st.tuples(
        st.just("advance"), st.sampled_from([0, 1, 59, DAY // 2, DAY, 6 * DAY, 8 * DAY, 31 * DAY]), st.just(False)
    ),
    st.tuples(st.just("commit"), st.just(0), st.just(False)),
)


class _History:
    """Random writes by two connections, one of which commits late; and the clock."""

    def __init__(self, url: str, *, counted: bool = True) -> None:
        self.main = psycopg.connect(url, autocommit=True, options="-c statement_timeout=20000")
        self.late = psycopg.connect(url, options="-c statement_timeout=20000")
        self.now = START
        self.block = 0
        with self.main.transaction():
            self.main.execute(f"TRUNCATE {TABLES} RESTART IDENTITY")  # type: ignore[call-overload]
            if counted:
                self.main.execute("SELECT analytics_reset()")
        for number in [*range(1, ARTISTS + 1), *range(BEFORE_LISTENERS + 1, BEFORE_LISTENERS + LISTENERS + 1)]:
            self.main.execute(
                "INSERT INTO accounts (id, address) OVERRIDING SYSTEM VALUE VALUES (%s, %s)",
                (number, f"0x{number:040x}"),
            )
        # Each artist has two genres and shares both: who is new to an artist need not be new to a genre, nor the other way round.
        for number in range(SONGS):
            self.main.execute(
                "INSERT INTO songs (id, artist, owner, song_id, title, artist_name, genre, content_hash, strategy, listed, created_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, to_timestamp(%s))",
                (number + 1, number % ARTISTS + 1, number % ARTISTS + 1, f"0x{number:064x}", f"T{number}", f"N{number}",
                 ["dub", "folk", ""][number // 2], f"0x{number:064x}", 1 << number % 4, number % 5 != 4, START - EDGES[number * 2] + 0.5),
            )  # fmt: skip

    def close(self) -> None:
        self.late.rollback()
        self.late.close()
        self.main.close()

    def run(self, kind: str, number: int, late: bool) -> None:
        if kind == "advance":
            self.now += number
            self.main.execute("SELECT analytics_advance(%s)", (self.now,))
        elif kind == "days":
            self.main.execute("SELECT analytics_days()")
        elif kind == "commit":
            self.late.commit()
        else:
            dice = random.Random(number)
            getattr(self, f"_{kind}")(self.late if late else self.main, dice, number)

    def _moment(self, dice: random.Random) -> int:
        return self.now - dice.choice(EDGES) + dice.choice([-1, 0, 0, 1, 90])

    def _plays(self, connection: psycopg.Connection, dice: random.Random, _number: int) -> None:
        for _ in range(dice.randint(1, 8)):
            song = dice.randint(1, SONGS)
            connection.execute(
                "INSERT INTO plays (artist, song, listener, play_id, at, seconds)"
                " SELECT owner, id, %s, %s, %s, %s FROM songs WHERE id = %s",
                (BEFORE_LISTENERS + dice.randint(1, LISTENERS), uuid.uuid4(), self._moment(dice), dice.randint(0, 400), song),
            )  # fmt: skip

    def _payments(self, connection: psycopg.Connection, dice: random.Random, _number: int) -> None:
        for index in range(dice.randint(1, 4)):
            self.block += 1
            gross = dice.choice([1, 10**16, 3 * 10**18 + 7, 10**30])
            connection.execute(
                "INSERT INTO payments (artist, chain_id, block, block_time, tx, log_index, item, listener, payee, song, type, strategy,"
                " count, gross, fee, net) VALUES (%s, 1, %s, %s, '0x', %s, 0, %s, 1, %s, %s, %s, 1, %s, %s, %s)",
                (dice.randint(1, ARTISTS), self.block, self._moment(dice), index, BEFORE_LISTENERS + dice.randint(1, LISTENERS),
                 dice.choice([None, *range(1, SONGS + 1)]), dice.choice(["stream", "tip", "reward", "voucher"]),
                 dice.choice([0, 0, 1, 4, 8]), gross, gross // 100, gross - gross // 100),
            )  # fmt: skip

    def _vouchers(self, connection: psycopg.Connection, dice: random.Random, _number: int) -> None:
        self.block += 1
        for position in range(1, dice.randint(2, 4)):
            amount = dice.choice([1, 10**16, 10**30])
            connection.execute(
                "INSERT INTO paid_plays (listener, nonce, position, artist, payee, song, count, amount, at, net)"
                " VALUES (%s, %s, %s, 1, 1, %s, 1, %s, %s, %s)",
                (BEFORE_LISTENERS + dice.randint(1, LISTENERS), self.block, position, dice.choice([None, *range(1, SONGS + 1)]), amount,
                 self._moment(dice), amount - amount // 100),
            )  # fmt: skip

    def _reorganise(self, connection: psycopg.Connection, _dice: random.Random, number: int) -> None:
        connection.execute("DELETE FROM payments WHERE block > %s", (self.block - number,))
        connection.execute("DELETE FROM paid_plays WHERE nonce > %s", (self.block - number,))

    def _song(self, connection: psycopg.Connection, dice: random.Random, _number: int) -> None:
        column, value = dice.choice(
            [
                ("genre", dice.choice(["dub", "folk", "ambient", ""])),
                ("strategy", 1 << dice.randrange(4)),
                ("owner", dice.randint(1, ARTISTS)),
                ("listed", dice.random() < 0.6),
                ("deleted_at", dice.choice([None, datetime.now(UTC)])),
                ("title", "renamed"),
            ]
        )
        # A row that the late connection changed cannot be changed by the other one until it commits.
        self.late.commit() if connection is self.main else None
        query = sql.SQL("UPDATE songs SET {} = %s WHERE id = %s").format(sql.Identifier(column))
        connection.execute(query, (value, dice.randint(1, SONGS)))

    def _paid(self, connection: psycopg.Connection, dice: random.Random, _number: int) -> None:
        connection.execute("UPDATE plays SET paid = 1, xid = current_xid() WHERE key %% 3 = %s", (dice.randrange(3),))


def differences(connection: psycopg.Connection, now: int) -> list[str]:
    """Return the names of the views that differ from their raw queries, with the rows."""
    found = []
    for name, raw in VIEWS.items():
        cursor = connection.execute(raw.encode(), {"now": now})
        columns = [column.name for column in cursor.description or ()]
        expected = cursor.fetchall()
        picked = sql.SQL("SELECT {} FROM {}").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(name)
        )
        actual = connection.execute(picked).fetchall()
        if name != "mv_top_songs_week":
            expected, actual = sorted(expected, key=repr), sorted(actual, key=repr)
        if expected != actual:
            found.append(
                f"{name}: {[row for row in actual if row not in expected]} instead of {[row for row in expected if row not in actual]}"
            )
    return found


def days_differ(connection: psycopg.Connection) -> list[str]:
    """Return what the platform's days, ranges of them and ways to earn say otherwise than the raw SQL."""
    wide = {"first": -1, "last": 10**6}
    pairs = {
        "days": (connection.execute(platform_days.DAYS, wide).fetchall(), connection.execute(DAYS).fetchall()),
        "ways": (
            connection.execute(
                "SELECT day, strategy, net FROM roll_way_day WHERE net <> 0 ORDER BY day, strategy"
            ).fetchall(),
            connection.execute(WAYS).fetchall(),
        ),
    }
    pairs["song days"] = (
        connection.execute(
            "SELECT song, day, plays, seconds, earnings FROM roll_song_day WHERE (plays, earnings) <> (0, 0) ORDER BY 1, 2"
        ).fetchall(),
        [row for row in connection.execute(SONG_DAYS.encode()).fetchall() if (row[2], row[4]) != (0, 0)],
    )
    known = [int(day) for day, *_ in pairs["days"][1]]
    for first in known[::3]:
        for last in known[::4]:
            place = {"first": first, "last": last}
            pairs[f"range {place}"] = (
                connection.execute(platform_days.WHOLE, place).fetchall(),
                connection.execute(RANGE, place).fetchall(),
            )
    return [f"{name}: {found} instead of {wanted}" for name, (found, wanted) in pairs.items() if found != wanted]


@settings(max_examples=25)
@given(steps=st.lists(step, min_size=5, max_size=30))
def test_all_six_views_equal_the_raw_sql_on_any_history(database_once: str, steps: list[tuple[str, int, bool]]) -> None:
    history = _History(database_once)
    try:
        for kind, number, late in steps:
            history.run(kind, number, late)
        history.late.commit()
        history.run("advance", 0, False)
        history.run("days", 0, False)
        assert differences(history.main, history.now) == []
        assert days_differ(history.main) == []
    finally:
        history.close()


@pytest.fixture(scope="module")
def database_once(postgres: EmbeddedPostgres, template: str) -> str:
    return new_database(postgres, template)


def test_a_transaction_that_commits_late_is_not_passed_over(database_once: str) -> None:
    history = _History(database_once)
    try:
        history.run("plays", 1, True)
        history.run("plays", 2, False)
        history.run("advance", 1, False)
        history.run("commit", 0, False)
        history.run("advance", 1, False)
        assert differences(history.main, history.now) == []
        assert history.main.execute("SELECT plays FROM roll_platform").fetchone()[0] > 1  # type: ignore[index]
    finally:
        history.close()


def test_listeners_follow_a_song_to_another_genre(database_once: str) -> None:
    """Those who heard it hear the new genre, and the old one only if another of its songs was heard; whoever owned it then."""
    history = _History(database_once)
    try:
        for number in range(3):
            history.run("plays", number, False)
        history.run("advance", 1, False)
        changes = [
            (1, "genre", "ambient"),
            (2, "genre", "ambient"),
            (1, "genre", "dub"),
            (1, "owner", 2),
            (3, "genre", ""),
        ]
        for number, (song, column, value) in enumerate([*changes, (1, "genre", "folk"), (1, "genre", "ambient")]):
            query = sql.SQL("UPDATE songs SET {} = %s WHERE id = %s").format(sql.Identifier(column))
            history.main.execute(query, (value, song))
            history.run("plays", 10 + number, False)
            history.run("advance", 1, False)
            assert differences(history.main, history.now) == []
    finally:
        history.close()


def test_plays_and_their_listeners_leave_the_windows_one_by_one(database_once: str) -> None:
    """A listener leaves the week with their last play of the song in it, of whichever owner."""
    history = _History(database_once)
    try:
        for number in range(6):
            history.run("plays", number, False)
            history.run("advance", 1, False)
        for number, seconds in enumerate([DAY // 2, DAY, 59, 5 * DAY, 1, DAY // 2, DAY, 16 * DAY, 6 * DAY, 2 * DAY]):
            if number in (0, 7):
                history.main.execute("UPDATE songs SET owner = owner %% 3 + 1 WHERE id <= %s", (SONGS // 2,))
            for part in range(4):
                history.run("plays", 10 * number + part, False)
            history.run("advance", 0, False)
            history.run("advance", seconds, False)
            assert differences(history.main, history.now) == []
    finally:
        history.close()


def test_a_chain_set_back_in_time_begins_the_windows_anew(database_once: str) -> None:
    history = _History(database_once)
    try:
        for number in range(6):
            history.run("plays", number, False)
            history.run("payments", number, False)
        history.run("advance", 40 * DAY, False)
        history.now = START
        history.run("advance", 0, False)
        assert differences(history.main, START) == []
        assert history.main.execute("SELECT as_of FROM roll_platform").fetchone() == (START,)
    finally:
        history.close()


def test_rows_that_came_from_another_server_by_a_dump_are_counted_anew(database_once: str) -> None:
    history = _History(database_once)
    try:
        for number in range(4):
            history.run("plays", number, False)
            history.run("payments", number, False)
        history.run("advance", 5, False)
        # As after a restore from a dump: the other server's transactions had far higher numbers.
        history.main.execute("UPDATE plays SET born = born + 1000000000")
        history.main.execute("UPDATE roll_platform SET horizon = horizon + 1000000000")
        history.run("plays", 9, False)
        history.run("advance", 5, False)
        assert differences(history.main, history.now) == []
    finally:
        history.close()


def test_a_database_of_an_older_node_is_brought_up_to_date(postgres: EmbeddedPostgres) -> None:
    """From before anything was counted: the steps that it lacks are applied to its rows, and all of them count."""
    url = new_database(postgres)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE schema_steps (number int PRIMARY KEY, name text NOT NULL, at timestamptz DEFAULT now())"
        )
        for step in migrations():
            if step.number <= 2:
                connection.execute(step.sql.encode())
                connection.execute("INSERT INTO schema_steps (number, name) VALUES (%s, %s)", (step.number, step.name))
    history = _History(url, counted=False)
    try:
        for number in range(6):
            for kind in ("plays", "payments", "vouchers", "song"):
                history.run(kind, number, False)
        kept = history.main.execute("SELECT count(*) FROM plays").fetchone()
        assert migrate(url) == migrations()[-1].number
        history.run("plays", 9, False)
        history.run("advance", 5, False)
        history.run("days", 0, False)
        assert history.main.execute("SELECT plays > %s FROM roll_platform", kept).fetchone() == (True,)
        assert differences(history.main, history.now) == []
        assert days_differ(history.main) == []
    finally:
        history.close()
