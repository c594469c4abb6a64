"""Makes what artists install: the program in one folder, and from it a Debian package. Run by `packaging/dev package [folder|deb]`.

Equal sources give equal files: hash seed, times and owners are fixed. On macOS and Windows the folder is made the same way; what is
made of it there (dmg, msi) needs those systems and is described in `docs/packaging.md`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "build" / "package"
PROGRAM = OUT / "mycelix-studio"
LINUX = ROOT / "packaging" / "linux"
NEEDS = (
    "libegl1, libgl1, libxkbcommon0, libxkbcommon-x11-0, libdbus-1-3, libfontconfig1, libxcb-cursor0, libxcb-icccm4, libxcb-keysyms1, "
    "libxcb-image0, libxcb-render-util0, libxcb-shape0, libxcb-xinerama0, libpulse0, util-linux"
)


def epoch() -> str:
    """Return the time of the last commit, the moment a reproducible build takes for now."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    command = ["git", "log", "-1", "--format=%ct"]
    return given or subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def version() -> str:
    sys.path.insert(0, str(ROOT))
    from mycelix_studio import __version__

    return __version__


def folder() -> Path:
    """Freeze the program into one folder."""
    environment = {**os.environ, "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": epoch()}
    spec = ROOT / "packaging" / "freeze" / "studio.spec"
    subprocess.run(
        [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN", "--distpath", str(OUT),
         "--workpath", str(ROOT / "build" / "freeze"), str(spec)],
        cwd=ROOT, env=environment, check=True,
    )  # fmt: skip
    return PROGRAM


def tree(root: Path, program: Path) -> None:
    """Lay the program out as a Linux system expects it below ``root``."""
    home = root / "usr" / "lib" / "mycelix-studio"
    home.parent.mkdir(parents=True)
    shutil.copytree(program, home, symlinks=True)
    bin_ = root / "usr" / "bin"
    bin_.mkdir()
    for name in ("mycelix-studio", "mycelix"):
        (bin_ / name).symlink_to(f"../lib/mycelix-studio/{name}")
    for source, target in (
        (LINUX / "mycelix-studio.desktop", "applications/mycelix-studio.desktop"),
        (LINUX / "org.mycelix.Studio.metainfo.xml", "metainfo/org.mycelix.Studio.metainfo.xml"),
        (ROOT / "resources" / "icons" / "mycelix-studio.svg", "icons/hicolor/scalable/apps/mycelix-studio.svg"),
        (ROOT / "LICENSE", "doc/mycelix-studio/copyright"),
    ):
        place = root / "usr" / "share" / target
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)


def deb() -> Path:
    """Make the Debian package."""
    if shutil.which("dpkg-deb") is None:
        raise SystemExit("dpkg-deb is needed for a Debian package; it comes with Debian and Ubuntu.")
    program = folder()
    root = OUT / "deb"
    shutil.rmtree(root, ignore_errors=True)
    tree(root, program)
    size = sum(path.lstat().st_size for path in root.rglob("*") if not path.is_dir()) // 1024
    machine = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    ).stdout.strip()
    control = root / "DEBIAN" / "control"
    control.parent.mkdir()
    control.write_text(
        f"Package: mycelix-studio\nVersion: {version()}\nArchitecture: {machine}\nSection: sound\nPriority: optional\n"
        f"Maintainer: The Mycelix Studio authors <studio@mycelix.example>\nInstalled-Size: {size}\nDepends: {NEEDS}\n"
        "Recommends: gnome-keyring | kwalletmanager\nDescription: studio for independent musicians\n"
        " Tag your tracks, upload them, decide how each song earns, sign it on your own\n computer, see what came in and hand over a"
        " statement.\n"
    )
    for path in root.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    made = OUT / f"mycelix-studio_{version()}_{machine}.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z12", "--build", str(root), str(made)]
    subprocess.run(command, env={**os.environ, "SOURCE_DATE_EPOCH": epoch()}, check=True)
    return made


if __name__ == "__main__":
    make = {"folder": folder, "deb": deb}.get((sys.argv[1:] or ["folder"])[0])
    if make is None:
        raise SystemExit("usage: packaging/dev package [folder|deb]")
    print(make())
