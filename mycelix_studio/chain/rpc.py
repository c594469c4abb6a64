"""JSON-RPC to one or more chain servers: fail-over for what any of them may answer, comparison for what matters.

A server that cannot be reached, answers nonsense or is overloaded is skipped and the next is asked. A server's *refusal* (a reverted call,
a nonce too low) is an answer and is raised as :class:`RpcRefused`.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from mycelix_studio.chain.values import hex_bytes, hex_int, require_list, require_object, require_text
from mycelix_studio.errors import Known

if TYPE_CHECKING:
    import httpx

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
LATEST = "latest"


class ChainUnreachable(Known):
    """No server of the chain answers."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "The network cannot be reached",
            f"None of your chain servers answers ({detail}). What is signed is kept and goes out as soon as one does.",
            "Look at your connection, or at the servers in Settings.",
        )


class WrongChain(Known):
    """A server belongs to another network than the one expected."""

    def __init__(self, expected: int, found: int) -> None:
        super().__init__(
            "A server is on another network",
            f"Network {expected} is chosen, the server answers for network {found}. Nothing was sent to it.",
            "Choose the network that fits the server, in Settings.",
        )
        self.expected = expected
        self.found = found


class ServersDisagree(Known):
    """Two servers gave different answers to a question that has one."""

    def __init__(self, what: str, first: str, second: str) -> None:
        super().__init__(
            "Your two servers do not agree",
            f"They differ about {what}: one says {first}, the other {second}. Nothing was signed or sent.",
            "Wait a minute and try again; if it stays so, replace one of the servers in Settings.",
        )
        self.what = what


class RpcRefused(Known):
    """A server answered with an error.

    Attributes:
        code: JSON-RPC code; 3 for a reverted call.
        reason: The server's own text.
        data: Revert data of the contract, empty when there is none.
    """

    def __init__(self, method: str, code: int, reason: str, data: bytes = b"") -> None:
        super().__init__("The network refused the request", f"It says: {reason}", "")
        self.method = method
        self.code = code
        self.reason = reason
        self.data = data


@dataclass(frozen=True, slots=True)
class Head:
    """What is used of a block's header. ``base_fee`` in wei a unit of gas, ``timestamp`` in Unix seconds."""

    number: int
    hash: str
    parent_hash: str
    timestamp: int
    base_fee: int
    gas_limit: int


@dataclass(frozen=True, slots=True)
class Log:
    """One log of a receipt, as the chain returns it; ``log_index`` counts within the block."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes
    block_number: int
    block_hash: str
    tx_hash: str
    tx_index: int
    log_index: int
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receipt of a mined transaction. ``gas_price`` is the price really paid, wei a unit; ``contract`` is empty unless created."""

    tx_hash: str
    block_number: int
    block_hash: str
    succeeded: bool
    gas_used: int
    gas_price: int
    sender: str
    contract: str
    logs: tuple[Log, ...]


@dataclass(frozen=True, slots=True)
class FeeHistory:
    """Of the last blocks, oldest first: base fees (one more than blocks, the next block's last) and tips by percentile, wei a unit."""

    base_fees: tuple[int, ...]
    tips: tuple[tuple[int, ...], ...]
    used: tuple[float, ...]


def parse_log(raw: object) -> Log:
    """Return a log from its JSON.

    Raises:
        ValueError: The server's JSON is not a log.
    """
    item = require_object(raw)
    return Log(
        require_text(item["address"]),
        tuple(hex_bytes(topic) for topic in require_list(item["topics"])),
        hex_bytes(item["data"]),
        hex_int(item["blockNumber"]),
        require_text(item["blockHash"]),
        require_text(item["transactionHash"]),
        hex_int(item["transactionIndex"]),
        hex_int(item["logIndex"]),
        item.get("removed") is True,
    )


class Rpc:
    """A client of one chain. Safe to use from several threads; close it when done.

    Args:
        urls: One or more HTTP addresses, the preferred first.
        chain_id: When given, every server is asked for its own before its first other answer counts.
        timeout: Seconds for one answer.
    """

    def __init__(self, urls: Sequence[str], *, chain_id: int | None = None, timeout: float = 10.0) -> None:
        if not urls:
            raise ChainUnreachable("no server is set")
        self.urls = tuple(urls)
        self.expected_chain_id = chain_id
        self._timeout = timeout
        self._client: httpx.Client | None = None
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._proven: set[str] = set()
        self._preferred = 0

    def __enter__(self) -> Rpc:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    # any server -------------------------------------------------------------------------------------------------------------------

    def request(self, method: str, *params: Json) -> Json:
        """Return the result of one method from the first server that answers.

        Raises:
            ChainUnreachable: No server answered.
            WrongChain: The only servers that answered are on another chain.
            RpcRefused: A server answered with an error.
        """
        return self.batch([(method, params)])[0]

    def batch(self, requests: Sequence[tuple[str, Sequence[Json]]]) -> list[Json]:
        """Return the results of several methods, asked in one go of one server. Raises as :meth:`request`, for the first error."""
        problems: list[str] = []
        wrong: WrongChain | None = None
        for offset in range(len(self.urls)):
            index = (self._preferred + offset) % len(self.urls)
            try:
                self._prove(self.urls[index])
                results = self._post(self.urls[index], requests)
            except _NoAnswer as error:
                problems.append(str(error))
            except WrongChain as error:
                wrong = error
            else:
                self._preferred = index
                return results
        if wrong is not None:
            raise wrong
        raise ChainUnreachable("; ".join(dict.fromkeys(problems)))

    def ask_each(self, method: str, *params: Json) -> list[Json]:
        """Return the answers of all servers that answer, in the order of :attr:`urls`; at least one.

        Raises:
            ChainUnreachable: None answered.
            WrongChain: One of them is on another chain.
            RpcRefused: All that answered refused.
        """
        answers: list[Json] = []
        problems: list[str] = []
        refused: RpcRefused | None = None
        for url in self.urls:
            try:
                self._prove(url)
                answers.extend(self._post(url, [(method, params)]))
            except _NoAnswer as error:
                problems.append(str(error))
            except RpcRefused as error:
                refused = error
        if answers:
            return answers
        if refused is not None:
            raise refused
        raise ChainUnreachable("; ".join(dict.fromkeys(problems)))

    def agreed(self, what: str, method: str, *params: Json) -> tuple[Json, int]:
        """Return ``(answer, servers)``: the answer all servers gave, and how many gave it.

        Raises:
            ServersDisagree: Two answers differ; ``what`` names it for a person.
        """
        answers = self.ask_each(method, *params)
        for other in answers[1:]:
            if other != answers[0]:
                raise ServersDisagree(what, _short(answers[0]), _short(other))
        return answers[0], len(answers)

    # typed ------------------------------------------------------------------------------------------------------------------------

    def chain_id(self) -> int:
        """Return the chain's id."""
        return hex_int(self.request("eth_chainId"))

    def block_number(self) -> int:
        """Return the number of the newest block."""
        return hex_int(self.request("eth_blockNumber"))

    def head(self, block: int | str = LATEST) -> Head | None:
        """Return a block's header by number, tag or hash; None when the server has no such block."""
        by_hash = isinstance(block, str) and len(block) == 66
        method = "eth_getBlockByHash" if by_hash else "eth_getBlockByNumber"
        raw = self.request(method, hex(block) if isinstance(block, int) else block, False)
        return None if raw is None else parse_head(raw)

    def balance(self, address: str, block: int | str = LATEST) -> int:
        """Return an address's native coin in wei."""
        return hex_int(self.request("eth_getBalance", address, _block(block)))

    def nonce(self, address: str, block: int | str = LATEST) -> int:
        """Return how many transactions of an address are in the chain up to ``block`` (``pending`` counts those waiting too)."""
        return hex_int(self.request("eth_getTransactionCount", address, _block(block)))

    def code(self, address: str, block: int | str = LATEST) -> bytes:
        """Return the code at an address, empty for none."""
        return hex_bytes(self.request("eth_getCode", address, _block(block)))

    def call(
        self, to: str, data: bytes, *, sender: str | None = None, value: int = 0, block: int | str = LATEST
    ) -> bytes:
        """Return what a call returns, without sending anything.

        Raises:
            RpcRefused: The contract reverted; ``data`` holds its error.
        """
        fields: dict[str, Json] = {"to": to, "data": "0x" + data.hex()}
        if sender is not None:
            fields["from"] = sender
        if value:
            fields["value"] = hex(value)
        return hex_bytes(self.request("eth_call", fields, _block(block)))

    def estimate_gas(self, sender: str, to: str, data: bytes, value: int = 0) -> int:
        """Return the units of gas a transaction would use.

        Raises:
            RpcRefused: It would revert.
        """
        fields: dict[str, Json] = {"from": sender, "to": to, "data": "0x" + data.hex(), "value": hex(value)}
        return hex_int(self.request("eth_estimateGas", fields))

    def fee_history(self, blocks: int = 20, percentiles: Sequence[int] = (10, 50, 90)) -> FeeHistory:
        """Return base fees and tips of the last blocks."""
        return parse_fee_history(self.request("eth_feeHistory", hex(blocks), LATEST, list(percentiles)))

    def fee_histories(self, blocks: int = 20, percentiles: Sequence[int] = (10, 50, 90)) -> list[FeeHistory]:
        """Return the same from every server that answers, at least one."""
        answers = self.ask_each("eth_feeHistory", hex(blocks), LATEST, list(percentiles))
        return [parse_fee_history(answer) for answer in answers]

    def logs(
        self,
        first: int,
        last: int,
        addresses: Sequence[str],
        topics: Sequence[Json] = (),
    ) -> tuple[Log, ...]:
        """Return the logs of these contracts in blocks ``first`` to ``last``, both included, in order."""
        fields: dict[str, Json] = {
            "fromBlock": hex(first),
            "toBlock": hex(last),
            "address": list(addresses),
            "topics": list(topics),
        }
        found = [parse_log(raw) for raw in require_list(self.request("eth_getLogs", fields))]
        return tuple(sorted(found, key=lambda log: (log.block_number, log.log_index)))

    def logs_of_each(self, first: int, last: int, addresses: Sequence[str]) -> list[tuple[Log, ...]]:
        """Return the same logs from every server that answers, at least one."""
        fields: dict[str, Json] = {"fromBlock": hex(first), "toBlock": hex(last), "address": list(addresses)}
        answers = ([parse_log(raw) for raw in require_list(a)] for a in self.ask_each("eth_getLogs", fields))
        return [tuple(sorted(found, key=lambda log: (log.block_number, log.log_index))) for found in answers]

    def logs_of_block(self, block_hash: str, addresses: Sequence[str]) -> tuple[Log, ...]:
        """Return the logs of these contracts in exactly the block of this hash."""
        fields: dict[str, Json] = {"blockHash": block_hash, "address": list(addresses)}
        found = [parse_log(raw) for raw in require_list(self.request("eth_getLogs", fields))]
        return tuple(sorted(found, key=lambda log: log.log_index))

    def receipt(self, tx_hash: str) -> Receipt | None:
        """Return the receipt of a transaction; None while it is in no block."""
        raw = self.request("eth_getTransactionReceipt", tx_hash)
        return None if raw is None else parse_receipt(raw)

    def receipts(self, tx_hashes: Sequence[str]) -> list[Receipt | None]:
        """Return several receipts in one request."""
        if not tx_hashes:
            return []
        answers = self.batch([("eth_getTransactionReceipt", (tx,)) for tx in tx_hashes])
        return [None if raw is None else parse_receipt(raw) for raw in answers]

    def knows(self, tx_hash: str) -> bool:
        """Tell whether the server has the transaction, waiting or in a block."""
        return self.request("eth_getTransactionByHash", tx_hash) is not None

    def send_raw(self, raw: bytes) -> str:
        """Send a signed transaction and return its hash as the server names it.

        Raises:
            RpcRefused: The server did not take it; the reason tells why.
        """
        return require_text(self.request("eth_sendRawTransaction", "0x" + raw.hex()))

    # wire -------------------------------------------------------------------------------------------------------------------------

    def _prove(self, url: str) -> None:
        if self.expected_chain_id is None or url in self._proven:
            return
        found = hex_int(self._post(url, [("eth_chainId", ())])[0])
        if found != self.expected_chain_id:
            raise WrongChain(self.expected_chain_id, found)
        self._proven.add(url)

    def _http(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                import httpx

                self._client = httpx.Client(timeout=self._timeout, trust_env=False)
            return self._client

    def _post(self, url: str, requests: Sequence[tuple[str, Sequence[Json]]]) -> list[Json]:
        import httpx

        bodies = [
            {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}
            for method, params in requests
        ]
        try:
            response = self._http().post(url, json=bodies[0] if len(bodies) == 1 else bodies)
            answer = response.json() if response.status_code < 500 and response.status_code != 429 else None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise _NoAnswer(f"{_host(url)}: {type(error).__name__}") from error
        if answer is None:
            raise _NoAnswer(f"{_host(url)}: HTTP {response.status_code}")
        rows = answer if isinstance(answer, list) else [answer]
        by_id = {row.get("id"): row for row in rows if isinstance(row, dict)}
        results: list[Json] = []
        for body in bodies:
            row = by_id.get(body["id"])
            if row is None and len(rows) == 1 and isinstance(rows[0], dict):
                row = rows[0]  # an error to the whole request has no id
            if row is None or ("result" not in row and "error" not in row):
                raise _NoAnswer(f"{_host(url)}: not an answer")
            if row.get("error") is not None:
                raise _refusal(str(body["method"]), row["error"])
            results.append(row.get("result"))
        return results


class _NoAnswer(Exception):
    """This server gave no answer; another may."""


def parse_head(raw: object) -> Head:
    """Return a header from its JSON."""
    item = require_object(raw)
    return Head(
        hex_int(item["number"]),
        require_text(item["hash"]),
        require_text(item["parentHash"]),
        hex_int(item["timestamp"]),
        hex_int(item.get("baseFeePerGas") or "0x0"),
        hex_int(item["gasLimit"]),
    )


def parse_fee_history(raw: object) -> FeeHistory:
    """Return fees from their JSON."""
    item = require_object(raw)
    return FeeHistory(
        tuple(hex_int(fee) for fee in require_list(item["baseFeePerGas"])),
        tuple(tuple(hex_int(tip) for tip in require_list(row)) for row in require_list(item.get("reward") or [])),
        tuple(float(x) for x in require_list(item["gasUsedRatio"]) if isinstance(x, int | float)),
    )


def parse_receipt(raw: object) -> Receipt:
    """Return a receipt from its JSON."""
    item = require_object(raw)
    return Receipt(
        require_text(item["transactionHash"]),
        hex_int(item["blockNumber"]),
        require_text(item["blockHash"]),
        hex_int(item["status"]) == 1,
        hex_int(item["gasUsed"]),
        hex_int(item.get("effectiveGasPrice") or "0x0"),
        require_text(item["from"]),
        require_text(item.get("contractAddress") or ""),
        tuple(parse_log(log) for log in require_list(item["logs"])),
    )


def _refusal(method: str, error: object) -> RpcRefused:
    item = require_object(error) if isinstance(error, dict) else {"message": str(error)}
    data = item.get("data")
    if isinstance(data, dict):
        data = data.get("data") or data.get("result")
    payload = b""
    if isinstance(data, str) and data.startswith("0x"):
        try:
            payload = bytes.fromhex(data[2:])
        except ValueError:
            payload = b""
    code = item.get("code")
    return RpcRefused(method, code if isinstance(code, int) else 0, str(item.get("message") or "no reason"), payload)


def _block(block: int | str) -> Json:
    if isinstance(block, int):
        return hex(block)
    return {"blockHash": block} if len(block) == 66 else block


def _host(url: str) -> str:
    return url.split("//", 1)[-1].split("/", 1)[0].rsplit("@", maxsplit=1)[-1]


def _short(value: Json) -> str:
    text = str(value)
    return text if len(text) <= 24 else f"{text[:20]}…"
