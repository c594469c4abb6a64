"""The drill: load a node's database, back it up, keep writing, destroy it, restore to a named moment, compare every table."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from mycelix_studio.errors import Known
from mycelix_studio.ops.backup import catalog, sealing
from mycelix_studio.ops.backup.repository import FolderRepository, ObjectDamaged
from mycelix_studio.ops.backup.restore import NotEmpty, rehearse, restore
from mycelix_studio.ops.backup.stream import Stream
from mycelix_studio.ops.backup.take import take
from mycelix_studio.ops.backup.verify import scrub, verify
from tests.fixtures.drill import Cluster, destroy, fingerprints, write_plays

pytestmark = pytest.mark.postgres


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster of one test, to destroy."""
    made = Cluster.start(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster with one full backup that tests leave as it is."""
    made = Cluster.start(tmp_path_factory.mktemp("cluster"))
    write_plays(made.url, 500)
    take(made.config)
    yield made
    made.close()


def test_a_destroyed_node_comes_back_to_a_named_second_with_every_table_equal(
    doomed: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster, config = doomed, doomed.config
    early = datetime.now(UTC)
    stream = Stream(config, synchronous=True, part_seconds=1)
    with cluster.streaming(stream):
        write_plays(cluster.url, 4_000)
        full = take(config, "auto")
        assert full.backup.kind == "full"
        write_plays(cluster.url, 2_000)
        incremental = take(config, "auto")
        assert incremental.backup.kind == "incremental"
        assert incremental.backup.stored_bytes < full.backup.stored_bytes / 2
        write_plays(cluster.url, 1_000)
        late = cluster.add_audio(b"after the last backup" * 10_000)
        wanted, moment = fingerprints(cluster.url), datetime.now(UTC)
        write_plays(cluster.url, 500)
        last = fingerprints(cluster.url)
        deadline = time.monotonic() + 30
        while late not in catalog.audio_cids(FolderRepository(Path(config.to))):
            assert time.monotonic() < deadline, "the stream takes audio with it"
            time.sleep(0.05)
        with pytest.raises(NotEmpty):
            restore(config, cluster.identity)
        destroy(cluster)
    with pytest.raises(catalog.NoBackup, match="oldest is complete from"):
        restore(config, cluster.identity, early)

    back = restore(config, cluster.identity, moment)
    with cluster.opened() as url:
        assert fingerprints(url) == wanted
        assert epoch_of(url) != cluster.epoch, "studios must sync anew"
    assert back.backups == (full.backup.id, incremental.backup.id)
    assert (back.audio, back.audio_missing, back.gaps) == (len(cluster.audio), (), ())
    for cid, data in cluster.audio.items():
        assert (config.node.data_dir / "audio" / cid[-3:-1] / cid).read_bytes() == data

    destroy(cluster)
    next(config.spool.glob("wal-before-*")).rename(config.spool / "wal")
    newest = restore(config, cluster.identity)
    with cluster.opened() as url:
        found = fingerprints(url)
    lost = last["plays"][0] - found["plays"][0]
    with capsys.disabled():
        print(f"\nrecovery in {back.seconds:.1f} s and {newest.seconds:.1f} s; {lost} acknowledged plays lost")
    assert found == last, "with the spool nothing that was committed is lost"


def epoch_of(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT value::text FROM node_state WHERE name = 'epoch'").fetchone()
    assert row is not None
    return str(row[0])


def test_a_rehearsal_proves_a_backup_while_the_node_goes_on(cluster: Cluster) -> None:
    before = fingerprints(cluster.url)
    proof = rehearse(cluster.config, cluster.identity)
    assert proof.cluster_seconds > 0
    assert fingerprints(cluster.url) == before


def test_flipped_bits_are_found_without_any_key_and_nothing_damaged_is_restored(
    cluster: Cluster, tmp_path: Path
) -> None:
    config = replace(cluster.config, to=str(tmp_path / "copy"))
    folder = Path(shutil.copytree(cluster.config.to, config.to))
    assert verify(config).sound
    objects = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in objects:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(bytes(data))
    assert set(verify(config).damaged) == {path.relative_to(folder).as_posix() for path in objects}
    with pytest.raises(ObjectDamaged):
        rehearse(config, cluster.identity)


def test_a_week_later_old_backups_and_their_log_are_let_go_and_the_rest_still_restores(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(cluster.config, to=str(tmp_path / "repository"), spool=tmp_path / "spool", keep=1)
    first = take(config, "full").backup
    second = take(config).backup
    assert second.parent == first.id
    monkeypatch.setattr("mycelix_studio.ops.backup.take.now", lambda: datetime.now(UTC) + timedelta(days=7))
    third = take(config)
    assert third.backup.kind == "full", "once a week"
    assert third.removed == (first.id, second.id)
    assert [each.id for each in verify(config).backups] == [third.backup.id]
    assert rehearse(config, cluster.identity).backups == (third.backup.id,)


def test_backups_are_never_written_unencrypted(cluster: Cluster, tmp_path: Path) -> None:
    with pytest.raises(Known, match="never written unencrypted"):
        take(replace(cluster.config, recipient=""))
    packed = list(Path(cluster.config.to).rglob("*.age"))
    assert len(packed) == 1 + len(cluster.audio)
    for path in packed:
        data = path.read_bytes()
        assert data.startswith(b"age-encryption.org/v1")
        assert b"base/1/" not in data
    other = tmp_path / "other.key"
    sealing.new_identity(other)
    with pytest.raises(sealing.CannotOpen):
        rehearse(cluster.config, other)


def test_damaged_and_missing_audio_is_found_on_the_node_itself(cluster: Cluster, tmp_path: Path) -> None:
    node = replace(cluster.config.node, data_dir=tmp_path)
    shutil.copytree(cluster.config.node.data_dir / "audio", tmp_path / "audio")
    one, two, _three = sorted(cluster.audio)
    path = tmp_path / "audio" / one[-3:-1] / one
    data = bytearray(path.read_bytes())
    data[1000] ^= 4
    path.write_bytes(bytes(data))
    (tmp_path / "audio" / two[-3:-1] / two).unlink()
    found = scrub(node, sorted(cluster.audio))
    assert (found.objects, found.damaged, found.missing) == (3, (one,), (two,))


def test_the_stream_finds_a_node_that_was_restarted(cluster: Cluster, tmp_path: Path) -> None:
    config = replace(cluster.config, to=str(tmp_path / "repository"), spool=tmp_path / "spool")
    with cluster.streaming(Stream(config, part_seconds=0.2)):
        cluster.restart()
        write_plays(cluster.url, 300)
        deadline = time.monotonic() + 30
        while not catalog.segments(FolderRepository(Path(config.to))) and time.monotonic() < deadline:
            threading.Event().wait(0.1)
        assert catalog.segments(FolderRepository(Path(config.to)))
