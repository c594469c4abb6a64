"""`mycelix live`: what goes on with the artist's songs on chain right now, and what can be done about it."""

from __future__ import annotations

from typing import Annotated

import typer

from mycelix_studio.cli.output import JsonOption, emit, table
from mycelix_studio.cli.profile import ProfileDir, opened
from mycelix_studio.cli.signing import How, carry_out, signs
from mycelix_studio.errors import Known

app = typer.Typer(help="Patrons, auctions, gift budgets and payouts as they are on chain.", no_args_is_help=True)

Offline = Annotated[bool, typer.Option("--offline", help="As last read; ask no chain server.")]


class NeverRead(Known):
    """There is nothing to show without a network."""

    def __init__(self) -> None:
        super().__init__("This was never read from the chain", "There is nothing to show.", "Repeat without --offline.")


def _when(seconds: int) -> str:
    from mycelix_studio.domain.clock import from_unix, rfc3339

    return rfc3339(from_unix(seconds))


@app.command()
def patrons(offline: Offline = False, as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """List patrons, who must be looked at first, with what each pays and where they stand."""
    from mycelix_studio.domain.statement import SYMBOL
    from mycelix_studio.domain.strategy.typed import flow

    with opened(profile_dir) as studio:
        state = studio.live.patrons() if offline else studio.live.refresh_patrons()
        if state is None:
            raise NeverRead
        titles = {plan.number: plan.title for plan in state.plans}
        rows = [
            (
                titles.get(each.plan, str(each.plan)),
                each.address,
                each.standing(state.at).value,
                flow(each.renewal),
                _when(each.paid_through)[:10],
                flow(each.paid),
            )
            for each in state.patrons
        ]
        data = {
            "block": state.block,
            "at": _when(state.at),
            "currency": SYMBOL,
            "patrons": [
                {
                    "plan": each.plan,
                    "song": titles.get(each.plan),
                    "address": each.address,
                    "standing": each.standing(state.at).value,
                    "renewal": str(each.renewal),
                    "paidThrough": _when(each.paid_through),
                    "autoRenew": each.auto_renew,
                    "paid": str(each.paid),
                }
                for each in state.patrons
            ],
        }
        words = table(("Song", "Patron", "Standing", "Pays next", "Until", "Paid so far"), rows, right=(3, 5))
        emit(data, words if rows else ["No patrons."], as_json)


@app.command()
def auctions(offline: Offline = False, as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """List auctions with their price at the block they were read at, and what they brought."""
    from mycelix_studio.domain.statement import SYMBOL
    from mycelix_studio.domain.strategy.typed import flow

    with opened(profile_dir) as studio:
        state = studio.live.auctions() if offline else studio.live.refresh_auctions()
        if state is None:
            raise NeverRead
        rows = []
        items = []
        for each in state.auctions:
            stands = "running" if each.running else "closed" if each.closed else "over"
            price = each.price_at(state.at)
            rows.append(
                (str(each.number), each.title, stands, f"{each.sold} of {each.supply}", flow(price), flow(each.revenue))
            )
            items.append(
                {
                    "auction": each.number,
                    "song": each.title,
                    "state": stands,
                    "sold": each.sold,
                    "supply": each.supply,
                    "price": str(price),
                    "revenue": str(each.revenue),
                    "net": str(each.net),
                    "endsAt": _when(each.ends_at),
                }
            )
        words = table(("Number", "Song", "State", "Sold", "Price now", "Brought"), rows, right=(4, 5))
        data = {"block": state.block, "at": _when(state.at), "currency": SYMBOL, "auctions": items}
        emit(data, words if rows else ["No auctions."], as_json)


@app.command()
def gifts(offline: Offline = False, as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """List gift budgets: what is left, who was thanked, how far it goes."""
    from mycelix_studio.domain.statement import REWARD_SYMBOL
    from mycelix_studio.domain.strategy.typed import cgc

    with opened(profile_dir) as studio:
        state = studio.live.gifts() if offline else studio.live.refresh_gifts()
        if state is None:
            raise NeverRead
        rows = [
            (
                each.title,
                cgc(each.budget),
                f"{each.listens:,}",
                f"{each.listeners:,}",
                "" if each.lasts is None else f"{each.lasts:,}",
            )
            for each in state.gifts
        ]
        data = {
            "block": state.block,
            "at": _when(state.at),
            "currency": REWARD_SYMBOL,
            "wallet": str(state.wallet),
            "gifts": [
                {
                    "song": each.title,
                    "songId": each.song_id,
                    "budget": str(each.budget),
                    "listens": each.listens,
                    "listeners": each.listeners,
                    "lasts": each.lasts,
                }
                for each in state.gifts
            ],
        }
        words = table(("Song", "Left", "Listens thanked", "Listeners", "Listens left"), rows, right=(1, 2, 3, 4))
        emit(data, words if rows else ["No song earns by gifts."], as_json)


@app.command()
def payouts(offline: Offline = False, as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """List what waits for whom; `wallet payout` sends it."""
    from mycelix_studio.domain.statement import SYMBOL
    from mycelix_studio.domain.strategy.typed import flow

    with opened(profile_dir) as studio:
        state = studio.live.payouts() if offline else studio.live.refresh_payouts()
        if state is None:
            raise NeverRead
        rows = [
            (each.address, ", ".join(each.roles), flow(each.waits), flow(each.aside), flow(each.paid))
            for each in state.people
        ]
        data = {
            "block": state.block,
            "at": _when(state.at),
            "currency": SYMBOL,
            "waits": str(state.waits),
            "people": [
                {
                    "address": each.address,
                    "roles": list(each.roles),
                    "waits": str(each.waits),
                    "aside": str(each.aside),
                    "paid": str(each.paid),
                }
                for each in state.people
            ],
        }
        words = table(("Who", "What for", "Waits", "Set aside", "Paid so far"), rows, right=(2, 3, 4))
        emit(data, words if rows else ["Nobody is paid by your songs yet."], as_json)


@app.command()
@signs()
def renew(
    how: How,
    profile_dir: ProfileDir = None,
) -> None:
    """Charge every patron who is due and agreed, once, at their own price."""
    with opened(profile_dir) as studio:
        prepared = studio.live.prepare_renewals()
        carry_out(studio, prepared, how)


@app.command()
@signs()
def close(
    how: How,
    auction: Annotated[int, typer.Argument(help="Number of `mycelix live auctions`.")],
    profile_dir: ProfileDir = None,
) -> None:
    """Sell no more passes of an auction; those sold stay."""
    with opened(profile_dir) as studio:
        prepared = studio.live.prepare_close(auction)
        carry_out(studio, prepared, how)


@app.command()
@signs()
def budget(
    how: How,
    song: Annotated[str, typer.Argument(help="Title or song id.")],
    amount: Annotated[str, typer.Argument(help="CGC to put in, such as 50.")],
    take_back: Annotated[bool, typer.Option("--take-back", help="Take so much out instead.")] = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Put CGC into a song's gift budget, or take out what is not used."""
    from mycelix_studio.domain.money import parse_token

    wei = int(parse_token(amount))
    with opened(profile_dir) as studio:
        found = [
            each
            for each in studio.live.refresh_gifts().gifts
            if song.lower() in (each.title.lower(), each.song_id.lower())
        ]
        if len(found) != 1:
            raise Known(
                f"No gift song “{song}”", "Nothing was signed.", "See `mycelix live gifts`, and use the song id."
            )
        prepare = studio.live.prepare_take_back if take_back else studio.live.prepare_top_up
        prepared = prepare(found[0].song_id, wei)
        carry_out(studio, prepared, how)
