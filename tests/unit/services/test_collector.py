"""Searches for cycles held back during a batch."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from mycelix_studio.services.collector import held_back


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.isenabled()
    yield
    gc.enable() if before else gc.disable()


def test_the_last_of_several_blocks_lets_it_go_on() -> None:
    gc.enable()
    with held_back():
        with held_back():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_was_off_before_stays_off() -> None:
    gc.disable()
    with held_back():
        pass
    assert not gc.isenabled()


def test_a_failure_lets_it_go_on() -> None:
    gc.enable()
    with pytest.raises(ValueError, match="broken"), held_back():
        raise ValueError("broken")
    assert gc.isenabled()
