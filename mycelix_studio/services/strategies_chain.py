"""What the Ledger says about songs now: terms, accounts and their splits, read in as few requests as there are kinds of question."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mycelix_studio.domain.splits import Share, Split
from mycelix_studio.domain.strategy.names import strategies_of
from mycelix_studio.domain.strategy.terms import SongTerms
from mycelix_studio.errors import Known
from mycelix_studio.services.jobs import CancelToken
from mycelix_studio.services.ways import ON_CHAIN

if TYPE_CHECKING:
    from mycelix_studio.chain.abi.events import PayeeCreated
    from mycelix_studio.chain.abi.ledger import Ledger
    from mycelix_studio.chain.artifacts import Deployment
    from mycelix_studio.chain.rpc import Rpc
    from mycelix_studio.services.wallet_context import WalletContext


class NotConfirmedYet(Known):
    """The signature that must come first is sent but in no block yet."""

    def __init__(self) -> None:
        super().__init__(
            "The first signature is still on its way",
            "It was sent and is not in a block yet, so the ones after it cannot be made. Nothing is lost.",
            "Come back to this page when Wallet shows it as confirmed; Studio goes on where you stopped.",
        )


class FirstRefused(Known):
    """The signature that must come first was refused by the contract."""

    def __init__(self) -> None:
        super().__init__(
            "The first signature was refused by the contract",
            "Your songs earn as before; only its network fee was paid.",
            "Look under Wallet why, then sign again.",
        )


def deployment_of(context: WalletContext) -> Deployment:
    """Return where the contracts lie on the chosen network.

    Raises:
        NoDeployment: It is not known.
    """
    from mycelix_studio.chain.artifacts import NoDeployment

    deployment = context.deployment()
    if deployment is None:
        raise NoDeployment(context.network.chain_id)
    return deployment


def ledger_of(context: WalletContext) -> Ledger:
    """Return the Ledger of the chosen network.

    Raises:
        NoDeployment: Its address is not known.
    """
    from mycelix_studio.chain.abi.ledger import Ledger

    return Ledger(deployment_of(context).address("Ledger"))


def song_id_of(artist: str, content_hash: str) -> str:
    """Return the id the Ledger gives a song: keccak256(abi.encode(artist, contentHash)) as 0x + 64 hex."""
    from mycelix_studio.chain.values import keccak, word

    padded = bytes(12) + word(artist, 20)
    return "0x" + keccak(padded + word(content_hash)).hex()


def read_terms(context: WalletContext, song_ids: Sequence[str]) -> tuple[dict[str, SongTerms | None], int]:
    """Return the terms of songs at the newest block, None for those not registered, and that block's number.

    Raises:
        ChainUnreachable: No server answers.
        NoDeployment: The Ledger's address is not known.
    """
    from mycelix_studio.chain.binding import read_all

    rpc, ledger, deployment = context.rpc(), ledger_of(context), deployment_of(context)
    block = rpc.block_number()
    songs = read_all(rpc, [ledger.song(song_id) for song_id in song_ids], block)
    payees = sorted({song.payee for song in songs if song.payee})
    splits = splits_of(context, payees)
    accounts = dict(zip(payees, read_all(rpc, [ledger.account(payee) for payee in payees], block), strict=True))
    registered = [song_id for song_id, song in zip(song_ids, songs, strict=True) if song.payee]
    offers: dict[str, Mapping[str, Any]] = {
        way: kept.read(rpc, deployment, registered, block) if kept.contract in deployment.contracts else {}
        for way, kept in ON_CHAIN.items()
    }
    terms: dict[str, SongTerms | None] = {}
    for song_id, song in zip(song_ids, songs, strict=True):
        if not song.payee:
            terms[song_id] = None
            continue
        terms[song_id] = SongTerms(
            strategies_of(song.strategies),
            song.price,
            splits.get(song.payee),
            song.payee,
            accounts[song.payee].fee_bps,
            song.locked,
            offers["gift-economy"].get(song_id),
            offers["patronage"].get(song_id),
            offers["auction"].get(song_id),
        )
    return terms, block


def splits_of(context: WalletContext, payees: Iterable[int]) -> dict[int, Split]:
    """Return the splits of accounts, from the events that made them."""
    wanted = ["0x" + payee.to_bytes(32, "big").hex() for payee in payees]
    if not wanted:
        return {}
    return {event.payee: split_of(event) for event in _created(context, [wanted])}


def payee_with(context: WalletContext, split: Split) -> int | None:
    """Return an account that has exactly this split, roles included; of several the one with the lowest fee, then the newest.

    Whoever made it: its money goes to the people of the split and nobody else.
    """
    from mycelix_studio.chain.binding import read_all
    from mycelix_studio.services.strategies_plan import ledger_split

    rpc, ledger = context.rpc(), ledger_of(context)
    split_hash = ledger.hash_split(ledger_split(split)).read(rpc)
    found = [event.payee for event in _created(context, [None, [split_hash]]) if split_of(event) == split]
    if not found:
        return None
    accounts = read_all(rpc, [ledger.account(payee) for payee in found])
    return min(zip(found, accounts, strict=True), key=lambda pair: (pair[1].fee_bps, -pair[0]))[0]


def fee_today(context: WalletContext) -> int:
    """Return the protocol fee that a new account would have, in basis points."""
    return ledger_of(context).new_fee_bps().read(context.rpc())


def created_by(context: WalletContext, tx_hash: str, token: CancelToken, *, seconds: float = 120.0) -> int:
    """Wait until a ``createPayee`` is in a block and return the number of the account it made.

    Raises:
        NotConfirmedYet: It is in none after ``seconds``.
        FirstRefused: The contract refused it.
        Cancelled: The person stopped waiting.
    """
    from mycelix_studio.chain.abi.events import PayeeCreated
    from mycelix_studio.chain.events import decode_all

    rpc, ledger = context.rpc(), ledger_of(context)
    deadline = time.monotonic() + seconds
    pause = 0.05
    while True:
        receipt = rpc.receipt(tx_hash)
        if receipt is not None:
            break
        if time.monotonic() >= deadline:
            raise NotConfirmedYet
        token.wait(pause)
        token.raise_if_cancelled()
        pause = min(pause * 1.5, 2.0)
    if not receipt.succeeded:
        raise FirstRefused
    for event in decode_all(receipt.logs):
        if isinstance(event, PayeeCreated) and event.log.address.lower() == ledger.address.lower():
            return event.payee
    raise FirstRefused


def split_of(event: PayeeCreated) -> Split:
    """Return the split an event carries."""
    return Split(tuple(Share(to, bps, role) for to, bps, role in zip(event.to, event.bps, event.roles, strict=True)))


def _created(context: WalletContext, filters: Sequence[list[str] | None]) -> list[PayeeCreated]:
    from mycelix_studio.chain.abi.events import PayeeCreated
    from mycelix_studio.chain.events import decode_all, topic

    rpc: Rpc = context.rpc()
    ledger = ledger_of(context)
    deployment = context.deployment()
    first = deployment.block if deployment is not None else 0
    logs = rpc.logs(first, rpc.block_number(), [ledger.address], [topic(PayeeCreated), *filters])
    return [event for event in decode_all(logs) if isinstance(event, PayeeCreated)]
