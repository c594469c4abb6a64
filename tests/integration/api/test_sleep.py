"""A computer that sleeps in the middle of an upload: everything about its connection is dead without a word, and the upload goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from mycelix_studio.api.uploads import MIB
from mycelix_studio.domain.cid import digest_file
from mycelix_studio.domain.clock import now
from mycelix_studio.domain.upload import UploadState
from mycelix_studio.node.embedded import EmbeddedPostgres
from mycelix_studio.services.studio import Studio
from mycelix_studio.services.waking import Waking
from tests.fixtures.line import Line
from tests.fixtures.node import NodeProcess, Person, make_node
from tests.fixtures.postgres import new_database
from tests.integration.api.test_queue import open_profile, tracks
from tests.integration.api.test_uploads import write_wav

HEADER_BYTES = 800
"""More than the head of a request takes."""
SIZE = 6 * MIB + 44
ASLEEP_AT = 3 * MIB + 400_000


@dataclass
class Bed:
    """A Studio in the middle of an upload over a line to a node of its own, and the clocks it looks at."""

    studio: Studio
    line: Line
    node: NodeProcess
    database: str
    file: Path
    fell_asleep: threading.Event
    through_sleep: float = 0.0

    def send(self) -> list[int]:
        """Begin to send and return the ids once the line has fallen silent."""
        added = self.studio.uploads.add(tracks(self.studio, self.file))
        self.studio.uploads.start()
        assert self.fell_asleep.wait(30)
        return list(added.ids)

    def run(self, statement: str) -> int:
        """Change the node's database."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(statement).rowcount

    def stored(self) -> Path:
        """Return the audio at the node."""
        data = Path(self.node.environment["MYCELIX_DATA_DIR"])
        return next(data.rglob(digest_file(self.file).cid))


@pytest.fixture
def bed(postgres: EmbeddedPostgres, tmp_path: Path, person: Person, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bed]:
    for name in ("api.uploads", "api.client", "services.uploads"):
        monkeypatch.setattr(f"mycelix_studio.{name}.FIRST_WAIT", 0.02)
    monkeypatch.setattr("mycelix_studio.api.uploads.LARGEST_PIECE", MIB)
    monkeypatch.setattr("mycelix_studio.services.uploads.BEAT_SECONDS", 0.05)
    database = new_database(postgres)
    with Line("http://127.0.0.1:1") as line:
        names = {"MYCELIX_DATABASE_URL": database, "MYCELIX_CHAIN_ID": "31337"}
        node = make_node(tmp_path / "node", MYCELIX_DOMAIN=urlsplit(line.url).netloc, **names).start()
        line.target = ("127.0.0.1", urlsplit(node.url).port or 0)
        fell_asleep = threading.Event()

        def sleep() -> None:
            line.hush()
            fell_asleep.set()

        line.at(ASLEEP_AT, sleep, cut=False)
        studio = open_profile(tmp_path, line.url, person)
        file = tmp_path / "Salt Meridian.wav"
        write_wav(file, 6 * MIB)
        assert file.stat().st_size == SIZE
        made = Bed(studio, line, node, database, file, fell_asleep)
        studio.uploads._waking = Waking(0.05, lambda: made.through_sleep, lambda: 0.0)
        yield made
        studio.close()
    node.stop()


@pytest.mark.parametrize("sign_in", ["its time is over", "the server forgot it"])
@pytest.mark.parametrize("forgotten", [False, True], ids=["upload-still-there", "upload-expired"])
def test_an_upload_goes_on_after_the_computer_slept_for_hours(bed: Bed, forgotten: bool, sign_in: str) -> None:
    """Sockets dead without a word at both ends, clocks hours ahead, the sign-in over: at most one piece is sent again."""
    ids = bed.send()
    before = bed.line.sent
    assert bed.line.hushed >= 1

    session = bed.studio.api.session
    token = session._token
    assert token is not None
    if sign_in == "its time is over":
        session._token = replace(token, expires_at=now() - timedelta(hours=1))
    else:
        with bed.node.client() as client:
            answer = client.post("/api/auth/logout", headers={"Authorization": f"Bearer {token.value}"})
            assert answer.is_success
    if forgotten:
        assert bed.run("UPDATE uploads SET expires_at = now() - interval '1 minute'") == 1
    bed.through_sleep += 9 * 3_600
    rows = bed.studio.uploads.wait(ids, 20)

    assert [(row.state, row.confirmed) for row in rows] == [(UploadState.DONE, SIZE)]
    assert digest_file(bed.stored()) == digest_file(bed.file)
    assert session._token is not None and session._token.value != token.value, "it signed in anew"
    if forgotten:
        assert bed.line.sent - before >= SIZE, "what the server forgot is sent from the beginning"
    else:
        assert bed.line.sent - bed.line.requests * HEADER_BYTES - SIZE <= MIB


def test_a_line_that_falls_silent_without_a_sleep_is_given_up_and_the_upload_goes_on(
    bed: Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing tells that the other end is gone but that nothing comes."""
    monkeypatch.setattr("mycelix_studio.api.client.READ_SECONDS", 0.5)
    monkeypatch.setattr("mycelix_studio.api.uploads.PIECE_SECONDS", 0.5)
    ids = bed.send()
    rows = bed.studio.uploads.wait(ids, 20)
    assert [(row.state, row.confirmed) for row in rows] == [(UploadState.DONE, SIZE)]
    assert digest_file(bed.stored()) == digest_file(bed.file)
    assert bed.line.sent - bed.line.requests * HEADER_BYTES - SIZE <= MIB


def test_a_sleep_while_the_queue_waits_for_the_server_ends_the_wait(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mycelix_studio.services.uploads.FIRST_WAIT", 3_600.0)
    monkeypatch.setattr("mycelix_studio.services.uploads.LONGEST_WAIT", 3_600.0)
    monkeypatch.setattr("mycelix_studio.api.uploads.TRIES", 1)
    there, bed.line.target = bed.line.target, ("127.0.0.1", 1)
    bed.line.clear()
    away = threading.Event()
    bed.studio.hub.subscribe(lambda *_: away.set() if bed.studio.uploads._offline is not None else None)
    ids = list(bed.studio.uploads.add(tracks(bed.studio, bed.file)).ids)
    bed.studio.uploads.start()
    assert away.wait(20)
    bed.line.target = there
    bed.through_sleep += 9 * 3_600
    assert [row.state for row in bed.studio.uploads.wait(ids, 20)] == [UploadState.DONE]
