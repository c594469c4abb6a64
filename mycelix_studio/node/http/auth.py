"""Sign-In with Ethereum: a nonce, a signed message, a token; and its end."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Response

from mycelix_studio.domain.clock import now, rfc3339
from mycelix_studio.node import logs, metrics, siwe
from mycelix_studio.node.db import accounts
from mycelix_studio.node.http.deps import ContextDep, SignedIn, checked
from mycelix_studio.node.http.models import NonceAnswer, NonceRequest, TokenAnswer, VerifyRequest
from mycelix_studio.node.http.problems import Problem, unauthorized

log = logs.get("auth")
router = APIRouter(prefix="/api/auth", tags=["auth"])


@router.post("/nonce")
async def nonce(body: NonceRequest, context: ContextDep) -> NonceAnswer:
    """Give a nonce for one sign-in of this address."""
    address = checked("address", body.address)
    async with context.database.write("nonce") as connection:
        value, expires = await accounts.new_nonce(connection, address, context.config.nonce_minutes)
    return NonceAnswer(nonce=value, expires_at=rfc3339(expires))


@router.post("/verify")
async def verify(body: VerifyRequest, context: ContextDep) -> TokenAnswer:
    """Check a signed ERC-4361 message and give a bearer token for it. The nonce is used up by a valid message only."""
    try:
        sign_in = siwe.parse(body.message)
        siwe.check(
            sign_in,
            domains=context.domains,
            chain_id=context.chain_id,
            now=now(),
            max_age_seconds=context.config.nonce_minutes * 60,
        )
        await asyncio.to_thread(
            siwe.verify, body.message, sign_in.address, body.signature, siwe.contract_agrees(context.rpc)
        )
    except siwe.NotASignIn as error:
        metrics.AUTH_FAILURES.labels(error.reason).inc()
        kind = "bad-sign-in" if error.reason == "malformed" else error.reason
        raise Problem(401, kind, error.title, error.message, ((error.field, error.message),)) from error
    async with context.database.write("verify") as connection:
        if not await accounts.use_nonce(connection, sign_in.nonce, sign_in.address):
            raise unauthorized(
                "bad-nonce", "The nonce is unknown, used, over, or another account's. Ask for a new one."
            )
        token, account = await accounts.new_session(connection, sign_in.address, context.config.token_hours)
    metrics.SIGN_INS.inc()
    log.info("signed in", account=account.address)
    return TokenAnswer(
        token=token,
        token_type="Bearer",  # noqa: S106
        expires_at=rfc3339(account.expires_at),
        address=account.address,
    )


@router.post("/logout", status_code=204, response_class=Response)
async def logout(account: SignedIn, context: ContextDep) -> Response:
    """End the sign-in: the token is worthless from now on."""
    async with context.database.write("logout") as connection:
        await accounts.revoke(connection, account.token_hash)
    context.forget_session(account.token_hash)
    return Response(status_code=204)
