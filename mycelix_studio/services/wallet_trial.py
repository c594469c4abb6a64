"""Trying requests out without sending them: each after the ones before it, on one block, on every server alike.

``eth_simulateV1`` runs all of them in one go and reads the balance between them. A server without it tries the first by ``eth_call`` and
``eth_estimateGas``; what comes after the first then cannot be tried, and the dialog says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mycelix_studio.domain.transaction import Call
from mycelix_studio.errors import Known

if TYPE_CHECKING:
    from mycelix_studio.chain.rpc import Head, Json, Rpc

REFUND = (5, 4)
"""Gas used before refunds is at most 5/4 of what a receipt shows (EIP-3529)."""
HEADROOM = (6, 5)
"""A fifth more than needed: state may change a little until it is in a block."""
UNTRIED_GAS = 250_000
UNTRIED_GAS_PER_BYTE = 400


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request in the trial.

    Attributes:
        tried: It was tried out.
        refusal: Why it fails; None when it succeeds or was not tried.
        gas: Gas limit to sign with.
        used: Gas it probably uses.
        flow_before: FLOW of the account before it, wei; None when not known.
        flow_after: And after it.
    """

    tried: bool
    refusal: Known | None
    gas: int
    used: int
    flow_before: int | None = None
    flow_after: int | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """The trial of several requests.

    Attributes:
        block: Block it ran on.
        servers: How many servers gave the same answer.
        outcomes: One per request.
    """

    block: int
    servers: int
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is tried out.

    Attributes:
        sender: Who signs.
        calls: What is tried, in order.
        pending: The sender's own requests that are signed and in no block yet; they come first.
        flow_balance: The read of the sender's FLOW, None where there is no token.
    """

    sender: str
    calls: Sequence[Call]
    pending: Sequence[Call] = ()
    flow_balance: Call | None = None


def try_out(rpc: Rpc, attempt: Attempt) -> Trial:
    """Try requests out in order.

    Raises:
        ChainUnreachable, WrongChain: No server answers.
        ServersDisagree: Two servers say different things about the same block.
    """
    from mycelix_studio.chain.rpc import RpcRefused

    head = agreed_head(rpc)
    try:
        return _simulate(rpc, head, attempt)
    except RpcRefused:  # an unknown method, or a server that has it in another form
        return _one_by_one(rpc, head, attempt)


def agreed_head(rpc: Rpc) -> Head:
    """Return the newest block that every answering server has.

    Raises:
        ServersDisagree: Two servers have different blocks of this number.
    """
    from mycelix_studio.chain.rpc import ChainUnreachable, ServersDisagree, parse_head
    from mycelix_studio.chain.values import hex_int

    number = min(hex_int(answer) for answer in rpc.ask_each("eth_blockNumber"))
    heads = [parse_head(raw) for raw in rpc.ask_each("eth_getBlockByNumber", hex(number), False) if raw is not None]
    if not heads:
        raise ChainUnreachable("no server has the newest block")
    for other in heads[1:]:
        if other.hash != heads[0].hash:
            raise ServersDisagree("the newest block", heads[0].hash[:20], other.hash[:20])
    return heads[0]


def _fields(sender: str, call: Call) -> dict[str, Json]:
    fields: dict[str, Json] = {"from": sender, "to": call.to, "value": hex(call.value)}
    if call.data:
        fields["input"] = "0x" + call.data.hex()
    return fields


def _simulate(rpc: Rpc, head: Head, attempt: Attempt) -> Trial:
    from mycelix_studio.chain.rpc import RpcRefused, ServersDisagree
    from mycelix_studio.chain.values import hex_bytes, hex_int, require_list, require_object

    look = [] if attempt.flow_balance is None else [_fields(attempt.sender, attempt.flow_balance)]
    steps: list[Json] = [_fields(attempt.sender, call) for call in attempt.pending]
    steps += look
    for call in attempt.calls:
        steps += [_fields(attempt.sender, call), *look]
    block: Json = {
        "blockOverrides": {"number": hex(head.number + 1), "time": hex(head.timestamp + 1)},
        "calls": steps,
    }
    request: Json = {"blockStateCalls": [block], "validation": False, "traceTransfers": False}
    answers = []
    for answer in rpc.ask_each("eth_simulateV1", request, hex(head.number)):
        rows = require_list(require_object(require_list(answer)[0])["calls"])
        if len(rows) != len(steps):
            raise RpcRefused("eth_simulateV1", 0, "it tried another number of requests")
        answers.append([require_object(row) for row in rows])
    said = [[(row.get("status"), row.get("returnData")) for row in rows] for rows in answers]
    if any(other != said[0] for other in said[1:]):
        raise ServersDisagree("what the request would do", "one thing", "another")
    rows = answers[0][len(attempt.pending) :]
    balances: list[int | None] = []
    results = rows
    if look:
        balances = [_number(row.get("returnData")) for row in rows[0::2]]
        results = rows[1::2]
    outcomes = []
    for index, row in enumerate(results):
        refusal = None
        if hex_int(row.get("status")) != 1:
            error = row.get("error")
            detail = require_object(error) if isinstance(error, dict) else {}
            data = detail.get("data") or row.get("returnData") or "0x"
            text = str(detail.get("message") or "execution reverted")
            refusal = _refusal(RpcRefused("eth_simulateV1", 3, text, hex_bytes(data)))
        used = hex_int(row.get("gasUsed"))
        before, after = (balances[index], balances[index + 1]) if look else (None, None)
        outcomes.append(Outcome(True, refusal, _limit(used, head), used, before, after))
    return Trial(head.number, len(answers), tuple(outcomes))


def _one_by_one(rpc: Rpc, head: Head, attempt: Attempt) -> Trial:
    from mycelix_studio.chain.rpc import RpcRefused

    flow = None
    if attempt.flow_balance is not None:
        flow = _number("0x" + rpc.call(attempt.flow_balance.to, attempt.flow_balance.data, block=head.number).hex())
    outcomes: list[Outcome] = []
    for call in attempt.calls:
        untried = min(UNTRIED_GAS + UNTRIED_GAS_PER_BYTE * len(call.data), head.gas_limit)
        if outcomes or attempt.pending:
            outcomes.append(Outcome(False, None, untried, untried // 3, flow))
            continue
        try:
            used = rpc.estimate_gas(attempt.sender, call.to, call.data, call.value)
        except RpcRefused as error:
            outcomes.append(Outcome(True, _refusal(error), untried, untried // 3, flow))
            continue
        outcomes.append(Outcome(True, None, used * HEADROOM[0] // HEADROOM[1], used, flow))
    return Trial(head.number, 1, tuple(outcomes))


def _refusal(error: Known) -> Known:
    from mycelix_studio.chain.refusals import explain
    from mycelix_studio.chain.rpc import RpcRefused

    return explain(error) if isinstance(error, RpcRefused) else error


def _limit(used: int, head: Head) -> int:
    if used <= 21_000:
        return 21_000
    return min(used * REFUND[0] * HEADROOM[0] // (REFUND[1] * HEADROOM[1]), head.gas_limit)


def _number(value: object) -> int | None:
    """Return the integer a call returned; None where nothing of this kind came back, as when no token lies there."""
    if not isinstance(value, str) or len(value) != 66:
        return None
    return int(value, 16)
