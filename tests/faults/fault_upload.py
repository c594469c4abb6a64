"""`faults upload`: files sent over a line that is cut, delayed, truncated and loses answers, while node and client are killed.

Whatever happens, the stored bytes have the name computed before, at most one piece is sent again a fault, and what was given up leaves
nothing behind once its time is over.
"""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psycopg

from mycelix_studio.api import client as client_module
from mycelix_studio.api import uploads
from mycelix_studio.api.errors import ServerUnreachable
from mycelix_studio.api.platform import Api
from mycelix_studio.api.sign_in import Signer
from mycelix_studio.domain.cid import FileDigest, digest_file
from mycelix_studio.node.embedded import EmbeddedPostgres
from tests.bench.rows import Row
from tests.fixtures.line import Line
from tests.fixtures.node import NodeProcess, Person, make_node

SIZE = 6 * uploads.MIB
LINE_FAULTS_A_FILE = 8
HEADER_BYTES = 600
"""About what the head of one request takes."""


@dataclass
class Count:
    """What was injected and what came of it."""

    faults: int = 0
    files: int = 0
    wrong: int = 0
    worst: float = 0.0
    kinds: dict[str, int] = field(default_factory=dict)

    def note(self, kind: str) -> None:
        self.faults += 1
        self.kinds[kind] = self.kinds.get(kind, 0) + 1


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Inject at least 200 faults, with ``large`` 1,000."""
    chance = random.Random(seed)
    wanted, kills = (1_000, 60) if large else (210, 15)
    uploads.LARGEST_PIECE = uploads.MIB  # type: ignore[misc]
    uploads.FIRST_WAIT = client_module.FIRST_WAIT = 0.02  # type: ignore[misc]
    with tempfile.TemporaryDirectory(prefix="faults-upload-") as name:
        folder = Path(name)
        server = EmbeddedPostgres(folder / "postgres")
        server.start()
        node = make_node(folder / "node", MYCELIX_DATABASE_URL=server.url, MYCELIX_CHAIN_ID="31337").start()
        node.environment["MYCELIX_PORT"] = node.url.rsplit(":", 1)[1]
        try:
            world = _World(node, folder, chance)
            while world.count.kinds.get("node killed", 0) < kills:
                world.file(world.kill_node)
            while world.count.kinds.get("client killed", 0) < kills:
                world.file_by_processes()
            while world.count.faults < wanted:
                world.file(world.line_faults)
            left = world.give_up_and_expire(server.url)
        finally:
            node.stop()
            server.stop()
    count = world.count
    yield Row("faults injected", count.faults, "", 1_000 if large else 200, ">=")
    for kind, times in sorted(count.kinds.items()):
        yield Row(f"  {kind}", times)
    yield Row("files sent", count.files)
    yield Row("stored under another name, or changed", count.wrong, "", 0, "<=")
    yield Row("most sent again a fault, in pieces", count.worst, "", 1.0, "<=")
    yield Row("left behind after their time was over", left, "", 0, "<=")


class _World:
    """One node, one person, and the files between them."""

    def __init__(self, node: NodeProcess, folder: Path, chance: random.Random) -> None:
        self.node = node
        self.folder = folder
        self.chance = chance
        self.count = Count()
        self.person = Person.new()
        direct = Api(lambda: node.url, lambda: 31337)
        direct.use(Signer(lambda: self.person.address, self.person.sign))
        direct.sign_in()
        self.token = direct.session.token(lambda path, body: b"")
        direct.close()

    def api(self, url: str) -> Api:
        """Return a client over a line; it was signed in before, since a sign-in names the node's own address."""
        made = Api(lambda: url, lambda: 31337)
        made.session.token = lambda ask: self.token  # type: ignore[method-assign]
        return made

    def file(self, faults: object) -> None:
        """Send one file in this process while faults happen on the line."""
        assert callable(faults)
        path, digest = self._music()
        before = self.count.faults
        with Line(self.node.url) as line:
            faults(line, digest.size)
            api = self.api(line.url)
            known = [""]

            def began(standing: uploads.Standing) -> None:
                known[0] = standing.upload_id

            while True:
                try:
                    sent = api.uploads.push(
                        path, digest.size, digest.cid, name=path.name, upload_id=known[0], began=began
                    )
                    break
                except ServerUnreachable:
                    continue  # as the queue does, after a while
            api.close()
            self._judge(line, digest, sent.cid, self.count.faults - before)
        path.unlink()

    def file_by_processes(self) -> None:
        """Send one file by clients that are killed in the middle, each going on where the one before stood."""
        path, digest = self._music()
        before, known = self.count.faults, ""
        with Line(self.node.url) as line:
            for attempt in range(4):
                words = [line.url, self.token, str(path), str(digest.size), digest.cid, *([known] if known else [])]
                with subprocess.Popen(
                    [sys.executable, "-m", "tests.faults.push_client", *words], stdout=subprocess.PIPE, text=True
                ) as client:
                    if attempt < 3:
                        line.at(line.sent + self.chance.randrange(1_000, digest.size // 3), client.kill, cut=False)
                    output, _ = client.communicate(timeout=60)
                said = output.split()
                known = next((word for word in said if word != "done"), known)
                if client.returncode == -signal.SIGKILL:
                    self.count.note("client killed")
                else:
                    assert said and said[-1] == "done", output
                    break
                line.clear()
            self._judge(line, digest, digest.cid, self.count.faults - before)
        path.unlink()

    def kill_node(self, line: Line, size: int) -> None:
        """Kill the node once in the middle of a file, and start it again."""

        def kill() -> None:
            self.node.stop(signal.SIGKILL)
            self.node.start()
            self.count.note("node killed")

        line.at(self.chance.randrange(2_000, size - 1_000), kill)

    def line_faults(self, line: Line, size: int) -> None:
        """Plan faults of the line at random places of a file."""
        for _ in range(LINE_FAULTS_A_FILE):
            at = self.chance.randrange(1_000, size - 1_000)
            match self.chance.choice(("cut", "truncated", "answer lost", "delayed")):
                case "cut":
                    line.at(at, lambda: self.count.note("line cut"))
                case "truncated":
                    line.at(at, lambda: self.count.note("line truncated"), truncate=True)
                case "answer lost":
                    line.at(at, lambda: self._deafen(line), cut=False)
                case _:
                    line.at(at, self._delay, cut=False)

    def give_up_and_expire(self, database: str) -> int:
        """Begin uploads and leave them, let their time be over, and return what is left of them after the node's upkeep."""
        api = self.api(self.node.url)
        path, digest = self._music()
        for _ in range(5):
            standing = api.uploads.create(digest.size, cid=digest.cid, name=path.name)
            piece = path.read_bytes()[: uploads.MIB]
            api.uploads.send_piece(standing.upload_id, 0, piece, hashlib.sha256(piece).digest())
        api.close()
        parts = self.folder / "node" / "data" / "uploads"
        assert len(list(parts.glob("*.part"))) >= 5
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("UPDATE uploads SET expires_at = now() - interval '1 minute'")
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                row = connection.execute("SELECT count(*) FROM uploads").fetchone()
                left = (int(row[0]) if row else 0) + len(list(parts.glob("*.part")))
                if not left:
                    return 0
                time.sleep(0.2)
        return left

    def _deafen(self, line: Line) -> None:
        line.deaf = True
        self.count.note("answer lost")

    def _delay(self) -> None:
        self.count.note("line delayed")
        time.sleep(self.chance.uniform(0.02, 0.2))

    def _judge(self, line: Line, digest: FileDigest, cid: str, faults: int) -> None:
        """Compare what is stored with what was meant, and count what was sent again."""
        stored = self._stored(digest.cid)
        if cid != digest.cid or digest_file(stored) != digest:
            self.count.wrong += 1
        stored.unlink()
        again = max(0, line.sent - line.requests * HEADER_BYTES - digest.size)
        if faults:
            self.count.worst = max(self.count.worst, again / uploads.MIB / faults)
        self.count.files += 1

    def _stored(self, cid: str) -> Path:
        return next((self.folder / "node" / "data").rglob(cid))

    def _music(self) -> tuple[Path, FileDigest]:
        path = self.folder / f"music {self.count.files}.wav"
        noise = np.random.default_rng(self.chance.randrange(2**31)).integers(-9_000, 9_000, SIZE // 2, dtype=np.int16)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(44_100)
            file.writeframes(noise.tobytes())
        return path, digest_file(path)
