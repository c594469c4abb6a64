"""The feed misses nothing: eight writers commit in whatever order, one of them very late, while a reader follows in small pages."""

from __future__ import annotations

import asyncio
import random
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from mycelix_studio.node.db import feed
from mycelix_studio.node.db.feed import Position

pytestmark = pytest.mark.postgres

WRITERS = 8
ROUNDS = 25
Key = tuple[str, int]


def opened(url: str) -> tuple[int, int]:
    """Make an artist with a song and return their numbers."""
    with psycopg.connect(url) as connection:
        address = "0x" + "ab" * 20
        artist = connection.execute("INSERT INTO accounts (address) VALUES (%s) RETURNING id", (address,)).fetchone()
        assert artist is not None
        song = connection.execute(
            "INSERT INTO songs (artist, song_id, owner, content_hash) VALUES (%s, %s, %s, '') RETURNING id",
            (artist[0], "0x" + "5a" * 32, artist[0]),
        ).fetchone()
        assert song is not None
    return int(artist[0]), int(song[0])


class Writer:
    """Writes plays and payments in transactions of any length; a part of them is rolled back, a part changes former rows."""

    def __init__(self, url: str, artist: int, song: int, seed: int) -> None:
        self.url, self.artist, self.song = url, artist, song
        self.dice = random.Random(seed)
        self.committed: set[Key] = set()
        self.number = seed * 1_000_000

    def run(self, hold: threading.Event | None = None) -> None:
        """Write all rounds; with ``hold`` the first transaction is only committed once it is set."""
        with psycopg.connect(self.url) as connection:
            for turn in range(ROUNDS):
                fresh = {self._row(connection) for _ in range(self.dice.randint(1, 12))}
                if self.committed and self.dice.random() < 0.3:
                    kind, key = self.dice.choice(sorted(self.committed))
                    if kind == "play":
                        connection.execute("UPDATE plays SET paid = 1, xid = current_xid() WHERE key = %s", (key,))
                if turn == 0 and hold is not None:
                    assert hold.wait(60)
                if self.dice.random() < 0.15:
                    connection.rollback()
                else:
                    connection.commit()
                    self.committed |= fresh

    def _row(self, connection: psycopg.Connection[tuple[object, ...]]) -> Key:
        self.number += 1
        if self.dice.random() < 0.7:
            kind = "play"
            row = connection.execute(
                "INSERT INTO plays (artist, song, listener, play_id, at, seconds) VALUES (%s, %s, %s, %s, 1, 1) RETURNING key",
                (self.artist, self.song, self.artist, uuid.uuid4()),
            ).fetchone()
        else:
            kind = "payment"
            row = connection.execute(
                "INSERT INTO payments (artist, chain_id, block, block_time, tx, log_index, item, listener, payee, type, count, gross, fee,"
                " net) VALUES (%s, 1, %s, 1, '0x', 0, 0, %s, 1, 'tip', 1, 1, 0, 1) RETURNING key",
                (self.artist, self.number, self.artist),
            ).fetchone()
        assert row is not None
        return kind, int(str(row[0]))


async def follow(url: str, artist: int, done: threading.Event) -> tuple[list[Key], list[Position]]:
    """Read pages of 16 until the writers are done and nothing is left; return what was read, and where each row stood."""
    seen: list[Key] = []
    places: list[Position] = []
    after = Position()
    async with await psycopg.AsyncConnection.connect(url) as connection:
        while True:
            finished = done.is_set()
            page = await feed.read(connection, artist, after, 16)
            await connection.rollback()
            seen += [(row.kind, row.position.key) for row in page.rows]
            places += [row.position for row in page.rows]
            after = page.end
            if finished and not page.rows:
                return seen, places


def test_a_reader_misses_nothing_of_eight_writers(database: str) -> None:
    artist, song = opened(database)
    writers = [Writer(database, artist, song, seed) for seed in range(1, WRITERS + 1)]
    done, hold = threading.Event(), threading.Event()
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        reading = pool.submit(lambda: asyncio.run(follow(database, artist, done)))
        # The last one writes first and commits after all others: its rows have the lowest numbers.
        slow = pool.submit(writers[-1].run, hold)
        for future in [pool.submit(writer.run) for writer in writers[:-1]]:
            future.result(120)
        hold.set()
        slow.result(120)
        done.set()
        seen, places = reading.result(120)
    committed = {key for writer in writers for key in writer.committed}
    assert len(committed) > 600
    assert {key for key in seen if key[0] != "song"} == committed
    order = [(place.xid, place.kind, place.key) for place in places]
    assert order == sorted(set(order)), "the feed never goes back and gives no place twice"
