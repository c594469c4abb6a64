"""The environment is read strictly and documented completely."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from mycelix_studio.node.config import VARIABLES, Config, Rate, WrongConfiguration
from mycelix_studio.node.db.migrations import migrations

DOCS = Path(__file__).resolve().parents[3] / "docs" / "node.md"


def test_every_variable_is_a_field_with_the_same_default(tmp_path: Path) -> None:
    config = Config.from_environment({"MYCELIX_DATA_DIR": str(tmp_path)})
    assert config == Config(data_dir=tmp_path)
    assert {f"MYCELIX_{field.name.upper()}" for field in fields(Config)} == {variable.name for variable in VARIABLES}


def test_values_are_read_by_their_type() -> None:
    config = Config.from_environment(
        {
            "MYCELIX_DATA_DIR": "/d",
            "MYCELIX_PORT": "81",
            "MYCELIX_RATE_SYNC": "5/60",
            "MYCELIX_RPC_URL": "http://a http://b",
        }
    )
    assert (config.port, config.rate_sync, config.rpc_url) == (81, Rate(5, 60), ("http://a", "http://b"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MYCELIX_PORT", "eighty"),
        ("MYCELIX_PORT", "70000"),
        ("MYCELIX_RATE_SYNC", "5"),
        ("MYCELIX_STORE", "ftp"),
        ("MYCELIX_STORE", "s3"),
        ("MYCELIX_ROLE", "worker"),
        ("MYCELIX_CONFIRMATIONS", "few"),
        ("MYCELIX_RPC_URL", "ftp://x"),
        ("MYCELIX_TRUST_PROXY", "maybe"),
        ("MYCELIX_RPC_URLS", "http://x"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(WrongConfiguration, match="MYCELIX_"):
        Config.from_environment({"MYCELIX_DATA_DIR": "/d", name: value})


def test_the_guide_names_every_variable_with_default_and_meaning() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for variable in VARIABLES:
        assert (
            f"| `{variable.name}` | {f'`{variable.default}`' if variable.default else ''} | {variable.description} |"
            in text
        )


def test_no_two_steps_of_the_schema_have_the_same_number() -> None:
    numbers = [step.number for step in migrations()]
    assert numbers == sorted(set(numbers))
