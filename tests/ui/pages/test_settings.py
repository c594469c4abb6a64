"""The settings page: every setting has its control, is saved at once, and is found by its words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from mycelix_studio import settings
from mycelix_studio.app import App
from mycelix_studio.domain.transaction import FeeLevel
from mycelix_studio.settings import SETTINGS
from mycelix_studio.ui.labels import breakable
from mycelix_studio.ui.pages.settings.controls import currencies
from mycelix_studio.ui.pages.settings.page import SettingsPage
from mycelix_studio.ui.pages.settings.sections import SECTIONS, section_of
from mycelix_studio.ui.theme import DARK, LIGHT

Waiter = Callable[[Callable[[], bool]], None]


@pytest.fixture
def page(window: App) -> SettingsPage:
    window.window.go("settings")
    page = window.window.page("settings")
    assert isinstance(page, SettingsPage)
    return page


def test_every_setting_has_a_row_on_one_card(page: SettingsPage) -> None:
    assert all(section_of(setting) is not None for setting in SETTINGS)
    assert {setting.key for setting in SETTINGS} <= set(page.view.lines)
    for section in SECTIONS:
        assert {link.key for link in section.links} <= set(page.view.lines)


def test_colours_are_chosen_by_picture_and_follow_the_system_by_switch(
    page: SettingsPage, window: App, qtbot: QtBot, until: Waiter
) -> None:
    kept = window.studio.settings
    qtbot.mouseClick(page.view.theme_cards.cards["light"], Qt.MouseButton.LeftButton)
    until(lambda: window.look.theme is LIGHT)
    page.view.follow.click()
    assert kept.get(settings.THEME) == "system"
    qtbot.mouseClick(page.view.theme_cards.cards["dark"], Qt.MouseButton.LeftButton)
    assert kept.get(settings.THEME) == "dark"
    assert not page.view.follow.isChecked()
    until(lambda: window.look.theme is DARK)


def test_a_search_leaves_only_what_fits_and_says_when_nothing_does(page: SettingsPage) -> None:
    assert page.view.search("network fee") == 1
    shown = [group.section.title for group in page.view.groups if not group.isHidden()]
    assert shown == ["Wallet and signing"]
    assert page.view.search("zzzz") == 0
    assert not page.view.nothing.isHidden()
    assert page.view.search("") == len(page.view.lines)
    assert page.view.nothing.isHidden()


def test_a_wide_page_has_two_columns_and_a_narrow_one_a_single_one(
    page: SettingsPage, window: App, until: Waiter
) -> None:
    window.window.resize(1440, 900)
    left, right = page.view.columns
    until(lambda: right.count() > 0)
    assert abs(left.count() - right.count()) <= len(SECTIONS) // 2
    window.window.resize(1024, 680)
    until(lambda: right.count() == 0)
    assert left.count() == len(SECTIONS)


def test_the_fee_chosen_here_is_the_one_signing_starts_with(page: SettingsPage, window: App) -> None:
    page.view.lines[settings.FEE_LEVEL.key].show()
    window.studio.settings.set(settings.FEE_LEVEL, "fast")
    assert window.studio.wallet.fee_level() is FeeLevel.FAST


def test_a_link_opens_what_is_set_elsewhere(page: SettingsPage, window: App) -> None:
    rates = next(link for section in SECTIONS for link in section.links if link.key == "rates")
    page._open_link(rates)
    reports = window.window.page("reports")
    assert window.window.current is reports
    assert reports.view.tabs.value() == "rates"


def test_without_an_account_practising_is_off_and_says_why(page: SettingsPage, until: Waiter) -> None:
    line = page.view.lines["practise"]
    until(lambda: not line.isEnabled())
    assert line.description.text() == "There is no account yet."


def test_where_the_key_is_kept_is_said_and_tried(page: SettingsPage, window: App, until: Waiter) -> None:
    line = page.view.lines["kept"]
    until(lambda: not line.isEnabled())
    window.studio.wallet.import_key("0x" + "a1" * 32, "Main", passphrase="my own words")
    window.studio.wallet.lock()
    page.refresh()
    until(line.isEnabled)
    assert breakable(window.studio.paths.keystores) in line.description.text()
    page.try_key()
    until(lambda: line.description.text().endswith("it opens."))
    assert window.studio.wallet.lock_state().locked
    (file,) = window.studio.paths.keystores.glob("*.json")
    file.write_bytes(file.read_bytes()[:100])
    page.try_key()
    until(lambda: line.description.text().endswith("it does not open."))


def test_currencies_come_from_the_system_by_name_with_the_kept_one() -> None:
    offered = dict(currencies("EUR"))
    assert offered["EUR"] == "Euro, EUR"
    assert {"JPY", "KWD", "USD", "GBP"} <= set(offered)
    assert "XTS" in dict(currencies("XTS"))
