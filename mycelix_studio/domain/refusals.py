"""One sentence for each way a contract can refuse: what happened with the values that matter, and what to do.

The table's keys are the custom errors of the contracts; a test holds it complete.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from mycelix_studio.domain.money import format_token

Values = Mapping[str, object]
Words = tuple[str, str]


def sentence_of(name: str, values: Values) -> Words:
    """Return (message, hint) for a custom error; a plain one for an unknown error, never an exception."""
    make = _TABLE.get(name)
    if make is None:
        return (f"The contract gave the reason “{name}”." if name else "The contract gave no reason.", "")
    return make(values)


def known_errors() -> frozenset[str]:
    """Return the names the table has words for."""
    return frozenset(_TABLE)


def _number(values: Values, key: str) -> int:
    value = values.get(key)
    return value if isinstance(value, int) else 0


def _flow(values: Values, key: str) -> str:
    return f"{format_token(_number(values, key), 18, strip=True)} FLOW"


def _credits(values: Values, key: str) -> str:
    return f"{format_token(_number(values, key), 18, strip=True)} CGC"


def _percent(values: Values, key: str) -> str:
    return f"{_number(values, key) / 100:g} %"


def _time(values: Values, key: str) -> str:
    seconds = _number(values, key)
    if not 0 < seconds < 2**40:
        return "not known"
    return f"{datetime.fromtimestamp(seconds, UTC):%d %b %Y, %H:%M} UTC"


def _short(values: Values, key: str) -> str:
    text = str(values.get(key, ""))
    return f"{text[:6]}…{text[-4:]}" if len(text) >= 12 else text or "not known"


def _reason(values: Values) -> Words:
    return f"It says: {values.get('reason', '')}", ""


def _panic(values: Values) -> Words:
    return f"A calculation in the contract failed (code {_number(values, 'code'):#x}).", ""


def _plain(message: str, hint: str = "") -> Callable[[Values], Words]:
    return lambda _values: (message, hint)


_STRATEGY_NAMES = {1: "pay per stream", 2: "gift", 4: "patronage", 8: "auction"}
_BAD_SIGNATURE = _plain("The signature is not valid.", "Sign again.")
_BAD_TEXT = _plain("A name in the contract is too long.")

_LEDGER: dict[str, Callable[[Values], Words]] = {
    "NotAllowed": lambda v: (
        f"{_short(v, 'caller')} may not take {_flow(v, 'amount')} out of the purse of {_short(v, 'listener')}, or not any more.",
        "Allow it again, with a later end and a higher limit.",
    ),
    "TooManyCharges": lambda v: (
        f"{_number(v, 'charges')} purses are more than the {_number(v, 'most')} of one round.",
        "Split the round.",
    ),
    "AmountTooLarge": lambda v: (f"{_flow(v, 'amount')} is more than the contract can hold.", "Choose less."),
    "CoinMissing": _plain("A pause needs a coin: 1 wei of the network’s money, sent along.", "Send it along."),
    "CoinRefused": lambda v: (f"The guardian {_short(v, 'guardian')} takes no coin back.", ""),
    "CostsMore": lambda v: (
        f"It costs {_flow(v, 'cost')} now, more than the {_flow(v, 'maxCost')} you allowed.",
        "Look at the new price, then try again.",
    ),
    "FeeNotLower": lambda v: (
        f"The platform fee of today, {_percent(v, 'now_')}, is not below the {_percent(v, 'current')} you have.",
        "Nothing needs to be done.",
    ),
    "InflowsPaused": lambda v: (
        f"Payments are paused until {_time(v, 'until')}. Paying out and withdrawing go on.",
        "Try again after that.",
    ),
    "NotArtist": lambda v: (
        f"Only the artist may change song {_short(v, 'songId')}, and {_short(v, 'caller')} is not.",
        "Choose the account the song was registered with.",
    ),
    "NotGuardian": lambda v: (f"{_short(v, 'caller')} may not pause payments.", ""),
    "NotOfferedTo": lambda v: (
        f"Song {_short(v, 'songId')} was not offered to {_short(v, 'caller')}.",
        "Ask the artist to offer it to this account.",
    ),
    "NothingToClaim": lambda v: (f"Nothing waits for {_short(v, 'recipient')}.", ""),
    "NothingToPay": _plain("There is nothing to pay.", "Choose an amount above 0."),
    "PauseTooLong": lambda v: (
        f"A pause until {_time(v, 'until')} is too long; {_time(v, 'latest')} is the latest.",
        "Choose an earlier end.",
    ),
    "PauseTooSoon": lambda v: (f"The next pause is allowed from {_time(v, 'allowedAt')} on.", "Wait until then."),
    "PriceMissing": _plain("Pay per stream needs a price above 0.", "Set a price, or turn pay per stream off."),
    "ReentrancyGuardReentrantCall": _plain("The contract was called again while it was at work.", ""),
    "SafeERC20FailedOperation": lambda v: (
        f"The token {_short(v, 'token')} did not move.",
        "Look at the balance, and at what the token may be spent by.",
    ),
    "RolesMalformed": _plain("The roles of the people are not laid out as usual.", "Make the request anew."),
    "SignatureExpired": lambda v: (f"The signature was valid until {_time(v, 'deadline')}.", "Sign again."),
    "SignatureInvalid": lambda v: (f"The signature is not one of {_short(v, 'signer')}.", "Sign with that account."),
    "SongExists": lambda v: (f"Song {_short(v, 'songId')} is registered already.", "Change its terms instead."),
    "SongLocked": lambda v: (f"Who gets paid for song {_short(v, 'songId')} was locked and can never change.", ""),
    "SplitLength": lambda v: (
        f"{_number(v, 'recipients')} people, {_number(v, 'shares')} shares, {_number(v, 'roles')} roles: 1 to 100 of each.",
        "Complete the list.",
    ),
    "SplitOther": lambda v: ("These are not the shares the account was made with.", "Sync, then try again."),
    "SplitRecipientZero": lambda v: (f"Person {_number(v, 'index') + 1} has no address.", "Give one."),
    "SplitShareZero": lambda v: (f"Person {_number(v, 'index') + 1} gets 0 %.", "Remove who gets nothing."),
    "SplitSum": lambda v: (f"The shares add up to {_percent(v, 'sum')}, not 100 %.", "Change a share."),
    "StrategyOff": lambda v: (
        f"The song does not earn by {_STRATEGY_NAMES.get(_number(v, 'strategy'), 'this way')}.",
        "Turn it on in Strategies.",
    ),
    "UnknownPayee": lambda v: (f"Nobody gets paid under number {_number(v, 'payee')}.", "Save who gets paid first."),
    "UnknownSong": lambda v: (f"Song {_short(v, 'songId')} is not registered.", "Register it first."),
    "UnknownStrategies": lambda v: (f"There is no way of earning with number {_number(v, 'strategies')}.", ""),
    "ZeroAddress": _plain("An address is missing.", "Give one that is not all zeros."),
}

_FEES_AND_OWNER: dict[str, Callable[[Values], Words]] = {
    "FeeTooHigh": lambda v: (
        f"A fee of {_percent(v, 'feeBps')} is above the highest there can be, {_percent(v, 'max')}.",
        "",
    ),
    "NotDue": lambda v: (
        f"The new fee applies from {_time(v, 'at')} on." if _number(v, "at") else "No new fee is scheduled.",
        "Wait until then." if _number(v, "at") else "",
    ),
    "OwnableInvalidOwner": lambda v: (f"{_short(v, 'owner')} cannot own the contract.", ""),
    "OwnableUnauthorizedAccount": lambda v: (f"{_short(v, 'account')} does not own the contract.", ""),
}

_TOKEN: dict[str, Callable[[Values], Words]] = {
    "ECDSAInvalidSignature": _BAD_SIGNATURE,
    "ECDSAInvalidSignatureLength": _BAD_SIGNATURE,
    "ECDSAInvalidSignatureS": _BAD_SIGNATURE,
    "ERC20InsufficientAllowance": lambda v: (
        f"{_short(v, 'spender')} may spend {_flow(v, 'allowance')}, and {_flow(v, 'needed')} are needed.",
        "Allow it first.",
    ),
    "ERC20InsufficientBalance": lambda v: (
        f"{_short(v, 'sender')} has {_flow(v, 'balance')}, and {_flow(v, 'needed')} are needed.",
        "Add the rest, or choose less.",
    ),
    "ERC20InvalidApprover": lambda v: (f"{_short(v, 'approver')} cannot allow spending.", ""),
    "ERC20InvalidReceiver": lambda v: (f"{_short(v, 'receiver')} cannot receive.", "Choose another address."),
    "ERC20InvalidSender": lambda v: (f"{_short(v, 'sender')} cannot send.", ""),
    "ERC20InvalidSpender": lambda v: (f"{_short(v, 'spender')} cannot be allowed to spend.", ""),
    "ERC2612ExpiredSignature": lambda v: (f"The permit was valid until {_time(v, 'deadline')}.", "Sign a new one."),
    "ERC2612InvalidSigner": lambda v: (
        f"The permit was signed by {_short(v, 'signer')}, not by {_short(v, 'owner')}.",
        "Sign it with the account that pays.",
    ),
    "InvalidAccountNonce": lambda v: (f"The permit of {_short(v, 'account')} was used already.", "Sign a new one."),
    "InvalidShortString": _BAD_TEXT,
    "StringTooLong": _BAD_TEXT,
}

_REFUSED_RENEWAL = {
    1: "nobody subscribed with it",
    2: "it is paid already",
    3: "the week after the paid time is over",
    4: "renewing was switched off",
    5: "the price rose above what was agreed",
    6: "the artist takes no more renewals",
    7: "the money or the allowance is not there",
}


def _refused_renewal(values: Values) -> str:
    why = _REFUSED_RENEWAL.get(_number(values, "reason"), "the contract gave no reason")
    return f"It cannot be renewed for {_short(values, 'patron')}: {why}."


_PURSES_AND_WAYS: dict[str, Callable[[Values], Words]] = {
    "AlreadySubscribed": lambda v: (
        f"{_short(v, 'patron')} is a patron until {_time(v, 'paidThrough')} already.",
        "Renew instead.",
    ),
    "AuctionExists": lambda v: (
        f"Song {_short(v, 'songId')} has auction {_number(v, 'auction')} already.",
        "A second one is possible only when no pass of the first was sold and it is closed.",
    ),
    "BudgetTooLow": lambda v: (
        f"The budget holds {_credits(v, 'budget')}, and {_credits(v, 'needed')} are needed.",
        "Add to the budget.",
    ),
    "Closed": lambda v: (f"Auction {_number(v, 'auction')} is closed.", ""),
    "Committed": lambda v: (f"Renewals can be stopped from {_time(v, 'until')} on.", "Wait until then."),
    "DiscountWrong": lambda v: (
        f"The discount of tier {_number(v, 'tier') + 1} is too small, or above 100 %.",
        "Loyalty never costs more: raise it.",
    ),
    "GiftWrong": _plain("Loyal listens count 1 to 5 times, and a day needs a limit above 0.", "Correct them."),
    "MinimumWrong": lambda v: (
        f"{_number(v, 'periods')} periods cannot be asked for at the start.",
        f"Choose 1 to {_number(v, 'most')}.",
    ),
    "NoAuction": lambda v: (f"Song {_short(v, 'songId')} has no auction.", ""),
    "NoPlan": lambda v: (f"Song {_short(v, 'songId')} takes no patrons.", ""),
    "NotConfigured": lambda v: (f"Song {_short(v, 'songId')} gives no thanks yet.", "Set its gift terms first."),
    "NotLedger": lambda v: (f"Only the Ledger may call this, and {_short(v, 'caller')} is not.", ""),
    "NotRenewable": lambda v: (_refused_renewal(v), ""),
    "NotStarted": lambda v: (f"The auction starts on {_time(v, 'startsAt')}.", "Wait until then."),
    "NotSubscribed": lambda v: (f"{_short(v, 'patron')} is not a patron.", "Subscribe first."),
    "NothingNew": lambda v: (
        f"{_number(v, 'counted')} listens were counted already; {_number(v, 'cumulative')} are not more.",
        "Listen first.",
    ),
    "NothingRequested": lambda v: (
        f"{_short(v, 'listener')} asked for nothing back.",
        "Ask first, withdraw a day later.",
    ),
    "PeriodsWrong": lambda v: (
        f"{_number(v, 'periods')} periods cannot be paid at once.",
        f"Choose {_number(v, 'least')} to {_number(v, 'most')}.",
    ),
    "PlanClosed": lambda v: (f"Plan {_number(v, 'plan')} takes no patrons at the moment.", ""),
    "PlanExists": lambda v: (
        f"Song {_short(v, 'songId')} has plan {_number(v, 'plan')} already.",
        "Change that plan instead.",
    ),
    "PricesWrong": lambda v: (
        f"A price cannot fall from {_flow(v, 'startPrice')} to {_flow(v, 'endPrice')}.",
        "The end price is above 0 and not above the start price; both have at most 9 decimals, up to 72,057,594 FLOW.",
    ),
    "PurseTooLow": lambda v: (
        f"{_flow(v, 'balance')} are paid in, and {_flow(v, 'needed')} are needed.",
        "Pay in the rest, or choose less.",
    ),
    "SoldOut": lambda v: (f"Every pass of auction {_number(v, 'auction')} is sold.", ""),
    "StartsInPast": lambda v: (f"{_time(v, 'startsAt')} is over, or after the year 2500.", "Choose another start."),
    "StillThawing": lambda v: (f"The money can be withdrawn from {_time(v, 'thawsAt')} on.", "Wait until then."),
    "TermsWrong": _plain(
        "An auction needs a duration of at most 8 years and 1 to 16,777,215 passes; a person cannot get more than there are.",
        "Correct them.",
    ),
    "TokenShort": lambda v: (
        f"{_flow(v, 'received')} of {_flow(v, 'expected')} arrived.",
        "The payment token keeps a part of transfers and cannot be used.",
    ),
    "TooFarAhead": lambda v: (f"It is paid until {_time(v, 'paidThrough')}, which is far enough.", "Renew later."),
    "UnknownAuction": lambda v: (f"There is no auction {_number(v, 'auction')}.", ""),
    "UnknownPlan": lambda v: (f"There is no plan {_number(v, 'plan')}.", ""),
    "WalletLimit": lambda v: (
        f"{_short(v, 'wallet')} has the {_number(v, 'limit')} passes one person may get.",
        "",
    ),
}

_PASSES: dict[str, Callable[[Values], Words]] = {
    "ERC1155InsufficientBalance": lambda v: (
        f"{_short(v, 'sender')} has {_number(v, 'balance')} passes, and {_number(v, 'needed')} are needed.",
        "Choose fewer.",
    ),
    "ERC1155InvalidApprover": lambda v: (f"{_short(v, 'approver')} cannot lend passes.", ""),
    "ERC1155InvalidArrayLength": _plain("The two lists are not of one length."),
    "ERC1155InvalidOperator": lambda v: (f"{_short(v, 'operator')} cannot hold passes for others.", ""),
    "ERC1155InvalidReceiver": lambda v: (
        f"{_short(v, 'receiver')} cannot receive a pass.",
        "Choose another address.",
    ),
    "ERC1155InvalidSender": lambda v: (f"{_short(v, 'sender')} cannot send a pass.", ""),
    "ERC1155MissingApprovalForAll": lambda v: (
        f"{_short(v, 'operator')} may not move the passes of {_short(v, 'owner')}.",
        "Only their owner can allow it.",
    ),
    "ERC20ExceededCap": lambda v: (
        f"There would be {_credits(v, 'increasedSupply')}, more than the {_credits(v, 'cap')} there can be.",
        "",
    ),
    "ERC20InvalidCap": _plain("A token cannot be limited to nothing."),
}

_TIMELOCK: dict[str, Callable[[Values], Words]] = {
    "AccessControlBadConfirmation": _plain("A role can be given up only by its holder."),
    "AccessControlUnauthorizedAccount": lambda v: (f"{_short(v, 'account')} may not do this.", ""),
    "FailedCall": _plain("What was to be executed failed."),
    "TimelockInsufficientDelay": lambda v: (
        f"A delay of {_number(v, 'delay')} seconds is shorter than the least, {_number(v, 'minDelay')}.",
        "Choose a longer one.",
    ),
    "TimelockInvalidOperationLength": _plain("The lists of the proposal are not of one length."),
    "TimelockUnauthorizedCaller": lambda v: (f"{_short(v, 'caller')} may not do this.", ""),
    "TimelockUnexecutedPredecessor": _plain("Another proposal has to be executed first."),
    "TimelockUnexpectedOperationState": _plain(
        "The proposal is not in the state for this: not known, not due yet, or done.",
        "Look at its time, then try again.",
    ),
}

_TABLE: dict[str, Callable[[Values], Words]] = {
    "Error": _reason,
    "Panic": _panic,
    **_LEDGER,
    **_FEES_AND_OWNER,
    **_TOKEN,
    **_PURSES_AND_WAYS,
    **_PASSES,
    **_TIMELOCK,
}
