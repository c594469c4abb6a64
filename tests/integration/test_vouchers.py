"""A listener signs its plays once, and anybody settles them; the chain charges what was signed and nothing else."""

from __future__ import annotations

import pytest

from mycelix_studio.chain import eip712
from mycelix_studio.chain.abi import CreditToken, GiftEconomyStrategy
from mycelix_studio.chain.abi.events import ListensRewarded, VoucherSettled, VoucherSkipped
from mycelix_studio.chain.abi.gift_economy_strategy import Gift
from mycelix_studio.chain.events import decode_all
from mycelix_studio.chain.listener import Listener
from mycelix_studio.domain.money import Wei
from mycelix_studio.domain.vouchers import Item, Play, unpack_items
from tests.fixtures.ledger import ARTIST_KEY, LISTENER_KEY, PRICE, Stage

pytestmark = pytest.mark.anvil
LATE = 4_000_000_000
SESSION_KEY = "0x" + "c3" * 32


def test_signed_plays_are_charged_once_and_by_the_session_key_within_its_cap(stage: Stage) -> None:
    listener = stage.listener
    listener.deposit(10**18)
    items = [Item(stage.payee, 3, Wei(3 * PRICE))]
    plays = [Play(stage.song_id, 3, Wei(3 * PRICE))]
    own = listener.sign_plays(items, plays, nonce=1, deadline=LATE)
    session = Listener(stage.rpc, SESSION_KEY, stage.deployment).address
    listener.set_session(session, LATE, 3 * PRICE)
    by_key = listener.sign_plays(items, plays, nonce=2, deadline=LATE, key=SESSION_KEY)
    over = listener.sign_plays(items, plays, nonce=3, deadline=LATE, key=SESSION_KEY)
    receipt = stage.owner.transact(stage.ledger.settle([own, own, by_key, over]))
    events = list(decode_all(receipt.logs))
    settled = [event for event in events if isinstance(event, VoucherSettled)]
    skipped = [event for event in events if isinstance(event, VoucherSkipped)]
    assert [event.nonce for event in settled] == [1, 2]
    assert [(event.nonce, event.reason) for event in skipped] == [(1, 2), (3, 6)]
    assert list(unpack_items(settled[0].items)) == items
    assert settled[0].plays_hash == own.plays_hash
    assert stage.ledger.purse(listener.address).read(stage.rpc).balance == 10**18 - 6 * PRICE
    assert stage.ledger.account(stage.payee).read(stage.rpc).streams == 6


def test_an_attestation_signed_here_is_rewarded_there(stage: Stage) -> None:
    gift = GiftEconomyStrategy(stage.deployment.address("GiftEconomyStrategy"))
    credits = CreditToken(stage.deployment.address("CreditToken"))
    stage.artist.transact(stage.ledger.set_strategies(stage.song_id, 3))
    terms = Gift(10**18, 0, 0, 1, 10**20, stage.artist.address)
    stage.artist.transact(gift.configure(stage.song_id, terms))
    stage.owner.transact(credits.mint(stage.artist.address, 10**19))
    stage.artist.transact(credits.approve(gift.address, 10**19))
    stage.artist.transact(gift.fund(stage.song_id, 10**19))
    typed = eip712.listens(
        eip712.Domain.of(stage.rpc, gift), stage.song_id, stage.listener.address, cumulative=4, deadline=LATE
    )
    proof = eip712.sign(typed, ARTIST_KEY)
    receipt = stage.owner.transact(gift.claim_listens(stage.song_id, stage.listener.address, 4, LATE, proof))
    (reward,) = [event for event in decode_all(receipt.logs) if isinstance(event, ListensRewarded)]
    assert reward.amount == 4 * 10**18
    assert LISTENER_KEY not in repr(stage.listener)
