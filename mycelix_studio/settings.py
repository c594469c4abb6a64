"""Every setting, declared once: key, type, default, description. Saved at once and atomically.

The settings page is made from :data:`SETTINGS`. To add one, append it there.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, NamedTuple, TypeVar, cast

from mycelix_studio.errors import Bug
from mycelix_studio.files import write_atomic

V = TypeVar("V", bool, int, str)
log = logging.getLogger(__name__)


class Setting(NamedTuple, Generic[V]):
    """One setting.

    Attributes:
        key: Dotted name, the first part being the section of the settings page.
        default: Value when never set; its type is the type of the setting.
        title: What an artist reads beside the control.
        description: One sentence below it.
        choices: Allowed values, empty for any.
    """

    key: str
    default: V
    title: str
    description: str
    choices: tuple[V, ...] = ()


AnySetting = Setting[bool] | Setting[int] | Setting[str]

THEME: Final = Setting(
    "look.theme", "system", "Colours", "Dark, light, or as your system.", ("system", "dark", "light")
)
TEXT_SCALE: Final = Setting("look.text_percent", 100, "Text size", "Percent of the normal size.", (100, 110, 125, 150))
COMPACT: Final = Setting("look.compact", False, "Row height", "Tables and lists.")
LESS_MOTION: Final = Setting("look.less_motion", False, "Less motion", "No sliding or fading.")
HIDE_AMOUNTS: Final = Setting("look.hide_amounts", False, "Hide amounts", "Blur money until you point at it.")
ZONE: Final = Setting("look.zone", "UTC", "Time zone of days", "Days in charts begin at midnight of this zone.")
ARTIST_NAME: Final = Setting("you.artist_name", "", "Artist name", "Shown in the window and on statements.")
API_URL: Final = Setting(
    "platform.url", "", "Server address", "Address of your platform, such as https://music.example."
)
RPC_URLS: Final = Setting(
    "network.rpc_urls", "", "Chain servers", "One or two addresses, separated by a space; two are compared."
)
CHAIN_ID: Final = Setting("network.chain_id", 100, "Network", "Where your songs earn.", (100, 10200, 31337))
CONFIRMATIONS: Final = Setting("network.confirmations", 12, "Final after", "Blocks until a payment counts as final.")
SYNC_MINUTES: Final = Setting("sync.minutes", 10, "Sync every", "Minutes between syncs; 0 only by hand.")
AUTO_LOCK_MINUTES: Final = Setting("wallet.auto_lock_minutes", 10, "Lock after", "Minutes without a signature.")
ALLOW_UNREADABLE: Final = Setting(
    "wallet.allow_unreadable",
    False,
    "Requests Studio cannot read",
    "Refused. Change it only if you can read raw data yourself.",
)
FEE_LEVEL: Final = Setting(
    "wallet.fee_level",
    "normal",
    "Network fee",
    "Used unless you choose another in the dialog.",
    ("slow", "normal", "fast"),
)
FEE_WARN_PERCENT: Final = Setting("wallet.fee_warn_percent", 5, "Warn above this fee", "Percent of the amount sent.")
UPLOAD_KBPS: Final = Setting("uploads.limit_kbps", 0, "Upload limit", "Kilobytes a second; 0 is no limit.")
UPLOADS_AT_ONCE: Final = Setting(
    "uploads.at_once", 2, "Uploads at once", "How many files are sent side by side.", (1, 2, 3, 4)
)
CLEAN_COPIES: Final = Setting(
    "uploads.clean_copies",
    "flac",
    "Clean copies are",
    "Both hold the same sound; some distributors ask for WAV.",
    ("flac", "wav"),
)
CURRENCY: Final = Setting(
    "reports.currency", "EUR", "Currency of reports", "ISO code; amounts use your own rate table."
)
CSV_GUARD: Final = Setting(
    "reports.csv_guard", True, "Guard cells against formulas", "Cells that begin with = + - @ are escaped."
)
ISRC_PREFIX: Final = Setting(
    "library.isrc_prefix", "", "Your ISRC prefix", "Five characters, such as NOA1B, from your ISRC agency."
)
HISTORY_DAYS: Final = Setting(
    "library.history_days",
    0,
    "Keep past states of files",
    "The newest change of each file can always be taken back.",
    (0, 30, 90, 365, 1825),
)
CLIENT_EVENTS: Final = Setting(
    "privacy.client_events", False, "Share how you use Studio", "Off unless you say so; shown before it is sent."
)

SETTINGS: Final[tuple[AnySetting, ...]] = (
    THEME, TEXT_SCALE, COMPACT, LESS_MOTION, HIDE_AMOUNTS, ZONE, ARTIST_NAME, API_URL, RPC_URLS, CHAIN_ID, CONFIRMATIONS, SYNC_MINUTES,
    AUTO_LOCK_MINUTES, FEE_LEVEL, FEE_WARN_PERCENT, ALLOW_UNREADABLE, UPLOAD_KBPS, UPLOADS_AT_ONCE, CLEAN_COPIES, CURRENCY, CSV_GUARD,
    ISRC_PREFIX, HISTORY_DAYS, CLIENT_EVENTS,
)  # fmt: skip


class Settings:
    """The settings of one profile. Safe to read from any thread.

    A file that cannot be read is set aside as ``settings.json.broken`` and defaults apply; unknown keys are kept, since an older
    version of the program may share the profile with a newer one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._listeners: list[Callable[[str], None]] = []
        self._values: dict[str, object] = self._load()

    def get(self, setting: Setting[V]) -> V:
        """Return the value, or the default when never set, of another type or not among the choices."""
        return cast(V, self.value(cast(AnySetting, setting)))

    def value(self, setting: AnySetting) -> bool | int | str:
        """Return the value of a setting whose type is not known where it is asked for, as :meth:`get`."""
        value = self._values.get(setting.key, setting.default)
        if type(value) is not type(setting.default) or (setting.choices and value not in setting.choices):
            return setting.default
        return value

    def put(self, setting: AnySetting, value: bool | int | str) -> None:
        """Save a value whose type is not known where it is set, as :meth:`set`.

        Raises:
            Bug: The value has another type or is not among the choices.
            OSError: It could not be written; the old value stays.
        """
        self.set(setting, value)  # type: ignore[misc]

    def set(self, setting: Setting[V], value: V) -> None:
        """Save a value at once and tell the listeners its key.

        Raises:
            Bug: The value has another type or is not among the choices.
            OSError: It could not be written; the old value stays.
        """
        if type(value) is not type(setting.default) or (setting.choices and value not in setting.choices):
            raise Bug("Wrong value for a setting", f"{setting.key} cannot be {value!r}.")
        with self._lock:
            values = {**self._values, setting.key: value}
            write_atomic(self._path, json.dumps(values, indent=2, sort_keys=True, ensure_ascii=False).encode())
            self._values = values
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(setting.key)

    def on_change(self, listener: Callable[[str], None]) -> None:
        """Call ``listener(key)`` after every change, on the changing thread."""
        with self._lock:
            self._listeners.append(listener)

    def _load(self) -> dict[str, object]:
        try:
            loaded = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except (ValueError, UnicodeDecodeError):
            loaded = None
        if isinstance(loaded, dict):
            return {str(key): value for key, value in loaded.items()}
        self._path.replace(self._path.with_suffix(".json.broken"))
        log.warning("settings could not be read; defaults apply and the old file was set aside")
        return {}
