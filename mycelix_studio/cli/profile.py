"""What commands on a profile share: opening it, the wallet for signing in, words for errors."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mycelix_studio.cli.output import read_secret

if TYPE_CHECKING:
    from mycelix_studio.domain.account import Account
    from mycelix_studio.paths import Paths
    from mycelix_studio.services.studio import Studio

ProfileDir = Annotated[
    Path | None,
    typer.Option(help="A throw-away profile in this folder instead of your own. MYCELIX_PROFILE_DIR"),
]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        help="File with the account's own passphrase, - for standard input; without it you are asked, if it has one."
    ),
]
PASSPHRASE_VARIABLE = "MYCELIX_PASSPHRASE_FILE"  # noqa: S105 - the name of a variable


def paths_of(profile_dir: Path | None) -> Paths:
    """Return the folders of the profile that an option, the environment, or nobody names."""
    from mycelix_studio.paths import Paths

    named = profile_dir or (Path(os.environ["MYCELIX_PROFILE_DIR"]) if os.environ.get("MYCELIX_PROFILE_DIR") else None)
    return Paths.under(named) if named is not None else Paths.default()


@contextlib.contextmanager
def opened(profile_dir: Path | None) -> Iterator[Studio]:
    """Open a profile and close it at the end, whatever happens.

    Raises:
        Known: The cache cannot be opened.
    """
    from mycelix_studio.cli.output import working
    from mycelix_studio.services.opening import needs_mending, open_studio

    paths = paths_of(profile_dir)
    if needs_mending(paths):
        with working("Studio's own file may be damaged") as work:
            studio = open_studio(paths, mend=work)
    else:
        studio = open_studio(paths)
    try:
        yield studio
    finally:
        studio.close()


def unlocked(studio: Studio, passphrase_file: Path | None) -> str | None:
    """Open the wallet of the account in use and return its own passphrase, None when it has none.

    Raises:
        Known: There is no account, it cannot sign, its keyring does not answer, or the passphrase is wrong.
    """
    from mycelix_studio.services.wallet_errors import NoAccount

    account = studio.wallet.current()
    if account is None:
        raise NoAccount
    passphrase = passphrase_of(account, passphrase_file)
    studio.wallet.unlock(passphrase)
    return passphrase


def sign_in(studio: Studio, passphrase_file: Path | None) -> str | None:
    """Open the wallet as :func:`unlocked` does, and let it sign in at the platform."""
    passphrase = unlocked(studio, passphrase_file)
    studio.background.sign_in_with_wallet(passphrase)
    return passphrase


def passphrase_of(account: Account, file: Path | None) -> str | None:
    """Return the account's own passphrase from a file or by asking; None when it has none.

    Raises:
        Known: The file cannot be read, or there is nobody to ask.
    """
    if not account.own_passphrase:
        return None
    given = file or (Path(os.environ[PASSPHRASE_VARIABLE]) if os.environ.get(PASSPHRASE_VARIABLE) else None)
    return read_secret(f"Passphrase of “{account.name}”", given)
