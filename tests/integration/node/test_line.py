"""Upload, list, register, play, pay: the API's figures equal the chain's, to the wei, and plays know that they are paid."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from eth_account import Account

from mycelix_studio.chain.rpc import Rpc
from mycelix_studio.domain import wire
from mycelix_studio.domain.clock import from_unix, rfc3339
from mycelix_studio.node.embedded import EmbeddedPostgres
from tests.fixtures.market import Market
from tests.fixtures.node import Person, list_song, make_market_node, wait_for

pytestmark = pytest.mark.anvil


def wait(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def everything(client: httpx.Client) -> list[wire.Record]:
    """Return all records of the feed."""
    records: list[wire.Record] = []
    cursor = ""
    while True:
        page = wire.page_from_json(client.get("/api/sync/changes", params={"cursor": cursor, "limit": 50}).json())
        records += page.records
        cursor = page.next_cursor
        if not page.more:
            return records


def test_the_whole_line(chain: Rpc, postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    market = Market.open(chain, tmp_path)
    # Chain time runs ahead of the clock, as on a chain whose time was moved.
    ahead = 90 * 86_400
    chain.request("evm_increaseTime", ahead)
    node = make_market_node(tmp_path / "node", postgres, market).start()
    try:
        artist = Person(Account.from_key(market.artist_key))
        with artist.sign_in(node.url) as client:
            song = list_song(client, seed=41)
            assert market.register(song["contentHash"]) == song["songId"]
            listener = market.listeners[0]
            listener.pay_stream(song["songId"], 3)
            listener.tip(song["songId"], 7 * 10**17 + 1)
            market.listeners[1].pay_stream(song["songId"], 1)
            wait(lambda: len([r for r in everything(client) if isinstance(r, wire.PaymentRecord)]) == 3)
            person = Person(Account.from_key(listener._key))
            head = chain.head()
            assert head is not None
            with person.sign_in(node.url) as player:
                plays = [
                    {
                        "songId": song["songId"],
                        "playId": str(uuid.uuid4()),
                        "playedAt": rfc3339(from_unix(head.timestamp - 100 + at)),
                        "duration": 30,
                    }
                    for at in (50, 10, 30, 20, 40)
                ]
                assert player.post("/api/plays", json={"plays": plays}).json()["accepted"] == 5
            listener.pay_stream(song["songId"], 1)
            wait(lambda: sum(sum(r.paid) for r in everything(client) if isinstance(r, wire.PlayPage)) == 4)
            assert market.split is not None
            market.artist.transact(market.ledger.distribute(market.payee, market.split, True))
            wait(lambda: any(isinstance(r, wire.PayoutRecord) for r in everything(client)))
            records = everything(client)
            gross, fee, net = market.chain_figures()
            payments = {r.key: r for r in records if isinstance(r, wire.PaymentRecord)}
            assert sum(p.gross for p in payments.values()) == gross
            assert sum(p.fee for p in payments.values()) == fee
            assert sum(p.net for p in payments.values()) == net
            assert sum(r.amount for r in records if isinstance(r, wire.PayoutRecord)) == net
            page = next(r for r in records if isinstance(r, wire.PlayPage))
            # The four earliest are paid, in whatever order they were reported.
            assert [paid for _at, paid in sorted(zip(page.at, page.paid, strict=True))] == [1, 1, 1, 1, 0]
            split = next(r for r in records if isinstance(r, wire.SplitRecord))
            assert [share.bps for share in split.shares] == [9_000, 1_000]
            wait_for(
                lambda: client.get(f"/api/artists/{artist.address}/stats").json(),
                lambda stats: (stats["totalEarnings"], stats["totalPlays"]) == (str(net), 5),
            )
            listed = client.get(f"/api/songs/{song['songId']}").json()
            assert (listed["registered"], listed["payee"], len(listed["splits"])) == (True, market.payee, 2)
    finally:
        assert node.stop() == 0, node.log.read_text()[-3000:]
