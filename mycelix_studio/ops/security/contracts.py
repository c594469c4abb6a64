"""slither over the contracts: each high or medium finding is explained in ``contracts/SECURITY.md``, or it counts.

slither needs another web3 than the program, so it lives in an environment of its own, ``.venv-slither``, which ``packaging/dev contracts
slither`` makes. What it found last is kept beside the hash of the sources it read.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mycelix_studio.ops.security.risks import Risk, Scan, Severity

ENVIRONMENT: Final = ".venv-slither"
KEPT: Final = Path("contracts", "snapshots", "slither.json")
EXPLAINED: Final = Path("contracts", "SECURITY.md")
_SECONDS: Final = 420
_ROW: Final = re.compile(r"^\| `(?P<check>[a-z0-9-]+)` \| (?P<places>`[^|]+`) \| (?P<why>[^|]+) \|$", re.MULTILINE)


class SlitherFailed(Exception):
    """It could not look at the contracts; the text says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        check: Name of slither's detector.
        place: ``Contract.function`` or ``Contract.function.variable``.
        severity: How bad slither takes it to be.
        where: File and line from the root of the checkout; empty for one that was kept.
        text: One sentence.
    """

    check: str
    place: str
    severity: Severity = Severity.MEDIUM
    where: str = ""
    text: str = ""


def fingerprint(root: Path) -> str:
    """Return the hash of everything a finding depends on: sources, their packages, and slither itself."""
    digest = hashlib.sha256()
    contracts = root / "contracts"
    others = (contracts / "package-lock.json", root / "packaging" / "locks" / "slither.txt")
    for path in [*sorted((contracts / "src").rglob("*.sol")), *others]:
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def explanations(text: str) -> dict[tuple[str, str], str]:
    """Return the reason for every check and place in the table of findings."""
    return {
        (row["check"], place): row["why"]
        for row in _ROW.finditer(text)
        for place in re.findall(r"`([^`]+)`", row["places"])
    }


def place_of(element: dict[str, Any]) -> str:
    """Return where a finding is, as ``Contract.function`` or ``Contract.function.variable``."""
    parent = element.get("type_specific_fields", {}).get("parent")
    names = [str(element["name"])]
    while parent is not None:
        names.insert(0, str(parent["name"]))
        parent = parent.get("type_specific_fields", {}).get("parent")
    return ".".join(name for name in names if not name.endswith(".sol"))


def program(root: Path) -> Path | None:
    """Return slither: the one of its own environment, or one that is installed; None when there is none."""
    own = root / ENVIRONMENT / ("Scripts/slither.exe" if os.name == "nt" else "bin/slither")
    if own.exists():
        return own
    found = shutil.which("slither") or shutil.which("slither", path=str(Path(sys.executable).parent))
    return Path(found) if found else None


def analyse(root: Path, slither: Path) -> list[Finding]:
    """Run slither and return its high and medium findings, sorted.

    Raises:
        SlitherFailed: It could not compile or read the contracts, or took too long.
    """
    contracts = root / "contracts"
    path = os.pathsep.join([str(contracts / "node_modules" / ".bin"), str(slither.parent), os.environ.get("PATH", "")])
    command = [str(slither), ".", "--json", "-", "--filter-paths", "node_modules|test"]
    command += ["--exclude-informational", "--exclude-low", "--exclude-optimization"]
    environment = {**os.environ, "PATH": path, "FOUNDRY_PROFILE": "slither"}
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            command, cwd=contracts, env=environment, check=False, capture_output=True, text=True, timeout=_SECONDS
        )
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise SlitherFailed(f"it did not end within {_SECONDS} seconds") from error
    except (OSError, ValueError) as error:
        raise SlitherFailed((done.stderr if "done" in locals() else str(error))[-3_000:]) from error
    if not answer["success"]:
        raise SlitherFailed(str(answer["error"]))
    return sorted(
        {_finding(each) for each in answer["results"].get("detectors", [])}, key=lambda each: (each.check, each.place)
    )


def _finding(item: dict[str, Any]) -> Finding:
    element = item["elements"][0]
    mapping = element.get("source_mapping", {})
    return Finding(
        check=str(item["check"]),
        place=place_of(element),
        severity=Severity.HIGH if item["impact"] == "High" else Severity.MEDIUM,
        where=f"contracts/{mapping.get('filename_relative', '')}:{(mapping.get('lines') or [0])[0]}",
        text=" ".join(str(item["description"]).split())[:200],
    )


def kept(root: Path) -> list[Finding] | None:
    """Return the findings that were kept, when they are of these very sources."""
    try:
        answer = json.loads((root / KEPT).read_text())
        if answer["sources"] != fingerprint(root):
            return None
    except (OSError, ValueError, KeyError):
        return None
    return [Finding(str(check), str(place)) for check, place in answer["findings"]]


def scan(root: Path) -> Scan:
    """Look through the contracts; what ``contracts/SECURITY.md`` explains is accepted for as long as it stands there."""
    slither = program(root)
    checked = "all contracts"
    if slither is not None and (root / "contracts" / "node_modules").is_dir():
        try:
            findings = analyse(root, slither)
        except SlitherFailed as error:
            return Scan("slither", why_not=str(error).strip()[-300:])
    else:
        known = kept(root)
        if known is None:
            return Scan("slither", why_not="it is not installed: packaging/dev contracts slither")
        findings = known
        checked = (
            "all contracts, when these very sources were last read (packaging/dev contracts slither reads them now)"
        )
    reasons = explanations((root / EXPLAINED).read_text())
    risks = []
    for each in findings:
        why = reasons.get((each.check, each.place), "")
        accepted = f"{why} ({EXPLAINED.as_posix()})" if why else ""
        risks.append(
            Risk("slither", each.check, each.severity, each.where or each.place, each.text or each.place, accepted)
        )
    return Scan("slither", checked=checked, risks=tuple(risks))
