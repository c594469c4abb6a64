"""What the library shows beside a track that is a song: how it earns, and its plays of the last 30 days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from mycelix_studio.domain.strategy.names import StrategyName, strategies_of
from mycelix_studio.services.strategies_forms import terms_from_json
from mycelix_studio.store import figures, song_terms, sync_state
from mycelix_studio.store.connection import Database

DAYS = 30


@dataclass(frozen=True, slots=True)
class SongMark:
    """How a song earns, as known on this computer.

    Attributes:
        ways: Ways that are on chain, or signed and being confirmed.
        plays: Plays of the 30 days up to the last sync; None before the first.
    """

    ways: tuple[StrategyName, ...]
    plays: int | None


def marks(database: Database, chain_id: int) -> dict[str, SongMark]:
    """Return the marks of every song known here, by song id."""
    db = database.read()
    ways = {song_id: strategies_of(bits) for song_id, bits in figures.strategies_on_chain(db).items()}
    for row in song_terms.everything(db, chain_id):
        body = row.pending or row.terms
        if body is not None:
            ways[row.song_id] = terms_from_json(body).ways
    as_of = sync_state.state(db).as_of
    plays: dict[str, int] = {}
    if as_of is not None:
        names = {number: song.song_id for number, song in figures.all_songs(db).items()}
        last = as_of.date()
        totals = figures.song_totals(db, last - timedelta(days=DAYS - 1), last, figures.Chosen())
        plays = {names[number]: total[0] for number, total in totals.items() if number in names}
    unknown = None if as_of is None else 0
    return {song_id: SongMark(ways.get(song_id, ()), plays.get(song_id, unknown)) for song_id in {*ways, *plays}}
