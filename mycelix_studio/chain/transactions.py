"""EIP-1559 transactions: fees from the chain's own history, building, signing with a key at hand, sending, waiting.

The wallet signs in a child process and keeps its own record of what it sent. :class:`Sender` is for programs that hold a key of their
own: a listener's client, the settler, a deployment.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from mycelix_studio.chain.refusals import ContractRefused, explain
from mycelix_studio.chain.rpc import FeeHistory, Receipt, Rpc, RpcRefused
from mycelix_studio.chain.values import checksum, keccak
from mycelix_studio.domain.transaction import Call, FeeLevel
from mycelix_studio.errors import Known

MIN_TIP = 1_000_000
"""Least tip offered, wei a unit: some chains drop transactions that offer none."""
PERCENTILE = {FeeLevel.SLOW: 0, FeeLevel.NORMAL: 1, FeeLevel.FAST: 2}
HEADROOM = {FeeLevel.SLOW: 125, FeeLevel.NORMAL: 150, FeeLevel.FAST: 200}
"""Percent of the next base fee that the most offered covers."""
REPLACEMENT_PERCENT = 1125
"""A replacement must offer at least 12.5 % more of both fee fields (in tenths of a percent)."""


@dataclass(frozen=True, slots=True)
class Fee:
    """What is offered for a unit of gas, in wei: at most ``max_fee`` in all, of which ``tip`` goes to the builder."""

    max_fee: int
    tip: int

    def raised(self) -> Fee:
        """Return the least fee that may replace this one: both fields at least 12.5 % higher, rounded up."""
        return Fee(-(-self.max_fee * REPLACEMENT_PERCENT // 1000) or 1, -(-self.tip * REPLACEMENT_PERCENT // 1000) or 1)

    def at_least(self, other: Fee) -> Fee:
        """Return the higher of both, field by field."""
        return Fee(max(self.max_fee, other.max_fee), max(self.tip, other.tip))


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A complete EIP-1559 transaction without its signature. Amounts in wei; ``to`` is empty to create a contract."""

    chain_id: int
    nonce: int
    to: str
    value: int
    data: bytes
    gas: int
    fee: Fee

    def fields(self) -> dict[str, object]:
        """Return the fields as eth-account takes them."""
        body: dict[str, object] = {
            "type": 2,
            "chainId": self.chain_id,
            "nonce": self.nonce,
            "value": self.value,
            "data": self.data,
            "gas": self.gas,
            "maxFeePerGas": self.fee.max_fee,
            "maxPriorityFeePerGas": self.fee.tip,
        }
        if self.to:
            body["to"] = checksum(self.to)
        return body


@dataclass(frozen=True, slots=True)
class RawTransaction:
    """A signed transaction, ready to send. ``hash`` is computed here, never taken from a server."""

    raw: bytes = field(repr=False)
    hash: str

    @classmethod
    def of(cls, raw: bytes) -> RawTransaction:
        """Return it with its hash."""
        return cls(raw, "0x" + keccak(raw).hex())


class NotMined(Known):
    """A transaction did not get into a block in time."""

    def __init__(self, tx_hash: str, seconds: float) -> None:
        super().__init__(
            "Not confirmed yet",
            f"The payment {tx_hash} was sent but is in no block after {seconds:g} seconds. It may still be confirmed.",
            "Look again later; do not send it a second time.",
        )
        self.tx_hash = tx_hash


class NotEnough(Known):
    """The account cannot pay."""

    def __init__(self, have: int, need: int, symbol: str) -> None:
        from mycelix_studio.domain.money import format_token

        super().__init__(
            f"Not enough {symbol}",
            f"This needs up to {format_token(need)} {symbol}; the account has {format_token(have)} {symbol}. "
            "Nothing was signed.",
            f"Add {format_token(need - have)} {symbol} or more, then try again.",
        )
        self.have = have
        self.need = need
        self.symbol = symbol


def suggest(history: FeeHistory) -> Mapping[FeeLevel, Fee]:
    """Return a fee for each level: the tip is the median over the last blocks of the 10th, 50th or 90th percentile."""
    following = history.base_fees[-1]
    fees = {}
    floor = MIN_TIP
    for level, column in PERCENTILE.items():
        seen = sorted(row[column] for row, used in zip(history.tips, history.used, strict=False) if row and used > 0)
        floor = max(floor, seen[len(seen) // 2] if seen else 0)
        fees[level] = Fee(following * HEADROOM[level] // 100 + floor, floor)
    return fees


def sign(unsigned: Unsigned, key: str) -> RawTransaction:
    """Return a transaction signed with a private key at hand (0x + 64 hex)."""
    from eth_account import Account

    return RawTransaction.of(bytes(Account.sign_transaction(unsigned.fields(), key).raw_transaction))


def sender_of(raw: bytes) -> str:
    """Return the address that signed a raw transaction.

    Raises:
        ValueError: It is not a signed transaction.
    """
    from eth_account import Account

    return checksum(str(Account.recover_transaction("0x" + raw.hex())))


def parse_raw(raw: bytes) -> Unsigned:
    """Return the fields of a signed EIP-1559 transaction.

    Raises:
        ValueError: It is of another type or damaged.
    """
    import rlp.codec
    from rlp.exceptions import DecodingError

    if raw[:1] != b"\x02":
        raise ValueError("not an EIP-1559 transaction")
    try:
        parts = rlp.codec.decode(raw[1:], strict=True)
    except DecodingError as error:
        raise ValueError("the transaction is damaged") from error
    if not isinstance(parts, list) or len(parts) != 12 or parts[8] != []:
        raise ValueError("the transaction has other fields than expected")
    chain_id, nonce, tip, max_fee, gas, to, value, data = parts[:8]
    number = int.from_bytes
    return Unsigned(
        number(chain_id, "big"),
        number(nonce, "big"),
        checksum("0x" + to.hex()) if to else "",
        number(value, "big"),
        bytes(data),
        number(gas, "big"),
        Fee(number(max_fee, "big"), number(tip, "big")),
    )


def wait_for(rpc: Rpc, tx_hash: str, *, seconds: float = 60.0, every: float = 0.02) -> Receipt:
    """Return the receipt as soon as the transaction is in a block.

    Raises:
        NotMined: It is in none after ``seconds``.
    """
    deadline = time.monotonic() + seconds
    pause = every
    while True:
        receipt = rpc.receipt(tx_hash)
        if receipt is not None:
            return receipt
        if time.monotonic() >= deadline:
            raise NotMined(tx_hash, seconds)
        time.sleep(pause)
        pause = min(pause * 1.5, 2.0)


class Sender:
    """Signs and sends for one key held by this program; keeps count of its own number in line.

    Args:
        rpc: The chain.
        key: Private key, 0x + 64 hex. Never logged; hidden in the repr.
        fee: A fixed fee; from the chain's history for each transaction when None.
    """

    def __init__(self, rpc: Rpc, key: str, *, fee: Fee | None = None, level: FeeLevel = FeeLevel.FAST) -> None:
        from eth_account import Account

        self._rpc = rpc
        self._key = key
        self._fee = fee
        self._level = level
        self._nonce: int | None = None
        self._chain_id: int | None = None
        self.address = checksum(str(Account.from_key(key).address))

    def __repr__(self) -> str:
        return f"Sender({self.address})"

    @property
    def rpc(self) -> Rpc:
        """The chain."""
        return self._rpc

    def build(self, call: Call, *, gas: int | None = None) -> Unsigned:
        """Return a complete transaction; estimates gas with a fifth on top when not given.

        Raises:
            ContractRefused: The contract would refuse it; says why.
            RpcRefused: The server would not take it.
        """
        if self._chain_id is None:
            self._chain_id = self._rpc.chain_id()
        if self._nonce is None:
            self._nonce = self._rpc.nonce(self.address, "pending")
        if gas is None:
            try:
                gas = self._rpc.estimate_gas(self.address, call.to, call.data, call.value) * 6 // 5
            except RpcRefused as error:
                raise explain(error) from error
        fee = self._fee or suggest(self._rpc.fee_history())[self._level]
        return Unsigned(self._chain_id, self._nonce, call.to, call.value, call.data, gas, fee)

    def send(self, call: Call, *, gas: int | None = None) -> str:
        """Sign and send, without waiting; returns the transaction's hash. Raises as :meth:`build`."""
        unsigned = self.build(call, gas=gas)
        signed = sign(unsigned, self._key)
        try:
            self._rpc.send_raw(signed.raw)
        except RpcRefused as error:
            self._nonce = None
            if "already known" not in error.reason.lower():
                raise
        self._nonce = unsigned.nonce + 1
        return signed.hash

    def transact(self, call: Call, *, gas: int | None = None, seconds: float = 60.0) -> Receipt:
        """Sign, send and wait until it is in a block.

        Raises:
            ContractRefused: The contract refused it, before or in the block.
            NotMined: It is in no block yet.
        """
        receipt = wait_for(self._rpc, self.send(call, gas=gas), seconds=seconds)
        if not receipt.succeeded:
            raise why_reverted(self._rpc, receipt, call, self.address)
        return receipt

    def transact_all(self, calls: Sequence[Call], *, gas: int | None = None) -> list[Receipt]:
        """Send several in order, then wait for all. Raises as :meth:`transact`, for the first that failed."""
        hashes = [self.send(call, gas=gas) for call in calls]
        receipts = [wait_for(self._rpc, tx) for tx in hashes]
        for call, receipt in zip(calls, receipts, strict=True):
            if not receipt.succeeded:
                raise why_reverted(self._rpc, receipt, call, self.address)
        return receipts


def why_reverted(rpc: Rpc, receipt: Receipt, call: Call, sender: str) -> ContractRefused:
    """Return the contract's reason, found by trying the call again on the block before; a general one when it succeeds there."""
    try:
        rpc.call(call.to, call.data, sender=sender, value=call.value, block=receipt.block_number - 1)
    except RpcRefused as error:
        found = explain(error)
        if isinstance(found, ContractRefused):
            return found
    return ContractRefused("", {}, "Something changed just before it was confirmed.")


def raised_for_replacement(unsigned: Unsigned, suggestion: Fee) -> Unsigned:
    """Return the same transaction with a fee that may replace it: the suggestion, and at least 12.5 % more of both fields."""
    return replace(unsigned, fee=unsigned.fee.raised().at_least(suggestion))
