"""Signing without a window: requests in their stages, each shown to whoever decides, and waiting for their blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from mycelix_studio.domain.transaction import Activity, FeeLevel, Prepared, Signed, TxState
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.wallet_face import Wallet

LOOK_SECONDS: Final = 0.5
"""Between two looks at the chain while waiting for a block."""

Following = Callable[[Sequence[Signed], Work], Sequence[Prepared]]
Consent = Callable[[Sequence[Prepared]], None]


def sign_all(
    wallet: Wallet,
    first: Sequence[Prepared],
    consent: Consent,
    work: Work,
    *,
    passphrase: str | None = None,
    level: FeeLevel = FeeLevel.NORMAL,
    following: Following | None = None,
) -> tuple[Signed, ...]:
    """Sign and send requests, and those that can only be made once the first are in a block.

    Args:
        wallet: The wallet, unlocked.
        first: What can be signed at once.
        consent: Called with each stage before it is signed; leaves by an exception when the person does not agree.
        work: Stopping it leaves what was sent as sent.
        passphrase: Of an account with its own.
        level: Network fee.
        following: From ``Strategies.following``; None when there is only one stage.

    Raises:
        Known: As :meth:`Wallet.sign_and_send_all`; what was signed before stays signed.
    """
    signed: list[Signed] = []
    stage = first
    while stage:
        consent(stage)
        signed += wallet.sign_and_send_all(stage, passphrase, level=level)
        stage = following(signed, work) if following is not None else ()
    return tuple(signed)


def wait_for_blocks(wallet: Wallet, signed: Sequence[Signed], work: Work) -> tuple[Activity, ...]:
    """Follow signatures until each is in a block or ended otherwise, and return their rows in order.

    Raises:
        Cancelled: Stopped; they go on by themselves the next time the wallet is followed.
    """
    ids = [each.id for each in signed if each.id]
    while True:
        wallet.follow()
        rows = {row.id: row for row in wallet.activity(limit=max(200, 4 * len(ids)))}
        found = [rows[each] for each in ids]
        open_ones = sum(row.state in (TxState.SIGNED, TxState.SENT) for row in found)
        work.progress(len(found) - open_ones, len(found), "Waiting for the chain")
        if not open_ones:
            return tuple(found)
        work.token.wait(LOOK_SECONDS)
