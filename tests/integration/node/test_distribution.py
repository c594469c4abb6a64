"""The tables that the guide distributes over machines can be: their distribution key is part of every unique key."""

from __future__ import annotations

import re

import psycopg
import pytest

from tests.fixtures.pages import BLOCKS

pytestmark = pytest.mark.postgres
(GUIDE,) = (block for block in BLOCKS if block.page == "docs/operations/scale.md" and block.language == "sql")
DISTRIBUTED = dict(re.findall(r"create_distributed_table\('(\w+)', '(\w+)'", GUIDE.text))


def test_every_unique_key_holds_the_distribution_key(database: str) -> None:
    assert len(DISTRIBUTED) == 11
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT c.relname, i.indexrelid::regclass::text, array_agg(a.attname::text)"
            " FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
            " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)"
            " WHERE i.indisunique AND c.relname = ANY (%s) GROUP BY 1, 2",
            (list(DISTRIBUTED),),
        ).fetchall()
    assert {table for table, _index, _columns in rows} == set(DISTRIBUTED)
    assert [index for table, index, columns in rows if DISTRIBUTED[table] not in columns] == []
