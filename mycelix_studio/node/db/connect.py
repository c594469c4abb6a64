"""The address of a node's database for whoever looks at it from outside the node: as configured, or the one a running node started."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from mycelix_studio.errors import Known


class NoDatabase(Known):
    """No database is named, and no node runs on the folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            "There is no database to look at",
            f"None is named, and no node with a database of its own runs on {folder}.",
            "Start the node, or name the database with --database-url or MYCELIX_DATABASE_URL.",
        )


def find(database_url: str, folder: Path) -> str:
    """Return the address of the named database or, without one, of the running node's own in its data folder.

    Raises:
        NoDatabase: There is none.
    """
    if database_url:
        return database_url
    note, data = folder / "postgres" / "socket", folder / "postgres" / "data" / "postmaster.pid"
    try:
        socket_dir, port = note.read_text().strip(), data.read_text().split("\n")[3]
    except (OSError, IndexError) as error:
        raise NoDatabase(folder) from error
    if os.name == "nt":
        return f"postgresql://postgres@127.0.0.1:{port}/postgres"
    return f"postgresql://postgres@/postgres?host={quote(socket_dir, safe='')}&port={port}"
