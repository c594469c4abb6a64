from __future__ import annotations

from mycelix_studio.chain.abi import events as abi
from mycelix_studio.chain.rpc import Log
from mycelix_studio.demo.proof import add_up

LOG = Log("0x", (), b"", 1, "0x", "0x", 0, 0)
SONG = "0x" + "11" * 32


def test_fees_follow_the_rate_of_the_payee_at_each_payment() -> None:
    """1 % of 101 wei is 1, of 99 wei nothing; after the rate fell to zero nothing either; the song's payee may change."""
    figures = add_up(
        [
            abi.PayeeCreated(LOG, 1, "0x", 100, (), (), ()),
            abi.PayeeCreated(LOG, 2, "0x", 500, (), (), ()),
            abi.SongRegistered(LOG, SONG, "0x", 1, "0x", 1, 1),
            abi.StreamPaid(LOG, SONG, "0x", 1, 101),
            abi.Tipped(LOG, SONG, "0x", 99),
            abi.PayeeFeeLowered(LOG, 1, 0),
            abi.Tipped(LOG, SONG, "0x", 1_000),
            abi.SongUpdated(LOG, SONG, 2, 1, 1),
            abi.Tipped(LOG, SONG, "0x", 1_000),
            abi.Distributed(LOG, 1, 1_199, 1, True),
        ]
    )
    assert (figures.payments, figures.gross, figures.fee, figures.net) == (4, 2_200, 51, 2_149)
    assert figures.distributed == 1_199
