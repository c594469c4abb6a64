"""Notices in words and icons."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication

from mycelix_studio.domain.notices import Notice, NoticeKind
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.charts.data import FLOW


def tr(source: str) -> str:
    """Translate a notice."""
    return QCoreApplication.translate("Notices", source)


ICONS: Final = {
    NoticeKind.PLAYS: ("ph.trophy", "acc"),
    NoticeKind.NET: ("ph.trophy", "acc"),
    NoticeKind.SONG_PLAYS: ("ph.music-notes", "acc"),
    NoticeKind.PATRON: ("ph.users-three", "patronage"),
    NoticeKind.RENEWAL_FAILED: ("ph.warning", "warn"),
    NoticeKind.SOLD_OUT: ("ph.trend-down", "auction"),
    NoticeKind.AUCTION_OVER: ("ph.hourglass", "auction"),
    NoticeKind.TAKEN_BACK: ("ph.arrow-counter-clockwise", "warn"),
    NoticeKind.REWARD_BACK: ("ph.arrow-counter-clockwise", "gift"),
}
"""Icon and colour token of each kind."""


def notice_words(notice: Notice) -> str:
    """Return one notice as a sentence."""
    title = notice.title or tr("(no title)")
    who = notice.name or (f"{notice.who[:6]}…{notice.who[-4:]}" if notice.who else "")
    template = {
        NoticeKind.PLAYS: tr("Your songs reached {n} plays"),
        NoticeKind.NET: tr("Your songs reached {money} FLOW net"),
        NoticeKind.SONG_PLAYS: tr("{title} reached {n} plays"),
        NoticeKind.PATRON: tr("{who} is a new patron of {title}"),
        NoticeKind.RENEWAL_FAILED: tr("{who} could not be charged for {title}"),
        NoticeKind.SOLD_OUT: tr("All {n} passes of {title} are sold"),
        NoticeKind.AUCTION_OVER: tr("The auction of {title} reached its lowest price, {left} of {of} passes are left"),
        NoticeKind.TAKEN_BACK: tr("The network took back a payment of {money} FLOW for {title}"),
        NoticeKind.REWARD_BACK: tr("The network took back a listener’s reward of {money} CGC for {title}"),
    }[notice.kind]
    return template.format(
        n=words.number(notice.value, 0, 0),
        money=words.short_exact(FLOW, notice.value),
        title=title,
        who=who,
        left=words.number(notice.of - notice.value, 0, 0),
        of=words.number(notice.of, 0, 0),
    )
