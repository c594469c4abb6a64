"""Which periods were audited, when and with what result: a list in ``audits.json`` of the profile, newest first, one entry a period."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from mycelix_studio.domain.audit import AuditReport, total_of
from mycelix_studio.domain.clock import rfc3339
from mycelix_studio.files import write_atomic
from mycelix_studio.services.json_files import loaded

log = logging.getLogger(__name__)
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class KeptAudit:
    """One audit.

    Attributes:
        title: The period in words.
        at: RFC 3339.
        agrees: Not a single row or figure differed.
        payments: Payments of the period on the chain.
        differences: Rows and figures that differed.
    """

    title: str
    at: str
    agrees: bool
    payments: int
    differences: int


class KeptAudits:
    """The list of one profile. A file that cannot be read is set aside and the list is empty."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def all(self) -> tuple[KeptAudit, ...]:
        """Return what was audited, newest first."""
        return loaded(self._path, lambda items: tuple(KeptAudit(**item) for item in items))

    def add(self, report: AuditReport, at: datetime) -> None:
        """Remember an audit in place of an earlier one of its period.

        A list that cannot be written takes nothing from the audit: it is logged.
        """
        wrong = len(report.differences) + sum(not check.equal for check in report.checks)
        payments = total_of(report.chain).payments
        made = KeptAudit(report.period.title, rfc3339(at), report.agrees, payments, wrong)
        others = [old for old in self.all() if old.title != made.title]
        try:
            data = [asdict(item) for item in (made, *others)][:MOST]
            write_atomic(self._path, json.dumps(data, indent=1, ensure_ascii=False).encode())
        except OSError as error:
            log.warning("an audit could not be remembered: %s", error)
