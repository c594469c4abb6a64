"""Are the songs that a platform names for vouchers what their listeners signed?

The chain has the accounts of a voucher and the hash of its song-by-song list, not the list. So the songs of each payment are added up
and compared with the payment; the net of each is worked out again by the rule; and where a voucher pays nobody but this artist, so that
all of its list is here, its hash is made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from mycelix_studio.domain.audit import Difference, Fault, Signed
from mycelix_studio.domain.clock import rfc3339
from mycelix_studio.domain.money import Wei
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.vouchers import Play, net_by_song, pack_plays, songs_of
from mycelix_studio.domain.wire import PaymentRecord, VoucherSongRecord
from mycelix_studio.errors import Known

_SUMS: Final = ("count", "gross", "net")


@dataclass(frozen=True, slots=True)
class Songs:
    """What an audit found of the songs of vouchers.

    Attributes:
        differences: What cannot be.
        proven: Vouchers whose list gives the hash on the chain.
        partly: Vouchers that pay others as well, so that the hash cannot be made.
        unnamed: Payments by voucher for which no songs are here.
    """

    differences: tuple[Difference, ...]
    proven: int
    partly: int
    unnamed: int


def judge(
    payments: Iterable[PaymentRecord],
    songs: Iterable[VoucherSongRecord],
    signed: Mapping[tuple[int, int], Signed],
    period: Period,
    later: frozenset[int] = frozenset(),
) -> Songs:
    """Compare songs of vouchers with their payments and with what the chain has of their lists.

    Args:
        payments: As they are here; what is wrong with them is said elsewhere.
        songs: All that are here.
        signed: Settled vouchers by block and log index, from the chain.
        period: Only payments, or songs without one, that lie in it.
        later: Keys of payments that are not judged yet, nor are their songs.
    """
    by_payment = songs_of(songs)
    differences: list[Difference] = []
    lists: dict[tuple[int, int], list[VoucherSongRecord]] = {}
    first: dict[tuple[int, int], PaymentRecord] = {}
    unnamed = 0
    for payment in payments:
        parts = by_payment.pop(payment.key, [])
        place = (payment.block, payment.log_index)
        if not period.holds(payment.block_time):
            continue
        if payment.type != "voucher":
            differences += [_odd(Fault.INVENTED, part, payment) for part in parts]
        elif not parts:
            unnamed += 1
        else:
            lists.setdefault(place, []).extend(parts)
            first.setdefault(place, payment)
            known = signed.get(place)
            if values := _values(payment, parts, known.fee_bps.get(payment.item) if known else None):
                differences.append(_odd(Fault.ALTERED, payment, payment, values))
    loose = (part for key, parts in by_payment.items() if key not in later for part in parts)
    differences += [_odd(Fault.INVENTED, part, None) for part in loose if period.holds(part.block_time)]
    proven = partly = 0
    for place in lists.keys() & signed.keys():  # where there is none the payment is invented, and said to be
        whole, parts = signed[place], lists[place]
        if sum(part.gross for part in parts) < whole.total:
            partly += 1
        elif (found := _hash(parts)) == whole.plays_hash:
            proven += 1
        else:
            differences.append(
                _odd(Fault.ALTERED, first[place], first[place], (("plays_hash", whole.plays_hash, found),))
            )
    return Songs(tuple(differences), proven, partly, unnamed)


def _values(
    payment: PaymentRecord, parts: list[VoucherSongRecord], bps: int | None
) -> tuple[tuple[str, str, str], ...]:
    """Return what the songs of a payment have otherwise than it: field, the payment's, the songs'."""
    sums = [
        (name, whole, found)
        for name in _SUMS
        if (whole := getattr(payment, name)) != (found := sum(getattr(part, name) for part in parts))
    ]
    values = [(name, str(whole), str(found)) for name, whole, found in sums]
    for name, text in (("listener", str), ("block_time", rfc3339)):
        true = getattr(payment, name)
        values += [(name, text(true), text(other)) for other in {getattr(p, name) for p in parts} if other != true]
    if not sums and bps is not None:
        nets = net_by_song(((part.song_id, payment.payee, part.gross) for part in parts), {payment.payee: bps})
        values += [("net", str(nets[p.song_id]), str(p.net)) for p in parts if nets[p.song_id] != p.net]
    return tuple(values)


def _hash(parts: Iterable[VoucherSongRecord]) -> str:
    """Return the hash of a list; empty for one that nobody can have signed."""
    from mycelix_studio.chain.values import keccak

    try:
        return "0x" + keccak(pack_plays(Play(p.song_id, p.count, Wei(p.gross)) for p in parts)).hex()
    except Known:
        return ""


def _odd(
    fault: Fault,
    row: VoucherSongRecord | PaymentRecord,
    payment: PaymentRecord | None,
    values: tuple[tuple[str, str, str], ...] = (),
) -> Difference:
    """Return what is wrong in the place of a payment; without one there is no place."""
    place = (payment.block, payment.log_index, payment.item, payment.tx) if payment is not None else (0, 0, 0, "")
    return Difference(fault, "voucher_song", *place, row.block_time, row.net, values)
