"""The groups of settings as data: which settings stand on which card, and rows that lead to what is set elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

from mycelix_studio.settings import AnySetting


@dataclass(frozen=True, slots=True)
class Link:
    """A row whose button opens the place where the thing itself is.

    Attributes:
        key: Name of the row, for the page that fills in its description.
        title: What it is about.
        description: One sentence below, shown until the page knows better.
        button: A verb.
        page: Page to open; empty for the list of keys.
        target: What that page is asked to show.
    """

    key: str
    title: str
    description: str
    button: str
    page: str
    target: str


@dataclass(frozen=True, slots=True)
class Section:
    """One card: settings whose keys begin with one of the prefixes, then links."""

    title: str
    icon: str
    prefixes: tuple[str, ...]
    links: tuple[Link, ...] = ()


def _t(source: str) -> str:
    return str(QT_TRANSLATE_NOOP("Settings", source))


KEPT: Final = Link(
    "kept",
    _t("Where the key is kept"),
    _t("Sealed in a wallet file, which a random passphrase in the system’s keyring opens."),
    _t("Try it"),
    "",
    "",
)
PRACTISE: Final = Link(
    "practise",
    _t("Practise recovery"),
    _t("Type your words and see that they restore your account."),
    _t("Practise now"),
    "wallet",
    "practise",
)
PASSPHRASE: Final = Link(
    "passphrase",
    _t("Extra passphrase"),
    _t("Asked on top of the keyring, for each signature."),
    _t("Change…"),
    "wallet",
    "passphrase",
)

USAGE: Final = Link(
    "usage",
    _t("What would be sent"),
    _t("Every word of it, to send, save or forget. Nothing is sent by itself."),
    _t("Look…"),
    "",
    "",
)

SECTIONS: Final = (
    Section(_t("Appearance"), "ph.palette", ("look",)),
    Section(_t("Wallet and signing"), "ph.lock-key", ("wallet",), (KEPT, PASSPHRASE, PRACTISE)),
    Section(
        _t("Money and reports"),
        "ph.currency-circle-dollar",
        ("reports",),
        (Link("rates", _t("Rates"), _t("Your own table of what FLOW was worth."), _t("Open"), "reports", "rates"),),
    ),
    Section(_t("Platform and sync"), "ph.arrows-clockwise", ("platform", "sync")),
    Section(_t("Network"), "ph.globe", ("network",)),
    Section(_t("You"), "ph.user", ("you",)),
    Section(_t("Library"), "ph.music-notes", ("library",)),
    Section(_t("Uploads"), "ph.cloud-arrow-up", ("uploads",)),
    Section(
        _t("Keyboard"),
        "ph.keyboard",
        (),
        (Link("keys", _t("All keys"), _t("F1 shows them anywhere."), _t("Show keys"), "", ""),),
    ),
    Section(_t("Privacy"), "ph.shield", ("privacy",), (USAGE,)),
)
"""In the order of the list at the left."""


def section_of(setting: AnySetting) -> Section | None:
    """Return the card a setting is on."""
    prefix = setting.key.split(".")[0]
    return next((section for section in SECTIONS if prefix in section.prefixes), None)
