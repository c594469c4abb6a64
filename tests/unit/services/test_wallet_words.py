"""What the wallet says before signing, for every function of the contracts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mycelix_studio.chain import eip712
from mycelix_studio.chain.abi.gift_economy_strategy import Gift
from mycelix_studio.chain.abi.ledger import Split as LedgerSplit
from mycelix_studio.chain.artifacts import artifact, artifact_names
from mycelix_studio.chain.values import keccak
from mycelix_studio.domain.account import Account, AccountKind, Origin
from mycelix_studio.domain.clock import now
from mycelix_studio.domain.money import Wei
from mycelix_studio.domain.splits import Share, Split
from mycelix_studio.domain.strategy.auction_form import AuctionOffer
from mycelix_studio.domain.strategy.dutch_auction import AuctionTerms
from mycelix_studio.domain.strategy.patronage import Plan
from mycelix_studio.domain.strategy.patronage_form import PlanOffer
from mycelix_studio.domain.strategy.terms import SongTerms
from mycelix_studio.domain.transaction import FindingKind
from mycelix_studio.domain.vouchers import Item, pack_items
from mycelix_studio.services.wallet_messages import DOMAINS
from mycelix_studio.services.wallet_speech import Args, Facts, Speaker, clean, split_of
from mycelix_studio.services.wallet_words import TABLE, in_general, words_of
from mycelix_studio.services.wallet_words_gift import listens
from mycelix_studio.services.wallet_words_money import payment
from mycelix_studio.services.wallet_words_purse import voucher

ROOT = Path(__file__).resolve().parents[3]
ME = "0x7A3e5b0000000000000000000000000000c491Fc"
ILSE = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
LEDGER = "0x4D0b00000000000000000000000000000000FE22"
SONG = "0x" + "5a" * 32
HASH = "0x" + "0f" * 32
FLOW = 10**18
NAMES = {ME: "Main", ILSE: "Ilse Brandt", LEDGER: "Mycelix Ledger"}
BOTH = LedgerSplit((ME, ILSE), (8_500, 1_500))
SHARES = Split((Share(ME, 8_500, "artist"), Share(ILSE, 1_500, "cello")))
PATRONAGE = PlanOffer(Plan(8 * FLOW, 1, (0, 500, 800, 2_000)), True, 4)
AUCTION = AuctionOffer(AuctionTerms(10 * FLOW, FLOW, 7 * 86_400, 100, 3), 0, 6, 37)
FACTS = Facts(
    {SONG: SongTerms(("pay-per-stream",), FLOW // 100, SHARES, 1, 100, False, None, PATRONAGE, AUCTION)},
    {1: SHARES, 2: Split((Share(ILSE, 10_000, ""),))},
    {1: 3 * FLOW},
    {4: SONG},
    {6: SONG},
    {SONG: 5 * FLOW},
    {(SONG, ME): 8 * FLOW, (SONG, ILSE): 76 * FLOW // 10},
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
    ("Ledger", "creditSong(bytes32,address,uint256,uint8)",
     {"songId": SONG, "payer": ILSE, "amount": FLOW, "strategy": 4}, "Charge Ilse Brandt for “Low Lamp”", "Only a contract can do this"),
    ("Ledger", "chargePurse(bytes32,address,uint256,uint8)",
     {"songId": SONG, "payer": ILSE, "amount": FLOW, "strategy": 4}, "Charge Ilse Brandt for “Low Lamp”", "Only a contract can do this"),
    ("Ledger", "chargePurses(bytes32,uint256[],uint8)", {"songId": SONG, "charges": (1, 2), "strategy": 4},
     "Charge 2 purses for “Low Lamp”", "Only what their owners allowed"),
    ("Ledger", "setSession(address,uint48,uint96)", {"key": LEDGER, "expiry": 2_000_000_000, "cap": 5 * FLOW},
     "Let Mycelix Ledger charge your purse", "up to 5.00 FLOW in all out of your purse for what you buy there"),
    ("Ledger", "updateFee()", {}, "Take over the platform fee for new accounts", "those that exist keep theirs"),
    ("Ledger", "returnCoin()", {}, "Give the guardian its coin back", "payments cost less network fee again"),
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
    ("CreditToken", "approve(address,uint256)", {"spender": LEDGER, "value": 5 * FLOW},
     "Let Mycelix Ledger take 5.00 CGC", "may take up to 5.00 CGC"),
    ("CreditToken", "mint(address,uint256)", {"to": ME, "amount": FLOW}, "Make 1.00 CGC for you", "is made new"),
    ("CreditToken", "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
     {"owner": ILSE, "spender": LEDGER, "value": FLOW, "deadline": 1, "v": 27, "r": HASH, "s": HASH},
     "Hand in a permit of Ilse Brandt", "up to 1.00 CGC"),
    ("CreditToken", "renounceOwnership()", {}, "Give up the contract", "Nobody will ever own"),
    ("CreditToken", "transfer(address,uint256)", {"to": ILSE, "value": 34 * FLOW},
     "Send 34.00 CGC to Ilse Brandt", "It cannot be taken back."),
    ("CreditToken", "transferFrom(address,address,uint256)", {"from": ILSE, "to": ME, "value": FLOW},
     "Move 1.00 CGC from Ilse Brandt to you", "as was allowed before"),
    ("CreditToken", "transferOwnership(address)", {"newOwner": ILSE}, "Give the contract to Ilse Brandt", "instead of you"),
    ("GiftEconomyStrategy", "configure(bytes32,(uint96,uint96,uint32,uint8,uint96,address))",
     {"songId": SONG, "gift_": Gift(FLOW, 10 * FLOW, 100, 2, 20 * FLOW, ILSE)},
     "Set the thanks for “Low Lamp”", "gets 1.00 CGC a listen from your own budget, at most 20.00 CGC a day. Ilse Brandt counts"),
    ("GiftEconomyStrategy", "fund(bytes32,uint256)", {"songId": SONG, "amount": 500 * FLOW},
     "Put 500.00 CGC into the gift budget of “Low Lamp”", "leaves your wallet and thanks listeners"),
    ("GiftEconomyStrategy", "withdrawUnused(bytes32,uint256,address)", {"songId": SONG, "amount": FLOW, "to": ME},
     "Take 1.00 CGC out of the gift budget of “Low Lamp”", "goes to your wallet"),
    ("GiftEconomyStrategy", "claimListens(bytes32,address,uint64,uint48,bytes)",
     {"songId": SONG, "listener": ILSE, "cumulative": 12, "deadline": 2_000_000_000, "signature": b""},
     "Collect the thanks for listening to “Low Lamp”", "Ilse Brandt is thanked for up to 12 listens of “Low Lamp”"),
    ("PatronageStrategy", "createPlan(bytes32,uint96,uint8,uint16[4],bool)",
     {"songId": SONG, "price": 10 * FLOW, "minimumPeriods": 3, "tierBps": (0, 500, 1_000, 2_000), "earlyCancel": False},
     "Offer patronage of “Low Lamp”", ("Patrons pay 10.00 FLOW every 30 days and hear “Low Lamp” while they do. "
     "They commit for 90 days at first.")),
    ("PatronageStrategy", "updatePlan(uint256,uint96,uint16[4],bool)",
     {"planId": 4, "price": 10 * FLOW, "tierBps": (0, 500, 1_000, 2_000), "open": True},
     "Change the patronage of “Low Lamp”", "pay 10.00 FLOW every 30 days from their next renewal on"),
    ("PatronageStrategy", "subscribe(bytes32,address,uint256,uint256)",
     {"songId": SONG, "patron": ME, "periods": 2, "maxCost": 16 * FLOW},
     "Become a patron of “Low Lamp”", "Pays 16.00 FLOW for 60 days of “Low Lamp”. It may be renewed at up to 8.00 FLOW"),
    ("PatronageStrategy", "renew(bytes32,address,uint256)", {"songId": SONG, "patron": ILSE, "maxCost": 8 * FLOW},
     "Renew the patronage of Ilse Brandt of “Low Lamp”", "Ilse Brandt pays 7.60 FLOW for 30 more days"),
    ("PatronageStrategy", "renewMany(uint256,address[])", {"planId": 4, "patrons": (ILSE, ME)},
     "Renew 2 patrons of “Low Lamp”", "Charges each who is due, once, as they agreed, 8.00 FLOW or less each."),
    ("PatronageStrategy", "setAutoRenew(uint256,uint96,bool)", {"planId": 4, "maxPrice": 8 * FLOW, "fromPurse": True},
     "Let your patronage of “Low Lamp” renew by itself", "charged up to 8.00 FLOW out of your purse every 30 days"),
    ("PatronageStrategy", "subscribeFromPurse(bytes32,address,uint256,uint256)",
     {"songId": SONG, "patron": ME, "periods": 2, "maxCost": 16 * FLOW},
     "Become a patron of “Low Lamp”", "Pays 16.00 FLOW out of your purse for 60 days of “Low Lamp”."),
    ("PatronageStrategy", "onCharged(bytes32,uint256[],uint256)", {"songId": SONG, "charges": (1,), "refused": 0},
     "Answer the Ledger", "signed by a person it fails"),
    ("PatronageStrategy", "cancel(uint256)", {"planId": 4}, "Stop your patronage of “Low Lamp”", "lasts until its end"),
    ("PatronageStrategy", "onCredit(bytes)", {"data": b""}, "Answer the Ledger", "signed by a person it fails"),
    ("AuctionStrategy", "create(bytes32,uint96,uint96,uint40,uint32,uint32,uint32,uint16)",
     {"songId": SONG, "startPrice": 100 * FLOW, "endPrice": 10 * FLOW, "startsAt": 0, "duration": 7 * 86_400, "supply": 100,
      "perWallet": 3, "royaltyBps": 750},
     "Offer passes of “Low Lamp”", "100 passes of “Low Lamp” for sale, from 100.00 FLOW down to 10.00 FLOW within 7 days."),
    ("AuctionStrategy", "buy(bytes32,address,uint256)", {"songId": SONG, "to": ME, "maxPrice": 5 * FLOW},
     "Buy a pass of “Low Lamp”", "Pays 5.00 FLOW or less for a pass of “Low Lamp”, which you keep for ever"),
    ("AuctionStrategy", "buyFromPurse(bytes32,address,uint256)", {"songId": SONG, "to": ME, "maxPrice": 5 * FLOW},
     "Buy a pass of “Low Lamp”", "Pays 5.00 FLOW or less out of your purse for a pass of “Low Lamp”"),
    ("AuctionStrategy", "close(uint256)", {"id": 6}, "Stop selling passes of “Low Lamp”", "No more passes of “Low Lamp” are sold."),
    ("AuctionStrategy", "safeTransferFrom(address,address,uint256,uint256,bytes)",
     {"from": ME, "to": ILSE, "id": 6, "value": 1, "data": b""},
     "Pass on 1 pass to Ilse Brandt", "1 pass of your own belongs to Ilse Brandt for good"),
    ("AuctionStrategy", "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)",
     {"from": ME, "to": ILSE, "ids": (6, 7), "values": (1, 2), "data": b""},
     "Pass on 3 passes to Ilse Brandt", "3 passes of your own belong to Ilse Brandt for good"),
    ("AuctionStrategy", "setApprovalForAll(address,bool)", {"operator": ILSE, "approved": True},
     "Let Ilse Brandt pass on all your passes", "may move every pass you have and will have"),
    ("AuctionStrategy", "takeFrom(address,uint256)", {"payer": ME, "amount": FLOW}, "Answer the Ledger", "signed by a person it fails"),
    ("PatronageStrategy", "takeFrom(address,uint256)", {"payer": ME, "amount": FLOW}, "Answer the Ledger", "signed by a person it fails"),
    ("TimelockController", "cancel(bytes32)", {"id": HASH}, "Withdraw an announced change", "will not come into force"),
    ("TimelockController", "execute(address,uint256,bytes,bytes32,bytes32)",
     {"target": LEDGER, "value": 0, "payload": b"", "predecessor": HASH, "salt": HASH},
     "Put an announced change in force", "Calls Mycelix Ledger as was announced"),
    ("TimelockController", "executeBatch(address[],uint256[],bytes[],bytes32,bytes32)",
     {"targets": (LEDGER, ILSE), "values": (0, FLOW), "payloads": (b"", b""), "predecessor": HASH, "salt": HASH},
     "Put an announced change in force", "Calls 2 contracts as was announced, if the waiting time is over. 1.00 ETH goes along."),
    ("TimelockController", "grantRole(bytes32,address)", {"role": HASH, "account": ILSE},
     "Give Ilse Brandt a part in changes of the platform", "may announce, carry out or withdraw changes"),
    ("TimelockController", "onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)", {},
     "Answer a token", "signed by a person it changes nothing"),
    ("TimelockController", "onERC1155Received(address,address,uint256,uint256,bytes)", {},
     "Answer a token", "signed by a person it changes nothing"),
    ("TimelockController", "onERC721Received(address,address,uint256,bytes)", {},
     "Answer a token", "signed by a person it changes nothing"),
    ("TimelockController", "renounceRole(bytes32,address)", {"role": HASH, "callerConfirmation": ME},
     "Give up your part in changes of the platform", "You can no longer act on changes."),
    ("TimelockController", "revokeRole(bytes32,address)", {"role": HASH, "account": ILSE},
     "Take Ilse Brandt’s part in changes of the platform", "Ilse Brandt can no longer act on changes."),
    ("TimelockController", "schedule(address,uint256,bytes,bytes32,bytes32,uint256)",
     {"target": LEDGER, "value": 0, "data": b"", "predecessor": HASH, "salt": HASH, "delay": 172_800},
     "Announce a change of the platform", "After 48 hours Mycelix Ledger may be called"),
    ("TimelockController", "scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)",
     {"targets": (LEDGER,), "values": (0,), "payloads": (b"",), "predecessor": HASH, "salt": HASH, "delay": 172_800},
     "Announce a change of the platform", "After 48 hours Mycelix Ledger may be called"),
    ("TimelockController", "updateDelay(uint256)", {"newDelay": 172_800},
     "Wait 48 hours before changes of the platform", "after its own waiting time"),
    ("FeePolicy", "acceptOwnership()", {}, "Take over the contract", "You decide"),
    ("FeePolicy", "applyFee()", {}, "Put the announced platform fee in force", "those that exist keep theirs"),
    ("FeePolicy", "renounceOwnership()", {}, "Give up the contract", "Nobody will ever own"),
    ("FeePolicy", "scheduleFee(uint16)", {"newFeeBps": 250}, "Announce a platform fee of 2.5 %", "new accounts pay 2.5 %"),
    ("FeePolicy", "setTreasury(address)", {"newTreasury": ILSE}, "Pay the platform fee to Ilse Brandt", "go to Ilse Brandt"),
    ("FeePolicy", "transferOwnership(address)", {"newOwner": ILSE}, "Give the contract to Ilse Brandt", "instead of you"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("contract", "signature", "arguments", "title", "part"), CASES, ids=[f"{c[0]}.{c[1].split('(')[0]}" for c in CASES]
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


@pytest.mark.parametrize("contract", artifact_names())
def test_no_function_that_can_be_signed_is_without_words(contract: str) -> None:
    wanted = {e.signature for e in artifact(contract).functions() if e.mutability not in {"view", "pure"}}
    assert wanted == {signature for name, signature in TABLE if name == contract}
    assert wanted == {case[1] for case in CASES if case[0] == contract}


def test_no_message_that_a_contract_takes_is_without_words() -> None:
    """The contracts' own sources name every type that is hashed; the tokens take OpenZeppelin's permit besides."""
    sources = " ".join(path.read_text() for path in (ROOT / "contracts" / "src").rglob("*.sol"))
    written = {text.replace('" "', "") for text in re.findall(r'keccak256\(\s*"(\w+\([^"]+\))"\s*\)', sources)}
    types = {name: f"{name}({','.join(f'{kind} {field}' for field, kind in of)})" for name, of in eip712.TYPES.items()}
    assert written | {types["Permit"]} == set(types.values())
    assert set(DOMAINS) == set(types)
    for name in artifact_names():
        signatures = {entry.signature for entry in artifact(name).functions()}
        takes = {kind for kind, contracts in DOMAINS.items() if name in contracts}
        assert ("eip712Domain()" in signatures) == bool(takes) == (name in eip712.NAMES)
        assert any(each.startswith("permit(") for each in signatures) == ("Permit" in takes)
        code = artifact(name).deployed
        assert {kind for kind, text in types.items() if keccak(text.encode()) in code} == takes


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
    assert "This song can then never have another auction." in titles("AuctionStrategy", "close(uint256)", {"id": 6})
    assert "Renewals stop by themselves for patrons who do not agree." in titles(
        "PatronageStrategy",
        "updatePlan(uint256,uint96,uint16[4],bool)",
        {"planId": 4, "price": 9 * FLOW, "tierBps": (0, 500, 800, 2_000), "open": True},
    )
    assert "The request allows more than it costs now." in titles(
        "AuctionStrategy", "buy(bytes32,address,uint256)", {"songId": SONG, "to": ME, "maxPrice": 9 * FLOW}
    )
    assert "Who counts listens decides what leaves your budget." in titles(
        "GiftEconomyStrategy",
        "configure(bytes32,(uint96,uint96,uint32,uint8,uint96,address))",
        {"songId": SONG, "gift_": Gift(FLOW, 0, 0, 1, FLOW, ILSE)},
    )
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


def test_numbers_the_contracts_would_refuse_are_refused_with_the_reason() -> None:
    wrong = words_of(
        "PatronageStrategy",
        "createPlan(bytes32,uint96,uint8,uint16[4],bool)",
        {"songId": SONG, "price": FLOW, "minimumPeriods": 1, "tierBps": (500, 0, 0, 0), "earlyCancel": True},
        SAY,
    )
    assert "never shrinks with time" in wrong.refused
    wrong = words_of(
        "AuctionStrategy",
        "create(bytes32,uint96,uint96,uint40,uint32,uint32,uint32,uint16)",
        {
            "songId": SONG,
            "startPrice": 1,
            "endPrice": 2,
            "startsAt": 0,
            "duration": 5,
            "supply": 1,
            "perWallet": 0,
            "royaltyBps": 0,
        },
        SAY,
    )
    assert "not above the start price" in wrong.refused


def test_signed_plays_say_who_gets_what_and_must_add_up() -> None:
    packed = "0x" + pack_items([Item(3, 10, Wei(FLOW // 10)), Item(9, 2, Wei(FLOW // 50))]).hex()
    values: dict[str, object] = {"listener": ME, "total": 12 * FLOW // 100, "items": packed, "deadline": 2_000_000_000}
    said = voucher(Args(values), SAY)
    assert said.title == "Pay 0.12 FLOW for plays"
    assert "divided among 2 accounts for 12 plays" in said.sentence
    assert [(row.label, row.after) for row in said.changes] == [
        ("Account 3, 10 plays", "0.10 FLOW"),
        ("Account 9, 2 plays", "0.02 FLOW"),
    ]
    assert "not to 0.13 FLOW" in voucher(Args({**values, "total": 13 * FLOW // 100}), SAY).refused
    assert voucher(Args({**values, "items": packed[:-2]}), SAY).refused
    assert not RESERVED.search(said.title + said.sentence)


def test_counting_listens_says_whether_the_signature_counts() -> None:
    values: dict[str, object] = {"songId": SONG, "listener": ILSE, "cumulative": 12, "deadline": 2_000_000_000}
    said = listens(Args(values), SAY)
    assert said.title == "Confirm 12 listens of “Low Lamp”"
    assert "Ilse Brandt has listened to “Low Lamp” 12 times in all" in said.sentence
    assert [finding.title for finding in said.findings] == ["Whether your signature counts."]
