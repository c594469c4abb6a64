"""Runs one node process by its role: answers requests (granian on the event loop), works in the background, or both with its own database.

``all`` is a small family: this process holds the folder's lock, PostgreSQL and the HTTP server; one child runs the indexer, the
settler, the attestor and the upkeep. Children die with their parent, also when it is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from mycelix_studio.errors import Known
from mycelix_studio.files import try_lock, write_atomic
from mycelix_studio.node import logs
from mycelix_studio.node.config import LOOPBACK, VARIABLES, Config, WrongConfiguration
from mycelix_studio.node.db.migrations import migrate
from mycelix_studio.node.embedded import EmbeddedPostgres
from mycelix_studio.node.key import load_key
from mycelix_studio.paths import module_command

if TYPE_CHECKING:
    from mycelix_studio.node.context import Context

log = logs.get("server")
_CHECK_SECONDS = 0.5
_DATABASE_SECONDS = 15.0
_LINE_BYTES = 1 << 20
"""What the HTTP server reads of a line at once, at most: an upload on a quick line comes in half as many messages as by default."""
_NOT_YET = frozenset({None, "57P01", "57P02", "57P03", "53300"})
"""Refusals of a database that may pass: no answer, ending, crashed, starting, too many sessions."""


class PortTaken(Known):
    """Another program listens on the port."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} is in use",
            f"Another program listens on {host}:{port}. Nothing was started.",
            "Stop it, or choose another port with MYCELIX_PORT; 0 takes a free one.",
        )


class FolderTaken(Known):
    """Another node uses the data folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            "The data folder is in use",
            f"Another node runs on {folder}. Nothing was started.",
            "Stop it, or choose another folder with MYCELIX_DATA_DIR.",
        )


def run(config: Config) -> None:
    """Run until SIGTERM or SIGINT, then stop everything that was started.

    Raises:
        Known: It cannot start; nothing is left running.
    """
    logs.configure(config.log_level)
    config.data_dir.mkdir(parents=True, exist_ok=True)
    if config.role != "api":
        # A key that cannot be read is told now, not by a worker that ends again and again.
        load_key(config, "settler")
        load_key(config, "attestor")
    if config.role == "worker":
        from mycelix_studio.node.worker import run_worker

        _migrate(config.database_url)
        asyncio.run(run_worker(config))
        return
    if config.host not in LOOPBACK:
        log.warning("listening beyond this machine; put a proxy with TLS in front", host=config.host)
    port = config.port or free_port(config.host)
    _refuse_taken(config.host, port)
    config = replace(config, port=port)
    with _family(config) as (url, postgres):
        _migrate(url)
        asyncio.run(_Server(replace(config, database_url=url), postgres).run())


def _migrate(url: str) -> None:
    """Bring the schema up to date, waiting for a database that is just starting.

    Raises:
        WrongConfiguration: It refuses, or does not answer in time.
    """
    deadline = time.monotonic() + _DATABASE_SECONDS
    while True:
        try:
            migrate(url)
        except psycopg.OperationalError as error:
            if error.sqlstate in _NOT_YET and time.monotonic() < deadline:
                time.sleep(0.2)
                continue
            # The address may hold a password, so it is not shown.
            raise WrongConfiguration(
                "MYCELIX_DATABASE_URL", f"The database does not answer ({str(error).splitlines()[0]})."
            ) from None
        else:
            return


def free_port(host: str) -> int:
    """Return a port that is free now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(host, port) from error


@contextmanager
def _family(config: Config) -> Iterator[tuple[str, EmbeddedPostgres | None]]:
    """Give the database's address, starting the embedded one where none is configured, and stop it at the end."""
    if config.database_url:
        yield config.database_url, None
        return
    with _locked(config.data_dir / "node.lock", config.data_dir):
        postgres = EmbeddedPostgres(config.data_dir / "postgres")
        # A SIGTERM while PostgreSQL starts must not leave it behind.
        with _terminated_as_exit():
            try:
                yield postgres.start(), postgres
            finally:
                postgres.stop()


@contextmanager
def _terminated_as_exit() -> Iterator[None]:
    def leave(_number: int, _frame: object) -> None:
        raise SystemExit(0)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _locked(path: Path, folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the system lets go of it however the process ends."""
    with path.open("ab") as file:
        if not try_lock(file):
            raise FolderTaken(folder)
        yield


class _Server:
    """The HTTP server and, in role ``all``, the watch over PostgreSQL and the worker child."""

    def __init__(self, config: Config, postgres: EmbeddedPostgres | None) -> None:
        self._config = config
        self._postgres = postgres
        self._worker: subprocess.Popen[bytes] | None = None
        self._context: Context | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        from granian.constants import Interfaces
        from granian.http import HTTP1Settings
        from granian.server.embed import Server

        from mycelix_studio.node.context import Context
        from mycelix_studio.node.http.app import create_app

        config = self._config

        def make_context() -> Context:
            self._context = Context(config, config.database_url)
            self._context.listening(config.host, config.port)
            return self._context

        server = Server(
            create_app(make_context),
            address=config.host,
            port=config.port,
            interface=Interfaces.ASGI,
            websockets=False,
            backlog=1024,
            http1_settings=HTTP1Settings(max_buffer_size=_LINE_BYTES),
            log_enabled=False,
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stopping.set)
        serving = asyncio.create_task(server.serve())
        stopping = asyncio.create_task(self._stopping.wait())
        watching = asyncio.create_task(self._watch())
        announcing = asyncio.create_task(self._announce())
        try:
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                serving.result()
                raise Known(
                    "The node stopped serving",
                    "Its HTTP server ended by itself; the log above says why.",
                    "Start it again.",
                )
        finally:
            for task in (watching, announcing, stopping):
                task.cancel()
            await asyncio.gather(watching, announcing, stopping, return_exceptions=True)
            if self._worker is not None and self._worker.poll() is None:
                self._worker.terminate()
            if self._context is not None:
                self._context.files.stop()
            if not serving.done():
                server.stop()  # type: ignore[no-untyped-call]
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(serving, 10)
            self._await_worker()
            if config.ready_file is not None:
                config.ready_file.unlink(missing_ok=True)

    async def _announce(self) -> None:
        """Write the ready file once requests are answered."""
        while True:
            try:
                _reader, writer = await asyncio.open_connection(self._config.host, self._config.port)
                writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                answer = await _reader.read(64)
                writer.close()
                await writer.wait_closed()
                if b" 200 " in answer:
                    break
            except OSError:
                pass
            await asyncio.sleep(0.02)
        host = f"[{self._config.host}]" if ":" in self._config.host else self._config.host
        url = f"http://{host}:{self._config.port}"
        if self._config.ready_file is not None:
            text = json.dumps({"url": url, "pid": os.getpid(), "database": self._config.database_url})
            write_atomic(self._config.ready_file, text.encode())
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        log.info("ready", url=url)

    async def _watch(self) -> None:
        """Keep PostgreSQL and the worker alive until cancelled."""
        if self._config.role != "all":
            return
        while True:
            if self._postgres is not None and not self._postgres.running:
                log.error("PostgreSQL ended; starting it again")
                # On this thread on purpose: the parent-death signal follows the thread that starts a process.
                try:
                    self._postgres.start()
                except Known as error:
                    log.error("it does not start; trying again", why=error.message)
            if self._worker is None or self._worker.poll() is not None:
                if self._worker is not None:
                    log.error("the worker ended; starting it again", code=self._worker.returncode)
                self._worker = self._start_worker()
            await asyncio.sleep(_CHECK_SECONDS)

    def _start_worker(self) -> subprocess.Popen[bytes]:
        config = self._config
        environment = {**os.environ, "MYCELIX_ROLE": "worker", "MYCELIX_DATABASE_URL": config.database_url}
        environment["MYCELIX_DATA_DIR"] = str(config.data_dir)
        environment["MYCELIX_READY_FILE"] = ""
        known = {variable.name for variable in VARIABLES}
        environment = {
            name: value for name, value in environment.items() if not name.startswith("MYCELIX_") or name in known
        }
        command = module_command("mycelix_studio.node")
        setpriv = shutil.which("setpriv")
        if setpriv is not None:
            command = [setpriv, "--pdeathsig", "TERM", *command]
        return subprocess.Popen(  # noqa: S603 - our own words
            command, env=environment, stdin=subprocess.DEVNULL
        )

    def _await_worker(self) -> None:
        if self._worker is None:
            return
        try:
            self._worker.wait(10)
        except subprocess.TimeoutExpired:
            self._worker.kill()
            self._worker.wait(5)
