"""Static analysis of the contracts: every high or medium finding of slither is explained in `contracts/SECURITY.md`, or this fails.

slither needs another web3 than the program, so it lives in an environment of its own (`packaging/locks/slither.txt`), made when it is
first needed. What it found stands in `contracts/snapshots/slither.json` beside the hash of the sources it read; only other sources are
analysed again, which takes a minute.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from toolenv import program

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = ROOT / "contracts"
LOCK = ROOT / "packaging" / "locks" / "slither.txt"
SNAPSHOT = CONTRACTS / "snapshots" / "slither.json"
ROW = re.compile(r"^\| `(?P<check>[a-z0-9-]+)` \| (?P<places>`[^|]+`) \| (?P<why>[^|]+) \|$", re.MULTILINE)


def main() -> int:
    """Analyse if the sources changed, and compare with the explanations; returns the exit code."""
    wanted = _fingerprint()
    kept = json.loads(SNAPSHOT.read_text()) if SNAPSHOT.is_file() else {}
    if kept.get("sources") != wanted:
        sys.stderr.write("· slither reads the contracts anew\n")
        kept = {"sources": wanted, "findings": _analyse()}
        SNAPSHOT.write_text(json.dumps(kept, indent=1) + "\n")
    found = {(check, place) for check, place in kept["findings"]}
    explained = explanations((CONTRACTS / "SECURITY.md").read_text())
    for check, place in sorted(found - explained):
        print(f"slither: {check} in {place} is not explained in contracts/SECURITY.md")
    for check, place in sorted(explained - found):
        print(f"slither: {check} in {place} is explained in contracts/SECURITY.md and not found any more")
    if found == explained:
        print(f"slither: {len(found)} findings, each explained")
    return int(found != explained)


def explanations(text: str) -> set[tuple[str, str]]:
    """Return check and place of every row of the table of findings."""
    return {(row["check"], place) for row in ROW.finditer(text) for place in re.findall(r"`([^`]+)`", row["places"])}


def place_of(element: dict[str, Any]) -> str:
    """Return where a finding is, as ``Contract.function`` or ``Contract.function.variable``."""
    parent = element.get("type_specific_fields", {}).get("parent")
    names = [str(element["name"])]
    while parent is not None:
        names.insert(0, str(parent["name"]))
        parent = parent.get("type_specific_fields", {}).get("parent")
    return ".".join(name for name in names if not name.endswith(".sol"))


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in [*sorted((CONTRACTS / "src").rglob("*.sol")), CONTRACTS / "package-lock.json", LOCK]:
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _analyse() -> list[tuple[str, str]]:
    """Return check and place of each high or medium finding, in order."""
    slither = program("slither")
    path = os.pathsep.join([str(CONTRACTS / "node_modules" / ".bin"), str(slither.parent), os.environ.get("PATH", "")])
    command = [str(slither), ".", "--json", "-", "--filter-paths", "node_modules|test"]
    command += ["--exclude-informational", "--exclude-low", "--exclude-optimization"]
    environment = {**os.environ, "PATH": path, "FOUNDRY_PROFILE": "slither"}
    done = subprocess.run(command, cwd=CONTRACTS, env=environment, check=False, capture_output=True, text=True)
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise SystemExit(done.stderr[-3_000:]) from None
    if not answer["success"]:
        raise SystemExit(str(answer["error"]))
    found = answer["results"].get("detectors", [])
    return sorted({(each["check"], place_of(each["elements"][0])) for each in found})


if __name__ == "__main__":
    sys.exit(main())
