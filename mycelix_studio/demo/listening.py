"""Carries out what the audience does: real keys, real signatures, real payments in blocks of the right day, plays reported to the node."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from mycelix_studio.api.platform import Api
from mycelix_studio.api.shapes import Play
from mycelix_studio.api.sign_in import Signer
from mycelix_studio.chain.abi import FlowToken, Ledger
from mycelix_studio.chain.artifacts import Deployment
from mycelix_studio.chain.rpc import Rpc
from mycelix_studio.chain.transactions import Fee, RawTransaction, Sender, Unsigned, sign, wait_for
from mycelix_studio.chain.values import keccak
from mycelix_studio.demo.audience import Audience, Listen, Tip
from mycelix_studio.deploy.local import DEPLOYER_KEY
from mycelix_studio.domain.clock import from_unix, rfc3339
from mycelix_studio.domain.money import WEI_PER_TOKEN
from mycelix_studio.domain.transaction import Call
from mycelix_studio.errors import Bug

POCKET = 500 * WEI_PER_TOKEN
"""What each listener begins with."""
GAS = 200_000
FEE = Fee(10**10, 10**6)
BLOCK_SECONDS = 3_600
"""What happens within an hour goes into one block."""
MOST_PLAYS = 1_000

Report = Callable[[int, int], None]


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
    """All listeners of one demo.

    Args:
        rpc: The local chain.
        deployment: Its contracts.
        count: How many listeners.
    """

    def __init__(self, rpc: Rpc, deployment: Deployment, count: int) -> None:
        self._rpc = rpc
        self._chain_id = deployment.chain_id
        self._ledger = Ledger(deployment.address("Ledger"))
        self._token = FlowToken(deployment.address("FlowToken"))
        self.people = [Person.number(number) for number in range(count)]
        self._sent: list[str] = []

    def give_money(self) -> None:
        """Give everybody FLOW and coins for network fees, and let the Ledger take what they pay."""
        owner = Sender(self._rpc, DEPLOYER_KEY, fee=FEE)
        self._rpc.batch([("anvil_setBalance", (person.address, hex(10**20))) for person in self.people])
        owner.transact_all([self._token.mint(person.address, POCKET) for person in self.people], gas=GAS)
        for person in self.people:
            self._send([self._sign(person, self._token.approve(self._ledger.address, POCKET))])
        self._check()

    def live(
        self,
        audience: Audience,
        songs: Sequence[str],
        price: int,
        begin: int,
        *,
        days: range,
        report: Report,
    ) -> None:
        """Pay for streams and tip as the audience does on these days, each hour in a block of its time.

        Args:
            audience: What happens.
            songs: Song ids on chain, in the catalogue's order.
            price: Wei a stream.
            begin: Unix time of the first day's midnight.
            days: Days to live through.
            report: Called with payments done and payments in all.

        Raises:
            Bug: A payment was refused by the contract.
        """
        both: list[Listen | Tip] = [*audience.listens, *audience.tips]
        events = sorted((each for each in both if each.day in days), key=lambda each: each.at)
        done = 0
        self._rpc.request("evm_setAutomine", False)
        try:
            for hour, group in groupby(events, key=lambda each: each.at // BLOCK_SECONDS):
                raws = [self._payment(event, songs, price) for event in group]
                self._send(raws)
                self._mine(begin + (hour + 1) * BLOCK_SECONDS)
                done += len(raws)
                report(done, len(events))
        finally:
            self._rpc.request("evm_setAutomine", True)
        self._check()

    def report_plays(self, audience: Audience, songs: Sequence[str], begin: int, url: str, report: Report) -> int:
        """Sign every listener in at the node and report what they played; returns how many plays were accepted.

        Raises:
            Known: The node did not take them.
            Bug: It refused some.
        """
        accepted = 0
        for number, person in enumerate(self.people):
            own = [listen for listen in audience.listens if listen.listener == number]
            plays = [play for listen in own for play in self._plays(listen, songs, begin)]
            api = Api(lambda: url, lambda: self._chain_id)
            try:
                api.use(Signer(lambda who=person: who.address, lambda text, who=person: _sign_text(text, who.key)))  # type: ignore[misc]
                for start in range(0, len(plays), MOST_PLAYS):
                    answer = api.plays.report(plays[start : start + MOST_PLAYS])
                    if answer.refused:
                        why = next(result.reason for result in answer.results if result.status == "refused")
                        raise Bug("The node refused plays of the demo", f"{answer.refused} plays: {why}.")
                    accepted += answer.accepted
            finally:
                api.close()
            report(number + 1, len(self.people))
        return accepted

    def move_to(self, moment: int) -> None:
        """Make an empty block at a Unix time, so that the chain's clock stands there."""
        self._mine(moment)

    # inside -------------------------------------------------------------------------------------------------------------

    def _payment(self, event: Listen | Tip, songs: Sequence[str], price: int) -> RawTransaction:
        person, song = self.people[event.listener], songs[event.song]
        if isinstance(event, Tip):
            return self._sign(person, self._ledger.tip(song, event.amount))
        return self._sign(person, self._ledger.pay_stream(song, event.times, event.times * price))

    def _sign(self, person: Person, call: Call) -> RawTransaction:
        unsigned = Unsigned(self._chain_id, person.nonce, call.to, call.value, call.data, GAS, FEE)
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

    def _plays(self, listen: Listen, songs: Sequence[str], begin: int) -> list[Play]:
        plays = []
        at = from_unix(begin + listen.at)
        for number, seconds in enumerate(listen.seconds):
            name = f"{listen.listener}/{listen.at}/{listen.song}/{number}"
            plays.append(
                Play(
                    song_id=songs[listen.song],
                    play_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"mycelix-demo:{name}")),
                    played_at=rfc3339(at),
                    duration=seconds,
                )
            )
            at += timedelta(seconds=seconds + 1)
        return plays


def _sign_text(text: str, key: str) -> str:
    from eth_account import Account
    from eth_account.messages import encode_defunct

    return "0x" + bytes(Account.sign_message(encode_defunct(text=text), key).signature).hex()
