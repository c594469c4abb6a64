"""What a listener's program does with the contracts: pay for streams and tip, with a key of its own.

For integrators; the demo's listeners use nothing else. A complete example stands in ``docs/examples/listener.py``.
"""

from __future__ import annotations

from mycelix_studio.chain import eip712
from mycelix_studio.chain.abi import FlowToken, Ledger
from mycelix_studio.chain.abi.ledger import Song
from mycelix_studio.chain.artifacts import Deployment
from mycelix_studio.chain.rpc import Receipt, Rpc
from mycelix_studio.chain.transactions import Fee, Sender

UNLIMITED = 2**256 - 1


class Listener:
    """One listener.

    Args:
        rpc: The chain.
        key: Private key, 0x + 64 hex; hidden in the repr, never logged.
        deployment: Where the contracts lie.
        fee: A fixed network fee; from the chain's history for each transaction when None.

    All methods that send raise ContractRefused (the contract says why), NotMined, ChainUnreachable. Amounts are wei of FLOW.
    """

    def __init__(self, rpc: Rpc, key: str, deployment: Deployment, *, fee: Fee | None = None) -> None:
        self._rpc = rpc
        self._key = key
        self.sender = Sender(rpc, key, fee=fee)
        self.address = self.sender.address
        self.ledger = Ledger(deployment.address("Ledger"))
        self.token = FlowToken(deployment.address("FlowToken"))

    def __repr__(self) -> str:
        return f"Listener({self.address})"

    # looking ----------------------------------------------------------------------------------------------------------------------

    def balance(self) -> int:
        """Return the listener's FLOW in wei."""
        return self.token.balance_of(self.address).read(self._rpc)

    def song(self, song_id: str) -> Song:
        """Return a song as it stands on chain. Raises ContractRefused for an unknown one."""
        return self.ledger.song(song_id).read(self._rpc)

    # allowing ---------------------------------------------------------------------------------------------------------------------

    def approve(self, amount: int = UNLIMITED) -> Receipt:
        """Let the Ledger take up to ``amount`` wei for what this listener pays."""
        return self.sender.transact(self.token.approve(self.ledger.address, amount))

    def sign_permit(self, amount: int, deadline: int) -> tuple[eip712.TypedMessage, bytes]:
        """Return a permit for the Ledger and its signature: the same as :meth:`approve` without a transaction of the listener's own.

        Args:
            amount: Wei the Ledger may take.
            deadline: Unix seconds until which anyone may submit it.
        """
        domain = eip712.Domain.of(self._rpc, self.token)
        nonce = self.token.nonces(self.address).read(self._rpc)
        typed = eip712.permit(domain, self.address, self.ledger.address, value=amount, nonce=nonce, deadline=deadline)
        return typed, eip712.sign(typed, self._key)

    def submit_permit(self, owner: str, amount: int, deadline: int, signature: bytes) -> Receipt:
        """Submit somebody's permit for the Ledger, paying the network fee for them."""
        v, r, s = eip712.split_signature(signature)
        return self.sender.transact(self.token.permit(owner, self.ledger.address, amount, deadline, v, r, s))

    # paying -----------------------------------------------------------------------------------------------------------------------

    def pay_stream(
        self, song_id: str, count: int = 1, max_cost: int | None = None, *, gas: int | None = None
    ) -> Receipt:
        """Pay for ``count`` streams of a song.

        Args:
            song_id: 0x + 64 hex.
            count: Streams.
            max_cost: Most wei it may cost; the price of this moment when None, so a rise meanwhile is refused, not paid.
            gas: Units of gas allowed; estimated when None.
        """
        cost = self.song(song_id).price * count if max_cost is None else max_cost
        return self.sender.transact(self.ledger.pay_stream(song_id, count, cost), gas=gas)

    def tip(self, song_id: str, amount: int, *, gas: int | None = None) -> Receipt:
        """Give ``amount`` wei to whoever is paid for a song."""
        return self.sender.transact(self.ledger.tip(song_id, amount), gas=gas)
