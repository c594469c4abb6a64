"""What a check found: the shape that `mycelix doctor`, `mycelix check` and `mycelix security` report in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    NOT_CHECKED = "not-checked"
    """It could not be looked at, which is never the same as clean."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        stage: Part of the whole it belongs to, such as ``services``.
        name: What was looked at.
        level: How it ended.
        detail: What was found, one sentence.
        next_step: What to do now; empty when there is nothing to do.
    """

    stage: str
    name: str
    level: Level
    detail: str = ""
    next_step: str = ""


def worst(findings: Sequence[Finding]) -> Level:
    """Return the worst level: failed before not checked before warning before ok."""
    order = (Level.OK, Level.WARNING, Level.NOT_CHECKED, Level.FAILED)
    return max((each.level for each in findings), key=order.index, default=Level.OK)


def as_data(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """Return findings as JSON values."""
    return [
        {
            "stage": each.stage,
            "name": each.name,
            "level": each.level.value,
            "detail": each.detail,
            "nextStep": each.next_step,
        }
        for each in findings
    ]
