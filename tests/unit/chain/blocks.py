"""Blocks as a chain server gives them, made by hand: headers that give their hash, receipts that give the header's root."""

from __future__ import annotations

import random
from dataclasses import dataclass

from rlp.codec import encode
from trie.hexary import HexaryTrie

from mycelix_studio.chain.proofs import encode_receipt
from mycelix_studio.chain.values import keccak

NUMBERS = ("difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas")
ORDER = (
    "parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom", "difficulty", "number",
    "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce", "baseFeePerGas", "withdrawalsRoot", "blobGasUsed",
    "excessBlobGas", "parentBeaconBlockRoot", "requestsHash",
)  # fmt: skip


@dataclass(frozen=True)
class Block:
    """JSON of a header and of its receipts."""

    header: dict[str, object]
    receipts: list[object]


def block(number: int, rng: random.Random, contract: str, transactions: int = 6) -> Block:
    """Return a block whose transactions are of three kinds; every second one has logs, some of them of ``contract``."""

    def some(size: int) -> str:
        return "0x" + rng.randbytes(size).hex()

    receipts: list[object] = []
    for index in range(transactions):
        logs = [
            {"address": contract if rng.random() < 0.6 else some(20), "topics": [some(32) for _ in range(rng.randint(1, 4))],
             "data": some(rng.randint(0, 96))}
            for _ in range(rng.randint(1, 3) if index % 2 == 0 else 0)
        ]  # fmt: skip
        receipts.append(
            {"type": hex(index % 3), "status": hex(rng.randint(0, 1) | bool(logs)), "cumulativeGasUsed": hex(21_000 * (index + 1)),
             "logsBloom": some(256), "logs": logs, "transactionIndex": hex(index), "transactionHash": some(32)}
        )  # fmt: skip
    trie = HexaryTrie({})
    for index, receipt in enumerate(receipts):
        trie[encode(index)] = encode_receipt(receipt)
    sizes = {"miner": 20, "logsBloom": 256, "extraData": 9, "nonce": 8}
    header: dict[str, object] = {name: some(sizes.get(name, 32)) for name in ORDER if name not in NUMBERS}
    values = (0, number, 30_000_000, 21_000 * transactions, 1_770_000_000 + 5 * number, 7, 0, 0)
    header |= {name: hex(value) for name, value in zip(NUMBERS, values, strict=True)}
    header["receiptsRoot"] = "0x" + bytes(trie.root_hash).hex()
    header["hash"] = "0x" + keccak(encode([_bytes(name, str(header[name])) for name in ORDER])).hex()
    return Block(header, receipts)


def _bytes(name: str, value: str) -> bytes:
    if name not in NUMBERS:
        return bytes.fromhex(value[2:])
    number = int(value, 16)
    return number.to_bytes((number.bit_length() + 7) // 8)
