"""What is signed without being sent: permits, registrations by others, sign-ins; and files for a computer without network."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from pathlib import Path

import pytest

from mycelix_studio.chain import eip712
from mycelix_studio.chain.abi import CreditToken, FlowToken, GiftEconomyStrategy, Ledger
from mycelix_studio.chain.abi.gift_economy_strategy import Gift
from mycelix_studio.deploy.local import LocalChain
from mycelix_studio.domain.account import Account
from mycelix_studio.domain.clock import now, rfc3339
from mycelix_studio.domain.money import Wei
from mycelix_studio.domain.transaction import FeeLevel, FindingKind, TxState
from mycelix_studio.domain.vouchers import Item, pack_items
from mycelix_studio.services.studio import Studio
from mycelix_studio.services.wallet import StudioWallet
from mycelix_studio.services.wallet_errors import BadFile, Refused
from mycelix_studio.services.wallet_offline import join_qr
from mycelix_studio.settings import API_URL
from tests.fixtures.ledger import ARTIST_KEY, FRIEND, Stage
from tests.integration.wallet.conftest import open_profile

pytestmark = pytest.mark.anvil
HOSTILE = "FLOW\u202eWOLF</b>"


def permit(stage: Stage, owner: str, spender: str, value: int) -> dict[str, object]:
    domain = eip712.Domain.of(stage.rpc, stage.token)
    return eip712.permit(domain, owner, spender, value=value, nonce=0, deadline=2_000_000_000)


def test_a_permit_says_who_may_take_how_much_and_the_contract_takes_it(
    wallet: StudioWallet, artist: Account, stage: Stage
) -> None:
    message = permit(stage, artist.address, stage.ledger.address, 10**18)
    request = wallet.prepare_message(message)
    assert request.title == "Let Mycelix Ledger take 1.00 FLOW"
    assert "until 18 May 2033" in request.sentence
    assert not request.refused
    signed = wallet.sign_and_send(request)
    stage.listener.submit_permit(artist.address, 10**18, 2_000_000_000, bytes.fromhex(signed.signature[2:]))
    assert stage.token.allowance(artist.address, stage.ledger.address).read(stage.rpc) == 10**18
    stranger = wallet.prepare_message(permit(stage, artist.address, FRIEND, 2**256 - 1))
    assert {"There is no limit.", "0x7099…79C8 is not one of our contracts."} <= {
        f.title for f in stranger.of_kind(FindingKind.LOOK_AGAIN)
    }


def test_every_contract_carries_the_name_its_messages_are_compared_with(stage: Stage) -> None:
    for contract in (Ledger, GiftEconomyStrategy, FlowToken, CreditToken):
        name, address = contract.__name__, stage.deployment.address(contract.__name__)
        assert eip712.Domain.of(stage.rpc, contract(address)) == eip712.Domain(*eip712.NAMES[name], 31337, address)


def test_a_message_that_is_not_exactly_ours_is_refused(wallet: StudioWallet, artist: Account, stage: Stage) -> None:
    good = permit(stage, artist.address, stage.ledger.address, 5)
    for path, value in [
        (("domain", "chainId"), 1),
        (("domain", "name"), HOSTILE),
        (("domain", "verifyingContract"), FRIEND),
        (("domain", "verifyingContract"), stage.ledger.address),
        (("message", "owner"), FRIEND),
        (("message", "extra"), 1),
        (("primaryType",), "Order"),
        (("types", "Permit"), []),
    ]:
        bad = copy.deepcopy(good)
        part: dict[str, object] = bad
        for key in path[:-1]:
            inner = part[key]
            assert isinstance(inner, dict)
            part = inner
        part[path[-1]] = value
        request = wallet.prepare_message(bad)
        assert request.refused, path
        assert HOSTILE not in str(request), path
        with pytest.raises(Refused):
            wallet.sign_and_send(request)


def test_an_artist_signs_a_registration_somebody_else_sends(
    wallet: StudioWallet, artist: Account, stage: Stage
) -> None:
    content = "0x" + "44" * 32
    domain = eip712.Domain.of(stage.rpc, stage.ledger)
    message = eip712.register(
        domain, artist.address, content, payee=stage.payee, price=5, strategies=1, deadline=2_000_000_000
    )
    request = wallet.prepare_message(message)
    assert request.title.startswith("Register song 0x")
    assert not request.refused
    signature = bytes.fromhex(wallet.sign_and_send(request).signature[2:])
    stage.listener.sender.transact(
        stage.ledger.register_for(artist.address, content, stage.payee, 5, 1, 2_000_000_000, signature)
    )
    assert (
        stage.ledger.song(stage.ledger.song_id_of(artist.address, content).read(stage.rpc)).read(stage.rpc).price == 5
    )


def test_counted_listens_are_signed_and_the_contract_pays_for_them(
    wallet: StudioWallet, artist: Account, stage: Stage
) -> None:
    gifts = GiftEconomyStrategy(stage.deployment.address("GiftEconomyStrategy"))
    credit = CreditToken(stage.deployment.address("CreditToken"))
    stage.owner.transact(credit.mint(artist.address, 100 * 10**18))
    for call in (
        stage.ledger.set_strategies(stage.song_id, 3),
        gifts.configure(stage.song_id, Gift(10**18, 0, 0, 1, 50 * 10**18, artist.address)),
        credit.approve(gifts.address, 100 * 10**18),
        gifts.fund(stage.song_id, 100 * 10**18),
    ):
        stage.artist.transact(call)
    listener = stage.listener.address
    domain = eip712.Domain.of(stage.rpc, gifts)
    message = eip712.listens(domain, stage.song_id, listener, cumulative=7, deadline=2_000_000_000)
    request = wallet.prepare_message(message)
    assert not request.refused
    assert request.contract_name == "Mycelix Gift"
    assert request.of_kind(FindingKind.LOOK_AGAIN) == ()
    signature = bytes.fromhex(wallet.sign_and_send(request).signature[2:])
    stage.listener.sender.transact(gifts.claim_listens(stage.song_id, listener, 7, 2_000_000_000, signature))
    assert credit.balance_of(listener).read(stage.rpc) == 7 * 10**18
    permit = eip712.permit(
        eip712.Domain(credit.name().read(stage.rpc), "1", 31337, credit.address),
        artist.address, gifts.address, value=10**18, nonce=0, deadline=2_000_000_000,
    )  # fmt: skip
    assert wallet.prepare_message(permit).title == "Let Mycelix Gift take 1.00 CGC"


def test_signed_plays_are_charged_to_the_own_purse_and_nobody_elses(
    wallet: StudioWallet, artist: Account, stage: Stage
) -> None:
    domain = eip712.Domain.of(stage.rpc, stage.ledger)
    items = pack_items([Item(stage.payee, 3, Wei(3 * 10**16))])

    def voucher(listener: str) -> dict[str, object]:
        return eip712.voucher(
            domain,
            listener,
            nonce=1,
            deadline=2_000_000_000,
            total=3 * 10**16,
            plays_hash="0x" + "11" * 32,
            items=items,
        )

    request = wallet.prepare_message(voucher(artist.address))
    assert request.title == "Pay 0.03 FLOW for plays"
    assert not request.refused
    assert wallet.prepare_message(voucher(FRIEND)).refused == "The message is to be signed by another account."


def sign_in(address: str, *, chain_id: int = 31337, minutes: int = 5, domain: str = "music.example") -> str:
    at = now()
    return (
        f"{domain} wants you to sign in with your Ethereum account:\n{address}\n\nSign in to Mycelix.\n\n"
        f"URI: https://{domain}\nVersion: 1\nChain ID: {chain_id}\nNonce: abcdefgh12345\n"
        f"Issued At: {rfc3339(at)}\nExpiration Time: {rfc3339(at + timedelta(minutes=minutes))}"
    )


def test_a_sign_in_is_told_from_every_other_text(wallet: StudioWallet, studio: Studio, artist: Account) -> None:
    studio.settings.set(API_URL, "https://music.example")
    request = wallet.prepare_text(sign_in(artist.address))
    assert request.title == "Sign in to music.example"
    assert not request.refused
    assert "It is for your own server." in [f.title for f in request.findings]
    assert len(wallet.sign_and_send(request).signature) == 132
    assert "another account" in wallet.prepare_text(sign_in(FRIEND)).refused
    assert "network 100" in wallet.prepare_text(sign_in(artist.address, chain_id=100)).refused
    assert "expired" in wallet.prepare_text(sign_in(artist.address, minutes=-1)).refused
    elsewhere = wallet.prepare_text(sign_in(artist.address, domain="evil.example"))
    assert "It is for another server than yours." in [f.title for f in elsewhere.of_kind(FindingKind.LOOK_AGAIN)]
    assert wallet.prepare_text("I owe you everything.").refused


def test_a_request_is_signed_on_another_computer_and_sent_from_here(
    wallet: StudioWallet, stage: Stage, tmp_path: Path
) -> None:
    wallet.watch(stage.artist.address, "Main")  # this computer holds no key
    calls = [stage.ledger.set_price(stage.song_id, 7), stage.ledger.set_price(stage.song_id, 8)]
    request, signed = tmp_path / "a.mycelix-request", tmp_path / "a.mycelix-signed"
    wallet.export_unsigned(wallet.prepare(calls), request, level=FeeLevel.FAST)
    assert [row.state for row in wallet.activity()] == [TxState.DRAFT] * 2

    far = open_profile(tmp_path / "far", "http://127.0.0.1:9", stage.deployment_file)  # no network there
    far.wallet.import_key(ARTIST_KEY, "Cold")
    shown = far.wallet.open_unsigned(request)
    assert [p.changes[0].after for p in shown] == ["0.000000000000000007 FLOW", "0.000000000000000008 FLOW"]
    assert all(not p.refused for p in shown)
    assert "The balance and the number in line." in [f.title for f in shown[0].findings]
    far.wallet.sign_offline(shown, signed)
    far.close()

    assert "key" not in signed.read_text().lower().replace("mycelix", "")
    changed = json.loads(signed.read_text())
    (tmp_path / "bad").write_text(json.dumps({**changed, "signed": [changed["signed"][0][:-2] + "00"]}))
    with pytest.raises(BadFile):
        wallet.import_signed(tmp_path / "bad")
    results = wallet.import_signed(signed)
    assert [r.state for r in results] == [TxState.SENT, TxState.SENT]
    assert [r.id for r in wallet.import_signed(signed)] == [r.id for r in results], "twice is once"
    stage.rpc.request("anvil_mine", "0x4")
    wallet.follow()
    assert [row.state for row in wallet.activity()] == [TxState.FINAL] * 2
    assert stage.ledger.song(stage.song_id).read(stage.rpc).price == 8


def test_what_was_never_asked_for_is_not_sent(
    wallet: StudioWallet, stage: Stage, tmp_path: Path, anvil: LocalChain
) -> None:
    other = open_profile(tmp_path / "other", anvil.url, stage.deployment_file)
    other.wallet.import_key(ARTIST_KEY, "Main")
    request, signed = tmp_path / "r", tmp_path / "s"
    other.wallet.export_unsigned(other.wallet.prepare([stage.ledger.set_price(stage.song_id, 7)]), request)
    other.wallet.sign_offline(other.wallet.open_unsigned(request), signed)
    other.close()
    wallet.watch(stage.artist.address, "Main")
    with pytest.raises(BadFile, match="not what was asked for"):
        wallet.import_signed(signed)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "mycelix-request"}', "\x00" * 50, "[" * 5000])
def test_a_file_of_something_else_is_named_as_such(
    wallet: StudioWallet, artist: Account, tmp_path: Path, text: str
) -> None:
    (tmp_path / "file").write_text(text)
    with pytest.raises(BadFile):
        wallet.open_unsigned(tmp_path / "file")
    with pytest.raises(BadFile):
        wallet.import_signed(tmp_path / "file")


def test_a_file_survives_as_qr_codes(wallet: StudioWallet, artist: Account, stage: Stage, tmp_path: Path) -> None:
    import base64
    import zlib

    file = tmp_path / "many.mycelix-request"
    wallet.export_unsigned(wallet.prepare([stage.ledger.set_price(stage.song_id, n + 1) for n in range(9)]), file)
    codes = wallet.qr_codes(file)
    assert len(codes) >= 1
    assert all(code.lstrip().startswith("<svg") for code in codes)
    packed = base64.b32encode(zlib.compress(file.read_bytes(), 9)).decode().rstrip("=")
    parts = [packed[:600], packed[600:]]
    assert join_qr([f"MYCELIX:2/2:{parts[1]}", f"MYCELIX:1/2:{parts[0]}"]) == file.read_bytes()
    with pytest.raises(BadFile, match="1 of 2"):
        join_qr([f"MYCELIX:2/2:{parts[1]}"])
