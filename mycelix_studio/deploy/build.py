"""Compiling the contracts, for those who change them. Everybody else uses the committed artifacts."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from mycelix_studio.errors import Known


def stale(root: Path) -> bool:
    """Tell whether a source of the contracts is newer than the oldest artifact."""
    sources = list((root / "contracts" / "src").rglob("*.sol"))
    artifacts = list((root / "resources" / "contracts" / "artifacts").glob("*.json"))
    if not sources:
        return False
    if not artifacts:
        return True
    newest = max(path.stat().st_mtime for path in sources)
    return newest > min(path.stat().st_mtime for path in artifacts)


def build_if_stale(root: Path, say: Callable[[str], None]) -> bool:
    """Compile through the contracts' npm script when a source is newer and npm and its packages are here; True when compiled.

    Raises:
        Known: The compiler refused the sources; the message is its own.
    """
    folder = root / "contracts"
    npm = shutil.which("npm")
    if not stale(root) or npm is None or not (folder / "node_modules").is_dir():
        return False
    say("Compiling the contracts")
    done = subprocess.run([npm, "run", "--silent", "build"], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise Known(
            "The contracts do not compile", (done.stderr or done.stdout).strip()[-2000:], "Mend them, then try again."
        )
    return True
