"""Typed classes of every contract. Written by packaging/bindings.py from the artifacts' ABI; do not edit."""

from __future__ import annotations

from mycelix_studio.chain.abi.auction_strategy import AuctionStrategy as AuctionStrategy
from mycelix_studio.chain.abi.credit_token import CreditToken as CreditToken
from mycelix_studio.chain.abi.fee_policy import FeePolicy as FeePolicy
from mycelix_studio.chain.abi.flow_token import FlowToken as FlowToken
from mycelix_studio.chain.abi.gift_economy_strategy import GiftEconomyStrategy as GiftEconomyStrategy
from mycelix_studio.chain.abi.ledger import Ledger as Ledger
from mycelix_studio.chain.abi.lens import Lens as Lens
from mycelix_studio.chain.abi.patronage_strategy import PatronageStrategy as PatronageStrategy
from mycelix_studio.chain.abi.timelock_controller import TimelockController as TimelockController
from mycelix_studio.chain.binding import Contract

CONTRACTS: dict[str, type[Contract]] = {
    "AuctionStrategy": AuctionStrategy,
    "CreditToken": CreditToken,
    "FeePolicy": FeePolicy,
    "FlowToken": FlowToken,
    "GiftEconomyStrategy": GiftEconomyStrategy,
    "Ledger": Ledger,
    "Lens": Lens,
    "PatronageStrategy": PatronageStrategy,
    "TimelockController": TimelockController,
}
