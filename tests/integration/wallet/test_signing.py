"""From words to final: what the wallet shows, signs, sends and follows on a real chain."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from mycelix_studio.chain.abi.events import PayeeCreated
from mycelix_studio.chain.abi.ledger import Split
from mycelix_studio.chain.events import decode_all
from mycelix_studio.domain.account import Account
from mycelix_studio.domain.transaction import Call, FeeLevel, FindingKind, TxState
from mycelix_studio.services.studio import Studio
from mycelix_studio.services.wallet import StudioWallet
from mycelix_studio.services.wallet_errors import CannotSign, Refused, WalletLocked
from mycelix_studio.settings import CONFIRMATIONS
from mycelix_studio.vault.errors import WordsWrong, WrongPassphrase
from tests.fixtures.ledger import FRIEND, PRICE, Stage

pytestmark = pytest.mark.anvil
CONTENT = "0x" + hashlib.sha256(b"Night Ferry").hexdigest()


def mine(stage: Stage, blocks: int = 1) -> None:
    stage.rpc.request("anvil_mine", hex(blocks))


def until_final(wallet: StudioWallet, stage: Stage) -> None:
    wallet.follow()
    mine(stage, 3)
    wallet.follow()


def test_a_new_account_proves_its_words_registers_a_song_pays_and_reaches_final(
    wallet: StudioWallet, stage: Stage
) -> None:
    words = wallet.new_words()
    account = wallet.create(words.words, "Main", "my own words")
    tip = stage.ledger.tip(stage.song_id, 5)
    assert "proved" in wallet.prepare([tip])[0].refused
    with pytest.raises(CannotSign):
        wallet.unlock("my own words")
    with pytest.raises(WordsWrong):
        wallet.drill(account.address, wallet.new_words().words)
    wallet.drill(account.address, words.words)
    stage.rpc.request("anvil_setBalance", account.address, hex(10**18))
    stage.owner.transact(stage.token.mint(account.address, 100 * 10**18))
    wallet.lock()
    with pytest.raises(WrongPassphrase):
        wallet.unlock("my own word")
    assert wallet.lock_state().locked
    wallet.unlock("my own words")

    split = Split((account.address, FRIEND), (8_000, 2_000))
    wallet.save_contact(FRIEND, "Ilse Brandt")
    (saves,) = wallet.prepare([stage.ledger.create_payee(split, ["artist", "cello"])])
    assert not saves.refused
    assert saves.recognised
    assert saves.needs_passphrase
    assert [(row.label, row.after) for row in saves.changes] == [
        ("Main, artist", "80 %"),
        ("Ilse Brandt, cello", "20 %"),
    ]
    assert "That the address belongs to Ilse Brandt." in [f.title for f in saves.of_kind(FindingKind.NOT_CHECKED)]
    assert "Tried out, it succeeds." in [f.title for f in saves.of_kind(FindingKind.CHECKED)]
    assert next(row.change for row in saves.balances) == 0
    signed = wallet.sign_and_send(saves, "my own words")
    assert signed.state is TxState.SENT
    receipt = stage.rpc.receipt(signed.tx_hash)
    assert receipt is not None
    (created,) = decode_all(receipt.logs)
    assert isinstance(created, PayeeCreated)

    from mycelix_studio.services.strategies_chain import song_id_of

    titles = {song_id_of(account.address, CONTENT): "Night Ferry", stage.song_id: "Low Lamp"}
    calls = [
        stage.ledger.register(CONTENT, created.payee, PRICE, 1),
        stage.token.approve(stage.ledger.address, 10**18),
        stage.ledger.pay_stream(stage.song_id, 3, 3 * PRICE),
        stage.ledger.tip(stage.song_id, 10**18 // 2),
    ]
    four = wallet.prepare(calls, song_titles=titles)
    assert [p.refused for p in four] == ["", "", "", ""], "each is tried out after the ones before it"
    assert [p.title for p in four] == [
        "Register “Night Ferry”",
        "Let Mycelix Ledger take 1.00 FLOW",
        "Pay for 3 streams of “Low Lamp”",
        "Tip 0.50 FLOW for “Low Lamp”",
    ]
    assert "0.01 FLOW a stream" in four[0].sentence
    assert "you 80 % and Ilse Brandt 20 %" in four[0].sentence
    assert [p.amount for p in four] == [0, 0, -3 * PRICE, -(10**18) // 2]
    results = wallet.sign_and_send_all(four, "my own words")
    assert [r.state for r in results] == [TxState.SENT] * 4
    until_final(wallet, stage)
    rows = wallet.activity()
    assert [row.state for row in rows] == [TxState.FINAL] * 5
    assert [row.nonce for row in rows] == [4, 3, 2, 1, 0]
    assert rows[0].title == "Tip for Low Lamp"
    assert all(row.fee and row.confirmations == 3 == row.needed for row in rows)
    assert stage.ledger.song(song_id_of(account.address, CONTENT)).read(stage.rpc).price == PRICE
    (balances,) = wallet.refresh_balances()
    assert balances.flow == 100 * 10**18 - 3 * PRICE - 10**18 // 2
    assert balances.as_of is not None
    assert balances.signatures_left is not None and balances.signatures_left > 10
    assert wallet.pending() == 0


def test_old_values_come_from_the_chain_or_from_the_caller(wallet: StudioWallet, artist: Account, stage: Stage) -> None:
    titles = {stage.song_id: "Low Lamp"}
    (price,) = wallet.prepare([stage.ledger.set_price(stage.song_id, 2 * PRICE)], song_titles=titles)
    assert [(row.before, row.after) for row in price.changes] == [("0.01 FLOW", "0.02 FLOW")]
    assert price.good_news == "Streams already paid are not touched."
    rows = price.changes[:1] * 2
    (given,) = wallet.prepare([stage.ledger.set_price(stage.song_id, 2 * PRICE)], before=[rows], song_titles=titles)
    assert given.changes == rows
    wallet.save_contact(FRIEND, "Ilse Brandt", confirmed=True)
    alone = stage.artist.transact(stage.ledger.create_payee(Split((artist.address,), (10_000,)), ["artist"]))
    (created,) = decode_all(alone.logs)
    assert isinstance(created, PayeeCreated)
    stage.listener.tip(stage.song_id, 10**18)
    (who,) = wallet.prepare([stage.ledger.set_payee(stage.song_id, created.payee)], song_titles=titles)
    assert {(row.label, row.before, row.after) for row in who.changes} == {
        ("Main’s share", "85 %", "100 %"),
        ("Ilse Brandt’s share", "15 %", "not paid"),
    }
    assert who.good_news == "0.99 FLOW earned so far stays with the old shares."


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda call: replace(call, data=call.data + b"\0" * 32), "cannot read"),
        (lambda call: replace(call, data=b"\xde\xad\xbe\xef"), "cannot read"),
        (lambda call: replace(call, to="0x" + "11" * 20), "cannot read"),
        (lambda call: replace(call, value=1), "takes none"),
        (lambda call: replace(call, to="nonsense"), "no valid address"),
    ],
)
def test_what_cannot_be_decoded_is_refused_and_never_signed(
    wallet: StudioWallet, artist: Account, stage: Stage, spoil: object, says: str
) -> None:
    assert callable(spoil)
    (request,) = wallet.prepare([spoil(stage.ledger.set_price(stage.song_id, 7))], account=artist.address)
    assert says in request.refused
    with pytest.raises(Refused):
        wallet.sign_and_send(request)
    with pytest.raises(Refused):
        wallet.sign_and_send(replace(request, refused=""))
    assert wallet.activity() == ()


def test_a_contract_with_other_code_at_our_address_is_refused(
    wallet: StudioWallet, artist: Account, stage: Stage
) -> None:
    stage.rpc.request("anvil_setCode", stage.ledger.address, "0x60006000f3")
    (request,) = wallet.prepare([stage.ledger.claim(artist.address)])
    assert not request.recognised
    assert "not the published contract" in request.refused


def test_what_fails_when_tried_out_says_why_in_words(wallet: StudioWallet, artist: Account, stage: Stage) -> None:
    first, second = wallet.prepare(
        [stage.ledger.set_price(stage.song_id, 0), stage.ledger.claim(artist.address)],
    )
    assert "Pay per stream needs a price above 0." in first.refused
    assert "Nothing waits for" in second.refused


def test_someone_elses_song_cannot_be_changed(wallet: StudioWallet, stage: Stage) -> None:
    wallet.import_key("0x" + "c3" * 32, "Stranger")
    (request,) = wallet.prepare([stage.ledger.set_price(stage.song_id, 7)])
    assert "Only the artist may change" in request.refused


def test_sending_warns_of_strangers_and_of_look_alikes(wallet: StudioWallet, artist: Account, stage: Stage) -> None:
    stage.owner.transact(stage.token.mint(artist.address, 10 * 10**18))
    wallet.save_contact(FRIEND, "Ilse Brandt")
    alike = FRIEND[:6].lower() + "0" * 32 + FRIEND[-4:].lower()
    (friend, stranger) = wallet.prepare([wallet.send_call(FRIEND, 10**18), wallet.send_call(alike, 10**18)])
    assert friend.title == "Send 1.00 FLOW to Ilse Brandt"
    assert "Ilse Brandt has never been paid by you." in [f.title for f in friend.findings]
    assert "This is not Ilse Brandt." in [f.title for f in stranger.findings]
    assert next(row.change for row in friend.balances) == -(10**18)
    wallet.sign_and_send(friend)
    until_final(wallet, stage)
    (again,) = wallet.prepare([wallet.send_call(FRIEND, 10**18)])
    assert "Ilse Brandt has never been paid by you." not in [f.title for f in again.findings]
    (coin,) = wallet.prepare([wallet.send_call(FRIEND, 10**15, symbol="ETH")])
    assert coin.balances[-1].change is not None and coin.balances[-1].change < -(10**15)
    assert not coin.refused


def test_too_little_for_the_fee_is_said_before_and_at_signing(
    wallet: StudioWallet, artist: Account, stage: Stage
) -> None:
    from mycelix_studio.chain.transactions import NotEnough

    (request,) = wallet.prepare([stage.ledger.set_price(stage.song_id, 7)])
    stage.rpc.request("anvil_setBalance", artist.address, hex(1000))
    with pytest.raises(NotEnough):
        wallet.sign_and_send(request)
    (poor,) = wallet.prepare([stage.ledger.set_price(stage.song_id, 7)])
    assert "Not enough ETH" in poor.refused
    assert wallet.activity() == ()


def test_a_locked_wallet_signs_nothing(wallet: StudioWallet, artist: Account, stage: Stage) -> None:
    (request,) = wallet.prepare([stage.ledger.set_price(stage.song_id, 7)])
    wallet.lock()
    with pytest.raises(WalletLocked):
        wallet.sign_and_send(request)
    wallet.unlock()
    assert wallet.sign_and_send(request).state is TxState.SENT


def test_a_refusal_in_the_block_is_told_with_the_contracts_reason(
    wallet: StudioWallet, artist: Account, stage: Stage
) -> None:
    (request,) = wallet.prepare([stage.ledger.lock_split(stage.song_id)])
    stage.artist.transact(stage.ledger.lock_split(stage.song_id))  # the same account, from another program
    wallet.sign_and_send(request)
    wallet.follow()
    (row,) = wallet.activity()
    assert row.state is TxState.REVERTED
    assert "locked" in row.why
    assert "Only the network fee was paid." in row.why
    assert row.amount == 0
    assert row.fee


def test_speeding_up_and_cancelling_take_the_same_number(
    wallet: StudioWallet, studio: Studio, artist: Account, stage: Stage
) -> None:
    stage.rpc.request("evm_setAutomine", False)
    try:
        (slow,) = wallet.prepare([stage.ledger.set_price(stage.song_id, 7)])
        first = wallet.sign_and_send(slow, level=FeeLevel.SLOW)
        (other,) = wallet.prepare([stage.ledger.set_price(stage.song_id, 9)])
        second = wallet.sign_and_send(other, level=FeeLevel.SLOW)
        assert wallet.pending() == 2
        faster = wallet.prepare_speed_up(first.id)
        assert faster.title.startswith("Speed up")
        quick = wallet.sign_and_send(faster)
        empty = wallet.prepare_cancel(second.id)
        assert not empty.refused
        cancelled = wallet.sign_and_send(empty)
        assert {quick.state, cancelled.state} == {TxState.SENT}
        wallet.follow()
    finally:
        stage.rpc.request("evm_setAutomine", True)
    mine(stage)
    until_final(wallet, stage)
    rows = {row.id: row for row in wallet.activity()}
    assert rows[first.id].state is TxState.REPLACED
    assert rows[first.id].replaced_by == quick.id
    assert rows[second.id].state is TxState.REPLACED
    assert rows[quick.id].state is rows[cancelled.id].state is TxState.FINAL
    assert rows[quick.id].nonce == rows[first.id].nonce
    assert stage.ledger.song(stage.song_id).read(stage.rpc).price == 7
    assert studio.settings.get(CONFIRMATIONS) == 3


def test_drafts_cost_nothing_and_end_when_signed(wallet: StudioWallet, artist: Account, stage: Stage) -> None:
    (request,) = wallet.prepare([stage.ledger.set_price(stage.song_id, 7)])
    kept, gone = wallet.keep_draft(request), wallet.keep_draft(request)
    wallet.discard_draft(gone)
    (row,) = wallet.activity()
    assert (row.id, row.state, row.tx_hash) == (kept, TxState.DRAFT, "")
    wallet.sign_and_send(wallet.prepare_draft(kept))
    until_final(wallet, stage)
    (row,) = wallet.activity()
    assert row.state is TxState.FINAL


def test_a_watched_account_shows_and_does_not_sign(wallet: StudioWallet, stage: Stage) -> None:
    account = wallet.watch(stage.artist.address, "Kaliko Tapes")
    (request,) = wallet.prepare([Call(FRIEND, b"", 5)])
    assert request.account == account.address
    assert "only watched" in request.refused
    wallet.refresh_balances()
    assert wallet.balances()[0].native
