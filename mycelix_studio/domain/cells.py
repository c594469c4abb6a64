"""Cells of tables that leave the program."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: one that begins with = + - @, a tab or a line break gets a leading ``'``.

    A plain number is left alone, a negative one too.
    """
    if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") and not _NUMBER.fullmatch(cell):
        return "'" + cell
    return cell
