"""`mycelix wallet sign-file` and `send-file`: a request saved on one computer is signed on another, and sent from the first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mycelix_studio.cli.output import DryRun, JsonOption, Yes, ask, emit, need_new, working
from mycelix_studio.cli.profile import PassphraseFile, ProfileDir, opened, passphrase_of
from mycelix_studio.cli.signing import NoWait, as_data, require_success, row_data, words_of
from mycelix_studio.errors import Known


def sign_file(
    request: Annotated[Path, typer.Argument(help="Request file that `--save` wrote.")],
    to: Annotated[
        Path | None, typer.Option(help="New signed file; beside the request, as .mycelix-signed, when left out.")
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    passphrase_file: PassphraseFile = None,
    profile_dir: ProfileDir = None,
) -> None:
    """Show what a request file asks for, as it is decoded here, and sign it without sending. Needs no network."""
    signed = to or request.with_suffix(".mycelix-signed")
    with opened(profile_dir) as studio:
        prepared = studio.wallet.open_unsigned(request)
        words, data = words_of(prepared, "normal"), as_data(prepared, "normal")
        if dry_run:
            emit({"dryRun": True, "requests": data}, [*words, "Nothing was signed."], as_json)
            return
        need_new(signed, "Nothing was signed.")
        account = studio.wallet.current()
        if account is None or account.address != prepared[0].account:
            raise Known(
                "The request is for another account",
                f"It is for {prepared[0].account}, which is not the one in use.",
                f"Choose it with `mycelix wallet use {prepared[0].account}`.",
            )
        for line in words:
            typer.echo(line, err=True)
        ask(f"Sign {'this' if len(prepared) == 1 else f'these {len(prepared)}'}?", yes=yes)
        passphrase = passphrase_of(account, passphrase_file)
        studio.wallet.unlock(passphrase)
        studio.wallet.sign_offline(prepared, signed, passphrase)
        emit({"file": str(signed), "requests": data}, [str(signed)], as_json)


def send_file(
    signed: Annotated[Path, typer.Argument(help="Signed file that `sign-file` wrote.")],
    wait: NoWait = True,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Send what was signed elsewhere, if it is exactly what was asked for from this computer; twice is once."""
    from mycelix_studio.services.sign_all import wait_for_blocks

    with opened(profile_dir) as studio, working("Sending") as work:
        sent = studio.wallet.import_signed(signed)
        if wait:
            wait_for_blocks(studio.wallet, sent, work)
        ids = {each.id for each in sent}
        found = [row for row in studio.wallet.activity() if row.id in ids]
        rows = [row_data(row) for row in found]
    emit(rows, [f"{row['title']}\t{row['state']}\t{row['transactionHash'] or ''}" for row in rows], as_json)
    require_success(found)
