"""The control of each setting, made from its declaration: a switch, a segment of few choices, a list of many, or a field."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QWidget

from mycelix_studio import settings as keys
from mycelix_studio.settings import AnySetting, Settings
from mycelix_studio.ui import sizes
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.inputs import Choice, Field, Switch
from mycelix_studio.ui.widgets.segment import Segment

Value = bool | int | str
Setter = Callable[[AnySetting, Value], None]


def tr(source: str) -> str:
    """Translate a text of the settings."""
    return QCoreApplication.translate("Settings", source)


CHOICE_WORDS: Final[dict[tuple[str, Value], str]] = {
    ("look.compact", True): "Compact 28",
    ("look.compact", False): "Normal 30",
    ("network.chain_id", 100): "Gnosis",
    ("network.chain_id", 10200): "Chiado (test)",
    ("network.chain_id", 31337): "This computer",
    ("wallet.fee_level", "slow"): "Slow",
    ("wallet.fee_level", "normal"): "Normal",
    ("wallet.fee_level", "fast"): "Fast",
    ("wallet.allow_unreadable", False): "Refuse",
    ("wallet.allow_unreadable", True): "Ask me",
    ("uploads.clean_copies", "flac"): "FLAC",
    ("uploads.clean_copies", "wav"): "WAV",
    ("library.history_days", 0): "For ever",
    ("library.history_days", 30): "30 days",
    ("library.history_days", 90): "90 days",
    ("library.history_days", 365): "1 year",
    ("library.history_days", 1825): "5 years",
}
"""Words of single values. A setting that is on or off and has words here is a segment of the two instead of a switch."""
UNITS: Final = {
    "look.text_percent": "%",
    "sync.minutes": "min",
    "wallet.auto_lock_minutes": "min",
    "wallet.fee_warn_percent": "%",
    "uploads.limit_kbps": "kB/s",
    "network.confirmations": "blocks",
}
NUMBER_WIDTH: Final = 130
TEXT_WIDTH: Final = 260


def words_of(setting: AnySetting, value: Value) -> str:
    """Return what a choice says."""
    known = CHOICE_WORDS.get((setting.key, value))
    unit = UNITS.get(setting.key, "")
    return tr(known) if known else f"{value} {unit}".strip()


def control_of(setting: AnySetting, settings: Settings, theme: Theme, set_value: Setter) -> QWidget:
    """Return the control of a setting, showing its value and saving it at once when it is changed."""
    name = tr(setting.title)
    value = settings.value(setting)
    choices: tuple[Value, ...] = setting.choices
    if isinstance(setting.default, bool):
        if (setting.key, True) not in CHOICE_WORDS:
            switch = Switch(name, theme, on=bool(value))
            switch.toggled.connect(partial(set_value, setting))
            return switch
        choices = (False, True) if setting is not keys.COMPACT else (True, False)
    if choices and len(choices) <= 3:
        segment = Segment(name, [(str(choice), words_of(setting, choice)) for choice in choices])
        segment.set_value(str(value))
        by_text = {str(choice): choice for choice in choices}
        segment.chosen.connect(lambda key: set_value(setting, by_text[key]))
        return segment
    offered = (
        currencies(str(value)) if setting is keys.CURRENCY else [(each, words_of(setting, each)) for each in choices]
    )
    if offered:
        choice = Choice(name, theme, offered)
        choice.set_value(value)
        choice.picked.connect(partial(set_value, setting))
        sizes.keep(choice, most_width=TEXT_WIDTH)
        return choice
    field = Field(name, theme, note=tr(UNITS.get(setting.key, "")))
    field.setText(str(value))
    if isinstance(setting.default, int):
        sizes.keep(field, width=NUMBER_WIDTH)
    else:
        field.setFixedWidth(TEXT_WIDTH)  # its words need the room beside it
    field.editingFinished.connect(partial(_typed, field, setting, settings, set_value))
    return field


def currencies(kept: str) -> list[tuple[object, str]]:
    """Return the currencies in use as (ISO 4217 code, "Euro, EUR"), by name in the person's language; ``kept`` is always among them.

    Codes come from the system's tables of all countries, names from those countries where the person's language is spoken.
    """
    own = QLocale().language()
    own = QLocale.Language.English if own is QLocale.Language.C else own
    names = {kept: ""}
    anywhere = (QLocale.Language.AnyLanguage, QLocale.Script.AnyScript, QLocale.Country.AnyCountry)
    for locale in QLocale.matchingLocales(*anywhere):
        code = locale.currencySymbol(QLocale.CurrencySymbolFormat.CurrencyIsoCode)
        if len(code) == 3 and not names.get(code):
            spoken = locale.language() is own
            names[code] = locale.currencySymbol(QLocale.CurrencySymbolFormat.CurrencyDisplayName) if spoken else ""
    shown = {code: f"{name[:1].upper()}{name[1:]}, {code}" if name else code for code, name in names.items()}
    return sorted(shown.items(), key=lambda item: (item[1] == item[0], item[1].casefold()))


def _typed(field: Field, setting: AnySetting, settings: Settings, set_value: Setter) -> None:
    typed = field.text().strip()
    if isinstance(setting.default, int):
        if not typed.isdecimal():
            field.set_wrong(True, tr("A whole number, please."))
            return
        field.set_wrong(False)
        if int(typed) != settings.value(setting):
            set_value(setting, int(typed))
    elif typed != settings.value(setting):
        set_value(setting, typed)
