"""Whole transactions of the contracts in gas, against the targets of the design; exact, so the same on every machine."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.bench.rows import Row

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"

TARGETS: tuple[tuple[str, str, float | None, str], ...] = (
    ("ledger", "plain ERC-20 transfer", None, ""),
    ("ledger", "payStream, direct", 52_000, "plain ERC-20 transfer 34,371"),
    ("ledger", "payStream, from purse", 39_000, "plain ERC-20 transfer 34,371"),
    ("ledger", "voucher, 100 payees x 10 streams, a stream", 720, "a cumulative voucher per pair 2,247"),
    ("ledger", "1,000 vouchers of one stream, a stream", 17_500, "a voucher per pair 22,468"),
    ("ledger", "1,000 vouchers of one stream, compact signatures, a stream", None, ""),
    ("ledger", "createPayee, 5 recipients", 92_000, "0xSplits v2 172,852"),
    ("ledger", "distribute, 5 recipients, pull, steady", 86_000, "0xSplits 114,131"),
    ("ledger", "distribute, 5 recipients, push, steady", 99_000, "0xSplits 97,022"),
    ("strategies", "subscribe, from purse", 82_000, "Unlock v15 275,261"),
    ("strategies", "subscribe, from wallet", None, ""),
    ("strategies", "renew, from purse", 64_000, "Unlock v15 87,229"),
    ("strategies", "renew, from wallet", None, ""),
    ("strategies", "renewMany, 48 patrons, from purses, each", 17_000, ""),
    ("strategies", "renewMany, 48 patrons, from wallets, each", None, ""),
    ("strategies", "auction buy, from purse", 86_000, "VRGDA mint in ETH 63,373"),
    ("strategies", "auction buy, from wallet", None, ""),
    ("strategies", "gift claim of 10 listens", 65_000, ""),
)
"""Group and name of a snapshot, the most it may cost, and what was measured elsewhere in the same harness.

What a strategy charges comes out of a purse, where it has a standing permission; the rows without a target show the same paid from a
wallet by an endless allowance of the token (`docs/decisions/0013`).
"""


def run(*, large: bool, seed: int) -> Iterator[Row]:
    """Run the gas tests anew and return a row for each figure; ``large`` and ``seed`` change nothing, gas is exact."""
    del large, seed
    command = [str(CONTRACTS / "node_modules" / ".bin" / "forge"), "test", "--match-contract", "Gas$"]
    environment = {**os.environ, "FORGE_SNAPSHOT_CHECK": "false"}
    subprocess.run(command, cwd=CONTRACTS, env=environment, check=True, capture_output=True, text=True)
    found = {
        group: json.loads((CONTRACTS / "snapshots" / f"{group}.json").read_text()) for group in ("ledger", "strategies")
    }
    for group, name, target, peer in TARGETS:
        yield Row(name, float(found[group][name]), "gas", target, "<=", peer)
