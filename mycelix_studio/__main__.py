"""The entry of the window: parses arguments before importing Qt, so that ``--help`` and ``--version`` are immediate."""

from __future__ import annotations

import gc
import getopt
import sys
from pathlib import Path

from mycelix_studio import __version__
from mycelix_studio.paths import Paths

USAGE = """usage: mycelix-studio [--profile-dir DIR] [--page PAGE] [--gallery] [--version] [--help]

The studio for independent musicians.

options:
  --profile-dir DIR  use a throw-away profile in DIR, never your own data or keyring
  --page PAGE        page to open first
  --gallery          show every widget in all states, for developers
  --version          say which version this is
  -h, --help         say this
"""


def main(arguments: list[str] | None = None) -> int:
    """Run Studio and return its exit code: 2 for arguments that are not known."""
    # Not argparse: it imports locale to translate its own words, which is felt when the window starts (3 ms).
    try:
        found, more = getopt.getopt(
            sys.argv[1:] if arguments is None else arguments,
            "h",
            ["profile-dir=", "page=", "gallery", "version", "help"],
        )
    except getopt.GetoptError as error:
        found, more = [], [str(error)]
    if more:
        sys.stderr.write(f"{USAGE}\nmycelix-studio: {' '.join(more)}\n")
        return 2
    chosen = dict(found)
    if "--help" in chosen or "-h" in chosen:
        sys.stdout.write(USAGE)
        return 0
    if "--version" in chosen:
        sys.stdout.write(f"Mycelix Studio {__version__}\n")
        return 0
    gc.disable()  # what starting makes stays; App lets it work once the first page is painted
    folder = chosen.get("--profile-dir")
    paths = Paths.under(Path(folder)) if folder else Paths.default()
    import mycelix_studio.ui  # noqa: F401 - before all else that comes after Qt, and before Qt: see imports
    from mycelix_studio import app

    return app.gallery(paths) if "--gallery" in chosen else app.run(paths, chosen.get("--page", "library"))


if __name__ == "__main__":
    sys.exit(main())
