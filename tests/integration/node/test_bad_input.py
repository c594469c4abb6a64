"""Whatever is sent, the answer is a problem that names the field, never a 5xx and never a trace."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fixtures.attacks import ATTACKS, Attack, World, judge
from tests.fixtures.node import NodeProcess


@pytest.fixture(scope="module")
def world(node: NodeProcess) -> Iterator[World]:
    made = World.make(node)
    yield made
    made.close()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_answered_with_a_problem(world: World, attack: Attack) -> None:
    assert judge(attack, attack.send(world)) == ""


def test_a_node_that_was_attacked_still_serves_and_logged_no_crash(world: World) -> None:
    assert world.artist.get(f"/api/songs/{world.song_id}").status_code == 200
    assert '"event": "crash"' not in world.node.log.read_text()
