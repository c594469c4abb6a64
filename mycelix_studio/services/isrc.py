"""Gives ISRCs from the artist's own prefix, each once: the numbers of a year go up, past whatever is in use in the library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mycelix_studio.domain.clock import now, to_unix
from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.identifiers import compact, isrc, isrc_prefix_problem
from mycelix_studio.errors import Known
from mycelix_studio.services.library import Library
from mycelix_studio.settings import ISRC_PREFIX, Settings
from mycelix_studio.store import isrcs
from mycelix_studio.store.connection import Database

NUMBERS = 100_000
"""Recordings a prefix can have in one year."""


class NoPrefix(Known):
    """There is no right prefix to give codes from."""


class NumbersUsedUp(Known):
    """The year has no numbers left."""


@dataclass(frozen=True, slots=True)
class Isrcs:
    """The codes of one profile."""

    database: Database
    library: Library
    settings: Settings

    def preview(self, track_ids: Sequence[int], year: int | None = None, first: int = 1) -> Mapping[int, str]:
        """Any lane. Return the codes that :meth:`assign` would give now, by track; see there."""
        return self._codes(track_ids, year, first, isrcs.used(self.database.read(), self._beginning(year)))

    def assign(self, track_ids: Sequence[int], year: int | None = None, first: int = 1) -> Mapping[int, str]:
        """DB. Give a code to each of these tracks that has none, as an unsaved edit, and return them by track.

        Args:
            track_ids: Tracks, in the order of their numbers.
            year: Of reference; this year when left out.
            first: Least number to give, for prefixes whose first numbers are in use elsewhere.

        Raises:
            NoPrefix: There is no prefix in the settings, or it is not right.
            NumbersUsedUp: The year has no numbers left; nothing was given.
        """
        with self.database.write() as db:
            codes = self._codes(track_ids, year, first, isrcs.used(db, self._beginning(year)))
            paths = {
                row.id: str(row.path).encode("utf-8", "replace").decode() for row in self.library.rows(list(codes))
            }
            isrcs.give(db, [(code, paths[track_id]) for track_id, code in codes.items()], to_unix(now()))
        self.library.edit_each({track_id: {Field.ISRC: (code,)} for track_id, code in codes.items()})
        return codes

    def _beginning(self, year: int | None) -> str:
        prefix = compact(self.settings.get(ISRC_PREFIX))
        if problem := isrc_prefix_problem(prefix):
            raise NoPrefix("There is no ISRC prefix", problem, "Type it in Settings; your ISRC agency gives one.")
        return f"{prefix}{(year if year is not None else now().year) % 100:02}"

    def _codes(self, track_ids: Sequence[int], year: int | None, first: int, used: set[str]) -> dict[int, str]:
        beginning = self._beginning(year)
        rows = {row.id: row for row in self.library.rows(list(dict.fromkeys(track_ids)))}
        wanting = [track_id for track_id in dict.fromkeys(track_ids) if track_id in rows and not rows[track_id].isrc]
        taken = [int(code[7:]) for code in used if code[7:].isdigit()]
        number = max([first - 1, *taken]) + 1
        if number + len(wanting) > NUMBERS:
            raise NumbersUsedUp(
                "No ISRC is left for this year",
                f"{NUMBERS - 1:,} is the last number of {beginning}, and {number - 1:,} is in use.",
                "Ask your ISRC agency for a second prefix.",
            )
        return {track_id: isrc(beginning, number + at) for at, track_id in enumerate(wanting)}
