"""The contract CreditToken. Written by packaging/bindings.py from the artifacts' ABI; do not edit."""

from __future__ import annotations

from dataclasses import dataclass

from mycelix_studio.chain.binding import Contract, View
from mycelix_studio.domain.transaction import Call


@dataclass(frozen=True, slots=True)
class Eip712DomainResult:
    """What ``eip712Domain()`` returns."""

    fields: str
    name: str
    version: str
    chain_id: int
    verifying_contract: str
    salt: str
    extensions: tuple[int, ...]


class CreditToken(Contract):
    """CreditToken at an address. Amounts are wei."""

    NAME = "CreditToken"

    def domain_separator(self) -> View[str]:
        """Read ``DOMAIN_SEPARATOR()``."""
        return self._view("DOMAIN_SEPARATOR()")

    def allowance(self, owner: str, spender: str) -> View[int]:
        """Read ``allowance(address,address)``."""
        return self._view("allowance(address,address)", owner, spender)

    def approve(self, spender: str, value: int) -> Call:
        """Call ``approve(address,uint256)``."""
        return self._call("approve(address,uint256)", spender, value)

    def balance_of(self, account: str) -> View[int]:
        """Read ``balanceOf(address)``."""
        return self._view("balanceOf(address)", account)

    def cap(self) -> View[int]:
        """Read ``cap()``."""
        return self._view("cap()")

    def decimals(self) -> View[int]:
        """Read ``decimals()``."""
        return self._view("decimals()")

    def eip712_domain(self) -> View[Eip712DomainResult]:
        """Read ``eip712Domain()``."""
        return self._view("eip712Domain()", make=Eip712DomainResult)

    def mint(self, to: str, amount: int) -> Call:
        """Call ``mint(address,uint256)``."""
        return self._call("mint(address,uint256)", to, amount)

    def name(self) -> View[str]:
        """Read ``name()``."""
        return self._view("name()")

    def nonces(self, owner: str) -> View[int]:
        """Read ``nonces(address)``."""
        return self._view("nonces(address)", owner)

    def owner(self) -> View[str]:
        """Read ``owner()``."""
        return self._view("owner()")

    def permit(self, owner: str, spender: str, value: int, deadline: int, v: int, r: str, s: str) -> Call:
        """Call ``permit(address,address,uint256,uint256,uint8,bytes32,bytes32)``."""
        return self._call(
            "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)", owner, spender, value, deadline, v, r, s
        )

    def renounce_ownership(self) -> Call:
        """Call ``renounceOwnership()``."""
        return self._call("renounceOwnership()")

    def symbol(self) -> View[str]:
        """Read ``symbol()``."""
        return self._view("symbol()")

    def total_supply(self) -> View[int]:
        """Read ``totalSupply()``."""
        return self._view("totalSupply()")

    def transfer(self, to: str, value: int) -> Call:
        """Call ``transfer(address,uint256)``."""
        return self._call("transfer(address,uint256)", to, value)

    def transfer_from(self, from_: str, to: str, value: int) -> Call:
        """Call ``transferFrom(address,address,uint256)``."""
        return self._call("transferFrom(address,address,uint256)", from_, to, value)

    def transfer_ownership(self, new_owner: str) -> Call:
        """Call ``transferOwnership(address)``."""
        return self._call("transferOwnership(address)", new_owner)
