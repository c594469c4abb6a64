"""The wheel carries `resources/` and both commands start from it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from this checkout and unpack it, as pip does for a pure-Python wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def _python(site: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=site,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(site), "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_resource_is_read_from_the_wheel(installed: Path) -> None:
    path = Path(
        _python(
            installed, "-c", "from mycelix_studio import paths; print(paths.resource('fonts/Inter-Regular.ttf'))"
        ).strip()
    )
    assert path.is_relative_to(installed)
    assert path.read_bytes()[:4] == b"\x00\x01\x00\x00"


def test_the_command_line_starts_from_the_wheel(installed: Path) -> None:
    assert _python(installed, "-m", "mycelix_studio.cli.main", "version").strip() == "0.1.0"


def test_a_file_that_is_not_shipped_is_named() -> None:
    from mycelix_studio import paths

    with pytest.raises(FileNotFoundError, match="nothing-here"):
        paths.resource("nothing-here.svg")
