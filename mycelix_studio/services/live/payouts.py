"""Payouts: what waits in the songs' accounts and for whom, paying it out, collecting, and the own purse as a listener."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from mycelix_studio.domain.splits import divide
from mycelix_studio.domain.transaction import Call
from mycelix_studio.services.live.reading import Reader


class PurseAction(StrEnum):
    """What can be done with the own purse."""

    DEPOSIT = "deposit"
    ASK = "ask"
    TAKE = "take"


@dataclass(frozen=True, slots=True)
class Paid:
    """One payout of an account, as an event said it: ``net`` wei were divided by its shares."""

    payee: int
    net: int
    block: int
    index: int


@dataclass(frozen=True, slots=True)
class ShareNow:
    """One person's share of an account, in basis points."""

    address: str
    bps: int
    role: str


@dataclass(frozen=True, slots=True)
class AccountNow:
    """One account that songs are paid to.

    Attributes:
        payee: Its number.
        titles: Songs paid to it.
        waits: Net wei that wait in it.
        fee: Wei for the platform that go with the next payout.
        shares: Who gets what, in the order money is divided.
    """

    payee: int
    titles: tuple[str, ...]
    waits: int
    fee: int
    shares: tuple[ShareNow, ...]

    def parts(self, net: int) -> dict[str, int]:
        """Return what each address gets of ``net`` wei, exactly as the Ledger divides."""
        amounts = divide(net, [share.bps for share in self.shares])
        return {share.address: int(amount) for share, amount in zip(self.shares, amounts, strict=True)}


@dataclass(frozen=True, slots=True)
class PersonNow:
    """One collaborator, over all accounts. Amounts are wei of FLOW.

    Attributes:
        roles: What for, over all accounts.
        waits: Would get if everyone were paid now.
        aside: Set aside, to be collected by them.
        paid: Was paid out so far, what is set aside included.
    """

    address: str
    roles: tuple[str, ...]
    waits: int
    aside: int
    paid: int


@dataclass(frozen=True, slots=True)
class PurseNow:
    """The own purse. ``thaws_at`` is the Unix time from which what was asked for can be taken out; 0 when nothing was."""

    balance: int
    requested: int
    thaws_at: int


@dataclass(frozen=True, slots=True)
class Payouts:
    """What the tab shows, as read at a block; ``wallet`` is the own account's FLOW in wei."""

    block: int
    at: int
    wallet: int
    accounts: tuple[AccountNow, ...]
    people: tuple[PersonNow, ...]
    purse: PurseNow
    paid: tuple[Paid, ...]

    @property
    def waits(self) -> int:
        """Net wei that wait in all accounts."""
        return sum(account.waits for account in self.accounts)

    def person(self, address: str) -> PersonNow | None:
        """Return one collaborator."""
        return next((person for person in self.people if person.address == address), None)


THAW_SECONDS = 86_400
"""Between asking money out of a purse and taking it; the Ledger's ``THAW``."""


def read(reader: Reader, kept: Payouts | None) -> Payouts:
    """Return accounts, people and purse now; payouts up to the last reading are not asked for again."""
    from mycelix_studio.chain.abi import FlowToken, Lens
    from mycelix_studio.chain.abi.events import Distributed

    titles: dict[int, list[str]] = defaultdict(list)
    shares: dict[int, tuple[ShareNow, ...]] = {}
    for title, terms in reader.songs.values():
        if terms.payee is not None and terms.split is not None:
            titles[terms.payee].append(title)
            shares[terms.payee] = tuple(ShareNow(s.recipient, s.bps, s.role) for s in terms.split.shares)
    for old in kept.accounts if kept is not None else ():
        shares.setdefault(old.payee, old.shares)  # an account no song is paid to any more may still hold money
    numbers = sorted(shares)
    lens = Lens(reader.deployment.address("Lens"))
    held = lens.accounts(numbers).read(reader.rpc, reader.block) if numbers else ()
    accounts = tuple(
        AccountNow(number, tuple(sorted(titles[number])), account.balance, account.fee, shares[number])
        for number, account in zip(numbers, held, strict=True)
        if titles[number] or account.balance
    )
    known = {account.payee for account in kept.accounts} if kept is not None else set()
    first = reader.first_block(kept.block if kept is not None and known >= set(numbers) else None)
    paid = [one for one in kept.paid if one.block < first] if kept is not None else []
    for event in reader.events(reader.ledger.address, (Distributed,), first, numbers):
        assert isinstance(event, Distributed)
        paid.append(Paid(event.payee, event.net, event.log.block_number, event.log.log_index))
    addresses = list(dict.fromkeys(s.address for account in accounts for s in account.shares))
    if reader.artist not in addresses:
        addresses.insert(0, reader.artist)
    aside = lens.claimables(addresses).read(reader.rpc, reader.block)
    people = _people(accounts, paid, dict(zip(addresses, aside, strict=True)))
    token = FlowToken(reader.deployment.address("FlowToken"))
    purse = reader.ledger.purse(reader.artist).read(reader.rpc, reader.block)
    return Payouts(
        reader.block,
        reader.at,
        token.balance_of(reader.artist).read(reader.rpc, reader.block),
        accounts,
        people,
        PurseNow(purse.balance, purse.requested, purse.requested_at + THAW_SECONDS if purse.requested_at else 0),
        tuple(paid),
    )


def _people(accounts: tuple[AccountNow, ...], paid: list[Paid], aside: dict[str, int]) -> tuple[PersonNow, ...]:
    roles: dict[str, dict[str, None]] = defaultdict(dict)
    waits: dict[str, int] = defaultdict(int)
    got: dict[str, int] = defaultdict(int)
    by_number = {account.payee: account for account in accounts}
    for account in accounts:
        for address, amount in account.parts(account.waits).items():
            waits[address] += amount
        for share in account.shares:
            if share.role:
                roles[share.address][share.role] = None
    for one in paid:
        if one.payee in by_number:
            for address, amount in by_number[one.payee].parts(one.net).items():
                got[address] += amount
    return tuple(
        PersonNow(address, tuple(roles[address]), waits[address], amount, got[address])
        for address, amount in aside.items()
    )


def distribute_calls(reader: Reader, state: Payouts, payee: int | None, *, push: bool) -> list[Call]:
    """Return the calls that pay out one account, or all, where something waits."""
    from mycelix_studio.chain.abi.ledger import Split

    return [
        reader.ledger.distribute(
            account.payee,
            Split(tuple(s.address for s in account.shares), tuple(s.bps for s in account.shares)),
            push,
        )
        for account in state.accounts
        if account.waits and payee in (None, account.payee)
    ]


def purse_calls(reader: Reader, action: PurseAction, amount: int) -> list[Call]:
    """Return the calls of an action on the own purse; before a deposit an allowance where one is needed."""
    from mycelix_studio.chain.abi import FlowToken

    if action is PurseAction.ASK:
        return [reader.ledger.request_withdraw(amount)]
    if action is PurseAction.TAKE:
        return [reader.ledger.withdraw(reader.artist)]
    token = FlowToken(reader.deployment.address("FlowToken"))
    allowed = token.allowance(reader.artist, reader.ledger.address).read(reader.rpc)
    calls = [] if allowed >= amount else [token.approve(reader.ledger.address, amount)]
    return [*calls, reader.ledger.deposit(reader.artist, amount)]
