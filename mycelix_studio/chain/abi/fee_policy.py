"""The contract FeePolicy. Written by packaging/bindings.py from the artifacts' ABI; do not edit."""

from __future__ import annotations

from mycelix_studio.chain.binding import Contract, View
from mycelix_studio.domain.transaction import Call


class FeePolicy(Contract):
    """FeePolicy at an address. Amounts are wei."""

    NAME = "FeePolicy"

    def delay(self) -> View[int]:
        """Read ``DELAY()``."""
        return self._view("DELAY()")

    def max_fee_bps(self) -> View[int]:
        """Read ``MAX_FEE_BPS()``."""
        return self._view("MAX_FEE_BPS()")

    def accept_ownership(self) -> Call:
        """Call ``acceptOwnership()``."""
        return self._call("acceptOwnership()")

    def apply_fee(self) -> Call:
        """Call ``applyFee()``."""
        return self._call("applyFee()")

    def fee_bps(self) -> View[int]:
        """Read ``feeBps()``."""
        return self._view("feeBps()")

    def owner(self) -> View[str]:
        """Read ``owner()``."""
        return self._view("owner()")

    def pending_at(self) -> View[int]:
        """Read ``pendingAt()``."""
        return self._view("pendingAt()")

    def pending_fee_bps(self) -> View[int]:
        """Read ``pendingFeeBps()``."""
        return self._view("pendingFeeBps()")

    def pending_owner(self) -> View[str]:
        """Read ``pendingOwner()``."""
        return self._view("pendingOwner()")

    def renounce_ownership(self) -> Call:
        """Call ``renounceOwnership()``."""
        return self._call("renounceOwnership()")

    def schedule_fee(self, new_fee_bps: int) -> Call:
        """Call ``scheduleFee(uint16)``."""
        return self._call("scheduleFee(uint16)", new_fee_bps)

    def set_treasury(self, new_treasury: str) -> Call:
        """Call ``setTreasury(address)``."""
        return self._call("setTreasury(address)", new_treasury)

    def transfer_ownership(self, new_owner: str) -> Call:
        """Call ``transferOwnership(address)``."""
        return self._call("transferOwnership(address)", new_owner)

    def treasury(self) -> View[str]:
        """Read ``treasury()``."""
        return self._view("treasury()")
