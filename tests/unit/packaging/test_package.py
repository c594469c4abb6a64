"""What artists install: where its files go, and how the frozen program becomes its own child processes."""

from __future__ import annotations

import configparser
import runpy
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mycelix_studio import paths

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"
ENTRY = PACKAGING / "freeze" / "entry.py"


def _entry(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ENTRY), *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_the_program_is_laid_out_as_a_desktop_expects_it(tmp_path: Path) -> None:
    program = tmp_path / "mycelix-studio"
    program.mkdir()
    for name in ("mycelix-studio", "mycelix"):
        (program / name).write_text("#!/bin/sh\necho started\n")
        (program / name).chmod(0o755)
    package = runpy.run_path(str(PACKAGING / "package.py"))
    root = tmp_path / "root"
    package["tree"](root, program)
    for name in ("mycelix-studio", "mycelix"):
        done = subprocess.run([root / "usr/bin" / name], capture_output=True, text=True, check=True)
        assert done.stdout == "started\n"
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(root / "usr/share/applications/mycelix-studio.desktop")
    assert (root / "usr/bin" / entry["Desktop Entry"]["Exec"]).exists()
    icons = list((root / "usr/share/icons").rglob(f"{entry['Desktop Entry']['Icon']}.svg"))
    assert len(icons) == 1
    about = ElementTree.parse(root / "usr/share/metainfo/org.mycelix.Studio.metainfo.xml")
    assert about.findtext("launchable") == "mycelix-studio.desktop"


def test_a_module_is_run_by_python_and_by_a_frozen_program_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert paths.module_command("mycelix_studio.node", "x") == [sys.executable, "-m", "mycelix_studio.node", "x"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert paths.module_command("mycelix_studio.node") == [sys.executable, paths.MODULE_FLAG, "mycelix_studio.node"]


def test_the_frozen_program_is_studio_or_one_of_its_own_modules_and_no_other(tmp_path: Path) -> None:
    assert _entry("--version").stdout.startswith("Mycelix Studio ")
    probed = _entry(paths.MODULE_FLAG, "mycelix_studio.node.probe", str(tmp_path / "absent.flac"))
    assert "why" in probed.stdout
    refused = _entry(paths.MODULE_FLAG, "this")
    assert (refused.returncode, refused.stdout) == (2, "")
