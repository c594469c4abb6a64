"""``packaging/dev demo``: the whole program on a local chain, and the proof that its figures agree."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from mycelix_studio.demo.audience import DAYS
from mycelix_studio.demo.console import Stages, Step
from mycelix_studio.demo.processes import children
from mycelix_studio.demo.world import World
from mycelix_studio.errors import Known, StudioError

PAY_DAY = 90
"""The artist pays everyone out once, on this day of the story; what comes later waits in the accounts."""


def main(arguments: list[str] | None = None) -> int:
    """Run the demo and return its exit code."""
    parser = argparse.ArgumentParser(
        "demo", description="The whole program on a local chain: music, listeners, earnings."
    )
    parser.add_argument(
        "--music", type=Path, metavar="DIR", help="your own music instead of the demo's; files are only read"
    )
    parser.add_argument(
        "--profile-dir", type=Path, metavar="DIR", help="keep the profile here instead of throwing it away"
    )
    parser.add_argument(
        "--headless", action="store_true", help="without a display: pictures of every page, statement, summary"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("proof"), metavar="DIR", help="where --headless writes (default: proof)"
    )
    chosen = parser.parse_args(arguments)
    try:
        if not chosen.headless:
            need_display()
        return run(chosen.music, chosen.profile_dir, chosen.out.absolute() if chosen.headless else None)
    except KeyboardInterrupt:
        return 130
    except StudioError as error:
        for line in (error.title, error.message, error.hint):
            if line:
                sys.stderr.write(f"{line}\n")
        return 1


def need_display() -> None:
    """Say at once, not after a minute of building, that a window cannot open.

    Raises:
        Known: There is neither X nor Wayland, and no other platform was named to Qt.
    """
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if sys.platform == "linux" and not named:
        raise Known(
            "No display to open Studio on",
            "Neither DISPLAY nor WAYLAND_DISPLAY is set.",
            "Run it in a desktop session, or without a window: packaging/dev demo --headless --out proof.",
        )


def run(music: Path | None, profile: Path | None, out: Path | None) -> int:
    """Build the world stage by stage, then open the window on it, or write the proof to ``out``."""
    stages = Stages()
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="mycelix-demo-", ignore_cleanup_errors=True))
        )
        group = stack.enter_context(children(folder / "logs"))
        world = World(group, folder, (profile or folder / "profile").absolute())
        stack.callback(world.close)
        build(world, stages, music)
        if out is not None:
            return prove(world, stages, out)
        return show(world, stages)


def build(world: World, stages: Stages, music: Path | None) -> None:
    """Run the stages up to the sync."""

    def stage(key: str, words: str, work: Callable[[Step], object]) -> None:
        with stages.stage(key, words) as step:
            work(step)

    found: list[Path] = []
    stage(
        "music",
        "Composing 12 songs" if music is None else "Looking at your music",
        lambda step: found.append(world.compose(music, step)),
    )
    stage("chain", "Starting a chain and deploying the contracts", world.start_chain)
    stage("node", "Starting a platform node with its database", world.start_node)
    stage("profile", "Making a throw-away profile with a wallet", world.open_profile)
    stage("import", "Adding the music to the library", lambda step: world.bring_in(found[0], step))
    stage("tag", "Writing tags and covers", world.tag)
    stage("upload", "Uploading and comparing fingerprints", world.upload)
    stage("register", "Signing who gets paid, and how each song earns", world.register)
    stage("listeners", "Gathering 20 listeners", world.gather)
    stage(
        "listen",
        f"Listening, paying, subscribing and buying passes for {PAY_DAY} days",
        partial(world.live, range(PAY_DAY)),
    )
    stage("payout", "Paying everyone", world.pay_everyone)
    stage("listen_on", f"Listening for {DAYS - PAY_DAY} days more", partial(world.live, range(PAY_DAY, DAYS)))
    stage("plays", "Reporting every play to the node", world.play)
    stage("sync", "Syncing", world.sync)


def prove(world: World, stages: Stages, out: Path) -> int:
    """Write pictures, statement and summary; the summary is written last, so that it stands for all of it."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from mycelix_studio.app import App, make_application
    from mycelix_studio.demo import proof, tour

    out.mkdir(parents=True, exist_ok=True)
    with stages.stage("proof", "Comparing chain, cache, API and statement"):
        figures = proof.prove(world.studio, world.rpc, world.deployment, out)
    with stages.stage("tour", "Taking pictures of every page") as step:
        app = App(make_application(sys.argv[:1]), world.studio)
        try:
            app.open()
            app.start()
            tour.take(app, out / "tour", step)
        finally:
            app.close()
    summary = {**world.facts, **figures, "seconds": stages.seconds}
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    stages.say(f"All four figures agree: {figures['net_wei']} wei net. See {out}.")
    return 0


def show(world: World, stages: Stages) -> int:
    """Open Studio on the world and wait until its window is closed or Ctrl-C is pressed."""
    import signal

    from PySide6.QtCore import QTimer

    from mycelix_studio.app import App, make_application

    qt = make_application(sys.argv[:1])
    app = App(qt, world.studio)
    stopped = threading.Event()
    # An exception raised while Qt runs Python would be printed and lost, so both signals only leave a mark here.
    before = {each: signal.signal(each, lambda *_: stopped.set()) for each in (signal.SIGINT, signal.SIGTERM)}

    def look() -> None:
        """Give Python a turn to see Ctrl-C while Qt waits; one pressed before Qt waits is seen too."""
        if stopped.is_set():
            qt.quit()

    beat = QTimer(app, interval=200)
    beat.timeout.connect(look)
    beat.start()
    try:
        app.open()
        app.start()
        stages.say("Studio opens. Close its window or press Ctrl-C to end the demo; nothing stays running.")
        return qt.exec()
    finally:
        beat.stop()
        for each, handler in before.items():
            signal.signal(each, handler)
        app.close()


if __name__ == "__main__":
    sys.exit(main())
