"""What the wallet refuses, in words for a person. Errors of keyring, files and servers come from the vault and the chain client."""

from __future__ import annotations

from mycelix_studio.errors import Known


class NoAccount(Known):
    """There is no account, or not this one."""

    def __init__(self, address: str = "") -> None:
        super().__init__(
            "No such account" if address else "No account yet",
            f"{address} is not in your wallet." if address else "Signing needs an account.",
            "Create or import one in Wallet.",
        )


class CannotSign(Known):
    """The account cannot sign: watch-only, or its recovery drill is still to be done."""

    @classmethod
    def watched(cls, name: str) -> CannotSign:
        """Return the error of a watch-only account."""
        return cls(f"“{name}” is only watched", "Studio does not hold its key.", "Import its words or its wallet file.")

    @classmethod
    def drill(cls, name: str) -> CannotSign:
        """Return the error of an account whose words were never proven."""
        return cls(
            f"“{name}” is not proven yet",
            "Before it signs, prove that the words you wrote down restore it.",
            "Open Wallet and choose Practise.",
        )


class WalletLocked(Known):
    """Signing needs the wallet to be opened first."""

    def __init__(self) -> None:
        super().__init__("The wallet is locked", "Nothing was signed.", "Unlock it, then sign again.")


class Refused(Known):
    """A request that is not signed, and why."""

    def __init__(self, why: str) -> None:
        super().__init__("Not signed", why, "Look at it again, or leave it.")


class NotAnAddress(Known):
    """Text that is not an address, and what is wrong with it."""

    def __init__(self, why: str) -> None:
        super().__init__("Not an address", why, "Copy it again from whoever gave it to you.")


class NotAmong(Known):
    """A row, draft or file that is not what was asked for."""


class BadFile(Known):
    """A file of an unsigned or signed request that cannot be used."""

    def __init__(self, why: str) -> None:
        super().__init__("This file cannot be used", why, "Make it again on the other computer.")
