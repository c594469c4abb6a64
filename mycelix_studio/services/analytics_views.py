"""Views of the dashboard kept under a name, in ``analytics_views.json`` of the profile."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mycelix_studio.domain.dashboard import Against, Filter, Range
from mycelix_studio.domain.period import Period
from mycelix_studio.errors import Known
from mycelix_studio.files import write_atomic
from mycelix_studio.services.json_files import loaded

_MOST_NAME = 60


@dataclass(frozen=True, slots=True)
class SavedView:
    """A name with everything a dashboard is asked with."""

    name: str
    range: Range
    against: Against
    filter: Filter
    custom: Period | None = None


class SavedViews:
    """The views of one profile. A file that cannot be read is set aside and the list is empty."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def all(self) -> tuple[SavedView, ...]:
        """Return the views by name."""
        found = loaded(self._path, lambda items: tuple(_from_json(name, value) for name, value in items.items()))
        return tuple(sorted(found, key=lambda view: view.name.casefold()))

    def save(self, view: SavedView) -> tuple[SavedView, ...]:
        """Keep a view, replacing one of the same name, and return all.

        Raises:
            Known: The name is empty or too long, or the file cannot be written.
        """
        name = view.name.strip()
        if not 1 <= len(name) <= _MOST_NAME:
            raise Known("This view needs a name", f"One of 1 to {_MOST_NAME} characters.", "Type a name.")
        kept = {known.name: known for known in self.all()}
        kept[name] = SavedView(name, view.range, view.against, view.filter, view.custom)
        return self._write(kept)

    def remove(self, name: str) -> tuple[SavedView, ...]:
        """Forget a view and return the rest; an unknown name changes nothing.

        Raises:
            Known: The file cannot be written.
        """
        return self._write({known.name: known for known in self.all() if known.name != name})

    def _write(self, kept: dict[str, SavedView]) -> tuple[SavedView, ...]:
        data = {name: _to_json(view) for name, view in kept.items()}
        try:
            write_atomic(self._path, json.dumps(data, indent=1, ensure_ascii=False, sort_keys=True).encode())
        except OSError as error:
            raise Known(
                "Could not save the view",
                f"{error.strerror or error}. Your views are as they were.",
                "Free some space, then save again.",
            ) from error
        return self.all()


def _to_json(view: SavedView) -> dict[str, object]:
    return {
        "range": view.range.value,
        "against": view.against.value,
        "songs": sorted(view.filter.songs),
        "albums": sorted(view.filter.albums),
        "genres": sorted(view.filter.genres),
        "strategies": sorted(view.filter.strategies),
        "custom": [view.custom.first.isoformat(), view.custom.last.isoformat()] if view.custom is not None else [],
    }


def _from_json(name: str, value: dict[str, object]) -> SavedView:
    def texts(key: str) -> list[str]:
        found = value[key]
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise ValueError(key)
        return found

    days = [date.fromisoformat(day) for day in texts("custom")]
    return SavedView(
        name,
        Range(str(value["range"])),
        Against(str(value["against"])),
        Filter(*(frozenset(texts(key)) for key in ("songs", "albums", "genres", "strategies"))),
        Period(days[0], days[1]) if len(days) == 2 else None,
    )
