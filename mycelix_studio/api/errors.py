"""What can go wrong between Studio and a platform's server, in words for a person."""

from __future__ import annotations

from typing import Final

from mycelix_studio.errors import Known


class NoServer(Known):
    """No server address is set, or it is not one."""

    def __init__(self, address: str = "") -> None:
        super().__init__(
            "This is not a server's address" if address else "No server chosen yet",
            f"“{address}” cannot be used." if address else "Uploading and syncing need your platform's server.",
            "Enter an address such as https://music.example in Settings.",
        )


class InsecureAddress(Known):
    """The address has no encryption and is not this computer: a sign-in would travel in the open."""

    def __init__(self, address: str) -> None:
        super().__init__(
            "The server's address is not encrypted",
            f"Over “{address}” anybody on the way could read your sign-in. Nothing was sent.",
            "Enter the address with https in Settings.",
        )


class ServerUnreachable(Known):
    """No answer: offline, the server is down, or the line broke. Worth trying again by itself.

    Args:
        host: Who was asked.
        why: Cause in plain words, such as ``the connection was refused``.
    """

    def __init__(self, host: str, why: str = "it did not answer") -> None:
        super().__init__(
            f"Could not reach {host}",
            f"Studio could not talk to it: {why}. Everything is kept on this computer.",
            "Check your connection. Studio goes on by itself once the server is back.",
        )
        self.host = host


class BadAnswer(Known):
    """Something answered, but not a Mycelix server: a login page of a hotel network, a proxy, another program."""

    def __init__(self, host: str, detail: str) -> None:
        super().__init__(
            f"{host} gave an answer Studio cannot read",
            f"It does not look like a Mycelix server ({detail}). Nothing was changed.",
            "Check the server's address in Settings, and whether your network asks you to log in first.",
        )


class NobodySignsIn(Known):
    """A sign-in is needed and there is no account to sign it."""

    def __init__(self) -> None:
        super().__init__(
            "Not signed in", "The server needs to know that it is you.", "Create or import an account in Wallet."
        )


class NotSigned(Known):
    """The wallet did not sign the sign-in; the words are the wallet's own."""

    def __init__(self, cause: Known) -> None:
        super().__init__(cause.title, cause.message, cause.hint)


class ServerRefused(Known):
    """The server answered with an error (RFC 9457 problem).

    Attributes:
        status: HTTP status.
        kind: Last part of the problem's type, such as ``unknown-song``; ``http-404`` when there was none.
        errors: One (field, message) for each field that is not valid.
    """

    def __init__(
        self, status: int, kind: str, title: str, detail: str = "", errors: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(title, detail, _HINTS.get(kind) or _HINTS_BY_STATUS.get(status, ""))
        self.status = status
        self.kind = kind
        self.errors = errors


class SignInRefused(ServerRefused):
    """401: the sign-in or the token was not accepted."""


class NotThere(ServerRefused):
    """404 or 410: unknown, gone, or not this account's to see."""


class InTheWay(ServerRefused):
    """409: what is there already stands against it."""


class TooMany(ServerRefused):
    """429: too many requests. ``retry_after`` is in seconds."""

    def __init__(self, kind: str, title: str, detail: str, retry_after: float) -> None:
        super().__init__(429, kind, title, detail)
        self.retry_after = retry_after


class ServerTrouble(ServerRefused):
    """5xx: the server could not do it now. ``retry_after`` is in seconds, 0 when not told."""

    def __init__(self, status: int, kind: str, title: str, detail: str, retry_after: float = 0.0) -> None:
        super().__init__(status, kind, title, detail)
        self.retry_after = retry_after


PLAIN: Final = {
    "disk-full": ("The server has no room left", "What had arrived before is kept."),
    "store-away": ("The server cannot reach its store", "What had arrived before is kept."),
    "database-away": ("The server is busy with itself", "Its database does not answer. Nothing was changed."),
    "cid-mismatch": ("The fingerprints differ", "What arrived is not the file fingerprinted here, so it is not used."),
}
"""Title and message for problems whose own words are for operators, by kind."""

_HINTS: Final = {
    "too-many": "Wait a little; Studio goes on by itself.",
    "quota": "Delete songs you no longer offer, or ask the platform for more space.",
    "disk-full": "Tell the platform that its disk is full; Studio goes on where it stopped.",
    "not-audio": "Choose a file that plays, or export it again.",
    "cid-mismatch": "Send it again; Studio takes the file as it is now.",
    "store-away": "Studio goes on by itself.",
    "database-away": "Studio goes on by itself.",
    "wrong-chain": "Choose the network of this platform in Settings.",
    "wrong-domain": "Check the server's address in Settings; it must be the one the platform names itself.",
    "expired": "Check the clock of this computer, then sign in again.",
    "not-yet-valid": "Check the clock of this computer, then sign in again.",
    "song-exists": "Change the song that is there, or delete it first.",
    "crash": "Tell the platform, with the number above.",
}
_HINTS_BY_STATUS: Final = {
    400: "Update Studio, or ask the platform.",
    401: "Sign in again.",
    403: "Sign in with the account this belongs to.",
    404: "Sync, then look again.",
    410: "Begin again.",
    413: "Choose a smaller file.",
    429: "Wait a little; Studio goes on by itself.",
    500: "Try again later.",
    502: "Try again later.",
    503: "Studio tries again by itself.",
    504: "Studio tries again by itself.",
    507: "Tell the platform that its disk is full; Studio goes on where it stopped.",
}
