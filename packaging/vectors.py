"""Writes `tests/fixtures/vectors/contracts.json`: answers of the program's own arithmetic, which the contracts' tests compare theirs with.

One truth in two languages: run `python packaging/vectors.py` after the arithmetic of the domain changed; a test fails when the file is
stale, and `forge test` fails when the contracts disagree. Numbers are decimal text, in columns of equal length.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mycelix_studio.domain.money import fee_of  # noqa: E402
from mycelix_studio.domain.splits import divide  # noqa: E402
from mycelix_studio.domain.strategy.dutch_auction import AUCTION_PRESETS, GWEI, AuctionTerms  # noqa: E402
from mycelix_studio.domain.strategy.gift_economy import DEFAULT_TERMS, GiftTerms  # noqa: E402
from mycelix_studio.domain.strategy.patronage import GRACE_SECONDS, PERIOD_SECONDS, PLAN_PRESETS, renewed, tier_of  # noqa: E402

OUT = ROOT / "tests" / "fixtures" / "vectors" / "contracts.json"
Columns = dict[str, list[str]]


def columns(rows: list[dict[str, int]]) -> Columns:
    """Return rows as columns of decimal text."""
    return {name: [str(row[name]) for row in rows] for name in rows[0]}


def auctions(dice: random.Random) -> Columns:
    """Return prices of presets and of random auctions at random moments."""
    rows = []
    for number in range(60):
        if number < 3:
            terms = AUCTION_PRESETS[number].terms
        else:
            end = dice.randrange(1, 10 ** dice.randrange(1, 16)) * GWEI
            above = dice.randrange(10 ** dice.randrange(1, 16)) * GWEI
            terms = AuctionTerms(end + above, end, dice.randrange(1, 10**8), 10)
        moments = (0, 1, terms.duration - 1, terms.duration, dice.randrange(terms.duration + 10))
        rows += [
            {
                "start": terms.start_price,
                "end": terms.end_price,
                "duration": terms.duration,
                "elapsed": elapsed,
                "price": terms.price_at(elapsed),
            }
            for elapsed in moments
        ]
    return columns(rows)


def tiers(dice: random.Random) -> Columns:
    """Return tiers of paid time around every boundary."""
    edges = [days * 86_400 + step for days in (0, 90, 180, 365) for step in (-1, 0, 1) if days * 86_400 + step >= 0]
    return columns([{"paid": p, "tier": tier_of(p)} for p in [*edges, *(dice.randrange(4 * 10**7) for _ in range(40))]])


def charges() -> Columns:
    """Return what the presets charge at the start of each of the first 20 periods."""
    return columns(
        [
            {
                "price": preset.plan.price,
                "minimum": preset.plan.minimum_periods,
                **{f"tier{i}": bps for i, bps in enumerate(preset.plan.tier_bps)},
                "period": period,
                "first": preset.plan.first_charge(),
                "charge": preset.plan.charge(period),
            }
            for preset in PLAN_PRESETS
            for period in range(20)
        ]
    )


def renewals() -> Columns:
    """Return start and end after a renewal some seconds after the paid time."""
    rows = []
    for late in (0, 1, GRACE_SECONDS - 1, GRACE_SECONDS, GRACE_SECONDS + 1, 10**7):
        start, end = 0, PERIOD_SECONDS
        after = renewed(start, end, end + late)
        rows.append({"late": late, "start": after[0], "end": after[1]})
    return columns(rows)


def gifts(dice: random.Random) -> Columns:
    """Return rewards for new listens under the default and random terms."""
    rows = []
    for number in range(120):
        terms = (
            DEFAULT_TERMS
            if number < 30
            else GiftTerms(
                dice.randrange(10**19), 5, dice.randrange(10**20), dice.randrange(1, 6), dice.randrange(1, 10**21)
            )
        )
        before, listens, early = dice.randrange(12), dice.randrange(1, 30), dice.randrange(2)
        paid = dice.randrange(terms.daily_cap + 1)
        rows.append(
            {
                "perListen": terms.per_listen,
                "earlyBonus": terms.early_bonus,
                "multiplier": terms.repeat_multiplier,
                "dailyCap": terms.daily_cap,
                "before": before,
                "listens": listens,
                "early": early,
                "paidToday": paid,
                "reward": terms.reward(before, listens, early=bool(early), paid_today=paid),
            }
        )
    return columns(rows)


def splits(dice: random.Random) -> Columns:
    """Return payments divided among four: fee, then cumulative rounding."""
    rows = []
    for _ in range(80):
        cuts = sorted(dice.sample(range(1, 10_000), 3))
        bps = [b - a for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)]
        gross = dice.randrange(1, 10 ** dice.randrange(1, 25))
        fee = fee_of(gross, 100)
        parts = divide(gross - fee, bps)
        rows.append(
            {
                "gross": gross,
                "fee": fee,
                **{f"bps{i}": share for i, share in enumerate(bps)},
                **{f"part{i}": part for i, part in enumerate(parts)},
            }
        )
    return columns(rows)


def vouchers(dice: random.Random) -> Columns:
    """Return voucher items of one payee each: the fee of every item is rounded down by itself."""
    rows = []
    for _ in range(40):
        amount = dice.randrange(1, 10 ** dice.randrange(1, 20))
        fee = fee_of(amount, 100)
        rows.append({"amount": amount, "fee": fee, "net": amount - fee})
    return columns(rows)


def text() -> str:
    """Return the file's content."""
    dice = random.Random(20261124)
    found = {
        "auctions": auctions(dice),
        "tiers": tiers(dice),
        "charges": charges(),
        "renewals": renewals(),
        "gifts": gifts(dice),
        "splits": splits(dice),
        "vouchers": vouchers(dice),
    }
    return json.dumps(found, indent=1) + "\n"


if __name__ == "__main__":
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(text())
