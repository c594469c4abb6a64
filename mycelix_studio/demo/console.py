"""Progress of the demo in the terminal: one line a stage, with its time; a moving bar where the terminal can show one."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

Step = Callable[[int, int], None]


class Stages:
    """Runs stages and remembers how long each took.

    Attributes:
        seconds: Time of each finished stage, by its key.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._console = Console(stderr=True)

    @contextmanager
    def stage(self, key: str, words: str) -> Iterator[Step]:
        """Show one stage; the block gets ``step(done, total)``."""
        begun = time.monotonic()
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(24),
            TaskProgressColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console, transient=True, disable=not sys.stderr.isatty()) as progress:
            task = progress.add_task(words, total=None)

            def step(done: int, total: int) -> None:
                progress.update(task, completed=done, total=total)

            yield step
        self.seconds[key] = round(time.monotonic() - begun, 3)
        self._console.print(f"[green]✓[/green] {words} [dim]{self.seconds[key]:.1f} s[/dim]", highlight=False)

    def say(self, words: str) -> None:
        """Print a line of its own."""
        self._console.print(words, highlight=False)
