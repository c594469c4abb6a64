"""What the wallet's sentences are made of: names for addresses and songs, facts read from the chain, and the sentence of one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mycelix_studio.domain.account import Account
from mycelix_studio.domain.address import short_address
from mycelix_studio.domain.clock import from_unix
from mycelix_studio.domain.money import BPS
from mycelix_studio.domain.splits import Split
from mycelix_studio.domain.strategy.auction_form import AuctionOffer
from mycelix_studio.domain.strategy.patronage_form import PlanOffer
from mycelix_studio.domain.strategy.shares import format_percent
from mycelix_studio.domain.strategy.terms import SongTerms
from mycelix_studio.domain.strategy.typed import amount_text
from mycelix_studio.domain.transaction import ChangeRow, Finding, FindingKind

UNLIMITED = 2**255
"""From this many wei on an allowance is unlimited for every purpose."""
ZERO = "0x" + "0" * 40
NOTHING_MOVES = "No money leaves your wallet except the network fee."
EARNED_STAYS = "What was earned so far stays with the old shares."
MAX_NAMED = 6
"""More people than this are summed up in a sentence; all of them stand in the table."""


@dataclass(frozen=True, slots=True)
class Words:
    """What one request does, for a person.

    Attributes:
        title: Title of the dialog.
        sentence: One or two sentences on money and rights.
        row: Title of the row in the activity list.
        activity: Icon key.
        detail: What stands after the row's title.
        changes: Rows of "What changes".
        good_news: What stays untouched.
        amount: Signed wei of ``symbol`` it moves for the signer as far as the request itself says.
        symbol: Token of ``amount``.
        people: (role, address) of everyone it names beside signer and contract, for "Who and where" and the checks of addresses.
        pays: Some of ``people`` get money or rights by it, so they are looked at closely.
        findings: Lines that follow from the values.
        refused: Why it is not signed whatever the chain says; empty when it may be.
    """

    title: str
    sentence: str
    row: str
    activity: str = "other"
    detail: str = "Signed by you"
    changes: tuple[ChangeRow, ...] = ()
    good_news: str = ""
    amount: int = 0
    symbol: str = "FLOW"
    people: tuple[tuple[str, str], ...] = ()
    pays: bool = False
    findings: tuple[Finding, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read from the chain to say what changes; empty when no server answers.

    Attributes:
        songs: Song id to its terms; None for one that is not registered. A song missing here was never asked for.
        splits: Account number to who gets paid by it.
        earned: Account number to net wei that wait in it.
        plan_songs: Number of a patronage plan to its song; the plan stands in that song's terms.
        auction_songs: Number of an auction to its song, likewise.
        prices: What a pass of a song costs now, gross wei, by song.
        renewals: What the next period costs a patron now, gross wei, by song and address.
    """

    songs: Mapping[str, SongTerms | None] = field(default_factory=dict)
    splits: Mapping[int, Split] = field(default_factory=dict)
    earned: Mapping[int, int] = field(default_factory=dict)
    plan_songs: Mapping[int, str] = field(default_factory=dict)
    auction_songs: Mapping[int, str] = field(default_factory=dict)
    prices: Mapping[str, int] = field(default_factory=dict)
    renewals: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Names things the way the person knows them.

    Attributes:
        account: Who signs.
        name_of: Name of an address, empty when unknown.
        titles: Song id to title.
        facts: What the chain says now.
        song_id_of: Id of a song by artist and content hash.
        is_ours: Tells whether an address is one of our contracts; never by its name, which anybody may give.
        native: Coin of network fees.
    """

    account: Account
    name_of: Callable[[str], str]
    titles: Mapping[str, str]
    facts: Facts
    song_id_of: Callable[[str, str], str]
    is_ours: Callable[[str], bool]
    native: str = "ETH"

    def who(self, address: str) -> str:
        """Return "you", a name, or the address 4 + 4."""
        if address == self.account.address:
            return "you"
        return self.name_of(address) or short_address(address)

    def label(self, address: str) -> str:
        """Return a name for a table: the account's own name for the signer."""
        return self.name_of(address) or short_address(address)

    def song(self, song_id: str) -> str:
        """Return a song's title in quotation marks, or what can be said without one."""
        title = clean(self.titles.get(song_id.lower(), ""))
        return f"“{title}”" if title else f"song {song_id[:8]}…"

    def bare_song(self, song_id: str) -> str:
        """Return a song's title for a row of the activity list."""
        return clean(self.titles.get(song_id.lower(), "")) or f"song {song_id[:8]}…"

    def terms(self, song_id: str) -> SongTerms | None:
        """Return a song's terms on chain; None when it has none or they are not known."""
        return self.facts.songs.get(song_id.lower())

    def plan(self, number: int) -> tuple[str, PlanOffer | None]:
        """Return a patronage plan's song (empty when not known) and its terms."""
        song_id = self.facts.plan_songs.get(number, "")
        terms = self.terms(song_id) if song_id else None
        return song_id, terms.patronage if terms is not None else None

    def auction(self, number: int) -> tuple[str, AuctionOffer | None]:
        """Return an auction's song (empty when not known) and its terms."""
        song_id = self.facts.auction_songs.get(number, "")
        terms = self.terms(song_id) if song_id else None
        return song_id, terms.auction if terms is not None else None

    def shares(self, split: Split) -> str:
        """Return who gets what as one phrase: ``you 85 % and Ilse Brandt 15 %``."""
        parts = [f"{self.who(share.recipient)} {format_percent(share.bps)}" for share in split.shares]
        if len(parts) > MAX_NAMED:
            return f"{joined(parts[: MAX_NAMED - 1], 'and')} and {len(parts) - MAX_NAMED + 1} more"
        return joined(parts, "and")

    def share_rows(self, split: Split) -> tuple[ChangeRow, ...]:
        """Return one row for each person of new shares."""
        rows = []
        for share in split.shares:
            role = f", {share.role}" if share.role else ""
            rows.append(ChangeRow(f"{self.label(share.recipient)}{role}", None, format_percent(share.bps)))
        return tuple(rows)

    def names(self, split: Split) -> dict[str, str]:
        """Return address to name of everyone in a split who has one."""
        found = {share.recipient: self.name_of(share.recipient) for share in split.shares}
        return {address: name for address, name in found.items() if name}


def contract_name(name: str) -> str:
    """Return what a person calls one of our contracts, ``Mycelix Gift`` for ``GiftEconomyStrategy``; empty for none."""
    return f"Mycelix {name.removesuffix('Strategy').removesuffix('Economy')}" if name else ""


def joined(parts: Sequence[str], word: str) -> str:
    """Return ``a, b and c``."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def money(amount: int, symbol: str = "FLOW") -> str:
    """Return an exact amount with its unit; an allowance without a limit is called one."""
    if amount >= UNLIMITED:
        return f"any amount of {symbol}"
    return f"{amount_text(amount)} {symbol}"


def moment(seconds: int) -> str:
    """Return a Unix time for reading; one that is no date is called "for ever"."""
    if seconds >= 2**36:
        return "for ever"
    return day_time(from_unix(seconds))


def day_time(at: datetime) -> str:
    """Return a UTC moment as ``14 Jun 2026, 14:32 UTC``."""
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def split_of(to: Sequence[str], bps: Sequence[int], roles: Sequence[str] = ()) -> tuple[Split | None, str]:
    """Return a valid split and why there is none.

    Returns:
        The split and an empty text, or None and one sentence.
    """
    from mycelix_studio.domain.splits import Share
    from mycelix_studio.errors import Known

    texts = list(roles) or [""] * len(to)
    if len(to) != len(bps) or len(to) != len(texts):
        return None, "The request names more people than shares, or the other way round."
    if any(address == ZERO for address in to):
        return None, "One of the people has no address."
    if sum(bps) != BPS:
        return None, f"The shares add up to {format_percent(sum(bps))}, not 100 %."
    try:
        return Split(tuple(Share(a, b, r) for a, b, r in zip(to, bps, texts, strict=True))), ""
    except Known as error:
        return None, error.message


def checked(title: str, detail: str = "") -> Finding:
    """Return a line of "Checked"."""
    return Finding(FindingKind.CHECKED, title, detail)


def look_again(title: str, detail: str = "") -> Finding:
    """Return a line of "Look again"."""
    return Finding(FindingKind.LOOK_AGAIN, title, detail)


def not_checked(title: str, detail: str = "") -> Finding:
    """Return a line of "Could not be checked"."""
    return Finding(FindingKind.NOT_CHECKED, title, detail)


def clean(text: str, limit: int = 60) -> str:
    """Return a stranger's text without control and direction characters, shortened: nothing in it may change how the rest is read."""
    import unicodedata

    plain = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
    return plain if len(plain) <= limit else f"{plain[: limit - 1]}…"


@dataclass(frozen=True, slots=True)
class Args:
    """Arguments of a decoded call by name, of the type the sentence needs."""

    values: Mapping[str, object]

    def number(self, name: str) -> int:
        """Return an integer."""
        value = self.values[name]
        assert isinstance(value, int)
        return value

    def text(self, name: str) -> str:
        """Return a text: an address, fixed bytes as hex, a string."""
        value = self.values[name]
        assert isinstance(value, str)
        return value

    def numbers(self, name: str) -> tuple[int, ...]:
        """Return a list of integers."""
        value = self.values[name]
        assert isinstance(value, tuple | list) and all(isinstance(part, int) for part in value)
        return tuple(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts, such as addresses."""
        value = self.values[name]
        assert isinstance(value, tuple | list) and all(isinstance(part, str) for part in value)
        return tuple(value)

    def length(self, name: str) -> int:
        """Return how many entries a list has."""
        value = self.values[name]
        assert isinstance(value, tuple | list)
        return len(value)

    def flag(self, name: str) -> bool:
        """Return a truth value."""
        return self.values[name] is True

    def split(self) -> tuple[Split | None, str]:
        """Return the split of argument ``split`` with the roles of ``roles`` where there are any, and why there is none."""
        value = self.values["split"]
        to, bps = vars_of(value, "to"), vars_of(value, "bps")
        roles = self.values.get("roles", ())
        assert isinstance(to, tuple) and isinstance(bps, tuple) and isinstance(roles, tuple)
        return split_of([str(a) for a in to], [int(b) for b in bps], [clean(str(r)) for r in roles])


def vars_of(value: object, name: str) -> object:
    """Return a member of a decoded struct."""
    return getattr(value, name)
