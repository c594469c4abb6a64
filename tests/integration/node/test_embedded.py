"""The node's own PostgreSQL: what a start finds that a killed server left behind."""

from __future__ import annotations

import threading
from pathlib import Path

import psutil
import psycopg

from mycelix_studio.node.embedded import EmbeddedPostgres
from tests.fixtures.cluster import until


def test_a_server_starts_once_the_sessions_of_a_killed_one_have_ended_however_much_they_still_say(
    tmp_path: Path,
) -> None:
    server = EmbeddedPostgres(tmp_path)
    server.start()
    sessions = [psycopg.connect(server.url) for _ in range(12)]
    try:
        backends = [psutil.Process(session.info.backend_pid) for session in sessions]
        assert server.pid is not None
        postmaster = psutil.Process(server.pid)
        for backend in backends:
            backend.suspend()
        postmaster.kill()
        until(lambda: not server.running)

        def go_on_once_refused() -> None:
            until(lambda: "shared memory" in server.log.read_text())
            for backend in backends:
                backend.resume()

        watching = threading.Thread(target=go_on_once_refused)
        watching.start()
        with psycopg.connect(server.start()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        watching.join()
        assert "shared memory" in server.log.read_text()
    finally:
        for session in sessions:
            session.close()
        server.stop()
