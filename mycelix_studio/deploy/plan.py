"""What is deployed, in which order, with which constructor arguments, and where it will lie.

Every contract goes through the deterministic deployment factory (CREATE2), so its address follows from its code, its arguments and a
salt alone. That makes a deployment resumable without any note of how far it came, and equal on every chain with the same arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mycelix_studio.chain import codec
from mycelix_studio.chain.artifacts import Artifact, artifact, artifact_names
from mycelix_studio.chain.values import checksum, keccak
from mycelix_studio.domain.networks import LOCAL
from mycelix_studio.domain.transaction import Call
from mycelix_studio.errors import Known

VERSION = "1"
FACTORY = "0x4e59b44847b379578588920cA78FbF26c0B4956C"
"""The deterministic deployment proxy that lies at this address on every chain."""
FACTORY_CODE = bytes.fromhex(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
)
FACTORY_MAKER = "0x3fAB184622Dc19b6109349B94811493BF2a45362"
FACTORY_COST = 10**16
"""Wei its maker needs: 100,000 units of gas at 100 gwei, fixed by the transaction signed once for all chains."""
FACTORY_TRANSACTION = bytes.fromhex(
    "f8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0360160008160"
    "2082378035828234f58015156039578182fd5b8082525050506014600cf31ba02222222222222222222222222222222222222222222222222222222222222222a0222222222222"
    "2222222222222222222222222222222222222222222222222222"
)
TIMELOCK_DELAY = 48 * 3600
START_FEE_BPS = 100


@dataclass(frozen=True, slots=True)
class Options:
    """Choices of a deployment.

    Attributes:
        chain_id: The chain it must be.
        owner: Proposes changes of fee and treasury, through the timelock where there is one; EIP-55.
        treasury: Receives the fee.
        guardian: May pause inflows for at most 7 days.
        token: Payment token already on the chain; a FlowToken is deployed when None, which only local and test networks allow.
        fee_bps: Fee at the start, basis points.
    """

    chain_id: int
    owner: str
    treasury: str
    guardian: str
    token: str | None = None
    fee_bps: int = START_FEE_BPS


@dataclass(frozen=True, slots=True)
class Step:
    """One contract.

    Attributes:
        name: Solidity name.
        address: Where it will lie, EIP-55.
        arguments: ABI-encoded constructor arguments.
        call: The call of the factory that makes it.
    """

    name: str
    address: str
    arguments: bytes = field(repr=False)
    call: Call = field(repr=False)


class TokenMissing(Known):
    """A real network needs the address of its payment token."""

    def __init__(self) -> None:
        super().__init__(
            "The payment token is not named",
            "Outside local and test networks the contracts are paid in a token that already exists.",
            "Give its address with --token.",
        )


Arguments = Callable[[Options, Mapping[str, str]], list[object]]

_ORDER: tuple[tuple[str, Arguments], ...] = (
    ("FlowToken", lambda o, at: [o.owner]),
    ("CreditToken", lambda o, at: [o.owner]),
    ("TimelockController", lambda o, at: [TIMELOCK_DELAY, [o.owner], [o.owner], "0x" + "0" * 40]),
    ("FeePolicy", lambda o, at: [at.get("TimelockController", o.owner), o.treasury, o.fee_bps]),
    ("Ledger", lambda o, at: [at["FlowToken"], at["FeePolicy"], o.guardian]),
    ("GiftEconomyStrategy", lambda o, at: [at["Ledger"], at["CreditToken"]]),
    ("PatronageStrategy", lambda o, at: [at["Ledger"]]),
    ("AuctionStrategy", lambda o, at: [at["Ledger"]]),
    ("Lens", lambda o, at: [at["Ledger"]]),
)


def create2_address(salt: bytes, init_code: bytes) -> str:
    """Return where the factory puts a contract."""
    return checksum("0x" + keccak(b"\xff" + bytes.fromhex(FACTORY[2:]) + salt + keccak(init_code))[12:].hex())


def salt_of(name: str) -> bytes:
    """Return the salt of a contract of this version."""
    return keccak(f"mycelix:{VERSION}:{name}".encode())


def plan(options: Options) -> tuple[Step, ...]:
    """Return the steps in order, for every contract that is shipped.

    Raises:
        TokenMissing: The chain is a real one and no payment token is named.
    """
    if options.token is None and options.chain_id == 100:
        raise TokenMissing
    steps: list[Step] = []
    addresses: dict[str, str] = {}
    shipped = artifact_names()
    for name, arguments in _ORDER:
        if name == "FlowToken" and options.token is not None:
            addresses[name] = checksum(options.token)
            continue
        if name not in shipped:
            continue
        steps.append(step(artifact(name), codec_arguments(artifact(name), arguments(options, addresses))))
        addresses[name] = steps[-1].address
    return tuple(steps)


def codec_arguments(found: Artifact, values: list[object]) -> bytes:
    """Return ABI-encoded constructor arguments.

    Raises:
        ValueError: They do not fit the constructor.
    """
    return codec.encode(found.constructor, values)


def step(found: Artifact, arguments: bytes) -> Step:
    """Return the step that deploys a contract with these arguments."""
    init_code = found.bytecode + arguments
    salt = salt_of(found.name)
    return Step(found.name, create2_address(salt, init_code), arguments, Call(FACTORY, salt + init_code))


def local_options(deployer: str, chain_id: int = LOCAL.chain_id) -> Options:
    """Return choices for a local chain: the deployer is owner, treasury and guardian."""
    return Options(chain_id, deployer, deployer, deployer)
