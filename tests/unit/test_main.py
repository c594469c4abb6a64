"""The arguments of the window's program. What is said here is said without Qt."""

from __future__ import annotations

import sys

import pytest

from mycelix_studio import __version__
from mycelix_studio.__main__ import main


def test_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == main(["-h"]) == 0
    said = capsys.readouterr().out
    assert all(f"--{name}" in said for name in ("profile-dir", "page", "gallery", "version", "help"))


def test_the_version_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["mycelix-studio", "--version"])
    assert main() == 0
    assert capsys.readouterr().out == f"Mycelix Studio {__version__}\n"


@pytest.mark.parametrize("arguments", [["--nonsense"], ["--page"], ["library"], ["--gallery", "more"]])
def test_what_is_not_known_is_refused_with_the_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("usage:") and said.splitlines()[-1].startswith("mycelix-studio: ")
