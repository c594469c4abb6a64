"""The records that travel between a node and the studios that sync from it, with the names their fields have in JSON.

In Python amounts are ``int`` wei and times are aware UTC datetimes (columns hold Unix seconds); in JSON amounts are decimal
strings and times RFC 3339. :func:`to_json` and :func:`from_json` convert; the field names are those of the dataclasses, and ``kind``
names the class.

Rules of the feed: ``key`` is an integer given by the node, stable and unique within a kind. A record with a key already held
replaces the one held (a play is sent again when a voucher pays it, a song when it is edited). A ``retraction`` removes. Applying any
prefix twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache
from typing import ClassVar, Final, Literal, TypeVar, Union, cast, get_args, get_type_hints

from mycelix_studio.domain.clock import rfc3339
from mycelix_studio.domain.strategy.names import StrategyName, TermsAt

PaymentType = Literal["stream", "voucher", "tip", "subscription", "renewal", "pass", "reward"]
"""What a payment was for. ``reward`` is paid by the artist's own budget to a listener and is not income."""


@dataclass(frozen=True, slots=True)
class SongRecord:
    """A song of the signed-in artist as the node knows it.

    Attributes:
        key: Integer key.
        song_id: ``0x`` and 64 hex digits: keccak256 of artist and content hash.
        artist: EIP-55 address of the owner.
        title: Title.
        artist_name: Name to show.
        genre: Genre.
        duration: Whole seconds, None when unknown.
        cid: CID of the stored audio.
        content_hash: sha2-256 of the audio, ``0x`` and 64 hex digits; None when the song was never registered on chain.
        strategy: The main way to earn, as listed.
        strategies: All ways switched on, tips apart, which always are.
        price: Gross price of a stream in wei.
        payee: Account that is paid, None until registered on chain.
        created_at: When the node first knew it.
        deleted: Taken out of the catalogue; its history stays.
        history: Its terms on chain, oldest first; the first are those it was registered with. Empty from nodes that do not tell.
    """

    kind: ClassVar[str] = "song"
    key: int
    song_id: str
    artist: str
    title: str
    artist_name: str
    genre: str
    duration: int | None
    cid: str
    content_hash: str | None
    strategy: StrategyName
    strategies: tuple[StrategyName, ...]
    price: int
    payee: int | None
    created_at: datetime
    deleted: bool
    history: tuple[TermsAt, ...] = ()


@dataclass(frozen=True, slots=True)
class PlayPage:
    """Many plays, one array per field; row *i* is ``key[i], song[i], ...``.

    Attributes:
        songs: Song ids that ``song`` points into.
        listeners: EIP-55 addresses that ``listener`` points into.
        key: Key of each play.
        song: Index into ``songs``.
        listener: Index into ``listeners``.
        at: When it was played, Unix seconds.
        seconds: How long it was listened to.
        paid: 1 when a payment covers it, else 0.
    """

    kind: ClassVar[str] = "play"
    songs: tuple[str, ...]
    listeners: tuple[str, ...]
    key: tuple[int, ...]
    song: tuple[int, ...]
    listener: tuple[int, ...]
    at: tuple[int, ...]
    seconds: tuple[int, ...]
    paid: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """Money that came in for a payee, from one item of one event.

    Attributes:
        key: Integer key.
        chain_id: Chain.
        block: Block number.
        block_time: Time of the block.
        tx: Transaction hash.
        log_index: Position of the event in the block.
        item: Position within the event, 0 unless the event pays many.
        listener: EIP-55 address of who paid.
        payee: Account paid.
        song_id: Song, None where the event names only the payee.
        strategy: Way to earn; None for tips.
        type: What it was for.
        count: Streams, periods or passes paid.
        gross: Wei the listener paid.
        fee: Wei of protocol fee, as the Ledger computed it.
        net: Wei for the payee: gross - fee.
    """

    kind: ClassVar[str] = "payment"
    key: int
    chain_id: int
    block: int
    block_time: datetime
    tx: str
    log_index: int
    item: int
    listener: str
    payee: int
    song_id: str | None
    strategy: StrategyName | None
    type: PaymentType
    count: int
    gross: int
    fee: int
    net: int


@dataclass(frozen=True, slots=True)
class PayoutRecord:
    """Money that left a payee's account for one recipient of its split; the place on chain as in :class:`PaymentRecord`.

    Attributes:
        recipient: EIP-55 address.
        amount: Wei.
        deferred: True when the transfer failed and the amount waits to be claimed.
    """

    kind: ClassVar[str] = "payout"
    key: int
    chain_id: int
    block: int
    block_time: datetime
    tx: str
    log_index: int
    item: int
    payee: int
    recipient: str
    amount: int
    deferred: bool


@dataclass(frozen=True, slots=True)
class WireShare:
    """One recipient of a split: address, basis points of the net, role in words."""

    recipient: str
    bps: int
    role: str


@dataclass(frozen=True, slots=True)
class SplitRecord:
    """Who a payee pays from this block on; the place on chain as in :class:`PaymentRecord`.

    Attributes:
        split_hash: Hash the Ledger keeps.
        fee_bps: Protocol fee of the payee in basis points, fixed at its creation.
        locked: True when the split can never change.
        shares: Recipients in the order money is divided.
    """

    kind: ClassVar[str] = "split"
    key: int
    chain_id: int
    block: int
    block_time: datetime
    tx: str
    log_index: int
    payee: int
    split_hash: str
    fee_bps: int
    locked: bool
    shares: tuple[WireShare, ...]


@dataclass(frozen=True, slots=True)
class SubscriptionRecord:
    """One patron of one song's plan as it stands after the named event.

    Attributes:
        song_id: Song whose plan it is.
        patron: EIP-55 address.
        started_at: Begin of the unbroken subscription.
        paid_through: Until when access is paid.
        price: Agreed gross price of a period in wei.
        periods: Periods paid since ``started_at``.
        auto_renew: True unless cancelled or never allowed.
        state: What the last event did.
        reason: Why the last renewal failed, empty otherwise.
    """

    kind: ClassVar[str] = "subscription"
    key: int
    chain_id: int
    block: int
    block_time: datetime
    tx: str
    log_index: int
    song_id: str
    patron: str
    started_at: datetime
    paid_through: datetime
    price: int
    periods: int
    auto_renew: bool
    state: Literal["subscribed", "renewed", "renewal-failed", "cancelled"]
    reason: str


@dataclass(frozen=True, slots=True)
class AuctionRecord:
    """One Dutch auction as it stands after the named event.

    Attributes:
        auction: Number on chain.
        song_id: Song whose passes are sold.
        start_price: Wei at the start.
        end_price: Wei from the end of the duration on.
        starts_at: Begin of the fall.
        ends_at: End of the fall.
        supply: Passes there are.
        sold: Passes sold.
        per_wallet: Passes one wallet may buy; 0 is no limit.
        closed: No more are sold.
    """

    kind: ClassVar[str] = "auction"
    key: int
    chain_id: int
    block: int
    block_time: datetime
    tx: str
    log_index: int
    auction: int
    song_id: str
    start_price: int
    end_price: int
    starts_at: datetime
    ends_at: datetime
    supply: int
    sold: int
    per_wallet: int
    closed: bool


@dataclass(frozen=True, slots=True)
class VoucherSongRecord:
    """What one song got of a payment of type ``voucher``, which names only the account.

    The chain commits to the list by its hash and does not hold it; the node divides the fee of the account's item among its songs, so
    that the songs of a payment add up to it in ``count``, ``gross`` and ``net``. A payment whose list the node does not have has none.

    Attributes:
        payment: Key of the payment it is part of.
        block_time: Time of that payment's block.
        listener: EIP-55 address of who paid.
        song_id: Song.
        count: Streams paid.
        gross: Wei the listener paid for it.
        net: Wei for the payee.
    """

    kind: ClassVar[str] = "voucher_song"
    key: int
    payment: int
    block_time: datetime
    listener: str
    song_id: str
    count: int
    gross: int
    net: int


RetractedKind = Literal["song", "play", "payment", "payout", "subscription", "auction", "split", "voucher_song"]


@dataclass(frozen=True, slots=True)
class Retraction:
    """Rows that no longer hold, since the chain was reorganised or their author withdrew them. Unknown keys are not an error."""

    kind: ClassVar[str] = "retraction"
    of: RetractedKind
    keys: tuple[int, ...]


Record = Union[  # noqa: UP007 - get_args below needs the members in order on Python 3.11
    SongRecord,
    PlayPage,
    PaymentRecord,
    PayoutRecord,
    SplitRecord,
    SubscriptionRecord,
    AuctionRecord,
    VoucherSongRecord,
    Retraction,
]

RECORD_TYPES: Final[dict[str, type[Record]]] = {record.kind: record for record in get_args(Record)}
"""Class of each ``kind``."""

WEI_FIELDS: Final = frozenset({"price", "gross", "fee", "net", "amount", "start_price", "end_price"})
"""Fields that are decimal strings in JSON."""


@dataclass(frozen=True, slots=True)
class SyncPage:
    """One answer of ``GET /api/sync/changes``.

    Attributes:
        records: Changes in commit order.
        next_cursor: Opaque; send it back to go on. Keep it in the same transaction as the rows.
        more: True when another page waits.
        as_of: Everything committed before this moment is covered once ``more`` is False.
    """

    records: tuple[Record, ...]
    next_cursor: str
    more: bool
    as_of: datetime


def to_json(record: Record) -> dict[str, object]:
    """Return a record as plain JSON values, ``kind`` first."""
    out: dict[str, object] = {"kind": record.kind}
    for field in fields(record):
        value = getattr(record, field.name)
        if field.name in WEI_FIELDS:
            value = str(value)
        elif isinstance(value, datetime):
            value = rfc3339(value)
        elif field.name == "shares":
            value = [{"recipient": share.recipient, "bps": share.bps, "role": share.role} for share in value]
        elif field.name == "history":
            value = [
                {"at": rfc3339(terms.at), "strategies": list(terms.strategies), "price": str(terms.price)}
                for terms in value
            ]
        elif isinstance(value, tuple):
            value = list(value)
        out[field.name] = value
    return out


def from_json(data: Mapping[str, object]) -> Record:
    """Return the record that decoded JSON describes. Unknown fields are ignored, since a newer node may send more.

    Raises:
        ValueError: The kind is unknown, a field is missing or has the wrong type. The text names the field.
    """
    record = RECORD_TYPES.get(str(data.get("kind")))
    if record is None:
        raise ValueError(f"kind: {data.get('kind')!r} is not known")
    values: dict[str, object] = {}
    for name, convert in _converters_of(record.kind).items():
        if name not in data and name in _MAY_LACK:
            continue
        if name not in data:
            raise ValueError(f"{record.kind}.{name}: missing")
        try:
            values[name] = convert(data[name])
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise ValueError(f"{record.kind}.{name}: {error}") from error
    if record is PlayPage and len({len(cast("tuple[int, ...]", values[name])) for name in _COLUMNS}) != 1:
        raise ValueError("play: columns differ in length")
    return record(**values)  # type: ignore[arg-type]


def page_from_json(data: Mapping[str, object]) -> SyncPage:
    """Return a decoded sync answer.

    Raises:
        ValueError: It is not one; the text names the field.
    """
    records, cursor, more = data.get("records"), data.get("next_cursor"), data.get("more")
    if not isinstance(records, list) or not isinstance(cursor, str) or not isinstance(more, bool):
        raise ValueError("sync page: records, next_cursor or more is missing")
    return SyncPage(tuple(from_json(record) for record in records), cursor, more, parse_time(data.get("as_of")))


def parse_time(value: object) -> datetime:
    """Return the UTC moment of an RFC 3339 text.

    Raises:
        ValueError: It is not one or names no zone.
    """
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a time")
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"{value!r} names no zone")
    return moment.astimezone(UTC)


_MAY_LACK: Final = frozenset({"history"})
"""Fields that a node of an earlier version does not send."""
_COLUMNS: Final = ("key", "song", "listener", "at", "seconds", "paid")
T = TypeVar("T")


def _exactly(kind: type[T]) -> Callable[[object], T]:
    def check(value: object) -> T:
        if type(value) is not kind:
            raise ValueError(f"{value!r} is not of type {kind.__name__}")
        return value

    return check


def _wei(value: object) -> int:
    if not isinstance(value, str) or not value.removeprefix("-").isascii() or not value.removeprefix("-").isdigit():
        raise ValueError(f"{value!r} is not an amount in wei")
    return int(value)


def _optional(convert: Callable[[object], object]) -> Callable[[object], object]:
    return lambda value: None if value is None else convert(value)


def _all_of(kind: type) -> Callable[[object], object]:
    def convert(value: object) -> object:
        if not isinstance(value, list):
            raise ValueError("not a list")
        # bool is a subclass of int; set(map(type)) tells them apart in one pass over a column.
        if value and set(map(type, value)) != {kind}:
            raise ValueError(f"holds something that is not of type {kind.__name__}")
        return tuple(value)

    return convert


def _shares(value: object) -> tuple[WireShare, ...]:
    if not isinstance(value, list):
        raise ValueError("not a list")
    text, number = _exactly(str), _exactly(int)
    return tuple(WireShare(text(share["recipient"]), number(share["bps"]), text(share["role"])) for share in value)


def _history(value: object) -> tuple[TermsAt, ...]:
    if not isinstance(value, list):
        raise ValueError("not a list")
    ways = cast("Callable[[object], tuple[StrategyName, ...]]", _all_of(str))
    return tuple(TermsAt(parse_time(terms["at"]), ways(terms["strategies"]), _wei(terms["price"])) for terms in value)


def _one_of(choices: tuple[object, ...]) -> Callable[[object], object]:
    def convert(value: object) -> object:
        if value not in choices:
            raise ValueError(f"{value!r} is not known")
        return value

    return convert


@cache
def _converters_of(kind: str) -> dict[str, Callable[[object], object]]:
    return {name: _converter(name, hint) for name, hint in get_type_hints(RECORD_TYPES[kind]).items() if name != "kind"}


def _converter(name: str, hint: object) -> Callable[[object], object]:
    known: dict[object, Callable[[object], object]] = {
        int: _exactly(int),
        str: _exactly(str),
        bool: _exactly(bool),
        datetime: parse_time,
        int | None: _optional(_exactly(int)),
        str | None: _optional(_exactly(str)),
        tuple[int, ...]: _all_of(int),
        tuple[str, ...]: _all_of(str),
        tuple[StrategyName, ...]: _all_of(str),
        tuple[WireShare, ...]: _shares,
        tuple[TermsAt, ...]: _history,
        StrategyName | None: _optional(_one_of(get_args(StrategyName))),
    }
    if name in WEI_FIELDS:
        return _wei
    if hint in known:
        return known[hint]
    return _one_of(get_args(hint))
