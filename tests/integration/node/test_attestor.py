"""The node counts listens of gift songs: signed by its own key from the plays it recorded, taken by the contract as they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from mycelix_studio import settings
from mycelix_studio.api.errors import InTheWay
from mycelix_studio.api.platform import Api
from mycelix_studio.api.sign_in import Signer
from mycelix_studio.chain.abi.gift_economy_strategy import Gift
from mycelix_studio.chain.listener import Listener
from mycelix_studio.chain.refusals import ContractRefused
from mycelix_studio.deploy.local import LocalChain
from mycelix_studio.node.embedded import EmbeddedPostgres
from mycelix_studio.paths import Paths
from mycelix_studio.services.changes import Kind
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.strategies import Choice, KnownSong
from tests.fixtures.market import Market
from tests.fixtures.market_ways import Ways
from tests.fixtures.node import NodeProcess, Person, make_market_node
from tests.fixtures.pages import BLOCKS

pytestmark = [pytest.mark.anvil, pytest.mark.postgres]
KEY = "0x" + "a7" * 32
ATTESTOR = Person.of(KEY).address
CGC = 10**18


@pytest.fixture(scope="module")
def ways(anvil: LocalChain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    """Song 1 is a gift that the node counts from now on; song 0 is none."""
    with LocalChain.start() as own, own.rpc() as rpc:
        made = Ways(Market.open(rpc, tmp_path_factory.mktemp("market"), listeners=4)).open()
        terms = Gift(CGC, 0, 0, 1, 100 * CGC, ATTESTOR)
        made.market.artist.transact(made.gift.configure(made.market.songs[1], terms))
        yield made


@pytest.fixture(scope="module")
def node(ways: Ways, postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    """A node that follows the chain and has the attestor's key."""
    folder = tmp_path_factory.mktemp("attesting")
    (folder / "key").write_text(KEY)
    (folder / "key").chmod(0o600)
    made = make_market_node(
        folder / "node", postgres, ways.market, MYCELIX_ATTESTOR_KEY_FILE=str(folder / "key")
    ).start()
    with Person.of(ways.market.artist_key).sign_in(made.url) as client:
        until(lambda: _is_there(client, ways.market.rpc.block_number()), "the node has no attestor, or is behind")
    yield made
    assert made.stop() == 0, made.log.read_text()[-3000:]
    assert KEY[2:] not in made.log.read_text()


def until(what: Callable[[], bool], otherwise: str) -> None:
    """Wait for something the node does."""
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


def _is_there(client: httpx.Client, head: int) -> bool:
    gift = next(way for way in client.get("/api/strategies").json() if way["id"] == "gift-economy")
    chain = client.get("/api/sync/changes").json().get("chain") or {}
    return bool(gift["attestor"] == ATTESTOR and chain.get("indexed", -1) >= head)


def api_of(node: NodeProcess, person: Listener) -> Api:
    account = Person.of(person._key)
    api = Api(lambda: node.url, lambda: 31337)
    api.use(Signer(lambda: account.address, account.sign))
    return api


def report(node: NodeProcess, person: Listener, song: str, *plays: tuple[int, int]) -> None:
    """Report plays of (seconds after the next whole half minute, seconds heard); the node takes what is up to two minutes ahead."""
    now = datetime.now(UTC).replace(microsecond=0)
    begin = now + timedelta(seconds=30 - now.second % 30)
    with Person.of(person._key).sign_in(node.url) as client:
        body = [
            {
                "songId": song,
                "playId": str(uuid4()),
                "playedAt": (begin + timedelta(seconds=after)).isoformat().replace("+00:00", "Z"),
                "duration": heard,
            }
            for after, heard in plays
        ]
        assert client.post("/api/plays", json={"plays": body}).json()["accepted"] == len(plays)


def test_a_listener_collects_thanks_for_what_the_node_recorded(ways: Ways, node: NodeProcess) -> None:
    market, song, person = ways.market, ways.market.songs[1], ways.market.listeners[0]
    # Too short, twice within half a minute, and long before the song was a gift: none of them counts.
    report(node, person, song, (0, 181), (5, 181), (31, 30), (40, 29), (-3_600, 181))
    api = api_of(node, person)
    said = api.songs.attestation(song)
    assert (said.listens, said.listener, said.attestor, said.contract) == (
        2,
        person.address,
        ATTESTOR,
        ways.gift.address,
    )
    (page,) = (block for block in BLOCKS if block.page == "docs/integration.md" and block.language == "python")
    exec(page.text, {"api": api, "listener": person, "song_id": song})
    assert ways.gift.profile(song, person.address).read(market.rpc).listens == 2
    assert ways.gift.fund_of(song).read(market.rpc).budget == 10**22 - 2 * CGC

    again = api.songs.attestation(song)
    with pytest.raises(ContractRefused, match="2 are not more"):
        person.claim_rewards(song, again.listens, again.deadline, bytes.fromhex(again.signature[2:]))
    report(node, person, song, (62, 45))
    assert api.songs.attestation(song).listens == 3
    api.close()


def test_nobody_collects_for_others_or_more_than_was_signed(ways: Ways, node: NodeProcess) -> None:
    song, person, other = ways.market.songs[1], *ways.market.listeners[1:3]
    report(node, person, song, (0, 60))
    api = api_of(node, person)
    said = api.songs.attestation(song)
    proof = bytes.fromhex(said.signature[2:])
    for who, listens, deadline in (
        (other, 1, said.deadline),
        (person, 2, said.deadline),
        (person, 1, said.deadline + 1),
    ):
        with pytest.raises(ContractRefused, match="The signature is not one of"):
            who.claim_rewards(song, listens, deadline, proof)
    api.close()


def test_what_is_not_counted_is_said_and_not_signed(ways: Ways, node: NodeProcess) -> None:
    market, person = ways.market, ways.market.listeners[3]
    api = api_of(node, person)

    def refused(song: str) -> str:
        with pytest.raises(InTheWay) as why:
            api.songs.attestation(song)
        return why.value.kind

    assert refused(market.songs[1]) == "no-listens"
    assert refused(market.songs[0]) == "no-gift"
    with market.undone():
        market.artist.transact(ways.gift.configure(market.songs[1], Gift(CGC, 0, 0, 1, CGC, market.artist.address)))
        until(lambda: refused(market.songs[1]) == "counted-elsewhere", "the new terms are not heeded")
    api.close()
    with node.client() as client:
        assert client.get(f"/api/songs/{market.songs[1]}/attestation").status_code == 401


def test_studio_proposes_the_platforms_count_for_new_gifts(node: NodeProcess, ways: Ways, tmp_path: Path) -> None:
    studio = open_studio(Paths.under(tmp_path / "profile"))
    studio.settings.set(settings.CHAIN_ID, 31337)
    studio.wallet.import_key(ways.market.artist_key, "Main")
    studio.wallet.set_current(ways.market.artist.address)
    song = KnownSong("0x" + "5a" * 32, "Thaw")
    choice = Choice("song:thaw", "Thaw", (song,))
    before = studio.strategies.state(choice)
    assert (before.attestor, before.form.gift.attestor) == (None, ways.market.artist.address)
    studio.strategies.ask_platform()
    assert studio.strategies.state(choice).attestor == ""
    studio.settings.set(settings.API_URL, node.url)
    assert studio.strategies.ask_platform().touches(Kind.SONGS)
    after = studio.strategies.state(choice)
    assert (after.attestor, after.form.gift.attestor) == (ATTESTOR, ATTESTOR)
    assert after.names[ATTESTOR] == "the platform"
    assert not studio.strategies.ask_platform().kinds
    studio.close()
