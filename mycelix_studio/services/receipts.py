"""What statements are made from: payments, payouts and splits of the cache, names of the address book, the artist's own rates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mycelix_studio.domain.clock import to_unix
from mycelix_studio.domain.fiat import RateTable
from mycelix_studio.domain.networks import network
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.statement import Inputs, Receipt, Taken
from mycelix_studio.domain.vouchers import songs_of
from mycelix_studio.domain.wire import PaymentRecord, PayoutRecord, SplitRecord, VoucherSongRecord
from mycelix_studio.services.analytics import NothingSynced
from mycelix_studio.settings import ARTIST_NAME, CHAIN_ID, Settings
from mycelix_studio.store import address_book, figures, sync_state, synced
from mycelix_studio.store.connection import Database

_WITHIN = "t.block_time >= ? AND t.block_time < ?"
_IN_ORDER = "t.block_time, t.block, t.log_index, t.item, t.key"


@dataclass(frozen=True, slots=True)
class Receipts:
    """The ``Source`` of ``services.reports``: everything is read from the cache in one moment, nothing from a network.

    Attributes:
        rates: Returns the table of rates; called only when values in a currency are wanted.
    """

    database: Database
    settings: Settings
    rates: Callable[[], RateTable]

    def inputs(self, period: Period, currency: str) -> Inputs:
        """Return what a statement of ``period`` is made from.

        Raises:
            NothingSynced: Nothing was ever synced to the end.
            CacheUnusable: The cache cannot be read.
        """
        rates = self.rates() if currency else RateTable()
        bounds = tuple(to_unix(moment) for moment in period.bounds)
        with self.database.snapshot() as db:
            state = sync_state.state(db)
            if state.as_of is None:
                raise NothingSynced
            paid = synced.records(db, PaymentRecord, _WITHIN, bounds, _IN_ORDER)
            payouts = synced.records(db, PayoutRecord, _WITHIN, bounds, _IN_ORDER)
            songs = synced.records(db, VoucherSongRecord, _WITHIN, bounds)
            back = synced.taken_back(db)
            splits = synced.records(db, SplitRecord)
            titles = {song.song_id: song.title for song in figures.all_songs(db).values() if song.title}
            names = {contact.address: contact.name for contact in address_book.contacts(db)}
        chains = {payment.chain_id for payment in paid} or {self.settings.get(CHAIN_ID)}
        # What the chain took back keeps its songs, whichever of the two went first.
        gone = songs_of([*songs, *(record for record, _at in back if isinstance(record, VoucherSongRecord))])
        known = songs_of(songs)
        artist = self.settings.get(ARTIST_NAME)
        if artist:
            names.setdefault(state.account, artist)
        return Inputs(
            artist or state.account,
            state.account,
            ", ".join(network(chain).name for chain in sorted(chains)),
            state.as_of,
            [
                *(Receipt(payment, songs=tuple(known.get(payment.key, ()))) for payment in paid),
                *(
                    Receipt(record, at, tuple(gone.get(record.key, ())))
                    for record, at in back
                    if isinstance(record, PaymentRecord)
                ),
            ],
            [
                *(Taken(payout) for payout in payouts),
                *(Taken(record, at) for record, at in back if isinstance(record, PayoutRecord)),
            ],
            splits,
            titles,
            names,
            rates=rates,
            currency=currency,
        )
