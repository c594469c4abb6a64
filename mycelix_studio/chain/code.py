"""Whether the code at an address is what was built here."""

from __future__ import annotations

from mycelix_studio.chain.artifacts import Artifact


def masked(code: bytes, spans: tuple[tuple[int, int], ...]) -> bytes:
    """Return code with its immutables as zeros."""
    plain = bytearray(code)
    for start, length in spans:
        plain[start : start + length] = bytes(length)
    return bytes(plain)


def same_code(found: Artifact, code: bytes) -> bool:
    """Tell whether deployed code equals an artifact's, immutables left out."""
    return bool(code) and masked(code, found.immutables) == masked(found.deployed, found.immutables)
