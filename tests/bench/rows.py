"""The rows that benchmarks and fault runs print, as a table or as JSON."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure.

    Attributes:
        name: What was measured.
        value: The figure; a ratio against ``peer`` wherever time is involved.
        unit: ``x``, ``ms``, ``gas``, ``count`` ...
        target: The aim, None for a figure that is only shown.
        op: Whether the value should be at least or at most the target.
        peer: What it was compared with in the same run.
    """

    name: str
    value: float
    unit: str = ""
    target: float | None = None
    op: Literal[">=", "<="] = "<="
    peer: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None without one."""
        if self.target is None:
            return None
        return self.value >= self.target if self.op == ">=" else self.value <= self.target


class Runner(Protocol):
    """A module ``tests/<kind>/<prefix>_<name>.py``: it has ``run(large, seed) -> rows``."""

    def run(self, *, large: bool, seed: int) -> Iterable[Row]:
        """Measure, or inject, and return the rows."""


def names(kind: str, prefix: str) -> list[str]:
    """Return the names that can be run, sorted."""
    folder = Path(__file__).resolve().parents[1] / kind
    return sorted(path.stem.removeprefix(f"{prefix}_").replace("_", "-") for path in folder.glob(f"{prefix}_*.py"))


def main(kind: str, prefix: str, arguments: list[str]) -> int:
    """Run the named modules (all without a name) and print their rows; 1 when a target is missed, 2 for an unknown name."""
    as_json = "--json" in arguments
    large = "--large" in arguments
    seed = 1
    rest: list[str] = []
    words = iter(a for a in arguments if a not in ("--json", "--large"))
    for word in words:
        if word == "--seed":
            seed = int(next(words, "1"))
        else:
            rest.append(word)
    known = names(kind, prefix)
    unknown = [name for name in rest if name not in known]
    if unknown:
        print(f"No such name: {', '.join(unknown)}. There are: {', '.join(known)}.", file=sys.stderr)
        return 2
    missed = False
    for name in rest or known:
        module: Runner = importlib.import_module(f"tests.{kind}.{prefix}_{name.replace('-', '_')}")  # type: ignore[assignment]
        rows = list(module.run(large=large, seed=seed))
        missed |= any(row.met is False for row in rows)
        if as_json:
            print(json.dumps({"bench": name, "rows": [{**asdict(row), "met": row.met} for row in rows]}))
        else:
            print_table(name, rows)
    return int(missed)


def print_table(name: str, rows: list[Row]) -> None:
    """Print rows for a person."""
    print(f"\n{name}")
    width = max([len(row.name) for row in rows] or [0])
    for row in rows:
        aim = f"{row.op} {row.target:g}" if row.target is not None else ""
        verdict = {True: "met", False: "MISSED", None: ""}[row.met]
        peer = f"(against {row.peer})" if row.peer else ""
        print(f"  {row.name:<{width}}  {row.value:>12,.3f} {row.unit:<6} {aim:<12} {verdict:<7} {peer}".rstrip())
