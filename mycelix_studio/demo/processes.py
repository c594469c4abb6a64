"""Child processes of the demo: each is waited for until ready, and none outlives the demo."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from mycelix_studio.errors import Known


class Children:
    """The demo's child processes, stopped in reverse order by the id they were started with."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def start(self, name: str, command: list[str], env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a child whose output goes to ``<logs>/<name>.log`` and which the kernel ends with this process."""
        self._logs.mkdir(parents=True, exist_ok=True)
        with (self._logs / f"{name}.log").open("wb") as log:
            child = subprocess.Popen(  # noqa: S603 - our own programs
                [*dying_with_parent(), *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                start_new_session=True,
            )
        self._running.append((name, child))
        return child

    def wait_until(self, name: str, ready: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until ``ready()`` is true.

        Raises:
            Known: The child ended first, or it took too long; the message ends with the last lines of its log.
        """
        child = next(process for known, process in self._running if known == name)
        deadline = time.monotonic() + seconds
        while not ready():
            if child.poll() is not None or time.monotonic() > deadline:
                text = (self._logs / f"{name}.log").read_text(errors="replace")[-1_500:]
                why = (
                    f"It ended with code {child.returncode}."
                    if child.poll() is not None
                    else f"Not ready after {seconds:g} s."
                )
                raise Known(
                    f"Could not start the demo's {name}", f"{why}\n{text}", f"The whole log is {self._logs / name}.log."
                )
            time.sleep(0.05)

    def stop(self) -> None:
        """End every child: SIGTERM, then SIGKILL after 15 seconds."""
        while self._running:
            _, child = self._running.pop()
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
                try:
                    child.wait(15)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()


@contextlib.contextmanager
def children(logs: Path) -> Iterator[Children]:
    """Give the children and stop them however the block ends; SIGTERM counts as Ctrl-C."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    group = Children(logs)
    try:
        yield group
    finally:
        group.stop()
        signal.signal(signal.SIGTERM, before)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def dying_with_parent() -> list[str]:
    """Return the prefix that asks the kernel for SIGTERM should this process be killed (util-linux; nothing elsewhere)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []
