"""The proof: the same money by four ways. The chain's own events, the cache, the API, a statement, equal to the last wei.

The cache's songs add up to all of it, too: the node holds the list behind every voucher of the demo.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mycelix_studio.chain import events
from mycelix_studio.chain.abi import events as abi
from mycelix_studio.chain.artifacts import Deployment
from mycelix_studio.chain.binding import Event
from mycelix_studio.chain.rpc import Rpc
from mycelix_studio.domain.dashboard import STRATEGIES, Query
from mycelix_studio.domain.money import fee_of
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.strategy.names import STRATEGY_BITS, StrategyName, strategies_of
from mycelix_studio.domain.vouchers import unpack_items
from mycelix_studio.errors import Known
from mycelix_studio.services.reports import Format, Options
from mycelix_studio.services.studio import Studio


@dataclass(frozen=True, slots=True)
class ChainFigures:
    """What the chain's events say. Amounts in wei.

    Attributes:
        net_by_strategy: What the artists' accounts got, by way to earn; a tip counts for its song's first.
        rewards: CGC paid to listeners out of the artists' budgets; no income.
    """

    payments: int
    gross: int
    fee: int
    distributed: int
    net_by_strategy: Mapping[StrategyName, int]
    rewards: int = 0

    @property
    def net(self) -> int:
        """What the artists' accounts got."""
        return self.gross - self.fee


def from_events(rpc: Rpc, deployment: Deployment) -> ChainFigures:
    """Return the figures, from nothing but the events of the contracts since their deployment."""
    ways: dict[StrategyName, str] = {"patronage": "PatronageStrategy", "auction": "AuctionStrategy"}
    at = {deployment.address(contract): way for way, contract in ways.items()}
    senders = [deployment.address("Ledger"), deployment.address("GiftEconomyStrategy")]
    logs = rpc.logs(deployment.block, rpc.block_number(), senders)
    return add_up(events.decode_all(logs), at)


def add_up(happened: Iterable[Event | None], at: Mapping[str, StrategyName] | None = None) -> ChainFigures:
    """Add up events in their order: each payment's fee is ``gross * feeBps // 10,000`` at the rate of the payee of that moment.

    Args:
        happened: Of the Ledger and of the gift strategy.
        at: Address of a strategy to its name, for what it credits.
    """
    payee_of: dict[str, int] = {}
    first_way: dict[str, StrategyName] = {}
    rate_of: dict[int, int] = {}
    net: dict[StrategyName, int] = dict.fromkeys(STRATEGY_BITS, 0)
    payments = gross = fees = distributed = rewards = 0

    def paid(payee: int, amount: int, way: StrategyName) -> None:
        nonlocal payments, gross, fees
        fee = fee_of(amount, rate_of[payee])
        payments, gross, fees = payments + 1, gross + amount, fees + fee
        net[way] += amount - fee

    for event in happened:
        match event:
            case abi.PayeeCreated() | abi.PayeeFeeLowered():
                rate_of[event.payee] = event.fee_bps
            case abi.SongRegistered() | abi.SongUpdated():
                payee_of[event.song_id] = event.payee
                if isinstance(event, abi.SongRegistered):
                    first_way[event.song_id] = next(iter(strategies_of(event.strategies)), "pay-per-stream")
            case abi.StreamPaid():
                paid(payee_of[event.song_id], event.amount, "pay-per-stream")
            case abi.Tipped():
                paid(payee_of[event.song_id], event.amount, first_way[event.song_id])
            case abi.VoucherSettled():
                for item in unpack_items(event.items):
                    paid(item.payee, item.amount, "pay-per-stream")
            case abi.Credited():
                paid(event.payee, event.amount, (at or {})[event.strategy])
            case abi.Distributed():
                distributed += event.net
            case abi.ListensRewarded():
                rewards += event.amount
            case _:
                pass
    return ChainFigures(payments, gross, fees, distributed, net, rewards)


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
    board = studio.analytics.artist(Query(period))
    cached = {way: sum(board.days.net[layer]) for way, layer in zip(STRATEGY_BITS, STRATEGIES, strict=True)}
    totals = saved.statements[0].totals
    nets = {
        "net_wei": chain.net,
        "cache_net_wei": board.figures.net,
        "songs_net_wei": sum(row.net for row in board.songs),
        "api_net_wei": int(studio.api.artists.stats(account.address).total_earnings),
        "statement_net_wei": totals.net,
    }
    if len(set(nets.values())) > 1:
        raise Disagree(nets)
    for way, figure in chain.net_by_strategy.items():
        if cached[way] != figure:
            raise Disagree({f"{way} on chain": figure, f"{way} in the cache": cached[way]})
    if totals.rewards != chain.rewards:
        raise Disagree({"rewards on chain": chain.rewards, "rewards in the statement": totals.rewards})
    return {
        "payments": chain.payments,
        "gross_wei": str(chain.gross),
        "fee_wei": str(chain.fee),
        **{name: str(value) for name, value in nets.items()},
        "distributed_wei": str(chain.distributed),
        "net_by_strategy_wei": {way: str(figure) for way, figure in chain.net_by_strategy.items()},
        "rewards_wei": str(chain.rewards),
    }


class Disagree(Known):
    """The same money counted by several ways gave several figures."""

    def __init__(self, nets: dict[str, int]) -> None:
        listed = ", ".join(f"{name} {value}" for name, value in nets.items())
        super().__init__(
            "The figures do not agree", f"They must be equal and are not: {listed}.", "This is a bug; report it."
        )
