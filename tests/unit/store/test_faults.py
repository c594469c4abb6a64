"""Short versions of `packaging/dev faults cache` and `faults audit`."""

from __future__ import annotations

import pytest

from tests.faults import fault_audit, fault_cache


def test_every_row_tampered_with_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault_audit, "FAULTS", 100)
    assert all(row.met for row in fault_audit.run(large=False, seed=3))


@pytest.mark.parametrize(("seed", "kill"), [(41, False), (46, False), (42, True)])
def test_a_disk_that_fails_while_pages_are_written_costs_nothing_acknowledged(seed: int, kill: bool) -> None:
    strace = fault_cache.usable_strace()
    if strace is None:
        pytest.skip("strace is missing or not allowed")
    faults, _killed, sound, kept, same = fault_cache._one(strace, seed, kill)
    assert (sound, kept, same) == (True, True, True)
    assert kill or faults > 0
