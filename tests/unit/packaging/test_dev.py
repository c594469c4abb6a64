"""`packaging/dev` names what is missing and how to get it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

DEV = Path(__file__).resolve().parents[3] / "packaging" / "dev"


def _run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(DEV), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **env},
        timeout=60,
    )


def test_without_a_command_it_lists_them() -> None:
    done = _run("help")
    assert done.returncode == 0
    for command in ("demo", "test", "lint", "contracts", "bench", "faults"):
        assert f"packaging/dev {command}" in done.stdout


def test_an_unknown_command_is_wrong_usage() -> None:
    assert _run("tset").returncode == 2


def test_a_machine_without_node_is_told_how_to_get_it(tmp_path: Path) -> None:
    for program in ("ldconfig", "gcc", "sh", "uname"):
        found = next((p for p in (Path("/sbin") / program, Path("/usr/bin") / program) if p.exists()), None)
        if found is not None:
            (tmp_path / program).symlink_to(found)
    script = f"import runpy; m = runpy.run_path({str(DEV)!r}); m['need_node']()"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": str(tmp_path)},
    )
    assert "Node 20 or newer" in done.stderr
    assert "nodejs.org" in done.stderr
