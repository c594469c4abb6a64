"""What every request passes: an id, who it comes from, limits of size and number, time and outcome in metrics and log."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.routing import Route

from mycelix_studio.node import logs, metrics
from mycelix_studio.node.config import Rate
from mycelix_studio.node.context import Context
from mycelix_studio.node.db.accounts import Account
from mycelix_studio.node.db.pool import DatabaseAway
from mycelix_studio.node.http.problems import Problem, unauthorized
from mycelix_studio.node.limits import Standing

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

log = logs.get("http")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_UPLOAD_PATHS = ("/api/uploads", "/api/upload/")
_POLICY = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_POLICY_OF_DOCS = b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
"""The page of the API's description runs scripts and styles of its own, from this server only."""
_BEARER = re.compile(r"[Bb]earer ([A-Za-z0-9_-]{20,128})")


class TooBig(HTTPException):
    """The body passed its limit while it was read."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"A body may have {limit} bytes here.")


class Gate:
    """ASGI middleware around the whole application."""

    def __init__(self, app: App, context: Callable[[], Context]) -> None:
        self._app = app
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await _Passage(self._app, self._context(), scope, receive, send).run()


class _Passage:
    """One request on its way."""

    def __init__(self, app: App, context: Context, scope: Scope, receive: Receive, send: Send) -> None:
        self._app = app
        self._context = context
        self._scope = scope
        self._receive = receive
        self._send = send
        self._headers = Headers(scope=scope)
        self._status = 0
        self._received = 0
        self._sent = 0
        self._standing: Standing | None = None
        self._limit = self._body_limit()
        length = self._headers.get("content-length", "0")
        self._announced = int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0
        given = self._headers.get("x-request-id", "")
        self._id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)

    async def run(self) -> None:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=self._id)
        started = time.perf_counter()
        metrics.REQUESTS_RUNNING.inc()
        state = self._scope.setdefault("state", {})
        state["request_id"] = self._id
        try:
            problem = await self._admit(state)
            if problem is not None:
                await problem.response()(self._scope, self._receive, self._answer)
            else:
                await self._app(self._scope, self._take, self._answer)
        except Exception:
            # The last net: the person gets an id to quote, the log gets the trace, the connection stays usable.
            metrics.CRASHES.inc()
            log.exception("crash", method=self._scope["method"], path=self._scope["path"])
            if not self._status:
                crash = Problem(500, "crash", "The node made a mistake", f"It was recorded under {self._id}.")
                await crash.response()(self._scope, self._receive, self._answer)
        finally:
            metrics.REQUESTS_RUNNING.dec()
            self._account(time.perf_counter() - started)

    async def _admit(self, state: dict[str, object]) -> Problem | None:  # noqa: PLR0911 - one refusal a line
        """Find out who asks and whether the request may go on; return the problem when not."""
        state["account"] = None
        path = self._scope["path"]
        if not path.startswith("/api/"):
            return None
        try:
            account = await self._identify()
        except DatabaseAway as error:
            return Problem(503, "database-away", error.title, error.message, headers={"Retry-After": "2"})
        except Problem as problem:
            # Guessing tokens costs as much as any other anonymous request.
            return self._count(None) or problem
        state["account"] = account
        refusal = self._count(account)
        if refusal is not None:
            return refusal
        length = self._headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            return Problem(400, "bad-length", "Content-Length is not a number")
        if int(length) > self._limit:
            return Problem(413, "too-big", "The body is too big", f"A body may have {self._limit} bytes here.")
        return None

    async def _identify(self) -> Account | None:
        header = self._headers.get("authorization")
        if header is None:
            return None
        match = _BEARER.fullmatch(header)
        account = await self._context.account_of(match[1]) if match else None
        if account is None:
            raise unauthorized("bad-token", "The token is unknown, revoked or over. Sign in again.")
        return account

    def _count(self, account: Account | None) -> Problem | None:
        config = self._context.config
        path = self._scope["path"]
        if account is None:
            name, rate, subject = "anonymous", config.rate_anonymous, f"ip:{self._client()}"
        else:
            name, rate = self._group(path, config.rate_account)
            subject = f"{name}:{account.address}"
        self._standing = self._context.limits.take(subject, rate)
        if not self._standing.refused:
            return None
        metrics.RATE_REFUSALS.labels(name).inc()
        detail = (
            f"{rate.count} requests in {rate.seconds} seconds are allowed. Try again in {self._standing.reset} seconds."
        )
        return Problem(429, "too-many", "Too many requests", detail, headers={"Retry-After": str(self._standing.reset)})

    def _group(self, path: str, otherwise: Rate) -> tuple[str, Rate]:
        config = self._context.config
        if path.startswith(_UPLOAD_PATHS):
            return "uploads", config.rate_uploads
        if path.startswith("/api/sync/"):
            return "sync", config.rate_sync
        if self._scope["method"] == "POST" and (path.endswith("/play") or path in {"/api/plays", "/api/vouchers"}):
            return "plays", config.rate_plays
        return "account", otherwise

    def _client(self) -> str:
        if self._context.config.trust_proxy:
            forwarded = self._headers.get("x-forwarded-for", "")
            if forwarded:
                return forwarded.rsplit(",", 1)[-1].strip()[:64]
        client = self._scope.get("client")
        return str(client[0]) if client else "unknown"

    def _body_limit(self) -> int:
        config = self._context.config
        return config.upload_max_bytes if self._scope["path"].startswith(_UPLOAD_PATHS) else config.body_max_bytes

    async def _take(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            if self._received > self._limit:
                raise TooBig(self._limit)
        return message

    @property
    def _of_docs(self) -> bool:
        return str(self._scope["path"]).startswith("/api-docs")

    async def _answer(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = [*message.get("headers", []), (b"x-request-id", self._id.encode())]
            headers += [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
            headers.append((b"content-security-policy", _POLICY_OF_DOCS if self._of_docs else _POLICY))
            if not any(name.lower() == b"cache-control" for name, _value in headers):
                headers.append((b"cache-control", b"no-store"))
            if self._standing is not None:
                standing = self._standing
                headers += [
                    (b"ratelimit-limit", str(standing.rate.count).encode()),
                    (b"ratelimit-remaining", str(standing.remaining).encode()),
                    (b"ratelimit-reset", str(standing.reset).encode()),
                ]
            if self._received < self._announced:
                # The server ends a connection whose body it did not read; said before, no client sends its next request there.
                headers.append((b"connection", b"close"))
            message = {**message, "headers": headers}
        elif message["type"] == "http.response.body":
            self._sent += len(message.get("body", b""))
        await self._send(message)

    def _account(self, seconds: float) -> None:
        route = self._scope.get("route")
        name = route.path if isinstance(route, Route) else "unknown"
        metrics.REQUESTS.labels(self._scope["method"], name, str(self._status)).inc()
        metrics.REQUEST_SECONDS.labels(name).observe(seconds)
        metrics.REQUEST_BYTES.inc(self._received)
        metrics.RESPONSE_BYTES.inc(self._sent)
        log.info(
            "request",
            method=self._scope["method"],
            route=name,
            status=self._status,
            ms=round(seconds * 1000, 2),
            bytes_in=self._received,
            bytes_out=self._sent,
        )
