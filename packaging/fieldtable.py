"""Writes the table of fields in docs/library.md from the one in mycelix_studio/domain/fields.py."""

from __future__ import annotations

from pathlib import Path

from mycelix_studio.domain.fields import SPECS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "library.md"
BEGIN, END = "<!-- fields: written by packaging/fieldtable.py -->\n", "<!-- end of fields -->\n"


def table() -> str:
    """Return the table as Markdown."""
    head = (
        "| field | on the command line | several | ID3v2 | Vorbis comment | MP4 | RIFF INFO | ASF | APEv2 |\n"
        + "|---" * 9
        + "|\n"
    )
    rows = []
    for spec in SPECS:
        places = (spec.id3, spec.vorbis, spec.mp4, spec.riff, spec.asf, spec.ape)
        shown = " | ".join(f"`{place}`" if place else "–" for place in places)
        rows.append(f"| {spec.title} | `{spec.field.value}` | {'yes' if spec.multi else ''} | {shown} |\n")
    return head + "".join(rows)


def page() -> str:
    """Return docs/library.md with a fresh table."""
    text = PAGE.read_text()
    before, rest = text.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page())
