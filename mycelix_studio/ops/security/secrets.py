"""Secrets in files: private keys (0x and 64 digits too, which common scanners miss), age identities, tokens of services, PEM keys."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from mycelix_studio.ops.security.risks import Risk, Scan, Severity

TOOL: Final = "secrets"
LARGEST: Final = 4 * 2**20
"""Longer files are no sources; they are counted as not looked at."""
_AT_ONCE: Final = 300
"""Older versions that git is asked for at once."""
_HEX64: Final = re.compile(r"(?<![0-9a-fA-F])(?<!sha256:)(?:0x)?([0-9a-fA-F]{64})(?![0-9a-fA-F])")
_NEAR: Final = re.compile(r"(?i)private|secret|\bkeys?\b|[_ ]key|mnemonic|signer|deployer|passphrase|wallet")
_ORDER: Final = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
"""Of secp256k1: a private key lies between 1 and this (SEC 2)."""
_RULES: Final = (
    ("age-identity", re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]{58}")),
    ("pem-key", re.compile(r"-----BEGIN (?:RSA |EC |OPENSSH |DSA |ENCRYPTED )?PRIVATE KEY-----\s*[A-Za-z0-9+/]")),
    ("aws-key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("github-token", re.compile(r"\b(?:ghp|gho|ghs|ghu|github_pat)_[A-Za-z0-9_]{30,}\b")),
    ("slack-token", re.compile(r"\bxox[baprs]-[A-Za-z0-9-]{20,}\b")),
    ("pypi-token", re.compile(r"\bpypi-AgEIcHlwaS[A-Za-z0-9_-]{40,}\b")),
    ("npm-token", re.compile(r"\bnpm_[A-Za-z0-9]{36}\b")),
    (
        "url-password",
        re.compile(r"\b[a-z][a-z0-9+]{2,20}://[^\s/:@'\"{}$<]{1,64}:([^\s/@'\"{}$<…]{6,})@[\w.-]+\.[a-z]{2,}"),
    ),
)


def scan(root: Path) -> Scan:
    """Look through every file that git knows, or every file where there is no git."""
    files = list(_files(root))
    skipped = sum(path.stat().st_size > LARGEST for path in files)
    risks = tuple(risk for path in files if path.stat().st_size <= LARGEST for risk in look(path, root))
    checked = f"{len(files) - skipped} files" + (f", {skipped} too large and not looked at" if skipped else "")
    return Scan(TOOL, checked=checked, risks=risks)


def history(root: Path) -> Scan:
    """Look through every version of every file in older commits: what was committed once is out, whatever was removed since."""
    listed = _git(root, "rev-list", "--objects", "--all")
    if listed is None:
        return Scan("history", why_not="there is no git repository here")
    names = dict(line.split(" ", 1) for line in listed.decode(errors="replace").splitlines() if " " in line)
    present = {
        line.split()[1] for line in (_git(root, "ls-files", "--stage") or b"").decode(errors="replace").splitlines()
    }
    older = [number for number in names if number not in present]
    risks: dict[str, Risk] = {}
    count = 0
    for start in range(0, len(older), _AT_ONCE):
        asked = "\n".join(older[start : start + _AT_ONCE]) + "\n"
        answer = _git(root, "cat-file", "--batch", given=asked.encode()) or b""
        for number, data in _blobs(answer):
            count += 1
            for risk in look_at(data, names[number]) if len(data) <= LARGEST else ():
                seen = replace(risk, detail=f"{risk.detail} In an older version ({number[:10]}).")
                risks.setdefault(f"{risk.id} {risk.detail}", seen)  # a file has many versions
    shallow = (_git(root, "rev-parse", "--is-shallow-repository") or b"").strip() == b"true"
    why_not = "this clone holds a part of the history only" if shallow else ""
    return Scan("history", checked=f"{count:,} older versions of files", why_not=why_not, risks=tuple(risks.values()))


def _blobs(answer: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the files of what `git cat-file --batch` printed; trees and commits are left out."""
    at = 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        number, kind, size = answer[at:end].decode().split()
        at = end + 1 + int(size) + 1
        if kind == "blob":
            yield number, answer[end + 1 : at - 1]


def look(path: Path, root: Path) -> Iterator[Risk]:
    """Yield the secrets in one file."""
    yield from look_at(path.read_bytes(), path.relative_to(root).as_posix())


def look_at(data: bytes, name: str) -> Iterator[Risk]:
    """Yield the secrets in what a file of this name holds; binary files hold none that this could see."""
    if b"\0" in data[:8192]:
        return
    lines = data.decode(errors="replace").splitlines()
    for number, line in enumerate(lines, 1):
        where = f"{name}:{number}"
        for rule, pattern in _RULES:
            if pattern.search(line) or (
                rule == "pem-key" and pattern.search("\n".join(lines[number - 1 : number + 1]))
            ):
                yield Risk(TOOL, rule, Severity.HIGH, where, f"It looks like a {rule.replace('-', ' ')}.")
        for match in _HEX64.finditer(line):
            if _could_be_key(match[1]) and _NEAR.search(_context(lines, number)):
                yield Risk(TOOL, "private-key", Severity.HIGH, where, f"{match[1][:6]}… could be a private key.")


def _context(lines: list[str], number: int) -> str:
    """Return the line and the one before, cut: minified files have lines of megabytes."""
    return " ".join(line[:400] for line in lines[max(0, number - 2) : number])


def _could_be_key(digits: str) -> bool:
    """Tell whether 64 hex digits lie in the curve's order, are not its half, and are no filler, such as one byte again and again."""
    return (
        0 < int(digits, 16) < _ORDER
        and int(digits, 16) != _ORDER // 2
        and len({digits[i : i + 2] for i in range(0, 64, 2)}) > 8
    )


def _files(root: Path) -> Iterable[Path]:
    listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed is not None:
        names = [name for name in listed.decode().split("\0") if name]
        return [root / name for name in names if (root / name).is_file() and not (root / name).is_symlink()]
    return [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]


def _git(root: Path, *words: str, given: bytes | None = None) -> bytes | None:
    """Return what git says; None where there is no git or no repository."""
    try:
        done = subprocess.run(["git", "-C", str(root), *words], input=given, capture_output=True, check=False)  # noqa: S603, S607 - our own words
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None
