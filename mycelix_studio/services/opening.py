"""Opening a profile: what an earlier run left behind is taken away, and a damaged cache is put together again first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mycelix_studio.domain.clock import now
from mycelix_studio.files import sweep
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.studio import Studio
from mycelix_studio.settings import Settings
from mycelix_studio.store import seal
from mycelix_studio.store.connection import CacheDamaged, rebuilt_beside, suspect_marker
from mycelix_studio.store.migrations import open_database

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mycelix_studio.paths import Paths
    from mycelix_studio.store.rebuild import Rebuilt

CHECKING: Final = "Looking through it"
REBUILDING: Final = "Putting it together again"
MENDING: Final = (CHECKING, REBUILDING)
"""What may be done to a damaged cache, in this order: see :func:`open_studio`."""
_ALONE: Final = Work()


def needs_mending(paths: Paths) -> bool:
    """Tell whether the cache was found damaged when it was last used: opening it takes seconds then, when it is large."""
    return rebuilt_beside(paths.database).exists() or suspect_marker(paths.database).exists()


def open_studio(paths: Paths, *, look_over: bool = True, mend: Work | None = _ALONE) -> Studio:
    """Open a profile. A cache that does not pass its check is put together again first: see ``Studio.rebuilt``.

    Args:
        paths: Its folders.
        look_over: Compare the cache with its checksums before anything is served; the window does so once it stands, by
            :meth:`Studio.look_over`, since a large cache takes a part of a second.
        mend: Is told what is being done to a damaged cache, one of :data:`MENDING`, and may stop it until the new file is made. None:
            do nothing to it here.

    Raises:
        CacheDamaged: It is damaged, and not to be mended here.
        Cancelled: ``mend`` was stopped; the cache is as it was.
        CacheTooNew: A newer version of the program wrote the cache.
        CacheUnusable: The cache cannot be opened or written.
    """
    for folder in (paths.config, paths.keystores, paths.data):
        if folder.is_dir():
            sweep(folder)
    rebuilt = None
    if look_over or needs_mending(paths):
        if mend is None:
            raise CacheDamaged(paths.database)
        rebuilt = _mend(paths.database, mend, look_over=look_over)
    rest = None if look_over else seal.at_rest(paths.database)
    try:
        database = open_database(paths.database)
    except CacheDamaged:
        if mend is None:
            raise
        rebuilt = _rebuild(paths.database, mend)
        database = open_database(paths.database)
    return Studio(paths=paths, settings=Settings(paths.settings), database=database, rebuilt=rebuilt, rest=rest)


def _mend(path: Path, work: Work, *, look_over: bool) -> Rebuilt | None:
    """Go on where a rebuild was stopped; look at a cache that was found damaged while it was in use, or at any when told to."""
    from mycelix_studio.store import rebuild

    rebuild.finish(path, now())
    suspect = suspect_marker(path).exists()
    if suspect:
        work.progress(0, text=CHECKING)
    pages = rebuild.damaged_pages(path) if look_over or suspect else []
    if pages:
        return _rebuild(path, work, pages)
    if not suspect:
        return None
    if not rebuild.is_sound(path, lambda: work.token.cancelled):
        return _rebuild(path, work)
    suspect_marker(path).unlink(missing_ok=True)
    return None


def _rebuild(path: Path, work: Work, pages: Sequence[int] = ()) -> Rebuilt:
    from mycelix_studio.store import rebuild

    work.progress(0, text=REBUILDING)
    return rebuild.rebuild(path, now(), pages)
