"""Playback on a chain: a paid stream, a purse that covers what is owed, a patron; and a chain that does not answer."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from eth_account import Account

from mycelix_studio.chain.abi import FlowToken, PatronageStrategy
from mycelix_studio.chain.rpc import Rpc
from mycelix_studio.node.embedded import EmbeddedPostgres
from tests.fixtures.market import PRICE, Market
from tests.fixtures.node import NodeProcess, Person, list_song, make_market_node, wait_for

pytestmark = pytest.mark.anvil


def test_who_paid_hears_and_who_did_not_is_asked_to(chain: Rpc, postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    market = Market.open(chain, tmp_path)
    node = make_market_node(tmp_path / "node", postgres, market).start()
    try:
        artist = Person(Account.from_key(market.artist_key))
        with artist.sign_in(node.url) as owner:
            song = list_song(owner, seed=44)
            path = f"/api/songs/{song['songId']}"
            # Streams and patronage.
            market.register(song["contentHash"], strategies=5)
            patronage = PatronageStrategy(market.deployment.address("PatronageStrategy"))
            market.artist.transact(patronage.create_plan(song["songId"], 10**18, 1, (0, 0, 0, 0), True))
            wait_for(lambda: owner.get(path).json()["registered"], lambda registered: registered)
            assert owner.get(f"{path}/audio").status_code == 200
        clients = [Person(Account.from_key(listener._key)).sign_in(node.url) for listener in market.listeners]
        streamer, saver, patron = clients
        assert [client.get(f"{path}/audio").status_code for client in clients] == [402, 402, 402]

        market.listeners[0].pay_stream(song["songId"], 1)
        wait_for(lambda: streamer.get(f"{path}/audio").status_code, lambda status: status == 200)
        assert streamer.post(f"{path}/play", json={"duration": 9}).status_code == 200
        _forgotten(node, streamer, path)

        ledger, purse = market.ledger, market.listeners[1]
        purse.sender.transact(ledger.deposit(purse.address, PRICE - 1))
        assert saver.get(f"{path}/audio").status_code == 402
        purse.sender.transact(ledger.deposit(purse.address, 1))
        assert saver.get(f"{path}/audio").status_code == 200

        fan = market.listeners[2]
        fan.sender.transact(market_token(market).approve(market.deployment.address("PatronageStrategy"), 10**24))
        fan.sender.transact(patronage.subscribe(song["songId"], fan.address, 1, 10**20))
        assert patron.get(f"{path}/audio").status_code == 200
        for client in clients:
            client.close()
    finally:
        assert node.stop() == 0, node.log.read_text()[-3000:]


def market_token(market: Market) -> FlowToken:
    return FlowToken(market.deployment.address("FlowToken"))


def _forgotten(node: NodeProcess, client: httpx.Client, path: str) -> None:
    """The stream is used up by a play; the yes is forgotten with the next start at the latest."""
    environment_port = node.url.rsplit(":", 1)[1]
    node.stop()
    node.environment["MYCELIX_PORT"] = environment_port
    node.start()
    assert client.get(f"{path}/audio").status_code == 402
