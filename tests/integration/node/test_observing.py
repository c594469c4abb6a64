"""What an operator sees: series with help and units, logs without secrets, the database's state."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from click.testing import Result
from prometheus_client.metrics_core import Metric
from typer.testing import CliRunner

from mycelix_studio.cli.main import app
from mycelix_studio.node.db import connect, monitor
from mycelix_studio.node.db.migrations import migrate
from mycelix_studio.node.embedded import EmbeddedPostgres
from tests.fixtures.node import NodeProcess, Person, audio, families, list_song, wait_for
from tests.fixtures.outside import NEEDED, Outside, cluster

UNITS = {
    "total", "seconds", "bytes", "rows", "blocks", "tokens", "block", "ratio", "vouchers", "requests", "connections", "waiting",
    "running", "listeners", "active", "coins", "info",
}  # fmt: skip
"""Words a series may end with: a unit, or what is counted."""


def value(found: dict[str, Metric], name: str, **labels: str) -> float:
    return sum(
        sample.value
        for family in found.values()
        for sample in family.samples
        if sample.name == f"mycelix_{name}" and labels.items() <= sample.labels.items()
    )


@pytest.fixture(scope="module")
def used(node: NodeProcess) -> dict[str, Metric]:
    """The series after some use of the node."""
    with Person.new().sign_in(node.url) as client, node.client() as anonymous:
        song = list_song(client, seed=96, strategy="gift-economy")
        client.post(f"/api/songs/{song['songId']}/play", json={"duration": 5})
        client.get(f"/api/songs/{song['songId']}/audio")
        client.get("/api/sync/changes")
        anonymous.get("/api/sync/changes")
        client.post("/api/upload/ipfs", files={"file": ("a.flac", b"no audio", "audio/flac")})
        anonymous.post("/api/analytics", json={"event": "x", "properties": {}, "timestamp": song["createdAt"]})
        wait_for(lambda: value(families(node), "view_folded_plays_total"), lambda count: count > 0)
    return families(node)


def test_there_are_at_least_thirty_series_each_with_help_and_a_unit(used: dict[str, Metric]) -> None:
    ours = {name: family for name, family in used.items() if name.startswith("mycelix_")}
    assert len(ours) >= 30
    assert [name for name, family in ours.items() if len(family.documentation) < 15] == []
    counters = {name for name, family in ours.items() if family.type == "counter"}
    ends = {name: name.rsplit("_", 1)[1] for name in ours if name not in counters}
    assert {name: end for name, end in ends.items() if end not in UNITS} == {}


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("http_requests_total", {"route": "/api/songs", "status": "201", "method": "POST"}),
        ("http_request_seconds_count", {"route": "/api/sync/changes"}),
        ("http_request_bytes_total", {}),
        ("http_response_bytes_total", {}),
        ("plays_total", {"outcome": "accepted"}),
        ("play_batch_rows_count", {}),
        ("uploads_total", {"outcome": "kept"}),
        ("uploads_total", {"outcome": "refused"}),
        ("upload_bytes_total", {}),
        ("probe_seconds_count", {}),
        ("store_seconds_count", {"operation": "put"}),
        ("audio_bytes_total", {}),
        ("sync_records_total", {"kind": "song"}),
        ("query_seconds_count", {"query": "plays"}),
        ("pool_connections", {"pool": "main", "state": "free"}),
        ("cache_total", {"cache": "sessions", "outcome": "hit"}),
        ("errors_total", {"type": "no-token"}),
        ("auth_failures_total", {"reason": "no-token"}),
        ("sign_ins_total", {}),
        ("client_events_total", {}),
        ("view_folded_plays_total", {"process": ""}),
        ("view_fold_seconds_count", {}),
        ("worker_active", {"task": "upkeep"}),
        ("worker_active", {"task": "analytics"}),
    ],
)
def test_use_of_the_node_shows_in_its_series(used: dict[str, Metric], name: str, labels: dict[str, str]) -> None:
    labels = {key: text for key, text in labels.items() if text}
    assert value(used, name, **labels) > 0


def test_the_views_are_fresh(used: dict[str, Metric]) -> None:
    assert 0 <= value(used, "view_age_seconds") < 15


def test_every_request_has_an_id_in_answer_and_log(node: NodeProcess) -> None:
    mine = f"test-{uuid.uuid4().hex}"
    with node.client() as client:
        assert client.get("/api/songs", headers={"X-Request-Id": mine}).headers["X-Request-Id"] == mine
        other = client.get("/api/songs", headers={"X-Request-Id": "bad id"}).headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{16}", other)
    lines = [json.loads(line) for line in node.log.read_text().splitlines() if line.startswith("{")]
    found = next(line for line in lines if line.get("request_id") == mine)
    assert (found["route"], found["status"], found["method"]) == ("/api/songs", 200, "GET")
    assert found["ms"] >= 0


def test_no_secret_reaches_the_log_whatever_goes_wrong(node: NodeProcess) -> None:
    person = Person.new()
    secrets = ["hunter2-in-a-query", "c1f2a3b4c5d6e7f8091a2b3c4d5e6f70"]
    with person.sign_in(node.url) as client:
        secrets.append(client.headers["Authorization"].split()[1])
        message = person.message(node.url.removeprefix("http://"), secrets[1])
        signature = person.sign(message)
        secrets += [signature, signature[2:]]
        client.post("/api/auth/verify", json={"message": message, "signature": signature})
        client.post("/api/auth/verify", content=b'{"signature": "' + signature.encode())
        client.get("/api/songs", params={"token": secrets[0]})
        client.get(f"/api/{secrets[0]}")
        client.get("/api/sync/changes", headers={"Authorization": f"Bearer x{secrets[2]}"})
        client.post("/api/upload/ipfs", files={"file": (secrets[0], audio(0.2, 97), "audio/flac")})
    log = node.log.read_text()
    assert person.address in log
    assert [secret for secret in secrets if secret in log] == []


def test_the_database_is_shown_to_operators_only(node: NodeProcess) -> None:
    with Person.new().sign_in(node.url) as client, node.client() as anonymous:
        assert client.get("/api/operator/database").status_code == 403
        assert anonymous.get("/api/operator/database").status_code == 401
    with _operator(node) as operator:
        report = operator.get("/api/operator/database").json()
        assert {"plays", "songs", "roll_song"} <= {table["name"] for table in report["tables"]}
        assert all(table["bytes"] >= 0 and table["index_bytes"] >= 0 for table in report["tables"])
        assert {"plays_once"} <= {index["name"] for index in report["indexes"]}
        # Unique indexes are needed whether they are read or not.
        assert "plays_once" not in {index["name"] for index in report["unused_indexes"]}
        assert report["views"]["age_seconds"] < 15
        assert 0 <= report["cache_hit_ratio"] <= 1


@pytest.mark.parametrize("name", sorted(monitor.PLANS))
def test_every_named_query_is_explained_and_can_be_run(node: NodeProcess, name: str) -> None:
    with _operator(node) as operator:
        plan = operator.get(f"/api/operator/database/plans/{name}", params={"run": "true"}).json()["plan"]
    assert "actual time" in plan[0] or "actual rows" in plan[0]
    assert any("Execution Time" in line for line in plan)


def test_the_command_shows_the_same_and_says_what_it_cannot_reach(node: NodeProcess, tmp_path: Path) -> None:
    url = node.environment["MYCELIX_DATABASE_URL"]
    place = ["--database-url", url]
    assert "plays" in {table["name"] for table in json.loads(_mycelix(*place, "--json").output)["tables"]}
    words = _mycelix(*place).output
    assert "Analytics as of" in words
    assert "pg_stat_statements" in words
    assert "roll_song" in _mycelix(*place, "--explain", "trending").output
    unknown = _mycelix(*place, "--explain", "everything").exception
    assert isinstance(unknown, monitor.UnknownPlan)
    assert "sync-play" in unknown.message
    assert isinstance(_mycelix("--data-dir", str(tmp_path)).exception, connect.NoDatabase)
    assert isinstance(_mycelix("--database-url", "postgresql://127.0.0.1:9/x").exception, monitor.Unreachable)


def test_a_running_nodes_own_database_is_found_by_its_folder(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    (tmp_path / "postgres").symlink_to(postgres.folder)
    assert connect.find("", tmp_path) == postgres.url


@pytest.fixture
def outside() -> Iterator[Outside]:
    with cluster() as made:
        yield made


@NEEDED
def test_slow_statements_are_told_where_the_server_counts_them(outside: Outside) -> None:
    """On the oldest PostgreSQL a node runs on: the extension alone tells nothing, with its library the slowest come first."""
    (outside.data / "postgresql.auto.conf").write_text(f"unix_socket_directories = '{outside.folder}'\nfsync = off\n")
    outside.ctl("start", "-o", f"-p {outside.port}")
    migrate(outside.url)
    with psycopg.connect(outside.url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA watch")
        connection.execute("CREATE EXTENSION pg_stat_statements SCHEMA watch")
    assert monitor.look(outside.url, monitor.report).slow is None
    outside.ctl("restart", "-o", f"-p {outside.port} -c shared_preload_libraries=pg_stat_statements")
    with psycopg.connect(outside.url, autocommit=True) as connection:
        for _ in range(3):
            connection.execute("SELECT analytics_advance(1770000000)")
        connection.execute("SELECT analytics_days(), pg_sleep(0.05)")
    found = monitor.look(outside.url, monitor.report)
    assert found.slow is not None
    assert found.version.startswith("15.")
    assert [statement.total_ms for statement in found.slow] == sorted((s.total_ms for s in found.slow), reverse=True)
    calls = {statement.query: statement.calls for statement in found.slow}
    assert calls["SELECT analytics_advance($1)"] == 3
    assert "pg_sleep" in found.slow[0].query
    assert "analytics_advance" in _mycelix("--database-url", outside.url).output


def _mycelix(*words: str) -> Result:
    return CliRunner().invoke(app, ["stats", "database", *words])


def _operator(node: NodeProcess) -> httpx.Client:
    person: Person = node.operator  # type: ignore[attr-defined]
    return person.sign_in(node.url)
