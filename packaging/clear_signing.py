"""Writes `resources/contracts/erc7730/`: what a hardware wallet shows before it signs (ERC-7730), from the contracts' own ABI.

Run `python packaging/clear_signing.py` after a contract or a deployment changed; a test fails while a file is stale. A function without an
intent here and a parameter without a label stop it, so that no request is ever shown without words.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mycelix_studio.chain.artifacts import AbiEntry, AbiType, artifact  # noqa: E402
from mycelix_studio.chain.eip712 import TYPES  # noqa: E402

OUT = ROOT / "resources" / "contracts" / "erc7730"
DEPLOYMENTS = ROOT / "resources" / "contracts" / "deployments"
SCHEMA = "https://eips.ethereum.org/assets/eip-7730/erc7730-v1.schema.json"
LOCAL_CHAIN = 31_337

FLOW: dict[str, Any] = {"format": "unit", "params": {"base": "FLOW", "decimals": 18, "prefix": False}}
CGC: dict[str, Any] = {"format": "unit", "params": {"base": "CGC", "decimals": 18, "prefix": False}}
BPS: dict[str, Any] = {"format": "unit", "params": {"base": "%", "decimals": 2, "prefix": False}}
TIME: dict[str, Any] = {"format": "date", "params": {"encoding": "timestamp"}}
SECONDS: dict[str, Any] = {"format": "duration"}
WHO: dict[str, Any] = {
    "format": "addressName",
    "params": {"types": ["eoa", "wallet", "contract"], "sources": ["local", "ens"]},
}
RAW: dict[str, Any] = {"format": "raw"}

INTENTS: dict[str, dict[str, str]] = {
    "Ledger": {
        "acceptSong": "Take over a song", "claim": "Collect what waits for you", "createPayee": "Save who gets paid",
        "credit": "Pay in through the open port", "creditSong": "Charge a listener for a song",
        "chargePurse": "Charge a purse for a song", "chargePurses": "Charge purses for a song", "deposit": "Put money into a purse",
        "depositWithPermit": "Put money into a purse", "distribute": "Pay everyone", "lockSplit": "Lock who gets paid for good",
        "lowerFee": "Take over the lower platform fee", "offerSong": "Offer a song to another artist", "pauseInflows": "Pause new payments",
        "payPrepaid": "Pay for streams from your purse", "payStream": "Pay for streams", "register": "Register a song",
        "registerFor": "Register a song for its artist", "requestWithdraw": "Ask for money out of your purse",
        "returnCoin": "Give the guardian its coin back", "setPayee": "Change who gets paid", "setPrice": "Change the price of a stream",
        "setSession": "Let somebody pay from your purse", "setStrategies": "Change how a song earns",
        "settle": "Charge signed plays",
        "tip": "Tip a song", "updateFee": "Take over the fee for new accounts", "withdraw": "Take money out of your purse",
    },
    "PatronageStrategy": {
        "cancel": "Stop renewals", "createPlan": "Offer patronage", "onCharged": "Answer the Ledger",
        "onCredit": "Answer the Ledger", "renew": "Renew patronage",
        "renewMany": "Renew patrons who are due", "setAutoRenew": "Let keepers renew", "subscribe": "Become a patron",
        "subscribeFromPurse": "Become a patron, paid from your purse",
        "takeFrom": "Answer the Ledger", "updatePlan": "Change patronage",
    },
    "AuctionStrategy": {
        "buy": "Buy a pass", "buyFromPurse": "Buy a pass, paid from your purse", "close": "Sell no more passes",
        "create": "Offer passes", "safeBatchTransferFrom": "Pass on passes",
        "safeTransferFrom": "Pass on a pass", "setApprovalForAll": "Let somebody move your passes", "takeFrom": "Answer the Ledger",
    },
    "GiftEconomyStrategy": {
        "claimListens": "Collect thanks for listening", "configure": "Set the thanks for a song", "fund": "Fill a gift budget",
        "withdrawUnused": "Take back a gift budget",
    },
}  # fmt: skip

LABELS: dict[str, tuple[str, dict[str, Any]]] = {
    "amount": ("Amount", FLOW), "approved": ("Allowed", RAW), "artist": ("Artist", WHO), "attestor": ("Counts listens", WHO),
    "bps": ("Share", BPS), "cap": ("At most", FLOW), "charges": ("Purses and amounts", RAW), "fromPurse": ("Paid from the purse", RAW),
    "refused": ("Left out", RAW), "contentHash": ("Fingerprint of the audio", RAW), "count": ("Streams", RAW),
    "cumulative": ("Listens in all", RAW), "dailyCap": ("At most a day", CGC), "data": ("Data", RAW), "deadline": ("Until", TIME),
    "duration": ("The price falls for", SECONDS), "earlyBonus": ("Early bonus", CGC), "earlyCancel": ("May stop early", RAW),
    "earlyListeners": ("Early listeners", RAW), "endPrice": ("Price at the end", FLOW), "expiry": ("Until", TIME),
    "from": ("Taken from", WHO),
    "id": ("Auction", RAW), "ids": ("Auctions", RAW), "items": ("Accounts and amounts", RAW), "key": ("Key", WHO),
    "listener": ("Listener", WHO),
    "maxCost": ("At most", FLOW), "maxPrice": ("At most", FLOW), "minimumPeriods": ("Periods at first", RAW), "nonce": ("Number", RAW),
    "open": ("Takes patrons", RAW),
    "operator": ("May move them", WHO), "patron": ("Patron", WHO), "patrons": ("Patrons", WHO),
    "payee": ("Account", RAW), "payer": ("Pays", WHO), "perListen": ("A listen", CGC), "perWallet": ("Passes a person", RAW),
    "periods": ("Periods of 30 days", RAW), "planId": ("Plan", RAW), "playsHash": ("List of plays", RAW), "price": ("Price", FLOW),
    "push": ("Send at once", RAW), "r": ("Permit", RAW), "repeatMultiplier": ("Times from the sixth", RAW), "roles": ("Role", RAW),
    "royaltyBps": ("Asked of a resale", BPS), "s": ("Permit", RAW), "signature": ("Signature", RAW), "songId": ("Song", RAW),
    "startPrice": ("Price at the start", FLOW), "startsAt": ("Starts", TIME), "strategies": ("Ways to earn", RAW),
    "strategy": ("Way to earn", RAW),
    "supply": ("Passes", RAW), "tierBps": ("Discount", BPS), "to": ("To", WHO), "total": ("Total", FLOW), "until": ("Until", TIME),
    "v": ("Permit", RAW), "value": ("Passes", RAW), "values": ("Passes", RAW),
}  # fmt: skip
DOMAIN = (("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address"))
IN_CGC = frozenset({"GiftEconomyStrategy"})
MESSAGES: dict[str, tuple[str, dict[str, str]]] = {
    "Mycelix Ledger": ("Ledger", {"Voucher": "Pay for plays", "Register": "Let somebody register your song"}),
    "Mycelix Gift": ("GiftEconomyStrategy", {"Listens": "Attest listens"}),
}


def fields_of(contract: str, parts: tuple[AbiType, ...], path: str = "") -> list[dict[str, Any]]:
    """Return a field for every parameter, structs opened and lists marked."""
    found: list[dict[str, Any]] = []
    for part in parts:
        where = f"{path}{part.name}"
        many = ".[]" * part.type.count("[")
        if part.parts:
            found += fields_of(contract, part.parts, f"{where}{many}.")
        else:
            found.append(field(contract, part.name, where + many))
    return found


def field(contract: str, name: str, path: str) -> dict[str, Any]:
    """Return label and format of one value."""
    label, shown = LABELS[name]
    if shown is FLOW and contract in IN_CGC:
        shown = CGC
    return {"path": path, "label": label, **shown}


def declaration(entry: AbiEntry) -> str:
    """Return a function as the standard names it: types with the names of parameters."""
    return f"{entry.name}({','.join(_declared(part) for part in entry.inputs)})"


def _declared(part: AbiType) -> str:
    if not part.parts:
        return f"{part.type} {part.name}"
    return f"({','.join(_declared(inner) for inner in part.parts)}){part.type.removeprefix('tuple')} {part.name}"


def deployments(contract: str) -> list[dict[str, Any]]:
    """Return where a contract lies, by the shipped deployments."""
    read = [json.loads(path.read_text()) for path in sorted(DEPLOYMENTS.glob("*.json"))]
    return [
        {"chainId": each["chainId"], "address": each["contracts"][contract]}
        for each in read
        if each["chainId"] != LOCAL_CHAIN and contract in each["contracts"]
    ]


def of_calls(contract: str) -> dict[str, Any]:
    """Return the descriptor of a contract's requests."""
    changing = [entry for entry in artifact(contract).functions() if entry.mutability not in {"view", "pure"}]
    formats = {
        declaration(entry): {"intent": INTENTS[contract][entry.name], "fields": fields_of(contract, entry.inputs)}
        for entry in changing
    }
    names = {entry.name for entry in changing}
    raw = json.loads((ROOT / "resources" / "contracts" / "artifacts" / f"{contract}.json").read_text())["abi"]
    abi = [each for each in raw if each["type"] == "function" and each["name"] in names]
    context = {"$id": f"Mycelix {contract}", "contract": {"abi": abi, "deployments": deployments(contract)}}
    return _whole(context, formats)


def of_messages(domain: str) -> dict[str, Any]:
    """Return the descriptor of a contract's signed messages."""
    contract, intents = MESSAGES[domain]
    formats = {
        primary: {"intent": intent, "fields": [field("", name, name) for name, _kind in TYPES[primary]]}
        for primary, intent in intents.items()
    }
    schemas = [
        {"primaryType": primary, "types": {"EIP712Domain": _members(DOMAIN), primary: _members(TYPES[primary])}}
        for primary in intents
    ]
    bound = {"domain": {"name": domain, "version": "1"}, "schemas": schemas, "deployments": deployments(contract)}
    return _whole({"$id": f"{domain}, messages", "eip712": bound}, formats)


def _members(fields: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in fields]


def _whole(context: dict[str, Any], formats: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": SCHEMA, "context": context, "metadata": {"owner": "Mycelix"}, "display": {"formats": formats}}


def files() -> dict[str, str]:
    """Return the name and content of every descriptor."""
    made = {f"calldata-{contract}.json": of_calls(contract) for contract in INTENTS}
    made |= {f"eip712-{domain.replace(' ', '-')}.json": of_messages(domain) for domain in MESSAGES}
    return {name: json.dumps(content, indent=1) + "\n" for name, content in made.items()}


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (OUT / name).write_text(text)
