"""Delivery rules of the cover."""

from __future__ import annotations

from typing import Final

from mycelix_studio.domain.preflight.rule import Facts, Finding, Fix, Rule

ART: Final = Fix("Replace", action="art")


class ArtThere(Rule):
    """A front cover."""

    id, source = "art", "S, A"
    explanation = "No store lists a release without art."

    def check(self, facts: Facts) -> Finding | None:
        """Look for a cover."""
        return (
            None
            if facts.cover is not None
            else self.found("No album art", "A square JPEG or PNG needed.", Fix("Add", action="art"))
        )


class ArtFormat(Rule):
    """JPEG or PNG."""

    id, source = "art-format", "S, A"
    explanation = "Other formats are not read."

    def check(self, facts: Facts) -> Finding | None:
        """Look at the format."""
        if facts.cover is None or facts.cover.format in ("JPEG", "PNG"):
            return None
        return self.found(f"Album art is {facts.cover.format or 'unreadable'}", "JPEG or PNG needed.", ART)


class ArtColour(Rule):
    """RGB."""

    id, source = "art-colour", "S, A"
    explanation = "Print colours (CMYK) look wrong on screens."

    def check(self, facts: Facts) -> Finding | None:
        """Look at the colour mode; PNG palettes and alpha are RGB to a store."""
        if facts.cover is None or facts.cover.mode in ("RGB", "RGBA", "P"):
            return None
        name = {"CMYK": "CMYK", "L": "grey", "1": "black and white"}.get(facts.cover.mode, facts.cover.mode)
        return self.found(f"Album art is {name}", "RGB needed.", ART)


class ArtSquare(Rule):
    """Square."""

    id, source = "art-square", "S, A"
    explanation = "Art that is not square is cut or refused."

    def check(self, facts: Facts) -> Finding | None:
        """Look at the sides."""
        if facts.cover is None or facts.cover.width == facts.cover.height:
            return None
        return self.found(f"Album art is {facts.cover.width:,} × {facts.cover.height:,}", "A square needed.", ART)


class ArtSize(Rule):
    """At least 3000 x 3000 pixels."""

    id, source = "art-pixels", "S, A"
    explanation = "Smaller art is blurred on large screens."

    def check(self, facts: Facts) -> Finding | None:
        """Look at the smaller side."""
        if facts.cover is None or min(facts.cover.width, facts.cover.height) >= 3_000:
            return None
        return self.found(
            f"Album art is {facts.cover.width:,} × {facts.cover.height:,}", "At least 3,000 × 3,000 needed.", ART
        )


class ArtBytes(Rule):
    """At most 10 MB."""

    id, source = "art-bytes", "S"
    explanation = "Larger files are refused."

    def check(self, facts: Facts) -> Finding | None:
        """Look at the size."""
        if facts.cover is None or facts.cover.size <= 10_000_000:
            return None
        return self.found(f"Album art has {facts.cover.size / 1e6:.1f} MB", "At most 10 MB.", ART)
