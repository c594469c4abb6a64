"""Is this computer fit for Studio, and does all it depends on answer? Looks only, but for a probe entry of the keyring."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Final

from mycelix_studio.domain.clock import now
from mycelix_studio.domain.findings import Finding, Level
from mycelix_studio.errors import Known
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.studio import Studio
from mycelix_studio.settings import API_URL

FREE_BYTES: Final = 2 * 2**30
CHILD_SECONDS: Final = 20
"""A keyring that does not answer, or a display that hangs, must not hang the doctor."""

_QT = "from PySide6.QtGui import QGuiApplication; a = QGuiApplication([]); print(a.platformName(), a.primaryScreen() is not None)"
_KEYRING = """
import keyring, secrets
ring, name = keyring.get_keyring(), "doctor-" + secrets.token_hex(4)
value = secrets.token_hex(16)
ring.set_password("mycelix-studio", name, value)
found = ring.get_password("mycelix-studio", name)
ring.delete_password("mycelix-studio", name)
assert found == value, "it does not give back what it was given"
print(ring.name)
"""


def examine(studio: Studio, work: Work) -> list[Finding]:
    """Look at machine, keyring, Qt, chain servers, platform and cache of an open profile.

    Raises:
        Cancelled: Between two looks.
    """
    parts: tuple[Callable[[Studio], Iterator[Finding]], ...] = (
        _machine,
        _keyring,
        _qt,
        _sound,
        _chain,
        _platform,
        _cache,
    )
    found: list[Finding] = []
    for number, part in enumerate(parts):
        work.progress(number, len(parts), "Looking")
        found += part(studio)
    work.progress(len(parts), len(parts), "Looking")
    return found


def _machine(studio: Studio) -> Iterator[Finding]:
    version = platform.python_version()
    fine = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Finding(
        "machine", "Python", Level.OK if fine else Level.FAILED, f"{version} on {platform.platform(terse=True)}",
        "" if fine else "Use Python 3.11, 3.12 or 3.13.",
    )  # fmt: skip
    free = shutil.disk_usage(studio.paths.data).free
    yield Finding(
        "machine", "Free space", Level.OK if free >= FREE_BYTES else Level.WARNING, f"{free / 2**30:.1f} GiB at {studio.paths.data}",
        "" if free >= FREE_BYTES else "Make room; imports and syncs need some.",
    )  # fmt: skip
    for name, folder in (("settings and wallet files", studio.paths.config), ("data", studio.paths.data)):
        mode = folder.stat().st_mode & 0o077 if os.name != "nt" else 0
        writable = os.access(folder, os.W_OK)
        level = Level.FAILED if not writable else Level.WARNING if mode else Level.OK
        step = "Give yourself the right to write there." if not writable else f"chmod 700 '{folder}'" if mode else ""
        detail = "cannot be written" if not writable else "others can read it" if mode else "yours alone"
        yield Finding("machine", f"Folder of {name}", level, detail, step)


def _child(code: str, **environment: str) -> tuple[bool, str]:
    """Run a look in a process of its own, since it may hang or abort; returns whether it was fine and its last line."""
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-c", code],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=CHILD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False, f"no answer within {CHILD_SECONDS} seconds"
    lines = (done.stdout if done.returncode == 0 else done.stderr or done.stdout).strip().splitlines()
    return done.returncode == 0, lines[-1] if lines else f"ended with {done.returncode}"


def _keyring(studio: Studio) -> Iterator[Finding]:
    if studio.paths.throwaway:
        yield Finding("keyring", "Keyring", Level.NOT_CHECKED, "A throw-away profile keeps its secrets in itself.")
    else:
        fine, said = _child(_KEYRING)
        step = "" if fine else "Unlock or install the keyring of your system: GNOME Keyring, KWallet, Keychain."
        yield Finding("keyring", "Keyring", Level.OK if fine else Level.FAILED, said, step)
    for account in studio.wallet.accounts():
        if not account.can_sign:
            what = "Practise its words before it signs." if account.needs_drill else ""
            yield Finding(
                "keyring", f"Account “{account.name}”", Level.WARNING if what else Level.OK, "does not sign", what
            )
        elif account.own_passphrase:
            detail = "has a passphrase of its own, which only you know"
            yield Finding("keyring", f"Account “{account.name}”", Level.NOT_CHECKED, detail)
        else:
            yield _opens(studio, account.address, account.name)


def _opens(studio: Studio, address: str, name: str) -> Finding:
    try:
        studio.wallet.context.vault().check(address)
    except Known as error:
        return Finding("keyring", f"Account “{name}”", Level.FAILED, f"{error.title}. {error.message}", error.hint)
    return Finding("keyring", f"Account “{name}”", Level.OK, "its wallet file opens")


def _qt(studio: Studio) -> Iterator[Finding]:
    fine, said = _child(_QT, QT_QPA_PLATFORM="offscreen")
    step = "" if fine else "Install the libraries Qt needs: packaging/dev setup names them."
    yield Finding("window", "Qt", Level.OK if fine else Level.FAILED, "starts" if fine else said, step)
    if sys.platform != "linux":
        return
    display = next((name for name in ("WAYLAND_DISPLAY", "DISPLAY") if os.environ.get(name)), None)
    yield Finding(
        "window", "Display", Level.OK if display else Level.WARNING, f"{display} is set" if display else "no display",
        "" if display else "The command line works without one; the window needs a desktop session.",
    )  # fmt: skip


def _sound(studio: Studio) -> Iterator[Finding]:
    fine, said = _child("import av; print(av.library_versions['libavcodec'], 'flac' in av.codecs_available)")
    step = "" if fine else "Install the package av again."
    yield Finding(
        "media", "Audio decoder", Level.OK if fine else Level.FAILED, f"libavcodec {said}" if fine else said, step
    )


def _chain(studio: Studio) -> Iterator[Finding]:
    from mycelix_studio.chain.artifacts import artifact
    from mycelix_studio.chain.code import same_code
    from mycelix_studio.chain.rpc import Rpc

    context = studio.wallet.context
    network, answering = context.network, []
    for url in context.servers():
        started = time.perf_counter()
        try:
            with Rpc([url], chain_id=network.chain_id, timeout=8) as rpc:
                head = rpc.head()
            took = (time.perf_counter() - started) * 1000
        except Known as error:
            yield Finding("chain", _host(url), Level.FAILED, f"{error.title}. {error.message}", error.hint)
            continue
        answering.append(url)
        age = None if head is None else int(now().timestamp()) - head.timestamp
        late = age is not None and network.chain_id != 31337 and age > 20 * network.block_seconds
        detail = f"{network.name}, {took:.0f} ms" + (f", newest block {age} s old" if age is not None else "")
        step = "It is behind, or your clock is wrong." if late else ""
        yield Finding("chain", _host(url), Level.WARNING if late else Level.OK, detail, step)
    deployment = context.deployment()
    if deployment is None:
        step = "Choose another network in Settings, or put the deployment's file into the profile."
        yield Finding("chain", "Contracts", Level.FAILED, f"not known on {network.name}", step)
    elif not answering:
        yield Finding("chain", "Contracts", Level.NOT_CHECKED, "no chain server answers")
    else:
        with Rpc(answering[:1], chain_id=network.chain_id, timeout=8) as rpc:
            ledger = deployment.address("Ledger")
            same = same_code(artifact("Ledger"), rpc.code(ledger))
        step = "" if same else "Do not sign anything; ask your platform."
        yield Finding("chain", "Contracts", Level.OK if same else Level.FAILED, f"Ledger at {ledger}", step)


def _host(url: str) -> str:
    """Return the host of an address only: a path may hold an access key."""
    from urllib.parse import urlsplit

    return urlsplit(url).netloc.rpartition("@")[2] or url


def _platform(studio: Studio) -> Iterator[Finding]:
    url = studio.settings.get(API_URL)
    if not url:
        yield Finding("platform", "Server", Level.NOT_CHECKED, "none is set", "mycelix setup --server https://…")
        return
    try:
        started = time.perf_counter()
        health = studio.api.status.health()
        took = (time.perf_counter() - started) * 1000
        ready = studio.api.status.ready()
    except Known as error:
        yield Finding("platform", _host(url), Level.FAILED, f"{error.title}. {error.message}", error.hint)
        return
    yield Finding("platform", _host(url), Level.OK, f"version {health.version}, {took:.0f} ms")
    for name, check in sorted(ready.checks.items()):
        step = "" if check.ok else "Your platform's operator has to look at this."
        detail = f"{check.latency_ms:.0f} ms" if check.ok else check.detail
        yield Finding("platform", f"Its {name}", Level.OK if check.ok else Level.FAILED, detail, step)


def _cache(studio: Studio) -> Iterator[Finding]:
    problems = studio.database.check()
    step = "Close Studio and open it again: it puts its own file together anew." if problems else ""
    size = studio.paths.database.stat().st_size
    detail = problems[0] if problems else f"sound, {size / 2**20:.1f} MiB"
    yield Finding("cache", "Cache", Level.FAILED if problems else Level.OK, detail, step)
    if studio.rebuilt is not None:
        yield Finding("cache", "Put together again", Level.WARNING, "it was damaged when it was opened", "Sync once.")
    as_of = studio.analytics.as_of()
    detail = "never synced to the end" if as_of is None else f"complete to {as_of:%Y-%m-%d %H:%M} UTC"
    yield Finding(
        "cache",
        "Figures",
        Level.WARNING if as_of is None else Level.OK,
        detail,
        "mycelix sync" if as_of is None else "",
    )
