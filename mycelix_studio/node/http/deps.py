"""What route functions ask for: the context, and the account behind the request."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Depends, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from mycelix_studio.chain.values import checksum
from mycelix_studio.node.context import Context
from mycelix_studio.node.db.accounts import Account
from mycelix_studio.node.http.problems import forbidden, invalid, unauthorized

bearer = HTTPBearer(auto_error=False, scheme_name="Bearer", description="The token of POST /api/auth/verify.")
"""Declares the scheme in the specification; the gate has already read the header."""


# All async: FastAPI hands plain functions to a thread, which costs more than they do.
async def _context(request: Request) -> Context:
    return context_of(request)


def context_of(request: Request) -> Context:
    """Return the context of the application that answers the request."""
    context: Context = request.app.state.context
    return context


Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


async def _account(request: Request, _credentials: Credentials) -> Account | None:
    account: Account | None = request.state.account
    return account


async def _signed_in(request: Request, _credentials: Credentials) -> Account:
    return signed_in(request)


def signed_in(request: Request) -> Account:
    """Return the account behind the request.

    Raises:
        Problem: Nobody is signed in.
    """
    account: Account | None = request.state.account
    if account is None:
        raise unauthorized("no-token", "This needs a bearer token from POST /api/auth/verify.")
    return account


async def _operator(request: Request, account: Annotated[Account, Depends(_signed_in)]) -> Account:
    if not is_operator(await _context(request), account):
        raise forbidden("operators-only", "Only the operator's accounts may read this.")
    return account


def is_operator(context: Context, account: Account) -> bool:
    """Tell whether the account is one of the node's operators."""
    return account.address.lower() in {operator.lower() for operator in context.config.operators}


SECURED: Final[dict[str, Any]] = {"security": [{"Bearer": []}]}
"""For ``openapi_extra`` of an endpoint that calls :func:`signed_in` itself."""
OPEN: Final[dict[str, Any]] = {"security": [{}]}
"""For ``openapi_extra`` of an endpoint that a sign-in changes but does not need."""
ContextDep = Annotated[Context, Depends(_context)]
MaybeAccount = Annotated[Account | None, Depends(_account)]
SignedIn = Annotated[Account, Depends(_signed_in)]
Operator = Annotated[Account, Depends(_operator)]

AddressPath = Annotated[
    str,
    Path(
        pattern=r"^0x[0-9a-fA-F]{40}$",
        description="Address, in any case.",
        examples=["0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"],
    ),
]
SongPath = Annotated[
    str,
    Path(
        pattern=r"^0x[0-9a-f]{64}$",
        description="Song id: keccak256 of artist and content hash.",
        examples=["0x" + "5a" * 32],
    ),
]


def own(account: Account, address: str) -> str:
    """Return the EIP-55 form of an address that must be the account's own.

    Raises:
        Problem: It is another's.
    """
    if checksum(address) != account.address:
        raise forbidden("not-yours", "Sign in with the account this belongs to.")
    return account.address


def checked(field: str, address: str) -> str:
    """Return the EIP-55 form of an address in a body; a mixed-case one must have the right checksum.

    Raises:
        Problem: It does not.
    """
    form = checksum(address)
    if address not in {form, address.lower()}:
        raise invalid((field, "its checksum (upper and lower case) is wrong"))
    return form
