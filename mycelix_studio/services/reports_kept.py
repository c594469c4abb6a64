"""Which statements were saved, when and where: a list in ``statements.json`` of the profile, newest first."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from mycelix_studio.domain.clock import rfc3339
from mycelix_studio.domain.statement import Statement
from mycelix_studio.errors import Known
from mycelix_studio.files import write_atomic
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.json_files import loaded

MOST: Final = 200


@dataclass(frozen=True, slots=True)
class KeptStatement:
    """One statement that was saved.

    Attributes:
        title: The period in words.
        net: Wei, as decimal text; of a statement for one person what they are due.
        saved_at: RFC 3339.
        folder: Where its files were written.
        files: Their names.
        input_hash: Of everything it was made from.
    """

    title: str
    net: str
    saved_at: str
    folder: str
    files: tuple[str, ...]
    input_hash: str

    @property
    def there(self) -> bool:
        """True while every file is still where it was written."""
        return all((Path(self.folder) / name).is_file() for name in self.files)


class KeptStatements:
    """The list of one profile. A file that cannot be read is set aside and the list is empty."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def all(self) -> tuple[KeptStatement, ...]:
        """Return what was saved, newest first."""
        return loaded(
            self._path,
            lambda items: tuple(KeptStatement(**{**item, "files": tuple(item["files"])}) for item in items),
        )

    def add(self, statement: Statement, files: tuple[Path, ...], saved_at: datetime) -> Changes:
        """Remember a statement whose files were written; one with the same files takes the place of the older.

        Raises:
            Known: The list cannot be written; the statement's files are whole.
        """
        alone = statement.choices.person and statement.people
        made = KeptStatement(
            statement.period.title,
            str(statement.people[0].due if alone else statement.totals.net),
            rfc3339(saved_at),
            str(files[0].parent) if files else "",
            tuple(path.name for path in files),
            statement.input_hash,
        )
        others = [old for old in self.all() if (old.folder, old.files) != (made.folder, made.files)]
        try:
            data = [asdict(item) for item in (made, *others)][:MOST]
            write_atomic(self._path, json.dumps(data, indent=1, ensure_ascii=False).encode())
        except OSError as error:
            raise Known(
                "Could not remember this statement",
                f"{error.strerror or error}. Its files are saved.",
                "Free some space, then save it again to have it listed.",
            ) from error
        return Changes.of(Kind.STATEMENTS)
