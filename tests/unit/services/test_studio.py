"""The services of one profile, made when first asked for."""

from __future__ import annotations

import threading
from pathlib import Path

from mycelix_studio.paths import Paths
from mycelix_studio.services.opening import open_studio


def test_a_service_that_is_there_is_given_while_another_one_is_made(tmp_path: Path) -> None:
    studio = open_studio(Paths.under(tmp_path / "profile"))
    there = studio.usage
    begun, go = threading.Event(), threading.Event()

    def slow() -> object:
        begun.set()
        assert go.wait(30)
        return object()

    found: list[object] = []
    making = threading.Thread(target=lambda: studio._once("slow", slow))
    asking = threading.Thread(target=lambda: found.append(studio.usage))
    making.start()
    assert begun.wait(30)
    asking.start()
    asking.join(10)
    meanwhile = list(found)
    go.set()
    making.join(30)
    asking.join(30)
    studio.close()
    assert meanwhile == [there]
