"""How Studio is used: nothing without a choice, nothing personal, nothing sent that was not shown, and it can be forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from mycelix_studio.errors import Bug, Known
from mycelix_studio.paths import Paths
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.studio import Studio
from mycelix_studio.settings import API_URL, CLIENT_EVENTS
from tests.fixtures.cli import mycelix
from tests.fixtures.node import NodeProcess


@pytest.fixture
def studio(tmp_path: Path, node: NodeProcess) -> Iterator[Studio]:
    made = open_studio(Paths.under(tmp_path / "profile"))
    made.settings.set(API_URL, node.url)
    yield made
    made.close()


def test_nothing_is_noted_without_a_choice_and_switching_off_forgets(studio: Studio) -> None:
    usage = studio.usage
    usage.started()
    usage.note("page", page="library")
    assert usage.waiting() == ()
    studio.settings.set(CLIENT_EVENTS, True)
    usage.note("page", page="library")
    usage.close()
    assert (studio.paths.data / "usage.json").exists()
    studio.settings.set(CLIENT_EVENTS, False)
    assert usage.waiting() == () and not (studio.paths.data / "usage.json").exists()


def test_only_what_is_listed_can_be_noted(studio: Studio) -> None:
    for event, properties in (("search", {}), ("page", {"title": "Low Lamp"}), ("started", {"user": "ada"})):
        with pytest.raises(Bug):
            studio.usage.note(event, **properties)


def test_what_is_sent_is_what_was_shown_and_names_nobody(studio: Studio, node: NodeProcess, tmp_path: Path) -> None:
    studio.settings.set(CLIENT_EVENTS, True)
    studio.usage.started()
    studio.usage.note("page", page="reports")
    shown = json.loads(studio.usage.text())
    assert [each["timestamp"][10:] for each in shown] == ["T00:00:00Z", "T00:00:00Z"], "the day, never the time"
    studio.usage.export(tmp_path / "usage.json")
    assert json.loads((tmp_path / "usage.json").read_text()) == shown
    assert studio.usage.send(Work()) == 2
    assert studio.usage.waiting() == ()
    with psycopg.connect(node.environment["MYCELIX_DATABASE_URL"]) as connection:
        rows = connection.execute(
            "SELECT account, event, properties FROM client_events ORDER BY received_at DESC LIMIT 2"
        ).fetchall()
    assert [row[0] for row in rows] == [None, None]
    assert [{"event": row[1], "properties": row[2]} for row in rows[::-1]] == [
        {"event": each["event"], "properties": each["properties"]} for each in shown
    ]


def test_with_the_platform_away_it_stays(studio: Studio) -> None:
    studio.settings.set(CLIENT_EVENTS, True)
    studio.settings.set(API_URL, "http://127.0.0.1:9")
    studio.usage.note("page", page="wallet")
    with pytest.raises(Known):
        studio.usage.send(Work())
    assert len(studio.usage.waiting()) == 1


def test_the_command_line_shows_sends_saves_and_forgets(tmp_path: Path, node: NodeProcess) -> None:
    profile = tmp_path / "profile"
    mycelix("setup", "--server", node.url, profile=profile)
    mycelix("usage", "choose", "true", profile=profile)
    studio = open_studio(Paths.under(profile))
    studio.usage.note("page", page="library")
    studio.close()
    (event,) = mycelix("usage", "show", "--json", profile=profile).data["events"]
    assert event["properties"] == {"page": "library"}
    assert mycelix("usage", "send", profile=profile, ok=False).code == 3, "nobody agreed"
    mycelix("usage", "export", tmp_path / "usage.json", profile=profile)
    assert mycelix("usage", "send", "--yes", "--json", profile=profile).data == {"sent": 1}
    assert mycelix("usage", "erase", "--json", profile=profile).data == {"erased": 0}
