"""Sentences about money: sending, paying, tipping, allowances, and what only owners of contracts can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from mycelix_studio.domain.strategy.shares import format_percent
from mycelix_studio.domain.strategy.typed import flow
from mycelix_studio.domain.transaction import ChangeRow
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


def payment(to: str, amount: int, say: Speaker) -> Words:
    """Return words for a plain payment of the network's own coin."""
    return _send(to, amount, say.native, say)


def _send(to: str, amount: int, symbol: str, say: Speaker) -> Words:
    who = say.who(to)
    title = f"Send {money(amount, symbol)} to {'yourself' if who == 'you' else who}"
    return Words(
        title,
        f"{money(amount, symbol)} leaves your wallet and belongs to {who} for good. It cannot be taken back.",
        f"Send to {say.label(to)}",
        activity="send",
        detail=to,
        amount=0 if who == "you" else -amount,
        symbol=symbol,
        people=(("Goes to", to),),
        pays=True,
    )


def pay_stream(args: Args, say: Speaker) -> Words:
    """Return words for paying streams of a song."""
    song_id, count, most = args.text("songId"), args.number("count"), args.number("maxCost")
    streams = "1 stream" if count == 1 else f"{count} streams"
    old = say.terms(song_id)
    cost = None if old is None else old.price * count
    exact = cost is not None and cost <= most
    sentence = (
        f"Pays {money(cost)} for {streams} of {say.song(song_id)}, {flow(old.price)} each."
        if (exact and old is not None and cost is not None)
        else f"Pays at most {money(most)} for {streams} of {say.song(song_id)}."
    )
    loose = cost is not None and most > cost
    return Words(
        f"Pay for {streams} of {say.song(song_id)}",
        sentence,
        f"{streams} of {say.bare_song(song_id)}",
        activity="stream",
        amount=-(cost if exact and cost is not None else most if most < UNLIMITED else 0),
        findings=(
            look_again("The request allows more than it costs now.", f"Up to {money(most)} if the price rises first"),
        )
        if loose
        else (),
    )


def _tip(args: Args, say: Speaker) -> Words:
    song_id, amount = args.text("songId"), args.number("amount")
    return Words(
        f"Tip {money(amount)} for {say.song(song_id)}",
        f"{money(amount)} goes to the people behind {say.song(song_id)}, for good.",
        f"Tip for {say.bare_song(song_id)}",
        activity="tip",
        amount=-amount,
    )


def _pause_inflows(args: Args, _say: Speaker) -> Words:
    until = args.number("until")
    return Words(
        "Pause new payments" if until else "End the pause of payments",
        f"Nobody can pay or tip until {moment(until)}, at most 7 days. Paying out and collecting go on."
        if until
        else "Paying and tipping work again at once.",
        "Pause of payments",
    )


def _return_coin(_args: Args, _say: Speaker) -> Words:
    return Words(
        "Give the guardian its coin back",
        f"The coin that marked a pause, now over, goes back to the guardian; payments cost less network fee again. {NOTHING_MOVES}",
        "Coin of a pause returned",
    )


def allowance(spender: str, value: int, say: Speaker, symbol: str = "FLOW") -> Words:
    """Return words for letting somebody take a token, by a transaction or by a signed permit."""
    who, ours = say.label(spender), say.is_ours(spender)
    if value == 0:
        return Words(
            f"Stop {who} from taking {symbol}",
            f"{who} can take nothing more from your wallet. {NOTHING_MOVES}",
            f"Allowance ended, {who}",
            activity="purse",
            people=(("May take", spender),),
        )
    findings = []
    if value >= UNLIMITED:
        findings.append(look_again("There is no limit.", f"{who} could take everything you have and will have"))
    if not ours:
        findings.append(
            look_again(f"{who} is not one of our contracts.", "It can take the money at any time without asking")
        )
    sentence = f"{who} may take any amount of {symbol} from your wallet at any time, until you change this."
    if value < UNLIMITED:
        sentence = f"{who} may take up to {money(value, symbol)} from your wallet for what you pay, until you change this. {NOTHING_MOVES}"
    return Words(
        f"Let {who} take {money(value, symbol) if value < UNLIMITED else f'{symbol} without a limit'}",
        sentence,
        f"Allowance for {who}",
        activity="purse",
        changes=(ChangeRow(f"{who} may take", None, "no limit" if value >= UNLIMITED else money(value, symbol)),),
        people=(("May take", spender),),
        pays=not ours,
        findings=tuple(findings),
    )


def _approve(symbol: str, args: Args, say: Speaker) -> Words:
    return allowance(args.text("spender"), args.number("value"), say, symbol)


def _transfer(symbol: str, args: Args, say: Speaker) -> Words:
    return _send(args.text("to"), args.number("value"), symbol, say)


def _transfer_from(symbol: str, args: Args, say: Speaker) -> Words:
    source, to, value = args.text("from"), args.text("to"), args.number("value")
    mine = source == say.account.address
    gain = value if to == say.account.address and not mine else -value if mine and to != source else 0
    amount = money(value, symbol)
    return Words(
        f"Move {amount} from {say.who(source)} to {say.who(to)}",
        f"{amount} of {'your own' if mine else say.who(source)} goes to {say.who(to)}, as was allowed before.",
        f"Moved to {say.label(to)}",
        activity="send",
        detail=to,
        amount=gain,
        symbol=symbol,
        people=(("Taken from", source), ("Goes to", to)),
        pays=True,
    )


def _mint(symbol: str, args: Args, say: Speaker) -> Words:
    to, value = args.text("to"), args.number("amount")
    amount = money(value, symbol)
    return Words(
        f"Make {amount} for {say.who(to)}",
        f"{amount} is made new and belongs to {say.who(to)}. Only the owner of a test token can do this.",
        f"{symbol} made for {say.label(to)}",
        amount=value if to == say.account.address else 0,
        symbol=symbol,
        people=(("Goes to", to),),
    )


def _permit(symbol: str, args: Args, say: Speaker) -> Words:
    owner, spender, value = args.text("owner"), args.text("spender"), args.number("value")
    if owner == say.account.address:
        return allowance(spender, value, say, symbol)
    return Words(
        f"Hand in a permit of {say.who(owner)}",
        f"{say.label(spender)} may take up to {money(value, symbol)} from {say.who(owner)}, who signed for it. {NOTHING_MOVES}",
        f"Permit of {say.label(owner)}",
        activity="purse",
        people=(("Signed by", owner), ("May take", spender)),
    )


def _transfer_ownership(args: Args, say: Speaker) -> Words:
    to = args.text("newOwner")
    return Words(
        f"Give the contract to {say.who(to)}",
        f"{say.label(to)} decides about this contract instead of you. {NOTHING_MOVES}",
        "Contract handed over",
        people=(("New owner", to),),
        pays=True,
        findings=(look_again("You cannot take it back by yourself."),),
    )


def _renounce_ownership(_args: Args, _say: Speaker) -> Words:
    return Words(
        "Give up the contract",
        "Nobody will ever own this contract again. What only its owner can do ends for good.",
        "Contract given up",
        findings=(look_again("This can never be undone."),),
    )


def _accept_ownership(_args: Args, _say: Speaker) -> Words:
    return Words(
        "Take over the contract", f"You decide about this contract from now on. {NOTHING_MOVES}", "Contract taken over"
    )


def _apply_fee(_args: Args, _say: Speaker) -> Words:
    return Words(
        "Put the announced platform fee in force",
        f"The announced fee applies to new accounts; those that exist keep theirs. {NOTHING_MOVES}",
        "Platform fee in force",
    )


def _schedule_fee(args: Args, _say: Speaker) -> Words:
    fee = format_percent(args.number("newFeeBps"))
    return Words(
        f"Announce a platform fee of {fee}",
        f"After the waiting time new accounts pay {fee}; those that exist keep theirs. {NOTHING_MOVES}",
        f"Platform fee of {fee} announced",
        changes=(ChangeRow("Platform fee of new accounts", None, fee),),
    )


def _set_treasury(args: Args, say: Speaker) -> Words:
    to = args.text("newTreasury")
    return Words(
        f"Pay the platform fee to {say.who(to)}",
        f"Platform fees go to {say.who(to)} from now on. {NOTHING_MOVES}",
        "Platform account changed",
        people=(("Gets the fees", to),),
        pays=True,
    )


def _token(contract: str, symbol: str) -> dict[tuple[str, str], Callable[[Args, Speaker], Words]]:
    """Return the sentences of a token of ours."""
    return {
        (contract, "approve(address,uint256)"): partial(_approve, symbol),
        (contract, "transfer(address,uint256)"): partial(_transfer, symbol),
        (contract, "transferFrom(address,address,uint256)"): partial(_transfer_from, symbol),
        (contract, "mint(address,uint256)"): partial(_mint, symbol),
        (contract, "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"): partial(_permit, symbol),
        (contract, "transferOwnership(address)"): _transfer_ownership,
        (contract, "renounceOwnership()"): _renounce_ownership,
    }


TABLE: Mapping[tuple[str, str], Callable[[Args, Speaker], Words]] = {
    ("Ledger", "payStream(bytes32,uint32,uint256)"): pay_stream,
    ("Ledger", "tip(bytes32,uint256)"): _tip,
    ("Ledger", "pauseInflows(uint48)"): _pause_inflows,
    ("Ledger", "returnCoin()"): _return_coin,
    **_token("FlowToken", "FLOW"),
    **_token("CreditToken", "CGC"),
    ("FeePolicy", "acceptOwnership()"): _accept_ownership,
    ("FeePolicy", "applyFee()"): _apply_fee,
    ("FeePolicy", "renounceOwnership()"): _renounce_ownership,
    ("FeePolicy", "scheduleFee(uint16)"): _schedule_fee,
    ("FeePolicy", "setTreasury(address)"): _set_treasury,
    ("FeePolicy", "transferOwnership(address)"): _transfer_ownership,
}
