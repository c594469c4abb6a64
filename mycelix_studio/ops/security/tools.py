"""Scanners that others keep: bandit, pip-audit, CycloneDX, systemd-analyze. What cannot run is reported as not checked."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from mycelix_studio.ops.security.risks import Risk, Scan, Severity

_SEVERITIES: Final = {"HIGH": Severity.HIGH, "MEDIUM": Severity.MEDIUM, "LOW": Severity.LOW}
_TOOL_SECONDS: Final = 420
EXPOSURE: Final = 1.5
"""Most that `systemd-analyze security` may say about a unit."""
_FREE: Final = re.compile(
    r"(?i)\b(MIT|BSD|Apache|ISC|MPL|Python|PSF|Unlicense|Public Domain|CC0|Zlib|LGPL|HPND|OFL|0BSD|WTFPL|BlueOak|MIT-CMU)\b"
)


def _run(words: Sequence[str | Path], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own words
        [*map(str, words)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=_TOOL_SECONDS,
        env={**os.environ, "NO_COLOR": "1"},
    )


def _missing(module: str) -> bool:
    return importlib.util.find_spec(module) is None


def bandit(root: Path) -> Scan:
    """Look through the Python sources."""
    if _missing("bandit"):
        return Scan("bandit", why_not="the package bandit is not installed")
    done = _run([sys.executable, "-m", "bandit", "-q", "-r", "mycelix_studio", "-f", "json"], root)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return Scan("bandit", why_not=(done.stderr or "it printed no report").strip()[-200:])
    risks = tuple(
        Risk(
            "bandit",
            str(item["test_id"]),
            _SEVERITIES.get(str(item["issue_severity"]), Severity.LOW),
            f"{item['filename']}:{item['line_number']}",
            str(item["issue_text"]),
        )
        for item in report["results"]
    )
    errors = tuple(
        Risk("bandit", "error", Severity.MEDIUM, str(e["filename"]), str(e["reason"])) for e in report["errors"]
    )
    return Scan("bandit", checked=f"{report['metrics']['_totals']['loc']:,} lines", risks=(*risks, *errors))


def pip_audit(lock: Path) -> Scan:
    """Compare the locked packages with known holes. ``--strict``: what was skipped is an error, never clean."""
    if _missing("pip_audit"):
        return Scan("pip-audit", why_not="the package pip-audit is not installed")
    try:
        refused, report = _audited(lock, "--strict")
        if report is None and "could not be audited" in refused:
            # It stops at the first package its service does not know. How many are there?
            _, report = _audited(lock)
    except subprocess.TimeoutExpired:
        return Scan("pip-audit", why_not="the service of known holes did not answer in time")
    if report is None:
        return Scan("pip-audit", why_not=refused[:300])
    risks = tuple(
        Risk(
            "pip-audit",
            str(hole["id"]),
            Severity.HIGH,
            f"{item['name']} {item['version']}",
            str(hole.get("description", ""))[:160],
        )
        for item in report
        for hole in item.get("vulns", [])
    )
    skipped = [str(item["name"]) for item in report if "skip_reason" in item]
    if len(skipped) == len(report):
        why = f"the service of known holes cannot be reached from here: it knows none of the {len(report)} locked packages"
        return Scan("pip-audit", why_not=why)
    if skipped:
        named = ", ".join(skipped[:5])
        why = f"the service of known holes does not know {len(skipped)} of {len(report)} locked packages ({named})"
        return Scan("pip-audit", why_not=why, risks=risks)
    return Scan("pip-audit", checked=f"{len(report)} locked packages", risks=risks)


def _audited(lock: Path, *more: str) -> tuple[str, list[dict[str, Any]] | None]:
    """Run pip-audit; returns what it said last, and its report by package or None when it made none."""
    words = ("-m", "pip_audit", "--require-hashes", "--disable-pip", "-f", "json", "--progress-spinner", "off")
    done = _run([sys.executable, *words, *more, "-r", lock])
    said = (done.stderr.strip().splitlines() or ["it printed no report"])[-1]
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return said, None
    return said, packages


def lock_is_hashed(lock: Path) -> Scan:
    """Make sure that every locked package has hashes, so that a changed file fails the installation."""
    packages = re.findall(r"(?m)^([A-Za-z0-9_.-]+)==.*?(?=^[A-Za-z0-9]|\Z)", lock.read_text(), re.DOTALL)
    blocks = re.split(r"(?m)^(?=[A-Za-z0-9_.-]+==)", lock.read_text())[1:]
    bare = [block.split("==")[0] for block in blocks if "--hash=sha256:" not in block]
    risks = tuple(Risk("lock", "no-hash", Severity.HIGH, name, "It is locked without a hash.") for name in bare)
    return Scan("lock", checked=f"{len(packages)} packages with hashes", risks=risks)


def licences() -> Scan:
    """Look at the licences of the installed packages: what is not known to be free to use is shown."""
    risks = []
    count = 0
    for package in importlib.metadata.distributions():
        data = package.metadata
        name = str(data["Name"])
        if name == "mycelix-studio":
            continue
        count += 1
        classifiers = [text for text in data.get_all("Classifier") or [] if text.startswith("License")]
        text = " ".join(
            [
                *(text[:200] for name_ in ("License-Expression", "License") for text in data.get_all(name_) or []),
                *classifiers,
            ]
        )
        if not _FREE.search(text):
            said = text.strip()[:80] or "none"
            risks.append(Risk("licences", "unknown", Severity.LOW, name, f"Its licence is {said}."))
    return Scan("licences", checked=f"{count} installed packages", risks=tuple(risks))


def bill_of_materials(to: Path) -> Scan:
    """Write a CycloneDX bill of the installed packages."""
    if _missing("cyclonedx_py"):
        return Scan("sbom", why_not="the package cyclonedx-bom is not installed")
    done = _run(
        [
            sys.executable,
            "-m",
            "cyclonedx_py",
            "environment",
            "--of",
            "JSON",
            "--output-reproducible",
            "--no-validate",  # comparing its own output with the schema takes it fifteen seconds
            "-o",
            to,
            sys.executable,
        ]
    )
    if done.returncode != 0 or not to.is_file():
        return Scan("sbom", why_not=(done.stderr or "it wrote nothing").strip()[-200:])
    components = json.loads(to.read_text()).get("components", [])
    return Scan("sbom", checked=f"{len(components)} components in {to}")


def units(folder: Path) -> Scan:
    """Ask systemd how exposed our units are."""
    program = shutil.which("systemd-analyze")
    if program is None:
        return Scan("systemd", why_not="systemd-analyze is not installed")
    files = sorted(folder.glob("*.service"))
    risks = []
    worst = 0.0
    for file in files:
        done = _run([program, "security", "--offline=true", "--no-pager", file])
        found = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout + done.stderr)
        if found is None:
            return Scan("systemd", why_not=(done.stderr.strip() or "it gave no figure")[-200:])
        exposure = float(found[1])
        worst = max(worst, exposure)
        if exposure > EXPOSURE:
            risks.append(
                Risk(
                    "systemd",
                    "exposure",
                    Severity.MEDIUM,
                    file.name,
                    f"Its exposure is {exposure}, more than {EXPOSURE}.",
                )
            )
    return Scan("systemd", checked=f"{len(files)} units, exposure at most {worst}", risks=tuple(risks))


def headers(url: str) -> Scan:
    """Look at the headers of a running node."""
    import urllib.error
    import urllib.request

    wanted = {
        "Content-Security-Policy": (Severity.MEDIUM, "frame-ancestors 'none'"),
        "X-Content-Type-Options": (Severity.MEDIUM, "nosniff"),
        "Referrer-Policy": (Severity.LOW, "no-referrer"),
    }
    if url.startswith("https"):
        wanted["Strict-Transport-Security"] = (Severity.MEDIUM, "max-age")
    risks = []
    paths = ("/api/songs?limit=1", "/api-docs", "/api/no-such-thing")
    for path in paths:
        try:
            with urllib.request.urlopen(url.rstrip("/") + path, timeout=15) as answer:  # noqa: S310 - an address the operator gave
                found = answer.headers
        except urllib.error.HTTPError as error:
            with error:
                found = error.headers
        except OSError as error:
            return Scan("headers", why_not=f"{url} does not answer ({error})")
        for name, (severity, part) in wanted.items():
            value = str(found.get(name, ""))
            if part not in value:
                risks.append(
                    Risk(
                        "headers",
                        name.lower(),
                        severity,
                        f"{url}{path}",
                        f"It is “{value}”." if value else "It is missing.",
                    )
                )
        if "unsafe-eval" in str(found.get("Content-Security-Policy", "")):
            risks.append(Risk("headers", "unsafe-eval", Severity.HIGH, f"{url}{path}", "Scripts may be made of texts."))
        if found.get("Server", "").lower().startswith(("granian", "uvicorn", "nginx/")):
            risks.append(
                Risk("headers", "server", Severity.LOW, f"{url}{path}", "It tells the server's name and version.")
            )
    return Scan("headers", checked=f"{len(paths)} answers of {url}", risks=tuple(risks))


OUT_OF_REACH: Final = (
    Scan(
        "npm-audit",
        why_not="needs the npm registry's audit service; run `npm audit` in contracts/ where it can be reached",
    ),
)
"""What this program cannot look at, so that nobody takes silence for clean."""
