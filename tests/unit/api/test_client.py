"""Addresses, sign-in messages, and what is tried again: against a small real HTTP server that answers as told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mycelix_studio.api.client import Client, origin_of
from mycelix_studio.api.errors import BadAnswer, InsecureAddress, NoServer, ServerTrouble, ServerUnreachable, TooMany
from mycelix_studio.api.sign_in import Session, Token, message
from mycelix_studio.errors import Cancelled
from mycelix_studio.node import siwe
from mycelix_studio.services.jobs import CancelToken

Answer = tuple[int, dict[str, str], bytes]


class Server:
    """Gives the answers it was told, in order, the last one forever; None hangs up."""

    def __init__(self) -> None:
        self.answers: list[Answer | None] = []
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _do(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.seen.append((self.command, self.path, dict(self.headers)))
                answer = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                if answer is None:
                    self.close_connection = True
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = _do  # noqa: N815 - names of http.server

            def log_message(self, format: str, *arguments: object) -> None:
                return

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


OK: Answer = (200, {}, b"{}")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr("mycelix_studio.api.client.FIRST_WAIT", 0.001)
    one = Server()
    yield one
    one.close()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    one = Client(lambda: server.url, Session(lambda: server.url, lambda: 31337))
    yield one
    one.close()


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://music.example", "https://music.example"),
        (" https://music.example/some/path?x=1 ", "https://music.example"),
        ("music.example", "https://music.example"),
        ("music.example:8443", "https://music.example:8443"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:9", "http://localhost:9"),
        ("http://[::1]:9/", "http://[::1]:9"),
    ],
)
def test_addresses_as_people_type_them(typed: str, origin: str) -> None:
    assert origin_of(typed) == origin


@pytest.mark.parametrize(
    "typed", ["", "  ", "ftp://music.example", "https://", "https://a:b@music.example", "https://x:99999"]
)
def test_what_is_no_address_is_told(typed: str) -> None:
    with pytest.raises(NoServer):
        origin_of(typed)


def test_a_token_never_travels_in_the_open() -> None:
    with pytest.raises(InsecureAddress) as caught:
        origin_of("http://music.example")
    assert "https" in caught.value.hint


@pytest.mark.parametrize("origin", ["https://music.example", "http://127.0.0.1:8080", "http://[::1]:8080"])
def test_the_message_to_sign_is_one_that_a_strict_reader_takes(origin: str) -> None:
    issued = datetime(2026, 6, 14, 14, 32, tzinfo=UTC)
    address = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"
    text = message(origin=origin, address=address, chain_id=100, nonce="c1f2a3b4c5d6e7f8", issued_at=issued)
    read = siwe.parse(text)
    domain = origin.partition("://")[2]
    siwe.check(read, domains=frozenset({domain}), chain_id=100, now=issued, max_age_seconds=600)
    assert (read.address, read.nonce, read.expiration_time) == (
        address,
        "c1f2a3b4c5d6e7f8",
        datetime(2026, 6, 14, 14, 37, tzinfo=UTC),
    )


def test_a_token_never_stands_in_a_log() -> None:
    token = Token("s3cret", "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf", "https://music.example", datetime.now(UTC))
    assert "s3cret" not in repr(token)


@pytest.mark.parametrize(
    "trouble", [None, (503, {}, b""), (502, {"Retry-After": "0"}, b"<html>"), (429, {"Retry-After": "0"}, b"{}")]
)
def test_a_question_is_asked_again_after_trouble(server: Server, client: Client, trouble: Answer | None) -> None:
    server.answers = [trouble, trouble, OK]
    assert client.get("/x", dict) == {}
    assert len(server.seen) == 3


def test_what_may_have_been_done_is_not_done_twice(server: Server, client: Client) -> None:
    server.answers = [None, OK]
    with pytest.raises(ServerUnreachable):
        client.send("POST", "/x", {}, dict, signed=False)
    assert len(server.seen) == 1
    server.answers = [None, OK]
    client.send("POST", "/x", {}, dict, signed=False, idempotent=True)


def test_trouble_that_lasts_is_told_in_the_servers_words(server: Server, client: Client) -> None:
    problem = {
        "type": "urn:mycelix:problem:maintenance",
        "title": "The server is being mended",
        "detail": "It restarts.",
    }
    server.answers = [(503, {}, json.dumps(problem).encode())]
    with pytest.raises(ServerTrouble) as caught:
        client.get("/x", dict)
    assert (caught.value.kind, caught.value.title, caught.value.message) == (
        "maintenance",
        "The server is being mended",
        "It restarts.",
    )


def test_a_long_wait_is_left_to_the_caller(server: Server, client: Client) -> None:
    server.answers = [(429, {"Retry-After": "700"}, b"{}")]
    with pytest.raises(TooMany) as caught:
        client.get("/x", dict)
    assert (caught.value.retry_after, len(server.seen)) == (700.0, 1)


def test_waiting_ends_when_the_work_is_stopped(server: Server, client: Client) -> None:
    server.answers = [(503, {"Retry-After": "5"}, b"{}")]
    token = CancelToken()
    threading.Timer(0.05, token.cancel).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        client.get("/x", dict, stop=token)
    assert time.monotonic() - started < 3


def test_a_page_of_a_hotel_network_is_not_a_server(server: Server, client: Client) -> None:
    server.answers = [(200, {"Content-Type": "text/html"}, b"<html>Log in</html>")]
    with pytest.raises(BadAnswer) as caught:
        client.get("/x", dict)
    assert "log in first" in caught.value.hint


def test_every_request_names_the_program_and_its_version(server: Server, client: Client) -> None:
    server.answers = [OK]
    client.get("/x", dict)
    assert server.seen[0][2]["User-Agent"].startswith("MycelixStudio/0.")
