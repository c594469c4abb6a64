"""What would be sent about use is shown whole, before anything is sent; off, it says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from mycelix_studio import settings
from mycelix_studio.app import App
from mycelix_studio.ui.dialogs.usage import UsageDialog

Waiter = Callable[[Callable[[], bool]], None]


@pytest.fixture
def dialog(window: App) -> Iterator[UsageDialog]:
    window.studio.settings.set(settings.CLIENT_EVENTS, True)
    window.window.go("library")
    made = UsageDialog(window.studio, window.bridge, window.look.theme, window.window)
    made.show()
    yield made
    made.close()
    made.deleteLater()


def test_pages_are_noted_only_after_the_choice_and_every_word_is_shown(window: App, dialog: UsageDialog) -> None:
    shown = json.loads(dialog.sheet.toPlainText())
    assert [(each["event"], each["properties"]) for each in shown] == [("page", {"page": "library"})]
    assert dialog.send.isEnabled() and dialog.sheet.isReadOnly()
    window.studio.settings.set(settings.CLIENT_EVENTS, False)
    dialog._show("")
    assert "This is off" in dialog.words.text()
    assert not dialog.send.isEnabled() and dialog.sheet.isHidden()


def test_it_can_be_forgotten(window: App, dialog: UsageDialog) -> None:
    dialog.erase.click()
    assert window.studio.usage.waiting() == ()
    assert dialog.words.text() == "Forgotten." and not dialog.erase.isEnabled()


def test_a_platform_that_does_not_answer_is_said_and_nothing_is_lost(
    window: App, dialog: UsageDialog, until: Waiter
) -> None:
    window.studio.settings.set(settings.API_URL, "http://127.0.0.1:9")
    dialog.send.click()
    until(lambda: "Could not reach" in dialog.words.text())
    assert len(window.studio.usage.waiting()) == 1 and dialog.send.isEnabled()
