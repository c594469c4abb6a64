"""Every command and each of its options is documented."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer.main

from mycelix_studio.cli.main import app

DOCS = (Path(__file__).resolve().parents[3] / "docs" / "cli.md").read_text()
COMMANDS = sorted(typer.main.get_group(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_its_section_with_all_its_options(name: str) -> None:
    assert f"## `mycelix {name}`" in DOCS
    section = DOCS.split(f"## `mycelix {name}`", 1)[1].split("\n## ", 1)[0]
    command = typer.main.get_group(app).commands[name]  # type: ignore[attr-defined]
    below = getattr(command, "commands", {})
    assert [each for each in below if f"`mycelix {name} {each} " not in section] == []
    missing = [
        parameter.opts
        for each in (command, *below.values())
        for parameter in each.params
        if (words := [*parameter.opts, *parameter.secondary_opts])[0].startswith("--")
        and not any(word in section for word in words)
    ]
    assert missing == []
