"""What the platform's endpoints take and give, as frozen structures. Amounts are wei as ``int``, times aware datetimes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from mycelix_studio.domain.strategy.names import StrategyName

Json = dict[str, object]
Wei = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,78}$")]


class _Shape(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    pass


class SplitShare(_Shape, frozen=True, kw_only=True):
    """One recipient of a song's money: EIP-55 address, basis points, role."""

    recipient: str
    basis_points: int
    role: str = ""


class NewSong(_Shape, frozen=True, kw_only=True):
    """A song to list. ``cid`` names audio that this account uploaded; ``duration`` is in seconds, ``price`` in wei as text."""

    title: str
    artist: str
    genre: str
    cid: str = msgspec.field(name="ipfsHash")
    strategy: StrategyName
    duration: int | None = None
    price: Wei | None = None
    splits: tuple[SplitShare, ...] = ()
    metadata: Json = msgspec.field(default_factory=dict)
    song_id: str | None = None
    content_hash: str | None = None


class SongEdit(_Shape, frozen=True, kw_only=True):
    """What to change of a song; None stays."""

    title: str | None = None
    artist: str | None = None
    genre: str | None = None
    duration: int | None = None
    metadata: Json | None = None


class Song(_Shape, frozen=True, kw_only=True):
    """A song as the platform lists it. ``price`` is wei as text; :attr:`price_wei` the number."""

    song_id: str
    title: str
    artist: str
    artist_address: str
    genre: str
    duration: int | None
    cid: str = msgspec.field(name="ipfsHash")
    strategy: StrategyName
    price: Wei
    created_at: datetime
    play_count: int
    metadata: Json
    strategies: tuple[StrategyName, ...] = ()
    content_hash: str = ""
    payee: int | None = None
    registered: bool = False
    splits: tuple[Json, ...] = ()

    @property
    def price_wei(self) -> int:
        """Gross price of a stream in wei."""
        return int(self.price)


class Pagination(_Shape, frozen=True, kw_only=True):
    """Where a page lies; pages count from 1."""

    page: int
    limit: int
    total: int
    total_pages: int


class SongPage(_Shape, frozen=True, kw_only=True):
    """A page of songs."""

    songs: tuple[Song, ...]
    pagination: Pagination


class SongStats(_Shape, frozen=True, kw_only=True):
    """How one song does; earnings are wei as text."""

    song_id: str
    play_count: int
    unique_listeners: int
    total_earnings: Wei
    avg_play_duration: float
    last_played: datetime | None


class TopSong(_Shape, frozen=True, kw_only=True):
    """A song among an artist's most played."""

    song_id: str
    title: str
    play_count: int
    total_earnings: Wei


class ArtistStats(_Shape, frozen=True, kw_only=True):
    """How one artist does; earnings are net, wei as text."""

    address: str
    total_plays: int
    total_earnings: Wei
    unique_listeners: int
    avg_earnings_per_play: Wei
    top_songs: tuple[TopSong, ...]


class Artist(_Shape, frozen=True, kw_only=True):
    """An artist's page."""

    address: str
    name: str
    bio: str
    links: Json
    song_count: int
    created_at: datetime


class ArtistPage(_Shape, frozen=True, kw_only=True):
    """A page of artists."""

    artists: tuple[Artist, ...]
    pagination: Pagination


class ArtistEdit(_Shape, frozen=True, kw_only=True):
    """What to change of one's own page; None stays."""

    name: str | None = None
    bio: str | None = None
    links: Json | None = None


class Play(_Shape, frozen=True, kw_only=True):
    """One play to report. ``play_id`` is a UUID that makes a repetition harmless; ``played_at`` RFC 3339; ``duration`` seconds.

    ``listener`` is the signed-in account when None; another only for a platform's operators.
    """

    song_id: str
    play_id: str
    played_at: str
    duration: int
    listener: str | None = None


class PlayResult(_Shape, frozen=True, kw_only=True):
    """What became of one play: ``accepted``, ``duplicate`` or ``refused`` with the reason."""

    play_id: str
    status: str
    reason: str = ""


class PlayResults(_Shape, frozen=True, kw_only=True):
    """What became of a batch, in its order."""

    accepted: int
    duplicates: int
    refused: int
    results: tuple[PlayResult, ...]


class VoucherItem(_Shape, frozen=True, kw_only=True):
    """What one account gets; ``amount`` wei as text."""

    payee: int
    count: int
    amount: str


class VoucherPlay(_Shape, frozen=True, kw_only=True):
    """What was heard of one song; ``amount`` wei as text."""

    song_id: str
    count: int
    amount: str


class SignedVoucher(_Shape, frozen=True, kw_only=True):
    """A signed voucher and the list behind its hash; ``deadline`` in Unix seconds, ``total`` wei as text."""

    listener: str
    nonce: int
    deadline: int
    total: str
    plays_hash: str
    items: tuple[VoucherItem, ...]
    plays: tuple[VoucherPlay, ...]
    signature: str


class HeldVoucher(_Shape, frozen=True, kw_only=True):
    """A voucher the platform holds: ``pending`` until it is charged on chain."""

    listener: str
    nonce: int
    state: str
    reason: str


class SongPlay(_Shape, frozen=True, kw_only=True):
    """One play as the song's owner sees it; ``duration`` in seconds."""

    play_id: str
    listener: str
    played_at: datetime
    duration: int
    paid: bool


class SongPlays(_Shape, frozen=True, kw_only=True):
    """A page of a song's plays, the last reported first; ``next`` goes on."""

    plays: tuple[SongPlay, ...]
    next: int | None


class Strategy(_Shape, frozen=True, kw_only=True):
    """A way to earn; ``contracts`` by chain id, ``attestor`` who counts listens of gifts on this platform."""

    id: StrategyName
    name: str
    description: str
    contract_address: str | None
    features: tuple[str, ...]
    contracts: dict[str, str]
    presets: tuple[Json, ...]
    attestor: str | None = None


class Attestation(_Shape, frozen=True, kw_only=True):
    """Listens of a gift song as its attestor signed them: ``listens`` in all, to be collected until ``deadline`` (Unix seconds)."""

    song_id: str
    listener: str
    listens: int
    deadline: int
    signature: str
    attestor: str
    contract: str
    chain_id: int


class Health(msgspec.Struct, frozen=True):
    """The server's process lives."""

    status: str
    version: str
    uptime_seconds: float


class Check(msgspec.Struct, frozen=True):
    """One thing the server needs; latency in milliseconds."""

    ok: bool
    latency_ms: float
    detail: str = ""


class Ready(msgspec.Struct, frozen=True):
    """Whether the server can serve: database, chain and store."""

    status: str
    checks: dict[str, Check]


class ChainHead(msgspec.Struct, frozen=True):
    """How far the server has read the chain: block and its time."""

    chain_id: int
    indexed: int
    indexed_at: datetime | None = None
