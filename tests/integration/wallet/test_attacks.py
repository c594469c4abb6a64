"""What goes against an artist from outside: a clock that is wrong, a price that rises meanwhile, a token that calls itself ours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mycelix_studio.chain.abi import FlowToken
from mycelix_studio.domain import clock
from mycelix_studio.domain.account import Account
from mycelix_studio.domain.transaction import TxState
from mycelix_studio.services.wallet import StudioWallet
from mycelix_studio.services.wallet_errors import Refused
from mycelix_studio.settings import AUTO_LOCK_MINUTES
from tests.fixtures.ledger import FRIEND, LISTENER_KEY, PRICE, Stage

pytestmark = pytest.mark.anvil


@pytest.mark.parametrize("days", [-900, 900], ids=["behind", "ahead"])
def test_a_clock_that_is_years_off_changes_nothing_about_a_payment(
    wallet: StudioWallet, artist: Account, stage: Stage, days: int
) -> None:
    wallet.context.now = lambda: clock.now() + timedelta(days=days)
    wallet._accounts.used()
    (request,) = wallet.prepare([wallet.send_call(FRIEND, 5, symbol="ETH")])
    assert request.refused == ""
    before = stage.rpc.balance(FRIEND)
    assert wallet.sign_and_send(request).state is TxState.SENT
    wallet.follow()
    stage.rpc.request("anvil_mine", "0x4")
    wallet.context.now = clock.now
    wallet.follow()
    assert [row.state for row in wallet.activity()] == [TxState.FINAL]
    assert stage.rpc.balance(FRIEND) - before == 5


def test_a_clock_set_back_locks_instead_of_staying_open(wallet: StudioWallet, artist: Account) -> None:
    wallet.context.settings.set(AUTO_LOCK_MINUTES, 10)
    assert not wallet.lock_state().locked
    wallet.context.now = lambda: clock.now() + timedelta(minutes=11)
    assert wallet.lock_state().locked
    wallet.context.now = lambda: clock.now() - timedelta(seconds=2)  # what a time server corrects
    assert not wallet.lock_state().locked
    wallet.context.now = lambda: clock.now() - timedelta(hours=3)
    assert wallet.lock_state().locked


def test_a_price_that_rises_after_it_was_shown_is_not_paid(wallet: StudioWallet, stage: Stage) -> None:
    payer = wallet.import_key(LISTENER_KEY, "Payer")
    wallet.set_current(payer.address)
    (shown, late) = wallet.prepare([stage.ledger.pay_stream(stage.song_id, 1, PRICE) for _ in range(2)])
    assert shown.refused == late.refused == ""
    had = stage.token.balance_of(payer.address).read(stage.rpc)
    # Sent at the price shown; the rise is in the block before it.
    stage.rpc.request("evm_setAutomine", False)
    sent = wallet.sign_and_send(shown)
    stage.rpc.request("anvil_dropTransaction", sent.tx_hash)
    stage.rpc.request("evm_setAutomine", True)
    stage.artist.transact(stage.ledger.set_price(stage.song_id, PRICE + 1))
    wallet.follow()
    wallet.follow()
    (row,) = wallet.activity()
    assert row.state is TxState.REVERTED
    assert "Only the network fee was paid." in row.why
    assert stage.token.balance_of(payer.address).read(stage.rpc) == had
    # Shown anew it says why, and nothing is signed.
    (again,) = wallet.prepare([stage.ledger.pay_stream(stage.song_id, 1, PRICE)])
    assert "costs" in again.refused
    with pytest.raises(Refused):
        wallet.sign_and_send(again)


def test_a_token_that_calls_itself_flow_is_a_stranger(wallet: StudioWallet, artist: Account, stage: Stage) -> None:
    other = FlowToken(FRIEND[:-2] + "00")
    stage.rpc.request("anvil_setCode", other.address, "0x" + stage.rpc.code(stage.token.address).hex())
    for place in (3, 4):  # name and symbol, as short texts lie in storage
        word = b"FLOW".ljust(31, b"\0") + bytes([2 * len(b"FLOW")])
        stage.rpc.request("anvil_setStorageAt", other.address, hex(place), "0x" + word.hex())
    assert other.symbol().read(stage.rpc) == stage.token.symbol().read(stage.rpc)
    for call in (other.transfer(FRIEND, 10**18), other.approve(FRIEND, 2**256 - 1)):
        (request,) = wallet.prepare([call])
        assert not request.recognised
        assert "FLOW" not in request.title
        with pytest.raises(Refused):
            wallet.sign_and_send(request)
