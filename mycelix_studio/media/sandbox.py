"""Parses files in a child process under limits of time and memory: a broken file ends the child, never this program.

Plain mutagen lets errors escape for a few broken files in a thousand and can hang; a child that takes too long is killed, and the next
file gets a new one.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar, cast

from mycelix_studio.errors import Cancelled, StudioError
from mycelix_studio.media.errors import Unreadable, cannot_read

T = TypeVar("T")
SECONDS = 20.0
"""Until a reader is given up: a file on a slow disk takes its time."""
PROCESSOR_SECONDS = 1.8
"""Until a reader that only computes is ended: no whole file of any size takes as long."""
STOP_SECONDS = 0.2
READING_BYTES = 512 << 20
WORKING_BYTES = 3 << 30
"""For work that decodes sound or writes a copy; half an hour of the finest sound takes about 1 GB."""


@dataclass(slots=True)
class _Child:
    process: Any
    pipe: Connection


class Sandbox:
    """A few child processes, reused. Safe to use from several threads; :meth:`close` ends the children.

    Args:
        children: How many at most.
        seconds: How long a call may take, when the call does not say.
        memory: Bytes of memory a child may have.
    """

    def __init__(self, children: int = 2, seconds: float = SECONDS, memory: int = READING_BYTES) -> None:
        self._seconds = seconds
        self._memory = memory
        self._free: list[_Child] = []
        self._all: set[int] = set()
        self._gate = threading.BoundedSemaphore(children)
        self._lock = threading.Lock()
        self._context = multiprocessing.get_context("spawn")

    def run(
        self,
        function: Callable[..., T],
        path: Path,
        *arguments: object,
        seconds: float | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> T:
        """Call a module-level ``function(path, *arguments)`` in a child and return its result.

        Without ``seconds`` it is a reader, which also may compute for :data:`PROCESSOR_SECONDS` only. ``stop`` is asked a few times a
        second whether the work is wanted no more; the child is ended then.

        Raises:
            Unreadable: It took too long, needed too much memory, or crashed the child; or whatever ``function`` raises for a person.
            Cancelled: It is wanted no more.
        """
        with self._gate:
            child = self._take()
            keep = False
            try:
                child.pipe.send((function, path, arguments, PROCESSOR_SECONDS if seconds is None else 0.0))
                if not _answers(child.pipe, seconds or self._seconds, stop):
                    raise cannot_read(path, "Reading it takes far too long; it may be built to harm.")
                ok, value = child.pipe.recv()
                keep = True
            except (EOFError, BrokenPipeError, ConnectionResetError) as error:
                raise cannot_read(path, "Reading it crashed the reader; it is broken, or built to harm.") from error
            finally:
                if keep:
                    with self._lock:
                        self._free.append(child)
                else:
                    _end(child)
        if ok:
            return cast(T, value)
        if isinstance(value, StudioError):
            raise value
        raise cannot_read(path, "Its structure is broken.") from value

    def close(self) -> None:
        """End the children that wait for work."""
        with self._lock:
            children, self._free = self._free, []
        for child in children:
            _end(child)

    def _take(self) -> _Child:
        with self._lock:
            if self._free:
                return self._free.pop()
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs, self._memory), daemon=True, name="studio-media")
        process.start()
        theirs.close()
        return _Child(process, ours)


def _answers(pipe: Connection, seconds: float, stop: Callable[[], bool] | None) -> bool:
    """Wait for an answer; False when none came in time.

    Raises:
        Cancelled: ``stop`` said so.
    """
    if stop is None:
        return pipe.poll(seconds)
    end = time.monotonic() + seconds
    while not pipe.poll(min(STOP_SECONDS, max(0.0, end - time.monotonic()))):
        if stop():
            raise Cancelled
        if time.monotonic() >= end:
            return False
    return True


def _end(child: _Child) -> None:
    child.pipe.close()
    child.process.kill()
    child.process.join()
    child.process.close()


def _serve(pipe: Connection, memory: int) -> None:
    """The child: answers calls until the pipe closes."""
    # Ctrl-C reaches every process of a terminal: this one ends without a word, what there is to say the parent says.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        os.nice(10)  # the window goes first where there are few processors
    while True:
        try:
            function, path, arguments, processor = pipe.recv()
        except EOFError:
            return
        try:
            _limit(processor)
            answer: tuple[bool, object] = (True, function(path, *arguments))
        except MemoryError:
            answer = (False, cannot_read(path, "It needs far too much memory; it may be built to harm."))
        except Exception as error:  # noqa: BLE001 - whatever a parser raises goes to the parent as a refusal
            answer = (False, error if isinstance(error, StudioError) else cannot_read(path, "Its structure is broken."))
        _limit(0.0)
        pipe.send(answer)


def _limit(seconds: float) -> None:
    """End this process when it computes for so long, 0 for no end; nothing where the system has no such clock."""
    if hasattr(signal, "ITIMER_PROF"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


__all__ = ["Sandbox", "Unreadable"]
