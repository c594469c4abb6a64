"""`faults asvs`: the requirements of OWASP ASVS 5.0 with their verdicts; the tests they rest on run with all others."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.bench.rows import Row

FILE = Path(__file__).resolve().parents[2] / "docs" / "asvs.csv"


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Count verdicts by level."""
    rows = list(csv.DictReader(FILE.read_text().splitlines()))
    applicable = [row for row in rows if row["verdict"] != "not applicable"]
    for level in ("1", "2", "3"):
        verdicts = Counter(row["verdict"] for row in rows if row["level"] == level)
        yield Row(f"level {level}: met", verdicts["met"])
        yield Row(f"level {level}: partly", verdicts["partly"])
        yield Row(f"level {level}: not applicable", verdicts["not applicable"])
    yield Row("requirements of levels 1 and 2", sum(row["level"] != "3" for row in rows), "", 253, ">=")
    share = sum("::" in row["evidence"] for row in applicable) / len(applicable)
    yield Row("applicable ones proven by a test", 100 * share, "%", 60, ">=")
