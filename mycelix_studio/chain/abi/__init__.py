"""Typed classes of every contract. Written by packaging/bindings.py from the artifacts' ABI; do not edit."""

from __future__ import annotations

from mycelix_studio.chain.abi.fee_policy import FeePolicy as FeePolicy
from mycelix_studio.chain.abi.flow_token import FlowToken as FlowToken
from mycelix_studio.chain.abi.ledger import Ledger as Ledger
from mycelix_studio.chain.binding import Contract

CONTRACTS: dict[str, type[Contract]] = {"FeePolicy": FeePolicy, "FlowToken": FlowToken, "Ledger": Ledger}
