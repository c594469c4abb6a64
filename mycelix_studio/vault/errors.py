"""What can go wrong with keys, each with its own words: no keyring, a locked one, a silent one, a missing entry, a wrong passphrase."""

from __future__ import annotations

from typing import ClassVar

from mycelix_studio.errors import Known

_SAFE = "Your wallet file is untouched."


class VaultError(Known):
    """Base of the errors of the vault."""

    code: ClassVar[str] = "vault"


class KeyringAbsent(VaultError):
    """The system has no keyring to keep the wallet's secret in."""

    code = "absent"

    def __init__(self) -> None:
        super().__init__(
            "No keyring on this system",
            f"Studio keeps what opens your wallet in the system's keyring, and none is running. {_SAFE}",
            "Start one, such as GNOME Keyring or KWallet, then try again.",
        )


class KeyringLocked(VaultError):
    """The keyring is there and locked."""

    code = "locked"

    def __init__(self) -> None:
        super().__init__(
            "The keyring is locked",
            f"The system's keyring was not opened. {_SAFE}",
            "Unlock it with your login password, then try again.",
        )


class KeyringSilent(VaultError):
    """The keyring did not answer in time."""

    code = "silent"

    def __init__(self) -> None:
        super().__init__(
            "The keyring does not answer",
            f"The system's keyring gave no answer in time. {_SAFE}",
            "Look for a window that asks for your login password, or log in again, then try again.",
        )


class SecretMissing(VaultError):
    """The wallet file is there, the keyring is open, its entry is gone."""

    code = "missing"

    def __init__(self, address: str = "") -> None:
        super().__init__(
            "The keyring entry of this wallet is missing",
            f"The wallet file of {address or 'this account'} is here, but the keyring no longer holds what opens it. {_SAFE}",
            "Restore the account from its words, or put back the keyring it was made with.",
        )


class WrongPassphrase(VaultError):
    """The passphrase does not open the wallet file."""

    code = "wrong"

    def __init__(self) -> None:
        super().__init__(
            "Wrong passphrase", f"It does not open this wallet file. {_SAFE}", "Type it again; capital letters count."
        )


class BrokenWalletFile(VaultError):
    """The wallet file cannot be read."""

    code = "broken"

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "The wallet file is damaged",
            f"It cannot be read{f' ({detail})' if detail else ''}. Nothing was written over it.",
            "Put back a copy of it, or restore the account from its words.",
        )


class WalletFileReplaced(VaultError):
    """The wallet file holds another account's key than its name says."""

    code = "replaced"

    def __init__(self, expected: str = "", found: str = "") -> None:
        super().__init__(
            "This wallet file belongs to another account",
            f"It should open {expected or 'the account it is named after'}, but opens {found or 'another one'}. Nothing was signed.",
            "Somebody or something replaced the file: restore the account from its words.",
        )


class WordsWrong(VaultError):
    """Recovery words that are not valid, or restore another account."""

    code = "words"

    def __init__(self, message: str, hint: str = "Compare them with what you wrote down.") -> None:
        super().__init__("These words are not right", message, hint)


class NotAKey(VaultError):
    """A private key that is none."""

    code = "key"

    def __init__(self) -> None:
        super().__init__("Not a key", "A key has 64 digits 0 to 9 and a to f.", "Copy it again, without spaces.")


class AccountExists(VaultError):
    """The account is already in the wallet."""

    code = "exists"

    def __init__(self, address: str) -> None:
        super().__init__("This account is already here", f"{address} is in your list. Nothing was changed.", "")


class NoWalletFile(VaultError):
    """There is no wallet file for this account."""

    code = "nofile"

    def __init__(self, address: str) -> None:
        super().__init__(
            "The wallet file is not here",
            f"There is no wallet file for {address} on this computer.",
            "Import the account again from its words.",
        )


class SignerFailed(VaultError):
    """The signing process ended without an answer."""

    code = "signer"

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "The signature could not be made",
            f"The signing process ended without an answer{f' ({detail})' if detail else ''}. Nothing was sent.",
            "Try again.",
        )


class DoesNotSign(VaultError):
    """The request cannot be signed as it is."""

    code = "request"

    def __init__(self, detail: str = "") -> None:
        super().__init__("This request cannot be signed", f"It is not well formed ({detail}). Nothing was signed.", "")
