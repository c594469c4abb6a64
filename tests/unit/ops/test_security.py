"""Secrets are found where they stand, accepted risks end, and what was not looked at is never clean."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from datetime import date
from pathlib import Path

import pytest

from mycelix_studio.errors import Known
from mycelix_studio.ops.security import contracts, secrets, tools
from mycelix_studio.ops.security.risks import Accepted, Risk, Scan, Severity, apply, read_accepted
from mycelix_studio.ops.security.scan import open_risks
from mycelix_studio.ops.security.tools import OUT_OF_REACH as OUT

ROOT = Path(__file__).resolve().parents[3]
KEY = hashlib.sha256(b"a key of nobody").hexdigest().replace("f", "a")
"""Made while the test runs, since a key written down here would itself be found; the same in every process of a test run."""


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (f'KEY = "0x{KEY}"', "private-key"),
        (f"deployer_key={KEY}", "private-key"),
        (f"# the wallet of the treasury\nADDRESS = '{KEY}'", "private-key"),
        ("AGE-SECRET-KEY-1" + "Q" * 58, "age-identity"),
        ("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA", "pem-key"),
        ("aws_access_key_id = AKIA" + "ABCDEFGH23456789", "aws-key"),
        ("token: ghp_" + "a1B2" * 9, "github-token"),
        ("postgresql://mycelix:" + "hunter2hunter2@db.example.org/x", "url-password"),
    ],
)
def test_a_secret_is_found_with_its_line(tmp_path: Path, line: str, rule: str) -> None:
    (tmp_path / "file.txt").write_text(f"first line\n{line}\n")
    found = secrets.scan(tmp_path)
    assert rule in {risk.rule for risk in found.risks}
    assert all(risk.where.startswith("file.txt:") for risk in found.risks)
    assert not any(KEY in risk.detail for risk in found.risks), "a report must not spread the secret"


@pytest.mark.parametrize(
    "line",
    [
        f"song_id = '0x{KEY}'",  # a hash
        f"    --hash=sha256:{KEY}",
        "key = '0x" + "ab" * 32 + "'",  # filler
        "key = '0x" + "f" * 64 + "'",  # beyond the curve's order
        "key = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0",  # half of it, the bound of low signatures
        "postgresql://user:{password}@host.example/",
    ],
)
def test_what_is_no_secret_is_left_alone(tmp_path: Path, line: str) -> None:
    (tmp_path / "file.txt").write_text(line)
    assert secrets.scan(tmp_path).risks == ()


def test_a_secret_that_was_committed_once_is_found_after_it_was_removed(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        subprocess.run(["git", *who, "-C", tmp_path, *words], check=True, capture_output=True)

    git("init")
    for text in (f'KEY = "0x{KEY}"\n', "# gone\n", "# gone for good\n"):
        (tmp_path / "deploy.py").write_text(text)
        git("add", ".")
        git("commit", "-m", "x")
    assert secrets.scan(tmp_path).risks == ()
    found = secrets.history(tmp_path)
    (risk,) = found.risks
    assert (risk.id, found.checked) == ("secrets:private-key:deploy.py", "2 older versions of files")
    assert "older version" in risk.detail and KEY not in risk.detail
    assert secrets.history(tmp_path / ".git" / "nowhere").why_not


def test_this_repository_holds_no_secret_that_was_not_accepted() -> None:
    accepted = read_accepted(ROOT / "packaging" / "accepted-risks.toml")
    found = apply(secrets.scan(ROOT), accepted, date.today())  # noqa: DTZ011 - a test's own day
    assert open_risks([found]) == []


def test_an_accepted_risk_counts_again_after_its_date() -> None:
    risk = Risk("bandit", "B608", Severity.MEDIUM, "store/a.py:12", "Text.")
    scan = Scan("bandit", "all", risks=(risk,))
    accepted = [Accepted("bandit:B608:store/*", "constants only", date(2026, 12, 31))]
    assert open_risks([apply(scan, accepted, date(2026, 12, 31))]) == []
    (again,) = open_risks([apply(scan, accepted, date(2027, 1, 1))])
    assert "which is over" in again.detail
    assert open_risks([apply(scan, [Accepted("bandit:B608:node/*", "x", date(2030, 1, 1))], date(2026, 1, 1))])


def test_a_risk_is_not_accepted_without_reason_and_date(tmp_path: Path) -> None:
    file = tmp_path / "accepted.toml"
    for text in (
        '[[risk]]\nid = "a"\nexpires = 2027-01-01',
        '[[risk]]\nid = "a"\nreason = " "\nexpires = 2027-01-01',
        '[[risk]]\nid = "a"\nreason = "b"\nexpires = "soon"',
    ):
        file.write_text(text)
        with pytest.raises(Known):
            read_accepted(file)


def test_a_locked_package_without_a_hash_is_found(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(f"good==1.0 \\\n    --hash=sha256:{KEY}\nbad==2.0\n    # via good\n")
    assert [risk.where for risk in tools.lock_is_hashed(lock).risks] == ["bad"]
    for name in ("dev", "node", "slither"):
        assert tools.lock_is_hashed(ROOT / "packaging" / "locks" / f"{name}.txt").risks == ()


def test_a_node_is_installed_from_the_same_versions_without_what_only_tests() -> None:
    def pinned(name: str) -> dict[str, str]:
        text = (ROOT / "packaging" / "locks" / f"{name}.txt").read_text()
        return dict(re.findall(r"(?m)^([a-z0-9.-]+)==([^\s;]+)", text))

    node, dev = pinned("node"), pinned("dev")
    assert node.items() <= dev.items()
    assert {"granian", "hatchling"} <= set(node)
    assert not {"pytest", "schemathesis", "bandit", "moto", "pyinstaller"} & set(node)


def test_a_tool_that_cannot_run_is_not_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    assert contracts.scan(tmp_path).why_not and tools.units(tmp_path).why_not
    assert not contracts.scan(tmp_path).checked
    assert all(scan.why_not and not scan.checked for scan in OUT)


@pytest.mark.parametrize(
    ("skipped", "why"),
    [(0, ""), (1, "does not know 1 of 2 locked packages (first)"), (2, "cannot be reached from here")],
)
def test_what_the_service_of_known_holes_does_not_know_is_never_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, skipped: int, why: str
) -> None:
    """A stand-in for pip-audit answers as it does: nothing with --strict, and what it skipped without."""
    program = tmp_path / "python"
    packages: list[dict[str, object]] = [{"name": "first", "version": "1"}, {"name": "second", "version": "1"}]
    for package in packages[:skipped]:
        package["skip_reason"] = "Dependency not found on PyPI and could not be audited: first (1)"
    for package in packages[skipped:]:
        package["vulns"] = [{"id": "PYSEC-2026-1", "description": "A hole."}]
    strict = "case \" $* \" in *--strict*) echo 'first: could not be audited' >&2; exit 1;; esac" if skipped else ""
    program.write_text(f"#!/bin/sh\n{strict}\necho '{json.dumps({'dependencies': packages})}'\n")
    program.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(program))
    found = tools.pip_audit(tmp_path / "lock.txt")
    assert why in found.why_not and bool(found.checked) == (not why)
    assert len(found.risks) == 2 - skipped


def test_the_contracts_are_looked_through_and_each_finding_is_explained() -> None:
    """Without slither the findings that were kept of these very sources count; a change of the sources makes them count no more."""
    found = contracts.kept(ROOT)
    assert found and all(each.severity is Severity.MEDIUM for each in found)
    reasons = contracts.explanations((ROOT / contracts.EXPLAINED).read_text())
    assert {(each.check, each.place) for each in found} == set(reasons)


def test_every_unit_is_hardened() -> None:
    found = tools.units(ROOT / "packaging" / "systemd")
    if found.why_not:
        pytest.skip(found.why_not)
    assert found.risks == () and "units" in found.checked
