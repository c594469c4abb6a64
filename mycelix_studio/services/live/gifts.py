"""Gift budgets: what is left, who was thanked with how much, topping up and taking back."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mycelix_studio.domain.transaction import Call
from mycelix_studio.services.live.reading import Reader

if TYPE_CHECKING:
    from mycelix_studio.chain.abi import CreditToken, GiftEconomyStrategy


@dataclass(frozen=True, slots=True)
class Move:
    """CGC that went into or out of a budget.

    Attributes:
        song_id: Song.
        kind: ``fund``, ``withdraw`` or ``reward``.
        party: EIP-55 address of who paid in, took out or was thanked.
        amount: Wei of CGC.
        listens: Listens it thanks for; 0 otherwise.
        block: Of the event.
        index: Of the event within its block.
        at: Unix time.
    """

    song_id: str
    kind: str
    party: str
    amount: int
    listens: int
    block: int
    index: int
    at: int


@dataclass(frozen=True, slots=True)
class GiftNow:
    """One song's budget. Amounts are wei of CGC.

    Attributes:
        budget: What is left.
        welcomed: Early listeners who had their bonus.
        early_listeners: How many get one.
        per_listen: Thanks for a listen.
        open: The song earns this way, so that thanks can be collected.
        moves: Newest first.
    """

    song_id: str
    title: str
    budget: int
    welcomed: int
    early_listeners: int
    per_listen: int
    open: bool
    moves: tuple[Move, ...]

    def total(self, kind: str) -> int:
        """Return the sum of one kind of move."""
        return sum(move.amount for move in self.moves if move.kind == kind)

    @property
    def listens(self) -> int:
        """Listens thanked for."""
        return sum(move.listens for move in self.moves)

    @property
    def listeners(self) -> int:
        """Listeners thanked."""
        return len({move.party for move in self.moves if move.kind == "reward"})

    @property
    def lasts(self) -> int | None:
        """Single listens the budget still thanks for; None when a listen costs nothing."""
        return self.budget // self.per_listen if self.per_listen else None


@dataclass(frozen=True, slots=True)
class Gifts:
    """What the tab shows, as read at a block. ``wallet`` is the own account's CGC in wei."""

    block: int
    at: int
    wallet: int
    gifts: tuple[GiftNow, ...]


def read(reader: Reader, kept: Gifts | None) -> Gifts:
    """Return the budgets of all gift songs now; moves up to the last reading are not asked for again."""
    from mycelix_studio.chain.abi.events import GiftFunded, GiftWithdrawn, ListensRewarded
    from mycelix_studio.chain.binding import read_all

    offers = {
        song_id: (title, terms, terms.gift)
        for song_id, (title, terms) in reader.songs.items()
        if terms.gift is not None
    }
    contract, credit = _gifts(reader), _credit(reader)
    known = {gift.song_id for gift in kept.gifts} if kept is not None else set()
    first = reader.first_block(kept.block if kept is not None and known >= set(offers) else None)
    moves: dict[str, list[Move]] = defaultdict(list)
    for gift in kept.gifts if kept is not None else ():
        moves[gift.song_id] += [move for move in gift.moves if move.block < first]
    found = reader.events(contract.address, (GiftFunded, GiftWithdrawn, ListensRewarded), first, list(offers))
    times = reader.times([event.log.block_number for event in found])
    for event in found:
        log = event.log
        place = (log.block_number, log.log_index, times.get(log.block_number, reader.at))
        if isinstance(event, GiftFunded):
            moves[event.song_id].append(Move(event.song_id, "fund", event.from_, event.amount, 0, *place))
        elif isinstance(event, GiftWithdrawn):
            moves[event.song_id].append(Move(event.song_id, "withdraw", event.to, event.amount, 0, *place))
        elif isinstance(event, ListensRewarded):
            move = Move(event.song_id, "reward", event.listener, event.amount, event.listens, *place)
            moves[event.song_id].append(move)
    funds = read_all(reader.rpc, [contract.fund_of(song_id) for song_id in offers], reader.block)
    gifts = tuple(
        GiftNow(
            song_id,
            title,
            fund.budget,
            fund.welcomed,
            offer.terms.early_listeners,
            offer.terms.per_listen,
            "gift-economy" in terms.ways,
            tuple(sorted(moves[song_id], key=lambda move: (-move.block, -move.index))),
        )
        for (song_id, (title, terms, offer)), fund in zip(offers.items(), funds, strict=True)
    )
    return Gifts(reader.block, reader.at, credit.balance_of(reader.artist).read(reader.rpc, reader.block), gifts)


def top_up_calls(reader: Reader, song_id: str, amount: int) -> list[Call]:
    """Return the calls that put CGC into a budget: an allowance first unless the contract may take as much already."""
    contract, credit = _gifts(reader), _credit(reader)
    allowed = credit.allowance(reader.artist, contract.address).read(reader.rpc)
    calls = [] if allowed >= amount else [credit.approve(contract.address, amount)]
    return [*calls, contract.fund(song_id, amount)]


def take_back_call(reader: Reader, song_id: str, amount: int) -> Call:
    """Return the call that takes CGC out of a budget, to the own account."""
    return _gifts(reader).withdraw_unused(song_id, amount, reader.artist)


def _gifts(reader: Reader) -> GiftEconomyStrategy:
    from mycelix_studio.chain.abi import GiftEconomyStrategy

    return GiftEconomyStrategy(reader.deployment.address("GiftEconomyStrategy"))


def _credit(reader: Reader) -> CreditToken:
    from mycelix_studio.chain.abi import CreditToken

    return CreditToken(reader.deployment.address("CreditToken"))
