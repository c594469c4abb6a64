"""Deploys the plan: shows it first, goes on where it stopped, writes down where everything lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mycelix_studio.chain.artifacts import Deployment, artifact
from mycelix_studio.chain.rpc import ChainUnreachable, Rpc, RpcRefused, WrongChain
from mycelix_studio.chain.transactions import NotEnough, Sender, suggest, wait_for
from mycelix_studio.deploy.plan import (
    FACTORY,
    FACTORY_CODE,
    FACTORY_COST,
    FACTORY_MAKER,
    FACTORY_TRANSACTION,
    VERSION,
    Options,
    Step,
    local_options,
    plan,
)
from mycelix_studio.domain.networks import network
from mycelix_studio.domain.transaction import Call, FeeLevel
from mycelix_studio.errors import Known

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Planned:
    """One transaction of a deployment, as the dry run prints it.

    Attributes:
        name: Contract.
        address: Where it lies, or will.
        done: It is there already.
        gas: Units of gas it takes; 0 when done; None when it cannot be tried before the ones it depends on.
        size: Bytes sent.
    """

    name: str
    address: str
    done: bool
    gas: int | None
    size: int


@dataclass(frozen=True, slots=True)
class DryRun:
    """All transactions and their cost at the fee of today, wei of the native coin; ``gas_price`` is wei a unit."""

    rows: tuple[Planned, ...]
    gas: int
    gas_price: int
    cost: int
    symbol: str


class DeployedWrong(Known):
    """Something else lies where a contract should."""


def require_chain(rpc: Rpc, chain_id: int) -> None:
    """Raise WrongChain unless the server belongs to this chain."""
    found = rpc.chain_id()
    if found != chain_id:
        raise WrongChain(chain_id, found)


def dry_run(rpc: Rpc, options: Options, sender: str) -> DryRun:
    """Return every transaction that deploying would send, and what all would cost, without sending one.

    Args:
        rpc: The chain.
        options: Choices.
        sender: Address that would deploy.

    Raises:
        WrongChain: The server is on another chain.
    """
    require_chain(rpc, options.chain_id)
    has_factory = rpc.code(FACTORY) == FACTORY_CODE
    rows = []
    if not has_factory:
        rows.append(Planned("Deployment factory", FACTORY, False, 100_000 + 21_000, len(FACTORY_TRANSACTION)))
    for step in plan(options):
        done = bool(rpc.code(step.address))
        gas = 0 if done else _gas_of(rpc, step, sender)
        rows.append(Planned(step.name, step.address, done, gas, len(step.call.data)))
    gas = sum(row.gas or 0 for row in rows)
    price = suggest(rpc.fee_history())[FeeLevel.NORMAL].max_fee
    return DryRun(tuple(rows), gas, price, gas * price, network(options.chain_id).native_symbol)


def _gas_of(rpc: Rpc, step: Step, sender: str) -> int:
    """Return the gas of a step; by arithmetic where trying it fails because its factory or its parents are not there yet."""
    try:
        return rpc.estimate_gas(sender, step.call.to, step.call.data)
    except RpcRefused:
        code = len(artifact(step.name).deployed)
        data = step.call.data
        return 53_000 + 200 * code + sum(16 if byte else 4 for byte in data) + 500_000


def deploy(
    rpc: Rpc,
    key: str,
    options: Options,
    out: Path,
    *,
    say: Say = lambda _text: None,
) -> Deployment:
    """Deploy what is missing and write ``out``; run it again after a failure and it goes on where it stopped.

    Args:
        rpc: The chain.
        key: Private key of the deployer, 0x + 64 hex.
        options: Choices.
        out: The deployment's JSON.
        say: Gets one line for each step.

    Raises:
        WrongChain: The server is on another chain; nothing was sent.
        NotEnough: The deployer cannot pay for it; nothing was sent.
        ChainUnreachable, NotMined, ContractRefused: In the middle; run it again.
        DeployedWrong: A contract's code is not what was sent.
    """
    require_chain(rpc, options.chain_id)
    sender = Sender(rpc, key)
    cost = dry_run(rpc, options, sender.address)
    have = rpc.balance(sender.address)
    if have < cost.cost:
        raise NotEnough(have, cost.cost, cost.symbol)
    _ensure_factory(rpc, sender, say)
    steps = plan(options)
    first: int | None = None
    for step in steps:
        if rpc.code(step.address):
            say(f"{step.name} is at {step.address}")
        else:
            receipt = sender.transact(step.call, seconds=180)
            if not rpc.code(step.address):
                raise DeployedWrong(
                    f"Could not deploy {step.name}",
                    "The transaction went through but no code lies there.",
                    "Try again.",
                )
            first = receipt.block_number if first is None else min(first, receipt.block_number)
            say(f"{step.name} deployed at {step.address}, gas {receipt.gas_used}")
    contracts = {step.name: step.address for step in steps}
    if options.token is not None:
        contracts["FlowToken"] = options.token
    block = first if first is not None and len(steps) == len(contracts) else None
    earliest = _first_block(rpc, steps, out) if block is None or _some_were_there(rpc, steps, block) else block
    deployment = Deployment(
        options.chain_id,
        earliest,
        VERSION,
        contracts,
        {step.name: "0x" + step.arguments.hex() for step in steps},
    )
    deployment.write(out)
    say(f"Written to {out}")
    return deployment


def _ensure_factory(rpc: Rpc, sender: Sender, say: Say) -> None:
    code = rpc.code(FACTORY)
    if code == FACTORY_CODE:
        return
    if code:
        raise DeployedWrong(
            "Could not deploy",
            f"Another contract lies at the factory's address {FACTORY}.",
            "Deploy to another network.",
        )
    missing = FACTORY_COST - rpc.balance(FACTORY_MAKER)
    if missing > 0:
        sender.transact(Call(FACTORY_MAKER, value=missing))
    try:
        tx_hash = rpc.send_raw(FACTORY_TRANSACTION)
    except RpcRefused as error:
        raise DeployedWrong(
            "Could not deploy",
            f"This network does not take the factory's own transaction ({error.reason}).",
            "Ask its operator to deploy the deterministic deployment proxy.",
        ) from error
    wait_for(rpc, tx_hash, seconds=180)
    say(f"Deployment factory deployed at {FACTORY}")


def _some_were_there(rpc: Rpc, steps: tuple[Step, ...], block: int) -> bool:
    """Tell whether one of the contracts is older than ``block``."""
    if block == 0:
        return False
    try:
        return any(rpc.code(step.address, block - 1) for step in steps)
    except (RpcRefused, ChainUnreachable):
        return True


def _first_block(rpc: Rpc, steps: tuple[Step, ...], out: Path) -> int:
    """Return the block of the oldest contract, by halving; from the file written before, or 0, where history is not served."""
    if out.is_file():
        try:
            before = Deployment.read(out)
        except ValueError:
            before = None
        if before is not None and all(before.contracts.get(step.name) == step.address for step in steps):
            return before.block
    low, high = 0, rpc.block_number()
    try:
        while low < high:
            middle = (low + high) // 2
            if any(rpc.code(step.address, middle) for step in steps):
                high = middle
            else:
                low = middle + 1
    except RpcRefused:
        return 0
    return low


def deploy_local(rpc: Rpc, key: str, out: Path, *, say: Say = lambda _text: None) -> Deployment:
    """Deploy on a local chain with the deployer as owner, treasury and guardian. Raises as :func:`deploy`."""
    chain_id = rpc.chain_id()
    return deploy(rpc, key, local_options(Sender(rpc, key).address, chain_id), out, say=say)
