"""A worker's key comes from a file, plain or sealed, and no error ever shows it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from eth_keyfile.keyfile import create_keyfile_json

from mycelix_studio.node.config import Config, WrongConfiguration
from mycelix_studio.node.key import load_key

KEY = "c4" * 32


def config(folder: Path, text: str, password: str | None = None) -> Config:
    key = folder / "key"
    key.write_text(text)
    key.chmod(0o600)
    if password is None:
        return Config(data_dir=folder, settler_key_file=key)
    (folder / "password").write_text(password + "\n")
    return Config(data_dir=folder, settler_key_file=key, settler_password_file=folder / "password")


@pytest.mark.parametrize("text", [KEY, "0x" + KEY.upper(), f"  0x{KEY}\n"])
def test_a_plain_key_file_is_read(tmp_path: Path, text: str) -> None:
    assert load_key(config(tmp_path, text), "settler") == "0x" + KEY


def test_without_a_key_file_there_is_no_settler(tmp_path: Path) -> None:
    assert load_key(Config(data_dir=tmp_path), "settler") is None


def test_a_wallet_file_opens_with_its_password_only(tmp_path: Path) -> None:
    sealed = json.dumps(dict(create_keyfile_json(bytes.fromhex(KEY), b"safe", kdf="scrypt", iterations=2)))
    assert load_key(config(tmp_path, sealed, "safe"), "settler") == "0x" + KEY
    with pytest.raises(WrongConfiguration, match="SETTLER_KEY_FILE"):
        load_key(config(tmp_path, sealed, "wrong"), "settler")


@pytest.mark.parametrize("text", ["", KEY[:-1], "0x" + "00" * 32, "zz" * 32, '{"version": 3}'])
def test_what_is_no_key_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(WrongConfiguration) as refused:
        load_key(config(tmp_path, text), "settler")
    assert not text or text not in refused.value.message


def test_a_missing_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(WrongConfiguration, match="SETTLER_KEY_FILE"):
        load_key(Config(data_dir=tmp_path, settler_key_file=tmp_path / "nowhere"), "settler")
