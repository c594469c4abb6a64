from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.preflight import (
    RULES,
    CoverFacts,
    Facts,
    Severity,
    SoundFacts,
    WaveFacts,
    check,
    title_case,
)

SOUND = SoundFacts(-14.0, 6.0, -1.5, 0, 0.2, 0.4, 0.0001)
COVER = CoverFacts("JPEG", "RGB", 3_000, 3_000, 900_000)
FIELDS = {
    Field.TITLE: ("Low Lamp",),
    Field.ARTIST: ("Maren Okafor",),
    Field.ISRC: ("NOA1B2600013",),
    Field.EXPLICIT: ("0",),
}
READY = Facts("WAV", 210.0, 48_000, 24, 2, FIELDS, COVER, SOUND, WaveFacts(1, 0))


def _fields(**changed: str) -> dict[Field, tuple[str, ...]]:
    return {**FIELDS, **{Field(name): (value,) for name, value in changed.items()}}


FAILING = {
    "audio-container": replace(READY, container="MP3", wave=None),
    "audio-rate": replace(READY, sample_rate=32_000),
    "audio-bits": replace(READY, bits=8),
    "audio-stereo": replace(READY, channels=1),
    "wav-format": replace(READY, wave=WaveFacts(0xFFFE, 0)),
    "wav-trailer": replace(READY, wave=WaveFacts(1, 128)),
    "length": replace(READY, seconds=29.0),
    "clipping": replace(READY, sound=replace(SOUND, clipped=14)),
    "true-peak": replace(READY, sound=replace(SOUND, true_peak=0.2)),
    "silence": replace(READY, sound=replace(SOUND, silence_end=8.0)),
    "dc-offset": replace(READY, sound=replace(SOUND, dc=0.02)),
    "art": replace(READY, cover=None),
    "art-format": replace(READY, cover=replace(COVER, format="GIF")),
    "art-colour": replace(READY, cover=replace(COVER, mode="CMYK")),
    "art-square": replace(READY, cover=replace(COVER, width=3_200)),
    "art-pixels": replace(READY, cover=replace(COVER, width=1_400, height=1_400)),
    "art-bytes": replace(READY, cover=replace(COVER, size=10_000_001)),
    "title": replace(READY, fields={**FIELDS, Field.TITLE: ()}),
    "artist": replace(READY, fields={**FIELDS, Field.ARTIST: ()}),
    "title-capitals": replace(READY, fields=_fields(title="THE SLOW TIDE")),
    "title-official": replace(READY, fields=_fields(title="Low Lamp (Official Video)")),
    "title-featured": replace(READY, fields=_fields(title="Low Lamp (feat. Ilse Brandt & Otto Kask)")),
    "title-version": replace(READY, fields=_fields(title="Low Lamp (Kaliko Remix)")),
    "explicit": replace(READY, fields={**FIELDS, Field.EXPLICIT: ()}),
    "isrc": replace(READY, fields=_fields(isrc="NOA1B260001")),
}


def test_a_ready_track_has_no_finding() -> None:
    assert check(READY) == ()


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_each_rule_finds_its_own_fault_and_no_other_rule_speaks(rule: str) -> None:
    assert [finding.rule for finding in check(FAILING[rule])] == [rule]


@pytest.mark.parametrize("rule", ["title-capitals", "title-official", "title-featured", "title-version", "explicit"])
def test_a_fix_by_edits_removes_its_finding(rule: str) -> None:
    facts = FAILING[rule]
    finding = check(facts)[0]
    assert finding.fix is not None and finding.fix.edits
    assert check(replace(facts, fields={**facts.fields, **finding.fix.edits})) == ()


def test_featured_artists_move_to_the_artists() -> None:
    fix = check(FAILING["title-featured"])[0].fix
    assert fix is not None
    assert fix.edits[Field.ARTIST] == ("Maren Okafor", "Ilse Brandt", "Otto Kask")
    assert fix.edits[Field.TITLE] == ("Low Lamp",)


def test_what_is_not_measured_yet_is_not_judged() -> None:
    assert check(replace(READY, sound=None, wave=None)) == ()


def test_what_stops_a_delivery_comes_first() -> None:
    facts = replace(READY, cover=None, fields=_fields(title="THE SLOW TIDE"))
    assert [finding.severity for finding in check(facts)] == [Severity.STOP, Severity.WARN]


def test_rules_have_ids_of_their_own_an_explanation_and_a_source() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.explanation.endswith(".") and rule.source for rule in RULES)


def test_every_rule_is_documented() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "library.md").read_text()
    assert [rule.id for rule in RULES if f"`{rule.id}`" not in page] == []


@pytest.mark.parametrize(
    ("shouted", "better"),
    [
        ("THE SLOW TIDE", "The Slow Tide"),
        ("SONG OF THE SEA", "Song of the Sea"),
        ("LOVE (AND THE REST)", "Love (And the Rest)"),
    ],
)
def test_titles_in_capitals_are_set_as_stores_ask(shouted: str, better: str) -> None:
    assert title_case(shouted) == better


@given(st.text(max_size=60), st.text(max_size=20))
def test_any_title_gets_findings_whose_fixes_never_empty_it(title: str, artist: str) -> None:
    facts = replace(READY, fields={**FIELDS, Field.TITLE: (title,), Field.ARTIST: (artist,)})
    for finding in check(facts):
        if finding.fix is not None and Field.TITLE in finding.fix.edits:
            assert finding.fix.edits[Field.TITLE][0].strip()


def test_every_rule_stands_in_the_list_that_people_read() -> None:
    page = (Path(__file__).parents[3] / "docs" / "library.md").read_text(encoding="utf-8")
    assert [rule.id for rule in RULES if f"| `{rule.id}` |" not in page] == []
