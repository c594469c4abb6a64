"""The forms of the ways to earn, one module each. A new way is one more module and one more line here."""

from __future__ import annotations

from mycelix_studio.ui.pages.strategies.forms.auction import AuctionPanel
from mycelix_studio.ui.pages.strategies.forms.base import WayPanel
from mycelix_studio.ui.pages.strategies.forms.gift import GiftPanel
from mycelix_studio.ui.pages.strategies.forms.patronage import PatronagePanel
from mycelix_studio.ui.pages.strategies.forms.stream import StreamPanel

PANELS: tuple[type[WayPanel], ...] = (StreamPanel, GiftPanel, PatronagePanel, AuctionPanel)
"""In the order of the cards."""
