"""Sentences about patronage: plans, becoming a patron, renewals and their end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from mycelix_studio.domain.strategy.patronage import PERIOD_SECONDS, Plan
from mycelix_studio.domain.strategy.patronage_form import PlanOffer, minimum_text, plan_changes
from mycelix_studio.domain.transaction import ChangeRow, Finding
from mycelix_studio.errors import Known
from mycelix_studio.services.wallet_speech import NOTHING_MOVES, UNLIMITED, Args, Speaker, Words, look_again, money

DAYS = PERIOD_SECONDS // 86_400
NEVER_MORE = "Nobody is charged more without agreeing to it."


def _rows(before: PlanOffer | None, after: PlanOffer) -> tuple[ChangeRow, ...]:
    return tuple(ChangeRow(c.label, c.before, c.after) for c in plan_changes([before], after, {}))


def _tiers(args: Args) -> tuple[int, int, int, int]:
    one, two, three, four = args.numbers("tierBps")
    return one, two, three, four


def _create(args: Args, say: Speaker) -> Words:
    song_id, price = args.text("songId"), args.number("price")
    row = f"Patronage of {say.bare_song(song_id)}"
    try:
        plan = Plan(price, args.number("minimumPeriods"), _tiers(args), args.flag("earlyCancel"))
    except Known as error:
        return Words(f"Offer patronage of {say.song(song_id)}", error.message, row, "patronage", refused=error.message)
    commit = "" if plan.minimum_periods == 1 else f" They commit for {minimum_text(plan.minimum_periods)} at first."
    return Words(
        f"Offer patronage of {say.song(song_id)}",
        f"Patrons pay {money(price)} every {DAYS} days and hear {say.song(song_id)} while they do.{commit} {NOTHING_MOVES}",
        row,
        activity="patronage",
        changes=_rows(None, PlanOffer(plan)),
        good_news="You can change the price later; commitment and discounts you promise stay.",
    )


def _update(args: Args, say: Speaker) -> Words:
    number, price, is_open = args.number("planId"), args.number("price"), args.flag("open")
    song_id, old = say.plan(number)
    of = say.song(song_id) if song_id else f"plan {number}"
    title = f"Change the patronage of {of}"
    row = f"Patronage terms, {say.bare_song(song_id)}" if song_id else "Patronage terms"
    try:
        kept = old.plan if old is not None else Plan(0)
        new = PlanOffer(Plan(price, kept.minimum_periods, _tiers(args), kept.early_cancel), is_open, number)
    except Known as error:
        return Words(title, error.message, row, "patronage", refused=error.message)
    what = f"Patrons of {of} pay {money(price)} every {DAYS} days from their next renewal on."
    if not is_open:
        what = f"{of[:1].upper()}{of[1:]} takes no new patrons and no renewals. Access that is paid for lasts until its end."
    rises = old is not None and price > old.plan.price
    return Words(
        title,
        f"{what} {NOTHING_MOVES}",
        row,
        activity="patronage",
        changes=_rows(old, new),
        good_news=f"Patrons keep {money(old.plan.price)} until they agree to the new price. {NEVER_MORE}"
        if rises and old is not None
        else "What patrons have paid for stays theirs.",
        findings=(look_again("Renewals stop by themselves for patrons who do not agree."),) if rises else (),
    )


def _subscribe(args: Args, say: Speaker, *, from_purse: bool = False) -> Words:
    song_id, patron, periods = args.text("songId"), args.text("patron"), args.number("periods")
    most = args.number("maxCost")
    terms, of = say.terms(song_id), say.song(song_id)
    old = terms.patronage if terms is not None else None
    mine = patron == say.account.address
    cost = old.plan.price * periods if old is not None else None
    exact = cost is not None and cost <= most
    paid = money(cost) if exact and cost is not None else f"at most {money(most)}"
    purse = " out of your purse" if from_purse else ""
    renewing = f" It may be renewed at up to {money(old.plan.price)} until you stop it." if mine and old else ""
    return Words(
        f"{'Become' if mine else f'Make {say.who(patron)}'} a patron of {of}",
        f"Pays {paid}{purse} for {periods * DAYS} days of {of}{'' if mine else f' for {say.who(patron)}'}.{renewing}",
        f"Patron of {say.bare_song(song_id)}",
        activity="patronage",
        amount=0 if from_purse else -(cost if exact and cost is not None else most if most < UNLIMITED else 0),
        people=() if mine else (("Becomes a patron", patron),),
        pays=not mine,
        findings=_loose(cost, most),
    )


def _renew(args: Args, say: Speaker) -> Words:
    song_id, patron, most = args.text("songId"), args.text("patron"), args.number("maxCost")
    of = say.song(song_id)
    mine = patron == say.account.address
    cost = say.facts.renewals.get((song_id.lower(), patron))
    paid = money(cost) if cost is not None and cost <= most else f"at most {money(most)}"
    sentence = f"Pays {paid} for {DAYS} more days of {of}, from your wallet or your purse as you chose."
    if not mine:
        sentence = f"{say.label(patron)} pays {paid} for {DAYS} more days of {of}, as they agreed. {NOTHING_MOVES}"
    return Words(
        f"Renew {'your patronage' if mine else f'the patronage of {say.label(patron)}'} of {of}",
        sentence,
        f"Renewal, {say.bare_song(song_id)}",
        activity="patronage",
        amount=-(cost or 0) if mine else 0,
        people=() if mine else (("Pays", patron),),
        findings=_loose(cost, most) if mine else (),
    )


def _renew_many(args: Args, say: Speaker) -> Words:
    number, patrons = args.number("planId"), args.texts("patrons")
    song_id, old = say.plan(number)
    of = say.song(song_id) if song_id else f"plan {number}"
    count = "1 patron" if len(patrons) == 1 else f"{len(patrons)} patrons"
    price = f", {money(old.plan.price)} or less each" if old is not None else ""
    return Words(
        f"Renew {count} of {of}",
        f"Charges each who is due, once, as they agreed{price}. One who cannot be charged is left out. {NOTHING_MOVES}",
        f"{'1 renewal' if len(patrons) == 1 else f'{len(patrons)} renewals'}, {say.bare_song(song_id)}"
        if song_id
        else "Renewals",
        activity="patronage",
        good_news=NEVER_MORE,
        people=tuple(("Pays if due", patron) for patron in patrons[:3]),
    )


def _set_auto_renew(args: Args, say: Speaker) -> Words:
    number, most = args.number("planId"), args.number("maxPrice")
    song_id, old = say.plan(number)
    of = say.song(song_id) if song_id else f"plan {number}"
    loose = old is not None and most > old.plan.price
    where = " out of your purse" if args.flag("fromPurse") else ""
    return Words(
        f"Let your patronage of {of} renew by itself",
        f"You may be charged up to {money(most)}{where} every {DAYS} days, until you stop it. {NOTHING_MOVES}",
        f"Renewals of {say.bare_song(song_id)} allowed" if song_id else "Renewals allowed",
        activity="patronage",
        changes=(ChangeRow("At most every 30 days", None, money(most)),),
        findings=(look_again("You agree to more than it costs now.", f"It costs {money(old.plan.price)} now"),)
        if loose and old is not None
        else (),
    )


def _cancel(args: Args, say: Speaker) -> Words:
    song_id, _old = say.plan(args.number("planId"))
    of = say.song(song_id) if song_id else f"plan {args.number('planId')}"
    return Words(
        f"Stop your patronage of {of}",
        f"It is not renewed any more. What you paid for lasts until its end. {NOTHING_MOVES}",
        f"Patronage of {say.bare_song(song_id)} stopped" if song_id else "Patronage stopped",
        activity="patronage",
    )


def on_credit(_args: Args, _say: Speaker) -> Words:
    """Return words for what only the Ledger calls."""
    return Words(
        "Answer the Ledger",
        f"Only the Ledger can do this while it takes a payment; signed by a person it fails. {NOTHING_MOVES}",
        "Answer to the Ledger",
        findings=(look_again("This is not meant to be signed by a person."),),
    )


def _loose(cost: int | None, most: int) -> tuple[Finding, ...]:
    if cost is None or most <= cost:
        return ()
    return (look_again("The request allows more than it costs now.", f"Up to {money(most)} if the price rises first"),)


TABLE: Mapping[tuple[str, str], Callable[[Args, Speaker], Words]] = {
    ("PatronageStrategy", "createPlan(bytes32,uint96,uint8,uint16[4],bool)"): _create,
    ("PatronageStrategy", "updatePlan(uint256,uint96,uint16[4],bool)"): _update,
    ("PatronageStrategy", "subscribe(bytes32,address,uint256,uint256)"): _subscribe,
    ("PatronageStrategy", "subscribeFromPurse(bytes32,address,uint256,uint256)"): partial(_subscribe, from_purse=True),
    ("PatronageStrategy", "renew(bytes32,address,uint256)"): _renew,
    ("PatronageStrategy", "renewMany(uint256,address[])"): _renew_many,
    ("PatronageStrategy", "setAutoRenew(uint256,uint96,bool)"): _set_auto_renew,
    ("PatronageStrategy", "cancel(uint256)"): _cancel,
    ("PatronageStrategy", "onCharged(bytes32,uint256[],uint256)"): on_credit,
    ("PatronageStrategy", "onCredit(bytes)"): on_credit,
    ("PatronageStrategy", "takeFrom(address,uint256)"): on_credit,
}
