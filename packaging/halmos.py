"""Proofs of the contracts: halmos runs `contracts/test/proofs/` with every amount and every moment at once, on the shipped code.

Prints a line for each and fails when one does not hold, or could not be decided. halmos lives in an environment of its own
(`packaging/locks/halmos.txt`). Divisions are beyond a solver that counts in bits, so what yices does not decide in seconds z3 decides with
integers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from toolenv import ROOT, program

CONTRACTS = ROOT / "contracts"
SECONDS = 60
INTEGERS = ("tactic.default_tactic=smt", "sat.smt=true", "smt.bv.solver=2")
QUICK = 5
"""Seconds for the first solver."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One statement, whether it was proven, and how many paths of the code that took."""

    name: str
    holds: bool
    paths: int


def prove() -> list[Proof]:
    """Return every proof of `contracts/test/proofs/`.

    Raises:
        SystemExit: halmos did not run.
    """
    halmos = program("halmos")
    path = os.pathsep.join([str(CONTRACTS / "node_modules" / ".bin"), str(halmos.parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path}
    subprocess.run(
        ["forge", "build", "--skip", "test"], cwd=CONTRACTS, env=environment, check=True, capture_output=True
    )
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "proofs.json"
        command = [str(halmos), "--contract", "MoneyProofs", "--json-output", str(report), "--no-status"]
        command += ["--forge-build-out", "cache/halmos"]
        command += ["--solver-command", f"{sys.executable} {Path(__file__).resolve()} --solve"]
        command += ["--solver-timeout-assertion", f"{SECONDS}s"]
        done = subprocess.run(
            command,
            cwd=CONTRACTS,
            env={**environment, "FOUNDRY_PROFILE": "halmos"},
            check=False,
            capture_output=True,
            text=True,
        )
        if not report.is_file():
            raise SystemExit(done.stdout[-2_000:] + done.stderr[-2_000:])
        results = json.loads(report.read_text())["test_results"]
    return [
        Proof(str(each["name"]).partition("(")[0], each["exitcode"] == 0, each["num_paths"][0])
        for tests in results.values()
        for each in tests
    ]


def solve(query: str) -> str:
    """Return what a solver says about an SMT-LIB file: ``sat`` with its values, ``unsat``, or ``unknown``."""
    folder = program("halmos").parent
    for command, seconds in (
        ([str(folder / "yices-smt2"), query], QUICK),
        ([str(folder / "z3"), *INTEGERS, query], SECONDS),
    ):
        try:
            done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=seconds)
        except subprocess.TimeoutExpired:
            continue
        answer = done.stdout.partition("\n")[0].strip()
        if answer == "sat":
            return done.stdout
        if answer == "unsat":
            return answer
    return "unknown"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--solve"]:
        print(solve(sys.argv[2]))
        sys.exit(0)
    proofs = prove()
    for proof in proofs:
        print(f"{'proven' if proof.holds else 'NOT PROVEN':<10} {proof.name} ({proof.paths} paths)")
    sys.exit(int(not proofs or not all(proof.holds for proof in proofs)))
