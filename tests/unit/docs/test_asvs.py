"""Every requirement of OWASP ASVS 5.0 L1 and L2 has a verdict, and every piece of evidence exists."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ROWS = list(csv.DictReader((ROOT / "docs" / "asvs.csv").read_text().splitlines()))
APPLICABLE = [row for row in ROWS if row["verdict"] != "not applicable"]
SECTIONS_OF_L3 = ("V6.", "V11.", "V14.2", "V14.3")
"""Authentication, cryptography and data protection are looked at up to level 3."""


def test_all_requirements_of_levels_one_and_two_are_there_once() -> None:
    assert len({row["requirement"] for row in ROWS}) == len(ROWS)
    levels = Counter(row["level"] for row in ROWS)
    assert (levels["1"], levels["2"]) == (70, 183), "ASVS 5.0.0 has as many"
    assert all(row["requirement"].startswith(SECTIONS_OF_L3) for row in ROWS if row["level"] == "3")


def test_six_of_ten_verdicts_rest_on_a_test() -> None:
    assert sum("::" in row["evidence"] for row in APPLICABLE) >= 0.6 * len(APPLICABLE)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["requirement"])
def test_a_verdict_has_evidence_that_exists_or_a_reason(row: dict[str, str]) -> None:
    assert row["verdict"] in ("met", "partly", "not applicable")
    if row["verdict"] != "met":
        assert row["note"]
    if row["verdict"] == "not applicable":
        return
    path, _, name = row["evidence"].partition("::")
    text = (ROOT / path).read_text()
    assert not name or f"def {name}(" in text
