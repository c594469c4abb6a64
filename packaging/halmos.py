"""Proofs of the contracts: halmos runs `contracts/test/proofs/` with every moment at once, on the shipped code.

Prints a line for each and fails when one does not hold, or could not be decided. halmos lives in an environment of its own
(`packaging/locks/halmos.txt`). Divisions are beyond solvers that count in bits: z3 and cvc5 decide them with integers,
in a moment if they are spelled out.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from toolenv import ROOT, program

CONTRACTS = ROOT / "contracts"
SECONDS = 20
INTEGERS = ("tactic.default_tactic=smt", "sat.smt=true", "smt.bv.solver=2")
DIVISION = re.compile(r"\(declare-fun f_evm_bvudiv_(\d+) \(\(_ BitVec \1\) \(_ BitVec \1\)\) \(_ BitVec \1\)\)")
MOST = 4
"""Recipients of the longest split that is proven: how often a loop may run."""


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
        command += ["--loop", str(MOST)]
        command += ["--forge-build-out", "cache/halmos"]
        command += ["--solver-command", f"{halmos.with_name('python')} {Path(__file__).resolve()} --solve"]
        command += ["--solver-timeout-assertion", f"{3 * SECONDS}s"]
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
    smtlib = spelled_out(Path(query).read_text())
    with tempfile.NamedTemporaryFile("w", suffix=".smt2") as file:
        file.write(smtlib)
        file.flush()
        command = [str(program("halmos").with_name("z3")), *INTEGERS, f"-T:{SECONDS}", file.name]
        answer = subprocess.run(command, check=False, capture_output=True, text=True).stdout
    return answer if answer.startswith(("sat", "unsat")) else solved_by_cvc5(smtlib)


def solved_by_cvc5(smtlib: str) -> str:
    """Return what cvc5 says, which knows better than z3 what packing numbers into one word does to them."""
    import cvc5  # type: ignore[import-not-found]  # in halmos's environment only

    solver = cvc5.Solver()
    solver.setOption("solve-bv-as-int", "iand")
    solver.setOption("tlimit", str(SECONDS * 1_000))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, smtlib, "query")
    answers = []
    while not (command := parser.nextCommand()).isNull():
        answers.append(command.invoke(solver, parser.getSymbolManager()).strip())
        if answers[-1] in ("unsat", "unknown"):  # there are no values to be had then
            break
    return "\n".join(filter(None, answers))


def spelled_out(smtlib: str) -> str:
    """Return a query whose divisions are divisions, x / 0 = 0 as in the EVM, which halmos leaves open at first."""
    return DIVISION.sub(
        r"(define-fun f_evm_bvudiv_\1 ((x (_ BitVec \1)) (y (_ BitVec \1))) (_ BitVec \1)"
        r" (ite (= y (_ bv0 \1)) (_ bv0 \1) (bvudiv x y)))",
        smtlib,
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--solve"]:
        print(solve(sys.argv[2]))
        sys.exit(0)
    proofs = prove()
    for proof in proofs:
        print(f"{'proven' if proof.holds else 'NOT PROVEN':<10} {proof.name} ({proof.paths} paths)")
    sys.exit(int(not proofs or not all(proof.holds for proof in proofs)))
