"""`bench upload`: fingerprint and upload a file over loopback to a real node, against a plain socket and hashlib doing the same.

- *upload alone* takes a file whose fingerprint is known to the stored object: HTTP, sign-in, every piece checked, CID and SHA-256 computed
  there, every piece flushed, a look into the file, the database. Its peer is the least anybody could do in Python, without hashing:
  ``sendfile`` into a socket, ``recv_into`` at the other end, ``write``, one ``fsync``.
- *hash, CID and upload* takes a file nobody has seen: CID and SHA-256 here, then the upload. Its peer hashes as well: SHA-256 by
  hashlib, then the plain socket, with SHA-256 of what it receives. Ours hashes twice at each end: a CID is made of other digests.

Each figure is the median of runs that take turns with the peers. What a turn stored is removed, and before each turn as much is written and
removed, so that nobody pays for memory the machine had taken back from its page cache meanwhile.
"""

from __future__ import annotations

import hashlib
import os
import socket
import statistics
import tempfile
import threading
import time
import wave
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np

from mycelix_studio.api.platform import Api
from mycelix_studio.api.sign_in import Signer
from mycelix_studio.domain.cid import digest_file
from mycelix_studio.node.embedded import EmbeddedPostgres
from tests.bench.rows import Row
from tests.fixtures.node import Person, make_node

MB = 10**6
RUNS = 3


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Measure 500 MB, with ``large`` 2 GB."""
    with tempfile.TemporaryDirectory(prefix="bench-upload-") as name:
        folder = Path(name)
        file = _music(folder / "music.wav", (2_000 if large else 500) * MB, seed)
        size = file.stat().st_size
        server = EmbeddedPostgres(folder / "postgres")
        server.start()
        try:
            node = make_node(
                folder / "node",
                MYCELIX_DATABASE_URL=server.url,
                MYCELIX_CHAIN_ID="31337",
                MYCELIX_UPLOAD_MAX_BYTES=str(4_000 * MB),
            ).start()
            try:
                yield from _rows(node.url, file, size, folder)
            finally:
                node.stop()
        finally:
            server.stop()


def _rows(url: str, file: Path, size: int, folder: Path) -> Iterable[Row]:
    times: dict[str, list[float]] = {"plain": [], "hashed": [], "sha": [], "fingerprint": [], "send": []}
    stored = folder / "node" / "data" / "audio"
    for _ in range(RUNS):
        _warm(folder / "warm", size)
        times["plain"].append(_timed(lambda: _socket(file, folder / "plain", hashed=False)))
        _warm(folder / "warm", size)
        times["hashed"].append(_timed(lambda: _socket(file, folder / "hashed", hashed=True)))
        times["sha"].append(_timed(lambda: _sha256(file)))
        started = time.perf_counter()
        digest = digest_file(file)
        times["fingerprint"].append(time.perf_counter() - started)
        # A new account each time: the node knows nothing of the file, as at a first upload.
        person = Person.new()
        api = Api(lambda: url, lambda: 31337)
        api.use(Signer(lambda who=person: who.address, lambda text, who=person: who.sign(text)))  # type: ignore[misc]
        api.sign_in()
        _warm(folder / "warm", size)
        times["send"].append(
            _timed(partial(api.uploads.push, file, size, digest.cid, name=file.name, leaves=digest.leaves))
        )
        api.close()
        for each in [path for path in stored.rglob("*") if path.is_file()]:
            each.unlink()
    plain, hashed, sha, fingerprint, send = (statistics.median(each) for each in times.values())
    whole = fingerprint + send
    yield Row("upload alone", plain / send, "x", 0.75, ">=", "a socket that saves, without hashing")
    yield Row(
        "hash, CID and upload",
        (sha + hashed) / whole,
        "x",
        0.9,
        ">=",
        "hashlib's SHA-256, then a socket that saves and hashes",
    )
    yield Row("upload alone, with SHA-256 there too", hashed / send, "x", peer="a socket that saves and hashes")
    yield Row("hash, CID and upload, against no hashing at all", plain / whole, "x", peer="a socket that saves")
    yield Row("CID and SHA-256 of the file", sha / fingerprint, "x", peer="hashlib's SHA-256 of the file")
    yield Row("upload", size / MB / send, "MB/s")
    yield Row("socket that saves", size / MB / plain, "MB/s")
    yield Row("SHA-256", size / MB / sha, "MB/s")


def _warm(file: Path, size: int) -> None:
    block = bytes(4 << 20)
    with file.open("wb", buffering=0) as opened:
        for _ in range(-(-size // len(block))):
            opened.write(block)
    file.unlink()


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _socket(file: Path, target: Path, *, hashed: bool) -> None:
    """Send the file through a socket to a thread that saves it durably."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        receiver = threading.Thread(target=_receive, args=(server, target, hashed))
        receiver.start()
        with socket.create_connection(server.getsockname()) as line, file.open("rb") as opened:
            line.sendfile(opened)
            line.shutdown(socket.SHUT_WR)
            line.recv(1)
        receiver.join()
    target.unlink()


def _receive(server: socket.socket, target: Path, hashed: bool) -> None:
    line, _ = server.accept()
    digest = hashlib.sha256()
    buffer = memoryview(bytearray(4 << 20))
    with line, target.open("wb", buffering=0) as file:
        while count := line.recv_into(buffer):
            file.write(buffer[:count])
            if hashed:
                digest.update(buffer[:count])
        os.fsync(file.fileno())
        line.sendall(b".")


def _music(path: Path, size: int, seed: int) -> Path:
    """Write a WAV of noise, which nothing can compress."""
    noise = np.random.default_rng(seed)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        for _ in range(size // (4 * MB)):
            file.writeframes(noise.integers(-9_000, 9_000, 2 * MB, dtype=np.int16).tobytes())
    return path
