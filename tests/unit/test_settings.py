from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio import settings as declared
from mycelix_studio.errors import Bug
from mycelix_studio.settings import Settings


def test_a_value_is_kept_across_restarts(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    Settings(path).set(declared.THEME, "dark")
    assert Settings(path).get(declared.THEME) == "dark"


def test_a_value_of_another_type_or_outside_the_choices_is_refused(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.json")
    with pytest.raises(Bug):
        settings.set(declared.THEME, "pink")
    with pytest.raises(Bug):
        settings.set(declared.SYNC_MINUTES, True)
    assert settings.get(declared.THEME) == declared.THEME.default


def test_unknown_keys_of_a_newer_version_survive(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"future.key": [1]}))
    Settings(path).set(declared.COMPACT, True)
    assert json.loads(path.read_text())["future.key"] == [1]


@given(st.binary(max_size=200))
def test_any_broken_file_gives_defaults_and_is_set_aside(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("s") / "settings.json"
    path.write_bytes(content)
    settings = Settings(path)
    for setting in declared.SETTINGS:
        value = settings.get(setting)
        assert type(value) is type(setting.default)
    try:
        readable = isinstance(json.loads(content), dict)
    except ValueError:
        readable = False
    assert readable or path.with_suffix(".json.broken").read_bytes() == content


def test_listeners_hear_the_key(tmp_path: Path) -> None:
    heard: list[str] = []
    settings = Settings(tmp_path / "settings.json")
    settings.on_change(heard.append)
    settings.set(declared.HIDE_AMOUNTS, True)
    assert heard == ["look.hide_amounts"]


def test_keys_are_unique_and_every_setting_has_words() -> None:
    keys = [setting.key for setting in declared.SETTINGS]
    assert len(set(keys)) == len(keys)
    for setting in declared.SETTINGS:
        assert setting.title
        assert setting.description
        assert not setting.choices or setting.default in setting.choices
