"""Carries out what the audience does: real keys, real signatures, real payments in blocks of the right day, plays reported to the node."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from mycelix_studio.api.errors import InTheWay
from mycelix_studio.api.platform import Api
from mycelix_studio.api.shapes import Play
from mycelix_studio.api.sign_in import Signer
from mycelix_studio.chain import eip712
from mycelix_studio.chain.abi import AuctionStrategy, FlowToken, GiftEconomyStrategy, Ledger, PatronageStrategy
from mycelix_studio.chain.artifacts import Deployment
from mycelix_studio.chain.rpc import Rpc
from mycelix_studio.chain.transactions import Fee, RawTransaction, Sender, Unsigned, sign, wait_for
from mycelix_studio.chain.values import keccak
from mycelix_studio.demo.audience import DAYS, Audience, Listen, Tip
from mycelix_studio.demo.purses import Purses
from mycelix_studio.demo.supporters import Join, Purchase, Quit, Round, Support, Thanks
from mycelix_studio.deploy.local import DEPLOYER_KEY
from mycelix_studio.domain.clock import DAY_SECONDS, from_unix, rfc3339
from mycelix_studio.domain.money import WEI_PER_TOKEN
from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.domain.transaction import Call
from mycelix_studio.errors import Bug

POCKET = 500 * WEI_PER_TOKEN
"""What each listener begins with."""
PURSE = 30 * WEI_PER_TOKEN
"""What those who sign for plays put aside."""
GAS = 250_000
FEE = Fee(10**10, 10**6)
BLOCK_SECONDS = 3_600
"""What happens within an hour goes into one block."""
SETTLE_DAYS = 7
"""Days of signed plays that are charged at once."""
MOST_PLAYS = 1_000

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Settle:
    """The platform charges everybody's signed plays. Times as in :class:`Listen`."""

    day: int
    at: int


Event = Listen | Tip | Support | Settle


@dataclass(frozen=True, slots=True)
class Heard:
    """A song as listeners meet it: id, who is paid, how it earns."""

    song_id: str
    payee: int
    ways: tuple[StrategyName, ...]

    @property
    def streams(self) -> bool:
        """Whether a play costs something."""
        return "pay-per-stream" in self.ways


@dataclass(frozen=True, slots=True)
class Story:
    """Everything listeners will do.

    Attributes:
        songs: In the catalogue's order.
        price: Wei a stream.
        begin: Unix time of the first day's midnight.
    """

    audience: Audience
    support: tuple[Support, ...]
    songs: tuple[Heard, ...]
    price: int
    begin: int

    def within(self, days: range) -> list[Event]:
        """Return what happens on these days, in order of time."""
        charged = [day for day in days if day % SETTLE_DAYS == SETTLE_DAYS - 1 or day == DAYS - 1]
        events: list[Event] = [*self.audience.listens, *self.audience.tips, *self.support]
        events += [Settle(day, (day + 1) * DAY_SECONDS - 1) for day in charged]
        return sorted((each for each in events if each.day in days), key=lambda each: each.at)


@dataclass(slots=True)
class Person:
    """One listener: a key made from the listener's number, so that every run has the same people."""

    key: str
    address: str
    nonce: int = 0

    @classmethod
    def number(cls, number: int) -> Person:
        """Return a listener."""
        from eth_account import Account

        key = "0x" + keccak(f"mycelix demo listener {number}".encode()).hex()
        return cls(key, str(Account.from_key(key).address))


class Crowd:
    """All listeners of one demo. Every third pays each play at once; the others sign for plays and are charged once a week.

    Args:
        rpc: The local chain.
        deployment: Its contracts.
        count: How many listeners.

    Attributes:
        done: How often each kind of thing happened, by its name in the summary.
    """

    def __init__(self, rpc: Rpc, deployment: Deployment, count: int) -> None:
        self._rpc = rpc
        self._chain_id = deployment.chain_id
        self._ledger = Ledger(deployment.address("Ledger"))
        self._token = FlowToken(deployment.address("FlowToken"))
        self._patronage = PatronageStrategy(deployment.address("PatronageStrategy"))
        self._auctions = AuctionStrategy(deployment.address("AuctionStrategy"))
        self._gifts = GiftEconomyStrategy(deployment.address("GiftEconomyStrategy"))
        self.people = [Person.number(number) for number in range(count)]
        self._keeper = Person.number(count)
        self._sent: list[str] = []
        self._purses = Purses(eip712.Domain.of(rpc, self._ledger), self._keeper.key)
        self._own: dict[int, Api] = {}
        self._reported: Counter[int] = Counter()
        self._thanked: Counter[tuple[int, str]] = Counter()
        self.done: Counter[str] = Counter()

    def give_money(self) -> None:
        """Give everybody FLOW and coins for network fees, and let the contracts take what they charge; most fill a purse."""
        owner = Sender(self._rpc, DEPLOYER_KEY, fee=FEE)
        coins = [*self.people, self._keeper]
        self._rpc.batch([("anvil_setBalance", (person.address, hex(10**20))) for person in coins])
        owner.transact_all([self._token.mint(person.address, POCKET) for person in self.people], gas=GAS)
        month = int(time.time()) + 30 * DAY_SECONDS
        for number, person in enumerate(self.people):
            spenders = (self._ledger, self._patronage, self._auctions)
            calls = [self._token.approve(spender.address, POCKET) for spender in spenders]
            if not _at_once(number):
                calls.append(self._ledger.deposit(person.address, PURSE))
                key = self._purses.open(number, person.address, person.key)
                if key is not None:
                    calls.append(self._ledger.set_session(key, month, PURSE))
            self._send([self._sign(person, call) for call in calls])
        self._check()

    def live(self, story: Story, url: str, *, days: range, report: Report) -> None:
        """Do what the story tells of these days, each hour in a block of its time.

        Args:
            story: What happens.
            url: The node, which is brought every list of signed plays.
            days: Days to live through.
            report: Called with what was done and what there is to do.

        Raises:
            Bug: A contract refused something.
        """
        events = story.within(days)
        done = 0
        api = self._signed_in(self._keeper, url)
        self._own = {number: self._signed_in(person, url) for number, person in enumerate(self.people)}
        self._rpc.request("evm_setAutomine", False)
        try:
            for hour, group in groupby(events, key=lambda each: each.at // BLOCK_SECONDS):
                happened = list(group)
                self._send([raw for event in happened if (raw := self._act(event, story, api)) is not None])
                self._mine(story.begin + (hour + 1) * BLOCK_SECONDS)
                done += len(happened)
                report(done, len(events))
        finally:
            self._rpc.request("evm_setAutomine", True)
            for each in (api, *self._own.values()):
                each.close()
        self._check()

    def report_plays(self, story: Story, url: str, report: Report) -> int:
        """Sign every listener in at the node and report what they played and did not report yet; returns how many plays there were in all.

        Raises:
            Known: The node did not take them.
            Bug: It refused some.
        """
        for number, person in enumerate(self.people):
            api = self._signed_in(person, url)
            try:
                self._report_own(number, story, api, DAYS * DAY_SECONDS)
            finally:
                api.close()
            report(number + 1, len(self.people))
        return sum(self._reported.values())

    def move_to(self, moment: int) -> None:
        """Make an empty block at a Unix time, so that the chain's clock stands there."""
        self._mine(moment)

    # inside -------------------------------------------------------------------------------------------------------------

    def _report_own(self, number: int, story: Story, api: Api, until: int) -> None:
        """Report what a listener played before a second of the story and did not report yet."""
        own = [each for each in story.audience.listens if each.listener == number and each.at < until]
        plays = [play for listen in own for play in self._plays(listen, story)][self._reported[number] :]
        for start in range(0, len(plays), MOST_PLAYS):
            answer = api.plays.report(plays[start : start + MOST_PLAYS])
            if answer.accepted < len(answer.results):
                why = next((result.reason for result in answer.results if result.status == "refused"), "known already")
                raise Bug("The node refused plays of the demo", f"{answer.refused} plays: {why}.")
        self._reported[number] += len(plays)

    def _signed_in(self, person: Person, url: str) -> Api:
        api = Api(lambda: url, lambda: self._chain_id)
        api.use(Signer(lambda: person.address, lambda text: _sign_text(text, person.key)))
        return api

    def _act(self, event: Event, story: Story, api: Api) -> RawTransaction | None:
        """Return the transaction of one event; None where nothing is due on chain."""
        if isinstance(event, Settle):
            return self._settle(api)
        song = story.songs[event.song]
        if isinstance(event, Round):
            self.done["renewals"] += len(event.listeners)
            patrons = [self.people[number].address for number in event.listeners]
            return self._sign(self._keeper, self._patronage.renew_many(self._plan(song), patrons), gas=2 * GAS)
        call = (
            self._listen(event, song, story.price) if isinstance(event, Listen) else self._support(event, song, story)
        )
        return None if call is None else self._sign(self.people[event.listener], call)

    def _listen(self, event: Listen, song: Heard, price: int) -> Call | None:
        if not song.streams:
            return None
        if _at_once(event.listener):
            return self._ledger.pay_stream(song.song_id, event.times, event.times * price)
        self._purses.hear(event.listener, song.song_id, song.payee, event.times, event.times * price)
        return None

    def _support(self, event: Tip | Join | Quit | Purchase | Thanks, song: Heard, story: Story) -> Call | None:
        person = self.people[event.listener]
        match event:
            case Tip():
                name, call = "tips", self._ledger.tip(song.song_id, event.amount)
            case Join():
                price = self._patronage.plan(self._plan(song)).read(self._rpc).price
                name, call = "patrons", self._patronage.subscribe(song.song_id, person.address, 1, price)
            case Quit():
                name, call = "patrons_left", self._patronage.cancel(self._plan(song))
            case Purchase():
                most = self._auctions.quote(song.song_id, person.address).read(self._rpc)
                name, call = "passes", self._auctions.buy(song.song_id, person.address, most)
            case Thanks():
                claim = self._claim(event, song.song_id, story)
                if claim is None:
                    return None
                name, call = "rewards", claim
        self.done[name] += 1
        return call

    def _claim(self, event: Thanks, song_id: str, story: Story) -> Call | None:
        """Return the claim of what the node counted of a listener's plays; None where no play counts that was not thanked for."""
        api = self._own[event.listener]
        self._report_own(event.listener, story, api, event.at)
        try:
            counted = api.songs.attestation(song_id)
        except InTheWay:
            return None
        if counted.listens <= self._thanked[event.listener, song_id]:
            return None
        self._thanked[event.listener, song_id] = counted.listens
        proof = bytes.fromhex(counted.signature[2:])
        return self._gifts.claim_listens(song_id, counted.listener, counted.listens, counted.deadline, proof)

    def _settle(self, api: Api) -> RawTransaction | None:
        vouchers = self._purses.sign(api)
        self.done["vouchers"] += len(vouchers)
        if not vouchers:
            return None
        return self._sign(self._keeper, self._ledger.settle(vouchers), gas=GAS + 100_000 * len(vouchers))

    def _plan(self, song: Heard) -> int:
        return self._patronage.plan_of(song.song_id).read(self._rpc)

    def _sign(self, person: Person, call: Call, gas: int = GAS) -> RawTransaction:
        unsigned = Unsigned(self._chain_id, person.nonce, call.to, call.value, call.data, gas, FEE)
        person.nonce += 1
        return sign(unsigned, person.key)

    def _send(self, raws: Sequence[RawTransaction]) -> None:
        self._rpc.batch([("eth_sendRawTransaction", ("0x" + raw.raw.hex(),)) for raw in raws])
        self._sent += [raw.hash for raw in raws]

    def _mine(self, moment: int) -> None:
        self._rpc.batch([("evm_setNextBlockTimestamp", (moment,)), ("evm_mine", ())])

    def _check(self) -> None:
        sent, self._sent = self._sent, []
        for start in range(0, len(sent), 200):
            part = sent[start : start + 200]
            for tx, found in zip(part, self._rpc.receipts(part), strict=True):
                # The chain answers that it has a transaction before it is in a block.
                receipt = found or wait_for(self._rpc, tx)
                if not receipt.succeeded:
                    raise Bug("A payment of the demo was refused", "The contract refused a listener's payment.")

    def _plays(self, listen: Listen, story: Story) -> list[Play]:
        plays = []
        at = from_unix(story.begin + listen.at)
        for number, seconds in enumerate(listen.seconds):
            name = f"{listen.listener}/{listen.at}/{listen.song}/{number}"
            plays.append(
                Play(
                    song_id=story.songs[listen.song].song_id,
                    play_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"mycelix-demo:{name}")),
                    played_at=rfc3339(at),
                    duration=seconds,
                )
            )
            at += timedelta(seconds=seconds + 1)
        return plays


def _at_once(listener: int) -> bool:
    return listener % 3 == 0


def _sign_text(text: str, key: str) -> str:
    from eth_account import Account
    from eth_account.messages import encode_defunct

    return "0x" + bytes(Account.sign_message(encode_defunct(text=text), key).signature).hex()
