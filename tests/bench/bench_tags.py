"""`bench tags`: scan 1,000 tagged MP3 and FLAC files into the library, against mutagen reading them in one thread.

The peer opens each file with ``mutagen.File`` and takes every tag and the length: nothing is kept. The library reads each file in child
processes under limits, keeps covers by their hash, and writes every track into the cache. Both find the files in the disk's cache.
"""

from __future__ import annotations

import io
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import mutagen
from PIL import Image

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.track import Picture
from mycelix_studio.media import saver
from mycelix_studio.paths import Paths
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.library_scan import BATCH
from mycelix_studio.services.opening import open_studio
from tests.bench.rows import Row
from tests.fixtures import audio

FILES = 1_000
RUNS = 3


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Scan 1,000 files, with ``large`` 10,000."""
    count = FILES * (10 if large else 1)
    with tempfile.TemporaryDirectory(prefix="bench-tags-") as name:
        base = Path(name)
        music = make_music(base / "music", count, random.Random(seed))
        paths = sorted(music.rglob("*.*"))
        plain, ours = [], []
        for number in range(RUNS):
            plain.append(_mutagen(paths))
            ours.append(_library(base / f"profile{number}", music, count))
    yield Row(
        "scan into the library",
        statistics.median(plain) / statistics.median(ours),
        "x",
        1.6,
        ">=",
        "mutagen in one thread",
    )
    yield Row("scan into the library, files a second", count / statistics.median(ours))
    yield Row("mutagen, files a second", count / statistics.median(plain))


def make_music(folder: Path, count: int, chance: random.Random) -> Path:
    """Write half MP3, half FLAC, in albums of ten with a cover each."""
    folder.mkdir(parents=True)
    sources = [audio.make(folder, ending, seconds=2.0) for ending in ("mp3", "flac")]
    for album in range(-(-count // 10)):
        below = folder / f"album {album}"
        below.mkdir()
        buffer = io.BytesIO()
        Image.effect_noise((160, 160), chance.randrange(20, 100)).convert("RGB").save(buffer, "JPEG")
        tagged = []
        for source in sources:
            first = Path(shutil.copy(source, below / f"first{source.suffix}"))
            fields = {
                Field.ALBUM: (f"Salt Meridian {album}",), Field.ALBUM_ARTIST: ("Maren Okafor",), Field.DATE: ("2026-05-08",),
                Field.GENRE: ("Ambient", "Folk"), Field.LABEL: ("Tidewater",), Field.COMPOSER: ("Maren Okafor", "Ilse Brandt"),
                Field.COPYRIGHT: ("2026 Tidewater",), Field.BARCODE: ("4006381333931",), Field.LANGUAGE: ("eng",),
                Field.RELEASE_ID: ("f0a5b1c2-0000-4000-8000-000000000000",), Field.TRACK_GAIN: ("-6.20 dB",),
            }  # fmt: skip
            saver.save(first, fields, Picture(buffer.getvalue(), "image/jpeg"))
            tagged.append(first)
        for track in range(min(10, count - album * 10)):
            source = tagged[track % 2]
            path = Path(shutil.copy(source, below / f"{track + 1:02} {chance.randrange(10**6)}{source.suffix}"))
            saver.save(
                path,
                {
                    Field.TITLE: (f"Song {album}-{track}",),
                    Field.TRACK: (f"{track + 1}/10",),
                    Field.ARTIST: ("Maren Okafor",),
                },
            )
        for each in tagged:
            each.unlink()
    for source in sources:
        source.unlink()
    return folder


def _mutagen(paths: list[Path]) -> float:
    started = time.perf_counter()
    found = 0
    for path in paths:
        file = mutagen.File(path)
        tags = {key: str(value) for key, value in file.tags.items()}
        found += bool(tags) and file.info.length > 0
    assert found == len(paths)
    return time.perf_counter() - started


def _library(profile: Path, music: Path, count: int) -> float:
    studio = open_studio(Paths.under(profile))
    try:
        # The children are there already while Studio runs.
        first = studio.library.add(sorted(music.rglob("*.mp3"))[: 3 * BATCH], Work())
        started = time.perf_counter()
        result = studio.library.add([music], Work())
        seconds = time.perf_counter() - started
        assert result.added == count - first.added, result
        return seconds * count / result.added
    finally:
        studio.close()
