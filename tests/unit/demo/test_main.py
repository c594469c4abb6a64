from __future__ import annotations

import sys

import pytest

from mycelix_studio.demo.__main__ import main


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a window needs no variable")
def test_without_a_display_the_demo_says_so_before_it_builds_anything(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main([]) == 1
    said = capsys.readouterr().err
    assert "No display to open Studio on" in said
    assert "--headless --out proof" in said
