"""Pictures: what an artist drops as cover art, and small copies for tables."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from mycelix_studio.domain.preflight import CoverFacts
from mycelix_studio.domain.track import FRONT_COVER, Picture
from mycelix_studio.errors import Known
from mycelix_studio.media.errors import from_os

MAX_BYTES = 64 * 10**6
MAX_PIXELS = 100_000_000
_MIMES = {"JPEG": "image/jpeg", "PNG": "image/png"}


class NotAPicture(Known):
    """The file is no picture that can be a cover."""


def load(path: Path) -> Picture:
    """Return a JPEG or PNG as a front cover, its bytes unchanged.

    Raises:
        NotAPicture: It is neither, broken, or far too large.
        Unreadable: The file cannot be read.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise NotAPicture(
                f"“{path.name}” is too large", "Cover art has at most 64 MB.", "Save it smaller, as JPEG."
            )
        data = path.read_bytes()
    except OSError as error:
        raise from_os(path, error, saving=False) from error
    return check(data, path.name)


def check(data: bytes, name: str = "") -> Picture:
    """Return bytes as a front cover.

    Raises:
        NotAPicture: As in :func:`load`.
    """
    title = f"“{name}” cannot be cover art" if name else "This cannot be cover art"
    try:
        with Image.open(io.BytesIO(data)) as image:
            kind, size = image.format or "", image.width * image.height
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise NotAPicture(title, "It is no picture, or it is broken.", "Choose a JPEG or PNG.") from error
    if kind not in _MIMES:
        raise NotAPicture(title, f"It is a {kind} picture; stores take JPEG and PNG.", "Save it as JPEG or PNG.")
    if size > MAX_PIXELS:
        raise NotAPicture(title, "It has more than 100 million pixels.", "Save it smaller; 3,000 × 3,000 is enough.")
    return Picture(data, _MIMES[kind], FRONT_COVER, "")


def facts(data: bytes) -> CoverFacts:
    """Return what delivery rules ask of a cover; an unreadable one has no format."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return CoverFacts(image.format or "", image.mode, image.width, image.height, len(data))
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return CoverFacts("", "", 0, 0, len(data))


def digest(data: bytes) -> str:
    """Return the key a cover is kept under: sha2-256, 32 hex digits."""
    return hashlib.sha256(data).hexdigest()[:32]


def thumbnail(data: bytes, pixels: int) -> bytes:
    """Return a square JPEG of at most ``pixels`` a side.

    Raises:
        NotAPicture: The bytes cannot be decoded.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.draft("RGB", (pixels * 2, pixels * 2))
            small = image.convert("RGB")
            side = min(small.size)
            left, top = (small.width - side) // 2, (small.height - side) // 2
            small = small.crop((left, top, left + side, top + side)).resize((pixels, pixels), Image.Resampling.LANCZOS)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise NotAPicture("This cover cannot be shown", "It is broken.", "Replace it.") from error
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()
