"""The API guide, block by block, against a real node."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fixtures.node import NodeProcess, Person, audio, list_song

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "api-guide.md").read_text()


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", GUIDE, re.DOTALL)


@pytest.mark.parametrize("block", blocks("sh"))
def test_a_shell_block_works(block: str, node: NodeProcess) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    with Person.new().sign_in(node.url) as client:
        list_song(client, 7)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        env={**os.environ, "SERVER": node.url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_the_python_blocks_work_one_after_the_other(
    node: NodeProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "song.flac"
    file.write_bytes(audio(0.4, seed=77))
    for name, value in (("SERVER", node.url), ("CHAIN_ID", "31337"), ("AUDIO", str(file))):
        monkeypatch.setenv(name, value)
    names: dict[str, object] = {}
    for block in blocks("python"):
        exec(block, names)
    assert set(capsys.readouterr().out.split()) >= {"song", "play"}
