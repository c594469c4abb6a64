"""`mycelix preflight`: would stores take these files? Asks nobody."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from mycelix_studio.cli.output import JsonOption
from mycelix_studio.cli.tags import Files, each_file

if TYPE_CHECKING:
    from mycelix_studio.services.tag_files import Judged


def preflight(files: Files, as_json: JsonOption = False) -> None:
    """Measure files and check them against the delivery rules of stores. Changes nothing."""
    from mycelix_studio.services.tag_files import TagFiles

    def one(path: Path) -> None:
        judged = reading.judge(path)
        if as_json:
            typer.echo(json.dumps(as_data(path, judged)))
            return
        typer.echo(f"{path}: {_verdict(judged)}")
        for finding in judged.findings:
            typer.echo(f"  {finding.severity.value:<4}  {finding.rule:<16}  {finding.title} {finding.words}")
        if judged.problem:
            typer.echo(f"  The sound was not measured: {judged.problem}")

    with TagFiles() as reading:
        each_file(files, one, as_json)


def _verdict(judged: Judged) -> str:
    stops = sum(finding.severity.value == "stop" for finding in judged.findings)
    looks = len(judged.findings) - stops
    return "ready" if not judged.findings else f"{stops} to stop it, {looks} to look at"


def as_data(path: Path, judged: Judged) -> dict[str, object]:
    """Return the findings as JSON values."""
    from mycelix_studio.domain.preflight import RULES

    about = {rule.id: rule for rule in RULES}
    sound = judged.facts.sound
    figures = {
        name: value if value is None or math.isfinite(value) else None
        for name, value in (asdict(sound) if sound is not None else {}).items()
    }
    return {
        "file": str(path),
        "container": judged.facts.container,
        "findings": [
            {
                "id": finding.rule,
                "severity": finding.severity.value,
                "title": finding.title,
                "words": finding.words,
                "explanation": about[finding.rule].explanation,
                "source": about[finding.rule].source,
                "fix": None
                if finding.fix is None
                else {
                    "words": finding.fix.words,
                    "edits": {field.value: list(values) for field, values in finding.fix.edits.items()},
                    "action": finding.fix.action,
                },
            }
            for finding in judged.findings
        ],
        "sound": figures or None,
        "not_measured": judged.problem or None,
    }
