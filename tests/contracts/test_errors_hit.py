"""Every refusal of our contracts is provoked by a forge test that names it, and each mistake of the first attempt has its test."""

from __future__ import annotations

import re
from pathlib import Path

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"


def _text(folder: str) -> str:
    return "\n".join(path.read_text() for path in sorted((CONTRACTS / folder).rglob("*.sol")))


def test_every_custom_error_is_provoked() -> None:
    declared = set(re.findall(r"^\s*error (\w+)\(", _text("src"), re.MULTILINE))
    thrown = set(re.findall(r"\brevert (?:\w+\.)?(\w+)\(", _text("src")))
    expected = set(re.findall(r"\b\w+\.(\w+)\.selector", _text("test")))
    assert len(declared) > 50
    assert declared - expected == set()
    assert declared - thrown == set(), "declared, but nothing throws it"


MISTAKES = {
    "paying exactly the advertised price reverts": "exactlyTheAdvertisedPriceIsEnough",
    "a free listen is impossible": "listeningToAGiftIsFree",
    "a paid stream on a gift song stays in the router": "aPaidStreamOnAGiftSongIsRefusedAndNothingMoves",
    "anyone overwrites any terms": "onlyTheArtistSetsTerms",
    "1 wei buys a full subscription": "lessThanThePriceBuysNothing",
    "song ids can be squatted": "nobodyTakesAnotherArtistsId",
    "one recipient that rejects tokens bricks a song": "oneRejectingRecipientDoesNotBrickASong",
    "unlimited reward minting": "rewardsArePaidFromABudgetNeverMinted",
    "minimum duration bypassed through a caller-chosen song": "theMinimumIsThePlansOwn",
    "loyalty counts elapsed, not paid, time": "elapsedTimeIsNoLoyalty",
    "paying every 37 days is accepted for ever": "payingEvery37DaysLapses",
    "an auction can be created anew after sales": "noSecondAuctionAfterASale",
    "refunds unreachable, or paid from others' tokens": "termsAreFixedAndNothingIsLeftToRefund",
    "history arrays without bound": "theHundredthPaymentCostsNoMoreThanTheThird",
    "switching strategy bricks payments": "switchingStrategyTouchesNoMoney",
    "rounding dust stays behind": "noDustStaysBehind",
    "protocol fee bypassed by two of four strategies": "streamsAndTipsPayTheSameFee",
    "isAuthorized true for everyone": "nobodyHasAccessUnpaid",
    "revenue figures computed from the start price": "whatIsEarnedIsWhatWasPaid",
    "tokens without a return value fail": "aTokenWithoutReturnValueWorks",
    "a batch is all or nothing": "aBadVoucherStopsNoOther",
    "no price limit for the payer": "aPriceRiseOnTheWayIsRefused",
}


def test_every_mistake_of_the_first_attempt_has_its_test() -> None:
    named = set(re.findall(r"function test_regression_(\w+)\(", _text("test")))
    assert set(MISTAKES.values()) - named == set()


DECLARED = re.compile(r"^\s*(function|event|error|struct|enum)\s+\w+|^\s*[^/*]*\bpublic\b[^(){]*;")


def test_everything_public_says_what_it_means() -> None:
    silent = []
    for path in sorted((CONTRACTS / "src").rglob("*.sol")):
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            if not DECLARED.match(line):
                continue
            head = re.split(r"[{;]", " ".join(lines[number : number + 12]), maxsplit=1)[0]
            if line.lstrip().startswith("function") and not re.search(r"\b(public|external)\b", head):
                continue
            above = next(each.strip() for each in reversed(lines[:number]) if not re.match(r"\s*//[^/]", each))
            if not above.startswith("///"):
                silent.append(f"{path.name}:{number + 1} {line.strip()}")
    assert silent == []
