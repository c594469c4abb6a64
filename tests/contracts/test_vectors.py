"""The vectors that the contracts are compared with are answers of today's arithmetic."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_vectors_are_what_the_domain_computes_today() -> None:
    made = runpy.run_path(str(ROOT / "packaging" / "vectors.py"))["text"]()
    assert made == (ROOT / "tests/fixtures/vectors/contracts.json").read_text(), "run python packaging/vectors.py"
