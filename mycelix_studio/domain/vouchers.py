"""Signed plays: the packed lists of a voucher, as the Ledger reads them and as its event carries them.

A voucher names who is paid, not which songs were heard; the song-by-song list stands behind it and is committed to by its hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from mycelix_studio.domain.money import Wei, fees_of
from mycelix_studio.domain.wire import PaymentRecord, VoucherSongRecord
from mycelix_studio.errors import Known

ITEM_BYTES: Final = 24
"""Payee 8, count 4, wei 12."""
PLAY_BYTES: Final = 48
"""Song id 32, count 4, wei 12."""
NONCE_WINDOW: Final = 64
"""A nonce counts while it is less than this below the highest one charged, or above it."""


@dataclass(frozen=True, slots=True)
class Item:
    """What one payee gets of a voucher.

    Attributes:
        payee: Number of the account.
        count: Streams, at least 1.
        amount: Wei, gross.
    """

    payee: int
    count: int
    amount: Wei


@dataclass(frozen=True, slots=True)
class Play:
    """What was heard of one song.

    Attributes:
        song_id: 0x + 64 hex.
        count: Streams, at least 1.
        amount: Wei, gross, for all of them.
    """

    song_id: str
    count: int
    amount: Wei


def pack_items(items: Iterable[Item]) -> bytes:
    """Return the items as they are signed: payees ascending, each once.

    Raises:
        Known: A payee stands in it twice, or a number does not fit.
    """
    ordered = sorted(items, key=lambda item: item.payee)
    if any(one.payee == other.payee for one, other in pairwise(ordered)):
        raise Known("Signed plays list someone twice", "Each account may stand in them once.", "Join the two.")
    try:
        return b"".join(
            i.payee.to_bytes(8, "big") + i.count.to_bytes(4, "big") + i.amount.to_bytes(12, "big") for i in ordered
        )
    except OverflowError:
        raise Known("Signed plays are too large", "A number does not fit into them.", "Sign fewer.") from None


def unpack_items(packed: bytes) -> tuple[Item, ...]:
    """Return the items of a voucher or of its event.

    Raises:
        Known: It is not a whole number of items.
    """
    if len(packed) % ITEM_BYTES:
        raise Known(
            "Signed plays cannot be read",
            f"{len(packed)} bytes are not whole items.",
            "Take the file from its source again.",
        )
    return tuple(
        Item(
            int.from_bytes(packed[at : at + 8], "big"),
            int.from_bytes(packed[at + 8 : at + 12], "big"),
            Wei(int.from_bytes(packed[at + 12 : at + 24], "big")),
        )
        for at in range(0, len(packed), ITEM_BYTES)
    )


def pack_plays(plays: Iterable[Play]) -> bytes:
    """Return the song-by-song list whose keccak256 is a voucher's ``playsHash``: songs ascending by id.

    Raises:
        Known: A number does not fit, or an id is not 32 bytes.
    """
    rows = sorted(((bytes.fromhex(play.song_id.removeprefix("0x")), play) for play in plays), key=lambda row: row[0])
    if any(len(song) != 32 for song, _play in rows):
        raise Known("Signed plays cannot be written", "A song's id is not complete.", "Give ids of 32 bytes.")
    try:
        return b"".join(song + p.count.to_bytes(4, "big") + p.amount.to_bytes(12, "big") for song, p in rows)
    except OverflowError:
        raise Known("Signed plays are too large", "A number does not fit into them.", "Sign fewer.") from None


def net_by_song(lines: Iterable[tuple[str, int, int]], fee_bps: Mapping[int, int]) -> dict[str, Wei]:
    """Return what each song of a voucher earned net of the fee, in wei; an account's songs add up to what the account got.

    The Ledger rounds the fee of each account's item down once. It is divided among the account's songs, ids ascending, by cumulative
    rounding, so that whoever has the list and the fee comes to the same.

    Args:
        lines: Song id, account and gross wei of each song, each once, in any order.
        fee_bps: Fee of each account when the voucher was charged.
    """
    by_payee: dict[int, list[tuple[str, int]]] = {}
    for song_id, payee, amount in sorted(lines):
        by_payee.setdefault(payee, []).append((song_id, amount))
    return {
        song_id: Wei(amount - fee)
        for payee, songs in by_payee.items()
        for (song_id, amount), fee in zip(songs, fees_of([amount for _, amount in songs], fee_bps[payee]), strict=True)
    }


def songs_of(songs: Iterable[VoucherSongRecord]) -> dict[int, list[VoucherSongRecord]]:
    """Return the songs of vouchers by the key of their payment."""
    found: dict[int, list[VoucherSongRecord]] = {}
    for song in songs:
        found.setdefault(song.payment, []).append(song)
    return found


def divided(payment: PaymentRecord, songs: Iterable[VoucherSongRecord]) -> tuple[PaymentRecord, ...]:
    """Return a payment song by song, ids ascending, all in its place on the chain; together they are the payment.

    What none of the songs got comes last and names none: all of it where no songs are known.
    """
    if payment.type != "voucher":
        return (payment,)
    parts = [
        replace(payment, song_id=s.song_id, count=s.count, gross=s.gross, fee=s.gross - s.net, net=s.net)
        for s in sorted(songs, key=lambda song: song.song_id)
    ]
    left = {
        name: getattr(payment, name) - sum(getattr(part, name) for part in parts)
        for name in ("count", "gross", "fee", "net")
    }
    return (*parts, replace(payment, **left)) if any(left.values()) or not parts else tuple(parts)
