"""Tools that need other packages than the program: each in an environment of its own, made anew from its lock when that changed."""

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
    lock, stamp = LOCKS / f"{name}.txt", environment / ".setup-stamp"
    if not stamp.is_file() or stamp.read_text() != lock.read_text():
        venv.create(environment, with_pip=True, clear=True)
        pip = [str(found.with_name("python")), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
        subprocess.run([*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(lock)], check=True)
        stamp.write_text(lock.read_text())
    return found
