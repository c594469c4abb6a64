"""Seven stages on a real node with a real chain; each fault shows in its stage with the next step."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mycelix_studio.deploy.local import LocalChain
from mycelix_studio.ops.check import STAGES
from mycelix_studio.ops.node_env import render
from tests.fixtures.anvil import anvil, chain  # noqa: F401
from tests.fixtures.cli import mycelix
from tests.fixtures.ledger import Stage, set_stage
from tests.fixtures.node import NodeProcess, make_node
from tests.fixtures.postgres import new_database, postgres  # noqa: F401

pytestmark = [pytest.mark.postgres, pytest.mark.anvil]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def stage(anvil: LocalChain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:  # noqa: F811
    with anvil.rpc() as rpc:
        yield set_stage(rpc, tmp_path_factory.mktemp("stage"))


@pytest.fixture(scope="module")
def running(
    postgres: Any,  # noqa: F811
    anvil: LocalChain,  # noqa: F811
    stage: Stage,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[NodeProcess, Path]]:
    """A whole node, with its worker, and its node.env."""
    folder = tmp_path_factory.mktemp("whole")
    settings = {
        "MYCELIX_DATABASE_URL": new_database(postgres),
        "MYCELIX_CHAIN_ID": "31337",
        "MYCELIX_RPC_URL": anvil.url,
        "MYCELIX_DEPLOYMENT": str(stage.deployment_file),
        "MYCELIX_PORT": str(free_port()),
    }
    node = make_node(folder, **settings)
    node.start()
    env = folder / "node.env"
    env.write_text(render({**settings, "MYCELIX_DATA_DIR": str(folder / "data")}))
    with psycopg.connect(settings["MYCELIX_DATABASE_URL"], autocommit=True) as connection:
        while (
            len(
                connection.execute(
                    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = %s", (0x6D79,)
                ).fetchall()
            )
            < 2
        ):
            pass
    yield node, env
    node.stop()


def findings(*words: object, ok: bool = True) -> dict[str, dict[str, str]]:
    data = mycelix("check", *words, "--json", ok=ok).data
    return {f"{each['stage']}: {each['name']}": each for each in data["findings"]}


def test_a_sound_node_passes_all_seven_stages(running: tuple[NodeProcess, Path]) -> None:
    found = findings("--environment", "local", "--env", running[1])
    assert {each["stage"] for each in found.values()} == set(STAGES)
    assert [key for key, each in found.items() if each["level"] == "failed"] == []
    for key in ("contracts: Code", "schema: Number", "services: Worker: indexer", "observability: Worker's metrics"):
        assert found[key]["level"] == "ok", found[key]


def test_production_asks_for_more_and_every_failure_says_the_next_step(running: tuple[NodeProcess, Path]) -> None:
    found = findings("--environment", "production", "--env", running[1], ok=False)
    assert found["infrastructure: Domain"]["level"] == "failed"
    assert "MYCELIX_DOMAIN" in found["infrastructure: Domain"]["nextStep"]
    assert all(each["nextStep"] for each in found.values() if each["level"] == "failed")


def test_from_outside_what_cannot_be_seen_is_not_checked(running: tuple[NodeProcess, Path]) -> None:
    found = findings("--environment", "local", "--url", running[0].url)
    assert found["schema: Schema"]["level"] == found["contracts: Contracts"]["level"] == "not-checked"


def test_a_node_that_is_away_and_a_foreign_contract_are_found(
    running: tuple[NodeProcess, Path], stage: Stage, tmp_path: Path
) -> None:
    away = findings("--environment", "local", "--url", "http://127.0.0.1:9", ok=False)
    assert away["services: Services"]["level"] == "failed"
    text = running[1].read_text()
    changed = tmp_path / "changed.json"
    changed.write_text(stage.deployment_file.read_text().replace(stage.ledger.address, stage.token.address))
    env = tmp_path / "node.env"
    env.write_text(text.replace(str(stage.deployment_file), str(changed)))
    found = findings("--environment", "local", "--env", env, ok=False)
    assert found["contracts: Code"]["detail"] == "different: Ledger"


def test_security_writes_the_bill_of_materials_and_looks_at_licences_and_headers(
    running: tuple[NodeProcess, Path], tmp_path: Path
) -> None:
    node, _env = running
    bill = tmp_path / "sbom.json"
    only = [word for name in ("licences", "sbom", "headers") for word in ("--only", name)]
    found = mycelix(
        "security", "--root", Path(__file__).resolve().parents[3], *only, "--sbom", bill, "--url", node.url, "--json"
    ).data  # fmt: skip
    assert {scan["tool"]: bool(scan["checked"]) for scan in found["scans"]} == {
        "licences": True, "sbom": True, "headers": True,
    }  # fmt: skip
    made = json.loads(bill.read_text())
    assert made["bomFormat"] == "CycloneDX"
    assert {"web3", "fastapi", "PySide6"} <= {part["name"] for part in made["components"]}
