"""Sentences about auctions: offering, buying and passing on passes, and ending the sale."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from mycelix_studio.domain.strategy.auction_form import AuctionOffer, auction_changes, duration_text
from mycelix_studio.domain.strategy.dutch_auction import AuctionTerms
from mycelix_studio.domain.transaction import ChangeRow
from mycelix_studio.errors import Known
from mycelix_studio.services.wallet_speech import (
    NOTHING_MOVES,
    UNLIMITED,
    Args,
    Speaker,
    Words,
    look_again,
    moment,
    money,
)
from mycelix_studio.services.wallet_words_patronage import on_credit


def _create(args: Args, say: Speaker) -> Words:
    song_id, starts = args.text("songId"), args.number("startsAt")
    title, row = f"Offer passes of {say.song(song_id)}", f"Auction of {say.bare_song(song_id)}"
    try:
        terms = AuctionTerms(
            args.number("startPrice"),
            args.number("endPrice"),
            args.number("duration"),
            args.number("supply"),
            args.number("perWallet"),
            args.number("royaltyBps"),
        )
    except Known as error:
        return Words(title, error.message, row, "auction", refused=error.message)
    begin = f" The fall begins {moment(starts)}." if starts else ""
    return Words(
        title,
        f"{_passes(terms.supply)} of {say.song(song_id)} for sale, from {money(terms.start_price)} down to "
        f"{money(terms.end_price)} within {duration_text(terms.duration)}.{begin} {NOTHING_MOVES}",
        row,
        activity="auction",
        changes=tuple(ChangeRow(c.label, c.before, c.after) for c in auction_changes([None], AuctionOffer(terms), {})),
        findings=(look_again("These terms can never be changed.", "You can only stop selling"),),
    )


def _buy(args: Args, say: Speaker, *, from_purse: bool = False) -> Words:
    song_id, to, most = args.text("songId"), args.text("to"), args.number("maxPrice")
    of = say.song(song_id)
    mine = to == say.account.address
    price = say.facts.prices.get(song_id.lower())
    exact = price is not None and price <= most
    paid = f"{money(price)} or less" if exact and price is not None else f"at most {money(most)}"
    loose = price is not None and most > price
    purse = " out of your purse" if from_purse else ""
    return Words(
        f"Buy a pass of {of}{'' if mine else f' for {say.who(to)}'}",
        f"Pays {paid}{purse} for a pass of {of}, which {'you keep' if mine else f'{say.who(to)} keeps'} for ever or may pass on.",
        f"Pass of {say.bare_song(song_id)}",
        activity="auction",
        amount=0 if from_purse else -(price if exact and price is not None else most if most < UNLIMITED else 0),
        people=() if mine else (("Gets the pass", to),),
        pays=not mine,
        findings=(look_again("The request allows more than it costs now.", f"Up to {money(most)}"),) if loose else (),
    )


def _close(args: Args, say: Speaker) -> Words:
    number = args.number("id")
    song_id, old = say.auction(number)
    of = say.song(song_id) if song_id else f"auction {number}"
    rows: tuple[ChangeRow, ...] = ()
    if old is not None:
        rows = (ChangeRow("Passes", f"{old.terms.supply:,}", f"{old.sold:,}"),)
    none_sold = old is not None and old.sold == 0
    return Words(
        f"Stop selling passes of {of}",
        f"No more passes of {of} are sold. {NOTHING_MOVES}",
        f"Close auction, {say.bare_song(song_id)}" if song_id else "Close auction",
        activity="auction",
        changes=rows,
        good_news="Passes already sold stay valid for ever.",
        findings=()
        if none_sold
        else (
            look_again("This song can then never have another auction.", "Passes were sold, and their number stays"),
        ),
    )


def _transfer(args: Args, say: Speaker) -> Words:
    return _pass_on(args.text("from"), args.text("to"), ((args.number("id"), args.number("value")),), say)


def _transfer_batch(args: Args, say: Speaker) -> Words:
    ids, values = args.numbers("ids"), args.numbers("values")
    if len(ids) != len(values):
        wrong = "The request names more auctions than numbers of passes, or the other way round."
        return Words("Pass on passes", wrong, "Passes passed on", "auction", refused=wrong)
    return _pass_on(args.text("from"), args.text("to"), tuple(zip(ids, values, strict=True)), say)


def _pass_on(source: str, to: str, given: tuple[tuple[int, int], ...], say: Speaker) -> Words:
    mine = source == say.account.address
    rows = []
    for number, count in given:
        song_id, _old = say.auction(number)
        of = say.bare_song(song_id) if song_id else f"auction {number}"
        rows.append(ChangeRow(f"Pass of {of}", None, f"{count:,}"))
    passes = _passes(sum(count for _number, count in given))
    return Words(
        f"Pass on {passes} to {say.who(to)}",
        f"{passes} of {'your own' if mine else say.who(source)} {'belongs' if passes == '1 pass' else 'belong'} to "
        f"{say.who(to)} for good, with the right to listen. It cannot be taken back. {NOTHING_MOVES}",
        f"{passes} passed on to {say.label(to)}",
        activity="auction",
        detail=to,
        changes=tuple(rows),
        people=(("Taken from", source), ("Goes to", to)) if not mine else (("Goes to", to),),
        pays=True,
    )


def _set_approval(args: Args, say: Speaker) -> Words:
    operator = args.text("operator")
    if not args.flag("approved"):
        return Words(
            f"Stop {say.who(operator)} from passing on your passes",
            f"{say.label(operator)} can no longer move any of your passes. {NOTHING_MOVES}",
            f"Allowance ended, {say.label(operator)}",
            activity="auction",
            people=(("May no longer move passes", operator),),
        )
    return Words(
        f"Let {say.who(operator)} pass on all your passes",
        f"{say.label(operator)} may move every pass you have and will have, until you stop it. {NOTHING_MOVES}",
        f"{say.label(operator)} may move passes",
        activity="auction",
        people=(("May move passes", operator),),
        pays=True,
        findings=(look_again("It covers all your passes, without a limit.", "Markets ask for it; strangers do, too"),),
    )


def _passes(count: int) -> str:
    return "1 pass" if count == 1 else f"{count:,} passes"


TABLE: Mapping[tuple[str, str], Callable[[Args, Speaker], Words]] = {
    ("AuctionStrategy", "create(bytes32,uint96,uint96,uint40,uint32,uint32,uint32,uint16)"): _create,
    ("AuctionStrategy", "buy(bytes32,address,uint256)"): _buy,
    ("AuctionStrategy", "buyFromPurse(bytes32,address,uint256)"): partial(_buy, from_purse=True),
    ("AuctionStrategy", "close(uint256)"): _close,
    ("AuctionStrategy", "safeTransferFrom(address,address,uint256,uint256,bytes)"): _transfer,
    ("AuctionStrategy", "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)"): _transfer_batch,
    ("AuctionStrategy", "setApprovalForAll(address,bool)"): _set_approval,
    ("AuctionStrategy", "takeFrom(address,uint256)"): on_credit,
}
