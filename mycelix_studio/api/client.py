"""One HTTP client for all groups of endpoints: address, sign-in, time limits, repetition, errors as words.

Synchronous, for threads. What may be repeated without harm (idempotent requests) is tried again after a broken line, a 502, 503 or 504
and a short 429; everything else is tried once, because nobody can know whether a lost answer was a yes.
"""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, Protocol, TypeVar
from urllib.parse import urlsplit
from weakref import WeakSet

import msgspec

from mycelix_studio import __version__
from mycelix_studio.api.errors import (
    PLAIN,
    BadAnswer,
    InsecureAddress,
    InTheWay,
    NoServer,
    NotThere,
    ServerRefused,
    ServerTrouble,
    ServerUnreachable,
    SignInRefused,
    TooMany,
)
from mycelix_studio.api.sign_in import Session
from mycelix_studio.domain.clock import now

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
Params = Mapping[str, str | int | None]
Body = bytes | Iterable[bytes]

USER_AGENT: Final = f"MycelixStudio/{__version__}"
CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 30.0
TRIES: Final = 4
FIRST_WAIT: Final = 0.25
"""Seconds before the second try; each later wait is twice as long, with up to half of it taken off at random."""
LONGEST_WAIT: Final = 5.0
"""A server that asks to wait longer is not waited for here: the caller is told."""
AGAIN: Final = frozenset({502, 503, 504})
MOST_BYTES: Final = 64_000_000
"""Bytes of one answer, decompressed; pages of the feed are near half a million."""
_OF_THE_WAY: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class Stop(Protocol):
    """A cancel token, as :class:`mycelix_studio.services.jobs.CancelToken` is."""

    def raise_if_cancelled(self) -> None:
        """Raise when the work shall stop."""

    def wait(self, seconds: float) -> bool:
        """Sleep, and return True as soon as the work shall stop."""


class _Never:
    def raise_if_cancelled(self) -> None:
        return

    def wait(self, seconds: float) -> bool:
        time.sleep(seconds)
        return False


NEVER: Final[Stop] = _Never()
"""For work that nobody stops."""


class _Field(msgspec.Struct, frozen=True):
    field: str = ""
    message: str = ""


class _Problem(msgspec.Struct, frozen=True):
    type: str = ""
    title: str = ""
    detail: str = ""
    errors: tuple[_Field, ...] = ()


class Client:
    """HTTP to one platform server. Safe to use from any thread.

    Args:
        address: Returns the server's address; asked for each request, so a changed setting applies at once.
        session: The sign-in, used by requests with ``signed``.
        limits: Connections kept open at most.
    """

    def __init__(self, address: Callable[[], str], session: Session, limits: int = 10) -> None:
        self._address = address
        self._session = session
        self._limits = limits
        self._http: httpx.Client | None = None
        self._lock = threading.Lock()
        self._lines: WeakSet[socket.socket] = WeakSet()

    @property
    def session(self) -> Session:
        """The sign-in."""
        return self._session

    def origin(self) -> str:
        """Return scheme, host and port of the server.

        Raises:
            NoServer: There is no address, or it is none.
            InsecureAddress: It is neither https nor this computer.
        """
        return origin_of(self._address())

    def get(
        self, path: str, kind: type[T], *, params: Params | None = None, signed: bool = False, stop: Stop = NEVER
    ) -> T:
        """GET and decode JSON as ``kind``.

        Raises:
            ServerUnreachable: No answer, several times.
            ServerRefused: An error answer.
            BadAnswer: The answer is not what it should be.
        """
        return self.decode(self.request("GET", path, params=params, signed=signed, stop=stop), kind)

    def send(
        self,
        method: str,
        path: str,
        body: object,
        kind: type[T],
        *,
        signed: bool = True,
        idempotent: bool = False,
        stop: Stop = NEVER,
    ) -> T:
        """Send JSON and decode the answer as ``kind``; errors as of :meth:`get`."""
        answer = self.request(
            method,
            path,
            content=msgspec.json.encode(body),
            headers={"Content-Type": "application/json"},
            signed=signed,
            idempotent=idempotent,
            stop=stop,
        )
        return self.decode(answer, kind)

    def decode(self, answer: httpx.Response, kind: type[T]) -> T:
        """Return an answer's JSON as ``kind``.

        Raises:
            BadAnswer: It is not that.
        """
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadAnswer(urlsplit(str(answer.request.url)).netloc, str(error)) from error

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        content: Body | None = None,
        headers: Mapping[str, str] | None = None,
        signed: bool = False,
        idempotent: bool | None = None,
        read_seconds: float = READ_SECONDS,
        stop: Stop = NEVER,
    ) -> httpx.Response:
        """Make a request and return the whole answer, whose status is below 400.

        Args:
            method: HTTP method.
            path: From the root, with a slash.
            params: Query; None values are left out.
            content: Body. An iterator, which can be read only once, must not be idempotent.
            headers: Further headers.
            signed: Send the token, signing in when there is none; once again with a new one after a 401.
            idempotent: May be repeated; None means that the method says so.
            read_seconds: Longest silence of the server.
            stop: Ends waiting between two tries.

        Raises:
            ServerUnreachable: No answer.
            ServerRefused: An error answer; its subclasses tell them apart.
            Known: Signing in failed.
            Cancelled: As ``stop`` raises it.
        """
        again = idempotent if idempotent is not None else method in {"GET", "HEAD", "DELETE", "OPTIONS"}
        query = {name: value for name, value in (params or {}).items() if value is not None}
        renewed = False
        failures = 0
        while True:
            stop.raise_if_cancelled()
            token = self._session.token(self._ask) if signed else None
            sent = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
            try:
                answer = self._once(
                    method, path, params=query, content=content, headers=sent, read_seconds=read_seconds
                )
                if answer.status_code < 400:
                    return answer
                raise refusal(answer)
            except SignInRefused:
                # The server forgot the token (restarted, revoked): one new sign-in, no more.
                if token is None or renewed or isinstance(content, Iterator):
                    raise
                self._session.drop(token)
                renewed = True
            except (ServerUnreachable, TooMany, ServerTrouble) as error:
                failures += 1
                wait = self._wait(error, failures)
                if not again or wait is None:
                    raise
                if stop.wait(wait):
                    stop.raise_if_cancelled()

    def sign_in(self) -> None:
        """Sign in now, when not signed in; errors as of :meth:`request`."""
        self._session.token(self._ask)

    def sign_out(self) -> None:
        """Revoke the token at the server and forget it.

        Raises:
            ServerUnreachable: The server was not told; the token is forgotten here all the same.
        """
        token = self._session.take()
        if token is None:
            return
        try:
            self.request(
                "POST", "/api/auth/logout", headers={"Authorization": f"Bearer {token.value}"}, idempotent=True
            )
        except SignInRefused:
            return  # it was worthless already

    def cut(self) -> None:
        """Break every connection, because the other end is known to be gone although nobody said so.

        Whoever waits for an answer hears that the line broke. Safe from any thread; the next request opens a new connection.
        """
        with self._lock:
            lines, self._lines = list(self._lines), WeakSet()
        for line in lines:
            with contextlib.suppress(OSError):
                # Below TLS, which would wait for the other end, and not close(), which wakes nobody who waits.
                socket.socket.shutdown(line, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        with self._lock:
            http, self._http = self._http, None
        if http is not None:
            http.close()

    # inside -------------------------------------------------------------------------------------------------------------

    def _ask(self, path: str, body: dict[str, object]) -> bytes:
        # A nonce may be asked for twice; a message that was accepted once is refused the second time.
        answer = self.request(
            "POST",
            path,
            content=msgspec.json.encode(body),
            headers={"Content-Type": "application/json"},
            idempotent=path.endswith("/nonce"),
        )
        return answer.content

    def _once(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int],
        content: Body | None,
        headers: Mapping[str, str],
        read_seconds: float,
    ) -> httpx.Response:
        import httpx

        origin = self.origin()
        host = urlsplit(origin).netloc
        times = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS, read=read_seconds)
        try:
            asked = self._client().build_request(
                method,
                origin + path,
                params=params or None,
                content=content,
                headers=dict(headers),
                timeout=times,
                extensions={"trace": self._follow},
            )
            return _whole(self._client().send(asked, stream=True), host)
        except httpx.ConnectTimeout as error:
            raise ServerUnreachable(host, "it did not answer in time") from error
        except httpx.ConnectError as error:
            raise ServerUnreachable(host, _why(error)) from error
        except httpx.TimeoutException as error:
            raise ServerUnreachable(host, "it stopped answering") from error
        except (httpx.NetworkError, httpx.ProxyError) as error:
            raise ServerUnreachable(host, "the line broke") from error
        except httpx.RemoteProtocolError as error:
            raise ServerUnreachable(host, "it broke off") from error
        except (httpx.DecodingError, httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.TooManyRedirects) as error:
            raise BadAnswer(host, str(error)) from error

    def _follow(self, event: str, info: Mapping[str, object]) -> None:
        """Note each connection that is made, before and after TLS."""
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            line = getattr(info["return_value"], "get_extra_info")("socket")  # noqa: B009 - httpcore's stream
            if isinstance(line, socket.socket):
                with self._lock:
                    self._lines.add(line)

    def _client(self) -> httpx.Client:
        import httpx

        with self._lock:
            if self._http is None:
                # A proxy of the system is for the world outside, never for this computer's own servers.
                direct = {f"all://{host}": None for host in ("127.0.0.1", "localhost", "[::1]")}
                self._http = httpx.Client(
                    headers={"User-Agent": USER_AGENT, "Accept": "application/json, application/problem+json"},
                    limits=httpx.Limits(max_connections=self._limits, max_keepalive_connections=self._limits),
                    mounts=direct,
                    follow_redirects=False,
                )
            return self._http

    @staticmethod
    def _wait(error: ServerUnreachable | TooMany | ServerTrouble, failures: int) -> float | None:
        """Return the seconds before the next try, None when there is none."""
        if failures >= TRIES or (isinstance(error, ServerTrouble) and error.status not in AGAIN):
            return None
        own = FIRST_WAIT * 2 ** (failures - 1) * random.uniform(0.5, 1.0)  # noqa: S311 - spreads tries, keeps no secret
        asked = 0.0 if isinstance(error, ServerUnreachable) else error.retry_after
        return None if asked > LONGEST_WAIT else max(own, asked)


def _whole(answer: httpx.Response, host: str) -> httpx.Response:
    """Return an answer with its whole body, decompressed; one that does not end is given up."""
    import httpx

    body = bytearray()
    with contextlib.closing(answer):
        for part in answer.iter_bytes():
            body += part
            if len(body) > MOST_BYTES:
                raise BadAnswer(host, f"more than {MOST_BYTES // 10**6} MB in one answer")
    kept = [(name, value) for name, value in answer.headers.multi_items() if name.lower() not in _OF_THE_WAY]
    return httpx.Response(answer.status_code, headers=kept, content=bytes(body), request=answer.request)


def origin_of(address: str) -> str:
    """Return scheme, host and port of an address a person typed; a missing scheme is https, or http on this computer.

    Raises:
        NoServer: It is empty or no address.
        InsecureAddress: It is http to another computer.
    """
    text = address.strip()
    if not text:
        raise NoServer
    if "://" not in text:
        host = text.split("/")[0].rsplit(":", 1)[0]
        text = f"{'http' if host in _LOOPBACK else 'https'}://{text}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise NoServer(address) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise NoServer(address)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise InsecureAddress(address)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")


def refusal(answer: httpx.Response) -> ServerRefused:
    """Return the error of an answer with a status of 400 or above."""
    status = answer.status_code
    try:
        problem = msgspec.json.decode(answer.content, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = _Problem()
    kind = problem.type.rsplit(":", 1)[-1] or f"http-{status}"
    title, detail = PLAIN.get(kind, (problem.title, problem.detail))
    title = title or f"The server refused ({status})"
    detail = detail or "It gave no reason."
    errors = tuple((error.field, error.message) for error in problem.errors)
    match status:
        case 401:
            return SignInRefused(status, kind, title, detail, errors)
        case 404 | 410:
            return NotThere(status, kind, title, detail, errors)
        case 409:
            return InTheWay(status, kind, title, detail, errors)
        case 429:
            return TooMany(kind, title, detail, _retry_after(answer, 1.0))
        case _ if status >= 500:
            return ServerTrouble(status, kind, title, detail, _retry_after(answer, 0.0))
        case _:
            return ServerRefused(status, kind, title, detail, errors)


def _retry_after(answer: httpx.Response, otherwise: float) -> float:
    """Return the seconds a server asks to wait: a number, or a date."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - now()).total_seconds())
    except (ValueError, TypeError):
        return otherwise


def _why(error: Exception) -> str:
    text = str(error).lower()
    if "certificate" in text or "ssl" in text:
        return "its certificate is not trusted"
    if "name" in text and ("known" in text or "resol" in text):
        return "no server has this name"
    if "refused" in text:
        return "it is not running, or something is in the way"
    return "there is no connection"
