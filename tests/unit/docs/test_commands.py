"""Every command that the documents name exists, with the options it is shown with; a block that no test runs says why."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.main

from mycelix_studio.cli.main import app
from mycelix_studio.ops.node_env import read
from tests.fixtures.pages import BLOCKS, LANGUAGES, PAGES, REASONS, ROOT, SHELL, Block

DEV = (ROOT / "packaging" / "dev").read_text()
UNITS = ROOT / "packaging" / "systemd"
NOT_RUN = [block for block in BLOCKS if block.not_run]
MOST_NOT_RUN = 14
"""Blocks of commands that no test runs. Whoever raises this should ask first whether the block could be run."""


def where(block: Block) -> str:
    return f"{block.page}:{block.line}"


def shown() -> list[tuple[str, str]]:
    """Return every command in blocks and inline code: (page, command line)."""
    found = [(block.page, line) for block in BLOCKS if block.language in SHELL for line in block.commands]
    for page in PAGES:
        inline = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
        name = page.relative_to(ROOT).as_posix()
        found += [(name, line) for line in re.findall(r"`((?:mycelix|packaging/dev) [^`]+)`", inline)]
    parts = [(page, part.strip()) for page, line in found for part in re.split(r" && |; ", line.replace("\n", " "))]
    return sorted({each for each in parts if each[1].startswith(("mycelix ", "packaging/dev "))})


def test_there_are_commands_to_check() -> None:
    assert len(shown()) > 60


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
        "--help",
        "--install-completion",
    }
    given = {word.split("=")[0] for word in rest if re.fullmatch(r"--[a-z][a-z-]*(=.*)?", word)}
    assert given <= options, f"{page}: {line} has {sorted(given - options)}"


def test_every_block_says_its_language() -> None:
    assert [where(block) for block in BLOCKS if block.language not in LANGUAGES] == []


def test_a_block_that_is_not_run_says_why_and_there_are_few() -> None:
    assert [where(block) for block in NOT_RUN if block.not_run not in REASONS or block.language not in SHELL] == []
    assert len(NOT_RUN) <= MOST_NOT_RUN
    annotations = sum(page.read_text().count("<!-- not run: ") for page in PAGES)
    assert annotations == len(NOT_RUN), "an annotation stands in the line above its block"


@pytest.mark.parametrize("block", NOT_RUN, ids=where)
def test_a_block_that_is_not_run_is_a_script_all_the_same(block: Block) -> None:
    done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", [block for block in NOT_RUN if "/" in block.text], ids=where)
def test_files_of_the_repository_that_such_a_block_names_exist(block: Block) -> None:
    named = re.findall(r"(?<![\w/.])(?:packaging|resources|docs|contracts)/[\w./@-]+", block.text)
    assert [name for name in named if not (ROOT / name).exists()] == []


def units_of(block: Block) -> set[str]:
    named = set(re.findall(r"\bmycelix-[a-z-]+(?:@\d+)?(?:\.(?:service|timer))?", block.text))
    full = {re.sub(r"@\d+", "@", name) for name in named}
    return {name if name.endswith((".service", ".timer")) else f"{name}.service" for name in full}


def test_every_unit_that_is_started_by_hand_exists_and_systemd_takes_it() -> None:
    named = set().union(*(units_of(block) for block in NOT_RUN if block.not_run == "needs systemd"))
    assert len(named) >= 4
    assert [name for name in named if not (UNITS / name).is_file()] == []


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    program = tmp_path / "mycelix"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for unit in UNITS.iterdir():
        name = unit.name.replace("@.", "@8390.")
        (tmp_path / name).write_text(unit.read_text().replace("/opt/mycelix/bin/mycelix", str(program)))
    files = sorted([*tmp_path.glob("*.service"), *tmp_path.glob("*.timer")])
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.language in ("json", "ini")], ids=where)
def test_a_block_of_settings_can_be_read(block: Block, tmp_path: Path) -> None:
    if block.language == "json":
        assert json.loads(block.text)
        return
    file = tmp_path / "node.env"
    file.write_text(block.text)
    assert all(name.startswith("MYCELIX_") for name in read(file))
