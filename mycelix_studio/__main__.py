"""The entry of the window: parses arguments before importing Qt, so that ``--help`` and ``--version`` are immediate."""

from __future__ import annotations

import argparse
import gc
import sys
from pathlib import Path

from mycelix_studio import __version__
from mycelix_studio.paths import Paths


def main(arguments: list[str] | None = None) -> int:
    """Run Studio and return its exit code."""
    parser = argparse.ArgumentParser("mycelix-studio", description="The studio for independent musicians.")
    parser.add_argument(
        "--profile-dir",
        type=Path,
        metavar="DIR",
        help="use a throw-away profile in DIR, never your own data or keyring",
    )
    parser.add_argument("--page", default="library", help="page to open first")
    parser.add_argument("--gallery", action="store_true", help="show every widget in all states, for developers")
    parser.add_argument("--version", action="version", version=f"Mycelix Studio {__version__}")
    chosen = parser.parse_args(arguments)
    gc.disable()  # what starting makes stays; App lets it work once the first page is painted
    paths = Paths.under(chosen.profile_dir) if chosen.profile_dir else Paths.default()
    from mycelix_studio import app

    return app.gallery(paths) if chosen.gallery else app.run(paths, chosen.page)


if __name__ == "__main__":
    sys.exit(main())
