"""A whole node with its own PostgreSQL: starts, stops cleanly, survives SIGKILL, refuses what it cannot share."""

from __future__ import annotations

import signal
import socket
import time
import uuid
from pathlib import Path

import psutil
import pytest

from tests.fixtures.node import NodeProcess, Person, list_song, make_node, wait_for


def _family(process: NodeProcess) -> list[psutil.Process]:
    assert process.process is not None
    parent = psutil.Process(process.process.pid)
    return [parent, *parent.children(recursive=True)]


def _gone(family: list[psutil.Process], seconds: float = 10.0) -> bool:
    _ended, alive = psutil.wait_procs(family, seconds)
    return all(process.status() == psutil.STATUS_ZOMBIE for process in alive if process.is_running())


def test_a_killed_node_leaves_nothing_behind_and_loses_nothing(tmp_path: Path) -> None:
    node = make_node(tmp_path, MYCELIX_CHAIN_ID="31337").start()
    artist = Person.new()
    try:
        with artist.sign_in(node.url) as client:
            song_id = list_song(client, seed=31)["songId"]
            plays = [
                {"songId": song_id, "playId": str(uuid.uuid4()), "playedAt": "2026-01-01T00:00:00Z", "duration": 5}
                for _ in range(500)
            ]
            assert client.post("/api/plays", json={"plays": plays}).json()["accepted"] == 500
        family = _family(node)
        assert len(family) > 3
        node.stop(signal.SIGKILL)
        assert _gone(family)
        started = time.monotonic()
        node.start()
        assert time.monotonic() - started < 10
        with artist.sign_in(node.url) as client:
            wait_for(
                lambda: client.get(f"/api/artists/{artist.address}/stats").json()["totalPlays"],
                lambda found: found == 500,
            )
            assert client.post("/api/plays", json={"plays": plays}).json()["duplicates"] == 500
    finally:
        family = _family(node)
        assert node.stop() == 0
    assert _gone(family, 1.0)
    assert not list(tmp_path.glob("ready.json"))


def test_postgres_is_started_again_when_it_is_killed(tmp_path: Path) -> None:
    node = make_node(tmp_path, MYCELIX_CHAIN_ID="31337").start()
    try:
        servers = [process for process in _family(node) if process.name() == "postgres"]
        postmaster = next(process for process in servers if process.parent() not in servers)
        postmaster.kill()
        deadline = time.monotonic() + 15
        with node.client() as client:
            while client.get("/ready").status_code != 200:
                assert time.monotonic() < deadline, node.log.read_text()[-2000:]
            with Person.new().sign_in(node.url) as signed:
                assert signed.get("/api/sync/changes").status_code == 200
    finally:
        assert node.stop() == 0


def test_a_second_node_on_the_folder_and_a_taken_port_are_refused_in_words(tmp_path: Path) -> None:
    node = make_node(tmp_path, MYCELIX_CHAIN_ID="31337").start()
    try:
        second = NodeProcess(node.environment, tmp_path / "second.log", tmp_path / "second.json")
        with pytest.raises(AssertionError, match="The data folder is in use"):
            second.start()
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            third = make_node(tmp_path / "third", MYCELIX_PORT=port)
            with pytest.raises(AssertionError, match=f"Port {port} is in use"):
                third.start()
    finally:
        assert node.stop() == 0
