"""The audit: does what the platform sent agree with the chain? It asks chain servers only, never the platform.

Logs of the contracts are read from the first block on and kept with their proofs (``audit_chain``), so that the next audit reads only
what is new, one that was stopped goes on, and one without a network works with what was read. From the logs every payment, split and
payout is made again and compared with the rows here, field by field; then the songs of vouchers (``audit_songs``), sums, what statements
and dashboards say, and the balances that the contract itself holds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from mycelix_studio.domain.audit import AuditReport, ChainRows, Check, compare, sums_of, total_of
from mycelix_studio.domain.clock import from_unix
from mycelix_studio.domain.metrics import day_of
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.statement import REWARD_SYMBOL, Inputs
from mycelix_studio.domain.statement_build import build
from mycelix_studio.domain.wire import PaymentRecord, PayoutRecord, SplitRecord, VoucherSongRecord
from mycelix_studio.services import audit_chain, audit_songs
from mycelix_studio.services.audit_chain import CannotAudit
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.reports import Source
from mycelix_studio.store import chain_logs, figures, sync_state, synced
from mycelix_studio.store.chain_logs import LogRow, ReadTo
from mycelix_studio.store.connection import Database
from mycelix_studio.store.figures import Chosen

if TYPE_CHECKING:
    from mycelix_studio.chain.artifacts import Deployment
    from mycelix_studio.chain.binding import Event
    from mycelix_studio.chain.rpc import Rpc

R = TypeVar("R")
log = logging.getLogger(__name__)


class NotRead(CannotAudit):
    """The chain was not read yet and cannot be read without a network."""

    def __init__(self) -> None:
        super().__init__(
            "The chain was not read yet",
            "An audit without a network needs what an earlier one has read.",
            "Connect to the network and audit once.",
        )


@dataclass(frozen=True, slots=True)
class Audit:
    """Audits of one profile. Blocks: run it on the ``chain`` lane or in a command.

    Attributes:
        database: The cache.
        rpc: Returns the client of the chosen network.
        deployment: Returns where the contracts lie on it; None when not known.
        source: What statements are made from, to audit a statement as well.
        confirmations: Returns how many blocks lie upon one until it counts as final.
    """

    database: Database
    rpc: Callable[[], Rpc]
    deployment: Callable[[], Deployment | None]
    source: Source
    confirmations: Callable[[], int]

    def run(self, period: Period, work: Work, *, offline: bool = False, fresh: bool = False) -> AuditReport:
        """Compare a period's rows with the chain.

        Args:
            period: Whole UTC days.
            work: Progress in blocks; may be cancelled at any block range and goes on there the next time.
            offline: Ask nobody; use what was read before.
            fresh: Read everything again, trusting nothing that was kept.

        Raises:
            CannotAudit: Nothing was synced, or the contracts are not known on this network.
            ChainUnreachable: No chain server answers; ``offline`` works with what was read before.
            Cancelled: Stopped.
        """
        deployment = self.deployment()
        if deployment is None:
            raise CannotAudit(
                "The contracts are not known",
                "Studio does not know them on this network.",
                "Choose the network in Settings.",
            )
        account = sync_state.state(self.database.read()).account
        if not account:
            raise CannotAudit("Nothing to audit yet", "Nothing was fetched from your platform so far.", "Sync once.")
        ledger = deployment.address("Ledger")
        if not offline:
            audit_chain.read(self.database, self.rpc(), deployment, self.confirmations(), work, fresh=fresh)
        return self._judge(period, deployment, ledger, account, work, offline=offline)

    # judging

    def _judge(
        self, period: Period, deployment: Deployment, ledger: str, account: str, work: Work, *, offline: bool
    ) -> AuditReport:
        chain = deployment.chain_id
        with self.database.snapshot() as db:
            kept = chain_logs.read_to(db, chain, ledger)
            if kept is None:
                raise NotRead
            work.progress(0, 0, "Comparing")
            logs = list(chain_logs.rows(db, chain, ledger))
            proven, bare, broken = audit_chain.check(logs, chain_logs.proofs(db, chain, ledger), kept.addresses)
            true = replayed(chain, account, logs)
            on_chain = "t.chain_id = ? AND t.block <= ?"
            payments = synced.records(db, PaymentRecord, on_chain, (chain, kept.block))
            payouts = synced.records(db, PayoutRecord, on_chain, (chain, kept.block))
            splits = synced.records(db, SplitRecord, on_chain, (chain, kept.block))
            beyond = "NOT (t.chain_id = ? AND t.block <= ?)"
            newer: list[PaymentRecord | PayoutRecord] = [
                *synced.records(db, PaymentRecord, beyond, (chain, kept.block)),
                *synced.records(db, PayoutRecord, beyond, (chain, kept.block)),
            ]
            songs = synced.records(db, VoucherSongRecord)
            dashboards = figures.income_by_strategy(db, day_of(period.first), day_of(period.last), Chosen())
        work.token.raise_if_cancelled()
        inputs = self.source.inputs(period, "")
        statement = build(_live(inputs), period).totals
        from_chain = sums_of(true.payments, true.payouts, period)
        total = total_of(from_chain)
        later = [row for row in newer if period.holds(row.block_time)]
        more = total_of(sums_of(_of(later, PaymentRecord), _of(later, PayoutRecord), period))
        compared = [
            Check("Statement, gross", total.gross, statement.gross - more.gross),
            Check("Statement, protocol fee", total.fee, statement.fee - more.fee),
            Check("Statement, net", total.net, statement.net - more.net),
            Check("Statement, paid out", total.paid_out, statement.paid_out - more.paid_out),
            Check("Statement, rewards", total.rewards, statement.rewards - more.rewards, REWARD_SYMBOL),
            Check("Dashboard, net", total.net, sum(dashboards.values()) - more.net),
        ]
        unchecked = [
            "Plays are not on the chain: how often a song was heard without payment cannot be audited.",
            "What was paid outside of the contracts is not seen.",
        ]
        balances = [] if offline else self._balances(true, deployment, kept, unchecked)
        newest = frozenset(row.key for row in _of(newer, PaymentRecord))
        judged = audit_songs.judge(payments, songs, true.vouchers, period, newest)
        differences = [
            *broken,
            *judged.differences,
            *compare(true.payments, payments, period),
            *compare(true.payouts, payouts, period),
            *compare(true.splits, splits),
        ]
        if judged.partly:
            unchecked.append(
                f"Vouchers that pay others as well, so that their list is not here as a whole: {judged.partly:,}. Their songs add up."
            )
        if judged.unnamed:
            unchecked.append(
                f"Payments by voucher that name no song, since the platform does not have their list: {judged.unnamed:,}."
            )
        if bare:
            unchecked.append(f"{bare:,} records could not be proven: the chain server does not give what that takes.")
        if later:
            unchecked.append(f"{len(later):,} newer payments and payouts are not final yet.")
        if kept.block_time < period.bounds[1].timestamp():
            unchecked.append(f"The period is judged up to block {kept.block:,}.")
        servers = () if offline else tuple(urlsplit(url).hostname or url for url in self.rpc().urls)
        return AuditReport(
            period,
            account,
            ledger,
            kept.first_block,
            kept.block,
            from_unix(kept.block_time),
            servers,
            from_chain,
            sums_of(payments, payouts, period),
            (*compared, *balances),
            tuple(sorted(differences, key=lambda d: (d.block, d.log_index, d.item))),
            tuple(unchecked),
            _how(kept, servers, proven, bool(balances), judged.proven),
            len(later),
            proven,
            proven + bare + len(broken),
        )

    def _balances(self, true: ChainRows, deployment: Deployment, kept: ReadTo, unchecked: list[str]) -> list[Check]:
        """Compare what the events add up to with what the contract holds: a server that leaves logs out is found here."""
        from mycelix_studio.chain.abi.ledger import Ledger
        from mycelix_studio.chain.binding import read_all
        from mycelix_studio.chain.rpc import ChainUnreachable, RpcRefused

        ledger = Ledger(deployment.address("Ledger"))
        payees = sorted(true.balances)
        try:
            accounts = read_all(self.rpc(), [ledger.account(payee) for payee in payees], kept.block)
        except (ChainUnreachable, RpcRefused, ValueError) as error:
            log.info("balances at block %d cannot be read: %s", kept.block, error)
            unchecked.append("The contract's own balances at that block could not be read from this server.")
            return []
        return [
            Check(f"Contract, held for account {payee}", account.balance, true.balances[payee])
            for payee, account in zip(payees, accounts, strict=True)
        ]


def replayed(chain_id: int, account: str, rows: Iterable[LogRow]) -> ChainRows:
    """Return an artist's rows as the logs of the contracts make them.

    Raises:
        CannotAudit: Logs are missing or damaged.
    """
    from mycelix_studio.services.audit_replay import Replay, UnknownOnChain

    replay = Replay(chain_id, account)
    try:
        replay.take([(event, row.block_time) for row in rows if (event := _event(row)) is not None])
    except (UnknownOnChain, ValueError) as error:
        raise CannotAudit(
            "The logs are not complete",
            f"The chain server left something out: {error}.",
            "Choose another chain server and audit anew.",
        ) from error
    return replay.finish()


def _event(row: LogRow) -> Event | None:
    from mycelix_studio.chain import events
    from mycelix_studio.chain.rpc import Log

    topics = tuple(row.topics[start : start + 32] for start in range(0, len(row.topics), 32))
    return events.decode(
        Log(row.address, topics, row.data, row.block, row.block_hash, row.tx, row.tx_index, row.log_index)
    )


def _live(inputs: Inputs) -> Inputs:
    """Return the inputs of a statement without what the chain took back, which the chain no longer knows."""
    return replace(
        inputs,
        receipts=[receipt for receipt in inputs.receipts if receipt.retracted_at is None],
        payouts=[taken for taken in inputs.payouts if taken.retracted_at is None],
    )


def _of(rows: Iterable[object], kind: type[R]) -> list[R]:
    return [row for row in rows if isinstance(row, kind)]


def _how(kept: ReadTo, servers: tuple[str, ...], proven: int, balances: bool, lists: int) -> tuple[str, ...]:
    asked = f"{' and '.join(servers)} gave" if servers else "Read earlier and kept here:"
    found = [
        f"{asked} every record of the contracts from block {kept.first_block:,} to {kept.block:,} ({kept.block_hash}).",
        "Every payment, share and payout was made again from these records and compared with what is on this computer, field by field.",
        "Sums by account, the statement and the dashboard of the period were compared with the chain's.",
    ]
    if proven:
        found.append(f"{proven:,} records were proven: each is in a receipt that gives the root in its block's header.")
    if lists:
        found.append(
            f"Vouchers whose songs are what their listeners signed, since the list gives the hash on the chain: {lists:,}."
        )
    if balances:
        found.append("What the contract holds for each account equals what came in less what was paid out.")
    return tuple(found)
