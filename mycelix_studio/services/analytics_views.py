"""Views of the dashboard kept under a name, in ``analytics_views.json`` of the profile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from mycelix_studio.domain.dashboard import Against, Filter, Range
from mycelix_studio.domain.period import Period
from mycelix_studio.services.json_files import NamedFile


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
        self._file = NamedFile(path, "view", _to_json, _from_json)

    def all(self) -> tuple[SavedView, ...]:
        """Return the views by name."""
        return self._file.all()

    def save(self, view: SavedView) -> tuple[SavedView, ...]:
        """Keep a view, replacing one of the same name, and return all.

        Raises:
            Known: The name is empty or too long, or the file cannot be written.
        """
        self._file.put(replace(view, name=self._file.good_name(view.name)))
        return self.all()

    def remove(self, name: str) -> tuple[SavedView, ...]:
        """Forget a view and return the rest; an unknown name changes nothing.

        Raises:
            Known: The file cannot be written.
        """
        self._file.drop(name)
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
