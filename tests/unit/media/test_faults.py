"""Short versions of `packaging/dev faults save` and `faults powercut`."""

from __future__ import annotations

import pytest

from tests.faults import fault_bad_audio, fault_powercut, fault_save
from tests.faults.fault_cache import usable_strace


def test_a_system_call_that_fails_or_kills_leaves_the_old_file_or_the_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    strace = usable_strace()
    if strace is None:
        pytest.skip("strace is missing or not allowed")
    monkeypatch.setattr(fault_save, "ROUNDS", 1)
    assert [row for row in fault_save.rows(strace, 8, 5) if row.met is False] == []


def test_a_power_cut_leaves_the_old_file_or_the_new_one_and_every_acknowledged_save() -> None:
    if not fault_powercut.usable():
        pytest.skip("no FUSE here")
    assert [row for row in fault_powercut.rows(24, 5) if row.met is False] == []


def test_mutated_files_are_read_or_refused_in_words_within_limits() -> None:
    assert [row for row in fault_bad_audio.rows(500, 7) if row.met is False] == []
