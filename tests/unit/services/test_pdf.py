from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mycelix_studio.errors import Known
from mycelix_studio.services.pdf import set_pdf

STAMP = datetime(2026, 5, 8, 12, 30, tzinfo=UTC)
DOCUMENT = {
    "title": "Ready?",
    "stamp": [2026, 5, 8, 12, 30, 0],
    "summary": "Nothing to do.",
    "when": "8 May 2026",
    "rules": [],
    "tracks": [],
    "ready": ["Tide"],
}


def test_the_same_document_gives_the_same_bytes() -> None:
    made = set_pdf("preflight", DOCUMENT, STAMP, "")
    assert made.startswith(b"%PDF-") and made == set_pdf("preflight", dict(DOCUMENT), STAMP, "")
    assert made != set_pdf("preflight", {**DOCUMENT, "ready": ["Ebb"]}, STAMP, "")


def test_what_cannot_be_set_is_said_with_what_to_do_meanwhile() -> None:
    with pytest.raises(Known) as caught:
        set_pdf("preflight", {"title": "Half of it"}, STAMP, "Save it as CSV meanwhile.")
    assert caught.value.title == "Could not make the PDF" and caught.value.hint == "Save it as CSV meanwhile."
