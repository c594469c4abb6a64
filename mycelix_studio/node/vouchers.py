"""Whether a voucher that a listener signed is what it says: its list, its amounts, its signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from mycelix_studio.chain import eip712
from mycelix_studio.chain.abi import Ledger
from mycelix_studio.chain.rpc import Rpc
from mycelix_studio.chain.values import keccak
from mycelix_studio.domain.money import Wei
from mycelix_studio.domain.vouchers import Item, Play, pack_items, pack_plays
from mycelix_studio.errors import Known
from mycelix_studio.node.db.vouchers import Heard
from mycelix_studio.node.siwe import recover

TERMS_SECONDS: Final = 86_400
"""A listener signs by the price it saw: terms that held within the last day are accepted."""
MOST: Final = 2**96 - 1
"""Wei a voucher, an item or a line can hold."""


class NotAVoucher(Known):
    """It cannot be held. ``field`` names what is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__("The voucher was refused", message, "Sign the plays again.")
        self.field = field


@dataclass(frozen=True, slots=True)
class Terms:
    """What a song asked for at some time within the last day: account, gross wei a stream, whether streams were paid for at all."""

    payee: int
    price: int
    streams: bool


@dataclass(frozen=True, slots=True)
class Signed:
    """A voucher as a listener sent it; see ``chain.eip712.voucher``."""

    listener: str
    nonce: int
    deadline: int
    total: int
    plays_hash: str
    items: tuple[Item, ...]
    plays: tuple[Play, ...]
    signature: bytes


@dataclass(frozen=True, slots=True)
class Verified:
    """A voucher that can be held: the list with the account of each line, the packed items, what was signed."""

    heard: tuple[Heard, ...]
    items: bytes
    digest: bytes
    typed: eip712.TypedMessage


def check(signed: Signed, terms: Mapping[str, Sequence[Terms]], domain: eip712.Domain) -> Verified:
    """Check everything but the signature.

    Args:
        signed: The voucher.
        terms: Of each song that is on chain, the terms of the last day, the newest last.
        domain: Of the Ledger.

    Raises:
        NotAVoucher: The list is not the one that was signed, does not add up to the items, or pays less than the songs cost.
    """
    payees = {item.payee for item in signed.items}
    heard = tuple(_line(number, play, terms, payees) for number, play in enumerate(signed.plays))
    if len({line.song_id for line in heard}) != len(heard):
        raise NotAVoucher("plays", "A song stands in the list twice; join the two lines.")
    if "0x" + keccak(pack_plays(signed.plays)).hex() != signed.plays_hash:
        raise NotAVoucher("playsHash", "It is not the hash of the list: songs ascending, 48 bytes each.")
    listed: dict[int, tuple[int, int]] = {}
    for line in heard:
        count, amount = listed.get(line.payee, (0, 0))
        listed[line.payee] = (count + line.count, amount + line.amount)
    if {item.payee: (item.count, item.amount) for item in signed.items} != listed:
        raise NotAVoucher("items", "They are not what the list adds up to, account by account.")
    if sum(item.amount for item in signed.items) != signed.total:
        raise NotAVoucher("total", "It is not the sum of the items.")
    items = pack_items(signed.items)
    typed = eip712.voucher(
        domain,
        signed.listener,
        nonce=signed.nonce,
        deadline=signed.deadline,
        total=signed.total,
        plays_hash=signed.plays_hash,
        items=items,
    )
    return Verified(heard, items, eip712.digest_of(typed), typed)


def _line(number: int, play: Play, terms: Mapping[str, Sequence[Terms]], payees: Set[int]) -> Heard:
    """Return a line with the account it pays, by the newest terms that its amount covers."""
    of_song = terms.get(play.song_id, ())
    if not of_song:
        raise NotAVoucher(f"plays.{number}.songId", "The song is not on chain.")
    paid = [known for known in of_song if known.streams]
    if not paid:
        raise NotAVoucher(f"plays.{number}.songId", "The song is not paid by the stream.")
    enough = [known for known in paid if play.amount >= known.price * play.count]
    if not enough:
        lowest = min(known.price for known in paid)
        raise NotAVoucher(f"plays.{number}.amount", f"A stream costs {lowest} wei; this pays less.")
    meant = [known for known in enough if known.payee in payees]
    if not meant:
        raise NotAVoucher("items", f"Account {enough[-1].payee}, which song {play.song_id} pays, is not among them.")
    return Heard(play.song_id, meant[-1].payee, play.count, play.amount)


def signer_of(
    signed: Signed,
    verified: Verified,
    *,
    now: int,
    rpc: Rpc | None,
    ledger: str,
    contract_agrees: Callable[[str, bytes, bytes], bool],
) -> str:
    """Return who signed: the listener itself (by key or, for a contract wallet, ERC-1271) or a session key of it. May ask the chain.

    Raises:
        NotAVoucher: Nobody who may.
        ChainUnreachable: A session key can only be checked on chain, and no server answers.
    """
    key = recover(verified.digest, signed.signature)
    if key == signed.listener:
        return key
    if key is not None and rpc is not None:
        session = Ledger(ledger).session(signed.listener, key).read(rpc)
        if session.expiry:
            if now > session.expiry:
                raise NotAVoucher("signature", "The session key has expired.")
            if session.spent + signed.total > session.cap:
                left = Wei(max(0, session.cap - session.spent))
                raise NotAVoucher("signature", f"The session key may spend {left} wei more; this is {signed.total}.")
            return key
    if contract_agrees(signed.listener, verified.digest, signed.signature):
        return signed.listener
    raise NotAVoucher("signature", "Neither the listener nor a session key of it signed this.")
