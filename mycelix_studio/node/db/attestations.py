"""Listens of gift songs: who counts them, how many there are, and what was signed for them last."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.rows import class_row

from mycelix_studio.node.db.pool import Connection

LISTEN_SECONDS: Final = 30
"""Seconds that have to be heard for a listen, the whole of a shorter song; two that begin in the same half minute are one."""
CHANNEL: Final = "mycelix_attestations"
"""PostgreSQL channel that rings when somebody asks."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A listener's question about a song, with its answer so far: listens in all, signed by the attestor at that time or not at all."""

    song: int
    song_id: str
    listener: int
    listener_address: str
    listens: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What was signed: ``deadline`` in Unix seconds. Without a listen there is no signature."""

    listens: int
    deadline: int
    signature: str


async def announce(connection: Connection, address: str | None) -> None:
    """Write who counts listens for this platform, None for nobody."""
    if address is None:
        await connection.execute("DELETE FROM node_state WHERE name = 'attestor'")
        return
    await connection.execute(
        "INSERT INTO node_state VALUES ('attestor', %s::jsonb) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (json.dumps(address),),
    )


async def announced(connection: Connection) -> str | None:
    """Return the EIP-55 address of who counts listens for this platform, None when nobody does."""
    row = await (await connection.execute("SELECT value FROM node_state WHERE name = 'attestor'")).fetchone()
    return str(row[0]) if row is not None else None


async def named(connection: Connection, chain_id: int, song_id: str) -> str | None:
    """Return who counts listens of a song by its terms on chain, as far as it is indexed; None when it never was a gift."""
    row = await (
        await connection.execute(
            "SELECT arguments ->> 'attestor' FROM chain_events WHERE chain_id = %s AND name = 'GiftConfigured'"
            " AND arguments ->> 'song_id' = %s ORDER BY block DESC, log_index DESC LIMIT 1",
            (chain_id, song_id),
        )
    ).fetchone()
    return str(row[0]) if row is not None else None


async def ask(connection: Connection, chain_id: int, song: int, listener: int) -> datetime:
    """Ask the attestor for a listener's listens, and return when: an answer is one that was signed since."""
    row = await (
        await connection.execute(
            "INSERT INTO attestations AS a (song, listener, chain_id, asked_at) VALUES (%s, %s, %s, clock_timestamp())"
            " ON CONFLICT (song, listener, chain_id) DO UPDATE SET asked_at = excluded.asked_at RETURNING asked_at",
            (song, listener, chain_id),
        )
    ).fetchone()
    await connection.execute(f"NOTIFY {CHANNEL}")
    assert row is not None
    asked: datetime = row[0]
    return asked


async def answer(connection: Connection, chain_id: int, song: int, listener: int, since: datetime) -> Answer | None:
    """Return what the attestor answered since then, None while it has not."""
    async with connection.cursor(row_factory=class_row(Answer)) as cursor:
        await cursor.execute(
            "SELECT listens, deadline, signature FROM attestations"
            " WHERE song = %s AND listener = %s AND chain_id = %s AND signed_at >= %s",
            (song, listener, chain_id, since),
        )
        return await cursor.fetchone()


_WAITING: Final = """
WITH asked AS (
    SELECT song, listener FROM attestations
    WHERE chain_id = %(chain)s AND (signed_at IS NULL OR signed_at < asked_at) ORDER BY asked_at LIMIT %(most)s
)
SELECT s.id AS song, s.song_id, a.id AS listener, a.address AS listener_address, coalesce(h.listens, 0) AS listens
FROM asked JOIN songs s ON s.id = asked.song JOIN accounts a ON a.id = asked.listener
CROSS JOIN LATERAL (
    SELECT least(%(seconds)s, greatest(1, coalesce(s.duration, %(seconds)s))) AS heard,
           (SELECT min(block_time) FROM chain_events e
            WHERE e.chain_id = %(chain)s AND e.name = 'GiftConfigured' AND e.arguments ->> 'song_id' = s.song_id) AS since
) AS rule
LEFT JOIN LATERAL (
    SELECT count(DISTINCT p.at / %(seconds)s) AS listens FROM plays p
    WHERE p.artist IN (
        SELECT s.artist UNION SELECT s.owner
        UNION SELECT o.id FROM chain_events e JOIN accounts o ON o.address = e.arguments ->> 'to'
        WHERE e.chain_id = %(chain)s AND e.name = 'SongTransferred' AND e.arguments ->> 'song_id' = s.song_id
    ) AND p.song = s.id AND p.listener = a.id AND p.at >= rule.since AND p.seconds >= rule.heard
) AS h ON true
"""


async def waiting(connection: Connection, chain_id: int, most: int) -> list[Asked]:
    """Return the oldest questions that wait, each with the listens since the song first was a gift.

    A play stays with whoever owned the song when it was reported, so all owners' are counted. A listen that comes late never lowers the
    number: it falls into its own half minute or into one that counts already.
    """
    async with connection.cursor(row_factory=class_row(Asked)) as cursor:
        await cursor.execute(_WAITING, {"chain": chain_id, "most": most, "seconds": LISTEN_SECONDS})
        return await cursor.fetchall()


async def keep(connection: Connection, chain_id: int, signed: Sequence[tuple[Asked, Answer]]) -> None:
    """Write answers."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "UPDATE attestations SET listens = %s, deadline = %s, signature = %s, signed_at = clock_timestamp()"
            " WHERE song = %s AND listener = %s AND chain_id = %s",
            [
                (said.listens, said.deadline, said.signature, asked.song, asked.listener, chain_id)
                for asked, said in signed
            ],
        )
