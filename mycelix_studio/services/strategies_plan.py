"""From terms to signatures: which calls of the Ledger make the chain say what the form says.

Who gets paid lives in an account of the Ledger (a payee), so a new split means a new account first. Its number is known only once that
is in a block, therefore a plan has two stages: ``first`` can be signed at once, ``later`` waits for the number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mycelix_studio.domain.splits import Split
from mycelix_studio.domain.strategy.terms import Change, SongTerms, differences, flow, ways_text
from mycelix_studio.domain.transaction import Call, ChangeRow
from mycelix_studio.domain.wire import bitmask_of

if TYPE_CHECKING:
    from mycelix_studio.chain.abi.ledger import Ledger


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
    LOCK = "lock"


@dataclass(frozen=True, slots=True)
class Step:
    """One signature.

    Attributes:
        kind: What it does.
        target: The song, None for a new split.
        rows: "What changes" for the dialog, since the caller knows the old values.
    """

    kind: StepKind
    target: Target | None
    rows: tuple[ChangeRow, ...]


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
            on_payee.append(Step(StepKind.REGISTER, target, rows))
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
        if lock and not (old is not None and old.locked):
            on_payee.append(Step(StepKind.LOCK, target, (ChangeRow("Who gets paid", "can change", "locked for good"),)))
    new_split = any(step.kind in (StepKind.REGISTER, StepKind.PAYEE) for step in on_payee) and payee is None
    if not new_split:
        return Plan(tuple(targets), after, changes, payee, (*at_once, *on_payee))
    shares = differences([None], after, names)
    split = Step(StepKind.SPLIT, None, _rows([change for change in shares if change.key.startswith("share:")]))
    return Plan(tuple(targets), after, changes, None, (split, *at_once), tuple(on_payee))


def call_of(step: Step, ledger: Ledger, after: SongTerms, payee: int | None) -> Call:
    """Return the call of one step.

    Raises:
        ValueError: The step needs an account and none is known.
    """
    if step.kind is StepKind.SPLIT:
        assert after.split is not None
        return ledger.create_payee(ledger_split(after.split), [share.role for share in after.split.shares])
    assert step.target is not None
    song = step.target.song_id
    if step.kind is StepKind.PRICE:
        return ledger.set_price(song, after.price)
    if step.kind is StepKind.WAYS:
        return ledger.set_strategies(song, bitmask_of(after.ways))
    if step.kind is StepKind.LOCK:
        return ledger.lock_split(song)
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


def _rows(changes: Sequence[Change]) -> tuple[ChangeRow, ...]:
    return tuple(ChangeRow(change.label, change.before, change.after) for change in changes)


def _is_share(row: ChangeRow, old: SongTerms, after: SongTerms, names: dict[str, str]) -> bool:
    labels = {change.label for change in differences([old], after, names) if change.key.startswith("share:")}
    return row.label in labels


if TYPE_CHECKING:
    from mycelix_studio.chain.abi.ledger import Split as LedgerSplit
