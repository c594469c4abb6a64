"""The chain client against a real chain, dead servers and a server of another chain."""

from __future__ import annotations

import socket

import pytest

from mycelix_studio.chain.rpc import ChainUnreachable, Rpc, RpcRefused, ServersDisagree, WrongChain
from mycelix_studio.deploy.local import CHAIN_ID, LocalChain

pytestmark = pytest.mark.anvil
RICH = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


def closed_url() -> str:
    """An address on which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_reads_a_real_chain(chain: Rpc) -> None:
    assert chain.chain_id() == CHAIN_ID
    assert chain.balance(RICH) == 1_000_000 * 10**18
    head = chain.head()
    assert head is not None
    assert chain.head(head.hash) == head
    assert chain.head(head.number + 1000) is None
    assert chain.receipt("0x" + "1" * 64) is None
    assert chain.code(RICH) == b""
    assert len(chain.fee_history(4).base_fees) >= 2


def test_a_dead_server_is_skipped(anvil: LocalChain) -> None:
    with Rpc([closed_url(), anvil.url], chain_id=CHAIN_ID, timeout=5) as rpc:
        assert rpc.chain_id() == CHAIN_ID
        answer, servers = rpc.agreed("the block", "eth_blockNumber")
        assert servers == 1
        assert isinstance(answer, str)


def test_no_server_is_one_clear_error() -> None:
    with Rpc([closed_url()], timeout=5) as rpc, pytest.raises(ChainUnreachable) as caught:
        rpc.block_number()
    assert "cannot be reached" in caught.value.title
    assert "127.0.0.1" in caught.value.message


def test_a_server_of_another_chain_is_refused_before_anything_is_asked(anvil: LocalChain) -> None:
    with Rpc([anvil.url], chain_id=100, timeout=5) as rpc, pytest.raises(WrongChain) as caught:
        rpc.balance(RICH)
    assert (caught.value.expected, caught.value.found) == (100, CHAIN_ID)


def test_two_servers_that_differ_are_noticed(anvil: LocalChain) -> None:
    with LocalChain.start(timestamp=1_700_000_000) as other, Rpc([anvil.url, other.url], timeout=5) as rpc:
        assert rpc.agreed("the network", "eth_chainId") == (hex(CHAIN_ID), 2)
        with pytest.raises(ServersDisagree) as caught:
            rpc.agreed("block 0", "eth_getBlockByNumber", "0x0", False)
    assert caught.value.what == "block 0"


def test_a_refusal_is_an_answer_and_carries_its_reason(chain: Rpc) -> None:
    with pytest.raises(RpcRefused) as caught:
        chain.send_raw(b"\x02\xc0")
    assert caught.value.reason


def test_a_port_in_use_is_one_clear_error(anvil: LocalChain) -> None:
    from mycelix_studio.errors import Known

    port = int(anvil.url.rsplit(":", 1)[1])
    with pytest.raises(Known, match="local chain did not start"):
        LocalChain.start(port=port)
