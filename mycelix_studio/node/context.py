"""What the parts of one node process share: configuration, database, chain, audio store, limits, caches."""

from __future__ import annotations

import json
import secrets
import time
from typing import TYPE_CHECKING

from mycelix_studio.chain.artifacts import Deployment, NoDeployment, find_deployment
from mycelix_studio.domain.clock import from_unix, now, rfc3339
from mycelix_studio.node import metrics
from mycelix_studio.node.access import Access
from mycelix_studio.node.config import Config, WrongConfiguration
from mycelix_studio.node.db import accounts, analytics, platform_days, processes
from mycelix_studio.node.db.accounts import Account
from mycelix_studio.node.db.plays import PlayWriter, SongKeys
from mycelix_studio.node.db.pool import Connection, Database
from mycelix_studio.node.limits import Limits
from mycelix_studio.node.probe import Probers
from mycelix_studio.node.stores import AudioStore, open_store
from mycelix_studio.node.upload_files import UploadFiles

if TYPE_CHECKING:
    from mycelix_studio.chain.rpc import Rpc

_SESSION_CACHE_SECONDS = 1.0
_SESSIONS_CACHED = 10_000
_HEAD_CACHE_SECONDS = 2.0


def load_deployment(config: Config) -> Deployment | None:
    """Return the deployment the node follows, None when none is configured or shipped.

    Raises:
        WrongConfiguration: The named file cannot be read, or is of another chain.
    """
    try:
        if config.deployment is not None:
            deployment = Deployment.read(config.deployment)
        elif config.chain_id:
            deployment = find_deployment(config.chain_id)
        else:
            return None
    except NoDeployment:
        return None
    except (OSError, ValueError, KeyError) as error:
        raise WrongConfiguration(
            "MYCELIX_DEPLOYMENT", f"{config.deployment} cannot be read as a deployment ({error})."
        ) from error
    if config.chain_id and config.chain_id != deployment.chain_id:
        raise WrongConfiguration("MYCELIX_CHAIN_ID", f"{config.deployment} is of chain {deployment.chain_id}.")
    return deployment


class Context:
    """One process's shared parts. Make it on the event loop; :meth:`open` before use, :meth:`close` after."""

    def __init__(self, config: Config, database_url: str) -> None:
        self.config = config
        self.deployment = load_deployment(config)
        self.chain_id = config.chain_id or (self.deployment.chain_id if self.deployment else 100)
        self.database = Database(config, database_url)
        self.limits = Limits(self.database)
        self.store: AudioStore = open_store(config)
        self.plays = PlayWriter(self.database)
        self.song_keys = SongKeys(self.database)
        self.files = UploadFiles(config.data_dir / "uploads")
        self.probers = Probers()
        self.rpc: Rpc | None = None
        self._head: tuple[float, int] = (-1e9, 0)
        self.address = ""
        self.domains: frozenset[str] = frozenset()
        self.started = time.monotonic()
        self.cursor_key = b""
        self.epoch = ""
        self._sessions: dict[bytes, tuple[float, Account]] = {}
        if config.rpc_url:
            from mycelix_studio.chain.rpc import Rpc

            self.rpc = Rpc(config.rpc_url, chain_id=self.chain_id)
        self.access = Access(self.database, self.rpc, self.deployment)

    async def open(self) -> None:
        """Connect to the database and read what cursors are signed with."""
        await self.database.open()
        async with self.database.write("open") as connection:
            await connection.execute(
                "INSERT INTO node_state VALUES ('cursor_key', %s::jsonb) ON CONFLICT DO NOTHING",
                (json.dumps(secrets.token_hex(32)),),
            )
            cursor = await connection.execute(
                "SELECT name, value FROM node_state WHERE name IN ('cursor_key', 'epoch')"
            )
            state = {str(name): str(value) for name, value in await cursor.fetchall()}
        self.cursor_key = bytes.fromhex(state["cursor_key"])
        self.epoch = state["epoch"]
        self.plays.start()

    async def close(self) -> None:
        """Write what waits and let go of everything."""
        await self.plays.stop()
        await self.database.close()
        await self.store.close()
        await self.probers.close()
        self.files.close()
        if self.rpc is not None:
            self.rpc.close()

    def listening(self, host: str, port: int) -> None:
        """Note the address in use; sign-in messages must name it unless a domain is configured."""
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        names = {host, "localhost"} if host in {"127.0.0.1", "::1"} else {host}
        self.domains = frozenset({self.config.domain} if self.config.domain else {f"{name}:{port}" for name in names})

    async def account_of(self, token: str) -> Account | None:
        """Return the account a bearer token belongs to, None when it is unknown, revoked or over."""
        hashed = accounts.token_hash(token)
        cached = self._sessions.get(hashed)
        if cached is not None and time.monotonic() - cached[0] < _SESSION_CACHE_SECONDS:
            metrics.CACHE.labels("sessions", "hit").inc()
            account: Account | None = cached[1]
        else:
            metrics.CACHE.labels("sessions", "miss").inc()
            async with self.database.write("session") as connection:
                account = await accounts.session(connection, hashed)
            if len(self._sessions) >= _SESSIONS_CACHED:
                self._sessions.clear()
            if account is not None:
                self._sessions[hashed] = (time.monotonic(), account)
        return account if account is not None and account.expires_at > now() else None

    async def head_time(self) -> int:
        """Return the Unix second of the chain's newest block as the indexer last saw it, 0 without one; up to 2 s old."""
        if time.monotonic() - self._head[0] > _HEAD_CACHE_SECONDS:
            async with self.database.write("head") as connection:
                row = await (
                    await connection.execute("SELECT head_at FROM chain_heads WHERE chain_id = %s", (self.chain_id,))
                ).fetchone()
            self._head = (time.monotonic(), int(row[0]) if row else 0)
        return self._head[1]

    async def chain_head(self, connection: Connection) -> dict[str, object] | None:
        """Return how far the chain is indexed, as clients see it; None before the indexer's first round."""
        row = await (
            await connection.execute(
                "SELECT indexed, indexed_at, head FROM chain_heads WHERE chain_id = %s", (self.chain_id,)
            )
        ).fetchone()
        if row is None:
            return None
        return {"chain_id": self.chain_id, "indexed": row[0], "indexed_at": rfc3339(from_unix(row[1])), "head": row[2]}

    async def analyse(self) -> int:
        """Bring the analytics up to date and return the plays folded in. Their windows end at the later of clock and chain."""
        moment = max(int(time.time()), await self.head_time())
        with metrics.FOLD_SECONDS.time():
            async with self.database.write("analytics") as connection:
                folded = await analytics.advance(connection, moment)
        metrics.FOLDED.inc(folded)
        return folded

    async def analyse_days(self) -> int:
        """Bring the platform's days up to date and return the plays folded in."""
        async with self.database.write("analytics-days") as connection:
            return await platform_days.fold(connection)

    async def workers_series(self) -> dict[str, str]:
        """Return the series of the worker processes, by process."""
        async with self.database.write("process-metrics") as connection:
            return await processes.published(connection)

    async def refresh_gauges(self) -> None:
        """Bring the gauges that stand in the database up to date, before they are read."""
        async with self.database.write("gauges") as connection:
            metrics.VIEW_AGE.set(await analytics.age(connection))
            metrics.VIEW_QUEUE.set(await analytics.waiting(connection))
            row = await (
                await connection.execute(
                    "SELECT (SELECT reltuples::bigint FROM pg_class WHERE relname = 'accounts'),"
                    " (SELECT count(*) FROM vouchers WHERE state IN ('pending', 'submitted')), h.indexed, h.indexed_at, h.head, h.head_at,"
                    " h.deepest, extract(epoch FROM now() - h.updated_at)"
                    " FROM (SELECT 1) AS one LEFT JOIN chain_heads h ON h.chain_id = %s",
                    (self.chain_id,),
                )
            ).fetchone()
        assert row is not None
        metrics.LISTENERS.set(max(0, row[0]))
        metrics.SETTLER_WAITING.set(row[1])
        if row[2] is not None:
            chain = str(self.chain_id)
            metrics.INDEXER_BLOCK.labels(chain).set(row[2])
            metrics.INDEXER_LAG_BLOCKS.labels(chain).set(max(0, row[4] - row[2]))
            metrics.INDEXER_LAG_SECONDS.labels(chain).set(max(0, row[5] - row[3]))
            metrics.INDEXER_REORG_DEPTH.set(row[6])
            metrics.INDEXER_AGE.labels(chain).set(row[7])

    def forget_session(self, hashed: bytes) -> None:
        """Drop a revoked session from the cache at once."""
        self._sessions.pop(hashed, None)
