"""The first lines of the frozen program. It is one program with three faces:

- Studio, as it is normally started;
- `mycelix`, when started under that name;
- one of its own modules as a child process (signing, the node, a probe of a file, the demo), when told so by
  `mycelix_studio.paths.module_command`.
"""

from __future__ import annotations

import multiprocessing
import runpy
import sys
from pathlib import Path


def main() -> int:
    multiprocessing.freeze_support()
    from mycelix_studio.paths import MODULE_FLAG

    if sys.argv[1:2] == [MODULE_FLAG]:
        module = sys.argv[2]
        if not module.startswith("mycelix_studio."):
            return 2
        del sys.argv[1:3]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        return 0
    if Path(sys.executable).stem == "mycelix":
        from mycelix_studio.cli.main import main as commands

        commands()
        return 0
    from mycelix_studio.__main__ import main as studio

    return studio()


if __name__ == "__main__":
    sys.exit(main())
