"""Everything the window and the command line work with: one profile, its cache, its lanes, and the services, made when first used.

Services are cached properties whose imports stay inside, because web3, eth_account, httpx, keyring and PyAV cost up to a second each.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from mycelix_studio.domain.zones import zone_of
from mycelix_studio.paths import Paths
from mycelix_studio.services.changes import ChangeHub
from mycelix_studio.services.jobs import Jobs
from mycelix_studio.settings import API_URL, CHAIN_ID, HISTORY_DAYS, ZONE, Settings
from mycelix_studio.store import seal
from mycelix_studio.store.connection import CacheDamaged, CacheUnusable, Database, suspect_marker

if TYPE_CHECKING:
    from collections.abc import Callable

    from mycelix_studio.api.platform import Api
    from mycelix_studio.services.analytics import Analytics
    from mycelix_studio.services.analytics_views import SavedViews
    from mycelix_studio.services.audit import Audit
    from mycelix_studio.services.audit_kept import KeptAudits
    from mycelix_studio.services.background import Background
    from mycelix_studio.services.isrc import Isrcs
    from mycelix_studio.services.library import Library
    from mycelix_studio.services.library_history import LibraryHistory
    from mycelix_studio.services.library_watch import FolderWatch
    from mycelix_studio.services.live import Live
    from mycelix_studio.services.notices import Notices
    from mycelix_studio.services.outbox import Outbox
    from mycelix_studio.services.platform import Platform
    from mycelix_studio.services.preflight import Preflight
    from mycelix_studio.services.reports import Reports
    from mycelix_studio.services.reports_kept import KeptStatements
    from mycelix_studio.services.reports_rates import RateBook
    from mycelix_studio.services.reports_templates import Templates
    from mycelix_studio.services.simulator_desk import Simulator
    from mycelix_studio.services.strategies import KnownSong, Strategies
    from mycelix_studio.services.sync import Sync
    from mycelix_studio.services.tag_history import TagHistory
    from mycelix_studio.services.uploads import Uploads
    from mycelix_studio.services.usage import Usage
    from mycelix_studio.services.wallet import StudioWallet
    from mycelix_studio.services.waveforms import Waveforms
    from mycelix_studio.store.rebuild import Rebuilt

T = TypeVar("T")


@dataclass(eq=False)
class Studio:
    """One open profile.

    Attributes:
        paths: Its folders.
        settings: Its settings.
        database: The local cache, opened and migrated.
        jobs: The lanes.
        hub: Where writes are made known.
        rebuilt: What became of a damaged cache at this start; None when it was sound.
        rest: Size and time of the cache before it was opened, which :meth:`look_over` still has to compare with its checksums; None when
            that was done, or somebody else was writing.
    """

    paths: Paths
    settings: Settings
    database: Database
    jobs: Jobs = field(default_factory=Jobs)
    hub: ChangeHub = field(default_factory=ChangeHub)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    rebuilt: Rebuilt | None = None
    rest: seal.Rest | None = None
    _made: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def library(self) -> Library:
        """Tracks and their tags."""

        def make() -> Library:
            from mycelix_studio.services.library import Library

            return Library(self.database, self.paths.cache / "covers", self.tag_history)

        return self._once("library", make)

    @property
    def tag_history(self) -> TagHistory:
        """Writes tags into files, and takes writes and renames back."""

        def make() -> TagHistory:
            from mycelix_studio.services.tag_history import TagHistory

            history = TagHistory(self.database, self.paths.data / "history")
            history.recover()
            history.forget(self.settings.get(HISTORY_DAYS))
            return history

        return self._once("tag_history", make)

    @property
    def library_history(self) -> LibraryHistory:
        """The same for tracks of the library."""

        def make() -> LibraryHistory:
            from mycelix_studio.services.library_history import LibraryHistory

            return LibraryHistory(self.library, self.tag_history)

        return self._once("library_history", make)

    @property
    def watch(self) -> FolderWatch:
        """Notices what other programs do to the library's files; nothing is watched before its ``start``."""

        def make() -> FolderWatch:
            from mycelix_studio.services.library_watch import FolderWatch

            return FolderWatch(self.library, self.jobs, self.hub)

        return self._once("watch", make)

    @property
    def isrcs(self) -> Isrcs:
        """ISRCs from the artist's own prefix."""

        def make() -> Isrcs:
            from mycelix_studio.services.isrc import Isrcs

            return Isrcs(self.database, self.library, self.settings)

        return self._once("isrcs", make)

    @property
    def preflight(self) -> Preflight:
        """Delivery rules and measurements."""

        def make() -> Preflight:
            from mycelix_studio.services.preflight import Preflight

            return Preflight(self.database, self.library, self.hub)

        return self._once("preflight", make)

    @property
    def waveforms(self) -> Waveforms:
        """Waveforms down to the millisecond."""

        def make() -> Waveforms:
            from mycelix_studio.services.waveforms import Waveforms

            return Waveforms(self.library, self.paths.cache / "waveforms")

        return self._once("waveforms", make)

    @property
    def api(self) -> Api:
        """The platform's server. Who signs in is said by ``api.use``; without it only public questions are answered."""

        def make() -> Api:
            from mycelix_studio.api.platform import Api

            return Api(lambda: self.settings.get(API_URL), lambda: self.settings.get(CHAIN_ID))

        return self._once("api", make)

    @property
    def analytics(self) -> Analytics:
        """Dashboards from the cache."""

        def make() -> Analytics:
            from mycelix_studio.services.analytics import Analytics

            return Analytics(self.database, lambda: zone_of(self.settings.get(ZONE)))

        return self._once("analytics", make)

    @property
    def notices(self) -> Notices:
        """What the artist is told by itself."""

        def make() -> Notices:
            from mycelix_studio.services.notices import Notices

            return Notices(self.database, zone=lambda: zone_of(self.settings.get(ZONE)))

        return self._once("notices", make)

    @property
    def platform(self) -> Platform:
        """The whole platform's figures."""

        def make() -> Platform:
            from mycelix_studio.services.platform import Platform

            return Platform(self.database, self.api)

        return self._once("platform", make)

    @property
    def views(self) -> SavedViews:
        """Views of the dashboard kept under a name."""

        def make() -> SavedViews:
            from mycelix_studio.services.analytics_views import SavedViews

            return SavedViews(self.paths.data / "analytics_views.json")

        return self._once("views", make)

    @property
    def rates(self) -> RateBook:
        """The artist's own table of rates."""

        def make() -> RateBook:
            from mycelix_studio.services.reports_rates import RateBook

            return RateBook(self.paths.data / "rates.csv")

        return self._once("rates", make)

    @property
    def reports(self) -> Reports:
        """Statements from the cache."""

        def make() -> Reports:
            from mycelix_studio.services.receipts import Receipts
            from mycelix_studio.services.reports import Reports

            return Reports(Receipts(self.database, self.settings, self.rates.table))

        return self._once("reports", make)

    @property
    def report_templates(self) -> Templates:
        """Choices of statements kept under a name."""

        def make() -> Templates:
            from mycelix_studio.services.reports_templates import Templates

            return Templates(self.paths.data / "report_templates.json")

        return self._once("report_templates", make)

    @property
    def kept_statements(self) -> KeptStatements:
        """Statements that were saved."""

        def make() -> KeptStatements:
            from mycelix_studio.services.reports_kept import KeptStatements

            return KeptStatements(self.paths.data / "statements.json")

        return self._once("kept_statements", make)

    @property
    def kept_audits(self) -> KeptAudits:
        """Periods that were audited."""

        def make() -> KeptAudits:
            from mycelix_studio.services.audit_kept import KeptAudits

            return KeptAudits(self.paths.data / "audits.json")

        return self._once("kept_audits", make)

    @property
    def uploads(self) -> Uploads:
        """The queue of uploads; nothing is sent before its ``start``."""

        def make() -> Uploads:
            from mycelix_studio.services.uploads import Uploads

            return Uploads(self.database, self.library, self.api, self.settings, self.jobs, self.hub)

        return self._once("uploads", make)

    @property
    def wallet(self) -> StudioWallet:
        """Accounts, signatures and what became of them."""

        def make() -> StudioWallet:
            from mycelix_studio.services.wallet import StudioWallet
            from mycelix_studio.services.wallet_context import WalletContext

            return StudioWallet(WalletContext(self.paths, self.settings, self.database, self.hub))

        return self._once("wallet", make)

    @property
    def strategies(self) -> Strategies:
        """How the artist's songs earn."""

        def make() -> Strategies:
            from mycelix_studio.services.strategies import Strategies

            return Strategies(self.wallet.context, self.wallet, self._known_songs, self._platform_attestor)

        return self._once("strategies", make)

    def _platform_attestor(self) -> str:
        if not self.settings.get(API_URL):
            return ""
        return next((way.attestor or "" for way in self.api.strategies.all() if way.id == "gift-economy"), "")

    @property
    def live(self) -> Live:
        """What goes on with the artist's songs right now."""

        def make() -> Live:
            from mycelix_studio.services.live import Live

            return Live(self.wallet.context, self.wallet, self._known_songs)

        return self._once("live", make)

    @property
    def simulator(self) -> Simulator:
        """What other terms would have earned on the artist's own history."""

        def make() -> Simulator:
            from mycelix_studio.services.simulator_desk import Simulator

            return Simulator(self.wallet.context, self.strategies, self._known_songs)

        return self._once("simulator", make)

    @property
    def usage(self) -> Usage:
        """How Studio is used, noted only by choice."""

        def make() -> Usage:
            from mycelix_studio.services.usage import Usage

            return Usage(self.paths.data / "usage.json", self.settings, self.api)

        return self._once("usage", make)

    @property
    def background(self) -> Background:
        """What goes on by itself, and the status of it all."""

        def make() -> Background:
            from mycelix_studio.services.background import Background

            return Background(self)

        return self._once("background", make)

    def _known_songs(self) -> list[KnownSong]:
        from mycelix_studio.services.strategies import KnownSong
        from mycelix_studio.store import own_songs

        songs = own_songs.all_songs(self.database.read())
        return [KnownSong(song.content_hash, song.title, song.album, song.track_id) for song in songs]

    def is_empty(self) -> bool:
        """Tell whether there is neither music nor a wallet nor a platform yet: a profile just made."""
        from mycelix_studio.store import accounts, track_lists

        db = self.database.read()
        return not (track_lists.count(db) or accounts.all_accounts(db) or self.settings.get(API_URL))

    @property
    def audit(self) -> Audit:
        """Compares what the platform sent with the chain."""

        def make() -> Audit:
            from mycelix_studio.services.audit import Audit

            context = self.wallet.context
            return Audit(
                self.database, context.rpc, context.deployment, self.reports.source, lambda: context.confirmations
            )

        return self._once("audit", make)

    @property
    def outbox(self) -> Outbox:
        """What must reach the platform or the chain later."""

        def make() -> Outbox:
            from mycelix_studio.services.outbox import Outbox

            return Outbox(self.database, self.hub)

        return self._once("outbox", make)

    @property
    def sync(self) -> Sync:
        """Keeps the cache up with the platform; ``start()`` does so in the background."""

        def make() -> Sync:
            from mycelix_studio.services.sync import Sync

            return Sync(self.database, self.api, self.hub, self.settings, jobs=self.jobs, outbox=self.outbox)

        return self._once("sync", make)

    def look_over(self) -> None:
        """IO. Compare the cache with its checksums of the last end, where that was left until the window stands.

        Raises:
            CacheDamaged: It changed on the disk by itself. Nothing of it is served any more; the next start puts it together again.
            CacheUnusable: It cannot be read.
        """
        rest, self.rest = self.rest, None
        known = None if rest is None else seal.read(self.paths.database)
        if known is None or not known.tells(rest):
            return
        try:
            pages = seal.damaged_pages(self.paths.database, known)
        except OSError as error:
            raise CacheUnusable(
                "Studio's own file cannot be read", f"{error}. Nothing in it was changed.", "Look at the disk."
            ) from error
        if pages:
            self.database.condemn(pages)
            raise CacheDamaged(self.paths.database)

    def close(self) -> None:
        """Stop every lane, every service and close the cache. May be called twice."""
        self.jobs.close()
        with self.lock:
            made, self._made = self._made, {}
        for service in reversed(made.values()):
            if hasattr(service, "close"):
                service.close()
        self.database.close()
        if not suspect_marker(self.paths.database).exists():
            seal.keep(self.paths.database)

    def _once(self, name: str, make: Callable[[], T]) -> T:
        """Return the service of this name, made when first asked for, by whichever thread asks first."""
        made: T | None = self._made.get(name)
        if made is not None:  # without the lock: the window would wait while a thread imports and makes another service
            return made
        with self.lock:
            if name not in self._made:
                self._made[name] = make()
            service: T = self._made[name]
            return service
