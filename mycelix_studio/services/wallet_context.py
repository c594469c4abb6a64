"""What every part of the wallet stands on: profile, cache, vault, the chosen network, its servers and contracts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mycelix_studio.domain import clock
from mycelix_studio.domain.account import Account
from mycelix_studio.domain.networks import Network, network
from mycelix_studio.paths import Paths
from mycelix_studio.services.changes import ChangeHub
from mycelix_studio.services.wallet_errors import NoAccount
from mycelix_studio.services.wallet_speech import contract_name
from mycelix_studio.settings import CHAIN_ID, CONFIRMATIONS, RPC_URLS, Settings
from mycelix_studio.store import accounts as accounts_store
from mycelix_studio.store import address_book
from mycelix_studio.store.connection import Database

if TYPE_CHECKING:
    from mycelix_studio.chain.artifacts import Deployment
    from mycelix_studio.chain.rpc import Rpc
    from mycelix_studio.vault.vault import Vault


@dataclass(slots=True)
class WalletContext:
    """The parts. Slow ones (web client, vault) are made when first needed.

    Attributes:
        paths: Folders of the profile.
        settings: Its settings.
        database: The cache.
        hub: Where background writes are made known.
        now: The present moment; another clock in tests.
    """

    paths: Paths
    settings: Settings
    database: Database
    hub: ChangeHub
    now: Callable[[], datetime] = clock.now
    _rpc: Rpc | None = None
    _rpc_key: tuple[int, tuple[str, ...]] = (0, ())
    _vault: Vault | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def network(self) -> Network:
        """The chosen network."""
        return network(self.settings.get(CHAIN_ID))

    @property
    def confirmations(self) -> int:
        """Blocks until a payment counts as final, at least 1."""
        return max(1, self.settings.get(CONFIRMATIONS))

    @property
    def deployment_folder(self) -> Path:
        """Where deployments of this profile's own chains lie."""
        return self.paths.config / "deployments"

    def servers(self) -> tuple[str, ...]:
        """Return the addresses of the chain servers: the person's own, else the network's public ones."""
        own = tuple(self.settings.get(RPC_URLS).split())
        return own or self.network.servers

    def rpc(self) -> Rpc:
        """Return the client of the chosen network; a new one after the settings changed."""
        from mycelix_studio.chain.rpc import Rpc

        key = (self.network.chain_id, self.servers())
        with self._lock:
            if self._rpc is None or self._rpc_key != key:
                if self._rpc is not None:
                    self._rpc.close()
                self._rpc = Rpc(key[1], chain_id=key[0])
                self._rpc_key = key
            return self._rpc

    def deployment(self) -> Deployment | None:
        """Return where our contracts lie on the chosen network; None when not known."""
        from mycelix_studio.chain.artifacts import NoDeployment, find_deployment

        try:
            return find_deployment(self.network.chain_id, (self.deployment_folder,))
        except NoDeployment:
            return None

    def vault(self) -> Vault:
        """Return the vault of the profile. A throw-away profile keeps its secrets in itself and never touches the system's keyring."""
        from mycelix_studio.vault.vault import Vault

        with self._lock:
            if self._vault is None:
                stand_in = self.paths.config / "throwaway-keyring.json" if self.paths.throwaway else None
                self._vault = Vault(self.paths.keystores, throwaway_secrets=stand_in)
            return self._vault

    def account(self, address: str | None) -> Account:
        """Return an account, the current one for None.

        Raises:
            NoAccount: There is none.
        """
        db = self.database.read()
        found = accounts_store.current(db) if address is None else accounts_store.get(db, address)
        if found is None:
            raise NoAccount(address or "")
        return found

    def name_of(self, address: str) -> str:
        """Return the name of an address from accounts, address book or deployment; empty when unknown."""
        db = self.database.read()
        own = accounts_store.get(db, address)
        if own is not None:
            return own.name
        contact = address_book.get(db, address)
        if contact is not None:
            return contact.name
        deployment = self.deployment()
        ours = deployment.name_of(address) if deployment is not None else None
        return contract_name(ours or "")

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._rpc is not None:
                self._rpc.close()
                self._rpc = None
