"""Puts the routers together, turns every error into a problem, and completes the specification."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from re import Pattern
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.responses import Response

from mycelix_studio import __version__
from mycelix_studio.node.context import Context
from mycelix_studio.node.db.pool import DatabaseAway
from mycelix_studio.node.http import (
    analytics,
    artists,
    attestations,
    audio,
    auth,
    health,
    operator,
    plays,
    songs,
    spec,
    strategies,
    sync,
    uploads,
    vouchers,
)
from mycelix_studio.node.http.gate import App, Gate, Receive, Scope, Send
from mycelix_studio.node.http.models import ProblemBody
from mycelix_studio.node.http.problems import Problem
from mycelix_studio.node.stores import StoreAway

_ROUTERS = (
    # A request is held against the routes one by one: the busiest come first.
    health.router,
    plays.router,
    auth.router,
    songs.router,
    audio.router,
    vouchers.router,
    attestations.router,
    artists.router,
    strategies.router,
    analytics.router,
    uploads.router,
    sync.router,
    operator.router,
    analytics.totals,
)
_TITLES = {
    404: ("not-found", "There is nothing here"),
    405: ("wrong-method", "This cannot be done here"),
    413: ("too-big", "The body is too big"),
}

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Mycelix node</title>
<link rel="stylesheet" href="/api-docs/assets/swagger-ui.css"></head><body><div id="ui"></div>
<script src="/api-docs/assets/swagger-ui-bundle.js"></script><script src="/api-docs/start.js"></script></body></html>"""
_START = """SwaggerUIBundle({url: "/openapi.json", dom_id: "#ui", deepLinking: true, tryItOutEnabled: true});"""


def create_app(make_context: Callable[[], Context]) -> Gate:
    """Return the node's ASGI application. ``make_context`` is called on the event loop when the server starts."""
    contexts: list[Context] = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        context = make_context()
        await context.open()
        app.state.context = context
        contexts.append(context)
        sharing = asyncio.create_task(context.limits.share_forever())
        yield
        sharing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sharing
        await context.close()

    app = _application(lifespan)
    app.exception_handler(Problem)(_problem)
    app.exception_handler(DatabaseAway)(_away)
    app.exception_handler(StoreAway)(_away)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(Exception)(_crash)
    return Gate(_Methods(app), lambda: contexts[-1])


def specification() -> dict[str, Any]:
    """Return the OpenAPI 3.1 specification of every endpoint, as the node serves it at ``/openapi.json``."""
    return _application(None).openapi()


def _application(lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None) -> FastAPI:
    app = FastAPI(
        title="Mycelix node",
        version=__version__,
        summary="The platform API that artists' studios sync from.",
        description="Amounts are decimal strings in wei, times RFC 3339 in UTC, addresses EIP-55, errors problem+json (RFC 9457).",
        license_info={"name": "MIT", "identifier": "MIT"},
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses={422: {"model": ProblemBody, "description": "A field is not valid."}},
    )
    for router in _ROUTERS:
        app.include_router(router)
    _documentation(app)
    app.openapi = lambda: spec.complete(app)  # type: ignore[method-assign]
    return app


def _documentation(app: FastAPI) -> None:
    from mycelix_studio.paths import resource

    with contextlib.suppress(FileNotFoundError):
        app.mount("/api-docs/assets", StaticFiles(directory=resource("swagger-ui")), name="swagger-ui")

    @app.get("/api-docs", include_in_schema=False)
    async def page() -> HTMLResponse:
        return HTMLResponse(_PAGE)

    @app.get("/api-docs/start.js", include_in_schema=False)
    async def start() -> Response:
        return Response(_START, media_type="text/javascript")


async def _problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _away(_request: Request, error: Exception) -> Response:
    assert isinstance(error, DatabaseAway | StoreAway)
    kind = "database-away" if isinstance(error, DatabaseAway) else "store-away"
    return Problem(503, kind, error.title, error.message, headers={"Retry-After": "2"}).response()


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = []
    for item in error.errors():
        where = [str(part) for part in item["loc"]]
        if item["type"] == "json_invalid":
            return Problem(
                400, "bad-json", "The body is not JSON", str(item.get("ctx", {}).get("error", ""))
            ).response()
        fields.append((".".join(where[1:]) or where[0], str(item["msg"])))
    detail = "; ".join(f"{field}: {message}" for field, message in fields)
    return Problem(422, "invalid", "The request is not valid", detail, fields).response()


async def _crash(request: Request, _error: Exception) -> Response:
    """Give an id to quote; the gate, to which the error goes on, logs the trace."""
    return Problem(
        500, "crash", "The node made a mistake", f"It was recorded under {request.state.request_id}."
    ).response()


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind, title = _TITLES.get(error.status_code, ("refused", "The request was refused"))
    return Problem(error.status_code, kind, title, str(error.detail), headers=error.headers).response()


class _Methods:
    """Answers 405 with every method of the path, the most literal route first: ``/songs/search`` is no song id."""

    def __init__(self, app: App) -> None:
        self._app = app
        found: dict[str, tuple[Pattern[str], set[str]]] = {}
        # Of the routes, not of the specification: making that takes a fifth of the processor time of a start, and few ask for it.
        for route in (route for router in _ROUTERS for route in router.routes):
            if isinstance(route, APIRoute) and route.include_in_schema:
                pattern = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(route.path_format)))
                found.setdefault(route.path_format, (pattern, set()))[1].update(route.methods or ())
        self._literal = {path: methods for path, (_pattern, methods) in found.items() if "{" not in path}
        self._others = [entry for path, entry in found.items() if "{" in path]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            methods = self._of(scope["path"])
            if methods and scope["method"] not in methods | ({"HEAD"} if "GET" in methods else set()):
                headers = {"Allow": ", ".join(sorted(methods))}
                text = f"{scope['method']} is not among {headers['Allow']}."
                await Problem(405, *_TITLES[405], text, headers=headers).response()(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _of(self, path: str) -> set[str]:
        literal = self._literal.get(path)
        if literal is not None:
            return literal
        return next((methods for pattern, methods in self._others if pattern.fullmatch(path)), set())
