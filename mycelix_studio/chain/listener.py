"""What a listener's program does with the contracts: pay for streams and tip, with a key of its own.

For integrators; the demo's listeners use nothing else. A complete example stands in ``docs/examples/listener.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from mycelix_studio.chain import eip712
from mycelix_studio.chain.abi import AuctionStrategy, FlowToken, GiftEconomyStrategy, Ledger, PatronageStrategy
from mycelix_studio.chain.abi.ledger import Song, Voucher
from mycelix_studio.chain.artifacts import Deployment
from mycelix_studio.chain.rpc import Receipt, Rpc
from mycelix_studio.chain.transactions import Fee, Sender
from mycelix_studio.chain.values import keccak
from mycelix_studio.domain.vouchers import Item, Play, pack_items, pack_plays

UNLIMITED = 2**256 - 1


def signed_plays(
    domain: eip712.Domain,
    listener: str,
    key: str,
    items: Sequence[Item],
    plays: Sequence[Play],
    *,
    nonce: int,
    deadline: int,
) -> Voucher:
    """Return a voucher of ``listener`` signed with ``key``, its own or a session's; needs no chain.

    Args:
        domain: Of the Ledger.
        listener: Whose purse is charged.
        key: Private key, 0x + 64 hex.
        items: Who is paid how much.
        plays: The songs behind it; only the hash of the list is signed.
        nonce: Not used before; see ``domain.vouchers.NONCE_WINDOW``.
        deadline: Last second it can be settled, Unix time.

    Raises:
        Known: The lists do not fit into a voucher.
    """
    packed = pack_items(items)
    total = sum(item.amount for item in items)
    plays_hash = "0x" + keccak(pack_plays(plays)).hex()
    typed = eip712.voucher(
        domain, listener, nonce=nonce, deadline=deadline, total=total, plays_hash=plays_hash, items=packed
    )
    return Voucher(listener, nonce, deadline, total, plays_hash, packed, eip712.sign(typed, key))


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
        self.patronage = PatronageStrategy(deployment.address("PatronageStrategy"))
        self.auctions = AuctionStrategy(deployment.address("AuctionStrategy"))
        self.gifts = GiftEconomyStrategy(deployment.address("GiftEconomyStrategy"))

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

    def approve(self, amount: int = UNLIMITED, spender: str | None = None) -> Receipt:
        """Let a contract take up to ``amount`` wei for what this listener pays: the Ledger when ``spender`` is None.

        Patronage and passes are charged by their own contracts: ``patronage.address``, ``auctions.address``.
        """
        return self.sender.transact(self.token.approve(spender or self.ledger.address, amount))

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

    # purses and signed plays ------------------------------------------------------------------------------------------------------

    def deposit(self, amount: int) -> Receipt:
        """Pay ``amount`` wei into the listener's own purse, from which signed plays are charged."""
        return self.sender.transact(self.ledger.deposit(self.address, amount))

    def request_withdraw(self, amount: int) -> Receipt:
        """Ask for ``amount`` wei of the purse back; :meth:`withdraw` works a day later. 0 takes the request back."""
        return self.sender.transact(self.ledger.request_withdraw(amount))

    def withdraw(self) -> Receipt:
        """Withdraw what was asked for a day ago, or what signed plays left of it."""
        return self.sender.transact(self.ledger.withdraw(self.address))

    def set_session(self, key: str, expiry: int, cap: int) -> Receipt:
        """Let the key with address ``key`` sign plays until ``expiry`` (Unix seconds) for ``cap`` wei in all; both 0 revoke it.

        A strategy (``patronage.address``, ``auctions.address``) may likewise be allowed to charge the purse: what
        ``subscribe(from_purse=True)`` and ``buy_pass(from_purse=True)`` need, instead of an allowance of the token.
        """
        return self.sender.transact(self.ledger.set_session(key, expiry, cap))

    def sign_plays(
        self, items: Sequence[Item], plays: Sequence[Play], *, nonce: int, deadline: int, key: str | None = None
    ) -> Voucher:
        """Return a signed voucher, ready for :meth:`settle` or for a platform's server.

        Args:
            items: Who is paid how much.
            plays: The songs behind it; only the hash of the list is signed.
            nonce: Not used before; see ``domain.vouchers.NONCE_WINDOW``.
            deadline: Last second it can be settled, Unix time.
            key: Private key of a session; the listener's own when None.

        Raises:
            Known: The lists do not fit into a voucher.
        """
        domain = eip712.Domain.of(self._rpc, self.ledger)
        return signed_plays(domain, self.address, key or self._key, items, plays, nonce=nonce, deadline=deadline)

    def settle(self, vouchers: Sequence[Voucher]) -> Receipt:
        """Submit anybody's vouchers, paying the network fee; bad ones are left out with a ``VoucherSkipped`` each."""
        return self.sender.transact(self.ledger.settle(vouchers))

    # patronage, passes, thanks ----------------------------------------------------------------------------------------------------

    def subscribe(
        self, song_id: str, periods: int = 1, max_cost: int | None = None, *, from_purse: bool = False
    ) -> Receipt:
        """Become a patron of a song for ``periods`` of 30 days; it may then be renewed at the price of today.

        Args:
            song_id: 0x + 64 hex, a song with a plan.
            periods: The plan's minimum to 12.
            max_cost: Most wei it may cost; the price of this moment when None.
            from_purse: Pay this and all renewals out of the purse, where :meth:`set_session` lets ``patronage`` charge; otherwise
                by an allowance (:meth:`approve`).
        """
        if max_cost is None:
            price = self.patronage.plan(self.patronage.plan_of(song_id).read(self._rpc)).read(self._rpc).price
            max_cost = price * periods
        subscribe = self.patronage.subscribe_from_purse if from_purse else self.patronage.subscribe
        return self.sender.transact(subscribe(song_id, self.address, periods, max_cost))

    def renew(self, song_id: str, max_cost: int | None = None) -> Receipt:
        """Renew for 30 days, at most 12 periods ahead; ``max_cost`` in wei, the price of this moment when None."""
        cost = self.patronage.quote(song_id, self.address).read(self._rpc) if max_cost is None else max_cost
        return self.sender.transact(self.patronage.renew(song_id, self.address, cost))

    def cancel(self, song_id: str) -> Receipt:
        """Stop renewals by others; access lasts until the paid time ends."""
        return self.sender.transact(self.patronage.cancel(self.patronage.plan_of(song_id).read(self._rpc)))

    def buy_pass(self, song_id: str, max_price: int | None = None, *, from_purse: bool = False) -> Receipt:
        """Buy a pass of a song; exactly the price of the moment is taken, at most ``max_price`` wei, the price now when None.

        ``from_purse`` takes it out of the purse, where :meth:`set_session` lets ``auctions`` charge.
        """
        price = self.auctions.quote(song_id, self.address).read(self._rpc) if max_price is None else max_price
        buy = self.auctions.buy_from_purse if from_purse else self.auctions.buy
        return self.sender.transact(buy(song_id, self.address, price))

    def claim_rewards(self, song_id: str, listens: int, deadline: int, attestation: bytes) -> Receipt:
        """Collect the thanks for ``listens`` plays of a gift song in all, as its attestor signed until ``deadline`` (Unix seconds)."""
        return self.sender.transact(self.gifts.claim_listens(song_id, self.address, listens, deadline, attestation))

    def has_access(self, song_id: str) -> bool:
        """Return whether paid time or a pass lets this listener hear a song now."""
        views = (self.patronage.has_access(song_id, self.address), self.auctions.has_access(song_id, self.address))
        return any(view.read(self._rpc) for view in views)
