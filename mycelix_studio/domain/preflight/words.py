"""Delivery rules of titles, names and identifiers."""

from __future__ import annotations

import re
from typing import Final

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.identifiers import isrc_problem
from mycelix_studio.domain.preflight.rule import Facts, Finding, Fix, Rule, Severity


class TitleThere(Rule):
    """A title."""

    id, source = "title", "S, A"
    explanation = "A song without a title cannot be listed."

    def check(self, facts: Facts) -> Finding | None:
        """Look for a title."""
        return None if facts.text(Field.TITLE) else self.found("No title", "Type one under Tags.")


class ArtistThere(Rule):
    """An artist."""

    id, source = "artist", "S, A"
    explanation = "A song without an artist cannot be listed."

    def check(self, facts: Facts) -> Finding | None:
        """Look for an artist."""
        return None if facts.text(Field.ARTIST) else self.found("No artist", "Type one under Tags.")


_SMALL_WORDS: Final = frozenset(
    ("a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "nor", "of", "on", "or", "per", "the", "to", "via", "vs", "with")
)  # fmt: skip


def title_case(text: str) -> str:
    """Return a title with capitals as English stores ask for: small words stay small but at both ends and after brackets."""
    words = text.lower().split(" ")
    shown = []
    for number, word in enumerate(words):
        ends = number in (0, len(words) - 1) or word[:1] in "([" or (number and words[number - 1][-1:] in ":-–—")
        shown.append(
            word if word in _SMALL_WORDS and not ends else re.sub(r"^(\W*)(\w)", lambda m: m[1] + m[2].upper(), word)
        )
    return " ".join(shown)


class NoCapitals(Rule):
    """No title in capitals."""

    id, source = "title-capitals", "S, A"
    explanation = "Capitals throughout are changed or refused."
    severity = Severity.WARN

    def check(self, facts: Facts) -> Finding | None:
        """Look at the letters; short ones such as “OK” may be capitals."""
        title = facts.text(Field.TITLE)
        letters = [letter for letter in title if letter.isalpha()]
        if len(letters) < 5 or not title.isupper():
            return None
        better = title_case(title)
        return self.found("Title in capitals", f"Stores ask for “{better}”.", Fix("Change", {Field.TITLE: (better,)}))


_OFFICIAL = re.compile(
    r"\s*[(\[][^)\]]*\bofficial\b[^)\]]*[)\]]|\s*[-–]?\s*\bofficial\s+(music\s+)?(video|audio|visuali[sz]er)\b",
    re.IGNORECASE,
)


class NoOfficial(Rule):
    """No "Official" in the title."""

    id, source = "title-official", "S, A"
    explanation = "“Official audio” belongs to video sites."

    def check(self, facts: Facts) -> Finding | None:
        """Look for the word."""
        title = facts.text(Field.TITLE)
        better = _OFFICIAL.sub("", title).strip()
        if better == title or not better:
            return None
        return self.found(
            "“Official” in the title", f"Stores ask for “{better}”.", Fix("Remove", {Field.TITLE: (better,)})
        )


_FEATURED = re.compile(
    r"\s*[(\[]\s*(?:feat\.?|ft\.?|featuring)\s+([^)\]]+)[)\]]|\s+(?:feat\.?|ft\.?|featuring)\s+(.+)$", re.IGNORECASE
)


class FeaturedInRoles(Rule):
    """Featured artists are artists, not part of the title."""

    id, source = "title-featured", "S, A"
    explanation = "Featured artists are linked to their own pages by their role."

    def check(self, facts: Facts) -> Finding | None:
        """Look for "feat." in the title."""
        title = facts.text(Field.TITLE)
        match = _FEATURED.search(title)
        if match is None:
            return None
        names = tuple(name.strip() for name in re.split(r",|&|\band\b", match[1] or match[2]) if name.strip())
        better = (title[: match.start()] + title[match.end() :]).strip()
        artists = facts.fields.get(Field.ARTIST, ())
        edits = {Field.TITLE: (better,), Field.ARTIST: (*artists, *(name for name in names if name not in artists))}
        words = f"“{', '.join(names)}” belongs to the artists."
        return self.found("Featured artist in the title", words, Fix("Move", edits) if better else None)


_VERSION = re.compile(
    r"\s*[(\[]([^)\]]*\b(?:remix|live|acoustic|instrumental|remaster(?:ed)?|edit|demo|version|mix|unplugged|reprise)\b[^)\]]*)[)\]]\s*$",
    re.IGNORECASE,
)


class VersionInField(Rule):
    """The version stands in its own field."""

    id, source = "title-version", "S, A"
    explanation = "Stores show title and version apart and join them themselves."
    severity = Severity.WARN

    def check(self, facts: Facts) -> Finding | None:
        """Look for a version in brackets at the end."""
        title = facts.text(Field.TITLE)
        match = _VERSION.search(title)
        if match is None or match.start() == 0:
            return None
        edits = {Field.TITLE: (title[: match.start()].strip(),), Field.VERSION: (match[1].strip(),)}
        fix = Fix("Move", edits) if not facts.text(Field.VERSION) else None
        return self.found("Version in the title", f"“{match[1].strip()}” belongs to the field Version.", fix)


class ExplicitSaid(Rule):
    """Explicit or not is said."""

    id, source = "explicit", "S, A"
    explanation = "Stores ask for every song whether its words are explicit."
    severity = Severity.WARN

    def check(self, facts: Facts) -> Finding | None:
        """Look for the flag."""
        if facts.text(Field.EXPLICIT):
            return None
        return self.found(
            "Explicit or not is not said", "Every song needs an answer.", Fix("Not explicit", {Field.EXPLICIT: ("0",)})
        )


class IsrcThere(Rule):
    """A right ISRC."""

    id, source = "isrc", "I, S, A"
    explanation = "Royalties are counted by ISRC; without one they go astray."

    def check(self, facts: Facts) -> Finding | None:
        """Look for a right one."""
        code = facts.text(Field.ISRC)
        if not code:
            return self.found(
                "No ISRC", "From your own prefix, your distributor or your ISRC agency.", Fix("Give one", action="isrc")
            )
        problem = isrc_problem(code)
        return self.found("ISRC is not right", problem) if problem else None
