"""An artist's rows from events alone: vouchers pay accounts by item, strategies what they charged, missing events are noticed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mycelix_studio.chain.abi import events as abi
from mycelix_studio.chain.binding import Event
from mycelix_studio.chain.rpc import Log
from mycelix_studio.chain.values import checksum
from mycelix_studio.domain.audit import Signed
from mycelix_studio.domain.clock import from_unix
from mycelix_studio.services.audit_replay import Replay, UnknownOnChain

ADA, TOVE, FAN = ("0x" + letter * 40 for letter in "abc")
SONG = "0x" + "5a" * 32


def log(block: int, index: int = 0, tx: str = "0x1") -> Log:
    return Log("0xledger", (), b"", block, "0xblock", tx, 0, index)


def created(payee: int, artist: str, block: int) -> Event:
    return abi.PayeeCreated(log(block), payee, "0xabc", 100, (artist, TOVE), (9_000, 1_000), ("artist", "cello"))


def item(payee: int, count: int, amount: int) -> bytes:
    return payee.to_bytes(8) + count.to_bytes(4) + amount.to_bytes(12)


def replayed(*events: Event) -> Replay:
    replay = Replay(100, ADA)
    replay.take([(event, 1_000 + event.log.block_number) for event in events])
    return replay


def opening() -> tuple[Event, ...]:
    registered = abi.SongRegistered(log(2), SONG, ADA, 1, "0xhash", 10**16, 1)
    return created(1, ADA, 1), created(2, TOVE, 1), registered


def test_a_voucher_is_one_payment_for_each_account_of_the_artist() -> None:
    items = item(1, 3, 30_000) + item(2, 1, 10_000)
    rows = replayed(*opening(), abi.VoucherSettled(log(5, 7), FAN, 4, 40_000, "0xplays", items)).finish()
    (paid,) = rows.payments
    assert (paid.type, paid.payee, paid.song_id, paid.count, paid.item) == ("voucher", 1, None, 3, 0)
    assert (paid.gross, paid.fee, paid.net, paid.listener) == (30_000, 300, 29_700, FAN)
    assert rows.balances == {1: 29_700}
    assert rows.vouchers == {(5, 7): Signed("0xplays", 40_000, {0: 100})}


def test_money_of_a_strange_contract_counts_as_its_tip() -> None:
    rows = replayed(*opening(), abi.Credited(log(6), "0xstranger", 1, 50_000)).finish()
    (tip,) = rows.payments
    assert (tip.type, tip.listener, tip.song_id, tip.strategy, tip.gross, tip.fee) == (
        "tip", "0xstranger", None, None, 50_000, 500,
    )  # fmt: skip
    assert rows.balances == {1: 49_500}


def sold(index: int, tx: str = "0x1") -> Log:
    return Log("0xplan", (), b"", 5, "0xblock", tx, 0, index)


def charge(patron: str, amount: int) -> int:
    return int(patron, 16) << 96 | amount


def test_a_round_of_renewals_shares_the_fee_of_its_sum_and_a_late_one_begins_anew() -> None:
    late, fan = "0x" + "d" * 40, FAN
    offered = abi.PlanCreated(log(3), 1, SONG, 199, 1, (0, 0, 0, 0), True)
    begun = 1_005 - 40 * 86_400
    rows = replayed(
        *opening(),
        offered,
        abi.Subscribed(sold(0, "0xa"), 1, late, late, 199, 1, begun),
        abi.Credited(log(5, 1, "0xa"), "0xplan", 1, 199),
        abi.Subscribed(sold(2, "0xb"), 1, fan, ADA, 398, 2, 1_005 - 60 * 86_400),
        abi.Credited(log(5, 3, "0xb"), "0xplan", 1, 398),
        abi.Renewed(sold(4, "0xc"), 1, fan, 150, 1_005 + 30 * 86_400),
        abi.Renewed(sold(5, "0xc"), 1, late, 398, 1_005 + 60 * 86_400),
        abi.Credited(log(5, 6, "0xc"), "0xplan", 1, 548),
        abi.RenewedFromPurses(sold(7, "0xc"), 1, (charge(fan, 199), charge(late, 10**18), charge(late, 100)), 0b010),
        abi.Credited(log(5, 8, "0xc"), "0xplan", 1, 299),
    ).finish()
    figures = [(paid.type, paid.listener, paid.count, paid.gross, paid.fee) for paid in rows.payments]
    assert figures == [
        ("subscription", late, 1, 199, 1),
        ("subscription", ADA, 2, 398, 3),
        ("renewal", fan, 1, 150, 1),
        ("renewal", late, 2, 398, 4),
        ("renewal", checksum(fan), 1, 199, 1),
        ("renewal", checksum(late), 1, 100, 1),
    ]
    assert [(paid.log_index, paid.item) for paid in rows.payments[-2:]] == [(7, 0), (7, 2)]
    assert rows.balances == {1: 199 + 398 + 548 + 299 - 11}


def test_passes_and_rewards_are_told_apart_from_other_income() -> None:
    rows = replayed(
        *opening(),
        abi.AuctionCreated(log(3), 4, SONG, 900, 100, 0, 10, 5, 0, 0),
        abi.PassBought(sold(0), 4, FAN, 700, 1),
        abi.Credited(log(5, 1), "0xplan", 1, 700),
        abi.ListensRewarded(sold(2), SONG, FAN, 3, 3, 10**18),
    ).finish()
    assert [(p.type, p.strategy, p.count, p.gross, p.fee) for p in rows.payments] == [
        ("pass", "auction", 1, 700, 7),
        ("reward", "gift-economy", 3, 10**18, 0),
    ]
    assert rows.balances == {1: 693}


@pytest.mark.parametrize("rest", [[], [abi.Credited(log(5, 1), "0xplan", 1, 699)]])
def test_a_charge_without_its_credit_is_noticed(rest: list[Event]) -> None:
    offered = abi.AuctionCreated(log(3), 4, SONG, 900, 100, 0, 10, 5, 0, 0)
    with pytest.raises(UnknownOnChain):
        replayed(*opening(), offered, abi.PassBought(sold(0), 4, FAN, 700, 1), *rest).finish()


def test_a_distribution_divides_without_dust_and_knows_who_waits() -> None:
    rows = replayed(
        *opening(),
        abi.StreamPaid(log(3), SONG, FAN, 1, 101),
        abi.Distributed(log(4, 1, "0x9"), 1, 100, 1, True),
        abi.TransferDeferred(log(4, 2, "0x9"), TOVE, 10),
        abi.TransferDeferred(log(5, 1, "0xother"), ADA, 10),
    ).finish()
    assert [(out.recipient, out.amount, out.deferred) for out in rows.payouts] == [(ADA, 90, False), (TOVE, 10, True)]
    assert rows.balances == {1: 0}


def test_a_song_given_away_earns_for_its_new_owner_and_a_lower_fee_counts_from_then_on() -> None:
    rows = replayed(
        *opening(),
        abi.StreamPaid(log(3), SONG, FAN, 1, 1_000),
        abi.PayeeFeeLowered(log(4), 1, 50),
        abi.StreamPaid(log(5), SONG, FAN, 1, 1_000),
        abi.SongTransferred(log(6), SONG, ADA, TOVE),
        abi.StreamPaid(log(7), SONG, FAN, 1, 1_000),
    ).finish()
    assert [(paid.fee, paid.block_time) for paid in rows.payments] == [
        (10, from_unix(1_003)),
        (5, from_unix(1_003) + timedelta(seconds=2)),
    ]
    assert rows.splits[0].fee_bps == 50
    assert rows.balances == {1: 990 + 995 + 995}


@pytest.mark.parametrize(
    "event",
    [
        abi.Tipped(log(1), SONG, FAN, 5),
        abi.Distributed(log(1), 9, 5, 0, True),
        abi.VoucherSettled(log(1), FAN, 1, 1, "0x", b"short"),
    ],
)
def test_events_that_speak_of_the_unknown_are_not_passed_over(event: Event) -> None:
    with pytest.raises(UnknownOnChain):
        replayed(event)
