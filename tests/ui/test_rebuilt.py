"""A window on a cache that was damaged says what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from mycelix_studio.app import App
from mycelix_studio.paths import Paths
from mycelix_studio.services.opening import open_studio
from mycelix_studio.store import drafts
from mycelix_studio.store.migrations import open_database
from mycelix_studio.ui.widgets.toasts import Toast
from tests.fixtures import damage


@pytest.mark.parametrize(("table", "tone"), [("play_month", "info"), ("draft", "bad")])
def test_the_window_says_what_was_kept_and_where_the_damaged_file_is(
    tmp_path: Path, qapp: QApplication, table: str, tone: str
) -> None:
    paths = Paths.under(tmp_path / "profile")
    database = open_database(paths.database)
    with database.write() as db:
        for number in range(200):
            body = '{"x": "' + "y" * 300 + '"}'
            drafts.save(
                db, f"s{number}", title="T", body=body, changed_at=datetime(2026, 1, 1, tzinfo=UTC), due_at=None
            )
    database.close()
    damage.first_page(paths.database, table)
    (paths.data / "studio.sqlite.suspect").touch()
    app = App(qapp, open_studio(paths))
    try:
        app.window.set_welcomed()
        app.open()
        messages = [toast.message for toast in app.window.findChildren(Toast)]
        (found,) = [message for message in messages if "damaged" in message.title]
        assert found.tone == tone and "studio.damaged-" in found.words
    finally:
        app.close()
