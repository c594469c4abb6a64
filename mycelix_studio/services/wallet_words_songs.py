"""Sentences about songs and about who gets paid for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from mycelix_studio.domain.splits import Split
from mycelix_studio.domain.strategy.names import strategies_of
from mycelix_studio.domain.strategy.terms import SongTerms, differences, ways_text
from mycelix_studio.domain.strategy.typed import flow
from mycelix_studio.domain.transaction import ChangeRow, Finding
from mycelix_studio.services.wallet_speech import (
    EARNED_STAYS,
    MAX_NAMED,
    NOTHING_MOVES,
    ZERO,
    Args,
    Speaker,
    Words,
    checked,
    joined,
    look_again,
    moment,
    money,
    not_checked,
)


def _create_payee(args: Args, say: Speaker) -> Words:
    split, wrong = args.split()
    if split is None:
        return Words("Save who gets paid", wrong, "Who gets paid", activity="split", refused=wrong)
    others = tuple(("Newly paid", share.recipient) for share in split.shares if share.recipient != say.account.address)
    count = len(split.shares)
    return Words(
        "Save who gets paid",
        f"Keeps these shares on chain, for ever as they are: {say.shares(split)}. Songs can then be paid by them. {NOTHING_MOVES}",
        f"Shares for {count} {'person' if count == 1 else 'people'}",
        activity="split",
        changes=say.share_rows(split),
        people=others,
        pays=True,
        findings=(checked("Shares add up to 100 %."), *_without_you(split, say)),
    )


def _without_you(split: Split, say: Speaker) -> tuple[Finding, ...]:
    if any(share.recipient == say.account.address for share in split.shares):
        return ()
    return (
        look_again("You are not among those who get paid.", f"{say.label(say.account.address)} gets nothing of it"),
    )


def _paid_by(payee: int, say: Speaker) -> tuple[Split | None, tuple[Finding, ...]]:
    split = say.facts.splits.get(payee)
    if split is None:
        return None, (not_checked("Who gets paid.", f"The shares of account {payee} could not be read"),)
    return split, _without_you(split, say)


def _lower_fee(args: Args, _say: Speaker) -> Words:
    payee = args.number("payee")
    return Words(
        "Take over the lower platform fee",
        f"Account {payee} pays today’s platform fee from now on, where that is lower than its own. It never rises. {NOTHING_MOVES}",
        "Lower platform fee",
        activity="split",
    )


def _update_fee(_args: Args, _say: Speaker) -> Words:
    return Words(
        "Take over the platform fee for new accounts",
        f"Accounts made from now on pay the platform’s fee of today; those that exist keep theirs. {NOTHING_MOVES}",
        "Platform fee of new accounts",
        activity="split",
    )


def _distribute(args: Args, say: Speaker) -> Words:
    payee = args.number("payee")
    split, wrong = args.split()
    if split is None:
        return Words("Pay everyone", wrong, "Pay everyone", activity="payout", refused=wrong)
    earned = say.facts.earned.get(payee)
    how = "is sent to" if args.flag("push") else "is set aside to be collected by"
    rows = []
    if earned is not None:
        parts = split.divide(earned)
        rows = [
            ChangeRow(say.label(share.recipient), None, money(part))
            for share, part in zip(split.shares, parts, strict=True)
        ]
    return Words(
        "Pay everyone",
        f"Everything that account {payee} has earned {how} {say.shares(split)}, the platform fee to the platform.",
        "Pay everyone",
        activity="payout",
        detail=joined([say.label(share.recipient) for share in split.shares[:MAX_NAMED]], "and"),
        changes=tuple(rows) or say.share_rows(split),
        amount=sum(
            part
            for share, part in zip(split.shares, split.divide(earned or 0), strict=True)
            if share.recipient == say.account.address and args.flag("push")
        ),
        people=tuple(("Paid", s.recipient) for s in split.shares if s.recipient != say.account.address),
    )


def _claim(args: Args, say: Speaker) -> Words:
    to = args.text("to")
    mine = to == say.account.address
    return Words(
        "Collect what waits for you",
        f"All FLOW that is set aside for you goes to {'your wallet' if mine else say.who(to)}.",
        "Collected" if mine else f"Collected for {say.label(to)}",
        activity="payout",
        people=() if mine else (("Goes to", to),),
        pays=not mine,
        findings=() if mine else (look_again("It does not go to your own account.", f"It goes to {say.label(to)}"),),
    )


def _register(args: Args, say: Speaker) -> Words:
    return _registered(args, say, say.account.address)


def _register_for(args: Args, say: Speaker) -> Words:
    artist = args.text("artist")
    words = _registered(args, say, artist)
    return replace(
        words,
        title=f"{words.title} for {say.who(artist)}",
        people=(("Owner", artist),),
        findings=(
            *words.findings,
            checked(f"{say.label(artist)} signed for it.", f"Until {moment(args.number('deadline'))}"),
        ),
    )


def _registered(args: Args, say: Speaker, artist: str) -> Words:
    song_id = say.song_id_of(artist, args.text("contentHash"))
    name, payee, mine = say.song(song_id), args.number("payee"), artist == say.account.address
    ways = strategies_of(args.number("strategies"))
    split, findings = _paid_by(payee, say)
    paid = f"it pays {say.shares(split)}" if split is not None else f"it pays account {payee}"
    after = SongTerms(ways, args.number("price"), split, payee)
    rows = [
        ChangeRow(c.label, c.before, c.after) for c in differences([None], after, say.names(split) if split else {})
    ]
    return Words(
        f"Register {name}",
        f"{name[:1].upper()}{name[1:]} belongs to {'you' if mine else say.who(artist)} on chain from now on. "
        f"It earns by: {ways_text(ways)}{_at(args.number('price'), ways)}; {paid}. {NOTHING_MOVES}",
        f"Register {say.bare_song(song_id)}",
        activity="song",
        changes=tuple(rows),
        findings=findings,
    )


def _at(price: int, ways: tuple[str, ...]) -> str:
    return f", {flow(price)} a stream" if "pay-per-stream" in ways else ""


def _set_price(args: Args, say: Speaker) -> Words:
    song_id, price = args.text("songId"), args.number("price")
    old = say.terms(song_id)
    before = flow(old.price) if old is not None else None
    tenfold = old is not None and 0 < old.price * 10 <= price
    return Words(
        f"Change the price of {say.song(song_id)}",
        f"A stream of {say.song(song_id)} costs {flow(price)} from now on. {NOTHING_MOVES}",
        f"Price change, {say.bare_song(song_id)}",
        activity="stream",
        changes=(ChangeRow("Price of a stream", before, flow(price)),),
        good_news="Streams already paid are not touched.",
        findings=(look_again("The new price is more than ten times the old one."),) if tenfold else (),
    )


def _set_payee(args: Args, say: Speaker) -> Words:
    song_id, payee = args.text("songId"), args.number("payee")
    old = say.terms(song_id)
    split, findings = _paid_by(payee, say)
    rows: tuple[ChangeRow, ...] = ()
    paid = f"account {payee}"
    if split is not None:
        paid = say.shares(split)
        names = say.names(split) | (say.names(old.split) if old is not None and old.split is not None else {})
        changes = differences([old], replace(old or SongTerms((), 0, split), split=split), names)
        rows = tuple(ChangeRow(c.label, c.before, c.after) for c in changes if c.key.startswith("share:"))
    waits = say.facts.earned.get(old.payee) if old is not None and old.payee is not None else None
    return Words(
        f"Change who gets paid for {say.song(song_id)}",
        f"From now on what {say.song(song_id)} earns is divided like this: {paid}. {NOTHING_MOVES}",
        f"Who gets paid, {say.bare_song(song_id)}",
        activity="split",
        changes=rows,
        good_news=f"{money(waits)} earned so far stays with the old shares." if waits else EARNED_STAYS,
        findings=findings,
    )


def _set_strategies(args: Args, say: Speaker) -> Words:
    song_id = args.text("songId")
    ways = strategies_of(args.number("strategies"))
    old = say.terms(song_id)
    return Words(
        f"Change how {say.song(song_id)} earns",
        f"{_upper(say.song(song_id))} earns by {ways_text(ways).lower()} from now on. {NOTHING_MOVES}",
        f"Ways to earn, {say.bare_song(song_id)}",
        activity="song",
        changes=(ChangeRow("Earns by", None if old is None else ways_text(old.ways), ways_text(ways)),),
        good_news="What was sold before is honoured all the same.",
    )


def _lock_split(args: Args, say: Speaker) -> Words:
    song_id = args.text("songId")
    return Words(
        f"Lock who gets paid for {say.song(song_id)}",
        f"Nobody, not even you, can ever change who gets paid for {say.song(song_id)} again. {NOTHING_MOVES}",
        f"Shares locked, {say.bare_song(song_id)}",
        activity="split",
        changes=(ChangeRow("Who gets paid", "can change", "locked for good"),),
        findings=(look_again("This can never be undone."),),
    )


def _offer_song(args: Args, say: Speaker) -> Words:
    song_id, to = args.text("songId"), args.text("to")
    if to == ZERO:
        return Words(
            f"Withdraw the offer of {say.song(song_id)}",
            f"{_upper(say.song(song_id))} stays yours and is offered to nobody. {NOTHING_MOVES}",
            f"Offer withdrawn, {say.bare_song(song_id)}",
            activity="song",
        )
    return Words(
        f"Offer {say.song(song_id)} to {say.who(to)}",
        f"Once {say.who(to)} accepts, {say.song(song_id)} belongs to them: they choose price and who gets paid. {NOTHING_MOVES}",
        f"Offer of {say.bare_song(song_id)}",
        activity="song",
        detail=say.label(to),
        people=(("New owner", to),),
        pays=True,
        good_news=EARNED_STAYS,
        findings=(look_again("You give the song away.", "Until it is accepted you can withdraw the offer"),),
    )


def _accept_song(args: Args, say: Speaker) -> Words:
    song_id = args.text("songId")
    return Words(
        f"Take over {say.song(song_id)}",
        f"{_upper(say.song(song_id))} belongs to you from now on. Its price and who gets paid stay until you change them. {NOTHING_MOVES}",
        f"Taken over, {say.bare_song(song_id)}",
        activity="song",
    )


def _upper(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


TABLE: Mapping[tuple[str, str], Callable[[Args, Speaker], Words]] = {
    ("Ledger", "createPayee((address[],uint16[]),string[])"): _create_payee,
    ("Ledger", "lowerFee(uint64)"): _lower_fee,
    ("Ledger", "updateFee()"): _update_fee,
    ("Ledger", "distribute(uint64,(address[],uint16[]),bool)"): _distribute,
    ("Ledger", "claim(address)"): _claim,
    ("Ledger", "register(bytes32,uint64,uint128,uint8)"): _register,
    ("Ledger", "registerFor(address,bytes32,uint64,uint128,uint8,uint256,bytes)"): _register_for,
    ("Ledger", "setPrice(bytes32,uint128)"): _set_price,
    ("Ledger", "setPayee(bytes32,uint64)"): _set_payee,
    ("Ledger", "setStrategies(bytes32,uint8)"): _set_strategies,
    ("Ledger", "lockSplit(bytes32)"): _lock_split,
    ("Ledger", "offerSong(bytes32,address)"): _offer_song,
    ("Ledger", "acceptSong(bytes32)"): _accept_song,
}
