"""A listener that pays for ten streams and leaves a tip, signs a week of plays, becomes a patron and buys a pass.

Run it against a local chain: `python docs/examples/listener.py RPC_URL DEPLOYMENT.json KEY SONG_ID`.
What the song does not offer is left out.
"""

from __future__ import annotations

import sys
from pathlib import Path

from mycelix_studio.chain.abi.events import PassBought, StreamPaid, Subscribed, Tipped, VoucherSettled
from mycelix_studio.chain.artifacts import Deployment
from mycelix_studio.chain.events import decode_all
from mycelix_studio.chain.listener import Listener
from mycelix_studio.chain.rpc import Receipt, Rpc
from mycelix_studio.domain.money import WEI_PER_TOKEN, Wei, format_token
from mycelix_studio.domain.vouchers import Item, Play

WEEK = 7 * 86_400
YEAR = 365 * 86_400


def main(url: str, deployment: Path, key: str, song_id: str) -> int:
    """Pay, tip, sign, subscribe, buy; returns the wei spent, the purse included."""
    with Rpc([url]) as rpc:
        listener = Listener(rpc, key, Deployment.read(deployment))
        before = listener.balance()
        listener.approve(100 * WEI_PER_TOKEN)
        song = listener.song(song_id)
        tell(listener.pay_stream(song_id, count=10))
        tell(listener.tip(song_id, WEI_PER_TOKEN))

        # Plays cost nothing on chain until somebody settles what was signed: the platform does, or anyone.
        listener.deposit(WEI_PER_TOKEN)
        head = rpc.head()
        assert head is not None
        heard = Wei(5 * song.price)
        signed = listener.sign_plays(
            [Item(song.payee, 5, heard)], [Play(song_id, 5, heard)], nonce=1, deadline=head.timestamp + WEEK
        )
        tell(listener.settle([signed]))

        # Patronage and passes are charged by contracts of their own, which must be allowed: to charge the purse, for a year and up to
        # a sum, or to take tokens from the wallet.
        if listener.patronage.plan_of(song_id).read(rpc):
            listener.deposit(10 * WEI_PER_TOKEN)
            listener.set_session(listener.patronage.address, head.timestamp + YEAR, 100 * WEI_PER_TOKEN)
            tell(listener.subscribe(song_id, from_purse=True))
        if listener.auctions.auction_of(song_id).read(rpc):
            listener.approve(100 * WEI_PER_TOKEN, listener.auctions.address)
            tell(listener.buy_pass(song_id))
        return before - listener.balance()


def tell(receipt: Receipt) -> None:
    """Print what happened."""
    for event in decode_all(receipt.logs):
        match event:
            case StreamPaid():
                print(f"paid {format_token(event.amount)} FLOW for {event.count} streams")
            case Tipped():
                print(f"tipped {format_token(event.amount)} FLOW")
            case VoucherSettled():
                print(f"charged {format_token(event.total)} FLOW of signed plays")
            case Subscribed():
                print(f"patron for {event.periods} period at {format_token(event.amount)} FLOW")
            case PassBought():
                print(f"pass {event.serial} for {format_token(event.price)} FLOW")
            case _:
                pass


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4])
