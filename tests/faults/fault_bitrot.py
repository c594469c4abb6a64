"""`faults bitrot`: bits flipped at random in backups, audio, the cache and wallet files; each is found and nothing damaged is used."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from mycelix_studio.domain.cid import CidHasher
from mycelix_studio.domain.clock import now
from mycelix_studio.errors import Known
from mycelix_studio.node import logs
from mycelix_studio.node.stores import verified
from mycelix_studio.node.stores.folder import FolderStore
from mycelix_studio.node.stores.verified import Damaged, Named
from mycelix_studio.ops.backup.restore import rehearse
from mycelix_studio.ops.backup.take import take
from mycelix_studio.ops.backup.verify import scrub, verify
from mycelix_studio.paths import Paths
from mycelix_studio.services.opening import open_studio
from mycelix_studio.store import drafts, rebuild, seal
from mycelix_studio.vault import keystore
from mycelix_studio.vault.errors import VaultError
from tests.bench.rows import Row
from tests.fixtures.drill import Cluster, write_plays
from tests.fixtures.listening import listen

FLIPS = 100
KEY = bytes.fromhex("c3" * 32)
SECRET = "marble-tundra-falcon"


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Flip 100 bytes in each place, with ``large`` 1,000."""
    logs.configure("critical")  # every piece of damage would be said on standard output
    chance = random.Random(seed)
    flips = 10 * FLIPS if large else FLIPS
    with tempfile.TemporaryDirectory(prefix="faults-bitrot-") as name:
        cluster = Cluster.start(Path(name))
        try:
            write_plays(cluster.url, 20_000)
            take(cluster.config)
            yield from _backups(cluster, chance, flips)
            yield from _audio(cluster, chance, flips)
        finally:
            cluster.close()
        yield from _cache(Path(name), chance, flips)
        yield from _wallets(Path(name), chance, flips)


def _flip(path: Path, chance: random.Random) -> Callable[[], None]:
    """Turn one bit of a file, and return what turns it back."""
    place, bit = chance.randrange(path.stat().st_size), 1 << chance.randrange(8)

    def turn() -> None:
        times = path.stat()
        with path.open("r+b") as file:
            file.seek(place)
            byte = file.read(1)[0]
            file.seek(place)
            file.write(bytes([byte ^ bit]))
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # a disk that rots tells nobody when

    turn()
    return turn


def _backups(cluster: Cluster, chance: random.Random, flips: int) -> Iterable[Row]:
    folder = Path(cluster.config.to)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    found = 0
    for _number in range(flips):
        path = chance.choice(files)
        back = _flip(path, chance)
        found += path.relative_to(folder).as_posix() in verify(cluster.config).damaged
        back()
    yield Row("flips in stored backups that verify finds", found, "", flips, ">=", "restic")
    used = 0
    for path in files:
        if path.parent.name == "audio":
            continue  # a rehearsal brings back the database
        back = _flip(path, chance)
        try:
            rehearse(cluster.config, cluster.identity)
            used += 1
        except Known:
            pass
        back()
    yield Row("damaged backups that were restored", used, "", 0, "<=")
    rehearse(cluster.config, cluster.identity)


def _audio(cluster: Cluster, chance: random.Random, flips: int) -> Iterable[Row]:
    cids = sorted(cluster.audio)
    found = kept = served = 0
    before = {path.name for path in (Path(cluster.config.to) / "audio").iterdir()}
    for _number in range(flips):
        cid = chance.choice(cids)
        back = _flip(cluster.config.node.data_dir / "audio" / cid[-3:-1] / cid, chance)
        found += scrub(cluster.config.node, cids).damaged == (cid,)
        served += asyncio.run(_served(cluster, cid, chance))
        back()
    yield Row("flips in the node's audio that a scrub finds", found, "", flips, ">=")
    yield Row("damaged audio that was played back", served, "", 0, "<=")
    for path in (Path(cluster.config.to) / "audio").iterdir():
        path.unlink()
    damaged = cids[0]
    _flip(cluster.config.node.data_dir / "audio" / damaged[-3:-1] / damaged, chance)
    taken = take(cluster.config, "full")
    kept = sum(damaged in path.name for path in (Path(cluster.config.to) / "audio").iterdir())
    yield Row("damaged audio that a backup took", kept, "", 0, "<=")
    yield Row("  and said so", float(taken.audio_damaged == (damaged,)), "", 1, ">=")
    assert before


async def _served(cluster: Cluster, cid: str, chance: random.Random) -> bool:
    """Tell whether playback gave out the damaged file, whole or a range of it, as something it is not."""
    store = FolderStore(cluster.config.node.data_dir / "audio")
    data = cluster.audio[cid]
    hasher = CidHasher()
    hasher.update(data)
    named = Named(cid, len(data), hasher.leaves(0))
    spans = [(0, len(data)), *((start, start + 1_000) for start in (chance.randrange(len(data)) for _ in range(3)))]
    for start, end in spans:
        got = b""
        with contextlib.suppress(Damaged):
            async for piece in verified.read(store, named, start, min(end, len(data))):
                got += piece
        if not data[start:end].startswith(got):
            return True
    return False


def _cache(folder: Path, chance: random.Random, flips: int) -> Iterable[Row]:
    """An artist's cache with drafts and a year of figures: what Studio shows after a flip is what was there, or comes anew."""
    paths = Paths.under(folder / "profile")
    studio = open_studio(paths)
    with studio.database.write() as db:
        for number in range(2_000):
            body = '{"price": "' + "1" * 300 + '"}'
            drafts.save(db, f"song:{number}", title=f"Song {number}", body=body, changed_at=now(), due_at=None)
    listen(studio.database, ("0x" + "ab" * 32,), plays=5_000)
    rebuild.keep_copy(studio.database, now())
    studio.close()
    sound = {path: path.read_bytes() for path in (paths.database, seal.place(paths.database))}
    times = paths.database.stat()
    wanted = _contents(paths.database)
    unseen = found = exact = wrong = 0
    for _number in range(flips):
        for path, data in sound.items():
            path.write_bytes(data)
        os.utime(paths.database, ns=(times.st_atime_ns, times.st_mtime_ns))
        _flip(paths.database, chance)
        unseen += rebuild.is_sound(paths.database)
        studio = open_studio(paths)
        rebuilt = studio.rebuilt
        found += rebuilt is not None
        exact += rebuilt is not None and rebuilt.exact
        studio.close()
        shown = _contents(paths.database)
        wrong += any(
            rows != wanted[name] and not (rows == [] and name in rebuild.FETCHED) for name, rows in shown.items()
        )
        if rebuilt is not None:
            rebuilt.aside.unlink()
    yield Row("flips in the cache that the next start finds", found, "", flips, ">=", "restic")
    yield Row("  of which SQLite's own check sees nothing", unseen)
    yield Row("  put right byte for byte", exact)
    yield Row("  tables with a wrong or a lost row afterwards", wrong, "", 0, "<=")


def _contents(path: Path) -> dict[str, list[str]]:
    with contextlib.closing(sqlite3.connect(path)) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        kept = [name for name in names if not name.startswith("sqlite_")]
        return {name: sorted(map(repr, db.execute(f"SELECT * FROM {name}"))) for name in kept}


def _wallets(folder: Path, chance: random.Random, flips: int) -> Iterable[Row]:
    path = folder / "wallet.json"
    path.write_bytes(keystore.seal(KEY, SECRET, heavy=False))
    address = keystore.address_of(KEY)
    harmless = wrong = found = 0
    for _number in range(flips):
        copy = folder / "flipped.json"
        shutil.copyfile(path, copy)
        _flip(copy, chance)
        try:
            harmless += keystore.unseal(copy.read_bytes(), SECRET, address) == KEY
            wrong += keystore.unseal(copy.read_bytes(), SECRET, address) != KEY
        except (VaultError, ValueError):
            found += 1
    yield Row("flips in a wallet file: refused, or the right key all the same", found + harmless, "", flips, ">=")
    yield Row("  another key came out", wrong, "", 0, "<=")
