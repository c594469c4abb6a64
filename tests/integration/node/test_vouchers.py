"""Vouchers brought to a real node on a real chain: verified, held, charged once, and read by those they pay."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest

from mycelix_studio.chain import eip712
from mycelix_studio.chain.abi.ledger import Voucher
from mycelix_studio.chain.listener import Listener, signed_plays
from mycelix_studio.deploy.local import LocalChain
from mycelix_studio.domain.clock import now
from mycelix_studio.domain.money import Wei
from mycelix_studio.domain.vouchers import Item, Play, net_by_song
from mycelix_studio.node.embedded import EmbeddedPostgres
from tests.fixtures.contract_wallet import deploy_wallet
from tests.fixtures.market import PRICE, Market
from tests.fixtures.node import NodeProcess, Person, make_market_node
from tests.fixtures.vouchers import body_of

pytestmark = [pytest.mark.anvil, pytest.mark.postgres]
LATE = 4_000_000_000
SETTLER_KEY = "0x" + "d7" * 32
SESSION_KEY = "0x" + "c3" * 32


@pytest.fixture(scope="module")
def market(anvil: LocalChain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """Two songs and three listeners on a chain of its own; each test has a listener for itself."""
    with LocalChain.start() as own, own.rpc() as rpc:
        made = Market.open(rpc, tmp_path_factory.mktemp("market"))
        for number in (1, 2):
            made.register("0x" + f"{number:064x}")
        for person in made.listeners:
            person.deposit(10**18)
        yield made


@pytest.fixture(scope="module")
def settling(
    market: Market, postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NodeProcess]:
    """A node that follows the chain and settles at once."""
    tmp_path = tmp_path_factory.mktemp("settling")
    key = tmp_path / "settler.key"
    key.write_text(SETTLER_KEY)
    key.chmod(0o600)
    settler = Person.of(SETTLER_KEY)
    market.rpc.request("anvil_setBalance", settler.address, hex(10**20))
    node = make_market_node(
        tmp_path / "node", postgres, market, MYCELIX_SETTLER_KEY_FILE=str(key), MYCELIX_SETTLE_SECONDS="0.05"
    ).start()
    yield node
    assert node.stop() == 0, node.log.read_text()[-3000:]


def signed(
    market: Market, person: Listener, counts: list[int], nonce: int = 1, *, price: int = PRICE, **more: Any
) -> tuple[Voucher, list[Play]]:
    plays = [Play(song, n, Wei(n * price)) for song, n in zip(market.songs, counts, strict=False) if n]
    items = [Item(market.payee, sum(counts), Wei(sum(counts) * price))]
    voucher = person.sign_plays(items, plays, nonce=nonce, deadline=more.pop("deadline", LATE), **more)
    return voucher, plays


def until(what: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Return what something gives once it is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it never came")


def indexed(client: httpx.Client, market: Market) -> None:
    head = market.rpc.block_number()
    until(lambda: (client.get("/api/sync/changes").json().get("chain") or {}).get("indexed", -1) >= head)


def test_a_voucher_is_charged_once_and_marks_its_plays_paid(settling: NodeProcess, market: Market) -> None:
    listener = market.listeners[0]
    artist, fan, stranger = Person.of(market.artist_key), Person.of(listener._key), Person.new()
    with (
        artist.sign_in(settling.url) as owner,
        fan.sign_in(settling.url) as player,
        stranger.sign_in(settling.url) as other,
    ):
        indexed(owner, market)
        for song in market.songs:
            for _ in range(2):
                assert player.post(f"/api/songs/{song}/play", json={"duration": 61}).status_code == 200
        voucher, plays = signed(market, listener, [2, 1])
        answer = other.post("/api/vouchers", json=body_of(voucher, plays))
        assert answer.status_code == 201, answer.text
        assert answer.json()["state"] == "pending"
        again = other.post("/api/vouchers", json=body_of(voucher, plays))
        assert again.status_code == 200
        place = f"/api/vouchers/{listener.address}/1"
        assert answer.headers["Location"] == place
        done = until(lambda: (found := owner.get(place).json())["state"] == "settled" and found)
        assert done["plays"] == body_of(voucher, plays)["plays"]
        assert market.rpc.receipt(done["transactionHash"]) is not None
        assert player.get(place).json() == done
        assert other.get(place).status_code == 404
        assert owner.get(f"/api/vouchers/{listener.address}/2").status_code == 404
        clash, more = signed(market, listener, [1, 1])
        assert other.post("/api/vouchers", json=body_of(clash, more)).status_code == 409

        def paid_plays() -> list[dict[str, Any]]:
            records = owner.get("/api/sync/changes").json()["records"]
            plays = [record for record in records if record["kind"] == "play"]
            return records if sum(sum(page["paid"]) for page in plays) == 3 else []

        records = until(paid_plays)
        (page,) = (record for record in records if record["kind"] == "play")
        by_song = {page["songs"][song]: 0 for song in page["song"]}
        for song, is_paid in zip(page["song"], page["paid"], strict=True):
            by_song[page["songs"][song]] += is_paid
        assert by_song == {market.songs[0]: 2, market.songs[1]: 1}
        payments = [record for record in records if record["kind"] == "payment"]
        assert [(p["type"], p["count"], p["gross"], p["song_id"]) for p in payments] == [
            ("voucher", 3, str(3 * PRICE), None)
        ]
        # From the list and the account's fee anybody comes to what each song earned; together it is what the account got.
        (split,) = (record for record in records if record["kind"] == "split")
        lines = [(play.song_id, market.payee, play.amount) for play in plays]
        wanted = net_by_song(lines, {market.payee: split["fee_bps"]})
        assert sum(wanted.values()) == int(payments[0]["net"])
        told = [record for record in records if record["kind"] == "voucher_song"]
        assert {record["song_id"]: int(record["net"]) for record in told} == wanted
        assert {(r["song_id"], r["count"], int(r["gross"])) for r in told} == {
            (p.song_id, p.count, p.amount) for p in plays
        }
        assert {(r["payment"], r["block_time"], r["listener"]) for r in told} == {
            (payments[0]["key"], payments[0]["block_time"], payments[0]["listener"])
        }
        with psycopg.connect(settling.environment["MYCELIX_DATABASE_URL"], autocommit=True) as database:
            earned = "SELECT s.song_id, r.earnings FROM roll_song r JOIN songs s ON s.id = r.song"
            until(lambda: dict(database.execute(earned).fetchall()) == wanted)
        days = owner.get("/api/analytics/platform/days").json()
        assert (days["totals"]["earnings"], days["totals"]["volume"]) == (payments[0]["net"], payments[0]["gross"])
        assert (days["totals"]["payments"], days["totals"]["earning_artists"]) == (1, 1)
        (month,) = owner.get("/api/analytics/platform/months").json()["months"]
        assert month["earnings"] == month["earnings_pay_per_stream"] == payments[0]["net"]
        assert (month["month"], month["fees"]) == (days["last"][:7], payments[0]["fee"])
    assert market.ledger.purse(listener.address).read(market.rpc).balance == 10**18 - 3 * PRICE


def test_session_keys_sign_within_their_cap_and_purses_are_charged_in_order(
    settling: NodeProcess, market: Market
) -> None:
    listener = market.listeners[1]
    key = Person.of(SESSION_KEY)
    listener.set_session(key.address, LATE, 3 * PRICE)
    listener.request_withdraw(0)
    with Person.of(market.artist_key).sign_in(settling.url) as owner:
        indexed(owner, market)
        voucher, plays = signed(market, listener, [3], key=SESSION_KEY)
        assert owner.post("/api/vouchers", json=body_of(voucher, plays)).json()["signer"] == key.address
        over, more = signed(market, listener, [4], 2, key=SESSION_KEY)
        refused = owner.post("/api/vouchers", json=body_of(over, more))
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == "signature"
        # 0.97 FLOW are left in the purse: the first of these is charged, the second waits, the third is small enough.
        states = {}
        for nonce, count in ((10, 60), (11, 60), (12, 20)):
            big, heard = signed(market, listener, [count], nonce)
            assert owner.post("/api/vouchers", json=body_of(big, heard)).status_code == 201
        for nonce, state in ((10, "settled"), (12, "settled"), (11, "pending")):
            states[nonce] = until(
                lambda nonce=nonce, state=state: (
                    (found := owner.get(f"/api/vouchers/{listener.address}/{nonce}").json())["state"] == state and found
                )
            )
        assert states[11]["reason"] == "balance"
    assert market.ledger.purse(listener.address).read(market.rpc).balance == 10**18 - 83 * PRICE


def test_a_contract_wallet_signs_in_and_signs_plays(settling: NodeProcess, market: Market) -> None:
    payer, holder = market.listeners[2], Person.new()
    wallet = deploy_wallet(payer.sender, holder.address)
    payer.sender.transact(market.ledger.deposit(wallet, 10 * PRICE))
    here = settling.url.removeprefix("http://")
    with httpx.Client(base_url=settling.url) as client:

        def sign_in(signer: Person) -> httpx.Response:
            nonce = client.post("/api/auth/nonce", json={"address": wallet}).json()["nonce"]
            message = holder.message(here, nonce).replace(holder.address, wallet)
            return client.post("/api/auth/verify", json={"message": message, "signature": signer.sign(message)})

        assert sign_in(Person.new()).status_code == 401
        answer = sign_in(holder)
        assert answer.status_code == 200, answer.text
        assert answer.json()["address"] == wallet
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        indexed(client, market)
        plays = [Play(market.songs[0], 2, Wei(2 * PRICE))]
        domain = eip712.Domain.of(market.rpc, market.ledger)
        for key, status in ((Person.new().key, 422), (holder.key, 201)):
            voucher = signed_plays(
                domain,
                wallet,
                "0x" + bytes(key.key).hex(),
                [Item(market.payee, 2, Wei(2 * PRICE))],
                plays,
                nonce=1,
                deadline=LATE,
            )
            brought = client.post("/api/vouchers", json=body_of(voucher, plays))
            assert brought.status_code == status, brought.text
        assert brought.json()["signer"] == wallet
        until(lambda: client.get(f"/api/vouchers/{wallet}/1").json()["state"] == "settled")
    assert market.ledger.purse(wallet).read(market.rpc).balance == 8 * PRICE


def test_what_is_wrong_with_a_voucher_is_told_by_field(settling: NodeProcess, market: Market) -> None:
    listener, other = market.listeners[2], market.listeners[0]
    voucher, plays = signed(market, listener, [2, 1])
    good = body_of(voucher, plays)
    cheap = body_of(*signed(market, listener, [2, 1], price=PRICE - 1))
    late = body_of(*signed(market, listener, [2, 1], deadline=int(now().timestamp()) - 1))
    foreign = body_of(*signed(market, listener, [2, 1], key="0x" + "e5" * 32))
    unknown = replace(plays[0], song_id="0x" + "9" * 64)
    two = [*good["plays"], good["plays"][0]]
    cases = {
        "plays.0.amount": cheap,
        "deadline": late,
        "signature": foreign,
        "playsHash": {**good, "playsHash": "0x" + "1" * 64},
        "items": {**good, "items": [{"payee": market.payee, "count": 4, "amount": good["total"]}]},
        "total": {**good, "total": "1"},
        "plays.0.songId": body_of(voucher, [unknown, plays[1]]),
        "plays": {**good, "plays": two},
        "nonce": {**good, "nonce": -1},
        "listener": {**good, "listener": other.address.lower().replace("0x", "0X")},
        "items.0.amount": {**good, "items": [{"payee": market.payee, "count": 3, "amount": str(2**96)}]},
    }
    with Person.new().sign_in(settling.url) as client:
        indexed(client, market)
        for field, body in cases.items():
            answer = client.post("/api/vouchers", json=body)
            assert answer.status_code == 422, (field, answer.text)
            assert answer.json()["errors"][0]["field"] == field, answer.text
        moved = {**good, "listener": other.address}
        assert client.post("/api/vouchers", json=moved).json()["errors"][0]["field"] == "signature"
    with httpx.Client(base_url=settling.url) as anonymous:
        assert anonymous.post("/api/vouchers", json=good).status_code == 401
