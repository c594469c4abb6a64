from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

from mycelix_studio.domain.preflight import RULES, Finding, Severity
from mycelix_studio.services.preflight_report import Checked, Report, render, summary

WHEN = datetime(2026, 6, 14, 12, 30, tzinfo=UTC)
ART = next(rule for rule in RULES if rule.id == "art")


def _report() -> Report:
    stop = Finding(ART.id, Severity.STOP, "No cover", "Stores ask for one.", None)
    return Report(
        (
            Checked(1, "=Low Lamp", "Maren Okafor", Path("/m/a.flac"), (stop,), ""),
            Checked(2, "Thaw", "Maren Okafor", Path("/m/b.flac"), (), ""),
        ),
        WHEN,
    )


def test_the_verdict_counts_tracks_and_rules() -> None:
    report = _report()
    assert summary(report) == "2 tracks: 1 ready, 1 that stores refuse, 0 to look at"
    assert report.by_rule() == [("art", "A front cover", Severity.STOP, 1)]


def test_a_table_has_a_row_for_each_finding_and_one_for_each_ready_track() -> None:
    rows = list(csv.reader(io.StringIO(render(_report(), "csv").decode("utf-8-sig"))))
    assert [row[4] for row in rows[1:]] == ["stop", "ready"]
    assert rows[1][1] == "'=Low Lamp", "a cell no spreadsheet takes for a formula"


def test_json_says_the_same_and_pdf_is_one() -> None:
    made = json.loads(render(_report(), "json"))
    assert [track["ready"] for track in made["tracks"]] == [False, True]
    assert render(_report(), "pdf").startswith(b"%PDF")
    assert render(Report((), WHEN), "pdf").startswith(b"%PDF")
