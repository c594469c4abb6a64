"""Listens of gift songs, signed by the node's attestor, for the listener who collects thanks on chain."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Response
from pydantic import Field

from mycelix_studio.domain.strategy.names import STRATEGY_BITS
from mycelix_studio.node.context import Context
from mycelix_studio.node.db import attestations, songs
from mycelix_studio.node.db.attestations import Answer as Signed
from mycelix_studio.node.http.deps import ContextDep, SignedIn, SongPath
from mycelix_studio.node.http.models import Address, Answer, Hash
from mycelix_studio.node.http.problems import Problem, not_found

router = APIRouter(prefix="/api/songs", tags=["songs"])

WAIT_SECONDS: Final = 3.0
"""How long a request waits for the attestor, which answers in some milliseconds."""
_LOOK_SECONDS: Final = 0.02


class Attestation(Answer):
    """What ``claimListens`` of the gift strategy takes: the EIP-712 message ``Listens`` and its signature."""

    songId: Hash
    listener: Address
    listens: int = Field(description="In all; the contract thanks for those it has not counted yet.", examples=[12])
    deadline: int = Field(description="Last second it can be collected, Unix time.", examples=[1772972400])
    signature: str = Field(pattern=r"^0x([0-9a-f]{2})+$", examples=["0x" + "1b" * 65])
    attestor: Address
    contract: Address = Field(description="The gift strategy.")
    chainId: int = Field(examples=[100])


@router.get(
    "/{song_id}/attestation",
    responses={
        409: {"description": "The song is no gift, this node does not count its listens, or there is none yet."},
        503: {"description": "The node's attestor does not answer."},
    },
)
async def give_attestation(
    song_id: SongPath, account: SignedIn, context: ContextDep, response: Response
) -> Attestation:
    """Give the signed-in listener's listens of a gift song since it became one, signed by who counts them, to collect thanks with.

    A listen is 30 seconds heard, or the whole of a shorter song; two that begin in the same half minute of the clock are one.
    """
    deployment = context.deployment
    async with context.database.write("attestation") as connection:
        song = await songs.by_id(connection, song_id)
        if song is None:
            raise not_found("song", "There is no such song")
        here = await attestations.announced(connection)
        named = await attestations.named(connection, context.chain_id, song_id)
        if deployment is None or named is None or not song.strategies & STRATEGY_BITS["gift-economy"]:
            raise Problem(409, "no-gift", "This song is not a gift", "Nobody is thanked for listening to it.")
        if here != named:
            raise Problem(409, "counted-elsewhere", "This node does not count its listens", f"{named} does.")
        since = await attestations.ask(connection, context.chain_id, song.id, account.id)
    signed = await _wait(context, song.id, account.id, since)
    if signed is None:
        raise Problem(
            503, "attestor-away", "Listens cannot be signed just now", "Nothing is lost.", headers={"Retry-After": "5"}
        )
    if not signed.listens:
        raise Problem(409, "no-listens", "No listen counts yet", "Report plays of half a minute or more first.")
    response.headers["Cache-Control"] = "no-store"
    return Attestation(
        songId=song_id,
        listener=account.address,
        listens=signed.listens,
        deadline=signed.deadline,
        signature=signed.signature,
        attestor=here,
        contract=deployment.address("GiftEconomyStrategy"),
        chainId=context.chain_id,
    )


async def _wait(context: Context, song: int, listener: int, since: datetime) -> Signed | None:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        async with context.database.statements("attestation") as connection:
            found = await attestations.answer(connection, context.chain_id, song, listener, since)
        if found is not None:
            return found
        await asyncio.sleep(_LOOK_SECONDS)
    return None
