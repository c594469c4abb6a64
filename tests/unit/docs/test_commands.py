"""Every command that the documents name exists, with the options it is shown with."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from mycelix_studio.cli.main import app

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
DEV = (ROOT / "packaging" / "dev").read_text()


def shown() -> list[tuple[str, str]]:
    """Return every command in blocks and inline code: (page, command line)."""
    found = []
    for page in PAGES:
        text = page.read_text()
        blocks = re.findall(r"```(?:sh)?\n(.*?)```", text, re.DOTALL)
        lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
        lines += re.findall(r"`((?:mycelix|packaging/dev) [^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
        for line in lines:
            parts = re.split(r" && |; ", line.replace("\n", " "))
            named = [part.strip() for part in parts if part.startswith(("mycelix ", "packaging/dev "))]
            found += [(page.relative_to(ROOT).as_posix(), part) for part in named]
    return sorted(set(found))


def test_there_are_commands_to_check() -> None:
    assert len(shown()) > 40


@pytest.mark.parametrize(("page", "line"), shown(), ids=lambda part: part[:70])
def test_a_command_in_the_documents_exists_with_its_options(page: str, line: str) -> None:
    words = [word for word in shlex.split(line.replace("…", "").replace("...", "")) if word]
    program, *rest = words
    if program == "packaging/dev":
        assert re.search(rf'"{re.escape(rest[0])}"', DEV), f"{page}: packaging/dev has no {rest[0]}"
        return
    command = typer.main.get_group(app)
    while rest and hasattr(command, "commands") and not rest[0].startswith("--"):
        if rest[0].isupper():
            return  # a placeholder: `mycelix help COMMAND`
        assert rest[0] in command.commands, f"{page}: there is no `mycelix {' '.join(words[1:])}`"
        command = command.commands[rest.pop(0)]
    options = {word for parameter in command.params for word in [*parameter.opts, *parameter.secondary_opts]} | {
        "--help"
    }
    given = {word.split("=")[0] for word in rest if re.fullmatch(r"--[a-z][a-z-]*(=.*)?", word)}
    assert given <= options, f"{page}: {line} has {sorted(given - options)}"
