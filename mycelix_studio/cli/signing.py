"""Signing from the command line: what is signed is said in the words of the window, then asked for, then followed into its block."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_type_hints

import typer

from mycelix_studio.cli.output import DryRun, JsonOption, Yes, ask, emit, need_new, working
from mycelix_studio.cli.profile import PassphraseFile, unlocked
from mycelix_studio.errors import Known

if TYPE_CHECKING:
    from mycelix_studio.domain.transaction import Activity, Prepared, Signed
    from mycelix_studio.services.sign_all import Following
    from mycelix_studio.services.studio import Studio

FeeOption = Annotated[str, typer.Option("--fee", help="Network fee: slow, normal or fast.")]
NoWait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until the chain has it in a block.")]
SaveOption = Annotated[
    Path | None,
    typer.Option("--save", help="Sign nothing here: write a request file for `mycelix wallet sign-file` elsewhere."),
]
FEES = ("slow", "normal", "fast")


@dataclass(frozen=True, slots=True)
class How:
    """What commands that sign can be told: the fee, whether to wait, to ask or to sign at all or here, how the outcome is printed."""

    fee: FeeOption = "normal"
    wait: NoWait = True
    yes: Yes = False
    dry_run: DryRun = False
    as_json: JsonOption = False
    passphrase_file: PassphraseFile = None
    save: SaveOption = None


def signs(fee: str = "normal", *, saves: bool = True) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of :class:`How` and hand them to it as its first argument.

    Args:
        fee: Used when none is named.
        saves: Whether its requests can be saved to be signed elsewhere.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        def run(**given: object) -> None:
            how = How(**{name: given.pop(name) for name in kinds})  # type: ignore[arg-type]
            check_fee(how.fee)
            command(how, **given)

        kinds, hints = get_type_hints(How, include_extras=True), get_type_hints(command, include_extras=True)
        if not saves:
            del kinds["save"]
        own = list(inspect.signature(command).parameters.values())[1:]
        options = [
            each.replace(annotation=kinds[each.name], default=fee if each.name == "fee" else each.default)
            for each in inspect.signature(How).parameters.values()
            if each.name in kinds
        ]
        run.__name__, run.__doc__ = command.__name__, command.__doc__
        run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [*(each.replace(annotation=hints[each.name]) for each in own[:-1]), *options, own[-1]]
        )
        run.__annotations__ = {**kinds, **{name: kind for name, kind in hints.items() if name != "how"}}
        return run

    return decorate


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was signed, and what became of it."""

    signed: tuple[Signed, ...]
    rows: tuple[Activity, ...]


class NoTemplate(Known):
    """There are no saved shares of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There are no shares saved as “{name}”", "Nothing was signed.", "See `mycelix strategy templates`."
        )


def words_of(prepared: Sequence[Prepared], level: str) -> list[str]:
    """Return what a person reads before signing: what it does, what changes, what to look at again, what it costs."""
    from mycelix_studio.domain.money import format_token
    from mycelix_studio.domain.transaction import FeeLevel, FindingKind

    lines: list[str] = []
    for number, request in enumerate(prepared, 1):
        lines.append(f"{number} of {len(prepared)}: {request.title}")
        lines.append(f"  {request.sentence}")
        lines += [f"  {row.label}: {row.before or '—'} → {row.after}" for row in request.changes]
        lines += [f"  Look again: {each.title} {each.detail}" for each in request.of_kind(FindingKind.LOOK_AGAIN)]
        lines += [f"  Not checked: {each.title} {each.detail}" for each in request.of_kind(FindingKind.NOT_CHECKED)]
        if request.refused:
            lines.append(f"  Cannot be signed: {request.refused}")
        fee = request.fee(FeeLevel(level))
        if fee is not None:
            about, most = (format_token(each, 9, strip=True) for each in (fee.expected, fee.at_most))
            lines.append(
                f"  Network fee about {about} {request.native_symbol}, at most {most}, on {request.chain_name}"
            )
    return lines


def as_data(prepared: Sequence[Prepared], level: str) -> list[dict[str, object]]:
    """Return the same as JSON values; amounts are decimal strings in wei."""
    from mycelix_studio.domain.transaction import FeeLevel

    found: list[dict[str, object]] = []
    for request in prepared:
        fee = request.fee(FeeLevel(level))
        found.append(
            {
                "title": request.title,
                "sentence": request.sentence,
                "account": request.account,
                "chainId": request.chain_id,
                "changes": [{"label": r.label, "before": r.before, "after": r.after} for r in request.changes],
                "findings": [{"kind": f.kind.value, "title": f.title, "detail": f.detail} for f in request.findings],
                "refused": request.refused or None,
                "feeExpected": None if fee is None else str(fee.expected),
                "feeAtMost": None if fee is None else str(fee.at_most),
            }
        )
    return found


def row_data(row: Activity) -> dict[str, object]:
    """Return one row of the activity list as JSON values."""
    from mycelix_studio.domain.clock import rfc3339

    return {
        "id": row.id,
        "title": row.title,
        "detail": row.detail,
        "at": rfc3339(row.at),
        "state": row.state.value,
        "confirmations": row.confirmations,
        "amount": str(row.amount),
        "symbol": row.symbol,
        "transactionHash": row.tx_hash or None,
        "fee": None if row.fee is None else str(row.fee),
        "why": row.why or None,
    }


def check_fee(level: str) -> None:
    """Refuse an unknown level as wrong usage."""
    if level not in FEES:
        raise typer.BadParameter(f"one of {', '.join(FEES)}", param_hint="--fee")


def sign(
    studio: Studio,
    prepared: Sequence[Prepared],
    how: How,
    passphrase: str | None,
    *,
    following: Following | None = None,
) -> Outcome:
    """Show requests, ask, sign, send, and wait for their blocks. A later stage is asked for again only when it says to look again.

    The wallet must be open: see :func:`mycelix_studio.cli.profile.unlocked`.

    Raises:
        Known: A request cannot be signed, or the wallet refuses.
        typer.Exit: The person does not agree; nothing of that stage was signed.
    """
    from mycelix_studio.domain.transaction import FeeLevel, FindingKind
    from mycelix_studio.services.sign_all import sign_all, wait_for_blocks

    asked = False

    def consent(stage: Sequence[Prepared]) -> None:
        nonlocal asked
        for line in words_of(stage, how.fee):
            typer.echo(line, err=True)
        refused = next((each for each in stage if each.refused), None)
        if refused is not None:
            raise Known(f"“{refused.title}” cannot be signed", refused.refused, "Nothing of it was signed.")
        doubtful = any(each.of_kind(FindingKind.LOOK_AGAIN) for each in stage)
        if not asked or doubtful:
            ask(f"Sign {'this' if len(stage) == 1 else f'these {len(stage)}'}?", yes=how.yes)
        asked = True

    with working("Signing") as work:
        signed = sign_all(
            studio.wallet,
            prepared,
            consent,
            work,
            passphrase=passphrase,
            level=FeeLevel(how.fee),
            following=following,
        )
        if how.wait:
            return Outcome(signed, wait_for_blocks(studio.wallet, signed, work))
    ids = {each.id for each in signed}
    return Outcome(signed, tuple(row for row in studio.wallet.activity() if row.id in ids))


def require_success(rows: Sequence[Activity]) -> None:
    """Leave with an error when a signature ended otherwise than in the chain.

    Raises:
        Known: It was refused by the contract, lost or replaced.
    """
    from mycelix_studio.domain.transaction import TxState

    bad = [row for row in rows if row.state in (TxState.REVERTED, TxState.DROPPED, TxState.REPLACED)]
    if bad:
        raise Known(
            f"“{bad[0].title}” was not done",
            bad[0].why or f"It is {bad[0].state.value}.",
            "Look at `mycelix wallet activity`.",
        )


def save_request(studio: Studio, prepared: Sequence[Prepared], how: How, to: Path) -> None:
    """Write a request file to be signed on another computer, and print what it asks for.

    Raises:
        Known: The file exists or cannot be written, or a request cannot be signed.
    """
    from mycelix_studio.domain.transaction import FeeLevel

    need_new(to)
    studio.wallet.export_unsigned(prepared, to, level=FeeLevel(how.fee))
    words = [*words_of(prepared, how.fee), f"Saved in {to}: sign it with `mycelix wallet sign-file` elsewhere."]
    emit({"file": str(to), "requests": as_data(prepared, how.fee)}, words, how.as_json)


def carry_out(studio: Studio, prepared: Sequence[Prepared], how: How) -> None:
    """Show requests, and unless it is a rehearsal save them for elsewhere, or sign, send and print what became of them."""
    if how.dry_run:
        words = [*words_of(prepared, how.fee), "Nothing was signed."]
        emit({"dryRun": True, "requests": as_data(prepared, how.fee)}, words, how.as_json)
        return
    if how.save is not None:
        save_request(studio, prepared, how, how.save)
        return
    passphrase = unlocked(studio, how.passphrase_file)
    outcome = sign(studio, prepared, how, passphrase)
    rows = [row_data(row) for row in outcome.rows]
    emit(rows, [f"{row['title']}\t{row['state']}\t{row['transactionHash'] or ''}" for row in rows], how.as_json)
    require_success(outcome.rows)
