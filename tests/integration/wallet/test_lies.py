"""A chain server that lies beside an honest one: every lie that matters is noticed before anything is signed, or before it is believed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mycelix_studio.chain.rpc import ServersDisagree, WrongChain
from mycelix_studio.deploy.local import LocalChain
from mycelix_studio.domain.account import Account
from mycelix_studio.domain.transaction import TxState
from mycelix_studio.services.studio import Studio
from mycelix_studio.services.wallet import StudioWallet
from mycelix_studio.settings import RPC_URLS
from tests.fixtures.ledger import FRIEND, Stage
from tests.fixtures.liar import Liar

pytestmark = pytest.mark.anvil
FAKE = "0x" + "fa" * 32


@pytest.fixture
def liar(studio: Studio, artist: Account, anvil: LocalChain) -> Iterator[Liar]:
    """The preferred server lies, the second one is honest."""
    with Liar(anvil.url) as made:
        studio.settings.set(RPC_URLS, f"{made.url} {anvil.url}")
        yield made


def _chain(method: str, params: list[Any], truth: Any) -> Any:
    return "0x64" if method == "eth_chainId" else truth


def _block(method: str, params: list[Any], truth: Any) -> Any:
    return {**truth, "hash": FAKE} if method == "eth_getBlockByNumber" else truth


def _code(method: str, params: list[Any], truth: Any) -> Any:
    return "0x6001" if method == "eth_getCode" else truth


def _trial(method: str, params: list[Any], truth: Any) -> Any:
    if method != "eth_simulateV1":
        return truth
    rows = [{**row, "status": "0x1", "returnData": "0x"} for row in truth[0]["calls"]]
    return [{**truth[0], "calls": rows}]


def _fee(method: str, params: list[Any], truth: Any) -> Any:
    if method != "eth_feeHistory":
        return truth
    return {**truth, "reward": [["0x174876e8000"] * 3 for _row in truth["reward"]], "gasUsedRatio": [0.5] * 20}


@pytest.mark.parametrize("lie", [_chain, _block, _code, _trial, _fee], ids=["chain", "block", "code", "trial", "fee"])
def test_a_lie_before_signing_keeps_the_request_from_being_signed(
    wallet: StudioWallet, liar: Liar, stage: Stage, lie: Any
) -> None:
    liar.lie = lie
    (request,) = wallet.prepare([stage.ledger.claim(stage.artist.address)])  # it fails in truth: nothing waits
    assert liar.lies
    assert "do not agree" in request.refused or "another network" in request.refused
    liar.lie = None
    (request,) = wallet.prepare([stage.ledger.set_price(stage.song_id, 7)])
    assert request.refused == ""
    assert "Two servers gave the same answer" in [finding.detail for finding in request.findings]


@pytest.mark.parametrize("method", ["eth_getBalance", "eth_call"])
def test_a_lie_about_money_is_not_shown(wallet: StudioWallet, liar: Liar, method: str) -> None:
    liar.lie = lambda asked, _params, truth: "0x" + "f" * 64 if asked == method else truth
    with pytest.raises((ServersDisagree, WrongChain)):
        wallet.refresh_balances()
    assert all(balance.native is None for balance in wallet.balances())


def test_a_count_too_high_leaves_no_gap(wallet: StudioWallet, liar: Liar, stage: Stage) -> None:
    liar.lie = lambda asked, _params, truth: hex(int(truth, 16) + 5) if asked == "eth_getTransactionCount" else truth
    (request,) = wallet.prepare([wallet.send_call(FRIEND, 5, symbol="ETH")])
    wallet.sign_and_send(request)
    assert wallet.activity()[0].nonce == stage.rpc.nonce(stage.artist.address) - 1


def test_a_payment_kept_back_by_one_server_goes_out_by_the_other(
    wallet: StudioWallet, liar: Liar, stage: Stage
) -> None:
    (request,) = wallet.prepare([wallet.send_call(FRIEND, 5, symbol="ETH")])
    liar.lie = lambda asked, _params, truth: FAKE if asked == "eth_sendRawTransaction" else truth
    before = stage.rpc.balance(FRIEND)
    signed = wallet.sign_and_send(request)
    assert signed.state is TxState.SIGNED
    assert "named another payment" in signed.why or signed.why
    assert stage.rpc.balance(FRIEND) - before == 5
    liar.lie = None
    stage.rpc.request("anvil_mine", "0x4")
    wallet.follow()
    assert wallet.activity()[0].state is TxState.FINAL


def test_a_head_far_ahead_makes_nothing_final(wallet: StudioWallet, liar: Liar) -> None:
    (request,) = wallet.prepare([wallet.send_call(FRIEND, 5, symbol="ETH")])
    wallet.sign_and_send(request)
    liar.lie = lambda asked, _params, truth: hex(int(truth, 16) + 1_000) if asked == "eth_blockNumber" else truth
    wallet.follow()
    (row,) = wallet.activity()
    assert (row.state, row.confirmations) == (TxState.MINED, 1)


def test_an_invented_receipt_and_a_turned_one_are_not_believed(
    wallet: StudioWallet, liar: Liar, stage: Stage, studio: Studio
) -> None:
    stage.rpc.request("evm_setAutomine", False)
    (request,) = wallet.prepare([wallet.send_call(FRIEND, 5, symbol="ETH")])
    signed = wallet.sign_and_send(request)
    head = stage.rpc.head()
    assert head is not None

    def invented(asked: str, params: list[Any], truth: Any) -> Any:
        if asked != "eth_getTransactionReceipt" or truth is not None:
            return truth
        deep = head.number - 3
        block = stage.rpc.head(deep)
        assert block is not None
        return {
            "transactionHash": signed.tx_hash, "blockNumber": hex(deep), "blockHash": block.hash, "status": "0x1",
            "gasUsed": "0x5208", "effectiveGasPrice": "0x1", "from": request.account, "contractAddress": None, "logs": [],
        }  # fmt: skip

    liar.lie = invented
    wallet.follow()
    (row,) = wallet.activity()
    assert row.state is TxState.SENT
    assert "do not agree" in row.why
    liar.lie = lambda asked, _p, truth: (
        {**truth, "status": "0x0"} if asked == "eth_getTransactionReceipt" and truth is not None else truth
    )
    stage.rpc.request("evm_setAutomine", True)
    stage.rpc.request("anvil_mine", "0x1")
    wallet.follow()
    (row,) = wallet.activity()
    assert row.state is TxState.SENT
    liar.lie = None
    stage.rpc.request("anvil_mine", "0x4")
    wallet.follow()
    assert wallet.activity()[0].state is TxState.FINAL
