"""What monitoring sees of backups: one small file per figure, for the textfile collector of the machine's exporter."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mycelix_studio.files import write_atomic

FIGURES: Final = {
    "last_success_seconds": "Unix time of the last backup that was recorded.",
    "last_verify_seconds": "Unix time of the last verification that found everything sound.",
    "damaged_objects": "Stored objects that the last verification found damaged or missing.",
    "stream_sent_seconds": "Unix time up to which the received log was sent on.",
}


def folder(spool: Path) -> Path:
    """Return the folder of these files."""
    return spool / "metrics"


def show(spool: Path, figure: str, value: float) -> None:
    """Write a figure.

    Raises:
        KeyError: There is no such figure.
        OSError: It cannot be written.
    """
    name = f"mycelix_backup_{figure}"
    text = f"# HELP {name} {FIGURES[figure]}\n# TYPE {name} gauge\n{name} {value:.3f}\n"
    write_atomic(folder(spool) / f"{name}.prom", text.encode(), mode=0o644)
