"""Every command and each of its options is documented, every one speaks JSON, and no secret can be an argument."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from mycelix_studio.cli.main import app

DOCS = (Path(__file__).resolve().parents[3] / "docs" / "cli.md").read_text()
WITHOUT_JSON = {"node", "help"}
"""One runs on, the other prints what no script reads."""


def _leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, inner in getattr(command, "commands", {}).items():
        if hasattr(inner, "commands"):
            yield from _leaves(inner, (*path, name))
        else:
            yield (*path, name), inner


LEAVES = dict(_leaves(typer.main.get_group(app)))


def _options(command: Any) -> list[list[str]]:
    return [[*p.opts, *p.secondary_opts] for p in command.params if p.opts[0].startswith("--")]


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_a_command_has_its_place_with_all_its_options(path: tuple[str, ...]) -> None:
    heading = f"## `mycelix {path[0]}`"
    assert heading in DOCS
    section = DOCS.split(heading, 1)[1].split("\n## ", 1)[0]
    if len(path) > 1:
        assert f"`{' '.join(path[1:])}" in section, "its line is missing"
    missing = [
        words
        for words in _options(LEAVES[path])
        if not any(word in section for word in words) and words[0] not in DOCS.split("\n## ", 1)[0]
    ]
    assert missing == []


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_a_command_speaks_json(path: tuple[str, ...]) -> None:
    if path[0] not in WITHOUT_JSON:
        assert ["--json"] in _options(LEAVES[path])


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_no_secret_is_an_argument(path: tuple[str, ...]) -> None:
    """An argument stands in the list of processes and in the shell's history; a secret comes by file, descriptor or question."""
    words = ("passphrase", "secret", "password", "mnemonic", "identity", "key")
    named = [p.name for p in LEAVES[path].params if any(word in p.name.split("_") for word in words)]
    assert [name for name in named if not name.endswith("_file")] == []


LOOK = """
version, help, doctor, audit, preflight, verify, check, security, library list, tags show, tags losses, tags history, queue list,
wallet list, wallet balance, wallet activity, contacts list, strategy list, strategy show, strategy preview, strategy templates,
drafts list, live patrons, live auctions, live gifts, live payouts, rates list, settings list, stats mine, stats database, usage show,
backup list, backup verify, monitor check, monitor alerts
"""
"""Change nothing."""
RUN = "node, demo, test, backup stream"
"""Go on until they end."""
MAKE = """
simulate, usage export, backup key, backup profile, wallet export, wallet create, wallet practise, wallet import, wallet watch
"""
"""Make something new, in a file or under a name that was given."""
UNDONE = """
tags resave, tags undo, tags redo, tags restore, wallet use, wallet rename, wallet follow, wallet passphrase, usage choose,
usage send, usage erase, wallet send-file
"""
"""Can be taken back by their twin, show and ask before, or send what was shown and agreed to when it was signed."""


def test_whatever_changes_something_can_be_rehearsed() -> None:
    without = {" ".join(path) for path in LEAVES if ["--dry-run"] not in _options(LEAVES[path])}
    named = ",".join((LOOK, RUN, MAKE, UNDONE)).replace("\n", " ").split(",")
    assert without == {name.strip() for name in named}


def test_a_shell_completes_commands_and_options() -> None:
    def completed(*words: str) -> set[str]:
        asked = {
            "_MYCELIX_COMPLETE": "complete_bash",
            "COMP_WORDS": " ".join(("mycelix", *words)),
            "COMP_CWORD": str(len(words)),
        }
        return set(CliRunner().invoke(app, [], env=asked, prog_name="mycelix").stdout.split())

    assert completed("tags", "s") == {"show", "set"}
    assert completed("sync", "--js") == {"--json"}
