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
    "AmountTooLarge": lambda v: (f"{_flow(v, 'amount')} is more than the contract can hold.", "Choose less."),
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

_TABLE: dict[str, Callable[[Values], Words]] = {
    "Error": _reason,
    "Panic": _panic,
    **_LEDGER,
    **_FEES_AND_OWNER,
    **_TOKEN,
}
