"""Every record survives its way through JSON, exact to the wei, and a wrong one is refused with the name of the field."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain import wire
from mycelix_studio.domain.strategy.names import TermsAt, bitmask_of, strategies_of

MOMENT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
WEI = st.integers(0, 2**256 - 1)
PLACE = {"chain_id": 31337, "block": 7, "block_time": MOMENT, "tx": "0x" + "ab" * 32, "log_index": 3}
SONG = "0x" + "11" * 32
LISTENER = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"


def records(amount: int) -> list[wire.Record]:
    return [
        wire.SongRecord(
            1, SONG, LISTENER, "Low Lamp", "Ada", "ambient", 181, "bafk", SONG, "patronage", ("pay-per-stream", "patronage"),
            amount, 4, MOMENT, False,
            (TermsAt(MOMENT, ("pay-per-stream",), 1), TermsAt(MOMENT, ("pay-per-stream", "patronage"), amount)),
        ),
        wire.PlayPage((SONG,), (LISTENER,), (1, 2), (0, 0), (0, 0), (5, 6), (30, 31), (0, 1)),
        wire.PaymentRecord(
            key=1, item=0, listener=LISTENER, payee=2, song_id=None, strategy=None, type="tip", count=1, gross=amount,
            fee=amount // 100, net=amount - amount // 100, **PLACE,
        ),  # type: ignore[arg-type]
        wire.PayoutRecord(key=1, item=0, payee=2, recipient=LISTENER, amount=amount, deferred=True, **PLACE),  # type: ignore[arg-type]
        wire.SplitRecord(
            key=1, payee=2, split_hash=SONG, fee_bps=100, locked=False, shares=(wire.WireShare(LISTENER, 10_000, "artist"),), **PLACE
        ),  # type: ignore[arg-type]
        wire.SubscriptionRecord(
            key=1, song_id=SONG, patron=LISTENER, started_at=MOMENT, paid_through=MOMENT, price=amount, periods=2,
            auto_renew=True, state="renewed", reason="", **PLACE,
        ),  # type: ignore[arg-type]
        wire.AuctionRecord(
            key=1, auction=2, song_id=SONG, start_price=amount, end_price=0, starts_at=MOMENT, ends_at=MOMENT, supply=9,
            sold=1, per_wallet=2, closed=False, **PLACE,
        ),  # type: ignore[arg-type]
        wire.VoucherSongRecord(2, 1, MOMENT, LISTENER, SONG, 3, amount, 7),
        wire.Retraction("payment", (1, 2)),
    ]  # fmt: skip


@given(WEI)
def test_every_kind_comes_back_equal_from_json(amount: int) -> None:
    for record in records(amount):
        assert wire.from_json(json.loads(json.dumps(wire.to_json(record)))) == record


def test_a_node_that_does_not_tell_a_songs_history_is_understood() -> None:
    data = wire.to_json(records(1)[0])
    del data["history"]
    song = wire.from_json(json.loads(json.dumps(data)))
    assert isinstance(song, wire.SongRecord) and song.history == ()


def test_the_names_in_json_are_those_of_the_fields_and_amounts_are_strings() -> None:
    seen = set()
    for record in records(10**30):
        data = wire.to_json(record)
        assert list(data) == ["kind", *(field.name for field in fields(record))]
        assert all(isinstance(data[name], str) for name in data if name in wire.WEI_FIELDS)
        seen.add(data["kind"])
    assert seen == set(wire.RECORD_TYPES)


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("payment", "gross", 12),
        ("payment", "gross", "1e3"),
        ("payment", "count", True),
        ("payment", "type", "bribe"),
        ("payment", "block_time", "2026-03-01T12:30:00"),
        ("play", "paid", [0, True]),
        ("song", "deleted", 0),
        ("split", "shares", [{"recipient": LISTENER}]),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_field(kind: str, field: str, value: object) -> None:
    data = next(wire.to_json(record) for record in records(1) if record.kind == kind)
    with pytest.raises(ValueError, match=rf"{kind}\.{field}"):
        wire.from_json({**data, field: value})
    del data[field]
    with pytest.raises(ValueError, match="missing"):
        wire.from_json(data)


def test_columns_of_different_length_are_refused() -> None:
    data = wire.to_json(records(1)[1])
    with pytest.raises(ValueError, match="differ in length"):
        wire.from_json({**data, "at": [1]})


def test_a_page_keeps_its_cursor_and_moment_and_ignores_what_is_new() -> None:
    raw = {
        "records": [{**wire.to_json(record), "new_field": 1} for record in records(5)],
        "next_cursor": "c",
        "more": False,
        "as_of": "2026-03-01T13:30:00+01:00",
    }
    page = wire.page_from_json(raw)
    assert page.as_of == MOMENT
    assert list(page.records) == records(5)


@given(st.integers(0, 15))
def test_a_bitmask_and_its_names_are_two_forms_of_one_thing(bitmask: int) -> None:
    assert bitmask_of(strategies_of(bitmask)) == bitmask
