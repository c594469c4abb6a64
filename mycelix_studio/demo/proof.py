"""The proof: the same money by four ways. The chain's own events, the cache, the API, a statement, equal to the last wei."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mycelix_studio.chain import events
from mycelix_studio.chain.abi import events as abi
from mycelix_studio.chain.artifacts import Deployment
from mycelix_studio.chain.binding import Event
from mycelix_studio.chain.rpc import Rpc
from mycelix_studio.domain.dashboard import Query
from mycelix_studio.domain.period import Period
from mycelix_studio.errors import Known
from mycelix_studio.services.reports import Format, Options
from mycelix_studio.services.studio import Studio

BPS = 10_000


@dataclass(frozen=True, slots=True)
class ChainFigures:
    """What the chain's events say. Amounts in wei."""

    payments: int
    gross: int
    fee: int
    distributed: int

    @property
    def net(self) -> int:
        """What the artists' accounts got."""
        return self.gross - self.fee


def from_events(rpc: Rpc, deployment: Deployment) -> ChainFigures:
    """Return the figures, from nothing but the events of the Ledger since its deployment."""
    logs = rpc.logs(deployment.block, rpc.block_number(), [deployment.address("Ledger")])
    return add_up(events.decode_all(logs))


def add_up(happened: Iterable[Event | None]) -> ChainFigures:
    """Add up events in their order: each payment's fee is ``gross * feeBps // 10,000`` at the rate of the payee of that moment."""
    payee_of: dict[str, int] = {}
    rate_of: dict[int, int] = {}
    payments = gross = fee = distributed = 0
    for event in happened:
        match event:
            case abi.PayeeCreated() | abi.PayeeFeeLowered():
                rate_of[event.payee] = event.fee_bps
            case abi.SongRegistered() | abi.SongUpdated():
                payee_of[event.song_id] = event.payee
            case abi.StreamPaid() | abi.Tipped():
                payments += 1
                gross += event.amount
                fee += event.amount * rate_of[payee_of[event.song_id]] // BPS
            case abi.Distributed():
                distributed += event.net
            case _:
                pass
    return ChainFigures(payments, gross, fee, distributed)


def prove(studio: Studio, rpc: Rpc, deployment: Deployment, out: Path) -> dict[str, object]:
    """Write ``statement.csv`` and ``statement.pdf`` to ``out`` and return the figures of all four ways, amounts as text.

    Raises:
        Disagree: Two of them differ; the message names them.
    """
    chain = from_events(rpc, deployment)
    account = studio.wallet.current()
    first, as_of = studio.analytics.first_day(), studio.analytics.as_of()
    assert account is not None and first is not None and as_of is not None
    period = Period(first, as_of.date())
    saved = studio.reports.save(
        out, period, options=Options(frozenset({Format.CSV, Format.PDF}), person_pages=False), stem="statement"
    )
    nets = {
        "net_wei": chain.net,
        "cache_net_wei": studio.analytics.artist(Query(period)).figures.net,
        "api_net_wei": int(studio.api.artists.stats(account.address).total_earnings),
        "statement_net_wei": saved.statements[0].totals.net,
    }
    if len(set(nets.values())) > 1:
        raise Disagree(nets)
    return {
        "payments": chain.payments,
        "gross_wei": str(chain.gross),
        "fee_wei": str(chain.fee),
        **{name: str(value) for name, value in nets.items()},
        "distributed_wei": str(chain.distributed),
    }


class Disagree(Known):
    """The same money counted by several ways gave several figures."""

    def __init__(self, nets: dict[str, int]) -> None:
        listed = ", ".join(f"{name} {value}" for name, value in nets.items())
        super().__init__(
            "The figures do not agree", f"They must be equal and are not: {listed}.", "This is a bug; report it."
        )
