"""Where the secret that opens a wallet file is kept: the system's keyring, or a file inside a throw-away profile.

Only the short-lived signing process uses this module; the window's process never sees such a secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from mycelix_studio.files import write_atomic
from mycelix_studio.vault.errors import KeyringAbsent, KeyringLocked, SecretMissing

SERVICE = "mycelix-studio"


class SecretStore(Protocol):
    """Keeps one text per name."""

    def get(self, name: str) -> str:
        """Return the text.

        Raises:
            KeyringAbsent: No keyring.
            KeyringLocked: It stayed locked.
            SecretMissing: It is open and has no such entry.
        """

    def set(self, name: str, secret: str) -> None:
        """Keep a text; proves by reading it back. Raises as :meth:`get`."""

    def delete(self, name: str) -> None:
        """Forget a text; no error when there is none. Raises as :meth:`get` otherwise."""


class KeyringStore:
    """The system's keyring.

    Args:
        prompting: Called before a locked keyring is asked to open, which may show a window and take a person's time.
    """

    def __init__(self, prompting: Callable[[], None]) -> None:
        self._prompting = prompting

    def get(self, name: str) -> str:
        """Return the text. ``None`` from an open keyring is a missing entry, never "no wallet"."""
        found = self._guarded(lambda ring: ring.get_password(SERVICE, name))
        if found is None:
            raise SecretMissing
        return str(found)

    def set(self, name: str, secret: str) -> None:
        """Keep a text and read it back, since a backend may drop it silently."""
        self._guarded(lambda ring: ring.set_password(SERVICE, name, secret))
        if self.get(name) != secret:
            raise SecretMissing

    def delete(self, name: str) -> None:
        """Forget a text."""
        from keyring.errors import PasswordDeleteError

        def remove(ring: _Ring) -> str | None:
            if ring.get_password(SERVICE, name) is not None:
                try:
                    ring.delete_password(SERVICE, name)
                except PasswordDeleteError as error:
                    raise SecretMissing from error
            return None

        self._guarded(remove)

    def _guarded(self, use: Callable[[_Ring], str | None]) -> str | None:
        import keyring
        from keyring.errors import InitError, KeyringError, NoKeyringError
        from keyring.errors import KeyringLocked as Locked

        try:
            ring = keyring.get_keyring()
            self._announce_prompt(ring)
            return use(ring)
        except (NoKeyringError, InitError) as error:
            raise KeyringAbsent from error
        except Locked as error:
            raise KeyringLocked from error
        except KeyringError as error:
            raise KeyringAbsent from error
        except (OSError, RuntimeError) as error:
            raise KeyringAbsent from error

    def _announce_prompt(self, ring: object) -> None:
        """Say so before a Secret Service is asked to unlock: that may wait for a person."""
        if "SecretService" not in type(ring).__module__ and "SecretService" not in type(ring).__qualname__:
            return
        import secretstorage
        from keyring.errors import KeyringLocked as Locked
        from secretstorage.exceptions import SecretServiceNotAvailableException, SecretStorageException

        try:
            connection = secretstorage.dbus_init()
            try:
                collection = secretstorage.get_default_collection(connection)
                if not collection.is_locked():
                    return
                self._prompting()
                if collection.unlock():  # True when dismissed
                    raise Locked("dismissed")
            finally:
                connection.close()
        except SecretServiceNotAvailableException as error:
            raise KeyringAbsent from error
        except SecretStorageException as error:
            raise KeyringLocked from error


class _Ring(Protocol):
    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


class FileStore:
    """A file of a throw-away profile, readable by its owner only. Never used for a person's own profile."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, name: str) -> str:
        """Return the text."""
        found = self._load().get(name)
        if found is None:
            raise SecretMissing
        return found

    def set(self, name: str, secret: str) -> None:
        """Keep a text durably."""
        self._save({**self._load(), name: secret})

    def delete(self, name: str) -> None:
        """Forget a text."""
        kept = self._load()
        if kept.pop(name, None) is not None:
            self._save(kept)

    def _load(self) -> dict[str, str]:
        try:
            loaded = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise SecretMissing from error
        return {str(key): str(value) for key, value in loaded.items()} if isinstance(loaded, dict) else {}

    def _save(self, secrets: dict[str, str]) -> None:
        write_atomic(self._path, json.dumps(secrets).encode(), 0o600)


def open_store(kind: str, path: str, prompting: Callable[[], None]) -> SecretStore:
    """Return the store named in a request to the signing process: ``keyring``, or ``file`` with its path."""
    return FileStore(Path(path)) if kind == "file" else KeyringStore(prompting)
