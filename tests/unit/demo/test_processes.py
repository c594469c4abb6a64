from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mycelix_studio.demo.processes import children
from mycelix_studio.errors import Known

FOREVER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]


def test_children_end_with_the_block(tmp_path: Path) -> None:
    with children(tmp_path) as group:
        child = group.start("sleeper", FOREVER)
        group.wait_until("sleeper", lambda: b"up" in (tmp_path / "sleeper.log").read_bytes())
    assert child.returncode == -signal.SIGTERM


def test_a_child_that_ends_early_is_named_with_its_log(tmp_path: Path) -> None:
    with children(tmp_path) as group:
        group.start("node", [sys.executable, "-c", "raise SystemExit('no database')"])
        with pytest.raises(Known, match="no database"):
            group.wait_until("node", lambda: False)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_children_end_when_the_demo_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib, time\n"
        "from mycelix_studio.demo.processes import children\n"
        f"with children(pathlib.Path({str(tmp_path)!r})) as group:\n"
        f"    child = group.start('sleeper', {FOREVER!r})\n"
        f"    log = pathlib.Path({str(tmp_path / 'sleeper.log')!r})\n"
        "    group.wait_until('sleeper', lambda: b'up' in log.read_bytes())\n"
        "    print(child.pid, flush=True)\n"
        "    time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    descriptor = os.pidfd_open(pid)
    parent.kill()
    parent.wait(10)
    parent.stdout.close()
    import select

    assert select.select([descriptor], [], [], 10)[0], "the child went on"
    os.close(descriptor)
