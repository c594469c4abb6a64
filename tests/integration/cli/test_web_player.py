"""The scaffolded web player: compiled in strict TypeScript against the node's own specification, tested by its own tests, served."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.fixtures.cli import mycelix
from tests.fixtures.node import NodeProcess, Person, list_song

PACKAGES = Path(__file__).resolve().parents[3] / "build" / "web-player" / "node_modules"
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed"),
    pytest.mark.skipif(not PACKAGES.is_dir(), reason="its npm packages are not installed: packaging/dev setup"),
]


def test_the_player_is_type_checked_against_the_specification_and_works_with_a_node(
    node: NodeProcess, tmp_path: Path
) -> None:
    with Person.new().sign_in(node.url) as client:
        list_song(client, 31, strategy="gift-economy")
    project = tmp_path / "player"
    mycelix("scaffold", "web-player", project, "--server", node.url)
    (project / "node_modules").symlink_to(PACKAGES)
    environment = {**os.environ, "MYCELIX_CHAIN_ID": "31337", "MYCELIX_SERVER": node.url, "PORT": "0"}

    def run(*words: str) -> str:
        done = subprocess.run(words, cwd=project, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("node", "types.mjs")
    assert "/api/songs/{song_id}/audio" in (project / "src" / "api.d.ts").read_text()
    compiler = ("node", "node_modules/typescript/bin/tsc")
    run(*compiler)
    said = run("node", "--test", "build/test/")
    assert "# pass 3" in said and "# skipped 0" in said, said

    served = subprocess.Popen(["node", "serve.mjs"], cwd=project, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert served.stdout is not None
        with httpx.Client(base_url=served.stdout.readline().strip(), timeout=20) as client:
            assert "<audio" in client.get("/").text
            assert "Client" in client.get("/src/app.js").text
            assert client.get("/../package.json").status_code == 404
            assert client.get("/api/songs").json()["songs"]
    finally:
        served.terminate()
        served.communicate(timeout=10)

    client_file = project / "src" / "client.ts"
    client_file.write_text(client_file.read_text().replace("songId: song.songId, playId", "songId: song.titel, playId"))
    wrong = subprocess.run(compiler, cwd=project, capture_output=True, text=True, check=False)
    assert wrong.returncode != 0 and "titel" in wrong.stdout, "a field that the specification lacks is no program"
