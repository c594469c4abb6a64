"""The rules of money changed one operator, number or word at a time: their tests must notice, and must pass every branch.

The rules are pure, so they are copied with their tests into a folder of their own, where mutmut changes them. A test that takes for ever
counts as having noticed. What the contracts do with the same money is proven beside, on the shipped code.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.bench.rows import Row

ROOT = Path(__file__).resolve().parents[2]
RULES = (
    "money.py", "splits.py", "fiat.py", "strategy/dutch_auction.py", "strategy/patronage.py", "strategy/pay_per_stream.py",
    "strategy/gift_economy.py",
)  # fmt: skip
TESTS = ("test_money.py", "test_money_refusals.py", "test_splits.py", "test_fiat.py", "strategy/test_ways.py")
KILLED = ("killed", "timeout", "suspicious", "segfault")
SECONDS = 900

PROFILE = """\
from hypothesis import settings
settings.register_profile("mutants", deadline=None, derandomize=True, max_examples=10, database=None)
settings.load_profile("mutants")
"""
PROJECT = """\
[project]
name = "mutants"
version = "0"
[tool.mutmut]
paths_to_mutate = {rules}
also_copy = ["mycelix_studio", "tests", "conftest.py"]
tests_dir = {tests}
[tool.pytest.ini_options]
addopts = ["--import-mode=importlib", "-p", "no:xdist", "-p", "no:pytest-qt"]
pythonpath = ["."]
"""


def run(*, large: bool, seed: int) -> Iterator[Row]:
    """Count branches, then mutants; nothing here is random."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _copy(folder)
        branches, missed = _branches(folder)
        found = _mutants(folder)
    held, proofs = _proofs()
    total = sum(found.values())
    killed = sum(found[state] for state in KILLED)
    yield Row("branches and lines of the rules passed", 100 * (branches - missed) / branches, "%", 100.0, ">=")
    yield Row("mutants", total, "count", 300, ">=")
    yield Row("mutants noticed", 100 * killed / total, "%", 90.0, ">=")
    yield Row("statements about splits, fees and prices proven by halmos", held, "count", proofs, ">=")
    yield Row("mutants that survived", found["survived"] + found["no tests"], "count")


def _proofs() -> tuple[int, int]:
    """Return how many statements about the contracts hold for every amount and moment, and how many there are."""
    stated = len(re.findall(r"function check_", (ROOT / "contracts/test/proofs/Money.sol").read_text()))
    done = subprocess.run(
        [sys.executable, "packaging/halmos.py"], cwd=ROOT, check=False, capture_output=True, text=True, timeout=SECONDS
    )
    sys.stderr.write(done.stderr)
    return sum(line.startswith("proven ") for line in done.stdout.splitlines()), stated


def _copy(folder: Path) -> None:
    package, tests = folder / "mycelix_studio", folder / "tests"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "mycelix_studio" / "domain", package / "domain", ignore=ignore)
    shutil.copytree(ROOT / "tests" / "unit" / "domain", tests / "unit" / "domain", ignore=ignore)
    shutil.copytree(ROOT / "tests" / "fixtures" / "vectors", tests / "fixtures" / "vectors")
    for name in ("__init__.py", "errors.py"):
        shutil.copy(ROOT / "mycelix_studio" / name, package / name)
    rules = json.dumps([f"mycelix_studio/domain/{name}" for name in RULES])
    files = json.dumps([f"tests/unit/domain/{name}" for name in TESTS])
    (folder / "pyproject.toml").write_text(PROJECT.format(rules=rules, tests=files))
    (folder / "conftest.py").write_text(PROFILE)


def _branches(folder: Path) -> tuple[int, int]:
    """Return how many lines and branches the rules have, and how many of them no test passes."""
    rules = ",".join(f"mycelix_studio/domain/{name}" for name in RULES)
    tests = [f"tests/unit/domain/{name}" for name in TESTS]
    _do(folder, "coverage", "run", "--branch", f"--include={rules}", "-m", "pytest", "-q", *tests)
    _do(folder, "coverage", "json", "-q", "-o", "coverage.json")
    totals = json.loads((folder / "coverage.json").read_text())["totals"]
    whole = totals["num_statements"] + totals["num_branches"]
    return whole, totals["missing_lines"] + totals["missing_branches"]


def _mutants(folder: Path) -> Counter[str]:
    """Return how many mutants ended how."""
    _do(folder, "mutmut", "run", "--max-children", "2")
    listed = _do(folder, "mutmut", "results", "--all", "true")
    states = Counter(line.rpartition(": ")[2].strip() for line in listed.splitlines() if "__mutmut_" in line)
    unknown = set(states) - {*KILLED, "survived", "no tests"}
    assert states and not unknown, (unknown, listed[-2000:])
    return states


def _do(folder: Path, module: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{module} failed: {(done.stdout + done.stderr)[-3000:]}"
    return done.stdout
