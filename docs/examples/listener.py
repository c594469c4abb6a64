"""A listener that allows the Ledger to charge it, pays for ten streams and leaves a tip.

Run it against a local chain: `python docs/examples/listener.py RPC_URL DEPLOYMENT.json KEY SONG_ID`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from mycelix_studio.chain.abi.events import StreamPaid, Tipped
from mycelix_studio.chain.artifacts import Deployment
from mycelix_studio.chain.events import decode_all
from mycelix_studio.chain.listener import Listener
from mycelix_studio.chain.rpc import Rpc
from mycelix_studio.domain.money import WEI_PER_TOKEN, format_token


def main(url: str, deployment: Path, key: str, song_id: str) -> int:
    """Pay and tip; returns the wei spent."""
    with Rpc([url]) as rpc:
        listener = Listener(rpc, key, Deployment.read(deployment))
        before = listener.balance()
        listener.approve(10 * WEI_PER_TOKEN)
        paid = listener.pay_stream(song_id, count=10)
        tipped = listener.tip(song_id, WEI_PER_TOKEN)
        for event in decode_all(paid.logs + tipped.logs):
            if isinstance(event, StreamPaid):
                print(f"paid {format_token(event.amount)} FLOW for {event.count} streams")
            elif isinstance(event, Tipped):
                print(f"tipped {format_token(event.amount)} FLOW")
        return before - listener.balance()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4])
