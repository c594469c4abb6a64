"""What the Terms tab shows besides the form: the four ways in an artist's words, with what each brought in lately."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from PySide6.QtCore import QCoreApplication

from mycelix_studio.domain.dashboard import Query
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.services.song_marks import marks
from mycelix_studio.services.strategies import Choice, Draft, TermsState
from mycelix_studio.services.studio import Studio
from mycelix_studio.settings import CHAIN_ID
from mycelix_studio.ui.theme import Strategy

DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class Way:
    """One card: the way's name in code, its colour and icon, title and words."""

    name: StrategyName
    strategy: Strategy
    title: str
    words: str


WAYS: Final = (
    Way("pay-per-stream", Strategy.STREAM, "Pay per stream", "Listeners pay a small price each time they play it."),
    Way("gift-economy", Strategy.GIFT, "Gift", "Free to hear. You thank listeners from your own budget; they may tip."),
    Way("patronage", Strategy.PATRONAGE, "Patronage", "Patrons support you every 30 days. Staying longer lowers their price."),
    Way("auction", Strategy.AUCTION, "Auction", "A limited number of passes. The price falls until someone buys."),
)  # fmt: skip


def tr(source: str) -> str:
    """Translate a text of this page."""
    return QCoreApplication.translate("Strategies", source)


@dataclass(frozen=True, slots=True)
class WayFigures:
    """Songs that earn this way, and net wei of the last 90 days; None before the first sync."""

    songs: int = 0
    net: int | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """Everything read for the page at once; ``asked`` is the choice it was read for."""

    asked: str | list[int]
    choices: Sequence[Choice]
    state: TermsState | None
    figures: Mapping[StrategyName, WayFigures] = field(default_factory=dict)
    has_account: bool = True
    drafts: tuple[Draft, ...] = ()
    due: tuple[Draft, ...] = ()


def figures(studio: Studio) -> dict[StrategyName, WayFigures]:
    """IO. Return what each way brought in, from this computer."""
    known = marks(studio.database, studio.settings.get(CHAIN_ID))
    as_of = studio.analytics.as_of()
    net: Mapping[str, tuple[int, ...]] = {}
    if as_of is not None:
        last = as_of.date()
        net = studio.analytics.artist(Query(Period(last - timedelta(days=DAYS - 1), last))).days.net
    found: dict[StrategyName, WayFigures] = {}
    for way in WAYS:
        songs = sum(way.name in mark.ways for mark in known.values())
        found[way.name] = WayFigures(songs, sum(net.get(way.strategy.value, ())) if as_of is not None else None)
    return found
