"""What pages and commands may ask of the wallet: its whole face, as a protocol. ``services/wallet.py`` is the wallet itself.

Every method blocks and none may run on the GUI thread. Which lane a method belongs on stands in its first line: CHAIN for what may reach
a chain server, KEYRING for what may reach the keyring and no chain. Reads marked "any lane" look at the cache only.
Secrets (words, keys, passphrases) are arguments and never kept on an object of the wallet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from mycelix_studio.domain.account import Account, AddressCheck, Balances, Contact, LockState, NewWords
from mycelix_studio.domain.transaction import Activity, Call, ChangeRow, FeeLevel, Prepared, Signed
from mycelix_studio.services.changes import Changes


class Wallet(Protocol):
    """Accounts, signatures and what became of them.

    Errors common to all that touch the keyring: ``KeyringAbsent``, ``KeyringLocked``, ``KeyringSilent`` (no answer in time),
    ``SecretMissing``, ``WrongPassphrase``; to all that reach the chain: ``ChainUnreachable``, ``WrongChain``, ``ServersDisagree``.
    All are :class:`~mycelix_studio.errors.Known` with words for a person.
    """

    # accounts ---------------------------------------------------------------------------------------------------------------------

    def accounts(self) -> tuple[Account, ...]:
        """Any lane. All accounts in the person's order; empty before the first one."""

    def current(self) -> Account | None:
        """Any lane. The account pages show and sign with; None before the first one."""

    def set_current(self, address: str) -> Changes:
        """Any lane. Choose the account pages show and sign with."""

    def new_words(self, count: int = 12) -> NewWords:
        """KEYRING. Make 12 or 24 words; nothing is kept until :meth:`create`."""

    def create(self, words: Sequence[str], name: str, passphrase: str | None = None) -> Account:
        """KEYRING. Keep a new account of words made by :meth:`new_words`. It signs only after :meth:`drill`.

        Args:
            words: As shown to the person.
            name: For the list.
            passphrase: Own passphrase, asked for each signature beside the keyring's; None for none.
        """

    def drill(self, address: str, words: Sequence[str]) -> Changes:
        """KEYRING. Recovery drill: check that the typed words restore this address, and remember the date.

        Raises:
            WordsWrong: They are not valid words, or they restore another address; the message says which word or which address.
        """

    def import_words(
        self, words: Sequence[str] | str, name: str, *, index: int = 0, passphrase: str | None = None
    ) -> Account:
        """KEYRING. Import 12 to 24 words at m/44'/60'/0'/0/``index``.

        Raises:
            WordsWrong: A word is not in the list (named, with the nearest), or the check does not hold.
            AccountExists: The address is already here.
        """

    def import_key(self, key: str, name: str, *, passphrase: str | None = None) -> Account:
        """KEYRING. Import a private key, 64 hex digits with or without 0x."""

    def import_keystore(self, file: Path, file_passphrase: str, name: str, *, passphrase: str | None = None) -> Account:
        """KEYRING. Import a Web3 Secret Storage v3 wallet file made by any program."""

    def watch(self, address: str, name: str) -> Account:
        """Any lane. Add an address to look at only."""

    def rename(self, address: str, name: str) -> Changes:
        """Any lane. Change the name in the list."""

    def export_keystore(self, address: str, to: Path, export_passphrase: str, *, passphrase: str | None = None) -> None:
        """KEYRING. Write a v3 wallet file under a passphrase of its own, readable by other programs."""

    def change_passphrase(self, address: str, old: str | None, new: str | None) -> Changes:
        """KEYRING. Set, change or remove (None) the own passphrase."""

    def remove(self, address: str) -> Changes:
        """KEYRING. Wipe the wallet file and its secret from this computer. What is on chain stays."""

    def lock_state(self) -> LockState:
        """Any lane. Whether signing needs :meth:`unlock` first."""

    def lock(self) -> Changes:
        """Any lane. Lock now."""

    def unlock(self, passphrase: str | None = None) -> Changes:
        """KEYRING. Open the wallet: proves that keyring and passphrase open the current account's wallet file."""

    def prove_key(self) -> None:
        """KEYRING. Prove that the current account's wallet file opens with what the keyring holds; unlocks nothing.

        Where there is an own passphrase besides, it proves that the keyring has its part.
        """

    def scrub_memory(self) -> None:
        """Any thread. Overwrite memory that was freed lately, after a dialog let go of words, a key or a passphrase."""

    # money ------------------------------------------------------------------------------------------------------------------------

    def balances(self) -> tuple[Balances, ...]:
        """Any lane. Last known balances of all accounts, with "as of"."""

    def refresh_balances(self) -> tuple[Balances, ...]:
        """CHAIN. Read balances of all accounts from the chain and keep them."""

    # signing ----------------------------------------------------------------------------------------------------------------------

    def prepare(
        self,
        calls: Sequence[Call],
        *,
        account: str | None = None,
        before: Sequence[Sequence[ChangeRow]] = (),
        song_titles: Mapping[str, str] | None = None,
    ) -> tuple[Prepared, ...]:
        """CHAIN. Decode, check and try out calls, each after the ones before it; one :class:`Prepared` per call, in order.

        A call that cannot be decoded, goes to a wrong contract or fails when tried out comes back with ``refused`` set, not as an
        error. With the chain out of reach it still decodes; what could not be checked is listed, and the signature waits in the outbox.

        Args:
            calls: From ``services.strategies``, :meth:`send_call` and others.
            account: Who signs; the current account when None.
            before: For each call, rows that replace the decoded "What changes" because the caller knows the old values.
            song_titles: Song id (0x + 64 hex) to title, used in the sentences.
        """

    def prepare_message(self, message: dict[str, object], *, account: str | None = None) -> Prepared:
        """CHAIN. The same for an EIP-712 message of our contracts (types, domain, primaryType, message)."""

    def prepare_text(self, text: str, *, account: str | None = None) -> Prepared:
        """CHAIN. The same for a plain text such as a sign-in."""

    def fee_level(self) -> FeeLevel:
        """Any lane. The network fee the person chose in the settings; the signing dialog starts with it."""

    def send_call(self, to: str, amount: int, *, symbol: str = "FLOW") -> Call:
        """Any lane. The call that sends ``amount`` wei of FLOW, CGC or the native coin to an address.

        Raises:
            NotAnAddress: With what is wrong with it.
        """

    def sign_and_send(
        self, prepared: Prepared, passphrase: str | None = None, *, level: FeeLevel = FeeLevel.NORMAL
    ) -> Signed:
        """CHAIN. Sign in a child process, store the signed bytes, send them. For messages and texts: return the signature.

        Raises:
            Refused: ``prepared.refused`` is set, or what it rests on changed meanwhile.
            WalletLocked: :meth:`unlock` first.
            NotEnough: The account cannot pay for it; names what is there and what is needed.
        """

    def sign_and_send_all(
        self, prepared: Sequence[Prepared], passphrase: str | None = None, *, level: FeeLevel = FeeLevel.NORMAL
    ) -> tuple[Signed, ...]:
        """CHAIN. The same for several, with one child process; stops at the first that fails, what was sent stays sent."""

    def keep_draft(self, prepared: Prepared) -> str:
        """Any lane. Keep it as a draft of the activity list; returns the row's id."""

    def discard_draft(self, activity_id: str) -> Changes:
        """Any lane. Forget a draft."""

    def prepare_draft(self, activity_id: str) -> Prepared:
        """CHAIN. Decode, check and try out a kept draft anew; signing it with :meth:`sign_and_send` ends the draft."""

    # what became of them ----------------------------------------------------------------------------------------------------------

    def activity(
        self,
        *,
        account: str | None = None,
        only: str = "all",
        before: str | None = None,
        limit: int = 200,
    ) -> tuple[Activity, ...]:
        """Any lane. Newest first, from the cache.

        Args:
            account: One account, or all when None.
            only: ``all``, ``pending``, ``in`` or ``out``.
            before: Id of the last row of the page before, for paging.
            limit: Rows at most.
        """

    def pending(self) -> int:
        """Any lane. Signatures under way: signed, sent or being confirmed."""

    def waiting(self) -> int:
        """Any lane. Signed ones that no server has taken yet (the outbox)."""

    def prepare_speed_up(self, activity_id: str) -> Prepared:
        """CHAIN. The same transaction with at least 12.5 % more fee; sign it with :meth:`sign_and_send`."""

    def prepare_cancel(self, activity_id: str) -> Prepared:
        """CHAIN. An empty one with the same number in line; sign it with :meth:`sign_and_send`."""

    def follow(self) -> Changes:
        """CHAIN. One step of the follower: send what waits, look for receipts, notice reorganisations. Called by a timer."""

    # offline ----------------------------------------------------------------------------------------------------------------------

    def export_unsigned(self, prepared: Sequence[Prepared], to: Path, *, level: FeeLevel = FeeLevel.NORMAL) -> None:
        """Any lane. Write a file for the machine that signs."""

    def open_unsigned(self, file: Path) -> tuple[Prepared, ...]:
        """KEYRING. On the machine without network: the same text, what could not be checked is listed."""

    def sign_offline(self, prepared: Sequence[Prepared], to: Path, passphrase: str | None = None) -> None:
        """KEYRING. Sign without sending and write a file to carry back."""

    def import_signed(self, file: Path) -> tuple[Signed, ...]:
        """CHAIN. Send what was signed elsewhere, after checking that it is what was asked for."""

    def qr_codes(self, file: Path) -> tuple[str, ...]:
        """Any lane. A request or signed file as QR codes (SVG text each), numbered parts when it is long."""

    # address book -----------------------------------------------------------------------------------------------------------------

    def contacts(self) -> tuple[Contact, ...]:
        """Any lane. The address book, by name."""

    def save_contact(self, address: str, name: str, *, note: str = "", confirmed: bool = False) -> Changes:
        """Any lane. Add or change an entry."""

    def remove_contact(self, address: str) -> Changes:
        """Any lane. Forget an entry."""

    def check_address(self, text: str) -> AddressCheck:
        """Any lane. Look at an address as it is typed: EIP-55, look-alikes of known addresses."""

    def name_of(self, address: str) -> str:
        """Any lane. Name from accounts, address book or deployment; empty when unknown."""
