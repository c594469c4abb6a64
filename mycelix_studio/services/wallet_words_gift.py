"""Sentences about gifts: what a listen earns, the budget it is paid from, and who counts listens."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mycelix_studio.domain.strategy.gift_economy import GiftTerms
from mycelix_studio.domain.strategy.gift_form import GiftOffer, gift_changes
from mycelix_studio.domain.transaction import ChangeRow, Finding
from mycelix_studio.services.wallet_speech import (
    NOTHING_MOVES,
    Args,
    Speaker,
    Words,
    look_again,
    moment,
    money,
    not_checked,
    vars_of,
)

CGC = "CGC"


def _configure(args: Args, say: Speaker) -> Words:
    song_id, gift = args.text("songId"), args.values["gift_"]
    numbers = [vars_of(gift, name) for name in _FIELDS]
    attestor = vars_of(gift, "attestor")
    assert isinstance(attestor, str)
    per_listen, early_listeners, early_bonus, multiplier, cap = (n for n in numbers if isinstance(n, int))
    wrong = "A listener’s thanks count 1 to 5 times, and a day needs a limit." if not cap or not multiplier else ""
    if wrong:
        return Words(f"Set the thanks for {say.song(song_id)}", wrong, "Thanks for listening", "gift", refused=wrong)
    old = say.terms(song_id)
    offer = GiftOffer(GiftTerms(per_listen, early_listeners, early_bonus, multiplier, cap), attestor)
    name = say.name_of(attestor)
    changes = gift_changes([old.gift if old else None], offer, {attestor: name} if name else {})
    mine = attestor == say.account.address
    return Words(
        f"Set the thanks for {say.song(song_id)}",
        f"Whoever listens to {say.song(song_id)} gets {money(per_listen, CGC)} a listen from your own budget, "
        f"at most {money(cap, CGC)} a day. {'You count' if mine else f'{say.label(attestor)} counts'} the listens. {NOTHING_MOVES}",
        f"Thanks for listening, {say.bare_song(song_id)}",
        activity="gift",
        changes=tuple(ChangeRow(c.label, c.before, c.after) for c in changes),
        people=(("Counts listens", attestor),),
        pays=not mine,
        good_news="Thanks already given are not touched.",
        findings=()
        if mine
        else (look_again("Who counts listens decides what leaves your budget.", "Up to all of it"),),
    )


_FIELDS = ("per_listen", "early_listeners", "early_bonus", "repeat_multiplier", "daily_cap")


def _fund(args: Args, say: Speaker) -> Words:
    song_id, amount = args.text("songId"), args.number("amount")
    return Words(
        f"Put {money(amount, CGC)} into the gift budget of {say.song(song_id)}",
        f"{money(amount, CGC)} leaves your wallet and thanks listeners of {say.song(song_id)}. "
        "The owner of the song can take back what is not used.",
        f"Gift budget of {say.bare_song(song_id)} topped up",
        activity="gift",
        amount=-amount,
        symbol=CGC,
    )


def _withdraw(args: Args, say: Speaker) -> Words:
    song_id, amount, to = args.text("songId"), args.number("amount"), args.text("to")
    mine = to == say.account.address
    return Words(
        f"Take {money(amount, CGC)} out of the gift budget of {say.song(song_id)}",
        f"{money(amount, CGC)} that was not used goes to {'your wallet' if mine else say.who(to)}. "
        "Listeners are thanked from what is left.",
        f"Out of the gift budget of {say.bare_song(song_id)}",
        activity="gift",
        amount=amount if mine else 0,
        symbol=CGC,
        people=() if mine else (("Goes to", to),),
        pays=not mine,
        findings=() if mine else (look_again("It does not go to your own account.", f"It goes to {say.label(to)}"),),
    )


def _claim(args: Args, say: Speaker) -> Words:
    song_id, listener, listens = args.text("songId"), args.text("listener"), args.number("cumulative")
    mine = listener == say.account.address
    return Words(
        f"Collect the thanks for listening to {say.song(song_id)}",
        f"{'You are' if mine else f'{say.label(listener)} is'} thanked for up to {_listens(listens)} of {say.song(song_id)}, "
        f"as was signed by who counts them. It is paid from the artist’s budget. {NOTHING_MOVES}",
        f"Thanks for {say.bare_song(song_id)} collected",
        activity="gift",
        detail="" if mine else say.label(listener),
        people=() if mine else (("Is thanked", listener),),
    )


def listens(args: Args, say: Speaker) -> Words:
    """Return words for the signed count of somebody's listens."""
    song_id, listener, count = args.text("songId"), args.text("listener"), args.number("cumulative")
    terms = say.terms(song_id)
    gift = terms.gift if terms is not None else None
    findings: tuple[Finding, ...] = (
        not_checked("Whether your signature counts.", "The song’s terms could not be read"),
    )
    if gift is not None:
        mine = gift.attestor == say.account.address
        findings = () if mine else (look_again("You do not count this song’s listens.", "The contract will refuse it"),)
    return Words(
        f"Confirm {_listens(count)} of {say.song(song_id)}",
        f"Says that {say.who(listener)} has listened to {say.song(song_id)} {count:,} times in all. With it {say.who(listener)} "
        f"can be thanked from the song’s budget, up to {moment(args.number('deadline'))}.",
        f"Listens of {say.bare_song(song_id)} confirmed",
        activity="gift",
        changes=(ChangeRow("Listens in all", None, f"{count:,}"),),
        people=(("Has listened", listener),),
        findings=findings,
    )


def _listens(count: int) -> str:
    return "1 listen" if count == 1 else f"{count:,} listens"


TABLE: Mapping[tuple[str, str], Callable[[Args, Speaker], Words]] = {
    (
        "GiftEconomyStrategy",
        "configure(bytes32,(uint96,uint96,uint32,uint8,uint96,address))",
    ): _configure,
    ("GiftEconomyStrategy", "fund(bytes32,uint256)"): _fund,
    ("GiftEconomyStrategy", "withdrawUnused(bytes32,uint256,address)"): _withdraw,
    ("GiftEconomyStrategy", "claimListens(bytes32,address,uint64,uint48,bytes)"): _claim,
}
