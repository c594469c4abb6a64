"""The demo's listeners who sign for plays: what each heard since the last time, signed at once, with the list for the node."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mycelix_studio.api.shapes import SignedVoucher, VoucherItem, VoucherPlay
from mycelix_studio.chain import eip712
from mycelix_studio.chain.listener import signed_plays
from mycelix_studio.chain.values import keccak
from mycelix_studio.domain.clock import DAY_SECONDS
from mycelix_studio.domain.money import Wei
from mycelix_studio.domain.vouchers import Item, Play

if TYPE_CHECKING:
    from mycelix_studio.api.platform import Api
    from mycelix_studio.chain.abi.ledger import Voucher


@dataclass(slots=True)
class Purse:
    """What one listener has not signed for yet: song id to (payee, count, wei)."""

    listener: str
    key: str
    nonce: int = 0
    heard: dict[str, tuple[int, int, int]] = field(default_factory=dict)


class Purses:
    """The purses of everybody who signs for plays.

    Args:
        domain: Of the Ledger.
        secret: From which session keys are made, so that every run has the same.
    """

    def __init__(self, domain: eip712.Domain, secret: str) -> None:
        self._domain = domain
        self._secret = secret
        self._purses: dict[int, Purse] = {}

    def open(self, number: int, listener: str, key: str) -> str | None:
        """Open a listener's purse. Every fourth signs with a key for a month: then its address is returned, to be allowed on chain."""
        from eth_account import Account

        if number % 4 != 1:
            self._purses[number] = Purse(listener, key)
            return None
        session = "0x" + keccak(f"{self._secret} session {number}".encode()).hex()
        self._purses[number] = Purse(listener, session)
        return str(Account.from_key(session).address)

    def hear(self, number: int, song_id: str, payee: int, count: int, amount: int) -> None:
        """Note plays of a song, ``amount`` wei for all ``count``."""
        _payee, counted, owed = self._purses[number].heard.get(song_id, (payee, 0, 0))
        self._purses[number].heard[song_id] = (payee, counted + count, owed + amount)

    def sign(self, api: Api) -> list[Voucher]:
        """Return everybody's signed plays since the last time, after the node was brought the song-by-song list of each.

        Raises:
            Known: The node did not take one.
        """
        return [self._signed(purse, api) for purse in self._purses.values() if purse.heard]

    def _signed(self, purse: Purse, api: Api) -> Voucher:
        plays = [Play(song, count, Wei(amount)) for song, (_payee, count, amount) in sorted(purse.heard.items())]
        by_payee: dict[int, tuple[int, int]] = {}
        for payee, count, amount in purse.heard.values():
            counted, owed = by_payee.get(payee, (0, 0))
            by_payee[payee] = (counted + count, owed + amount)
        items = [Item(payee, count, Wei(amount)) for payee, (count, amount) in sorted(by_payee.items())]
        purse.nonce += 1
        # The story is past, the node is not: it holds only what can still be charged by its own clock.
        deadline = int(time.time()) + DAY_SECONDS
        made = signed_plays(self._domain, purse.listener, purse.key, items, plays, nonce=purse.nonce, deadline=deadline)
        api.vouchers.bring(
            SignedVoucher(
                listener=made.listener,
                nonce=made.nonce,
                deadline=made.deadline,
                total=str(made.total),
                plays_hash=made.plays_hash,
                items=tuple(VoucherItem(payee=i.payee, count=i.count, amount=str(i.amount)) for i in items),
                plays=tuple(VoucherPlay(song_id=p.song_id, count=p.count, amount=str(p.amount)) for p in plays),
                signature="0x" + made.signature.hex(),
            )
        )
        purse.heard.clear()
        return made
