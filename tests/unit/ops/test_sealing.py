"""Backups as encrypted archives: what comes out is what went in, and an archive of somebody else's making does no harm."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pyrage
import pytest
import zstandard

from mycelix_studio.ops.backup.sealing import CannotOpen, seal_folder, unseal_folder

IDENTITY = pyrage.x25519.Identity.generate()


def test_a_folder_comes_back_with_its_contents_and_rights(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "base" / "1").mkdir(parents=True)
    (source / "base" / "1" / "1259").write_bytes(b"page" * 5_000)
    (source / "base" / "1" / "1259").chmod(0o600)
    (source / "empty").mkdir()
    extra = tmp_path / "global.json"
    extra.write_text("{}")
    packed = tmp_path / "packed.age"

    seal_folder(source, packed, IDENTITY.to_public(), {"manifest.json": extra})
    unseal_folder(packed, tmp_path / "back", IDENTITY)

    back = tmp_path / "back"
    assert (back / "base" / "1" / "1259").read_bytes() == b"page" * 5_000
    assert (back / "base" / "1" / "1259").stat().st_mode & 0o777 == 0o600
    assert (back / "base" / "1" / "1259").stat().st_uid == os.geteuid()
    assert (back / "empty").is_dir()
    assert (back / "manifest.json").read_text() == "{}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["back", "global.json", "packed.age", "source"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../outside", tarfile.REGTYPE),
        ("/outside", tarfile.REGTYPE),
        ("base/../../outside", tarfile.REGTYPE),
        ("link", tarfile.SYMTYPE),
        ("link", tarfile.LNKTYPE),
        ("pipe", tarfile.FIFOTYPE),
        ("disk", tarfile.BLKTYPE),
    ],
)
def test_an_archive_with_anything_but_files_and_folders_is_refused(tmp_path: Path, name: str, kind: bytes) -> None:
    inner = tmp_path / "inner"
    packed = inner / "packed.age"
    inner.mkdir()
    packed.write_bytes(_archive(name, kind))

    with pytest.raises(CannotOpen, match=name):
        unseal_folder(packed, inner / "back", IDENTITY)

    assert not (tmp_path / "outside").exists() and not (inner / "outside").exists()
    assert list((inner / "back").iterdir()) == []


def test_rights_beyond_reading_writing_and_running_are_not_given(tmp_path: Path) -> None:
    packed = tmp_path / "packed.age"
    packed.write_bytes(_archive("tool", tarfile.REGTYPE, mode=0o6777))

    unseal_folder(packed, tmp_path / "back", IDENTITY)

    assert (tmp_path / "back" / "tool").stat().st_mode & 0o7022 == 0


def _archive(name: str, kind: bytes, mode: int = 0o644) -> bytes:
    member = tarfile.TarInfo(name)
    member.type, member.mode = kind, mode
    member.linkname = "/etc/passwd" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
    member.size = 4 if kind == tarfile.REGTYPE else 0
    bundle = io.BytesIO()
    with tarfile.open(fileobj=bundle, mode="w") as tar:
        tar.addfile(member, io.BytesIO(b"evil"))
    sealed: bytes = pyrage.encrypt(zstandard.ZstdCompressor().compress(bundle.getvalue()), [IDENTITY.to_public()])
    return sealed
