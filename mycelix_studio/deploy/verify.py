"""Proves that what lies on the chain is what was built here."""

from __future__ import annotations

from dataclasses import dataclass

from mycelix_studio.chain.abi import FeePolicy, Ledger
from mycelix_studio.chain.artifacts import Deployment, artifact
from mycelix_studio.chain.code import same_code
from mycelix_studio.chain.rpc import Rpc
from mycelix_studio.chain.values import word
from mycelix_studio.deploy.plan import create2_address, salt_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found at one address.

    Attributes:
        name: Contract.
        address: EIP-55.
        same: The code equals the artifact, immutables left out.
        immutables: (byte offset, value as 0x hex) of each immutable found in the code.
        proven: The address itself follows from artifact and constructor arguments, so the immutables are those given too.
        detail: One sentence.
    """

    name: str
    address: str
    same: bool
    immutables: tuple[tuple[int, str], ...]
    proven: bool
    detail: str


def verify(rpc: Rpc, deployment: Deployment) -> tuple[Verdict, ...]:
    """Compare every contract of a deployment with the shipped artifacts.

    Raises:
        ChainUnreachable, WrongChain: The chain could not be asked.
    """
    verdicts = []
    for name, address in deployment.contracts.items():
        try:
            built = artifact(name)
        except FileNotFoundError:
            verdicts.append(Verdict(name, address, False, (), False, "There is no artifact to compare with."))
            continue
        code = rpc.code(address)
        same = same_code(built, code)
        values = tuple((start, "0x" + code[start : start + length].hex()) for start, length in built.immutables)
        arguments = deployment.arguments.get(name)
        proven = False
        if arguments is not None:
            encoded = bytes.fromhex(arguments.removeprefix("0x"))
            proven = create2_address(word(salt_of(name)), built.bytecode + encoded) == address
        if not code:
            detail = "No code lies there."
        elif not same:
            detail = "The code differs from the artifact."
        elif proven:
            detail = "The code equals the artifact, and the address follows from its constructor arguments."
        else:
            detail = "The code equals the artifact; its constructor arguments are not known."
        verdicts.append(Verdict(name, address, same, values if same else (), proven and same, detail))
    return tuple(verdicts)


def fee_behind(rpc: Rpc, deployment: Deployment) -> tuple[int, int] | None:
    """Return the fee that new payees get and the policy's, basis points, where nobody called ``updateFee`` since it changed; else None.

    Raises:
        ChainUnreachable, ContractRefused: The contracts could not be asked.
    """
    taken = Ledger(deployment.address("Ledger")).new_fee_bps().read(rpc)
    policy = FeePolicy(deployment.address("FeePolicy")).fee_bps().read(rpc)
    return None if taken == policy else (taken, policy)
