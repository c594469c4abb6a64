"""Listeners pay for streams and tip with real signed transactions; refusals are sentences."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from mycelix_studio.chain import eip712
from mycelix_studio.chain.abi import CreditToken
from mycelix_studio.chain.abi.events import Distributed, StreamPaid, Tipped
from mycelix_studio.chain.abi.gift_economy_strategy import Gift
from mycelix_studio.chain.events import decode_all
from mycelix_studio.chain.refusals import ContractRefused
from mycelix_studio.chain.transactions import Sender
from tests.fixtures.ledger import ARTIST_KEY, FRIEND, LISTENER_KEY, PRICE, Stage

pytestmark = pytest.mark.anvil


def test_streams_and_tips_reach_the_payee_less_the_fee(stage: Stage) -> None:
    paid = stage.listener.pay_stream(stage.song_id, 3)
    tipped = stage.listener.tip(stage.song_id, 5 * 10**18)
    stream = next(event for event in decode_all(paid.logs) if isinstance(event, StreamPaid))
    tip = next(event for event in decode_all(tipped.logs) if isinstance(event, Tipped))
    assert (stream.song_id, stream.listener, stream.count, stream.amount) == (
        stage.song_id, stage.listener.address, 3, 3 * PRICE,
    )  # fmt: skip
    assert tip.amount == 5 * 10**18
    gross = 3 * PRICE + 5 * 10**18
    account = stage.ledger.account(stage.payee).read(stage.rpc)
    assert account.balance + account.fee == gross
    assert account.fee == gross * account.fee_bps // 10_000
    assert stage.listener.balance() == 1_000 * 10**18 - gross


def test_distributing_divides_to_the_wei(stage: Stage) -> None:
    stage.listener.tip(stage.song_id, 10**18 + 7)
    net = stage.ledger.account(stage.payee).read(stage.rpc).balance
    receipt = stage.artist.transact(stage.ledger.distribute(stage.payee, stage.split, True))
    event = next(event for event in decode_all(receipt.logs) if isinstance(event, Distributed))
    assert event.net == net
    artist = stage.token.balance_of(stage.artist.address).read(stage.rpc)
    friend = stage.token.balance_of(FRIEND).read(stage.rpc)
    assert artist + friend == net
    assert artist == net * 8_500 // 10_000


def test_a_price_rise_between_looking_and_paying_is_refused_not_paid(stage: Stage) -> None:
    stage.artist.transact(stage.ledger.set_price(stage.song_id, 2 * PRICE))
    before = stage.listener.balance()
    with pytest.raises(ContractRefused) as caught:
        stage.listener.pay_stream(stage.song_id, 1, PRICE)
    assert caught.value.name == "CostsMore"
    assert "0.02 FLOW now, more than the 0.01 FLOW" in caught.value.message
    assert stage.listener.balance() == before


def test_an_unknown_song_and_too_little_money_are_said(stage: Stage) -> None:
    with pytest.raises(ContractRefused, match="not registered"):
        stage.listener.pay_stream("0x" + "ee" * 32, 1, PRICE)
    with pytest.raises(ContractRefused, match=r"1000\.00 FLOW"):
        stage.listener.tip(stage.song_id, 2_000 * 10**18)


def test_a_permit_is_the_approval_without_a_transaction(stage: Stage) -> None:
    poor = stage.listener
    poor.approve(0)
    head = stage.rpc.head()
    assert head is not None
    typed, signature = poor.sign_permit(7 * 10**18, head.timestamp + 600)
    assert eip712.signer_of(typed, signature) == poor.address
    helper = Sender(stage.rpc, LISTENER_KEY)
    v, r, s = eip712.split_signature(signature)
    helper.transact(stage.token.permit(poor.address, stage.ledger.address, 7 * 10**18, head.timestamp + 600, v, r, s))
    assert stage.token.allowance(poor.address, stage.ledger.address).read(stage.rpc) == 7 * 10**18


def test_an_artist_signs_so_that_another_registers_the_song(stage: Stage) -> None:
    head = stage.rpc.head()
    assert head is not None
    content, deadline = "0x" + "cd" * 32, head.timestamp + 600
    typed = eip712.register(
        eip712.Domain.of(stage.rpc, stage.ledger), stage.artist.address, content,
        payee=stage.payee, price=PRICE, strategies=1, deadline=deadline,
    )  # fmt: skip
    signature = eip712.sign(typed, ARTIST_KEY)
    register = stage.ledger.register_for(stage.artist.address, content, stage.payee, PRICE, 1, deadline, signature)
    stage.owner.transact(register)
    song_id = stage.ledger.song_id_of(stage.artist.address, content).read(stage.rpc)
    assert stage.ledger.song(song_id).read(stage.rpc).artist == stage.artist.address
    other = stage.ledger.register_for(
        stage.artist.address, "0x" + "ce" * 32, stage.payee, PRICE, 1, deadline, signature
    )
    with pytest.raises(ContractRefused, match="not one of"):
        stage.owner.transact(other)


def test_many_pay_in_a_row_without_waiting_for_each(stage: Stage) -> None:
    calls = [stage.ledger.pay_stream(stage.song_id, 1, PRICE) for _ in range(20)]
    receipts = stage.listener.sender.transact_all(calls, gas=200_000)
    assert len({receipt.tx_hash for receipt in receipts}) == 20
    assert stage.ledger.account(stage.payee).read(stage.rpc).streams == 20


def _example() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "docs" / "examples" / "listener.py"
    spec = importlib.util.spec_from_file_location("example_listener", path)
    assert spec is not None and spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    return example


def test_the_documented_example_runs(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    spent = _example().main(stage.rpc.urls[0], stage.deployment_file, LISTENER_KEY, stage.song_id)
    assert spent == 10 * PRICE + 10**18 + 10**18
    said = capsys.readouterr().out
    assert "tipped 1.000000 FLOW" in said
    assert "charged 0.050000 FLOW of signed plays" in said
    assert stage.ledger.purse(stage.listener.address).read(stage.rpc).balance == 10**18 - 5 * PRICE


def test_a_listener_becomes_a_patron_renews_stops_buys_a_pass_and_is_thanked(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    listener, artist, song = stage.listener, stage.artist, stage.song_id
    artist.transact(stage.ledger.set_strategies(song, 15))
    artist.transact(listener.patronage.create_plan(song, 5 * 10**18, 1, (0, 500, 1_000, 2_000), True))
    artist.transact(listener.auctions.create(song, 20 * 10**18, 2 * 10**18, 0, 86_400, 5, 1, 0))
    assert not listener.has_access(song)
    _example().main(stage.rpc.urls[0], stage.deployment_file, LISTENER_KEY, song)
    said = capsys.readouterr().out
    assert "patron for 1 period at 5.000000 FLOW" in said
    assert "pass 1 for " in said
    listener.sender._nonce = None
    assert listener.has_access(song)
    listener.renew(song)
    listener.cancel(song)
    plan = listener.patronage.plan_of(song).read(stage.rpc)
    subscription = listener.patronage.subscription(plan, listener.address).read(stage.rpc)
    assert (subscription.periods, subscription.auto_renew, subscription.from_purse) == (2, False, True)
    assert listener.ledger.session(listener.address, listener.patronage.address).read(stage.rpc).spent == 10**19
    with pytest.raises(ContractRefused, match=r"may not take .* out of the purse"):
        artist.transact(listener.ledger.charge_purse(song, listener.address, 1, 8))
    with pytest.raises(ContractRefused, match="passes one person may get"):
        listener.buy_pass(song)

    credit = CreditToken(stage.deployment.address("CreditToken"))
    stage.owner.transact(credit.mint(artist.address, 10**20))
    artist.transact(listener.gifts.configure(song, Gift(10**18, 0, 0, 2, 10**20, artist.address)))
    artist.transact(credit.approve(listener.gifts.address, 10**20))
    artist.transact(listener.gifts.fund(song, 10**20))
    domain = eip712.Domain.of(stage.rpc, listener.gifts)
    typed = eip712.listens(domain, song, listener.address, cumulative=7, deadline=2_000_000_000)
    listener.claim_rewards(song, 7, 2_000_000_000, eip712.sign(typed, ARTIST_KEY))
    assert credit.balance_of(listener.address).read(stage.rpc) == (5 + 2 * 2) * 10**18
