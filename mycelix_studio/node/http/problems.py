"""Errors as RFC 9457 problem+json: what a client did wrong, with the field, and never a trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from starlette.responses import Response

from mycelix_studio.errors import Known
from mycelix_studio.node import metrics

MEDIA_TYPE = "application/problem+json"


class Problem(Known):
    """An answer with a status of 400 or above.

    Args:
        status: HTTP status.
        kind: Short name of the type, such as ``unknown-song``; becomes ``urn:mycelix:problem:unknown-song``.
        title: What is wrong, without a full stop.
        detail: Why, in whole sentences.
        errors: For validation, one (field, message) each.
        headers: Further headers.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        title: str,
        detail: str = "",
        errors: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title, detail)
        self.status = status
        self.kind = kind
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """Return the answer and count it."""
        metrics.ERRORS.labels(self.kind).inc()
        body: dict[str, object] = {
            "type": f"urn:mycelix:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.message,
        }
        if self.errors:
            body["errors"] = [{"field": field, "message": message} for field, message in self.errors]
        return Response(msgspec.json.encode(body), self.status, self.headers, MEDIA_TYPE)


def invalid(*errors: tuple[str, str]) -> Problem:
    """Return the problem of a request whose named fields are not valid."""
    detail = "; ".join(f"{field}: {message}" for field, message in errors)
    return Problem(422, "invalid", "The request is not valid", detail, errors)


def not_found(what: str, title: str) -> Problem:
    """Return the problem of something that is not there, or not for this account."""
    return Problem(404, f"unknown-{what}", title, "Nothing is known under this name, or it is not yours to see.")


def unauthorized(reason: str, detail: str) -> Problem:
    """Return the problem of a request that needs a valid sign-in, and count it."""
    metrics.AUTH_FAILURES.labels(reason).inc()
    return Problem(401, reason, "Sign in to do this", detail, headers={"WWW-Authenticate": 'Bearer realm="mycelix"'})


def forbidden(kind: str, detail: str) -> Problem:
    """Return the problem of a request that this account may not make."""
    return Problem(403, kind, "This is not yours to do", detail)
