"""`mycelix security`: scanners over this checkout, its packages and a running node."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mycelix_studio.cli.output import JsonOption, emit, working


def security(
    only: Annotated[
        list[str] | None, typer.Option(help="One of the scanners; may be repeated. All when left out.")
    ] = None,
    sbom: Annotated[Path | None, typer.Option(help="Write the bill of materials (CycloneDX) to this file.")] = None,
    url: Annotated[str, typer.Option(help="Also look at the headers of this node.")] = "",
    root: Annotated[Path, typer.Option(help="The checkout.")] = Path(),
    as_json: JsonOption = False,
) -> None:
    """Run slither, bandit, pip-audit, scans for secrets, licences and hashes; what cannot be looked at is said, never counted as clean."""
    from mycelix_studio.domain.clock import now
    from mycelix_studio.ops.security.risks import Severity
    from mycelix_studio.ops.security.scan import TOOLS, open_risks, run

    unknown = [name for name in only or [] if name not in TOOLS]
    if unknown:
        raise typer.BadParameter(f"some of {', '.join(TOOLS)}", param_hint="--only")
    with working("Scanning") as work:
        scans = run(root.absolute(), only=only or (), sbom=sbom, url=url, today=now().date(), report=work.progress)
    data = {
        "scans": [
            {
                "tool": scan.tool,
                "checked": scan.checked or None,
                "notChecked": scan.why_not or None,
                "risks": [
                    {
                        "id": risk.id,
                        "severity": risk.severity.value,
                        "where": risk.where,
                        "detail": risk.detail,
                        "accepted": risk.accepted or None,
                    }
                    for risk in scan.risks
                ],
            }
            for scan in scans
        ]
    }
    words = []
    for scan in scans:
        words.append(f"{scan.tool}: {scan.checked or 'NOT CHECKED'}{f' — {scan.why_not}' if scan.why_not else ''}")
        accepted = sum(bool(risk.accepted) for risk in scan.risks)
        low = sum(risk.severity is Severity.LOW and not risk.accepted for risk in scan.risks)
        shown = [r for r in scan.risks if not r.accepted and r.severity is not Severity.LOW]
        words += [f"  {r.severity.value:<6} {r.where}  {r.rule}: {r.detail}" for r in shown]
        words += [f"  {low} of low severity: --json lists them"] if low else []
        words += [f"  {accepted} accepted: packaging/accepted-risks.toml"] if accepted else []
    still = open_risks(scans)
    words += ["", f"{len(still)} high or medium risks to look at." if still else "Nothing high or medium is open."]
    emit(data, words, as_json)
    if still:
        raise typer.Exit(1)
