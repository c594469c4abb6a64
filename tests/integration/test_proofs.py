"""Receipts of a real chain proven to its header's hash; whatever is changed in header, path or log is noticed."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from mycelix_studio.chain import proofs
from mycelix_studio.chain.proofs import BlockProof, NotProven, UnknownHeader
from mycelix_studio.chain.rpc import Rpc
from mycelix_studio.chain.values import checksum, hex_int, require_list, require_object
from tests.fixtures.ledger import Stage

pytestmark = pytest.mark.anvil
KINDS = ({"gasPrice": "0x77359400"}, {"gasPrice": "0x77359400", "accessList": []}, {"maxFeePerGas": "0x77359400"})


def crowded_block(stage: Stage, count: int) -> dict[str, object]:
    """Mine one block of many transactions: three kinds of them, every seventh refused, every fifth with logs of the Ledger."""
    rpc, listener = stage.rpc, stage.listener.address
    rpc.request("anvil_impersonateAccount", listener)
    rpc.request("evm_setAutomine", False)
    try:
        for number in range(count):
            call = stage.ledger.tip(stage.song_id, 1000 + number)
            data = "0x" + (call.data if number % 5 == 0 else call.data[:8] if number % 7 == 0 else b"").hex()
            to = call.to if data != "0x" else listener
            fields = {
                "from": listener,
                "to": to,
                "data": data,
                "gas": hex(200_000),
                "value": "0x0",
                **KINDS[number % 3],
            }
            rpc.request("eth_sendTransaction", fields)
        rpc.request("evm_mine")
    finally:
        rpc.request("evm_setAutomine", True)
        rpc.request("anvil_stopImpersonatingAccount", listener)
    block = require_object(rpc.request("eth_getBlockByNumber", "latest", False))
    assert len(require_list(block["transactions"])) == count
    return dict(block)


@pytest.fixture
def proven(stage: Stage) -> tuple[dict[str, object], list[object], BlockProof]:
    block = crowded_block(stage, 140)
    receipts = proofs.receipts_of(stage.rpc, hex_int(block["number"]), [])
    return block, receipts, proofs.prove(block, receipts, range(len(receipts)))


def test_every_receipt_of_a_crowded_block_is_proven_and_each_change_is_found(
    proven: tuple[dict[str, object], list[object], BlockProof],
) -> None:
    block, receipts, proof = proven
    place = 0
    for index, raw in enumerate(map(require_object, receipts)):
        assert proof.first_log[index] == place
        told = [
            (
                checksum(str(log["address"])),
                "".join(map(str, require_list(log["topics"]))).replace("0x", ""),
                log["data"],
            )
            for log in map(require_object, require_list(raw["logs"]))
        ]
        found = proofs.logs_of(proof, index)
        assert [(log.address, b"".join(log.topics).hex(), "0x" + log.data.hex()) for log in found] == told
        place += len(told)
    assert place == 2 * 28  # a tip emits one log, its transfer another
    assert proofs.time_of(proof) == hex_int(block["timestamp"])

    dice = random.Random(1)
    for _ in range(300):
        index = dice.randrange(len(receipts))
        changed = _changed(proof, index, dice)
        with pytest.raises(NotProven):
            proofs.logs_of(changed, index)


def _changed(proof: BlockProof, index: int, dice: random.Random) -> BlockProof:
    def flip(data: bytes) -> bytes:
        place = dice.randrange(len(data))
        return data[:place] + bytes([data[place] ^ (1 << dice.randrange(8))]) + data[place + 1 :]

    what = dice.choice(("header", "hash", "number", "path", "other", "none"))
    if what == "header":
        return replace(proof, header=flip(proof.header))
    if what == "hash":
        return replace(proof, hash="0x" + flip(bytes.fromhex(proof.hash[2:])).hex())
    if what == "number":
        return replace(proof, number=proof.number + 1)
    if what == "path":
        return replace(proof, receipts={**proof.receipts, index: flip(proof.receipts[index])})
    if what == "other":
        other = dice.choice([n for n in proof.receipts if n != index])
        return replace(proof, receipts={**proof.receipts, index: proof.receipts[other]})
    return replace(proof, receipts={n: path for n, path in proof.receipts.items() if n != index})


def test_a_receipt_or_header_that_was_changed_by_the_server_is_refused(
    proven: tuple[dict[str, object], list[object], BlockProof],
) -> None:
    block, receipts, _proof = proven
    first = dict(require_object(receipts[0]))
    for field, value in (("status", "0x0"), ("cumulativeGasUsed", "0x1"), ("type", "0x1"), ("logs", [])):
        with pytest.raises(NotProven):
            proofs.prove(block, [{**first, field: value}, *receipts[1:]], [0])
    with pytest.raises(NotProven):
        proofs.prove(block, receipts[:-1], [0])
    for field in ("timestamp", "gasUsed", "receiptsRoot", "baseFeePerGas"):
        with pytest.raises(UnknownHeader):
            proofs.prove({**block, field: "0x" + "11" * 32}, receipts, [0])


def test_receipts_are_asked_one_by_one_where_a_server_cannot_give_a_block(
    stage: Stage, proven: tuple[dict[str, object], list[object], BlockProof]
) -> None:
    from mycelix_studio.chain.rpc import RpcRefused

    block, receipts, _proof = proven

    class Old(Rpc):
        def request(self, method: str, *params: object) -> object:  # type: ignore[override]
            if method == "eth_getBlockReceipts":
                raise RpcRefused(method, -32601, "method not found")
            return super().request(method, *params)  # type: ignore[arg-type]

    with Old(stage.rpc.urls) as rpc:
        hashes = [str(tx) for tx in require_list(block["transactions"])]
        assert proofs.receipts_of(rpc, hex_int(block["number"]), hashes) == receipts
