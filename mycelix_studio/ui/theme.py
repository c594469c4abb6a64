"""The look, as data: one :class:`Theme` of colour tokens and one set of measures feed QPalette, QSS, delegates and charts.

Token names are those of the components page (``mycelix-studio --gallery``). A test recomputes every contrast ratio.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class Strategy(StrEnum):
    """Keys of the four ways to earn, as used for colour, dash and icon."""

    STREAM = "stream"
    GIFT = "gift"
    PATRONAGE = "patronage"
    AUCTION = "auction"


STRATEGY_ICON: Final = {
    Strategy.STREAM: "ph.play-circle",
    Strategy.GIFT: "ph.gift",
    Strategy.PATRONAGE: "ph.users-three",
    Strategy.AUCTION: "ph.trend-down",
}
STRATEGY_DASH: Final[dict[Strategy, tuple[int, ...]]] = {
    Strategy.STREAM: (),
    Strategy.GIFT: (2, 4),
    Strategy.PATRONAGE: (8, 4),
    Strategy.AUCTION: (9, 3, 2, 3),
}


class Theme(NamedTuple):
    """Colours as ``#RRGGBB``.

    Grounds: ``bg0`` window and tables, ``bg1`` sidebar, inspector and status, ``bg2`` cards and dialogs, ``bg3`` buttons and the row
    under the pointer, ``bg4`` tracks and badges, ``pop`` menus, tooltips, toasts. Lines: ``line`` row rules, ``line2`` cards and axes,
    ``ctl`` edges of inputs. Text: ``t1``, ``t2``, ``t3`` (labels and hints), ``disabled``.
    """

    name: str
    bg0: str
    bg1: str
    bg2: str
    bg3: str
    bg4: str
    pop: str
    line: str
    line2: str
    ctl: str
    t1: str
    t2: str
    t3: str
    disabled: str
    acc: str
    acc_hover: str
    acc_pressed: str
    on_acc: str
    sel: str
    sel2: str
    focus: str
    ok: str
    warn: str
    bad: str
    info: str
    ok_ground: str
    warn_ground: str
    bad_ground: str
    info_ground: str
    stream: str
    gift: str
    patronage: str
    auction: str

    def strategy(self, strategy: Strategy) -> str:
        """Return the colour of a strategy's icon, line, bar or area; its words are ``t1``."""
        return str(getattr(self, strategy.value))


DARK: Final = Theme(
    name="dark",
    bg0="#131412", bg1="#181A17", bg2="#1E201D", bg3="#272A26", bg4="#31352F", pop="#31352F",
    line="#2C302A", line2="#3C4139", ctl="#747B6F",
    t1="#ECEEE7", t2="#B6BAAF", t3="#9AA093", disabled="#666C60",
    acc="#BBD06B", acc_hover="#C9DC80", acc_pressed="#A6BB58", on_acc="#171A0B",
    sel="#2C3320", sel2="#3A4429", focus="#D3E787",
    ok="#74C58C", warn="#E9B44C", bad="#F08A7C", info="#8DB9EA",
    ok_ground="#1C2C21", warn_ground="#30281A", bad_ground="#34201D", info_ground="#1D2833",
    stream="#4C93F5", gift="#84E0D0", patronage="#CC7591", auction="#F0C46E",
)  # fmt: skip

LIGHT: Final = Theme(
    name="light",
    bg0="#F3F4EF", bg1="#E9EBE3", bg2="#FFFFFF", bg3="#F1F2EC", bg4="#E3E6DB", pop="#FFFFFF",
    line="#DDE0D5", line2="#C6CABC", ctl="#7F8677",
    t1="#1A1D16", t2="#464B40", t3="#5F6558", disabled="#9BA192",
    acc="#4F6A14", acc_hover="#43590F", acc_pressed="#374A0B", on_acc="#FFFFFF",
    sel="#E6EED0", sel2="#D6E2B4", focus="#4F6A14",
    ok="#1B733A", warn="#8A5A00", bad="#B3362A", info="#1F66A8",
    ok_ground="#E4F2E7", warn_ground="#FAF0D8", bad_ground="#FBE7E4", info_ground="#E4EEF8",
    stream="#1B6AC6", gift="#0A5A3C", patronage="#7A1A66", auction="#8F6A00",
)  # fmt: skip
