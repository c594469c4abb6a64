"""The four ways to earn, with terms, presets and contract addresses."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.node.db import attestations
from mycelix_studio.node.http.deps import ContextDep
from mycelix_studio.node.http.models import Json, StrategyBody

router = APIRouter(prefix="/api/strategies", tags=["strategies"])

TOKEN: Final = 10**18

_CONTRACT: Final[dict[StrategyName, str]] = {
    "pay-per-stream": "Ledger",
    "gift-economy": "GiftEconomyStrategy",
    "patronage": "PatronageStrategy",
    "auction": "AuctionStrategy",
}
_TEXTS: Final[dict[StrategyName, tuple[str, str, list[str]]]] = {
    "pay-per-stream": (
        "Pay per stream",
        "Listeners pay a small price each time they play the song, one by one or with one signed voucher for many plays.",
        ["price per stream", "signed vouchers", "splits", "tips"],
    ),
    "gift-economy": (
        "Gift economy",
        "Listening is free and listeners receive credits from a budget the artist funds; whoever wants to, tips.",
        ["free listening", "listener rewards", "early-listener bonus", "daily cap", "tips"],
    ),
    "patronage": (
        "Patronage",
        "Patrons subscribe by the month; the longer they stay, the lower their renewal.",
        ["30-day periods", "7 days of grace", "four loyalty tiers", "price rises need consent"],
    ),
    "auction": (
        "Dutch auction",
        "A limited number of passes is sold at a price that falls until it is taken; a pass is permanent access and can be resold.",
        ["falling price", "limited supply", "per-wallet limit", "transferable pass"],
    ),
}


def _shares(*shares: tuple[str, int]) -> list[Json]:
    return [{"role": role, "basisPoints": bps} for role, bps in shares]


def _auction(identifier: str, name: str, start: int, end: int, seconds: int, supply: int) -> Json:
    return {
        "id": identifier,
        "name": name,
        "startPrice": str(start * TOKEN),
        "endPrice": str(end * TOKEN),
        "durationSeconds": seconds,
        "supply": supply,
    }


def _patronage(identifier: str, name: str, price: int, minimum_days: int, early_cancel: bool, tiers: list[int]) -> Json:
    return {
        "id": identifier,
        "name": name,
        "price": str(price * TOKEN),
        "periodDays": 30,
        "minimumDays": minimum_days,
        "earlyCancel": early_cancel,
        "tierDays": [0, 90, 180, 365],
        "tierDiscountBps": tiers,
    }


PRESETS: Final[dict[StrategyName, list[Json]]] = {
    "pay-per-stream": [
        {
            "id": "independent",
            "name": "Independent artist",
            "price": str(TOKEN // 100),
            "splits": _shares(("artist", 9_500), ("platform", 500)),
        },
        {
            "id": "collaborative",
            "name": "Collaboration",
            "price": str(TOKEN // 100),
            "splits": _shares(("artist", 5_000), ("artist", 3_000), ("producer", 1_500), ("platform", 500)),
        },
    ],
    "gift-economy": [
        {
            "id": "community",
            "name": "Community collective",
            "splits": _shares(("artist", 8_000), ("DAO treasury", 1_000), ("local scene", 500), ("platform", 500)),
        }
    ],
    "patronage": [
        _patronage("basic", "Basic", 10, 0, True, [0, 500, 1_000, 2_000]),
        _patronage("premium", "Premium", 20, 90, False, [0, 1_000, 2_000, 5_000]),
        _patronage("supporter", "Supporter", 5, 0, True, [0, 200, 500, 1_000]),
    ],
    "auction": [
        _auction("week", "Week-long", 100, 10, 7 * 86_400, 100),
        _auction("flash", "Flash", 50, 5, 86_400, 50),
        _auction("limited", "Limited edition", 500, 100, 3 * 86_400, 10),
    ],
}


@router.get("")
async def list_strategies(context: ContextDep) -> list[StrategyBody]:
    """List the four ways to earn."""
    deployment = context.deployment
    async with context.database.read("strategies") as connection:
        attestor = await attestations.announced(connection)
    answers = []
    for name, (title, text, features) in _TEXTS.items():
        address = deployment.contracts.get(_CONTRACT[name]) if deployment else None
        contracts = {str(deployment.chain_id): address} if deployment and address else {}
        answers.append(
            StrategyBody(
                id=name,
                name=title,
                description=text,
                contractAddress=address,
                features=features,
                contracts=contracts,
                presets=PRESETS[name],
                attestor=attestor if name == "gift-economy" else None,
            )
        )
    return answers
