"""Choices of a statement kept under a name, in ``report_templates.json`` of the profile."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from mycelix_studio.domain.statement import Choices
from mycelix_studio.errors import Known
from mycelix_studio.files import write_atomic
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.json_files import loaded
from mycelix_studio.services.reports import Format, Options

_MOST_NAME = 60


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
        self._path = path

    def all(self) -> tuple[Template, ...]:
        """Return the templates by name."""
        found = loaded(self._path, lambda items: tuple(_from_json(name, value) for name, value in items.items()))
        return tuple(sorted(found, key=lambda template: template.name.casefold()))

    def save(self, template: Template) -> Changes:
        """Keep a template, replacing one of the same name.

        Raises:
            Known: The name is empty or too long, or the file cannot be written.
        """
        name = template.name.strip()
        if not 1 <= len(name) <= _MOST_NAME:
            raise Known("This template needs a name", f"One of 1 to {_MOST_NAME} characters.", "Type a name.")
        kept = {known.name: known for known in self.all()}
        kept[name] = Template(name, template.choices, template.options, template.currency)
        return self._write(kept)

    def remove(self, name: str) -> Changes:
        """Forget a template; an unknown name changes nothing.

        Raises:
            Known: The file cannot be written.
        """
        return self._write({known.name: known for known in self.all() if known.name != name})

    def _write(self, kept: dict[str, Template]) -> Changes:
        data = {name: _to_json(template) for name, template in kept.items()}
        try:
            write_atomic(self._path, json.dumps(data, indent=1, ensure_ascii=False, sort_keys=True).encode())
        except OSError as error:
            raise Known(
                "Could not save the template",
                f"{error.strerror or error}. Your templates are as they were.",
                "Free some space, then save again.",
            ) from error
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
