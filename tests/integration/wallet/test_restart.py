"""Whatever stops, what was signed goes out once: the chain gone, Studio ended, blocks taken back, two servers that disagree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mycelix_studio.deploy.deployer import deploy_local
from mycelix_studio.deploy.local import DEPLOYER_KEY, LocalChain
from mycelix_studio.domain.account import Account
from mycelix_studio.domain.transaction import FeeLevel, Prepared, TxState
from mycelix_studio.services.studio import Studio
from mycelix_studio.services.wallet import StudioWallet
from mycelix_studio.services.wallet_errors import Refused
from mycelix_studio.settings import RPC_URLS
from tests.fixtures.ledger import ARTIST_KEY, FRIEND, Stage
from tests.integration.wallet.conftest import open_profile

pytestmark = pytest.mark.anvil


def test_the_chain_goes_while_a_payment_is_under_way_and_it_goes_on_when_it_is_back(
    profile: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state.json"
    options = ["--state", str(state), "--no-mining"]
    deployment = tmp_path / "31337.json"
    with LocalChain.start(options=["--state", str(state)]) as first, first.rpc() as rpc:
        port = int(first.url.rsplit(":", 1)[1])
        deploy_local(rpc, DEPLOYER_KEY, deployment)
        studio = open_profile(profile, first.url, deployment)
        wallet = studio.wallet
        account = wallet.import_key(ARTIST_KEY, "Main")
        rpc.request("anvil_setBalance", account.address, hex(10**18))
        (one, two) = wallet.prepare(
            [wallet.send_call(FRIEND, 7, symbol="ETH"), wallet.send_call(FRIEND, 9, symbol="ETH")]
        )
        rpc.request("evm_setAutomine", False)
        sent = wallet.sign_and_send(one)
        assert sent.state is TxState.SENT
    # The server is gone together with everything it had not put in a block.
    waits = wallet.sign_and_send(two)
    assert waits.state is TxState.SIGNED
    assert "cannot be reached" in waits.why
    assert wallet.waiting() == 1
    wallet.follow()
    rows = {row.id: row for row in wallet.activity()}
    assert rows[sent.id].state is TxState.SENT
    assert rows[waits.id].nonce == (rows[sent.id].nonce or 0) + 1
    (offline,) = wallet.prepare([wallet.send_call(FRIEND, 1, symbol="ETH")])
    assert offline.title.startswith("Send")
    assert offline.fees == ()
    assert "Whether it succeeds." in [f.title for f in offline.findings]
    with pytest.raises(Refused):
        wallet.sign_and_send(offline)
    studio.close()  # and Studio ends too

    with LocalChain.start(options=options, port=port) as second, second.rpc() as rpc:
        studio = open_profile(profile, second.url)
        wallet = studio.wallet
        before = rpc.balance(FRIEND)
        assert wallet.pending() == 2
        wallet.follow()
        assert wallet.waiting() == 0, "both were sent again, the bytes that were stored"
        rpc.request("anvil_mine", "0x1")
        wallet.follow()
        wallet.follow()
        rpc.request("anvil_mine", "0x3")
        wallet.follow()
        assert [row.state for row in wallet.activity()] == [TxState.FINAL, TxState.FINAL]
        assert rpc.balance(FRIEND) - before == 16, "each was paid once"
        studio.close()


@pytest.mark.parametrize("stops_at", ["before_keeping", "before_sending", "before_noting"])
def test_ending_studio_anywhere_in_signing_never_pays_twice(
    profile: Path,
    anvil: LocalChain,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    stops_at: str,
) -> None:
    from mycelix_studio.services.wallet_follow import Follower
    from mycelix_studio.services.wallet_send import Signatures

    class Ended(BaseException):
        """Studio ends here."""

    def end(*_args: object, **_kwargs: object) -> None:
        raise Ended

    target = {
        "before_keeping": (Signatures, "store_signed"),
        "before_sending": (Follower, "send"),
        "before_noting": (Follower, "_sent"),
    }[stops_at]
    studio = open_profile(profile, anvil.url, stage.deployment_file)
    wallet = studio.wallet
    wallet.import_key(ARTIST_KEY, "Main")
    before = stage.rpc.balance(FRIEND)
    (request,) = wallet.prepare([wallet.send_call(FRIEND, 5, symbol="ETH")])
    with monkeypatch.context() as patch:
        patch.setattr(*target, end)
        with pytest.raises(Ended):
            wallet.sign_and_send(request)
    studio.close()

    studio = open_profile(profile, anvil.url)
    wallet = studio.wallet
    for _ in range(3):
        wallet.follow()
        stage.rpc.request("anvil_mine", "0x2")
    wallet.follow()
    rows = wallet.activity()
    kept = stops_at != "before_keeping"
    assert [row.state for row in rows] == ([TxState.FINAL] if kept else [])
    assert stage.rpc.balance(FRIEND) - before == (5 if kept else 0)
    studio.close()


def test_a_reorganisation_takes_it_back_and_it_is_confirmed_again(
    wallet: StudioWallet, artist: Account, stage: Stage
) -> None:
    (request,) = wallet.prepare([stage.ledger.set_price(stage.song_id, 7)])
    sent = wallet.sign_and_send(request)
    wallet.follow()
    assert wallet.activity()[0].state is TxState.MINED
    stage.rpc.request("anvil_rollback", 1)
    wallet.follow()
    (row,) = wallet.activity()
    assert row.state in {TxState.SENT, TxState.MINED}
    for _ in range(3):
        stage.rpc.request("anvil_mine", "0x2")
        wallet.follow()
    (row,) = wallet.activity()
    assert (row.id, row.state) == (sent.id, TxState.FINAL)
    assert stage.ledger.song(stage.song_id).read(stage.rpc).price == 7


def test_a_number_taken_by_another_program_ends_as_lost(wallet: StudioWallet, artist: Account, stage: Stage) -> None:
    (request,) = wallet.prepare([stage.ledger.set_price(stage.song_id, 7)])
    stage.rpc.request("evm_setAutomine", False)
    lost = wallet.sign_and_send(request)
    stage.rpc.request("anvil_dropAllTransactions")
    stage.rpc.request("evm_setAutomine", True)
    stage.artist.transact(stage.ledger.set_price(stage.song_id, 8))
    stage.rpc.request("anvil_mine", "0x5")
    wallet.follow()
    (row,) = wallet.activity()
    assert (row.id, row.state) == (lost.id, TxState.DROPPED)
    assert "Nothing was paid by it." in row.why


def test_two_servers_that_disagree_keep_everybody_from_signing(
    wallet: StudioWallet, studio: Studio, artist: Account, stage: Stage, anvil: LocalChain
) -> None:
    call = stage.ledger.set_price(stage.song_id, 7)
    with LocalChain.start() as other, other.rpc() as rpc:
        studio.settings.set(RPC_URLS, f"{anvil.url} {other.url}")
        (request,) = wallet.prepare([call])
        assert "do not agree" in request.refused
        rpc.request("anvil_setCode", stage.ledger.address, "0x" + stage.rpc.code(stage.ledger.address).hex())
        (request,) = wallet.prepare([call])
        assert "do not agree" in request.refused
    studio.settings.set(RPC_URLS, f"{other.url} {anvil.url}")
    (request,) = wallet.prepare([call])
    assert request.refused == "", "a silent server is passed over"


def test_a_server_of_another_network_gets_nothing(
    wallet: StudioWallet, studio: Studio, artist: Account, stage: Stage
) -> None:
    with LocalChain.start(chain_id=4242) as other:
        studio.settings.set(RPC_URLS, other.url)
        (request,) = wallet.prepare([stage.ledger.set_price(stage.song_id, 7)])
        assert "another network" in request.refused


def test_what_was_shown_for_another_network_or_with_a_fee_too_low_is_not_signed(
    wallet: StudioWallet, artist: Account, stage: Stage
) -> None:
    (request,) = wallet.prepare([stage.ledger.set_price(stage.song_id, 7)])
    with pytest.raises(Refused, match="Another network"):
        wallet.sign_and_send(replace(request, chain_id=100))
    with pytest.raises(Refused, match="fee rose"):
        wallet.sign_and_send(_with_low_fee(request))


def _with_low_fee(request: Prepared) -> Prepared:
    return replace(request, fees=tuple(replace(f, max_fee=1) for f in request.fees if f.level is FeeLevel.NORMAL))
