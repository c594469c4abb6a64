"""A finding of a scanner, and the findings that somebody accepted for a while."""

from __future__ import annotations

import fnmatch
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from mycelix_studio.errors import Known


class Severity(StrEnum):
    """How bad it is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Risk:
    """One finding.

    Attributes:
        tool: What found it.
        rule: Its name in the tool.
        severity: How bad.
        where: File and line, package, or address.
        detail: One sentence.
        accepted: Why it was accepted and until when; empty when it was not.
    """

    tool: str
    rule: str
    severity: Severity
    where: str
    detail: str
    accepted: str = ""

    @property
    def id(self) -> str:
        """What an accepted risk refers to: ``tool:rule:where``, without the line number, which moves."""
        path, _, line = self.where.rpartition(":")
        return f"{self.tool}:{self.rule}:{path if line.isdigit() else self.where}"


@dataclass(frozen=True, slots=True)
class Scan:
    """What one tool did.

    Attributes:
        tool: Its name.
        checked: What was looked at, one phrase; empty when it could not be.
        why_not: Why it could not.
        risks: What it found.
    """

    tool: str
    checked: str = ""
    why_not: str = ""
    risks: tuple[Risk, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted risk: an id, in which ``*`` stands for anything, why, and the last day it holds."""

    id: str
    reason: str
    expires: date


def read_accepted(path: Path) -> tuple[Accepted, ...]:
    """Return the accepted risks of a file.

    Raises:
        Known: It cannot be read, or one has no reason or no date.
    """
    try:
        items = tomllib.loads(path.read_text()).get("risk", [])
        found = tuple(Accepted(str(item["id"]), str(item["reason"]).strip(), item["expires"]) for item in items)
        wrong = [each for each in found if not each.reason or not isinstance(each.expires, date)]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise Known(
            f"“{path}” is no list of accepted risks", f"{error}.", "Each [[risk]] has id, reason and expires."
        ) from error
    if wrong:
        raise Known(f"“{wrong[0].id}” is not accepted properly", "It has no reason or no date.", f"Correct {path}.")
    return found


def apply(scan: Scan, accepted: Sequence[Accepted], today: date) -> Scan:
    """Return a scan whose accepted risks say so; one whose date is over counts again, and says that too."""
    return replace(scan, risks=tuple(_apply(risk, accepted, today) for risk in scan.risks))


def _apply(risk: Risk, accepted: Sequence[Accepted], today: date) -> Risk:
    for each in accepted:
        if fnmatch.fnmatchcase(risk.id, each.id):
            if each.expires < today:
                return replace(risk, detail=f"{risk.detail} Accepted until {each.expires}, which is over.")
            return replace(risk, accepted=f"{each.reason} (until {each.expires})")
    return risk
