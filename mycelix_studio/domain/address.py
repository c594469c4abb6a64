"""Addresses on chain as text."""

from __future__ import annotations

import re
from typing import Final

ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
ZERO_ADDRESS: Final = "0x" + "0" * 40
_HEX: Final = re.compile(r"0x[0-9a-fA-F]{12,}")


def short_address(address: str) -> str:
    """Return ``0x7A3e…91Fc``, of a transaction too; anything else comes back as it is."""
    return f"{address[:6]}…{address[-4:]}" if _HEX.fullmatch(address) else address
