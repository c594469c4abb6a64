"""What goes on with an artist's songs right now: patrons, auctions, gift budgets, payouts. Read from the chain, kept for offline.

Each module has one frozen dataclass with everything a tab shows, and a function that reads it. :class:`Live` keeps the last reading in the
cache, so that the tabs have something to show without a server, and reads on from there: events are asked for once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec

from mycelix_studio.domain.transaction import Call, ChangeRow, Prepared
from mycelix_studio.errors import Known
from mycelix_studio.services import strategies_chain as on_chain
from mycelix_studio.services import strategies_forms as forms
from mycelix_studio.services.live import auctions, gifts, patrons, payouts
from mycelix_studio.services.live.auctions import Auctions
from mycelix_studio.services.live.gifts import Gifts
from mycelix_studio.services.live.patrons import Patrons
from mycelix_studio.services.live.payouts import Payouts, PurseAction
from mycelix_studio.services.live.reading import Reader, Songs
from mycelix_studio.services.strategies import KnownSong, NoSigner
from mycelix_studio.store import drafts, song_terms

if TYPE_CHECKING:
    from mycelix_studio.services.wallet_context import WalletContext
    from mycelix_studio.services.wallet_face import Wallet

S = TypeVar("S", Patrons, Auctions, Gifts, Payouts)


class NothingDue(Known):
    """There is nothing of the kind to sign for."""

    def __init__(self, message: str) -> None:
        super().__init__("Nothing to sign", message, "")


@dataclass(frozen=True, slots=True)
class Live:
    """The service.

    Args:
        context: Profile, cache and network.
        wallet: Prepares what is signed.
        songs: The artist's songs.
    """

    context: WalletContext
    wallet: Wallet
    songs: Callable[[], Sequence[KnownSong]]

    # reading ------------------------------------------------------------------------------------------------------------

    def patrons(self) -> Patrons | None:
        """Any lane. What was read last; None when never."""
        return self._kept("patrons", Patrons)

    def refresh_patrons(self) -> Patrons:
        """CHAIN. Read the plans of all songs and their patrons.

        Raises:
            ChainUnreachable: No server answers; what was read before stays.
            NoSigner: There is no account.
        """
        return self._keep("patrons", patrons.read(self._reader(), self.patrons()))

    def auctions(self) -> Auctions | None:
        """Any lane. What was read last; None when never."""
        return self._kept("auctions", Auctions)

    def refresh_auctions(self) -> Auctions:
        """CHAIN. Read the auctions of all songs and their sales. Raises as :meth:`refresh_patrons`."""
        return self._keep("auctions", auctions.read(self._reader(), self.auctions()))

    def gifts(self) -> Gifts | None:
        """Any lane. What was read last; None when never."""
        return self._kept("gifts", Gifts)

    def refresh_gifts(self) -> Gifts:
        """CHAIN. Read the gift budgets of all songs and whom they thanked. Raises as :meth:`refresh_patrons`."""
        return self._keep("gifts", gifts.read(self._reader(), self.gifts()))

    def payouts(self) -> Payouts | None:
        """Any lane. What was read last; None when never."""
        return self._kept("payouts", Payouts)

    def refresh_payouts(self) -> Payouts:
        """CHAIN. Read what waits for whom, and the own purse. Raises as :meth:`refresh_patrons`."""
        return self._keep("payouts", payouts.read(self._reader(), self.payouts()))

    # signing ------------------------------------------------------------------------------------------------------------

    def prepare(self, calls: Sequence[Call], before: Sequence[Sequence[ChangeRow]] = ()) -> tuple[Prepared, ...]:
        """CHAIN. Have the wallet decode, check and try out calls, with the titles of the artist's songs."""
        account = self.wallet.current()
        if account is None or not account.can_sign:
            raise NoSigner
        return self.wallet.prepare(calls, before=before, song_titles=self._titles(account.address))

    def prepare_renewals(self, plan: int | None = None) -> tuple[Prepared, ...]:
        """CHAIN. As a keeper: charge every patron who is due and agreed, of one plan or of all.

        Raises:
            NothingDue: Nobody can be charged now.
        """
        calls = patrons.renewal_calls(self._reader(), self.refresh_patrons(), plan)
        if not calls:
            raise NothingDue("Nobody is due who agreed to be renewed and can pay.")
        return self.prepare(calls)

    def prepare_close(self, auction: int) -> tuple[Prepared, ...]:
        """CHAIN. Sell no more passes of an auction."""
        return self.prepare([auctions.close_call(self._reader(), auction)])

    def prepare_top_up(self, song_id: str, amount: int) -> tuple[Prepared, ...]:
        """CHAIN. Put CGC wei into a song's gift budget: an allowance first where one is needed."""
        reader = self._reader()
        return self.prepare(gifts.top_up_calls(reader, song_id, amount))

    def prepare_take_back(self, song_id: str, amount: int) -> tuple[Prepared, ...]:
        """CHAIN. Take unused CGC wei out of a song's gift budget, to the own account."""
        return self.prepare([gifts.take_back_call(self._reader(), song_id, amount)])

    def prepare_payout(self, payee: int | None = None, *, push: bool = True) -> tuple[Prepared, ...]:
        """CHAIN. Pay everyone what waits, from one of the accounts or from all; not ``push``: set it aside to be collected.

        Raises:
            NothingDue: Nothing waits.
        """
        calls = payouts.distribute_calls(self._reader(), self.refresh_payouts(), payee, push=push)
        if not calls:
            raise NothingDue("Nothing waits in your songs’ accounts.")
        return self.prepare(calls)

    def prepare_collect(self) -> tuple[Prepared, ...]:
        """CHAIN. Collect what is set aside for the own account."""
        reader = self._reader()
        if not reader.ledger.claimable(reader.artist).read(reader.rpc):
            raise NothingDue("Nothing is set aside for you.")
        return self.prepare([reader.ledger.claim(reader.artist)])

    def prepare_purse(self, action: PurseAction, amount: int = 0) -> tuple[Prepared, ...]:
        """CHAIN. Put FLOW wei into the own purse, ask for it back, or take out what was asked for a day ago."""
        return self.prepare(payouts.purse_calls(self._reader(), action, amount))

    # inside -------------------------------------------------------------------------------------------------------------

    def _artist(self) -> str:
        account = self.wallet.current()
        if account is None:
            raise NoSigner
        return account.address

    def _titles(self, artist: str) -> dict[str, str]:
        return {on_chain.song_id_of(artist, song.content_hash): song.title for song in self.songs()}

    def _reader(self) -> Reader:
        """Read the terms of all songs, keep them, and return what the tabs read with."""
        artist = self._artist()
        titles = self._titles(artist)
        terms, block = on_chain.read_terms(self.context, list(titles)) if titles else ({}, 0)
        bodies = {song_id: None if t is None else forms.terms_to_json(t) for song_id, t in terms.items()}
        with self.context.database.write() as db:
            song_terms.keep_read(db, self.context.network.chain_id, bodies, block=block, at=self.context.now())
        known: Songs = {song_id: (titles[song_id], t) for song_id, t in terms.items() if t is not None}
        return Reader.open(self.context, artist, known)

    def _name(self, kind: str) -> str:
        return f"live:{kind}:{self.context.network.chain_id}:{self._artist().lower()}"

    def _kept(self, kind: str, made: type[S]) -> S | None:
        try:
            body = self._bodies().get(self._name(kind))
            return None if body is None else msgspec.json.decode(body, type=made)
        except (NoSigner, msgspec.ValidationError):
            return None  # no account yet, or an older version's reading: the next one takes its place

    def _bodies(self) -> Mapping[str, str]:
        return drafts.named(self.context.database.read(), "chain_fact")

    def _keep(self, kind: str, state: S) -> S:
        body = msgspec.json.encode(state).decode()
        with self.context.database.write() as db:
            drafts.save_named(db, "chain_fact", self._name(kind), body, self.context.now())
        return state
