from __future__ import annotations

from mycelix_studio.chain.abi import events as abi
from mycelix_studio.chain.rpc import Log
from mycelix_studio.demo.proof import add_up
from mycelix_studio.domain.money import Wei
from mycelix_studio.domain.vouchers import Item, pack_items

LOG = Log("0x", (), b"", 1, "0x", "0x", 0, 0)
SONG = "0x" + "11" * 32


STRANGE = "0x" + "22" * 32


def test_every_way_counts_for_itself_and_rewards_for_nothing() -> None:
    """Of a voucher each item's fee is rounded by itself; a tip counts for its song's first way."""
    items = pack_items([Item(1, 1, Wei(199)), Item(2, 3, Wei(1_000))])
    figures = add_up(
        [
            abi.PayeeCreated(LOG, 1, "0x", 100, (), (), ()),
            abi.PayeeCreated(LOG, 2, "0x", 500, (), (), ()),
            abi.SongRegistered(LOG, SONG, "0x", 1, "0x", 1, 5),
            abi.SongRegistered(LOG, STRANGE, "0x", 2, "0x", 0, 10),
            abi.VoucherSettled(LOG, "0x", 1, 1_199, "0x", items),
            abi.Credited(LOG, "0xplan", 1, 200),
            abi.Credited(LOG, "0xsale", 2, 300),
            abi.Tipped(LOG, STRANGE, "0x", 100),
            abi.ListensRewarded(LOG, STRANGE, "0x", 3, 3, 70),
        ],
        {"0xplan": "patronage", "0xsale": "auction"},
    )
    assert (figures.payments, figures.gross, figures.fee) == (5, 1_799, 1 + 50 + 2 + 15 + 5)
    assert figures.net_by_strategy == {
        "pay-per-stream": 198 + 950,
        "gift-economy": 95,
        "patronage": 198,
        "auction": 285,
    }
    assert (sum(figures.net_by_strategy.values()), figures.rewards) == (figures.net, 70)


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
