"""Where things lie: folders of a profile, and the files shipped in `resources/`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

MODULE_FLAG = "--mycelix-module"
"""First argument by which a frozen program becomes one of its own modules."""
_PACKAGE = Path(__file__).resolve().parent


def resource(relative: str) -> Path:
    """Return the path of a shipped file, e.g. ``resource("fonts/Inter-Regular.ttf")``.

    Works from a checkout (`resources/` beside the package), from an installed wheel (`_resources` inside it) and from a frozen
    application.

    Raises:
        FileNotFoundError: The file is not shipped, which is a packaging mistake.
    """
    bundle = getattr(sys, "_MEIPASS", None)
    candidates = [_PACKAGE / "_resources", _PACKAGE.parent / "resources"]
    if bundle is not None:
        candidates.insert(0, Path(bundle) / "resources")
    for folder in candidates:
        path = folder / relative
        if path.exists():
            return path
    raise FileNotFoundError(f"resource {relative!r} is not shipped; looked in {', '.join(map(str, candidates))}")


def module_command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of this program as its own process, as ``python -m`` does.

    A frozen program has no Python beside it: it starts itself again and is told which module to be (`packaging/freeze/entry.py`).
    """
    how = [MODULE_FLAG] if getattr(sys, "frozen", False) else ["-m"]
    return [sys.executable, *how, module, *arguments]


class Paths(NamedTuple):
    """The folders of one profile.

    Attributes:
        config: Settings, keystore files, address book. Private to the user.
        data: The cache database, drafts, history of tag writes. Worth a backup.
        cache: What can be made again: covers, waveforms, downloaded pages.
        logs: Log files and crash reports.
        throwaway: True for a profile given by ``--profile-dir``: the keyring of the person is then never touched.
    """

    config: Path
    data: Path
    cache: Path
    logs: Path
    throwaway: bool = False

    @classmethod
    def default(cls) -> Paths:
        """Return the folders the operating system reserves for this program, creating them."""
        import platformdirs

        dirs = platformdirs.PlatformDirs("mycelix-studio", appauthor=False)
        return cls(
            config=Path(dirs.user_config_dir),
            data=Path(dirs.user_data_dir),
            cache=Path(dirs.user_cache_dir),
            logs=Path(dirs.user_log_dir),
        ).create()

    @classmethod
    def under(cls, profile_dir: Path) -> Paths:
        """Return the folders of a throw-away profile in one folder, creating them."""
        root = profile_dir.absolute()
        return cls(root / "config", root / "data", root / "cache", root / "logs", throwaway=True).create()

    def create(self) -> Paths:
        """Make the folders, readable by their owner only, and return self."""
        for folder in (self.config, self.data, self.cache, self.logs):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self

    @property
    def database(self) -> Path:
        """The local SQLite cache."""
        return self.data / "studio.sqlite"

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.config / "settings.json"

    @property
    def keystores(self) -> Path:
        """The folder of the keystore v3 files."""
        return self.config / "keystores"
