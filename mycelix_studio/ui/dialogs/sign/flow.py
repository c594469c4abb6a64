"""What the signing dialog knows, apart from how it looks: which request is shown, whether it may be signed, what was signed.

No widget here, so that the rules of signing are tested without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mycelix_studio.domain.transaction import FeeLevel, FeeOption, Prepared, RequestKind, Signed


@dataclass(slots=True)
class SigningFlow:
    """One or several prepared requests, signed one after the other.

    Attributes:
        requests: In the order they are signed.
        level: Chosen network fee.
        signed: What was signed so far, with when.
        busy: A signature is being made; nothing may be started or closed meanwhile.
        together: All are looked at one by one and signed together at the last, as on a computer without network.
    """

    requests: Sequence[Prepared]
    level: FeeLevel = FeeLevel.NORMAL
    signed: list[tuple[Signed, datetime]] = field(default_factory=list)
    busy: bool = False
    together: bool = False

    @property
    def last(self) -> bool:
        """True while the last one is shown."""
        return self.number == len(self.requests)

    @property
    def current(self) -> Prepared:
        """The request that is shown."""
        return self.requests[min(len(self.signed), len(self.requests) - 1)]

    @property
    def number(self) -> int:
        """Its place, from 1."""
        return min(len(self.signed), len(self.requests) - 1) + 1

    @property
    def finished(self) -> bool:
        """True once all were signed."""
        return len(self.signed) >= len(self.requests)

    @property
    def fee(self) -> FeeOption | None:
        """The chosen fee of the request that is shown; None for messages and texts, or when no server could be asked."""
        return self.current.fee(self.level)

    @property
    def needs_fee(self) -> bool:
        """True when it cannot be signed without knowing a fee."""
        return self.current.kind is RequestKind.TRANSACTION

    def may_sign(self, passphrase: str) -> bool:
        """Tell whether the button is on: everything decoded, a fee known where one is paid, the passphrase given where one is asked."""
        return not self.why_not(passphrase)

    def why_not(self, passphrase: str) -> str:
        """Return why the button is off, as one sentence for its tooltip; empty when it is on."""
        if self.busy:
            return "A signature is being made."
        if self.finished:
            return "Everything is signed."
        if self.current.refused:
            return self.current.refused
        if self.needs_fee and self.fee is None:
            return "The network fee is not known while no server answers."
        if self.current.needs_passphrase and not passphrase and (self.last or not self.together):
            return "Type your Studio passphrase first."
        return ""

    def done(self, result: Signed, at: datetime) -> bool:
        """Note a signature; returns True when it was the last."""
        self.signed.append((result, at))
        return self.finished
