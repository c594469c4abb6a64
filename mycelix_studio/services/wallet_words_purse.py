"""Sentences about a listener's purse: money put aside for plays, who may sign for it, and signed plays that are paid in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from mycelix_studio.domain.transaction import ChangeRow
from mycelix_studio.errors import Known
from mycelix_studio.services.wallet_speech import (
    NOTHING_MOVES,
    Args,
    Speaker,
    Words,
    look_again,
    moment,
    money,
    not_checked,
)
from mycelix_studio.services.wallet_words_money import pay_stream

NO_CAP = 2**96 - 1
"""A session's cap that stands for none."""
MOST_ROWS = 8
"""More than this are summed up in the dialog; all of them stand in the request."""
COMES_BACK = "What is not used can be taken out again after a waiting time."


def _deposit(args: Args, say: Speaker) -> Words:
    listener, amount = args.text("listener"), args.number("amount")
    mine = listener == say.account.address
    whose = "your purse" if mine else f"the purse of {say.who(listener)}"
    return Words(
        f"Put {money(amount)} into {whose}",
        f"{money(amount)} leaves your wallet and pays for plays from {whose}. "
        + (COMES_BACK if mine else f"It belongs to {say.who(listener)} then."),
        f"Into {'the purse' if mine else whose}",
        activity="purse",
        amount=-amount,
        people=() if mine else (("Gets the money", listener),),
        pays=not mine,
    )


def _pay_prepaid(args: Args, say: Speaker) -> Words:
    said = pay_stream(args, say)
    return replace(said, sentence=f"{said.sentence} It is taken from your purse, not from your wallet.", amount=0)


def _request_withdraw(args: Args, _say: Speaker) -> Words:
    amount = args.number("amount")
    if not amount:
        return Words(
            "Keep everything in your purse",
            f"What was asked out of your purse stays in it. {NOTHING_MOVES}",
            "Stays in the purse",
            activity="purse",
        )
    return Words(
        f"Ask for {money(amount)} out of your purse",
        f"{money(amount)} can be taken out after a day; until then plays you signed can still be paid from it. {NOTHING_MOVES}",
        "Asked out of the purse",
        activity="purse",
        changes=(ChangeRow("Asked out of the purse", None, money(amount)),),
    )


def _withdraw(args: Args, say: Speaker) -> Words:
    to = args.text("to")
    mine = to == say.account.address
    where = "your wallet" if mine else say.who(to)
    return Words(
        "Take money out of your purse",
        f"What you asked for a day ago goes to {where}.",
        "Out of the purse",
        activity="purse",
        people=() if mine else (("Goes to", to),),
        pays=not mine,
    )


def _set_session(args: Args, say: Speaker) -> Words:
    key, expiry, cap = args.text("key"), args.number("expiry"), args.number("cap")
    if not expiry or not cap:
        return Words(
            f"Stop {say.who(key)} from paying for plays",
            f"{say.who(key)} can no longer sign plays that are paid from your purse. {NOTHING_MOVES}",
            "Player stopped",
            activity="purse",
            people=(("May no longer sign", key),),
        )
    if say.is_ours(key):
        limit = "any amount" if cap >= NO_CAP else f"up to {money(cap)} in all"
        return Words(
            f"Let {say.label(key)} charge your purse",
            f"{say.label(key)} may take {limit} out of your purse for what you buy there, until {moment(expiry)}. {NOTHING_MOVES}",
            f"{say.label(key)} allowed",
            activity="purse",
            changes=(
                ChangeRow("At most in all", None, "no limit" if cap >= NO_CAP else money(cap)),
                ChangeRow("Until", None, moment(expiry)),
            ),
            people=(("May charge", key),),
            findings=(look_again("There is no limit.", "Everything in the purse, never more"),)
            if cap >= NO_CAP
            else (),
        )
    return Words(
        f"Let {say.who(key)} pay for plays",
        f"{say.who(key)} may sign plays of up to {money(cap)} in all from your purse, until {moment(expiry)}. {NOTHING_MOVES}",
        "Player allowed",
        activity="purse",
        changes=(ChangeRow("At most in all", None, money(cap)), ChangeRow("Until", None, moment(expiry))),
        people=(("May sign plays", key),),
        pays=True,
        findings=(
            look_again("Whoever holds that key can spend this much.", "Only for plays, and only from your purse"),
        ),
    )


def _settle(args: Args, _say: Speaker) -> Words:
    count = args.length("vouchers")
    plays = "1 list of signed plays" if count == 1 else f"{count} lists of signed plays"
    return Words(
        f"Pay in {plays}",
        f"Each list is charged to the purse of the listener who signed it. One that does not hold is left out. {NOTHING_MOVES}",
        f"{plays} paid in",
        activity="stream",
    )


def voucher(args: Args, say: Speaker) -> Words:
    """Return words for a list of plays that a listener signs."""
    from mycelix_studio.domain.vouchers import unpack_items

    total = args.number("total")
    title = f"Pay {money(total)} for plays"
    try:
        items = unpack_items(bytes.fromhex(args.text("items").removeprefix("0x")))
    except (ValueError, Known):
        wrong = "The list of who is paid cannot be read."
        return Words(title, wrong, "Signed plays", "stream", refused=wrong)
    found = sum(item.amount for item in items)
    if found != total:
        wrong = f"The list adds up to {money(found)}, not to {money(total)}."
        return Words(title, wrong, "Signed plays", "stream", refused=wrong)
    plays = sum(item.count for item in items)
    rows = [ChangeRow(f"Account {i.payee}, {_plays(i.count)}", None, money(i.amount)) for i in items[:MOST_ROWS]]
    if len(items) > MOST_ROWS:
        rest = items[MOST_ROWS:]
        rows.append(ChangeRow(f"{len(rest)} more accounts", None, money(sum(item.amount for item in rest))))
    return Words(
        title,
        f"{money(total)} of your purse is divided among {len(items)} {'account' if len(items) == 1 else 'accounts'} "
        f"for {_plays(plays)}. Nothing is taken from your wallet.",
        f"{_plays(plays)} signed",
        activity="stream",
        changes=tuple(rows),
        findings=(not_checked("Which songs these are.", "The list names who is paid; your player keeps the songs"),),
    )


def _plays(count: int) -> str:
    return "1 play" if count == 1 else f"{count:,} plays"


def _credit_song(args: Args, say: Speaker) -> Words:
    return Words(
        f"Charge {say.label(args.text('payer'))} for {say.song(args.text('songId'))}",
        f"Only a contract can do this, by paying in the same step; signed by a person it fails. {NOTHING_MOVES}",
        "Credit",
        people=(("Would be charged", args.text("payer")),),
        findings=(look_again("This is not meant to be signed by a person."),),
    )


def _charge_purses(args: Args, say: Speaker) -> Words:
    count = args.length("charges")
    return Words(
        f"Charge {'1 purse' if count == 1 else f'{count} purses'} for {say.song(args.text('songId'))}",
        f"Only what their owners allowed you to charge, and only a contract can do it; signed by a person it fails. {NOTHING_MOVES}",
        "Credit",
        findings=(look_again("This is not meant to be signed by a person."),),
    )


def _credit(args: Args, _say: Speaker) -> Words:
    return Words(
        f"Credit account {args.number('payee')}",
        f"Only a contract can do this, by paying in the same step; signed by a person it fails. {NOTHING_MOVES}",
        "Credit",
        findings=(look_again("This is not meant to be signed by a person."),),
    )


TABLE: Mapping[tuple[str, str], Callable[[Args, Speaker], Words]] = {
    ("Ledger", "deposit(address,uint256)"): _deposit,
    ("Ledger", "depositWithPermit(address,uint256,uint256,uint8,bytes32,bytes32)"): _deposit,
    ("Ledger", "payPrepaid(bytes32,uint32,uint256)"): _pay_prepaid,
    ("Ledger", "requestWithdraw(uint96)"): _request_withdraw,
    ("Ledger", "withdraw(address)"): _withdraw,
    ("Ledger", "setSession(address,uint48,uint96)"): _set_session,
    ("Ledger", "settle((address,uint64,uint48,uint96,bytes32,bytes,bytes)[])"): _settle,
    ("Ledger", "credit(uint64,bytes)"): _credit,
    ("Ledger", "chargePurse(bytes32,address,uint256,uint8)"): _credit_song,
    ("Ledger", "chargePurses(bytes32,uint256[],uint8)"): _charge_purses,
    ("Ledger", "creditSong(bytes32,address,uint256,uint8)"): _credit_song,
}
