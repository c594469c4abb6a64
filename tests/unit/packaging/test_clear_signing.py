"""The clear-signing descriptors (ERC-7730): current, of the standard's form, and about parameters that exist."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest

from mycelix_studio.chain.artifacts import artifact

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "resources" / "contracts" / "erc7730"
FILES = sorted(FOLDER.glob("*.json"))
DEPLOYMENTS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["chainId", "address"],
        "properties": {"chainId": {"type": "integer"}, "address": {"pattern": "^0x[0-9a-fA-F]{40}$"}},
    },
}
PARAMS = {
    "raw": {"type": "null"},
    "duration": {"type": "null"},
    "date": {
        "required": ["encoding"],
        "properties": {"encoding": {"enum": ["timestamp"]}},
        "additionalProperties": False,
    },
    "unit": {
        "required": ["base"],
        "properties": {"base": {"type": "string"}, "decimals": {"type": "integer"}, "prefix": {"type": "boolean"}},
        "additionalProperties": False,
    },
    "addressName": {
        "properties": {
            "types": {"items": {"enum": ["wallet", "eoa", "contract", "token", "collection"]}},
            "sources": {"items": {"enum": ["local", "ens"]}},
        },
        "additionalProperties": False,
    },
}
SCHEMA = {
    "type": "object",
    "required": ["$schema", "context", "metadata", "display"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string"},
        "context": {
            "type": "object",
            "minProperties": 2,
            "maxProperties": 2,
            "required": ["$id"],
            "properties": {
                "contract": {"required": ["abi", "deployments"], "properties": {"deployments": DEPLOYMENTS}},
                "eip712": {
                    "required": ["domain", "schemas", "deployments"],
                    "properties": {"deployments": DEPLOYMENTS},
                },
            },
        },
        "metadata": {"required": ["owner"]},
        "display": {
            "required": ["formats"],
            "properties": {
                "formats": {
                    "minProperties": 1,
                    "additionalProperties": {
                        "required": ["intent", "fields"],
                        "additionalProperties": False,
                        "properties": {
                            "intent": {"type": "string", "maxLength": 40, "pattern": "^[A-Z]"},
                            "fields": {
                                "items": {
                                    "required": ["path", "label", "format"],
                                    "additionalProperties": False,
                                    "properties": {
                                        "path": {"type": "string"},
                                        "label": {"type": "string", "maxLength": 30},
                                        "format": {"enum": sorted(PARAMS)},
                                        "params": {"type": "object"},
                                    },
                                }
                            },
                        },
                    },
                }
            },
        },
    },
}


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("clear_signing", ROOT / "packaging" / "clear_signing.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_written_files_are_current(maker: ModuleType) -> None:
    assert {path.name: path.read_text() for path in FILES} == maker.files(), "run python packaging/clear_signing.py"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_has_the_form_of_the_standard(path: Path) -> None:
    content = json.loads(path.read_text())
    jsonschema.validate(content, SCHEMA)
    for shown in content["display"]["formats"].values():
        for field in shown["fields"]:
            jsonschema.validate(field.get("params"), PARAMS[field["format"]])


@pytest.mark.parametrize("contract", ["Ledger", "PatronageStrategy", "AuctionStrategy", "GiftEconomyStrategy"])
def test_every_request_that_changes_something_is_described_by_its_own_parameters(contract: str) -> None:
    content = json.loads((FOLDER / f"calldata-{contract}.json").read_text())
    formats = content["display"]["formats"]
    described = {re.sub(r" \w+(?=[,)])", "", name) for name in formats}
    assert described == {e.signature for e in artifact(contract).functions() if e.mutability not in {"view", "pure"}}
    for name, shown in formats.items():
        for field in shown["fields"]:
            for part in field["path"].replace(".[]", "").split("."):
                assert re.search(rf"\b{part}\b", name), (name, part)


def test_a_parameter_without_words_stops_the_writing(maker: ModuleType) -> None:
    with pytest.raises(KeyError):
        maker.field("Ledger", "somethingNew", "somethingNew")
