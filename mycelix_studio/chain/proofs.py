"""Proofs that a receipt, with its logs, is in a block: the path through the receipts' trie to the root in a header, the header to its hash.

A header is RLP of its fields and its keccak256 is the block's hash; ``receiptsRoot`` in it is the root of a Merkle Patricia trie from
RLP(index of the transaction) to the receipt (yellow paper 4.3.1 to 4.4.2; typed receipts EIP-2718; later header fields EIP-1559, 4895,
4844, 4788, 7685). Whoever holds header and path can check a receipt without asking anybody.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from mycelix_studio.chain.rpc import Rpc, RpcRefused
from mycelix_studio.chain.values import checksum, hex_bytes, hex_int, keccak, require_list, require_object, require_text

_HEADER: Final = (
    ("parentHash", True), ("sha3Uncles", True), ("miner", True), ("stateRoot", True), ("transactionsRoot", True),
    ("receiptsRoot", True), ("logsBloom", True), ("difficulty", False), ("number", False), ("gasLimit", False), ("gasUsed", False),
    ("timestamp", False), ("extraData", True), ("mixHash", True), ("nonce", True),
)  # fmt: skip
"""Fields of a header in their order, and whether they are bytes; the others are numbers."""
_LATER: Final = (
    ("baseFeePerGas", False), ("withdrawalsRoot", True), ("blobGasUsed", False), ("excessBlobGas", False),
    ("parentBeaconBlockRoot", True), ("requestsHash", True), ("blockAccessListHash", True), ("slotNumber", False),
)  # fmt: skip
"""Fields that later versions of the protocol added at the end."""
_PARENT, _RECEIPTS_ROOT, _NUMBER, _TIMESTAMP = 0, 5, 8, 11
_DEPOSIT: Final = 0x7E
"""Deposit transactions of chains of the OP stack, whose receipts have two more fields."""


class NotProven(Exception):
    """What a server said does not fit the header's hash, or what was kept no longer does. The text says what."""


class UnknownHeader(NotProven):
    """The header does not give the block's hash: a field this program does not know, or a false header."""


@dataclass(frozen=True, slots=True)
class ProvenLog:
    """A log as it stands in a proven receipt; ``address`` is EIP-55."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class BlockProof:
    """A block's header and the receipts kept of it.

    Attributes:
        number: Block number.
        hash: Block hash, ``0x`` and 64 hex digits.
        header: RLP of the header; its keccak256 is ``hash``.
        receipts: Index of a transaction in the block to RLP of the trie's nodes from the root to its receipt.
        first_log: Index of a transaction to the position in the block of its receipt's first log.
    """

    number: int
    hash: str
    header: bytes
    receipts: Mapping[int, bytes]
    first_log: Mapping[int, int]


def encode_header(raw: object) -> bytes:
    """Return RLP of a header from its JSON.

    Raises:
        UnknownHeader: Its keccak256 is not the hash the JSON names.
    """
    from rlp.codec import encode

    item = require_object(raw)
    fields = [_field(item[name], plain) for name, plain in _HEADER]
    fields += [_field(item[name], plain) for name, plain in _LATER if item.get(name) is not None]
    header = cast(bytes, encode(fields))
    named = require_text(item["hash"])
    if "0x" + keccak(header).hex() != named:
        raise UnknownHeader(f"the header of block {hex_int(item['number'])} does not give the hash {named}")
    return header


def encode_receipt(raw: object) -> bytes:
    """Return a receipt from its JSON as it stands in the trie."""
    from rlp.codec import encode

    item = require_object(raw)
    kind = hex_int(item.get("type") or "0x0")
    logs = [
        [hex_bytes(log["address"]), [hex_bytes(topic) for topic in require_list(log["topics"])], hex_bytes(log["data"])]
        for log in map(require_object, require_list(item["logs"]))
    ]
    first = _field(item["root"], True) if item.get("root") else _field(item["status"], False)
    fields: list[object] = [first, _field(item["cumulativeGasUsed"], False), hex_bytes(item["logsBloom"]), logs]
    if kind == _DEPOSIT:
        fields += [_field(item[name], False) for name in ("depositNonce", "depositReceiptVersion") if item.get(name)]
    body = cast(bytes, encode(fields))
    return bytes([kind]) + body if kind else body


def prove(header: object, receipts: Sequence[object], wanted: Collection[int]) -> BlockProof:
    """Return the proof of some of a block's receipts.

    Args:
        header: JSON of the header.
        receipts: JSON of every receipt of the block, in order.
        wanted: Indices of transactions.

    Raises:
        UnknownHeader: The header does not give its hash.
        NotProven: The receipts do not give the header's root.
    """
    from rlp.codec import encode
    from trie.hexary import HexaryTrie

    encoded = encode_header(header)
    fields = _fields(encoded)
    trie = HexaryTrie({})
    first_log, logs = {}, 0
    for index, receipt in enumerate(receipts):
        trie[encode(index)] = encode_receipt(receipt)
        first_log[index] = logs
        logs += len(require_list(require_object(receipt)["logs"]))
    number = int.from_bytes(fields[_NUMBER])
    if bytes(trie.root_hash) != fields[_RECEIPTS_ROOT]:
        raise NotProven(f"the receipts of block {number} do not give the root in its header")
    paths = {index: cast(bytes, encode(list(trie.get_proof(encode(index))))) for index in wanted}
    return BlockProof(
        number, "0x" + keccak(encoded).hex(), encoded, paths, {index: first_log[index] for index in wanted}
    )


def logs_of(proof: BlockProof, index: int) -> tuple[ProvenLog, ...]:
    """Return the logs of one proven receipt, checking header and path anew; none for a transaction that failed.

    Raises:
        NotProven: Header, path or receipt do not fit together.
    """
    from rlp.codec import decode, encode
    from trie.hexary import HexaryTrie

    if "0x" + keccak(proof.header).hex() != proof.hash:
        raise NotProven(f"the kept header of block {proof.number} does not give its hash")
    fields = _fields(proof.header)
    if int.from_bytes(fields[_NUMBER]) != proof.number:
        raise NotProven(f"the kept header is not of block {proof.number}")
    try:
        nodes = decode(proof.receipts[index])
        body = bytes(HexaryTrie.get_from_proof(fields[_RECEIPTS_ROOT], encode(index), nodes))
        receipt = decode(body[1:] if body and body[0] < 0x80 else body)
        return tuple(
            ProvenLog(checksum("0x" + address.hex()), tuple(topics), data) for address, topics, data in receipt[3]
        )
    except Exception as error:  # damaged bytes break the decoders in many ways, and each means the same
        raise NotProven(f"the kept receipt {index} of block {proof.number} does not fit its header") from error


def time_of(proof: BlockProof) -> int:
    """Return the Unix time in a proof's header."""
    return int.from_bytes(_fields(proof.header)[_TIMESTAMP])


def receipts_of(rpc: Rpc, block: int, hashes: Sequence[str]) -> list[object]:
    """Return every receipt of a block in order: at once where the server can, else one by one by the hashes of the transactions.

    Raises:
        RpcRefused: The server gives neither.
    """
    try:
        found = rpc.request("eth_getBlockReceipts", hex(block))
    except RpcRefused:
        found = rpc.batch([("eth_getTransactionReceipt", (tx,)) for tx in hashes]) if hashes else []
    return sorted(require_list(found), key=lambda raw: hex_int(require_object(raw)["transactionIndex"]))


def _field(value: object, plain: bool) -> bytes:
    if plain:
        return hex_bytes(value)
    number = hex_int(value)
    return number.to_bytes((number.bit_length() + 7) // 8)


def _fields(header: bytes) -> list[bytes]:
    from rlp.codec import decode
    from rlp.exceptions import RLPException

    try:
        fields = decode(header)
    except RLPException as error:
        raise NotProven("a kept header cannot be read") from error
    if not isinstance(fields, list) or len(fields) < len(_HEADER) or not all(isinstance(x, bytes) for x in fields):
        raise NotProven("a kept header cannot be read")
    return cast("list[bytes]", fields)
