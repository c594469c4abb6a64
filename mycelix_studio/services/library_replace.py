"""Find and replace in tags, plain or with regular expressions.

Patterns are typed by people, and one of them can take a regular expression for ever (``(a+)+$``). The library ``regex`` stops after a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.tag_edits import Change, changes
from mycelix_studio.domain.track import Track, Values
from mycelix_studio.errors import Known
from mycelix_studio.services.jobs import Work

SECONDS: Final = 2.0
"""Most time that one value may take."""


class BadSearch(Known):
    """What was typed to be found or put in its place cannot be used."""


@dataclass(frozen=True, slots=True)
class Search:
    """What to find and what to put in its place.

    Attributes:
        find: Text or, with ``expression``, a regular expression.
        put: Text; with ``expression``, ``\\1`` and ``\\g<name>`` stand for groups.
        fields: Where to look.
        expression: Take ``find`` as a regular expression.
        match_case: ``A`` is not ``a``.
        whole_words: Only where no letter or digit stands beside it.
    """

    find: str
    put: str
    fields: Sequence[Field]
    expression: bool = False
    match_case: bool = False
    whole_words: bool = False


def replace(tracks: Sequence[Track], search: Search, work: Work) -> tuple[Change, ...]:
    """Return what a search would change; values that become empty fall away.

    Raises:
        BadSearch: The expression or the replacement is not right, or takes too long.
        Cancelled: Between two tracks.
    """
    import regex

    if not search.find:
        return ()
    pattern = search.find if search.expression else regex.escape(search.find)
    if search.whole_words:
        pattern = rf"(?<!\w)(?:{pattern})(?!\w)"
    try:
        compiled = regex.compile(pattern, 0 if search.match_case else regex.IGNORECASE)
    except (regex.error, OverflowError, RecursionError) as error:
        raise BadSearch(
            "This is not a regular expression",
            f"It cannot be read: {error}.",
            "Correct it, or switch off Regular expression.",
        ) from error
    put = search.put if search.expression else search.put.replace("\\", "\\\\")

    def of(track: Track) -> dict[Field, Values]:
        work.token.raise_if_cancelled()
        return {
            field: tuple(compiled.sub(put, value, timeout=SECONDS, concurrent=True) for value in track.value(field))
            for field in search.fields
        }

    try:
        return changes(tracks, of)
    except TimeoutError as error:
        raise BadSearch(
            "This search takes too long", "The expression goes round in circles.", "Write it more simply."
        ) from error
    except (regex.error, IndexError) as error:
        raise BadSearch("The replacement is not right", f"{error}.", r"Groups are written \1 or \g<name>.") from error
