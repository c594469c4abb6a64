"""Vouchers: a listener's signed plays, held until the settler charges them, and the list behind one for those it pays."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import ConfigDict, Field, JsonValue

from mycelix_studio.chain import eip712
from mycelix_studio.chain.rpc import ChainUnreachable
from mycelix_studio.chain.values import checksum
from mycelix_studio.domain.clock import from_unix, rfc3339
from mycelix_studio.domain.money import Wei as Amount
from mycelix_studio.domain.vouchers import Item, Play, unpack_items
from mycelix_studio.node import metrics, siwe, vouchers
from mycelix_studio.node.context import Context
from mycelix_studio.node.db import accounts
from mycelix_studio.node.db import vouchers as rows
from mycelix_studio.node.db.vouchers import Standing, VoucherRow
from mycelix_studio.node.http.deps import AddressPath, ContextDep, SignedIn, checked, is_operator
from mycelix_studio.node.http.models import Address, Answer, Body, Hash, Time, Wei
from mycelix_studio.node.http.problems import Problem, invalid, not_found
from mycelix_studio.node.vouchers import NotAVoucher, Signed, Terms

router = APIRouter(prefix="/api/vouchers", tags=["vouchers"])

MOST_PLAYS = 10_000
"""Songs in one voucher."""
MOST_ITEMS = 500
"""Accounts in one voucher: what surely fits into a block."""
MOST_NONCE = 2**53 - 1
"""JSON numbers are exact up to here."""

Count = Annotated[int, Field(ge=1, le=2**32 - 1, description="Streams.", examples=[10])]
Nonce = Annotated[
    int, Field(ge=0, le=MOST_NONCE, description="Charged once; see the Ledger's window of 64.", examples=[7])
]
Payee = Annotated[int, Field(ge=1, le=2**53 - 1, description="Number of the account.", examples=[3])]


class VoucherItem(Body):
    """What one account gets."""

    payee: Payee
    count: Count
    amount: Wei


class VoucherPlay(Body):
    """What was heard of one song."""

    songId: Hash
    count: Count
    amount: Wei


_PLAYS: list[JsonValue] = [{"songId": "0x" + "5a" * 32, "count": 10, "amount": "100000000000000000"}]
_SIGNED: dict[str, JsonValue] = {
    "listener": "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
    "nonce": 7,
    "deadline": 1772972400,
    "total": "100000000000000000",
    "playsHash": "0x5b2a1a5f3e3a5f1f0f7b0a1f3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f",
    "items": [{"payee": 3, "count": 10, "amount": "100000000000000000"}],
    "plays": _PLAYS,
}


class VoucherBody(Body):
    """A signed voucher: the fields of the EIP-712 type ``Voucher`` of the Ledger, items as a list, and the list behind ``playsHash``."""

    listener: Address
    nonce: Nonce
    deadline: Annotated[int, Field(ge=1, le=2**48 - 1, description="Last second it can be settled, Unix time.")]
    total: Wei
    playsHash: Hash
    items: Annotated[list[VoucherItem], Field(min_length=1, max_length=MOST_ITEMS)]
    plays: Annotated[list[VoucherPlay], Field(min_length=1, max_length=MOST_PLAYS)]
    signature: Annotated[str, Field(pattern=r"^0x([0-9a-fA-F]{2}){1,4096}$")]

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        json_schema_extra={"examples": [{**_SIGNED, "signature": "0x" + "1b" * 65}]},
    )


class Voucher(Answer):
    """A voucher as it stands."""

    listener: Address
    nonce: Nonce
    deadline: int
    total: Wei
    playsHash: Hash
    items: list[VoucherItem]
    plays: list[VoucherPlay]
    signature: str = Field(examples=["0x" + "1b" * 65])
    signer: Address = Field(description="The listener, or the session key that signed.")
    state: Standing
    reason: str = Field(description="Why it was not charged the last time, empty otherwise.", examples=["balance"])
    transactionHash: Hash | None
    block: int | None
    receivedAt: Time

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_SIGNED,
                    "signature": "0x" + "1b" * 65,
                    "signer": _SIGNED["listener"],
                    "state": "pending",
                    "reason": "",
                    "transactionHash": None,
                    "block": None,
                    "receivedAt": "2026-03-01T12:30:00Z",
                }
            ]
        }
    )


def _answer(row: VoucherRow) -> Voucher:
    return Voucher(
        listener=row.listener_address,
        nonce=int(row.nonce),
        deadline=row.expires_at,
        total=str(row.total),
        playsHash=row.plays_hash,
        items=[VoucherItem(payee=i.payee, count=i.count, amount=str(i.amount)) for i in unpack_items(row.items)],
        plays=[VoucherPlay(songId=p.song_id, count=p.count, amount=str(p.amount)) for p in row.plays],
        signature=row.signature,
        signer=row.signer,
        state=row.state,
        reason=row.reason,
        transactionHash=row.tx,
        block=row.block,
        receivedAt=rfc3339(row.received_at),
    )


@router.post(
    "",
    status_code=201,
    responses={
        200: {"model": Voucher, "description": "This very voucher is held already."},
        409: {"description": "Another voucher of this listener has this nonce."},
        503: {"description": "The node follows no chain, or a session key cannot be checked on it just now."},
    },
)
async def bring_voucher(body: VoucherBody, account: SignedIn, context: ContextDep, response: Response) -> Voucher:
    """Bring a listener's signed voucher. Anybody signed in may: what counts is the signature. It is held until it is charged on chain."""
    signed = _signed(body)
    now = max(int(time.time()), await context.head_time())
    if signed.deadline < now + context.config.settle_seconds:
        least = rfc3339(from_unix(int(now + context.config.settle_seconds)))
        raise invalid(("deadline", f"it must leave time to settle: {least} or later"))
    try:
        verified, signer = await _verify(context, signed, now)
    except NotAVoucher as error:
        metrics.VOUCHERS.labels("refused").inc()
        raise invalid((error.field, error.message)) from error
    async with context.database.write("voucher") as connection:
        listener = (await accounts.ids_of(connection, [signed.listener]))[signed.listener]
        fresh = await rows.hold(
            connection,
            listener,
            signed.nonce,
            {
                "chain_id": context.chain_id,
                "digest": "0x" + verified.digest.hex(),
                "items": verified.items,
                "signature": body.signature.lower(),
                "signer": signer,
                "total": signed.total,
                "plays_hash": signed.plays_hash,
                "expires_at": signed.deadline,
            },
            verified.heard,
        )
        row = await rows.find(connection, listener, signed.nonce)
    assert row is not None
    if row.digest != "0x" + verified.digest.hex():
        metrics.VOUCHERS.labels("conflict").inc()
        raise Problem(409, "nonce-taken", "Another voucher has this nonce", "Sign the plays with the next number.")
    metrics.VOUCHERS.labels("accepted" if fresh else "duplicate").inc()
    response.status_code = 201 if fresh else 200
    response.headers["Location"] = f"/api/vouchers/{signed.listener}/{signed.nonce}"
    return _answer(row)


def _signed(body: VoucherBody) -> Signed:
    """Return the body as what was signed; amounts beyond what a voucher can hold are refused by field."""
    amounts = {"total": body.total}
    amounts |= {f"items.{number}.amount": item.amount for number, item in enumerate(body.items)}
    amounts |= {f"plays.{number}.amount": play.amount for number, play in enumerate(body.plays)}
    too_large = [
        (field, "more than a voucher can hold") for field, text in amounts.items() if int(text) > vouchers.MOST
    ]
    if too_large:
        raise invalid(*too_large[:10])
    if len({item.payee for item in body.items}) != len(body.items):
        raise invalid(("items", "an account stands in them twice; join the two"))
    return Signed(
        checked("listener", body.listener),
        body.nonce,
        body.deadline,
        int(body.total),
        body.playsHash,
        tuple(Item(item.payee, item.count, Amount(int(item.amount))) for item in body.items),
        tuple(Play(play.songId, play.count, Amount(int(play.amount))) for play in body.plays),
        bytes.fromhex(body.signature[2:]),
    )


async def _verify(context: Context, signed: Signed, now: int) -> tuple[vouchers.Verified, str]:
    deployment = context.deployment
    if deployment is None:
        raise Problem(409, "no-chain", "The node follows no chain", "Vouchers are charged on a chain.")
    ledger = deployment.address("Ledger")
    async with context.database.write("voucher-terms") as connection:
        states = await rows.terms_of(
            connection, context.chain_id, [play.song_id for play in signed.plays], now - vouchers.TERMS_SECONDS
        )
    terms = {song_id: [_terms(state) for state in known] for song_id, known in states.items()}
    verified = vouchers.check(signed, terms, eip712.Domain(*eip712.NAMES["Ledger"], context.chain_id, ledger))

    def who() -> str:
        agrees = siwe.contract_agrees(context.rpc)
        return vouchers.signer_of(signed, verified, now=now, rpc=context.rpc, ledger=ledger, contract_agrees=agrees)

    try:
        return verified, await asyncio.to_thread(who)
    except ChainUnreachable as error:
        raise Problem(
            503, "chain-away", "The chain does not answer", error.message, headers={"Retry-After": "5"}
        ) from error


def _terms(state: dict[str, object]) -> Terms:
    return Terms(int(str(state["payee"])), int(str(state["price"])), bool(int(str(state["strategies"])) & 1))


@router.get("/{listener}/{nonce}")
async def give_voucher(
    listener: AddressPath,
    nonce: Annotated[int, Path(ge=0, le=MOST_NONCE, description="Of the voucher.", examples=[7])],
    account: SignedIn,
    context: ContextDep,
) -> Voucher:
    """Give a voucher with the whole song-by-song list, from which ``playsHash`` can be made again.

    The listener reads it, and whoever owns or is paid by one of its accounts; to all others there is none.
    """
    async with context.database.read("voucher") as connection:
        number = await accounts.find(connection, checksum(listener))
        row = await rows.find(connection, number, nonce) if number is not None else None
        allowed = row is not None and (
            row.listener == account.id
            or is_operator(context, account)
            or await rows.pays(connection, row.chain_id, [i.payee for i in unpack_items(row.items)], account.address)
        )
    if row is None or not allowed:
        raise not_found("voucher", "There is no such voucher")
    return _answer(row)
