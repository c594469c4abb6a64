"""The wallet page with a real wallet on a real chain: made, practised, sent, signed, followed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import segno
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from mycelix_studio import settings
from mycelix_studio.app import App
from mycelix_studio.deploy.local import CHAIN_ID, LocalChain
from mycelix_studio.domain import clock
from mycelix_studio.domain.fiat import Rate
from mycelix_studio.domain.transaction import Prepared, TxState
from mycelix_studio.services.studio import Studio
from mycelix_studio.ui.dialogs.sign.dialog import SignDialog
from mycelix_studio.ui.dialogs.wallet.account import BookDialog, UnlockDialog
from mycelix_studio.ui.dialogs.wallet.bring import BringDialog
from mycelix_studio.ui.dialogs.wallet.codes import ReadCodesDialog, ShowCodesDialog
from mycelix_studio.ui.dialogs.wallet.create import PRACTISE, READY, WRITE, CreateDialog
from mycelix_studio.ui.dialogs.wallet.money import ReceiveDialog, SendDialog
from mycelix_studio.ui.pages.wallet.page import WalletPage
from tests.fixtures.ledger import Stage
from tests.fixtures.wallet import opened_wallet

pytestmark = pytest.mark.anvil
Until = Callable[[Callable[[], bool]], None]
KEY = "0x" + "c3" * 32
FRIEND = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


@pytest.fixture
def page(window: App, profile: Studio, anvil: LocalChain, stage: Stage, until: Until) -> WalletPage:
    """The page without an account, on a chain with the contracts."""
    profile.settings.set(settings.CHAIN_ID, CHAIN_ID)
    profile.settings.set(settings.RPC_URLS, anvil.url)
    profile.settings.set(settings.CONFIRMATIONS, 2)
    folder = profile.wallet.context.deployment_folder
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(stage.deployment_file, folder)
    window.start()
    window.window.go("wallet")
    made = window.window.page("wallet")
    assert isinstance(made, WalletPage)
    until(lambda: made.snapshot is not None)
    return made


@pytest.fixture
def funded(page: WalletPage, stage: Stage, until: Until, sealed: Path) -> WalletPage:
    """The page with an account that has coins for fees."""
    account = opened_wallet(page.studio, sealed)
    stage.rpc.request("anvil_setBalance", account.address, hex(10**18))
    page.refresh()
    until(lambda: _native(page) == 10**18)
    return page


def _native(page: WalletPage) -> int | None:
    if page.snapshot is None or page.snapshot.current is None:
        return None
    balance = page.snapshot.balances.get(page.snapshot.current.address)
    return None if balance is None else balance.native


def _click(qtbot: QtBot, button: QAbstractButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_an_account_is_made_written_down_practised_and_only_then_ready(
    page: WalletPage, qtbot: QtBot, until: Until
) -> None:
    assert page.view.states.showing == "other"
    page.make_account()
    dialog = page.dialog
    assert isinstance(dialog, CreateDialog)
    assert dialog.scroller.verticalScrollBar().maximum() == 0
    _click(qtbot, dialog.go)
    until(lambda: dialog.step == WRITE)
    words = dialog.shown.words()
    assert len(words) == 12
    _click(qtbot, dialog.go)
    until(lambda: dialog.step == PRACTISE)
    assert page.wallet.accounts()[0].needs_drill
    assert not dialog.go.isEnabled()
    dialog.typed.fields[0].setText(" ".join(["zoo"] * 12))  # a whole list pasted into the first field
    assert dialog.go.isEnabled()
    _click(qtbot, dialog.go)
    until(lambda: not dialog.busy and dialog.problem.count() == 1)
    assert page.wallet.accounts()[0].needs_drill
    for field, word in zip(dialog.typed.fields, words, strict=True):
        field.setText(word)
    assert all(field.echoMode() is QLineEdit.EchoMode.Password for field in dialog.typed.fields), (
        "right ones are hidden"
    )
    _click(qtbot, dialog.go)
    until(lambda: dialog.step == READY)
    assert dialog.shown.words() == []
    assert all(not field.text() for field in dialog.typed.fields)
    _click(qtbot, dialog.go)
    until(lambda: page.snapshot is not None and page.snapshot.current is not None)
    until(lambda: page.view.panel.backup_title.text() == "Backup proven")
    assert page.wallet.accounts()[0].can_sign


def test_money_is_sent_through_the_signing_dialog_and_followed_to_final(
    funded: WalletPage,
    stage: Stage,
    qtbot: QtBot,
    until: Until,
    window: App,
) -> None:
    page = funded
    page.wallet.save_contact(FRIEND, "Ilse Brandt", confirmed=True)
    before = stage.rpc.balance(FRIEND)
    page.send()
    dialog = page.dialog
    assert isinstance(dialog, SendDialog)
    assert not dialog.go.isEnabled()
    dialog.to.setText("Ilse Brandt")
    dialog.symbol.set_value("ETH")
    dialog.amount.setText("2")
    assert "are there" in dialog.amount_help.line.text() or "There are" in dialog.amount_help.line.text()
    dialog.amount.setText("0.25")
    _click(qtbot, dialog.go)
    until(lambda: isinstance(page.dialog, SignDialog))
    sign = page.dialog
    assert isinstance(sign, SignDialog)
    assert sign.flow.current.title == "Send 0.25 ETH to Ilse Brandt"
    qtbot.keyClick(sign, Qt.Key.Key_Return)
    qtbot.keyClick(sign.view.sign, Qt.Key.Key_Return)
    assert not sign.flow.signed, "Enter never signs"
    assert not sign.view.sign.isDefault()
    _click(qtbot, sign.view.sign)
    until(lambda: page.dialog is None and bool(page.model.ids))
    stage.rpc.request("anvil_mine", "0x3")
    until(lambda: page.wallet.activity()[0].state is TxState.FINAL)
    assert stage.rpc.balance(FRIEND) - before == 25 * 10**16
    until(lambda: str(page.model.index(0, 3).data()) == "Final")
    assert page.view.table.isColumnHidden(5), "nothing is left to do, so the words have the room of the buttons"
    until(lambda: _native(page) is not None and (_native(page) or 0) < 75 * 10**16)


def test_a_sent_payment_offers_to_speed_up_and_the_faster_one_takes_its_place(
    funded: WalletPage,
    stage: Stage,
    qtbot: QtBot,
    until: Until,
) -> None:
    page = funded
    stage.rpc.request("evm_setAutomine", False)
    try:
        (request,) = page.wallet.prepare([page.wallet.send_call(FRIEND, 5, symbol="ETH")])
        page.wallet.sign_and_send(request)
        page.refresh()
        until(lambda: _row_button(page, 0, "Speed up") is not None)
        assert page.model.index(0, 1).data() == "Send to 0x7099…79C8", (
            "the address of somebody without a name is said once"
        )
        button = _row_button(page, 0, "Speed up")
        assert button is not None and not page.view.table.isColumnHidden(5)
        _click(qtbot, button)
        until(lambda: isinstance(page.dialog, SignDialog))
        dialog = page.dialog
        assert isinstance(dialog, SignDialog)
        _click(qtbot, dialog.view.sign)
        until(lambda: page.dialog is None)
    finally:
        stage.rpc.request("evm_setAutomine", True)
    stage.rpc.request("anvil_mine", "0x3")
    until(lambda: {row.state for row in page.wallet.activity()} == {TxState.FINAL, TxState.REPLACED})


def _row_button(page: WalletPage, row: int, words: str) -> QAbstractButton | None:
    holder = page.view.table.indexWidget(page.model.index(row, 5)) if page.model.ids else None
    found = holder.findChildren(QAbstractButton) if isinstance(holder, QWidget) else []
    return next((button for button in found if button.text() == words), None)


def test_locking_and_unlocking_with_a_passphrase(page: WalletPage, qtbot: QtBot, until: Until) -> None:
    page.wallet.import_key(KEY, "Main", passphrase="my own words")
    page.refresh()
    until(lambda: page.lock_button.text() == "Lock now" and page.lock_button.isVisible())
    _click(qtbot, page.lock_button)
    until(lambda: page.lock_button.text() == "Unlock")
    assert page.header.context.text() == "Locked"
    _click(qtbot, page.lock_button)
    dialog = page.dialog
    assert isinstance(dialog, UnlockDialog)
    dialog.passphrase.setText("wrong")
    _click(qtbot, dialog.go)
    assert dialog.passphrase.text() == "", "handed on and forgotten"
    until(lambda: not dialog.busy and dialog.problem.count() == 1)
    dialog.passphrase.setText("my own words")
    _click(qtbot, dialog.go)
    until(lambda: page.dialog is None and page.lock_button.text() == "Lock now")


def test_accounts_come_in_by_four_doors_and_wrong_ones_say_why(
    page: WalletPage, qtbot: QtBot, until: Until, tmp_path: Path
) -> None:
    page.bring()
    dialog = page.dialog
    assert isinstance(dialog, BringDialog)
    dialog.name.setText("One")
    dialog.recovery.setPlainText("test " * 11 + "junkk")
    _click(qtbot, dialog.go)
    until(lambda: dialog.problem.count() == 1)
    dialog.recovery.setPlainText("test " * 11 + "junk")
    _click(qtbot, dialog.go)
    until(lambda: page.dialog is None and len(page.wallet.accounts()) == 1)
    page.wallet.export_keystore(page.wallet.accounts()[0].address, tmp_path / "one.json", "for the file")
    assert json.loads((tmp_path / "one.json").read_text())["version"] == 3
    page.bring()
    dialog = page.dialog
    assert isinstance(dialog, BringDialog)
    dialog.door.button("watch").click()
    dialog.name.setText("Two")
    dialog.address.setText(FRIEND[:-1])
    assert "39 digits" in dialog.address_help.line.text()
    dialog.address.setText(FRIEND)
    _click(qtbot, dialog.go)
    until(lambda: page.dialog is None and len(page.view.panel.list.buttons) == 2)
    page.view.panel.list.buttons[1].click()
    until(
        lambda: page.snapshot is not None and page.snapshot.current is not None and page.snapshot.current.name == "Two"
    )
    assert not page.view.send.isEnabled()


def test_the_clipboard_holds_no_surprise(funded: WalletPage, qtbot: QtBot, until: Until) -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.setText(FRIEND)
    funded.send()
    assert isinstance(funded.dialog, SendDialog)
    assert funded.dialog.to.text() == ""  # only what a person puts there is paid
    funded.dialog.reject()
    funded.receive()
    dialog = funded.dialog
    assert isinstance(dialog, ReceiveDialog)
    dialog.copier.copy(dialog.account.address)
    clipboard.setText("some words of one's own")
    assert dialog.problem.count() == 0
    dialog.copier.copy(dialog.account.address)
    assert clipboard.text() == dialog.account.address
    clipboard.setText(FRIEND)  # what a program that steals does
    assert dialog.problem.count() == 1
    assert clipboard.text() == ""
    dialog.accept()


def test_names_are_kept_in_the_address_book(funded: WalletPage, qtbot: QtBot, until: Until) -> None:
    funded.address_book()
    dialog = funded.dialog
    assert isinstance(dialog, BookDialog)
    dialog.name.setText("Ilse Brandt")
    dialog.address.setText(FRIEND.lower())
    dialog.confirmed.setChecked(True)
    _click(qtbot, dialog.save)
    until(lambda: dialog.current is not None)
    (contact,) = funded.wallet.contacts()
    assert (contact.address, contact.name, contact.confirmed) == (FRIEND, "Ilse Brandt", True)
    _click(qtbot, dialog.remove)
    until(lambda: funded.wallet.contacts() == ())
    dialog.reject()
    funded.receive()
    assert isinstance(funded.dialog, ReceiveDialog)
    funded.dialog.accept()


def test_a_request_is_signed_here_without_a_network_and_written_beside_it(
    funded: WalletPage, qtbot: QtBot, until: Until, tmp_path: Path
) -> None:
    requests: list[Prepared] = []
    for amount in (5, 6):
        requests += funded.wallet.prepare([funded.wallet.send_call(FRIEND, amount, symbol="ETH")])
    file = tmp_path / "two.mycelix-request"
    funded.wallet.export_unsigned(requests, file)
    funded.open_file(file)
    until(lambda: isinstance(funded.dialog, SignDialog))
    dialog = funded.dialog
    assert isinstance(dialog, SignDialog)
    assert dialog.view.sign.text() == "Right so far, next"
    _click(qtbot, dialog.view.sign)
    assert dialog.view.sign.text() == "Sign all and save"
    _click(qtbot, dialog.view.sign)
    until(lambda: funded.dialog is None)
    assert file.with_suffix(".mycelix-signed").is_file()
    funded.open_file(file.with_suffix(".mycelix-signed"))
    until(lambda: len([row for row in funded.wallet.activity() if row.tx_hash]) == 2)


def test_a_request_goes_to_another_computer_and_back_as_codes(
    funded: WalletPage, qtbot: QtBot, until: Until, tmp_path: Path
) -> None:
    file = tmp_path / "one.mycelix-request"
    funded.wallet.export_unsigned(funded.wallet.prepare([funded.wallet.send_call(FRIEND, 7, symbol="ETH")]), file)
    funded.show_codes(file)
    until(lambda: isinstance(funded.dialog, ShowCodesDialog))
    shown = funded.dialog
    assert isinstance(shown, ShowCodesDialog)
    pictures = [_picture(code, tmp_path / f"{number}.png") for number, code in enumerate(shown.codes)]
    shown.accept()
    stranger = tmp_path / "stranger.png"
    segno.make_qr("https://evil.example").save(stranger, scale=4)
    funded.read_codes()
    reading = funded.dialog
    assert isinstance(reading, ReadCodesDialog)
    reading.open_pictures([stranger])
    until(lambda: reading.problem.count() == 1 and not reading.busy)
    assert reading.collector.total == 0
    reading.open_pictures(pictures)
    until(lambda: isinstance(funded.dialog, SignDialog))
    dialog = funded.dialog
    assert isinstance(dialog, SignDialog)
    _click(qtbot, dialog.view.sign)
    until(lambda: isinstance(funded.dialog, ShowCodesDialog))  # it came as codes, so it goes back as codes
    back = funded.dialog
    assert isinstance(back, ShowCodesDialog)
    frames = [QImage(str(_picture(code, tmp_path / f"b{n}.png"))) for n, code in enumerate(back.codes)]
    back.accept()
    funded.read_codes()
    camera = funded.dialog
    assert isinstance(camera, ReadCodesDialog)
    for frame in frames:
        before = len(camera.collector.parts)
        camera.on_image(frame)
        until(lambda before=before: len(camera.collector.parts) > before)  # type: ignore[misc]
    until(lambda: len([row for row in funded.wallet.activity() if row.tx_hash]) == 1)


def _picture(svg: str, to: Path) -> Path:
    """Paint a code as a screen shows it."""
    image = QImage(480, 480, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(svg.encode())).render(painter)
    painter.end()
    image.save(str(to))
    return to


def test_money_is_valued_by_the_persons_own_rates(funded: WalletPage, profile: Studio, until: Until) -> None:
    profile.rates.set(Rate(clock.now().date(), "EUR", "0.5", "my bank"))
    funded.refresh()
    until(lambda: funded.view.worth.text().startswith("≈ 0.00 EUR at 0.5"))
    assert funded.view.worth.toolTip().startswith("As of")


def test_every_control_of_the_page_says_what_it_is(funded: WalletPage) -> None:
    named = [b for b in funded.findChildren(QAbstractButton) if not b.objectName().startswith("qt_")]
    for button in named:
        assert button.accessibleName() or button.text(), button
