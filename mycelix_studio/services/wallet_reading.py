"""Reading a request: where it goes, whether that is a contract of ours, which function and values it holds, and the facts around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mycelix_studio.domain.transaction import Call
from mycelix_studio.services import strategies_chain as on_chain
from mycelix_studio.services.wallet_context import WalletContext
from mycelix_studio.services.wallet_speech import Facts

if TYPE_CHECKING:
    from mycelix_studio.chain.artifacts import Deployment
    from mycelix_studio.chain.rpc import Rpc
    from mycelix_studio.domain.strategy.terms import SongTerms

UNREADABLE = "Studio cannot read this request, so nobody can say what it would do."


@dataclass(frozen=True, slots=True)
class Reading:
    """One request, read.

    Attributes:
        call: As it goes to the chain.
        contract: Name in the deployment; empty for a plain payment or a stranger.
        signature: Function with its types; empty for a plain payment.
        arguments: By name.
        problem: Why it could not be read; empty when it could.
    """

    call: Call
    contract: str = ""
    signature: str = ""
    arguments: Mapping[str, object] = field(default_factory=dict)
    problem: str = ""

    @property
    def is_payment(self) -> bool:
        """True for a plain payment of the network's coin."""
        return not self.call.data and not self.problem


@dataclass(frozen=True, slots=True)
class CodeCheck:
    """What lies at an address.

    Attributes:
        asked: A server answered.
        has_code: There is a contract.
        same: Its code is the published one; None when the address is not in the deployment.
    """

    asked: bool = False
    has_code: bool = False
    same: bool | None = None


def read_call(context: WalletContext, call: Call) -> Reading:
    """Return a request read by the deployment and the shipped ABIs; never raises for what it holds."""
    from mycelix_studio.chain.values import checksum

    try:
        call = Call(checksum(call.to), call.data, call.value)
    except ValueError:
        return Reading(call, problem="It goes to no valid address.")
    if call.value < 0:
        return Reading(call, problem="It sends less than nothing.")
    return _read_data(context, call) if call.data else Reading(call)


def _read_data(context: WalletContext, call: Call) -> Reading:
    from mycelix_studio.chain import abi
    from mycelix_studio.chain.artifacts import artifact_names
    from mycelix_studio.chain.binding import Contract, decode_call

    deployment = context.deployment()
    contract = (deployment.name_of(call.to) if deployment is not None else None) or ""
    if not contract or contract not in artifact_names():
        return Reading(call, problem=UNREADABLE)
    made = getattr(abi, contract, None)
    structs = made.STRUCTS if isinstance(made, type) and issubclass(made, Contract) else None
    try:
        decoded = decode_call(contract, call.data, structs)
    except ValueError:
        return Reading(call, contract, problem=UNREADABLE)
    if decoded.function.mutability in {"view", "pure"}:
        return Reading(call, contract, problem="It only asks something; there is nothing to sign.")
    if call.value and decoded.function.mutability != "payable":
        return Reading(call, contract, problem="It sends coins to a function that takes none.")
    return Reading(call, contract, decoded.function.signature, decoded.arguments)


def check_code(context: WalletContext, rpc: Rpc, addresses: Iterable[str]) -> dict[str, CodeCheck]:
    """Return what lies at each address, on every server alike.

    Raises:
        ChainUnreachable: No server answers.
        ServersDisagree: Two servers show different code.
    """
    from mycelix_studio.chain.artifacts import artifact, artifact_names
    from mycelix_studio.chain.code import same_code
    from mycelix_studio.chain.values import hex_bytes

    deployment = context.deployment()
    found = {}
    for address in dict.fromkeys(addresses):
        answer, _servers = rpc.agreed("the code of a contract", "eth_getCode", address, "latest")
        code = hex_bytes(answer)
        name = deployment.name_of(address) if deployment is not None else None
        same = same_code(artifact(name), code) if name and name in artifact_names() else None
        found[address] = CodeCheck(True, bool(code), same)
    return found


def gather_facts(context: WalletContext, rpc: Rpc, readings: Sequence[Reading], signer: str) -> Facts:
    """Return what the sentences need to know from the chain. Raises as the client does."""
    from mycelix_studio.chain.abi.ledger import Ledger
    from mycelix_studio.chain.binding import read_all

    deployment = context.deployment()
    ours = [reading for reading in readings if reading.contract and reading.signature]
    if deployment is None or not ours:
        return Facts()
    plan_songs, auction_songs = _numbered(deployment, rpc, ours)
    songs: list[str] = [*plan_songs.values(), *auction_songs.values()]
    payees: list[int] = []
    for reading in ours:
        song, payee = reading.arguments.get("songId"), reading.arguments.get("payee")
        content = reading.arguments.get("contentHash")
        artist = reading.arguments.get("artist", signer)
        if isinstance(song, str):
            songs.append(song.lower())
        if isinstance(content, str) and isinstance(artist, str):
            songs.append(on_chain.song_id_of(artist, content))
        if isinstance(payee, int):
            payees.append(payee)
    terms, _block = on_chain.read_terms(context, list(dict.fromkeys(songs))) if songs else ({}, 0)
    payees += [t.payee for t in terms.values() if t is not None and t.payee is not None]
    wanted = list(dict.fromkeys(payees))
    ledger = Ledger(deployment.address("Ledger"))
    accounts = read_all(rpc, [ledger.account(payee) for payee in wanted])
    prices, renewals = _costs(deployment, rpc, ours, terms)
    return Facts(
        songs=terms,
        splits=on_chain.splits_of(context, wanted),
        earned={payee: account.balance for payee, account in zip(wanted, accounts, strict=True)},
        plan_songs=plan_songs,
        auction_songs=auction_songs,
        prices=prices,
        renewals=renewals,
    )


def _numbered(deployment: Deployment, rpc: Rpc, readings: Sequence[Reading]) -> tuple[dict[int, str], dict[int, str]]:
    """Return the songs of the plans and of the auctions that requests name by number."""
    from mycelix_studio.chain.abi import AuctionStrategy, PatronageStrategy
    from mycelix_studio.chain.binding import read_all

    def named(contract: str, argument: str) -> list[int]:
        found = [r.arguments.get(argument) for r in readings if r.contract == contract]
        return list(dict.fromkeys(number for number in found if isinstance(number, int)))

    plans, passes = named("PatronageStrategy", "planId"), named("AuctionStrategy", "id")
    plan_songs: dict[int, str] = {}
    auction_songs: dict[int, str] = {}
    if plans:
        patronage = PatronageStrategy(deployment.address("PatronageStrategy"))
        made = read_all(rpc, [patronage.plan(number) for number in plans])
        plan_songs = {n: plan.song_id for n, plan in zip(plans, made, strict=True) if plan.price}
    if passes:
        auction = AuctionStrategy(deployment.address("AuctionStrategy"))
        sold = read_all(rpc, [auction.auction(number) for number in passes])
        auction_songs = {n: a.song_id for n, a in zip(passes, sold, strict=True) if a.start_price}
    return plan_songs, auction_songs


def _costs(
    deployment: Deployment, rpc: Rpc, readings: Sequence[Reading], terms: Mapping[str, SongTerms | None]
) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
    """Return what passes, and patrons' next periods, cost now, for the songs that requests pay for."""
    from mycelix_studio.chain.abi import AuctionStrategy, PatronageStrategy
    from mycelix_studio.chain.binding import read_all

    def asked(contract: str, person: str) -> list[tuple[str, str]]:
        found = [(r.arguments.get("songId"), r.arguments.get(person)) for r in readings if r.contract == contract]
        pairs = [(song.lower(), who) for song, who in found if isinstance(song, str) and isinstance(who, str)]
        return list(dict.fromkeys(pairs))

    buying = [(song, who) for song, who in asked("AuctionStrategy", "to") if (t := terms.get(song)) and t.auction]
    paying = [
        (song, who) for song, who in asked("PatronageStrategy", "patron") if (t := terms.get(song)) and t.patronage
    ]
    auctions = AuctionStrategy(deployment.address("AuctionStrategy"))
    patronage = PatronageStrategy(deployment.address("PatronageStrategy"))
    costs = read_all(
        rpc, [auctions.quote(song, who) for song, who in buying] + [patronage.quote(song, who) for song, who in paying]
    )
    prices = {song: cost for (song, _who), cost in zip(buying, costs[: len(buying)], strict=True)}
    return prices, dict(zip(paying, costs[len(buying) :], strict=True))
