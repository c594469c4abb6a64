from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from mycelix_studio import settings
from mycelix_studio.app import App
from mycelix_studio.domain import wire
from mycelix_studio.domain.clock import now
from mycelix_studio.domain.strategy.auction_form import AuctionOffer
from mycelix_studio.domain.strategy.gift_form import GiftOffer
from mycelix_studio.domain.strategy.names import StrategyName, bitmask_of
from mycelix_studio.domain.strategy.patronage_form import PlanOffer
from mycelix_studio.domain.strategy.shares import ShareEntry
from mycelix_studio.domain.strategy.terms import WAYS
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.strategies import selection_key
from mycelix_studio.services.studio import Studio
from mycelix_studio.store import synced, tracks
from mycelix_studio.ui.dialogs.wallet.codes import ShowCodesDialog
from mycelix_studio.ui.pages.library.page import LibraryPage
from mycelix_studio.ui.pages.strategies.page import StrategiesPage
from mycelix_studio.ui.pages.strategies.terms import TermsTab
from mycelix_studio.ui.pages.wallet.page import WalletPage
from tests.fixtures import audio
from tests.fixtures.ledger import FRIEND, Stage
from tests.fixtures.wallet import opened_wallet
from tests.fixtures.ways import song_record

pytestmark = pytest.mark.anvil
Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def artist(profile: Studio, stage: Stage, sealed: Path) -> Studio:
    """A profile on the stage's chain, with the stage's artist and two songs: one registered, one not."""
    profile.settings.set(settings.CHAIN_ID, 31337)
    profile.settings.set(settings.RPC_URLS, stage.rpc.urls[0])
    profile.settings.set(settings.CONFIRMATIONS, 1)
    profile.settings.set(settings.ARTIST_NAME, "Maren Okafor")
    folder = profile.wallet.context.deployment_folder
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(stage.deployment_file, folder)
    account = opened_wallet(profile, sealed)
    profile.wallet.save_contact(FRIEND, "Ilse Brandt", confirmed=True)
    records = (song_record(1, "Low Lamp", account.address), song_record(2, "Thaw", account.address))
    with profile.database.write() as db:
        synced.begin(db, "http://node", account.address)
        synced.apply(db, wire.SyncPage(records, "c1", False, now()))
    return profile


@pytest.fixture
def page(artist: Studio, window: App, until: Until) -> Iterator[TermsTab]:
    made = _terms(window)
    window.window.go("strategies")
    until(lambda: made.state is not None and made.state.as_of is not None)
    yield made


def _terms(window: App) -> TermsTab:
    page = window.window.page("strategies")
    assert isinstance(page, StrategiesPage)
    tab = page.tab("terms")
    assert isinstance(tab, TermsTab)
    return tab


def _open(page: TermsTab, title: str, until: Until) -> None:
    place = next(n for n in range(page.view.choice.count()) if page.view.choice.itemText(n) == title)
    page.view.choice.setCurrentIndex(place)
    page.view.choice.activated.emit(place)
    until(lambda: page.state is not None and page.state.choice.title == title and page.state.as_of is not None)


def test_without_songs_the_page_says_what_comes_first(window: App, until: Until) -> None:
    page = _terms(window)
    window.window.go("strategies")
    until(lambda: page.states.showing == "other")


def test_terms_on_chain_are_shown_with_names_and_divided_to_the_last_digit(page: TermsTab, until: Until) -> None:
    _open(page, "Low Lamp", until)
    assert page.panel.price.text() == "0.01"
    assert [who.text() for who, _role, _share in page.view.rows.fields] == ["Maren Okafor", "Ilse Brandt"]
    assert [share.text() for _who, _role, share in page.view.rows.fields] == ["85", "15"]
    assert page.view.sum.words == "100 %"
    preview = page.view.payment.preview
    assert preview is not None and sum(part.amount for part in preview.parts) == preview.gross == 10**16
    assert not page.view.sign.isEnabled()
    assert page.view.state.words == "On chain"


def test_the_library_says_of_a_track_how_it_earns_and_leads_to_its_terms(
    page: TermsTab, artist: Studio, window: App, tmp_path: Path, until: Until
) -> None:
    _open(page, "Low Lamp", until)
    audio.make(tmp_path, "flac", name="song", seconds=0.1)
    audio.make(tmp_path, "flac", name="other", seconds=0.1)
    artist.library.add([tmp_path / "song.flac", tmp_path / "other.flac"], Work())
    rows = {row.path.name: row.id for row in artist.library.rows(artist.library.ids())}
    with artist.database.write() as db:
        tracks.set_song(db, rows["song.flac"], page.state.targets[0].song_id if page.state is not None else "")
    window.window.go("library")
    library = window.window.page("library")
    assert isinstance(library, LibraryPage)
    library.refresh()
    until(lambda: len(library.model.ids) == 2)
    library.show_track(rows["other.flac"], "chain")
    until(lambda: "Not uploaded yet" in library.on_chain.lines[-1][1] if library.on_chain.lines else False)
    library.view.table.select_ids([rows["song.flac"]])
    until(lambda: ("Standing", "Registered") in library.on_chain.lines)
    assert ("Price", "0.01 FLOW a stream") in library.on_chain.lines
    paid = [words for label, words in library.on_chain.lines if label == "Gets paid"]
    assert [words.split(",")[0] for words in paid] == ["Maren Okafor", "Ilse Brandt"]
    library.on_chain.open_terms()
    until(lambda: page.state is not None and page.state.choice.songs[0].track_id == rows["song.flac"])


def test_an_edit_shows_old_and_new_and_is_kept_as_a_draft(page: TermsTab, qtbot: QtBot, until: Until) -> None:
    _open(page, "Low Lamp", until)
    page.panel.price.setFocus()
    page.panel.price.selectAll()
    qtbot.keyClicks(page.panel.price, "0.02")
    assert page.plan is not None
    assert [(change.before, change.after) for change in page.plan.changes] == [("0.01 FLOW", "0.02 FLOW")]
    assert page.view.sign.isEnabled()
    until(lambda: [draft.title for draft in page.studio.strategies.drafts()] == ["Low Lamp"])
    until(lambda: page.view.state.words == "Draft")
    qtbot.mouseClick(page.view.discard, Qt.MouseButton.LeftButton)
    until(lambda: page.studio.strategies.drafts() == () and page.form.price == "0.01")


def test_what_is_wrong_is_marked_and_cannot_be_signed(page: TermsTab, qtbot: QtBot, until: Until) -> None:
    _open(page, "Low Lamp", until)
    _who, _role, share = page.view.rows.fields[0]
    share.setFocus()
    share.selectAll()
    qtbot.keyClicks(share, "80")
    assert page.view.sum.words == "95 %"
    assert not page.view.sign.isEnabled()
    assert page.view.change_words.text() == "5 % missing."
    share.selectAll()
    qtbot.keyClicks(share, "x")
    assert share.property("wrong")
    assert page.view.payment.preview is None


def test_a_song_is_registered_with_price_and_shares_through_the_dialog(
    page: TermsTab,
    stage: Stage,
    qtbot: QtBot,
    until: Until,
) -> None:
    _open(page, "Thaw", until)
    assert page.view.state.words == "Not on chain yet"
    page.panel.price.setFocus()
    page.panel.price.selectAll()
    qtbot.keyClicks(page.panel.price, "0.03")
    assert page.plan is not None and page.plan.signatures == 2
    qtbot.mouseClick(page.view.sign, Qt.MouseButton.LeftButton)
    until(lambda: page.dialog is not None and page.dialog.isVisible())
    dialog = page.dialog
    assert dialog is not None
    for number in (1, 2):
        until(lambda number=number: dialog.view.sign.isEnabled() and len(dialog.signed) == number - 1)  # type: ignore[misc]
        qtbot.mouseClick(dialog.view.sign, Qt.MouseButton.LeftButton)
        until(lambda number=number: len(dialog.signed) >= number)  # type: ignore[misc]
    until(lambda: not any(isinstance(w, QPushButton) and w is dialog.view.sign for w in QApplication.topLevelWidgets()))
    until(lambda: page.state is not None and page.state.registered and page.state.choice.title == "Thaw")
    assert page.state is not None
    song = stage.ledger.song(page.state.targets[0].song_id).read(stage.rpc)
    assert song.price == 3 * 10**16
    assert page.studio.strategies.drafts() == ()


def test_terms_are_saved_for_another_computer_and_it_is_said_what_comes_next(
    page: TermsTab, window: App, qtbot: QtBot, until: Until, tmp_path: Path
) -> None:
    _open(page, "Thaw", until)
    qtbot.mouseClick(page.view.sign, Qt.MouseButton.LeftButton)
    until(lambda: page.dialog is not None and page.dialog.isVisible())
    assert page.dialog is not None
    page.dialog._save(str(tmp_path / "thaw.mycelix-request"))
    until(lambda: page.dialog is None)
    (said,) = [toast.message for toast in window.window.toasts.shown if toast.message.title == "Request saved"]
    assert said.words.endswith("1 more can be made once these are confirmed.")
    assert said.run is not None
    said.run()
    wallet = window.window.page("wallet")
    assert isinstance(wallet, WalletPage)
    until(lambda: isinstance(wallet.dialog, ShowCodesDialog))
    assert isinstance(wallet.dialog, ShowCodesDialog)
    wallet.dialog.accept()


def test_without_a_server_terms_can_be_edited_and_signing_says_why_not(
    page: TermsTab, qtbot: QtBot, until: Until
) -> None:
    _open(page, "Low Lamp", until)
    page.studio.settings.set(settings.RPC_URLS, "http://127.0.0.1:9")
    page.panel.price.setFocus()
    page.panel.price.selectAll()
    qtbot.keyClicks(page.panel.price, "0.05")
    assert page.view.sign.isEnabled()
    qtbot.mouseClick(page.view.sign, Qt.MouseButton.LeftButton)
    until(lambda: page.view.notes.count() == 1)
    until(lambda: [draft.title for draft in page.studio.strategies.drafts()] == ["Low Lamp"])


def _sign_all(page: TermsTab, qtbot: QtBot, until: Until) -> None:
    """Press "Review and sign", then sign everything the plan asks for."""
    assert page.plan is not None
    count = page.plan.signatures
    qtbot.mouseClick(page.view.sign, Qt.MouseButton.LeftButton)
    until(lambda: page.dialog is not None and page.dialog.isVisible())
    dialog = page.dialog
    assert dialog is not None
    for number in range(1, count + 1):
        until(lambda number=number: dialog.view.sign.isEnabled() and len(dialog.signed) == number - 1)  # type: ignore[misc]
        qtbot.mouseClick(dialog.view.sign, Qt.MouseButton.LeftButton)
        until(lambda number=number: len(dialog.signed) >= number)  # type: ignore[misc]
    until(lambda: page.dialog is None)


@pytest.mark.parametrize("way", ["gift-economy", "patronage", "auction"])
def test_a_way_goes_from_its_form_through_the_dialog_onto_the_chain_and_back(
    page: TermsTab, stage: Stage, qtbot: QtBot, until: Until, way: StrategyName
) -> None:
    _open(page, "Low Lamp", until)
    page.show_way(way)
    assert page.panel.way == way and not page.view.on.isChecked()
    key = page.panel.presets[0][0]
    page.view.preset.picked.emit(key)
    assert page.view.on.isChecked(), "choosing terms switches the way on, beside what was on"
    assert page.form.ways == tuple(w for w in WAYS if w in ("pay-per-stream", way))
    assert page.plan is not None and page.plan.signatures == 2
    assert page.plan.changes[0].label == "Earns by"
    wanted = page.form.terms().offer(way)
    _sign_all(page, qtbot, until)
    until(lambda: page.state is not None and page.state.targets[0].terms is not None
          and page.state.targets[0].terms.offer(way) is not None and not page.state.pending)  # fmt: skip
    assert page.state is not None and page.state.targets[0].terms is not None
    found = page.state.targets[0].terms
    assert found.ways == page.form.ways
    assert found.said() == page.form.terms().said()
    assert stage.ledger.song(stage.song_id).read(stage.rpc).strategies == bitmask_of(found.ways)
    offer = found.offer(way)
    if isinstance(offer, GiftOffer):
        assert offer == wanted
        assert "No platform of yours counts listens" in page.panel.note(page.form, page.state)
        elsewhere = page.panel.note(page.form, replace(page.state, attestor=FRIEND))
        assert "is not named here" in elsewhere
        named = replace(page.state, attestor=page.form.gift.attestor)
        assert page.panel.note(page.form, named) == page.panel.note(page.form, replace(named, attestor=None)) == ""
    elif isinstance(offer, PlanOffer):
        assert offer.number == 1 and isinstance(wanted, PlanOffer) and offer.plan == wanted.plan
        assert not page.panel.minimum.isEnabled(), "what a plan promised is fixed"  # type: ignore[attr-defined]
    else:
        assert isinstance(offer, AuctionOffer) and isinstance(wanted, AuctionOffer) and offer.terms == wanted.terms
        assert page.panel.start.isReadOnly(), "terms of an auction never change"  # type: ignore[attr-defined]
    assert page.studio.strategies.drafts() == ()
    page.view.on.setChecked(False)
    assert page.plan is not None and [c.after for c in page.plan.changes] == ["Pay per stream"]


def test_a_selection_gets_the_same_terms_each_with_its_own_signatures(page: TermsTab, until: Until) -> None:
    songs = [choice.songs[0] for choice in page._choices if choice.key.startswith("song:")]
    page.choose(selection_key(songs))
    until(lambda: page.state is not None and len(page.state.targets) == 2 and page.state.as_of is not None)
    assert page.view.state.words == "Not on chain yet"
    page.show_way("patronage")
    page.view.preset.picked.emit("supporter")
    assert page.plan is not None
    titles = [
        step.target.title for step in (*page.plan.first, *page.plan.later) if step.way == "patronage" and step.target
    ]
    assert sorted(titles) == ["Low Lamp", "Thaw"]
    assert {c.label: c.after for c in page.plan.changes}["Price every 30 days"] == "5.00 FLOW"


def test_terms_are_kept_for_a_day_and_remembered_on_it(page: TermsTab, until: Until) -> None:
    _open(page, "Low Lamp", until)
    page.edit(replace(page.form, price="0.04"))
    page.drafts.keep(datetime(2026, 1, 2, tzinfo=UTC))
    until(lambda: [draft.due_at for draft in page.studio.strategies.due()] == [datetime(2026, 1, 2, tzinfo=UTC)])
    until(lambda: page.state is not None and page.state.due_at is not None)
    _open(page, "Thaw", until)
    until(lambda: page.view.notes.count() == 1)
    note = page.view.notes.itemAt(0).widget()
    assert note.accessibleName().startswith("“Low Lamp” was to be signed by now.")
    note.buttons[0].click()
    until(lambda: page.state is not None and page.state.choice.title == "Low Lamp" and page.form.price == "0.04")


def test_shares_can_be_typed_in_hundredths_of_a_percent_and_an_altered_address_is_named(
    page: TermsTab, qtbot: QtBot, until: Until
) -> None:
    _open(page, "Low Lamp", until)
    page.view.unit.button("bps").click()
    assert [share.text() for _who, _role, share in page.view.rows.fields] == ["8500", "1500"]
    page.shares.add_entry(ShareEntry())
    who, _role, _share = page.view.rows.fields[2]
    who.setFocus()
    altered = FRIEND.replace("C5", "c5", 1)
    qtbot.keyClicks(who, altered)
    assert who.property("wrong")
    assert "capital letters do not fit" in who.toolTip()
    assert not page.view.sign.isEnabled()
