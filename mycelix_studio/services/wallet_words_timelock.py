"""Sentences about the waiting time before the platform may change its fee. Artists never sign these; owners of a platform do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mycelix_studio.domain.transaction import ChangeRow
from mycelix_studio.services.wallet_speech import NOTHING_MOVES, Args, Speaker, Words, look_again, money

CHANGES_LATER = "What it will do then is not decoded here: read the values under Technical details."


def _wait(seconds: int) -> str:
    hours = seconds // 3_600
    return f"{hours} hours" if hours else f"{seconds} seconds"


def _schedule(args: Args, say: Speaker) -> Words:
    targets = (args.text("target"),) if "target" in args.values else args.texts("targets")
    delay = _wait(args.number("delay"))
    return Words(
        "Announce a change of the platform",
        f"After {delay} {_named(targets, say)} may be called with the values below. {NOTHING_MOVES}",
        "Change of the platform announced",
        changes=(ChangeRow("Waits at least", None, delay),),
        people=tuple(("Will be called", target) for target in targets),
        findings=(look_again("Studio does not decode what is announced.", CHANGES_LATER),),
    )


def _execute(args: Args, say: Speaker) -> Words:
    targets = (args.text("target"),) if "target" in args.values else args.texts("targets")
    sent = args.number("value") if "value" in args.values else sum(args.numbers("values"))
    moves = NOTHING_MOVES if not sent else f"{money(sent, say.native)} goes along."
    return Words(
        "Put an announced change in force",
        f"Calls {_named(targets, say)} as was announced, if the waiting time is over. {moves}",
        "Announced change in force",
        people=tuple(("Is called", target) for target in targets),
        findings=(look_again("Studio does not decode what was announced.", CHANGES_LATER),),
    )


def _cancel(_args: Args, _say: Speaker) -> Words:
    return Words(
        "Withdraw an announced change", f"It will not come into force. {NOTHING_MOVES}", "Announced change withdrawn"
    )


def _grant(args: Args, say: Speaker) -> Words:
    account = args.text("account")
    return Words(
        f"Give {say.who(account)} a part in changes of the platform",
        f"{say.label(account)} may announce, carry out or withdraw changes. {NOTHING_MOVES}",
        f"Part given to {say.label(account)}",
        people=(("Gets a part", account),),
        pays=True,
        findings=(look_again("Which part it is stands under Technical details."),),
    )


def _take(args: Args, say: Speaker) -> Words:
    own = "callerConfirmation" in args.values
    account = args.text("callerConfirmation" if own else "account")
    return Words(
        "Give up your part in changes of the platform"
        if own
        else f"Take {say.who(account)}’s part in changes of the platform",
        f"{'You' if own else say.label(account)} can no longer act on changes. {NOTHING_MOVES}",
        "Part given up" if own else f"Part taken from {say.label(account)}",
        people=(("Loses a part", account),),
        findings=(look_again("You cannot take it back by yourself."),) if own else (),
    )


def _update_delay(args: Args, _say: Speaker) -> Words:
    delay = _wait(args.number("newDelay"))
    return Words(
        f"Wait {delay} before changes of the platform",
        f"Only the waiting room itself can do this, after its own waiting time. {NOTHING_MOVES}",
        "Waiting time changed",
        changes=(ChangeRow("Waits at least", None, delay),),
    )


def _received(_args: Args, _say: Speaker) -> Words:
    return Words(
        "Answer a token",
        f"Only a token does this while it is sent; signed by a person it changes nothing. {NOTHING_MOVES}",
        "Answer to a token",
        findings=(look_again("This is not meant to be signed by a person."),),
    )


def _named(targets: tuple[str, ...], say: Speaker) -> str:
    return say.label(targets[0]) if len(targets) == 1 else f"{len(targets)} contracts"


_TABLE: Mapping[str, Callable[[Args, Speaker], Words]] = {
    "cancel(bytes32)": _cancel,
    "execute(address,uint256,bytes,bytes32,bytes32)": _execute,
    "executeBatch(address[],uint256[],bytes[],bytes32,bytes32)": _execute,
    "grantRole(bytes32,address)": _grant,
    "onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)": _received,
    "onERC1155Received(address,address,uint256,uint256,bytes)": _received,
    "onERC721Received(address,address,uint256,bytes)": _received,
    "renounceRole(bytes32,address)": _take,
    "revokeRole(bytes32,address)": _take,
    "schedule(address,uint256,bytes,bytes32,bytes32,uint256)": _schedule,
    "scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)": _schedule,
    "updateDelay(uint256)": _update_delay,
}
TABLE: Mapping[tuple[str, str], Callable[[Args, Speaker], Words]] = {
    ("TimelockController", signature): said for signature, said in _TABLE.items()
}
