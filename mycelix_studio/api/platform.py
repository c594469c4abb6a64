"""The platform's API as one object, put together from its groups."""

from __future__ import annotations

from collections.abc import Callable

from mycelix_studio.api.analytics import Analytics
from mycelix_studio.api.client import Client
from mycelix_studio.api.groups import Artists, Plays, Songs, Status, Strategies, Sync, Vouchers
from mycelix_studio.api.sign_in import Session, Signer, TokenStore
from mycelix_studio.api.uploads import Uploads


class Api:
    """Everything Studio asks of a platform. Safe to use from any thread; every call blocks.

    Args:
        address: Returns the server's address, asked for every request.
        chain_id: Returns the platform's chain.
        tokens: Where a sign-in may outlive the program; in memory only when None.
    """

    def __init__(
        self, address: Callable[[], str], chain_id: Callable[[], int], tokens: TokenStore | None = None
    ) -> None:
        self.session = Session(self._origin, chain_id, tokens)
        self.client = Client(address, self.session)
        self.songs = Songs(self.client)
        self.plays = Plays(self.client)
        self.vouchers = Vouchers(self.client)
        self.artists = Artists(self.client)
        self.strategies = Strategies(self.client)
        self.analytics = Analytics(self.client)
        self.sync = Sync(self.client)
        self.status = Status(self.client)
        self.uploads = Uploads(self.client)

    def use(self, signer: Signer | None) -> None:
        """Say who signs in from now on."""
        self.session.use(signer)

    def sign_in(self) -> None:
        """Sign in now, when not signed in.

        Raises:
            NobodySignsIn: There is no account.
            ServerUnreachable: No answer.
            ServerRefused: The server did not accept it.
        """
        self.client.sign_in()

    def sign_out(self) -> None:
        """Revoke the sign-in and forget it; see :meth:`Client.sign_out`."""
        self.client.sign_out()

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def _origin(self) -> str:
        return self.client.origin()
