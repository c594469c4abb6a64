"""A clean copy goes up in place of the tagged file, which stays as it is."""

from __future__ import annotations

from pathlib import Path

from mycelix_studio.domain.fields import Field
from mycelix_studio.media import reader, saver
from mycelix_studio.paths import Paths
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.uploads_files import add_clean
from tests.fixtures import audio


def test_a_clean_copy_takes_the_place_of_the_tagged_file_in_the_queue(tmp_path: Path) -> None:
    path = audio.make(tmp_path, "wav", name="song")
    saver.save(path, {Field.TITLE: ("Kelp",), Field.ARTIST: ("Maren",), Field.ISRC: ("NOA1B2600015",)})
    broken = tmp_path / "gone.flac"
    audio.make(tmp_path, "flac", name="gone")
    studio = open_studio(Paths.under(tmp_path / "profile"))
    try:
        studio.library.add([path, broken], Work())
        broken.unlink()
        before = path.read_bytes()
        ids = studio.library.ids()
        studio.uploads.add(ids)
        result = add_clean(studio.library, studio.preflight, studio.uploads, ids, Work())
        stays, row = studio.uploads.rows()
        assert stays.path == broken  # no copy could be made of it
        assert (row.path.name, row.title, row.artist) == ("song (clean).flac", "Kelp", "Maren")
        assert reader.read(row.path).fields.keys() <= {Field.ENCODER_SETTINGS}
        assert [refused.path for refused in result.imported.refused] == [broken]
        copy = studio.library.track(row.track_id or 0)
        assert copy is not None and copy.value(Field.ISRC) == ("NOA1B2600015",)
        assert path.read_bytes() == before
    finally:
        studio.close()
