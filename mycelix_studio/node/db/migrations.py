"""Brings a database to the newest schema: numbered SQL files, each applied once, in one transaction each, by one process at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources

import psycopg

from mycelix_studio.errors import Known

_LOCK = 0x6D79_6365_6C69_7801
"""Advisory lock: two processes that start at once do not both migrate."""


class NewerDatabase(Known):
    """The database was written by a newer node."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(
            "The database is newer than this node",
            f"Its schema has number {found}, this node knows {known}. Nothing was changed.",
            "Install the newer node.",
        )


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: its number and its SQL."""

    number: int
    name: str
    sql: str


def migrations() -> tuple[Migration, ...]:
    """Return all steps in order."""
    found = []
    for file in resources.files("mycelix_studio.node.db").iterdir():
        match = re.fullmatch(r"(\d{4})_(\w+)\.sql", file.name)
        if match:
            found.append(Migration(int(match[1]), match[2], file.read_text(encoding="utf-8")))
    return tuple(sorted(found, key=lambda step: step.number))


def migrate(url: str) -> int:
    """Apply what is missing and return the schema's number.

    Raises:
        NewerDatabase: The schema has a number this program does not know.
        psycopg.Error: A step failed; it left nothing behind.
    """
    steps = migrations()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_steps (number integer PRIMARY KEY, name text NOT NULL, at timestamptz DEFAULT now())"
        )
        row = connection.execute("SELECT coalesce(max(number), 0) FROM schema_steps").fetchone()
        current = int(row[0]) if row else 0
        if current > steps[-1].number:
            raise NewerDatabase(current, steps[-1].number)
        for step in steps:
            if step.number > current:
                with connection.transaction():
                    connection.execute(step.sql.encode())
                    connection.execute(
                        "INSERT INTO schema_steps (number, name) VALUES (%s, %s)", (step.number, step.name)
                    )
    return steps[-1].number
