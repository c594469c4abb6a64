"""`faults harden`: exposure of the units, findings of slither and bandit that nobody explained, and twelve seeded secrets."""

from __future__ import annotations

import re
import secrets as random
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from mycelix_studio.ops.security import secrets
from mycelix_studio.ops.security.scan import open_risks
from mycelix_studio.ops.security.scan import run as scan
from tests.bench.rows import Row

ROOT = Path(__file__).resolve().parents[2]


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Run every scanner that can run here; what cannot is a row of its own."""
    with tempfile.TemporaryDirectory() as folder:
        bill = Path(folder) / "sbom.json"
        scans = scan(ROOT, today=datetime.now(UTC).date(), sbom=bill, report=lambda *_: None)
    units = next(each for each in scans if each.tool == "systemd")
    exposure = float(re.findall(r"at most ([0-9.]+)", units.checked)[0]) if units.checked else 10.0
    yield Row("highest exposure of a unit", exposure, "", 1.5, "<=")
    for each in scans:
        found = [risk for risk in each.risks if not risk.accepted]
        name = f"{each.tool}: {each.checked or 'NOT CHECKED, ' + each.why_not[:60]}"
        yield Row(name, len([risk for risk in found if risk.severity != "low"]))
    yield Row("high or medium that nobody explained", len(open_risks(scans)), "", 0, "<=")
    yield from _seeded()


def _seeded() -> Iterable[Row]:
    """Put twelve secrets into files and look for them."""
    texts = [f'KEY = "0x{random.token_hex(32)}"' for _ in range(4)]
    texts += [f"private_key={random.token_hex(32)}" for _ in range(3)]
    texts += ["AGE-SECRET-KEY-1" + "Q" * 58, "-----BEGIN PRIVATE KEY-----\nMC4CAQ", "AKIA" + "ABCDEFGH23456789"]
    texts += ["ghp_" + "a1B2" * 9, "postgresql://u:" + "hunter2hunter2@db.example.org/x"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, text in enumerate(texts):
            (folder / f"{number}.txt").write_text(text + "\n")
        found = {risk.where.split(":")[0] for risk in secrets.scan(folder).risks}
    # A key above the order of the curve is no key; one in 2**128 is.
    yield Row("seeded secrets found", len(found), "", len(texts), ">=")
