"""What a signature costs: three levels from the chain's own fee history, remembered for when no server answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mycelix_studio.domain.transaction import FeeLevel, FeeOption
from mycelix_studio.services.wallet_context import WalletContext
from mycelix_studio.store import drafts

if TYPE_CHECKING:
    from mycelix_studio.chain.rpc import Rpc
    from mycelix_studio.chain.transactions import Fee

BLOCKS = {FeeLevel.SLOW: 6, FeeLevel.NORMAL: 2, FeeLevel.FAST: 1}
"""Blocks until a transaction is expected in one, by level."""
MOST_APART = 3
"""Two servers' fees may differ this many times, being a block or two apart; beyond that one of them is wrong."""
USUAL_GAS = 60_000
"""Gas of a usual signature, for "enough for about N signatures"."""


def price_levels(context: WalletContext, rpc: Rpc) -> tuple[dict[FeeLevel, Fee], int]:
    """Return what each level offers and the next block's base fee, wei a unit; remembers the usual price.

    Raises:
        ChainUnreachable: No server answers.
        ServersDisagree: One server asks for far more than another.
    """
    from mycelix_studio.chain.rpc import ServersDisagree
    from mycelix_studio.chain.transactions import suggest

    histories = rpc.fee_histories()
    offers = [(dict(suggest(history)), history.base_fees[-1]) for history in histories]
    levels, base = offers[0]
    prices = [base + levels[FeeLevel.NORMAL].tip for levels, base in offers]
    if max(prices) > min(prices) * MOST_APART:
        raise ServersDisagree("the network fee", f"{min(prices)} wei a unit", f"{max(prices)} wei")
    usual = base + levels[FeeLevel.NORMAL].tip
    if usual != usual_price(context):
        with context.database.write() as db:
            drafts.save_named(db, "chain_fact", _key(context), json.dumps(str(usual)), context.now())
    return levels, base


def usual_price(context: WalletContext) -> int | None:
    """Return the last known price of a unit of gas, wei; None when never read."""
    saved = drafts.named(context.database.read(), "chain_fact").get(_key(context))
    return None if saved is None else int(json.loads(saved))


def signatures_left(context: WalletContext, native: int | None) -> int | None:
    """Return about how many signatures an amount of native coin pays for; None when not known."""
    price = usual_price(context)
    if native is None or not price:
        return None
    return native // (USUAL_GAS * price)


def options(
    context: WalletContext, levels: dict[FeeLevel, Fee], base: int, *, gas: int, used: int
) -> tuple[FeeOption, ...]:
    """Return the three choices for a transaction with this gas limit that will probably use ``used``."""
    seconds = context.network.block_seconds
    made = []
    for level, fee in levels.items():
        price = min(fee.max_fee, base + fee.tip)
        made.append(
            FeeOption(level, gas, fee.max_fee, fee.tip, used * price, gas * fee.max_fee, BLOCKS[level] * seconds)
        )
    return tuple(made)


def _key(context: WalletContext) -> str:
    return f"gas_price:{context.network.chain_id}"
