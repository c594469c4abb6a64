"""The shares form: who gets paid, as typed, with the sum always known, and how it becomes a valid split.

A form holds what a person typed, right or wrong, so that a draft loses nothing. :meth:`SplitForm.problems` says what is wrong with it and
:meth:`SplitForm.split` makes the :class:`~mycelix_studio.domain.splits.Split` that is signed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from mycelix_studio.domain.address import ADDRESS, ZERO_ADDRESS, short_address
from mycelix_studio.domain.money import BPS
from mycelix_studio.domain.splits import MAX_RECIPIENTS, Share, Split
from mycelix_studio.errors import Known

MAX_ROLE_CHARACTERS: Final = 60
"""Roles are text in an event, which every signature pays for."""


class ShareUnit(StrEnum):
    """How shares are typed."""

    PERCENT = "percent"
    BPS = "bps"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field.

    Attributes:
        field: Name such as ``price``, ``split``, ``share.2.address`` (rows count from 0).
        message: One short sentence for below the field.
    """

    field: str
    message: str


def parse_share(text: str, unit: ShareUnit = ShareUnit.PERCENT) -> int:
    """Return the basis points of a share as typed: ``79.5`` or ``79,5`` percent, or ``7950`` basis points.

    Raises:
        Known: Not a number between 0 and 100 %, or finer than a hundredth of a percent.
    """
    cleaned = text.strip().removesuffix("%").strip().replace(",", ".")
    try:
        value = Decimal(cleaned)
    except InvalidOperation:
        value = Decimal("NaN")
    scaled = value * (100 if unit is ShareUnit.PERCENT else 1)
    if not value.is_finite() or "e" in cleaned.lower():
        raise Known("Not a share", f"“{text.strip()}” is not a number.", "Type a number such as 15.")
    if scaled != scaled.to_integral_value():
        raise Known("Too exact", "Shares go down to a hundredth of a percent.", "Shorten the number.")
    if not 0 <= scaled <= BPS:
        raise Known("Not a share", "A share lies between 0 and 100 %.", "Type a number such as 15.")
    return int(scaled)


def format_share(bps: int, unit: ShareUnit = ShareUnit.PERCENT) -> str:
    """Return basis points as they are typed: ``79.5`` or ``7950``, without the sign."""
    if unit is ShareUnit.BPS:
        return str(bps)
    return f"{Decimal(bps) / 100:f}".rstrip("0").rstrip(".") if bps % 100 else str(bps // 100)


def format_percent(bps: int) -> str:
    """Return basis points for reading: ``14.85 %``."""
    return f"{format_share(bps)} %"


@dataclass(frozen=True, slots=True)
class ShareEntry:
    """One row as typed.

    Attributes:
        address: Who, as typed.
        name: From the accounts or the address book, for display; empty when unknown.
        role: What for: ``Artist``, ``Producer``.
        share: The number as typed, in the form's unit.
    """

    address: str = ""
    name: str = ""
    role: str = ""
    share: str = ""

    @property
    def label(self) -> str:
        """Name if there is one, else the address 4 + 4, else what can be said."""
        return self.name or short_address(self.address) or "Someone"


@dataclass(frozen=True, slots=True)
class SplitForm:
    """Who gets paid, as typed."""

    entries: tuple[ShareEntry, ...] = ()
    unit: ShareUnit = ShareUnit.PERCENT

    @classmethod
    def of(cls, split: Split, names: dict[str, str] | None = None) -> SplitForm:
        """Return the form that shows a split; ``names`` maps addresses to names."""
        known = {address.lower(): name for address, name in (names or {}).items()}
        return cls(
            tuple(
                ShareEntry(share.recipient, known.get(share.recipient.lower(), ""), share.role, format_share(share.bps))
                for share in split.shares
            )
        )

    def shares_bps(self) -> tuple[int | None, ...]:
        """Return each row's basis points, None where the text is not a share."""
        return tuple(_bps_or_none(entry.share, self.unit) for entry in self.entries)

    @property
    def total_bps(self) -> int:
        """The sum of all rows that can be read; shown at all times."""
        return sum(bps or 0 for bps in self.shares_bps())

    @property
    def missing_bps(self) -> int:
        """What is missing to a whole; negative when there is too much."""
        return BPS - self.total_bps

    def with_unit(self, unit: ShareUnit) -> SplitForm:
        """Return the form in another unit; text that cannot be read stays as typed."""
        entries = tuple(
            entry if bps is None else replace(entry, share=format_share(bps, unit))
            for entry, bps in zip(self.entries, self.shares_bps(), strict=True)
        )
        return SplitForm(entries, unit)

    def with_entry(self, row: int, entry: ShareEntry) -> SplitForm:
        """Return the form with one row replaced."""
        return replace(self, entries=(*self.entries[:row], entry, *self.entries[row + 1 :]))

    def added(self, entry: ShareEntry) -> SplitForm:
        """Return the form with a row at the end. Without a number it gets what is missing to 100 %."""
        if not entry.share and self.missing_bps > 0:
            entry = replace(entry, share=format_share(self.missing_bps, self.unit))
        return replace(self, entries=(*self.entries, entry))

    def without(self, row: int) -> SplitForm:
        """Return the form without one row."""
        return replace(self, entries=self.entries[:row] + self.entries[row + 1 :])

    def evened(self) -> SplitForm:
        """Return the form with equal shares; the first rows carry what does not divide."""
        if not self.entries:
            return self
        each, rest = divmod(BPS, len(self.entries))
        entries = tuple(
            replace(entry, share=format_share(each + (row < rest), self.unit)) for row, entry in enumerate(self.entries)
        )
        return replace(self, entries=entries)

    def problems(self) -> tuple[Problem, ...]:
        """Return everything that keeps this from being a split, row by row, the sum last."""
        found: list[Problem] = []
        if not self.entries:
            found.append(Problem("split", "Add at least one person."))
        if len(self.entries) > MAX_RECIPIENTS:
            found.append(Problem("split", f"A song pays at most {MAX_RECIPIENTS} people."))
        seen: dict[str, int] = {}
        for row, entry in enumerate(self.entries):
            found += self._row_problems(row, entry, seen)
        if self.entries and self.missing_bps:
            too = "missing" if self.missing_bps > 0 else "too much"
            found.append(Problem("split", f"{format_percent(abs(self.missing_bps))} {too}."))
        return tuple(found)

    def _row_problems(self, row: int, entry: ShareEntry, seen: dict[str, int]) -> list[Problem]:
        found: list[Problem] = []
        address = entry.address.strip()
        if not address:
            found.append(Problem(f"share.{row}.address", "Whose share is it?"))
        elif not ADDRESS.fullmatch(address):
            found.append(Problem(f"share.{row}.address", "This is not an address."))
        elif address == ZERO_ADDRESS:
            found.append(Problem(f"share.{row}.address", "Nobody can be paid there."))
        elif address.lower() in seen:
            found.append(Problem(f"share.{row}.address", "Listed twice. Join the two shares."))
        else:
            seen[address.lower()] = row
        if len(entry.role) > MAX_ROLE_CHARACTERS:
            found.append(Problem(f"share.{row}.role", f"At most {MAX_ROLE_CHARACTERS} characters."))
        try:
            if parse_share(entry.share, self.unit) == 0:
                found.append(Problem(f"share.{row}.share", "More than 0 %, or remove the row."))
        except Known as error:
            found.append(Problem(f"share.{row}.share", error.message))
        return found

    def split(self) -> Split:
        """Return the split to be signed.

        Raises:
            Known: Something of :meth:`problems`.
        """
        problems = self.problems()
        if problems:
            raise Known(
                "Who gets paid is not complete", problems[0].message, "Correct the marked rows under “Who gets paid”."
            )
        return Split(
            tuple(
                Share(entry.address.strip(), parse_share(entry.share, self.unit), entry.role.strip())
                for entry in self.entries
            )
        )


def _bps_or_none(text: str, unit: ShareUnit) -> int | None:
    try:
        return parse_share(text, unit)
    except Known:
        return None
