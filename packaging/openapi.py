"""Writes `docs/openapi.yaml`, the platform API's specification, from the node's code.

Run `python packaging/openapi.py` after an endpoint changed; a test fails when the written file is stale.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mycelix_studio.node.http.app import specification  # noqa: E402

OUT = ROOT / "docs" / "openapi.yaml"
HEAD = "# Written by packaging/openapi.py from the node's code; do not edit.\n"


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """Write repeated parts out: tools read them without anchors."""
        return True


def text() -> str:
    """Return the specification as YAML."""
    return HEAD + yaml.dump(specification(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


if __name__ == "__main__":
    OUT.write_text(text())
