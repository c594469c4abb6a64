"""How Studio is used, noted only by a person's own choice, and sent only when that person says so after seeing every word of it.

Off by default. What may be noted is listed in :data:`EVENTS`: names of pages and counts, the day but no time, no address, no title, no
path. It is sent without a sign-in, so the platform cannot tell whose it is. Switching it off forgets what was noted.
"""

from __future__ import annotations

import json
import logging
import platform
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mycelix_studio import __version__
from mycelix_studio.domain.clock import now
from mycelix_studio.errors import Bug
from mycelix_studio.files import write_atomic
from mycelix_studio.services.jobs import Work
from mycelix_studio.settings import CLIENT_EVENTS, Settings

if TYPE_CHECKING:
    from mycelix_studio.api.platform import Api

log = logging.getLogger(__name__)
EVENTS: Final[dict[str, frozenset[str]]] = {
    "started": frozenset({"version", "system"}),
    "page": frozenset({"page"}),
}
"""Events and the only properties they may have."""
MOST: Final = 500
"""Events that are kept; the oldest go first."""


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """One event exactly as it is sent: ``timestamp`` is the midnight (UTC) that began its day."""

    event: str
    properties: dict[str, str]
    timestamp: str


class Usage:
    """What was noted and not sent yet. Safe from any thread.

    Args:
        path: Where it is kept between two starts.
        settings: Holds the choice.
        api: The platform.
    """

    def __init__(self, path: Path, settings: Settings, api: Api) -> None:
        self._path = path
        self._settings = settings
        self._api = api
        self._lock = threading.Lock()
        self._events: list[UsageEvent] = self._load()
        settings.on_change(self._on_setting)

    @property
    def on(self) -> bool:
        """Whether the person chose to note it."""
        return self._settings.get(CLIENT_EVENTS)

    def started(self) -> None:
        """Note a start, with version and system, such as Linux."""
        self.note("started", version=__version__, system=platform.system())

    def note(self, event: str, **properties: str) -> None:
        """Note an event; does nothing while it is off.

        Raises:
            Bug: The event or a property is not among those that may be noted.
        """
        if not EVENTS.get(event, frozenset()).issuperset(properties) or event not in EVENTS:
            raise Bug("An event that may not be noted", f"{event} {sorted(properties)}")
        if not self.on:
            return
        day = now().replace(hour=0, minute=0, second=0, microsecond=0).isoformat().replace("+00:00", "Z")
        with self._lock:
            self._events = [*self._events, UsageEvent(event, dict(properties), day)][-MOST:]

    def waiting(self) -> tuple[UsageEvent, ...]:
        """Return what would be sent, oldest first."""
        with self._lock:
            return tuple(self._events)

    def text(self) -> str:
        """Return every word that would be sent, as JSON."""
        return json.dumps([asdict(each) for each in self.waiting()], indent=2)

    def send(self, work: Work) -> int:
        """Send what waits, one event a request and without a sign-in, and return how many were sent.

        Raises:
            Known: The platform does not answer; what was not sent stays.
            Cancelled: Stopped.
        """
        events = self.waiting()
        for number, each in enumerate(events):
            work.progress(number, len(events), "Sending")
            self._api.client.request(
                "POST",
                "/api/analytics",
                content=json.dumps(asdict(each)).encode(),
                headers={"Content-Type": "application/json"},
            )
            with self._lock:
                self._events = [kept for kept in self._events if kept is not each]
        self._save()
        return len(events)

    def export(self, to: Path) -> None:
        """Write what waits into a file.

        Raises:
            OSError: It cannot be written.
        """
        write_atomic(to, self.text().encode())

    def erase(self) -> int:
        """Forget what was noted and return how many events that were."""
        with self._lock:
            count, self._events = len(self._events), []
        self._path.unlink(missing_ok=True)
        return count

    def close(self) -> None:
        """Keep what was noted for the next start."""
        if self.on:
            self._save()

    def _on_setting(self, key: str) -> None:
        if key == CLIENT_EVENTS.key and not self.on:
            self.erase()

    def _save(self) -> None:
        try:
            write_atomic(self._path, self.text().encode())
        except OSError as error:
            log.warning("what was noted of use could not be kept: %s", error)

    def _load(self) -> list[UsageEvent]:
        try:
            return [UsageEvent(**item) for item in json.loads(self._path.read_bytes())][-MOST:]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError):
            log.warning("what was noted of use could not be read and is forgotten")
            return []
