"""The findings of slither that were kept are of these sources, and each is explained."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from mycelix_studio.ops.security import contracts

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def slither() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dev_slither", ROOT / "packaging" / "slither.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_kept_findings_are_of_these_sources_and_each_is_explained(slither: ModuleType) -> None:
    kept = json.loads(slither.SNAPSHOT.read_text())
    assert kept["sources"] == contracts.fingerprint(ROOT), "run packaging/dev contracts slither"
    assert slither.main([]) == 0


def test_a_finding_without_a_row_fails_and_so_does_a_row_without_a_finding(
    slither: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = json.loads(slither.SNAPSHOT.read_text())
    gone = kept["findings"].pop()
    kept["findings"].append(["reentrancy-eth", "Ledger.claim"])
    monkeypatch.setattr(slither, "SNAPSHOT", tmp_path / "slither.json")
    slither.SNAPSHOT.write_text(json.dumps(kept))
    assert slither.main([]) == 1
    said = capsys.readouterr().out
    assert "reentrancy-eth in Ledger.claim is not explained" in said
    assert f"{gone[0]} in {gone[1]} is explained in contracts/SECURITY.md and not found any more" in said


def test_a_place_is_named_by_contract_function_and_variable() -> None:
    contract = {"name": "Ledger", "type_specific_fields": {"parent": {"name": "src/Ledger.sol"}}}
    function = {"name": "_divide", "type_specific_fields": {"parent": contract}}
    variable = {"name": "before", "type_specific_fields": {"parent": function}}
    assert contracts.place_of(variable) == "Ledger._divide.before"
