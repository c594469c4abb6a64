"""The three audio stores keep the same promises: a folder, a real S3 server, and the wire format of Kubo's RPC."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from mycelix_studio.domain.cid import CidHasher
from mycelix_studio.node.config import Config
from mycelix_studio.node.embedded import EmbeddedPostgres
from mycelix_studio.node.stores import AudioStore, StoreAway, open_store
from mycelix_studio.node.stores.kubo import KuboStore
from tests.fixtures import kubo
from tests.fixtures.node import Person, audio, list_song, make_node
from tests.fixtures.postgres import new_database

T = TypeVar("T")
DATA = bytes(range(256)) * 9_000
"""Three leaves of 1 MiB, the last one short."""


@dataclass(frozen=True)
class Case:
    """How to reach a store."""

    config: Config
    environment: dict[str, str]


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a real S3 server with the bucket `audio`."""
    from moto.server import ThreadedMotoServer

    patch = pytest.MonkeyPatch()
    for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("DEFAULT_REGION", "us-east-1")):
        patch.setenv(f"AWS_{name}", value)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    import boto3

    boto3.client("s3", endpoint_url=f"http://{host}:{port}").create_bucket(Bucket="audio")
    yield f"http://{host}:{port}"
    server.stop()
    patch.undo()


@pytest.fixture(params=["folder", "s3", "kubo"])
def case(request: pytest.FixtureRequest, s3: str, tmp_path: Path) -> Iterator[Case]:
    match request.param:
        case "s3":
            names = {"MYCELIX_STORE": "s3", "MYCELIX_S3_BUCKET": "audio", "MYCELIX_S3_ENDPOINT": s3}
            yield Case(Config(tmp_path, store="s3", s3_bucket="audio", s3_endpoint=s3), names)
        case "kubo":
            with kubo.running() as node:
                names = {"MYCELIX_STORE": "kubo", "MYCELIX_KUBO_URL": node.url}
                yield Case(Config(tmp_path, store="kubo", kubo_url=node.url), names)
        case _:
            yield Case(Config(tmp_path), {})


def use(config: Config, work: Callable[[AudioStore], Awaitable[T]]) -> T:
    async def inside() -> T:
        store = open_store(config)
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(inside())


def named(data: bytes) -> str:
    hasher = CidHasher()
    hasher.update(data)
    return hasher.finish()


async def whole(store: AudioStore, cid: str, start: int, end: int) -> bytes:
    return b"".join([piece async for piece in store.read(cid, start, end)])


def test_what_is_put_is_read_whole_and_by_range_until_it_is_deleted(case: Case, tmp_path: Path) -> None:
    cid = named(DATA)

    async def work(store: AudioStore) -> None:
        await store.check()
        assert await store.size(cid) is None
        for _ in range(2):
            path = tmp_path / "part"
            path.write_bytes(DATA)
            await store.put(cid, path)
            assert not path.exists()
        assert await store.size(cid) == len(DATA)
        assert await whole(store, cid, 0, len(DATA)) == DATA
        for start, end in ((0, 1), (2**20 - 1, 2**20 + 1), (len(DATA) - 5, len(DATA)), (300_000, 1_900_000)):
            assert await whole(store, cid, start, end) == DATA[start:end]
        await store.delete(cid)
        await store.delete(cid)
        assert await store.size(cid) is None

    use(case.config, work)


def test_what_is_not_there_or_does_not_answer_is_said_in_words(case: Case, tmp_path: Path) -> None:
    async def missing(store: AudioStore) -> None:
        with pytest.raises(StoreAway):
            await whole(store, named(b"never put"), 0, 5)

    use(case.config, missing)
    if case.config.store == "folder":
        return
    away = Config(
        tmp_path,
        store=case.config.store,
        s3_bucket="audio",
        s3_endpoint="http://127.0.0.1:9",
        kubo_url="http://127.0.0.1:9",
    )

    async def refused(store: AudioStore) -> None:
        path = tmp_path / "kept"
        path.write_bytes(b"music")
        for attempt in (store.check(), store.size(named(b"x")), store.put(named(b"music"), path)):
            with pytest.raises(StoreAway):
                await attempt
        assert path.read_bytes() == b"music"

    use(away, refused)


@pytest.mark.parametrize("case", ["s3", "kubo"], indirect=True)
def test_a_node_keeps_and_plays_audio_on_each_store(case: Case, postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    node = make_node(
        tmp_path / "node", MYCELIX_DATABASE_URL=new_database(postgres), MYCELIX_CHAIN_ID="31337", **case.environment
    ).start()
    try:
        with Person.new().sign_in(node.url) as client:
            song = list_song(client, seed=51)
            data = audio(0.3, 51)
            assert song["ipfsHash"] == named(data)
            assert client.get(f"/api/songs/{song['songId']}/audio").content == data
            part = client.get(f"/api/songs/{song['songId']}/audio", headers={"Range": "bytes=7-99"})
            assert (part.status_code, part.content) == (206, data[7:100])
            assert client.get("/ready").json()["checks"]["store"]["ok"] is True
    finally:
        assert node.stop() == 0, node.log.read_text()[-2000:]


def test_kubo_is_told_the_profile_and_a_name_it_gives_otherwise_is_refused(tmp_path: Path) -> None:
    with kubo.running() as node:

        async def work() -> None:
            store = KuboStore(node.url)
            path = tmp_path / "song"
            path.write_bytes(DATA)
            node.lies = True
            with pytest.raises(StoreAway, match="named a file"):
                await store.put(named(DATA), path)
            assert path.exists()
            assert node.pins == set()
            node.lies = False
            await store.put(named(DATA), path)
            await store.close()

        asyncio.run(work())
        command, arguments = node.requests[-1]
    assert command == "add"
    assert kubo.PROFILE.items() <= arguments.items()
    assert arguments["pin"] == "true"
