"""What commands on a profile share: opening it, the wallet for signing in, words for errors."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mycelix_studio.errors import Known

if TYPE_CHECKING:
    from mycelix_studio.services.studio import Studio

ProfileDir = Annotated[
    Path | None,
    typer.Option(help="A throw-away profile in this folder instead of your own. MYCELIX_PROFILE_DIR"),
]
PassphraseFile = Annotated[
    Path | None, typer.Option(help="File with the account's own passphrase; without it you are asked, if it has one.")
]
PASSPHRASE_VARIABLE = "MYCELIX_PASSPHRASE_FILE"  # noqa: S105 - the name of a variable


@contextlib.contextmanager
def opened(profile_dir: Path | None) -> Iterator[Studio]:
    """Open a profile and close it at the end, whatever happens.

    Raises:
        Known: The cache cannot be opened.
    """
    from mycelix_studio.paths import Paths
    from mycelix_studio.services.studio import open_studio

    named = profile_dir or (Path(os.environ["MYCELIX_PROFILE_DIR"]) if os.environ.get("MYCELIX_PROFILE_DIR") else None)
    studio = open_studio(Paths.under(named) if named is not None else Paths.default())
    try:
        yield studio
    finally:
        studio.close()


def sign_in(studio: Studio, passphrase_file: Path | None) -> None:
    """Open the wallet of the account in use and let it sign in at the platform.

    Raises:
        Known: There is no account, it cannot sign, its keyring does not answer, or the passphrase is wrong.
    """
    from mycelix_studio.services.wallet_errors import NoAccount

    account = studio.wallet.current()
    if account is None:
        raise NoAccount
    passphrase = _passphrase(account.name, passphrase_file) if account.own_passphrase else None
    studio.wallet.unlock(passphrase)
    studio.background.sign_in_with_wallet(passphrase)


def _passphrase(name: str, file: Path | None) -> str:
    given = file or (Path(os.environ[PASSPHRASE_VARIABLE]) if os.environ.get(PASSPHRASE_VARIABLE) else None)
    if given is not None:
        try:
            return given.read_text().rstrip("\r\n")
        except OSError as error:
            raise Known(f"Could not read “{given}”", f"{error.strerror}.", "Name a file that you may read.") from error
    if not sys.stdin.isatty():
        raise Known(
            f"“{name}” has its own passphrase",
            "There is nobody to ask for it.",
            f"Name a file with --passphrase-file or {PASSPHRASE_VARIABLE}.",
        )
    return str(typer.prompt(f"Passphrase of “{name}”", hide_input=True, err=True))
