"""From terms to signatures: which calls of the Ledger make the chain say what the form says.

Who gets paid lives in an account of the Ledger (a payee), so a new split means a new account first. Its number is known only once that
is in a block, therefore a plan has two stages: ``first`` can be signed at once, ``later`` waits for the number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mycelix_studio.domain.splits import Split
from mycelix_studio.domain.strategy.names import StrategyName, bitmask_of
from mycelix_studio.domain.strategy.terms import SongTerms, differences, ways_text
from mycelix_studio.domain.strategy.typed import Change, flow
from mycelix_studio.domain.transaction import Call, ChangeRow
from mycelix_studio.services.ways import ON_CHAIN

if TYPE_CHECKING:
    from mycelix_studio.chain.abi.ledger import Split as LedgerSplit
    from mycelix_studio.chain.artifacts import Deployment

GAS_OF_STEP = {
    "split": 100_000,
    "register": 95_000,
    "payee": 40_000,
    "price": 36_000,
    "ways": 36_000,
    "lock": 34_000,
}
"""Gas for the estimate before anything is tried out; the dialog shows what the trial needed."""


@dataclass(frozen=True, slots=True)
class Target:
    """One song whose terms are edited.

    Attributes:
        song_id: 0x + 64 hex; known before it is on chain.
        content_hash: sha2-256 of the uploaded audio, 0x + 64 hex.
        title: For sentences.
        terms: On chain now; None when it is not registered.
        track_id: Track on this computer, None when there is none.
    """

    song_id: str
    content_hash: str
    title: str
    terms: SongTerms | None = None
    track_id: int | None = None


class StepKind(StrEnum):
    """What one signature does."""

    SPLIT = "split"
    REGISTER = "register"
    PAYEE = "payee"
    PRICE = "price"
    WAYS = "ways"
    OFFER = "offer"
    """The terms of a way with a contract of its own."""
    LOCK = "lock"


@dataclass(frozen=True, slots=True)
class Step:
    """One signature.

    Attributes:
        kind: What it does.
        target: The song, None for a new split.
        rows: "What changes" for the dialog, since the caller knows the old values.
        way: Whose terms, for :attr:`StepKind.OFFER`.
    """

    kind: StepKind
    target: Target | None
    rows: tuple[ChangeRow, ...]
    way: StrategyName | None = None

    @property
    def gas(self) -> int:
        """About what it needs."""
        return ON_CHAIN[self.way].gas if self.way is not None else GAS_OF_STEP[self.kind.value]


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be signed.

    Attributes:
        targets: The songs.
        after: Terms of all of them afterwards.
        changes: Rows of "Changes to sign".
        payee: Account that has the split already; None when ``first`` begins with a new one.
        first: Signatures that can be made at once.
        later: Signatures that need the number of the new account.
    """

    targets: tuple[Target, ...]
    after: SongTerms
    changes: tuple[Change, ...]
    payee: int | None
    first: tuple[Step, ...]
    later: tuple[Step, ...] = ()

    @property
    def signatures(self) -> int:
        """How many signatures it takes."""
        return len(self.first) + len(self.later)

    @property
    def titles(self) -> dict[str, str]:
        """Song id to title."""
        return {target.song_id: target.title for target in self.targets}


def make_plan(
    targets: Sequence[Target], after: SongTerms, payee: int | None, names: dict[str, str], *, lock: bool = False
) -> Plan:
    """Return the fewest signatures that lead from what is on chain to ``after``.

    Args:
        targets: Songs with their terms on chain.
        after: Valid terms.
        payee: Account on chain with exactly this split, None when there is none.
        names: Address to name.
        lock: Also lock who gets paid for good, as the last signature of each song.
    """
    assert after.split is not None
    changes = differences([target.terms for target in targets], after, names)
    if lock:
        changes = (*changes, Change("lock", "Who gets paid", "can change", "locked for good"))
    at_once: list[Step] = []
    on_payee: list[Step] = []
    for target in targets:
        old = target.terms
        rows = _rows(differences([old], after, names))
        if old is None:
            on_payee += [Step(StepKind.REGISTER, target, rows), *_offer_steps(target, after, names)]
        else:
            if old.split != after.split:
                on_payee.append(
                    Step(StepKind.PAYEE, target, tuple(row for row in rows if _is_share(row, old, after, names)))
                )
            if "pay-per-stream" in after.ways and old.price != after.price:
                at_once.append(_price_step(target, old, after))
            if old.ways != after.ways:
                row = ChangeRow("Earns by", ways_text(old.ways), ways_text(after.ways))
                at_once.append(Step(StepKind.WAYS, target, (row,)))
            at_once += _offer_steps(target, after, names)
        if lock and not (old is not None and old.locked):
            on_payee.append(Step(StepKind.LOCK, target, (ChangeRow("Who gets paid", "can change", "locked for good"),)))
    new_split = any(step.kind in (StepKind.REGISTER, StepKind.PAYEE) for step in on_payee) and payee is None
    if not new_split:
        return Plan(tuple(targets), after, changes, payee, (*at_once, *on_payee))
    shares = differences([None], after, names)
    split = Step(StepKind.SPLIT, None, _rows([change for change in shares if change.key.startswith("share:")]))
    return Plan(tuple(targets), after, changes, None, (split, *at_once), tuple(on_payee))


def call_of(step: Step, deployment: Deployment, after: SongTerms, payee: int | None) -> Call:
    """Return the call of one step.

    Raises:
        ValueError: The step needs an account and none is known.
    """
    from mycelix_studio.chain.abi.ledger import Ledger

    ledger = Ledger(deployment.address("Ledger"))
    if step.kind is StepKind.SPLIT:
        assert after.split is not None
        return ledger.create_payee(ledger_split(after.split), [share.role for share in after.split.shares])
    assert step.target is not None
    song = step.target.song_id
    if step.way is not None:
        old = step.target.terms.offer(step.way) if step.target.terms is not None else None
        return ON_CHAIN[step.way].call(deployment, song, old, after.offer(step.way))
    makes: dict[StepKind, Callable[[], Call]] = {
        StepKind.PRICE: lambda: ledger.set_price(song, after.price),
        StepKind.WAYS: lambda: ledger.set_strategies(song, bitmask_of(after.ways)),
        StepKind.LOCK: lambda: ledger.lock_split(song),
    }
    if step.kind in makes:
        return makes[step.kind]()
    if payee is None:
        raise ValueError("the account is not known yet")
    if step.kind is StepKind.PAYEE:
        return ledger.set_payee(song, payee)
    return ledger.register(step.target.content_hash, payee, after.price, bitmask_of(after.ways))


def ledger_split(split: Split) -> LedgerSplit:
    """Return a split as the Ledger takes it."""
    from mycelix_studio.chain.abi.ledger import Split as Made

    return Made(tuple(share.recipient for share in split.shares), tuple(share.bps for share in split.shares))


def _price_step(target: Target, old: SongTerms, after: SongTerms) -> Step:
    return Step(StepKind.PRICE, target, (ChangeRow("Price of a stream", flow(old.price), flow(after.price)),))


def _offer_steps(target: Target, after: SongTerms, names: dict[str, str]) -> list[Step]:
    """Return a signature for each way whose terms the chain does not have yet."""
    steps = []
    for way in after.ways:
        new = after.offer(way)
        old = target.terms.offer(way) if target.terms is not None else None
        if way in ON_CHAIN and new is not None and ON_CHAIN[way].differs(old, new):
            prefix = f"{way.split('-', 1)[0]}:"
            rows = [c for c in differences([target.terms], after, names) if c.key.startswith(prefix)]
            steps.append(Step(StepKind.OFFER, target, _rows(rows), way))
    return steps


def _rows(changes: Sequence[Change]) -> tuple[ChangeRow, ...]:
    return tuple(ChangeRow(change.label, change.before, change.after) for change in changes)


def _is_share(row: ChangeRow, old: SongTerms, after: SongTerms, names: dict[str, str]) -> bool:
    labels = {change.label for change in differences([old], after, names) if change.key.startswith("share:")}
    return row.label in labels
