"""``python -m mycelix_studio.node``: run a node as the environment describes it."""

from __future__ import annotations

import sys

from mycelix_studio.errors import StudioError
from mycelix_studio.node.config import Config
from mycelix_studio.node.server import run


def main() -> int:
    """Run until told to stop; errors a person can act on are three lines on standard error."""
    try:
        run(Config.from_environment())
    except StudioError as error:
        sys.stderr.write("\n".join(filter(None, (error.title, error.message, error.hint))) + "\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
