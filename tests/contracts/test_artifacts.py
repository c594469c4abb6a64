"""The committed artifacts are those of the committed sources, so that artists never need a compiler."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / "contracts"
ARTIFACTS = ROOT / "resources" / "contracts" / "artifacts"


def test_artifacts_were_built_from_these_sources() -> None:
    recorded = json.loads((ARTIFACTS / "index.json").read_text())["sources"]
    inputs = [*CONTRACTS.glob("src/**/*.sol"), CONTRACTS / "foundry.toml", CONTRACTS / "package-lock.json"]
    found = {path.relative_to(CONTRACTS).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in inputs}
    assert found == recorded, "run packaging/dev contracts build"


def test_every_artifact_is_listed_and_holds_code() -> None:
    listed = set(json.loads((ARTIFACTS / "index.json").read_text())["contracts"])
    assert {path.stem for path in ARTIFACTS.glob("*.json")} == listed | {"index"}
    for name in ("Ledger", "FeePolicy", "FlowToken"):
        artifact = json.loads((ARTIFACTS / f"{name}.json").read_text())
        assert len(artifact["bytecode"]) > 1_000
        assert artifact["abi"]


@pytest.mark.skipif(
    shutil.which("node") is None or not (CONTRACTS / "node_modules").is_dir(), reason="npm packages are not installed"
)
def test_a_rebuild_gives_the_same_bytes() -> None:
    done = subprocess.run(
        ["node", "scripts/artifacts.mjs", "--check"], cwd=CONTRACTS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_custom_error_is_expected_by_a_test_of_the_contracts() -> None:
    sources = "".join(path.read_text() for path in CONTRACTS.glob("src/**/*.sol"))
    tests = "".join(path.read_text() for path in CONTRACTS.glob("test/**/*.sol"))
    errors = set(re.findall(r"^\s*error (\w+)\(", sources, re.MULTILINE))
    assert len(errors) > 50
    assert {name for name in errors if f".{name}.selector" not in tests} == set()
