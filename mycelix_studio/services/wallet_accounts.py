"""Accounts: made, imported, proven, exported, locked and wiped. Secrets are arguments only."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from mycelix_studio.domain.account import Account, AccountKind, LockState, NewWords, Origin
from mycelix_studio.domain.clock import to_unix
from mycelix_studio.errors import Known
from mycelix_studio.files import write_atomic
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.wallet_book import require_address
from mycelix_studio.services.wallet_context import WalletContext
from mycelix_studio.services.wallet_errors import CannotSign, NoAccount, WalletLocked
from mycelix_studio.settings import AUTO_LOCK_MINUTES
from mycelix_studio.store import accounts as store

MIN_EXPORT_PASSPHRASE = 8
SETTLING = timedelta(minutes=1)
"""As far back as a time server may correct a clock."""


class Accounts:
    """The accounts of a profile. See ``wallet_face.Wallet`` for what each method promises."""

    def __init__(self, context: WalletContext) -> None:
        self._context = context
        self._guard = threading.Lock()
        self._last_use: datetime | None = None

    def all(self) -> tuple[Account, ...]:
        """Return all accounts in the person's order."""
        return store.all_accounts(self._context.database.read())

    def current(self) -> Account | None:
        """Return the chosen account, the first when none is chosen."""
        return store.current(self._context.database.read())

    def set_current(self, address: str) -> Changes:
        """Choose an account. Raises NoAccount."""
        with self._context.database.write() as db:
            if not store.set_current(db, require_address(address)):
                raise NoAccount(address)
        return Changes.of(Kind.ACCOUNTS)

    def new_words(self, count: int) -> NewWords:
        """Make words; nothing is kept."""
        words, address = self._context.vault().new_words(count)
        return NewWords(words, address)

    def create(self, words: Sequence[str], name: str, passphrase: str | None) -> Account:
        """Keep an account of new words; it signs after the drill."""
        sealed = self._context.vault().add_words(words, 0, passphrase)
        return self._keep(sealed.address, name, Origin.CREATED, sealed.path, passphrase)

    def drill(self, address: str, words: Sequence[str]) -> Changes:
        """Prove that words restore an address. Raises WordsWrong when they restore another."""
        from mycelix_studio.vault.errors import WordsWrong

        account = self._context.account(require_address(address))
        index = int(account.path.rsplit("/", 1)[1]) if account.path else 0
        found = self._context.vault().address_of_words(words, index)
        if found != account.address:
            raise WordsWrong(f"They restore {found}, not {account.address}.")
        with self._context.database.write() as db:
            store.prove_backup(db, account.address, to_unix(self._context.now()))
        return Changes.of(Kind.ACCOUNTS)

    def import_words(self, words: Sequence[str] | str, name: str, index: int, passphrase: str | None) -> Account:
        """Keep an account of words from elsewhere."""
        listed = words.split() if isinstance(words, str) else list(words)
        sealed = self._context.vault().add_words(listed, index, passphrase)
        return self._keep(sealed.address, name, Origin.WORDS, sealed.path, passphrase)

    def import_key(self, key: str, name: str, passphrase: str | None) -> Account:
        """Keep an account of a private key."""
        sealed = self._context.vault().add_key(key, passphrase)
        return self._keep(sealed.address, name, Origin.PRIVATE_KEY, "", passphrase)

    def import_keystore(self, file: Path, file_passphrase: str, name: str, passphrase: str | None) -> Account:
        """Keep an account of another program's wallet file."""
        from mycelix_studio.vault.errors import BrokenWalletFile

        try:
            data = file.read_bytes()
        except OSError as error:
            raise BrokenWalletFile(error.strerror or "it cannot be opened") from error
        sealed = self._context.vault().add_keystore(data, file_passphrase, passphrase)
        return self._keep(sealed.address, name, Origin.KEYSTORE, "", passphrase)

    def watch(self, address: str, name: str) -> Account:
        """Add an address to look at. Raises AccountExists, NotAnAddress."""
        from mycelix_studio.vault.errors import AccountExists

        checked = require_address(address)
        if store.get(self._context.database.read(), checked) is not None:
            raise AccountExists(checked)
        return self._keep(checked, name, Origin.WATCH, "", None)

    def rename(self, address: str, name: str) -> Changes:
        """Change a name. Raises NoAccount."""
        with self._context.database.write() as db:
            if not store.rename(db, require_address(address), name.strip()):
                raise NoAccount(address)
        return Changes.of(Kind.ACCOUNTS)

    def export_keystore(self, address: str, to: Path, export_passphrase: str, passphrase: str | None) -> None:
        """Write a wallet file for other programs. Raises Known when the passphrase is too short."""
        if len(export_passphrase) < MIN_EXPORT_PASSPHRASE:
            raise Known(
                "This passphrase is too short",
                "The file would be all that protects the key once it leaves Studio. Nothing was written.",
                f"Choose one of {MIN_EXPORT_PASSPHRASE} characters or more.",
            )
        data = self._context.vault().export(require_address(address), export_passphrase, passphrase)
        try:
            write_atomic(to, data, 0o600)
        except OSError as error:
            raise Known(
                f"Could not write “{to.name}”", f"{error.strerror}. Nothing was changed.", "Choose another folder."
            ) from error

    def change_passphrase(self, address: str, old: str | None, new: str | None) -> Changes:
        """Set, change or remove the own passphrase."""
        account = self._context.account(require_address(address))
        self._context.vault().change_passphrase(account.address, old, new)
        with self._context.database.write() as db:
            store.set_own_passphrase(db, account.address, bool(new))
        return Changes.of(Kind.ACCOUNTS)

    def remove(self, address: str) -> Changes:
        """Wipe an account from this computer."""
        account = self._context.account(require_address(address))
        if account.kind is AccountKind.KEY:
            self._context.vault().wipe(account.address)
        with self._context.database.write() as db:
            store.remove(db, account.address)
        return Changes.of(Kind.ACCOUNTS)

    def restore_missing(self) -> Changes:
        """List wallet files that the cache does not know, as after the cache was rebuilt; their names are their addresses."""
        from mycelix_studio.chain.values import checksum
        from mycelix_studio.vault.errors import BrokenWalletFile

        known = {account.address.lower() for account in self.all() if account.kind is AccountKind.KEY}
        found = [address for address in self._context.vault().addresses() if address not in known]
        for address in found:
            try:
                own = self._context.vault().own_passphrase(address)
            except BrokenWalletFile:
                own = False
            self._keep(checksum(address), "Wallet", Origin.KEYSTORE, "", "yes" if own else None)
        return Changes.of(Kind.ACCOUNTS) if found else Changes()

    # lock -------------------------------------------------------------------------------------------------------------------------

    def lock_state(self) -> LockState:
        """Return whether signing needs :meth:`unlock`: after the minutes of the setting, or when the clock was set back."""
        minutes = self._context.settings.get(AUTO_LOCK_MINUTES)
        with self._guard:
            last = self._last_use
        if last is None:
            return LockState(locked=True)
        if minutes <= 0:
            return LockState(locked=False)
        # A clock set back would keep the wallet open for as long; nobody can tell how long the person was away.
        until, now = last + timedelta(minutes=minutes), self._context.now()
        return LockState(locked=False, locks_at=until) if last - SETTLING <= now < until else LockState(locked=True)

    def lock(self) -> Changes:
        """Lock now."""
        with self._guard:
            self._last_use = None
        return Changes.of(Kind.ACCOUNTS)

    def unlock(self, passphrase: str | None) -> Changes:
        """Prove that keyring and passphrase open the current account's wallet file."""
        account = self.signing_account(None)
        self._context.vault().check(account.address, passphrase)
        self.used()
        return Changes.of(Kind.ACCOUNTS)

    def prove(self) -> None:
        """Prove that the keyring opens the current account's wallet file, or has its part of what opens it."""
        from mycelix_studio.vault.errors import WrongPassphrase

        account = self.signing_account(None)
        try:
            self._context.vault().check(account.address)
        except WrongPassphrase:
            if not account.own_passphrase:
                raise

    def used(self) -> None:
        """A signature was made: auto-lock counts from now."""
        with self._guard:
            self._last_use = self._context.now()

    def require_open(self, account: Account, passphrase: str | None) -> None:
        """Raise WalletLocked unless the wallet is open, or the account's own passphrase comes with the request and opens it itself."""
        if self.lock_state().locked and not (account.own_passphrase and passphrase):
            raise WalletLocked

    def signing_account(self, address: str | None) -> Account:
        """Return an account that can sign. Raises NoAccount, CannotSign."""
        account = self._context.account(None if address is None else require_address(address))
        if account.kind is AccountKind.WATCH:
            raise CannotSign.watched(account.name)
        if account.needs_drill:
            raise CannotSign.drill(account.name)
        return account

    def _keep(self, address: str, name: str, origin: Origin, path: str, passphrase: str | None) -> Account:
        kind = AccountKind.WATCH if origin is Origin.WATCH else AccountKind.KEY
        account = Account(
            address, name.strip() or "Main", kind, origin, self._context.now(), path, None, bool(passphrase)
        )
        with self._context.database.write() as db:
            if store.get(db, address) is not None:
                store.upgrade_to_key(db, account)
            else:
                store.add(db, account)
            kept = store.get(db, address)
        if kind is AccountKind.KEY:
            self.used()
        if kept is None:
            raise NoAccount(address)
        return kept
