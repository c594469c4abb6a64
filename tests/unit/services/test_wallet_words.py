"""What the wallet says before signing, for every function of the contracts."""

from __future__ import annotations

import re

import pytest

from mycelix_studio.chain.abi.ledger import Split as LedgerSplit
from mycelix_studio.chain.artifacts import artifact
from mycelix_studio.domain.account import Account, AccountKind, Origin
from mycelix_studio.domain.clock import now
from mycelix_studio.domain.splits import Share, Split
from mycelix_studio.domain.strategy.terms import SongTerms
from mycelix_studio.domain.transaction import FindingKind
from mycelix_studio.services.wallet_speech import Facts, Speaker, clean, split_of
from mycelix_studio.services.wallet_words import TABLE, in_general, words_of
from mycelix_studio.services.wallet_words_money import payment

ME = "0x7A3e5b0000000000000000000000000000c491Fc"
ILSE = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
LEDGER = "0x4D0b00000000000000000000000000000000FE22"
SONG = "0x" + "5a" * 32
HASH = "0x" + "0f" * 32
FLOW = 10**18
NAMES = {ME: "Main", ILSE: "Ilse Brandt", LEDGER: "Mycelix Ledger"}
BOTH = LedgerSplit((ME, ILSE), (8_500, 1_500))
SHARES = Split((Share(ME, 8_500, "artist"), Share(ILSE, 1_500, "cello")))
FACTS = Facts(
    {SONG: SongTerms(("pay-per-stream",), FLOW // 100, SHARES, 1, 100)},
    {1: SHARES, 2: Split((Share(ILSE, 10_000, ""),))},
    {1: 3 * FLOW},
)
SAY = Speaker(
    Account(ME, "Main", AccountKind.KEY, Origin.WORDS, now()),
    lambda address: NAMES.get(address, ""),
    {SONG: "Low Lamp"},
    FACTS,
    lambda _artist, _content: SONG,
    lambda address: address == LEDGER,
)
RESERVED = re.compile(
    r"\b(payee|split|bps|gas|nonce|transaction|broadcast|revert\w*|calldata|hash|0x[0-9a-fA-F]{20,})\b"
)

CASES: list[tuple[str, str, dict[str, object], str, str]] = [
    ("Ledger", "createPayee((address[],uint16[]),string[])", {"split": BOTH, "roles": ("artist", "cello")},
     "Save who gets paid", "you 85 % and Ilse Brandt 15 %"),
    ("Ledger", "lowerFee(uint64)", {"payee": 1}, "Take over the lower platform fee", "It never rises."),
    ("Ledger", "distribute(uint64,(address[],uint16[]),bool)", {"payee": 1, "split": BOTH, "push": True},
     "Pay everyone", "is sent to you 85 % and Ilse Brandt 15 %"),
    ("Ledger", "claim(address)", {"to": ME}, "Collect what waits for you", "goes to your wallet"),
    ("Ledger", "register(bytes32,uint64,uint128,uint8)",
     {"contentHash": HASH, "payee": 1, "price": FLOW // 100, "strategies": 1},
     "Register “Low Lamp”", "It earns by: Pay per stream, 0.01 FLOW a stream; it pays you 85 % and Ilse Brandt 15 %."),
    ("Ledger", "registerFor(address,bytes32,uint64,uint128,uint8,uint256,bytes)",
     {"artist": ILSE, "contentHash": HASH, "payee": 2, "price": 0, "strategies": 0, "deadline": 2_000_000_000, "signature": b""},
     "Register “Low Lamp” for Ilse Brandt", "belongs to Ilse Brandt on chain"),
    ("Ledger", "setPrice(bytes32,uint128)", {"songId": SONG, "price": FLOW // 50},
     "Change the price of “Low Lamp”", "costs 0.02 FLOW from now on"),
    ("Ledger", "setPayee(bytes32,uint64)", {"songId": SONG, "payee": 2},
     "Change who gets paid for “Low Lamp”", "divided like this: Ilse Brandt 100 %"),
    ("Ledger", "setStrategies(bytes32,uint8)", {"songId": SONG, "strategies": 5},
     "Change how “Low Lamp” earns", "earns by pay per stream and patronage"),
    ("Ledger", "lockSplit(bytes32)", {"songId": SONG}, "Lock who gets paid for “Low Lamp”", "Nobody, not even you"),
    ("Ledger", "offerSong(bytes32,address)", {"songId": SONG, "to": ILSE},
     "Offer “Low Lamp” to Ilse Brandt", "belongs to them"),
    ("Ledger", "acceptSong(bytes32)", {"songId": SONG}, "Take over “Low Lamp”", "belongs to you from now on"),
    ("Ledger", "payStream(bytes32,uint32,uint256)", {"songId": SONG, "count": 3, "maxCost": FLOW * 3 // 100},
     "Pay for 3 streams of “Low Lamp”", "Pays 0.03 FLOW for 3 streams of “Low Lamp”, 0.01 FLOW each."),
    ("Ledger", "tip(bytes32,uint256)", {"songId": SONG, "amount": 2 * FLOW},
     "Tip 2.00 FLOW for “Low Lamp”", "2.00 FLOW goes to the people behind “Low Lamp”"),
    ("Ledger", "pauseInflows(uint48)", {"until": 2_000_000_000}, "Pause new payments", "until 18 May 2033, 03:33 UTC"),
    ("Ledger", "deposit(address,uint256)", {"listener": ME, "amount": 2 * FLOW}, "Put 2.00 FLOW into your purse", "pays for plays"),
    ("Ledger", "depositWithPermit(address,uint256,uint256,uint8,bytes32,bytes32)",
     {"listener": ILSE, "amount": FLOW, "deadline": 2_000_000_000, "v": 27, "r": HASH, "s": HASH},
     "Put 1.00 FLOW into the purse of Ilse Brandt", "It belongs to Ilse Brandt then."),
    ("Ledger", "payPrepaid(bytes32,uint32,uint256)", {"songId": SONG, "count": 3, "maxCost": FLOW * 3 // 100},
     "Pay for 3 streams of “Low Lamp”", "from your purse, not from your wallet"),
    ("Ledger", "requestWithdraw(uint96)", {"amount": FLOW}, "Ask for 1.00 FLOW out of your purse", "after a day"),
    ("Ledger", "withdraw(address)", {"to": ME}, "Take money out of your purse", "goes to your wallet"),
    ("Ledger", "setSession(address,uint48,uint96)", {"key": ILSE, "expiry": 2_000_000_000, "cap": 5 * FLOW},
     "Let Ilse Brandt pay for plays", "up to 5.00 FLOW in all"),
    ("Ledger", "settle((address,uint64,uint48,uint96,bytes32,bytes,bytes)[])", {"vouchers": ((), ())},
     "Pay in 2 lists of signed plays", "charged to the purse"),
    ("Ledger", "credit(uint64,bytes)", {"payee": 3, "data": b""}, "Credit account 3", "Only a contract can do this"),
    ("FlowToken", "approve(address,uint256)", {"spender": LEDGER, "value": 5 * FLOW},
     "Let Mycelix Ledger take 5.00 FLOW", "may take up to 5.00 FLOW"),
    ("FlowToken", "mint(address,uint256)", {"to": ME, "amount": FLOW}, "Make 1.00 FLOW for you", "is made new"),
    ("FlowToken", "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
     {"owner": ILSE, "spender": LEDGER, "value": FLOW, "deadline": 1, "v": 27, "r": HASH, "s": HASH},
     "Hand in a permit of Ilse Brandt", "who signed for it"),
    ("FlowToken", "renounceOwnership()", {}, "Give up the contract", "Nobody will ever own"),
    ("FlowToken", "transfer(address,uint256)", {"to": ILSE, "value": 34 * FLOW},
     "Send 34.00 FLOW to Ilse Brandt", "It cannot be taken back."),
    ("FlowToken", "transferFrom(address,address,uint256)", {"from": ILSE, "to": ME, "value": FLOW},
     "Move 1.00 FLOW from Ilse Brandt to you", "as was allowed before"),
    ("FlowToken", "transferOwnership(address)", {"newOwner": ILSE}, "Give the contract to Ilse Brandt", "instead of you"),
    ("FeePolicy", "acceptOwnership()", {}, "Take over the contract", "You decide"),
    ("FeePolicy", "applyFee()", {}, "Put the announced platform fee in force", "those that exist keep theirs"),
    ("FeePolicy", "renounceOwnership()", {}, "Give up the contract", "Nobody will ever own"),
    ("FeePolicy", "scheduleFee(uint16)", {"newFeeBps": 250}, "Announce a platform fee of 2.5 %", "new accounts pay 2.5 %"),
    ("FeePolicy", "setTreasury(address)", {"newTreasury": ILSE}, "Pay the platform fee to Ilse Brandt", "go to Ilse Brandt"),
    ("FeePolicy", "transferOwnership(address)", {"newOwner": ILSE}, "Give the contract to Ilse Brandt", "instead of you"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("contract", "signature", "arguments", "title", "part"), CASES, ids=[c[1].split("(")[0] for c in CASES]
)
def test_every_function_is_said_in_an_artists_words(
    contract: str, signature: str, arguments: dict[str, object], title: str, part: str
) -> None:
    said = words_of(contract, signature, arguments, SAY)
    assert said.title == title
    assert part in said.sentence
    shown = " ".join([said.title, said.sentence, said.row, said.good_news, *(r.label + r.after for r in said.changes)])
    assert not RESERVED.search(shown), shown
    assert said.refused == ""


@pytest.mark.parametrize("contract", ["Ledger", "FlowToken", "FeePolicy"])
def test_no_function_that_can_be_signed_is_without_words(contract: str) -> None:
    wanted = {e.signature for e in artifact(contract).functions() if e.mutability not in {"view", "pure"}}
    assert wanted == {signature for name, signature in TABLE if name == contract}
    assert wanted == {case[1] for case in CASES if case[0] == contract}


def test_a_function_without_words_shows_every_value_and_says_so() -> None:
    said = in_general("Gifts", "fundMore(uint256)", {"amount": 5})
    assert said.title == "Fund more"
    assert [(row.label, row.after) for row in said.changes] == [("amount", "5")]
    assert said.findings[0].kind is FindingKind.LOOK_AGAIN


def test_what_a_person_must_not_miss_is_said() -> None:
    def titles(contract: str, signature: str, arguments: dict[str, object]) -> list[str]:
        return [finding.title for finding in words_of(contract, signature, arguments, SAY).findings]

    assert "There is no limit." in titles(
        "FlowToken", "approve(address,uint256)", {"spender": LEDGER, "value": 2**256 - 1}
    )
    assert "Ilse Brandt is not one of our contracts." in titles(
        "FlowToken", "approve(address,uint256)", {"spender": ILSE, "value": 1}
    )
    assert "You are not among those who get paid." in titles(
        "Ledger",
        "register(bytes32,uint64,uint128,uint8)",
        {"contentHash": HASH, "payee": 2, "price": 0, "strategies": 0},
    )
    assert "Who gets paid." in titles(
        "Ledger",
        "register(bytes32,uint64,uint128,uint8)",
        {"contentHash": HASH, "payee": 9, "price": 0, "strategies": 0},
    )
    assert "The new price is more than ten times the old one." in titles(
        "Ledger", "setPrice(bytes32,uint128)", {"songId": SONG, "price": FLOW}
    )
    assert "The request allows more than it costs now." in titles(
        "Ledger", "payStream(bytes32,uint32,uint256)", {"songId": SONG, "count": 1, "maxCost": FLOW}
    )
    assert "It does not go to your own account." in titles("Ledger", "claim(address)", {"to": ILSE})
    assert "This can never be undone." in titles("Ledger", "lockSplit(bytes32)", {"songId": SONG})


@pytest.mark.parametrize(
    ("to", "bps", "says"),
    [
        ([ME, ILSE], [8_000, 1_999], "99.99 %"),
        ([ME], [10_000, 1], "more people than shares"),
        (["0x" + "0" * 40], [10_000], "no address"),
        ([ME, ME], [5_000, 5_000], "one share only"),
    ],
)
def test_shares_that_are_no_whole_are_refused_with_the_reason(to: list[str], bps: list[int], says: str) -> None:
    found, why = split_of(to, bps)
    assert found is None
    assert says in why
    arguments: dict[str, object] = {"split": LedgerSplit(tuple(to), tuple(bps)), "roles": tuple("x" for _ in to)}
    assert words_of("Ledger", "createPayee((address[],uint16[]),string[])", arguments, SAY).refused == why


def test_a_hostile_role_cannot_change_how_the_rest_is_read() -> None:
    assert clean("cello\u202e%001\u200b\n") == "cello%001"
    assert len(clean("x" * 500)) == 60
    assert "\u202e" not in payment(ILSE, 5, SAY).sentence


def test_money_that_leaves_is_negative_and_money_that_comes_is_positive() -> None:
    assert payment(ILSE, 5, SAY).amount == -5
    assert payment(ME, 5, SAY).amount == 0
    move = "transferFrom(address,address,uint256)"
    assert words_of("FlowToken", move, {"from": ILSE, "to": ME, "value": 5}, SAY).amount == 5
    assert words_of("FlowToken", move, {"from": ME, "to": ILSE, "value": 5}, SAY).amount == -5
    pay = words_of(
        "Ledger", "payStream(bytes32,uint32,uint256)", {"songId": SONG, "count": 1, "maxCost": 2**256 - 1}, SAY
    )
    assert pay.amount == -FLOW // 100
