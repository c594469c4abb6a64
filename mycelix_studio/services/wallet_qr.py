"""Reading QR codes of requests and signatures: from pictures or a camera's frames, in any order, until the file is whole."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mycelix_studio.errors import Known
from mycelix_studio.files import write_atomic
from mycelix_studio.services.wallet_errors import BadFile
from mycelix_studio.services.wallet_offline import REQUEST, SIGNED, join_qr

PART = re.compile(r"MYCELIX:([1-9]\d{0,3})/([1-9]\d{0,3}):([A-Z2-7]*)")
MOST_PIXELS = 40_000_000
"""A picture with more is refused: no screen and no camera makes one."""


class NoCode(Known):
    """There is no QR code in a picture."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"No code found in “{name}”",
            "There is no QR code in this picture that could be read.",
            "Take a sharper one.",
        )


class OtherCode(Known):
    """A code holds something else than a part of a request or signature."""

    def __init__(self) -> None:
        super().__init__(
            "This code belongs to something else",
            "It is no part of a request or a signature of Studio. Nothing of it was used.",
            "Show the codes that Studio made.",
        )


def read_codes(width: int, height: int, stride: int, grey: bytes) -> list[str]:
    """Return the texts of all QR codes in a picture.

    Args:
        width: Pixels.
        height: Pixels.
        stride: Bytes from one line to the next.
        grey: One byte a pixel, 0 black.

    Raises:
        BadFile: The picture is larger than any that is meant.
    """
    if width <= 0 or height <= 0 or width * height > MOST_PIXELS or len(grey) < stride * (height - 1) + width:
        raise BadFile("The picture is too large.")
    import numpy as np
    import zxingcpp

    lines = np.frombuffer(grey, dtype=np.uint8)
    if len(lines) < stride * height:
        lines = np.concatenate([lines, np.zeros(stride * height - len(lines), dtype=np.uint8)])
    image = np.ascontiguousarray(lines[: stride * height].reshape(height, stride)[:, :width])
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.barcode_formats_from_str("QRCode"))
    return [str(code.text) for code in found if code.valid]


@dataclass(slots=True)
class Collector:
    """Gathers parts until all are there.

    Attributes:
        parts: Number of a part to its text.
        total: How many there are; 0 before the first.
    """

    parts: dict[int, str] = field(default_factory=dict)
    total: int = 0

    def add(self, text: str) -> bool:
        """Take a code's text; True when it was a new part.

        Raises:
            OtherCode: It is something else, or a part of another file.
        """
        match = PART.fullmatch(text)
        if match is None:
            raise OtherCode
        number, total = int(match[1]), int(match[2])
        if number > total or (self.total and total != self.total):
            raise OtherCode
        if number in self.parts:
            if self.parts[number] != text:
                raise OtherCode
            return False
        self.total = total
        self.parts[number] = text
        return True

    @property
    def whole(self) -> bool:
        """True when no part is missing."""
        return bool(self.total) and len(self.parts) == self.total

    def save(self, folder: Path) -> Path:
        """Write the file the codes stand for, and return where.

        Raises:
            BadFile: The codes are damaged, or hold neither a request nor a signature.
        """
        return write_joined(list(self.parts.values()), folder)


def write_joined(texts: Sequence[str], folder: Path) -> Path:
    """Write the file that codes stand for, named by its content and kind."""
    data = join_qr(texts)
    try:
        kind = json.loads(data).get("format")
    except (ValueError, AttributeError) as error:
        raise BadFile("The codes are damaged.") from error
    if kind not in {REQUEST, SIGNED}:
        raise BadFile("The codes hold neither a request nor a signature.")
    folder.mkdir(parents=True, exist_ok=True)
    to = folder / f"{hashlib.sha256(data).hexdigest()[:16]}.{kind}"
    write_atomic(to, data)
    return to
