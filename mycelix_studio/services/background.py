"""What goes on by itself while Studio is open: uploads, sync, watched folders, following signatures; and one status of it all."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mycelix_studio.errors import Cancelled, Known
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import CancelToken, Lane, Work
from mycelix_studio.services.platform import DAILY_SECONDS
from mycelix_studio.services.status import Status
from mycelix_studio.services.sync import Phase
from mycelix_studio.settings import API_URL, CLIENT_EVENTS

if TYPE_CHECKING:
    from mycelix_studio.services.studio import Studio

log = logging.getLogger(__name__)
BUSY_SECONDS, CALM_SECONDS = 2.0, 12.0
"""Pause between two looks at the chain, while signatures are under way and otherwise."""


@dataclass(eq=False)
class Background:
    """Starts and ends what goes on by itself.

    Args:
        studio: The open profile.
    """

    studio: Studio
    _stop: threading.Event = field(default_factory=threading.Event)
    _cancel: CancelToken = field(default_factory=CancelToken)
    _wake: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _block: int | None = None
    _online: bool | None = None

    def start(self) -> None:
        """Begin; calling it again changes nothing."""
        if self._thread is not None or self._stop.is_set():
            return
        self.sign_in_with_wallet()
        if self.studio.settings.get(CLIENT_EVENTS):
            self.studio.usage.started()
        self.studio.uploads.start()
        self.studio.sync.start()
        self.studio.watch.start()
        self._unsubscribe = self.studio.hub.subscribe(self._on_changes)
        self._thread = threading.Thread(target=self._loop, name="studio-follow", daemon=True)
        self._thread.start()

    def sign_in_with_wallet(self, passphrase: str | None = None) -> None:
        """Let the platform's sign-in be signed by the account in use; it costs nothing and moves no money.

        Args:
            passphrase: The account's own one, for a command that runs to its end; the window asks for it where it unlocks.
        """
        from mycelix_studio.api.sign_in import Signer

        self.studio.api.use(Signer(self._address, lambda text: self._sign(text, passphrase)))

    def status(self) -> Status:
        """Return what the window says now; reads the cache, so not on the GUI thread."""
        studio = self.studio
        wallet, sync = studio.wallet, studio.sync.status
        account = wallet.current()
        queue = studio.uploads.totals()
        return Status(
            network=wallet.context.network.name,
            block=self._block,
            online=self._online,
            as_of=sync.as_of,
            syncing=sync.phase is Phase.RUNNING,
            under_way=wallet.pending(),
            outbox=wallet.waiting() + len(studio.outbox.items()),
            uploads=queue.uploads - queue.done,
            notices=studio.notices.count(),
            account=account.name if account is not None else "",
            address=account.address if account is not None else "",
            locked=wallet.lock_state().locked,
        )

    def close(self) -> None:
        """End the following; uploads and sync are ended by the profile."""
        self._stop.set()
        self._cancel.cancel()
        self._wake.set()
        if self._thread is not None:
            self._unsubscribe()
            self._thread.join(15)
            self._thread = None

    # inside -------------------------------------------------------------------------------------------------------------

    def _loop(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            busy = False
            try:
                busy = self.studio.jobs.submit(Lane.CHAIN, self._look, name="follow").result(60)
            except (Cancelled, RuntimeError, TimeoutError):
                busy = True  # the lanes are closing, or a long signature is before us
            except Known as error:
                log.info("could not look at the chain: %s", error)
            self._look_at_platform()
            self._wake.wait(BUSY_SECONDS if busy else CALM_SECONDS)

    def _look_at_platform(self) -> None:
        """Keep the platform's totals of each day, so that there is a history to compare with."""
        platform = self.studio.platform
        try:
            if not self._stop.is_set() and platform.due(DAILY_SECONDS):
                self.studio.hub.publish(platform.look(Work(token=self._cancel)), self)
        except (Known, Cancelled) as error:
            log.info("no figures of the platform: %s", error)
        except RuntimeError:  # the connections were closed under it: Studio is shutting down
            if not self._stop.is_set():
                raise

    def _look(self, work: Work) -> bool:
        """Follow what is under way and read the newest block; True when there is something under way."""
        wallet = self.studio.wallet
        before = (self._block, self._online)
        under_way = bool(wallet.pending() or wallet.waiting())
        try:
            self._block = wallet.context.rpc().block_number()
            self._online = True
            if under_way:
                self.studio.hub.publish(wallet.follow(), self)
        except Known:
            self._online = False
        if (self._block, self._online) != before:
            self.studio.hub.publish(Changes.of(Kind.SYNC), self)
        return under_way

    def _on_changes(self, changes: Changes, initiator: object | None) -> None:
        if initiator is not self and changes.touches(Kind.TRANSACTIONS, Kind.SETTINGS, Kind.ACCOUNTS):
            self._wake.set()

    def _address(self) -> str | None:
        account = self.studio.wallet.current()
        return (
            account.address if account is not None and account.can_sign and self.studio.settings.get(API_URL) else None
        )

    def _sign(self, text: str, passphrase: str | None) -> str:
        return self.studio.wallet.sign_in(text, passphrase)
