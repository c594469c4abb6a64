"""Choices of a statement kept under a name, in ``report_templates.json`` of the profile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from mycelix_studio.domain.statement import Choices
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.json_files import NamedFile
from mycelix_studio.services.reports import Format, Options


@dataclass(frozen=True, slots=True)
class Template:
    """A name with everything but the period."""

    name: str
    choices: Choices
    options: Options
    currency: str = ""


class Templates:
    """The templates of one profile. A file that cannot be read is set aside and the list is empty."""

    def __init__(self, path: Path) -> None:
        self._file = NamedFile(path, "template", _to_json, _from_json)

    def all(self) -> tuple[Template, ...]:
        """Return the templates by name."""
        return self._file.all()

    def save(self, template: Template) -> Changes:
        """Keep a template, replacing one of the same name.

        Raises:
            Known: The name is empty or too long, or the file cannot be written.
        """
        self._file.put(replace(template, name=self._file.good_name(template.name)))
        return Changes.of(Kind.STATEMENTS)

    def remove(self, name: str) -> Changes:
        """Forget a template; an unknown name changes nothing.

        Raises:
            Known: The file cannot be written.
        """
        self._file.drop(name)
        return Changes.of(Kind.STATEMENTS)


def _to_json(template: Template) -> dict[str, object]:
    return {
        "songs": sorted(template.choices.songs),
        "strategies": sorted(template.choices.strategies),
        "person": template.choices.person,
        "formats": sorted(template.options.formats),
        "person_pages": template.options.person_pages,
        "guard": template.options.guard,
        "chart": template.options.chart,
        "currency": template.currency,
    }


def _from_json(name: str, value: dict[str, object]) -> Template:
    def texts(key: str) -> frozenset[str]:
        found = value[key]
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise ValueError(key)
        return frozenset(found)

    options = Options(
        frozenset(Format(item) for item in texts("formats")),
        bool(value["person_pages"]),
        bool(value["guard"]),
        bool(value["chart"]),
    )
    choices = Choices(texts("songs"), texts("strategies"), str(value["person"]))
    return Template(name, choices, options, str(value["currency"]))
