"""The wallet: one object with the face of ``wallet_face.Wallet``, made of the parts in the modules beside it.

What each method promises, and on which lane it belongs, stands in the protocol.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mycelix_studio.domain.account import Account, AddressCheck, Balances, Contact, LockState, NewWords
from mycelix_studio.domain.transaction import (
    Activity,
    Call,
    ChangeRow,
    FeeLevel,
    FindingKind,
    Prepared,
    Signed,
    TxState,
)
from mycelix_studio.services.changes import Changes
from mycelix_studio.services.wallet_accounts import Accounts
from mycelix_studio.services.wallet_activity import UNDER_WAY, ActivityList
from mycelix_studio.services.wallet_balances import BalanceReader
from mycelix_studio.services.wallet_book import AddressBook, require_address
from mycelix_studio.services.wallet_context import WalletContext
from mycelix_studio.services.wallet_errors import NotAmong, Refused
from mycelix_studio.services.wallet_follow import Follower
from mycelix_studio.services.wallet_messages import Messages
from mycelix_studio.services.wallet_offline import Offline, qr_svg
from mycelix_studio.services.wallet_people import People
from mycelix_studio.services.wallet_prepare import Preparer
from mycelix_studio.services.wallet_send import Signatures, row_of
from mycelix_studio.settings import FEE_LEVEL


class StudioWallet:
    """The wallet of one profile. Holds no secret: words, keys and passphrases pass through as arguments.

    Args:
        context: Profile, cache, network and vault.
    """

    def __init__(self, context: WalletContext) -> None:
        self.context = context
        self._accounts = Accounts(context)
        self._book = AddressBook(context)
        people = People(context, self._book)
        self._preparer = Preparer(context, people)
        self._messages = Messages(context, self._preparer, people)
        self._follower = Follower(context)
        self._signatures = Signatures(context, self._accounts, self._follower)
        self._activity = ActivityList(context)
        self._balances = BalanceReader(context)
        self._offline = Offline(context, self._preparer, self._signatures)

    def __repr__(self) -> str:
        return f"StudioWallet(chain {self.context.network.chain_id})"

    def close(self) -> None:
        """Close the connections to the chain."""
        self.context.close()

    # accounts ---------------------------------------------------------------------------------------------------------------------

    def accounts(self) -> tuple[Account, ...]:
        """Any lane. All accounts in the person's order."""
        return self._accounts.all()

    def current(self) -> Account | None:
        """Any lane. The account pages show and sign with."""
        return self._accounts.current()

    def set_current(self, address: str) -> Changes:
        """Any lane. Choose an account."""
        return self._accounts.set_current(address)

    def new_words(self, count: int = 12) -> NewWords:
        """KEYRING. Make words; nothing is kept."""
        return self._accounts.new_words(count)

    def create(self, words: Sequence[str], name: str, passphrase: str | None = None) -> Account:
        """KEYRING. Keep a new account; it signs after the drill."""
        return self._accounts.create(words, name, passphrase)

    def drill(self, address: str, words: Sequence[str]) -> Changes:
        """KEYRING. Prove that words restore an address."""
        return self._accounts.drill(address, words)

    def import_words(
        self, words: Sequence[str] | str, name: str, *, index: int = 0, passphrase: str | None = None
    ) -> Account:
        """KEYRING. Import words."""
        return self._accounts.import_words(words, name, index, passphrase)

    def import_key(self, key: str, name: str, *, passphrase: str | None = None) -> Account:
        """KEYRING. Import a private key."""
        return self._accounts.import_key(key, name, passphrase)

    def import_keystore(self, file: Path, file_passphrase: str, name: str, *, passphrase: str | None = None) -> Account:
        """KEYRING. Import a wallet file."""
        return self._accounts.import_keystore(file, file_passphrase, name, passphrase)

    def watch(self, address: str, name: str) -> Account:
        """Any lane. Add an address to look at only."""
        return self._accounts.watch(address, name)

    def rename(self, address: str, name: str) -> Changes:
        """Any lane. Change a name."""
        return self._accounts.rename(address, name)

    def export_keystore(self, address: str, to: Path, export_passphrase: str, *, passphrase: str | None = None) -> None:
        """KEYRING. Write a wallet file for other programs."""
        self._accounts.export_keystore(address, to, export_passphrase, passphrase)

    def change_passphrase(self, address: str, old: str | None, new: str | None) -> Changes:
        """KEYRING. Set, change or remove the own passphrase."""
        return self._accounts.change_passphrase(address, old, new)

    def remove(self, address: str) -> Changes:
        """KEYRING. Wipe an account from this computer."""
        return self._accounts.remove(address)

    def restore_missing(self) -> Changes:
        """Any lane. List wallet files the cache does not know, as after it was rebuilt."""
        return self._accounts.restore_missing()

    def fee_level(self) -> FeeLevel:
        """Any lane. The network fee chosen in the settings."""
        return FeeLevel(self.context.settings.get(FEE_LEVEL))

    def lock_state(self) -> LockState:
        """Any lane. Whether signing needs :meth:`unlock`."""
        return self._accounts.lock_state()

    def lock(self) -> Changes:
        """Any lane. Lock now."""
        return self._accounts.lock()

    def unlock(self, passphrase: str | None = None) -> Changes:
        """KEYRING. Open the wallet."""
        return self._accounts.unlock(passphrase)

    def prove_key(self) -> None:
        """KEYRING. Prove that the wallet file opens."""
        self._accounts.prove()

    def scrub_memory(self) -> None:
        """Any thread. Overwrite memory that was freed lately."""
        from mycelix_studio.vault.scrub import scrub

        scrub()

    # money ------------------------------------------------------------------------------------------------------------------------

    def balances(self) -> tuple[Balances, ...]:
        """Any lane. Last known balances."""
        return self._balances.known()

    def refresh_balances(self) -> tuple[Balances, ...]:
        """CHAIN. Read balances from the chain and keep them."""
        return self._balances.refresh()

    def prepare_payout(self) -> tuple[Prepared, ...]:
        """CHAIN. Pay everyone: what all songs' accounts hold, and what is set aside for the current account; empty when nothing waits."""
        account = self._account(None)
        calls = self._balances.payout_calls(account.address)
        return self.prepare(calls, account=account.address) if calls else ()

    # signing ----------------------------------------------------------------------------------------------------------------------

    def prepare(
        self,
        calls: Sequence[Call],
        *,
        account: str | None = None,
        before: Sequence[Sequence[ChangeRow]] = (),
        song_titles: Mapping[str, str] | None = None,
    ) -> tuple[Prepared, ...]:
        """CHAIN. Decode, check and try out calls."""
        return self._preparer.prepare(calls, self._account(account), before, song_titles or {})

    def prepare_message(self, message: dict[str, object], *, account: str | None = None) -> Prepared:
        """CHAIN. The same for an EIP-712 message of our contracts."""
        return self._messages.message(message, self._account(account))

    def prepare_text(self, text: str, *, account: str | None = None) -> Prepared:
        """CHAIN. The same for a plain text such as a sign-in."""
        return self._messages.text(text, self._account(account))

    def sign_in(self, text: str, passphrase: str | None = None) -> str:
        """Any lane but the GUI's. Sign the platform's sign-in without asking: it moves nothing. The signature as 0x and hex.

        Raises:
            Refused: It is anything but a sign-in for the server in Settings.
            WalletLocked: The wallet is locked, or the account has a passphrase of its own and must be asked.
        """
        request = self.prepare_text(text)
        if request.refused or request.of_kind(FindingKind.LOOK_AGAIN):
            raise Refused(request.refused or "The sign-in is for another server than yours.")
        return self.sign_and_send(request, passphrase).signature

    def send_call(self, to: str, amount: int, *, symbol: str = "FLOW") -> Call:
        """Any lane. The call that sends an amount."""
        address = require_address(to)
        if symbol == self.context.network.native_symbol:
            return Call(address, b"", amount)
        names = {"FLOW": "FlowToken", "CGC": "CreditToken"}
        deployment = self.context.deployment()
        if deployment is None or names.get(symbol, "") not in deployment.contracts:
            raise NotAmong(
                f"There is no {symbol} on this network",
                "Studio does not know where it lies.",
                "Choose another network in Settings, or another token.",
            )
        from mycelix_studio.chain.abi.flow_token import FlowToken

        return FlowToken(deployment.address(names[symbol])).transfer(address, amount)

    def sign_and_send(
        self, prepared: Prepared, passphrase: str | None = None, *, level: FeeLevel = FeeLevel.NORMAL
    ) -> Signed:
        """CHAIN. Sign, store, send."""
        return self._signatures.sign_and_send([prepared], passphrase, level)[0]

    def sign_and_send_all(
        self, prepared: Sequence[Prepared], passphrase: str | None = None, *, level: FeeLevel = FeeLevel.NORMAL
    ) -> tuple[Signed, ...]:
        """CHAIN. The same for several, with one signing process."""
        return self._signatures.sign_and_send(prepared, passphrase, level)

    def keep_draft(self, prepared: Prepared) -> str:
        """Any lane. Keep it as a draft."""
        return self._activity.keep_draft(prepared)

    def discard_draft(self, activity_id: str) -> Changes:
        """Any lane. Forget a draft."""
        return self._activity.discard_draft(activity_id)

    def prepare_draft(self, activity_id: str) -> Prepared:
        """CHAIN. Prepare a draft anew; signing it ends the draft."""
        row = row_of(self.context, activity_id)
        if row.state is not TxState.DRAFT:
            raise NotAmong("This is no draft any more", "It was signed already.", "Follow it under Activity.")
        (made,) = self.prepare([Call(row.to, row.data, row.value)], account=row.account)
        return replace(made, replaces=activity_id, row_title=row.title)

    # what became of them ----------------------------------------------------------------------------------------------------------

    def activity(
        self, *, account: str | None = None, only: str = "all", before: str | None = None, limit: int = 200
    ) -> tuple[Activity, ...]:
        """Any lane. Newest first."""
        return self._activity.page(account, only, before, limit)

    def pending(self) -> int:
        """Any lane. Signatures under way."""
        return self._activity.count(*UNDER_WAY)

    def waiting(self) -> int:
        """Any lane. Signed ones that no server has taken yet."""
        return self._activity.count(TxState.SIGNED)

    def prepare_speed_up(self, activity_id: str) -> Prepared:
        """CHAIN. The same one with a higher fee."""
        return self._replacement(activity_id, cancel=False)

    def prepare_cancel(self, activity_id: str) -> Prepared:
        """CHAIN. An empty one in its place."""
        return self._replacement(activity_id, cancel=True)

    def _replacement(self, activity_id: str, *, cancel: bool) -> Prepared:
        row = row_of(self.context, activity_id)
        if row.state not in {TxState.SIGNED, TxState.SENT}:
            raise NotAmong(
                "Nothing is left to change",
                "It was confirmed or ended meanwhile.",
                "See what became of it under Activity.",
            )
        return self._preparer.prepare_replacement(row, self._account(row.account), cancel=cancel)

    def follow(self) -> Changes:
        """CHAIN. One step of the follower."""
        return self._follower.step()

    # offline ----------------------------------------------------------------------------------------------------------------------

    def export_unsigned(self, prepared: Sequence[Prepared], to: Path, *, level: FeeLevel = FeeLevel.NORMAL) -> None:
        """Any lane. Write a file for the computer that signs."""
        self._offline.export_unsigned(prepared, to, level)

    def open_unsigned(self, file: Path) -> tuple[Prepared, ...]:
        """KEYRING. Read such a file."""
        return self._offline.open_unsigned(file)

    def sign_offline(self, prepared: Sequence[Prepared], to: Path, passphrase: str | None = None) -> None:
        """KEYRING. Sign without sending and write a file to carry back."""
        self._offline.sign(prepared, to, passphrase)

    def import_signed(self, file: Path) -> tuple[Signed, ...]:
        """CHAIN. Send what was signed elsewhere."""
        return self._offline.import_signed(file)

    def qr_codes(self, file: Path) -> tuple[str, ...]:
        """Any lane. A file as QR codes."""
        return self._offline.qr_codes(file)

    def address_qr(self, address: str) -> str:
        """Any lane. An address as a QR code (SVG text), to be paid at."""
        return qr_svg(require_address(address))

    # address book -----------------------------------------------------------------------------------------------------------------

    def contacts(self) -> tuple[Contact, ...]:
        """Any lane. The address book, by name."""
        return self._book.contacts()

    def save_contact(self, address: str, name: str, *, note: str = "", confirmed: bool = False) -> Changes:
        """Any lane. Add or change an entry."""
        return self._book.save(address, name, note, confirmed)

    def remove_contact(self, address: str) -> Changes:
        """Any lane. Forget an entry."""
        return self._book.remove(address)

    def check_address(self, text: str) -> AddressCheck:
        """Any lane. Look at an address as it is typed."""
        return self._book.check(text)

    def name_of(self, address: str) -> str:
        """Any lane. Name of an address; empty when unknown."""
        return self.context.name_of(address)

    def _account(self, address: str | None) -> Account:
        return self.context.account(None if address is None else require_address(address))
