"""Drafts outlive the program and never double."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mycelix_studio.store import drafts
from mycelix_studio.store.connection import Database
from mycelix_studio.store.migrations import open_database

NOON = datetime(2026, 6, 14, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "studio.sqlite")
    yield opened
    opened.close()


def test_a_draft_is_there_after_a_restart_and_the_newer_one_replaces_the_older(
    tmp_path: Path, database: Database
) -> None:
    with database.write() as db:
        first = drafts.save(db, "song:1", title="Night Ferry", body='{"price": "0.0"}', changed_at=NOON, due_at=None)
        again = drafts.save(
            db,
            "song:1",
            title="Night Ferry",
            body='{"price": "0.02"}',
            changed_at=NOON + timedelta(hours=1),
            due_at=NOON + timedelta(days=3),
        )
    assert first == again
    reopened = open_database(tmp_path / "studio.sqlite")
    try:
        row = drafts.get(reopened.read(), "song:1")
    finally:
        reopened.close()
    assert row == drafts.DraftRow(
        first, "song:1", "Night Ferry", '{"price": "0.02"}', NOON + timedelta(hours=1), NOON + timedelta(days=3)
    )


def test_scheduled_drafts_come_first_by_date_then_the_latest_edit(database: Database) -> None:
    with database.write() as db:
        drafts.save(db, "a", title="A", body="{}", changed_at=NOON, due_at=None)
        drafts.save(db, "b", title="B", body="{}", changed_at=NOON + timedelta(minutes=1), due_at=None)
        drafts.save(db, "c", title="C", body="{}", changed_at=NOON, due_at=NOON + timedelta(days=9))
        drafts.save(db, "d", title="D", body="{}", changed_at=NOON, due_at=NOON + timedelta(days=2))
    assert [row.target for row in drafts.all_drafts(database.read())] == ["d", "c", "b", "a"]


def test_a_discarded_draft_is_gone(database: Database) -> None:
    with database.write() as db:
        drafts.save(db, "a", title="A", body="{}", changed_at=NOON, due_at=None)
        assert drafts.delete(db, "a")
        assert not drafts.delete(db, "a")
    assert drafts.get(database.read(), "a") is None


def test_templates_are_kept_by_name(database: Database) -> None:
    with database.write() as db:
        drafts.save_named(db, "split_template", "Band", "[1]", NOON)
        drafts.save_named(db, "split_template", "Band", "[2]", NOON)
        drafts.save_named(db, "split_template", "alone", "[3]", NOON)
    assert list(drafts.named(database.read(), "split_template").items()) == [("alone", "[3]"), ("Band", "[2]")]
    with database.write() as db:
        assert drafts.delete_named(db, "split_template", "Band")
    assert list(drafts.named(database.read(), "split_template")) == ["alone"]
