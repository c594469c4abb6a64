"""Tools that need other packages than the program: each in an environment of its own, made from its lock when it is first needed."""

from __future__ import annotations

import os
import subprocess
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ROOT / "packaging" / "locks"


def program(name: str) -> Path:
    """Return the program ``name`` of the environment that ``packaging/locks/<name>.txt`` describes.

    Raises:
        CalledProcessError: A package could not be installed.
    """
    environment = ROOT / f".venv-{name}"
    found = environment / (f"Scripts/{name}.exe" if os.name == "nt" else f"bin/{name}")
    if not found.exists():
        venv.create(environment, with_pip=True)
        pip = [str(found.with_name("python")), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
        locked = ["--require-hashes", "--only-binary", ":all:", "-r", str(LOCKS / f"{name}.txt")]
        subprocess.run([*pip, *locked], check=True)
    return found
