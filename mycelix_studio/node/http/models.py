"""Bodies of requests and answers as the specification shows them. Strict: ``"1"`` is not 1 and ``false`` is not 0."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from mycelix_studio.domain.strategy.names import StrategyName

Json = dict[str, object]


def _clean(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not hold a null character")
    return text


def _clean_json(value: Json) -> Json:
    """Refuse what PostgreSQL cannot keep (null characters), what nobody can read (deep nesting) and what is too long."""
    budget = [20_000]

    def visit(part: object, depth: int) -> None:
        budget[0] -= 1 + (len(part) if isinstance(part, str) else 0)
        if depth > 8 or budget[0] < 0:
            raise ValueError("is too deep or too long")
        if isinstance(part, str):
            _clean(part)
            part.encode()
        elif isinstance(part, int) and abs(part) > 2**63:
            raise ValueError("holds a number that is too large")
        elif isinstance(part, float) and not math.isfinite(part):
            raise ValueError("holds a number that is not finite")
        elif isinstance(part, dict):
            for name, inner in part.items():
                visit(name, depth + 1)
                visit(inner, depth + 1)
        elif isinstance(part, list):
            for inner in part:
                visit(inner, depth + 1)

    try:
        visit(value, 0)
    except UnicodeEncodeError as error:
        raise ValueError("holds half a character") from error
    return value


Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
Title = Annotated[Text, Field(min_length=1, max_length=300)]
Name = Annotated[Text, Field(min_length=1, max_length=200)]
Wei = Annotated[
    str, Field(pattern=r"^(0|[1-9][0-9]{0,77})$", description="Amount in wei, decimal.", examples=["10000000000000000"])
]
Address = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$", examples=["0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"])]
Hash = Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$", examples=["0x" + "5a" * 32])]
Cid = Annotated[
    str, Field(pattern=r"^b[a-z2-7]{58}$", examples=["bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"])
]
Uuid = Annotated[
    str,
    Field(
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        examples=["0198f0c2-7f3e-7c11-9a54-3f6b6f0a1d2e"],
    ),
]
Metadata = Annotated[Json, AfterValidator(_clean_json)]
Time = Annotated[str, Field(description="RFC 3339 in UTC.", examples=["2026-03-01T12:30:00Z"])]


class Body(BaseModel):
    """A request's body: unknown fields are refused."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class Answer(BaseModel):
    """An answer's body."""

    model_config = ConfigDict(strict=True)


class FieldError(Answer):
    """One field that is not valid."""

    field: str
    message: str


class ProblemBody(Answer):
    """RFC 9457 problem details."""

    type: str = Field(examples=["urn:mycelix:problem:invalid"])
    title: str = Field(examples=["The request is not valid"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["title: String should have at least 1 character"])
    errors: list[FieldError] | None = None


class NonceRequest(Body):
    """Who wants to sign in."""

    address: Address


class NonceAnswer(Answer):
    """What the message must contain."""

    nonce: str = Field(examples=["c1f2a3b4c5d6e7f8091a2b3c4d5e6f70"])
    expires_at: Time


_SIGN_IN = (
    "node.example wants you to sign in with your Ethereum account:\n0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf\n\n"
    "Sign in to the platform.\n\nURI: https://node.example/\nVersion: 1\nChain ID: 100\n"
    "Nonce: c1f2a3b4c5d6e7f8091a2b3c4d5e6f70\nIssued At: 2026-03-01T12:30:00Z"
)


class VerifyRequest(Body):
    """A signed ERC-4361 message."""

    message: Annotated[Text, Field(max_length=4096, examples=[_SIGN_IN])]
    signature: Annotated[str, Field(pattern=r"^0x([0-9a-fA-F]{2}){1,4096}$", examples=["0x" + "1b" * 65])]


class TokenAnswer(Answer):
    """A bearer token."""

    token: str
    token_type: Literal["Bearer"]
    expires_at: Time
    address: Address


class SplitShare(Body):
    """One recipient of a song's money."""

    recipient: Address
    basisPoints: Annotated[int, Field(ge=1, le=10_000)]
    role: Annotated[Text, Field(max_length=64)] = ""


class SongCreate(Body):
    """A song to list. The audio named by ``ipfsHash`` must have been uploaded by the same account, or ``contentHash`` be given."""

    title: Title
    artist: Name
    genre: Annotated[Text, Field(max_length=100)]
    ipfsHash: Cid
    strategy: StrategyName
    duration: Annotated[int, Field(ge=0, le=864_000)] | None = None
    price: Wei | None = None
    splits: Annotated[list[SplitShare], Field(max_length=100)] | None = None
    metadata: Metadata | None = None
    songId: Hash | None = None
    contentHash: Hash | None = None

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "title": "Low Lamp",
                    "artist": "Ada Lark",
                    "genre": "ambient",
                    "ipfsHash": "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
                    "strategy": "pay-per-stream",
                    "duration": 181,
                    "price": "10000000000000000",
                }
            ]
        },
    )


class SongPatch(Body):
    """What to change of a song; what is left out stays. What the chain holds (price, strategy, splits) changes there."""

    title: Title | None = None
    artist: Name | None = None
    genre: Annotated[Text, Field(max_length=100)] | None = None
    duration: Annotated[int, Field(ge=0, le=864_000)] | None = None
    metadata: Metadata | None = None

    model_config = ConfigDict(
        strict=True, extra="forbid", json_schema_extra={"examples": [{"title": "Low Lamp (Live)"}]}
    )


class Song(Answer):
    """A song."""

    songId: Hash
    title: str = Field(examples=["Low Lamp"])
    artist: str = Field(examples=["Ada Lark"])
    artistAddress: Address
    genre: str = Field(examples=["ambient"])
    duration: int | None = Field(description="Seconds.", examples=[181])
    ipfsHash: str
    strategy: StrategyName
    strategies: list[StrategyName]
    price: Wei
    createdAt: Time
    playCount: int = Field(examples=[12])
    metadata: Json
    contentHash: str
    payee: int | None
    registered: bool = Field(description="True once the song stands on chain.")
    splits: list[Json] = Field(description="The song's split, as on chain or as given.")


class Pagination(Answer):
    """Where a page lies."""

    page: int = Field(examples=[1])
    limit: int = Field(examples=[20])
    total: int = Field(examples=[134])
    totalPages: int = Field(examples=[7])


class Songs(Answer):
    """A page of songs."""

    songs: list[Song]
    pagination: Pagination


class SongStats(Answer):
    """How one song does."""

    songId: Hash
    playCount: int
    uniqueListeners: int
    totalEarnings: Wei
    avgPlayDuration: float = Field(description="Seconds.")
    lastPlayed: Time | None


class TopSong(Answer):
    """A song among an artist's most played."""

    songId: Hash
    title: str
    playCount: int
    totalEarnings: Wei


class ArtistStats(Answer):
    """How one artist does. Earnings are net of the protocol's fee."""

    address: Address
    totalPlays: int
    totalEarnings: Wei
    uniqueListeners: int
    avgEarningsPerPlay: Wei
    topSongs: list[TopSong]


class Artist(Answer):
    """An artist."""

    address: Address
    name: str
    bio: str
    links: Json
    songCount: int
    createdAt: Time


class Artists(Answer):
    """A page of artists."""

    artists: list[Artist]
    pagination: Pagination


class ArtistPatch(Body):
    """What to change of one's own page."""

    name: Name | None = None
    bio: Annotated[Text, Field(max_length=5_000)] | None = None
    links: Metadata | None = None

    model_config = ConfigDict(
        strict=True, extra="forbid", json_schema_extra={"examples": [{"name": "Ada Lark", "bio": "Tapes."}]}
    )


class PlayRequest(Body):
    """One play. ``playId`` makes a repetition harmless; ``playedAt`` defaults to now."""

    duration: Annotated[int, Field(ge=0, le=86_400, description="Seconds listened.")]
    playId: Uuid | None = None
    playedAt: Annotated[str, Field(max_length=40)] | None = None

    model_config = ConfigDict(strict=True, extra="forbid", json_schema_extra={"examples": [{"duration": 181}]})


class PlayAnswer(Answer):
    """What became of a play."""

    playId: str
    transactionHash: str | None = None
    amountPaid: Wei


class StrategyBody(Answer):
    """A way to earn."""

    id: StrategyName
    name: str
    description: str
    contractAddress: str | None
    features: list[str]
    contracts: dict[str, str] = Field(description="Contract by chain id.")
    attestor: Address | None = Field(
        None, description="Who counts listens on this node: to be named in the terms of gift songs."
    )
    presets: list[Json]


class Health(Answer):
    """The process lives."""

    status: Literal["ok"]
    version: str
    uptime_seconds: float


class Check(Answer):
    """One thing the node needs."""

    ok: bool
    latency_ms: float
    detail: str = ""


class Ready(Answer):
    """Whether the node can serve: database, chain and store, each with latency."""

    status: Literal["ready", "not-ready"]
    checks: dict[str, Check]
