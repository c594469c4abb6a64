from __future__ import annotations

from dataclasses import replace

from mycelix_studio.domain.fields import Field
from mycelix_studio.services.library_losses import COVER, Fate, matrix
from tests.unit.domain.tracks import made

F = Field
FLAC = [made(n) for n in (1, 2)]
WAV = made(3, container="WAV", family="id3")
OLD_MP3 = replace(made(4, container="MP3", family="id3"), tag_version="ID3v2.3")


def test_each_kind_of_file_says_what_becomes_of_each_field() -> None:
    edits = {F.TITLE: ("Thaw",), F.ARTIST: ("Maren", "Ilse"), F.LABEL: ("Kaliko",), F.DATE: ("2026-04",), F.GENRE: ()}
    found = matrix([*FLAC, WAV, OLD_MP3], edits, cover=True)
    assert [(kind.name, kind.files) for kind in found.kinds] == [("FLAC", 2), ("MP3 2.3", 1), ("WAV", 1)]
    assert dict(found.rows) == {
        F.TITLE: (Fate.KEPT, Fate.KEPT, Fate.KEPT),
        F.ARTIST: (Fate.KEPT, Fate.FIRST_SHOWN, Fate.JOINED),
        F.LABEL: (Fate.KEPT, Fate.KEPT, Fate.FEW_READ),
        F.DATE: (Fate.KEPT, Fate.SHORTENED, Fate.KEPT),
        F.GENRE: (Fate.KEPT, Fate.KEPT, Fate.KEPT),
        COVER: (Fate.KEPT, Fate.KEPT, Fate.FEW_READ),
    }
    assert set(found.losing) == {3, 4}
    assert found.movable == (4,)
    assert any("RIFF INFO" in sentence for sentence in found.why)


def test_nothing_is_lost_where_everything_fits() -> None:
    found = matrix(FLAC, {F.TITLE: ("Thaw",), F.ARTIST: ("Maren", "Ilse")})
    assert not found.losing and not found.why
