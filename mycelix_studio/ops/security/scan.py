"""All scanners over one checkout, with the accepted risks taken into account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from mycelix_studio.ops.security import contracts, secrets, tools
from mycelix_studio.ops.security.risks import Risk, Scan, Severity, apply, read_accepted

TOOLS: Final = (
    "secrets",
    "history",
    "bandit",
    "lock",
    "pip-audit",
    "slither",
    "licences",
    "sbom",
    "systemd",
    "headers",
)


def run(
    root: Path,
    *,
    only: Sequence[str] = (),
    sbom: Path | None = None,
    url: str = "",
    today: date,
    report: Callable[[int, int, str], None],
) -> list[Scan]:
    """Run the scanners and return what each did.

    Args:
        root: The checkout.
        only: Names of :data:`TOOLS`; all when empty.
        sbom: Where the bill of materials is written; none when None.
        url: A running node whose headers are looked at; none when empty.
        today: Accepted risks whose date is before count again.
        report: Progress.

    Raises:
        Known: The list of accepted risks cannot be read.
    """
    accepted = read_accepted(root / "packaging" / "accepted-risks.toml")
    lock = root / "packaging" / "locks" / "dev.txt"
    parts: dict[str, Callable[[], Scan]] = {
        "secrets": lambda: secrets.scan(root),
        "history": lambda: secrets.history(root),
        "bandit": lambda: tools.bandit(root),
        "lock": lambda: tools.lock_is_hashed(lock),
        "pip-audit": lambda: tools.pip_audit(lock),
        "slither": lambda: contracts.scan(root),
        "licences": tools.licences,
        "sbom": lambda: (
            tools.bill_of_materials(sbom) if sbom else Scan("sbom", why_not="no file was named with --sbom")
        ),
        "systemd": lambda: tools.units(root / "packaging" / "systemd"),
        "headers": lambda: tools.headers(url) if url else Scan("headers", why_not="no node was named with --url"),
    }
    wanted = [name for name in TOOLS if not only or name in only]
    scans = []
    for number, name in enumerate(wanted):
        report(number, len(wanted), name)
        scans.append(apply(parts[name](), accepted, today))
    report(len(wanted), len(wanted), "Done")
    return scans if only else [*scans, *tools.OUT_OF_REACH]


def open_risks(scans: Sequence[Scan]) -> list[Risk]:
    """Return high and medium risks that nobody accepted."""
    return [risk for scan in scans for risk in scan.risks if not risk.accepted and risk.severity is not Severity.LOW]
