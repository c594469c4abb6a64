"""Limits as published, with their headers; space and time of uploads."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from mycelix_studio.node.config import Config
from mycelix_studio.node.context import Context
from mycelix_studio.node.embedded import EmbeddedPostgres
from mycelix_studio.node.upkeep import expire
from tests.fixtures.node import NodeProcess, Person, make_node
from tests.fixtures.postgres import new_database

TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture(scope="module")
def strict(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    """A node whose limits are small."""
    node = make_node(
        tmp_path_factory.mktemp("strict"),
        MYCELIX_DATABASE_URL=new_database(postgres),
        MYCELIX_CHAIN_ID="31337",
        MYCELIX_RATE_ANONYMOUS="12/3600",
        MYCELIX_RATE_ACCOUNT="5/3600",
        MYCELIX_RATE_SYNC="3/3600",
        MYCELIX_TRUST_PROXY="yes",
    ).start()
    yield node
    assert node.stop() == 0


def test_the_published_limits_are_the_defaults() -> None:
    config = Config.from_environment({})
    assert (config.rate_anonymous.count, config.rate_anonymous.seconds) == (100, 15 * 60)
    assert (config.rate_account.count, config.rate_account.seconds) == (1_000, 3_600)


def _headers(answer: httpx.Response) -> tuple[int, int]:
    assert 0 < int(answer.headers["RateLimit-Reset"]) <= 3_600
    return int(answer.headers["RateLimit-Limit"]), int(answer.headers["RateLimit-Remaining"])


def test_requests_without_sign_in_are_counted_by_network_address(strict: NodeProcess) -> None:
    with strict.client() as client:
        first = {"X-Forwarded-For": "203.0.113.7"}
        for left in range(11, -1, -1):
            assert _headers(client.get("/api/songs", headers=first)) == (12, left)
        refused = client.get("/api/songs", headers=first)
        assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
        assert 0 < int(refused.headers["Retry-After"]) <= 3_600
        assert _headers(refused) == (12, 0)
        assert client.get("/api/songs", headers={"X-Forwarded-For": "203.0.113.8"}).status_code == 200
        # What a person or a monitor needs is never refused.
        assert client.get("/health", headers=first).status_code == 200
        assert "RateLimit-Limit" not in client.get("/health", headers=first).headers


def test_a_signed_in_account_has_limits_of_its_own_by_kind(strict: NodeProcess) -> None:
    with Person.new().sign_in(strict.url) as client:
        assert [client.get("/api/sync/changes").status_code for _ in range(4)] == [200, 200, 200, 429]
        assert [client.get("/api/songs").status_code for _ in range(6)] == [200] * 5 + [429]
        assert client.options("/api/uploads").status_code == 204


def test_guessing_tokens_costs_what_any_request_costs(strict: NodeProcess) -> None:
    with strict.client() as client:
        headers = {"X-Forwarded-For": "203.0.113.9", "Authorization": "Bearer " + "a" * 43}
        answers = [client.get("/api/sync/changes", headers=headers).status_code for _ in range(13)]
    assert answers == [401] * 12 + [429]


def test_what_was_begun_and_left_goes_with_its_time_and_frees_its_space(
    postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    url = new_database(postgres)
    node = make_node(
        tmp_path, MYCELIX_DATABASE_URL=url, MYCELIX_CHAIN_ID="31337", MYCELIX_ROLE="api", MYCELIX_QUOTA_BYTES="1000"
    ).start()
    try:
        with Person.new().sign_in(node.url) as client:
            begun = client.post("/api/uploads", headers={**TUS, "Upload-Length": "900"})
            assert "Upload-Expires" in begun.headers
            place = begun.headers["Location"]
            chunk = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
            assert client.patch(place, content=bytes(400), headers=chunk).status_code == 204
            assert client.post("/api/uploads", headers={**TUS, "Upload-Length": "200"}).status_code == 413
            assert len(list((tmp_path / "data" / "uploads").glob("*.part"))) == 1
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("UPDATE uploads SET expires_at = now() - interval '1 second'")
            assert client.head(place, headers=TUS).status_code == 410
            assert client.patch(place, content=b"x", headers=chunk).status_code == 410
            asyncio.run(_expire(Config(tmp_path / "data", chain_id=31337), url))
            assert client.head(place, headers=TUS).status_code == 404
            assert list((tmp_path / "data" / "uploads").glob("*.part")) == []
            assert client.post("/api/uploads", headers={**TUS, "Upload-Length": "900"}).status_code == 201
    finally:
        assert node.stop() == 0


async def _expire(config: Config, url: str) -> None:
    context = Context(config, url)
    await context.open()
    try:
        await expire(context)
    finally:
        await context.close()


def test_an_upload_that_begins_with_its_bytes_needs_one_request(node: NodeProcess) -> None:
    from tests.fixtures.node import audio

    data = audio(0.3, 95)
    metadata = f"filename {base64.b64encode(b'a.flac').decode()}"
    headers = {
        **TUS,
        "Upload-Length": str(len(data)),
        "Upload-Metadata": metadata,
        "Content-Type": "application/offset+octet-stream",
    }
    with Person.new().sign_in(node.url) as client:
        made = client.post("/api/uploads", content=data, headers=headers)
        assert (made.status_code, made.headers["Upload-Offset"]) == (201, str(len(data)))
        assert made.headers["X-Content-Cid"].startswith("b")
        assert client.head(made.headers["Location"], headers=TUS).headers["Upload-Length"] == str(len(data))
