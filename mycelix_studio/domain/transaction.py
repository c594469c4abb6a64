"""What goes to the chain: calls, their states on the way, fees, and what a person reads before signing.

Amounts are whole wei of the named token; times are aware UTC datetimes; addresses are EIP-55.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class TxState(StrEnum):
    """Where a transaction is. Kept over restarts."""

    DRAFT = "draft"
    """Prepared and kept, not signed. Costs nothing."""
    SIGNED = "signed"
    """Signed and stored, not yet accepted by a server: it waits in the outbox or leaves at once."""
    SENT = "sent"
    """Accepted by a server, not in a block yet."""
    MINED = "mined"
    """In a block; being confirmed, ``confirmations`` of ``needed``."""
    FINAL = "final"
    """Confirmed often enough to count."""
    DROPPED = "dropped"
    """Lost: another transaction took its number in line, or it can never be sent. Nothing was paid by it."""
    REVERTED = "reverted"
    """Refused by the contract; only the network fee was paid."""
    REPLACED = "replaced"
    """A faster or a cancelling one took its place."""

    @property
    def ended(self) -> bool:
        """True when nothing more can happen to it but a reorganisation of the chain."""
        return self in {TxState.FINAL, TxState.DROPPED, TxState.REPLACED}

    @property
    def under_way(self) -> bool:
        """True while it is signed and its end is open."""
        return self in {TxState.SIGNED, TxState.SENT, TxState.MINED}


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a contract, or a plain payment when ``data`` is empty.

    Attributes:
        to: EIP-55 address.
        data: ABI-encoded selector and arguments.
        value: Native coin sent along, wei.
    """

    to: str
    data: bytes = b""
    value: int = 0


class FeeLevel(StrEnum):
    """How soon a transaction should be in a block."""

    SLOW = "slow"
    NORMAL = "normal"
    FAST = "fast"


@dataclass(frozen=True, slots=True)
class FeeOption:
    """What one level costs (EIP-1559).

    Attributes:
        level: Slow, normal or fast.
        gas: Gas limit of the transaction.
        max_fee: Most wei a unit of gas may cost, tip included.
        tip: Wei a unit of gas offered to whoever builds the block.
        expected: Wei of native coin it will probably cost.
        at_most: Wei of native coin it can cost at the very most.
        seconds: Expected seconds until it is in a block.
    """

    level: FeeLevel
    gas: int
    max_fee: int
    tip: int
    expected: int
    at_most: int
    seconds: int


class FindingKind(StrEnum):
    """The three lists of the dialog before signing."""

    CHECKED = "checked"
    LOOK_AGAIN = "look_again"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a list: ``title`` strong, ``detail`` after it in the secondary colour."""

    kind: FindingKind
    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One row of "What changes". ``before`` is None when there is no value on chain yet or it is not known; shown as a dash."""

    label: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Party:
    """One row of "Who and where".

    Attributes:
        role: What it is to this signature: ``You sign as``, ``Contract``, ``Newly paid``.
        name: From the accounts, the address book or the deployment; empty when nobody named it.
        address: Whole EIP-55 address; shown 4 + 4, copied whole. Empty for the network's row.
        detail: Text in place of an address: ``chain 100``.
    """

    role: str
    name: str
    address: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class BalanceChange:
    """One row of "Your balance, tried out".

    Attributes:
        symbol: ``FLOW``, ``CGC``, ``xDAI``, ``ETH`` ...
        balance: Wei now; None when not known.
        change: Signed wei; 0 is "no change"; None when it could not be tried out.
        note: ``network fee`` or empty.
    """

    symbol: str
    balance: int | None
    change: int | None
    note: str = ""


class RequestKind(StrEnum):
    """What is signed."""

    TRANSACTION = "transaction"
    MESSAGE = "message"
    """An EIP-712 message, such as signed plays or a permit."""
    TEXT = "text"
    """Plain text (EIP-191), such as a sign-in."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything the dialog before signing shows, and what will be signed. Made by ``Wallet.prepare``; never changed after.

    Attributes:
        id: Of this preparation; signing refers to it.
        kind: Transaction, message or text.
        account: Who signs.
        title: Plain words: ``Change who gets paid for “Salt Meridian”``.
        sentence: One or two sentences on what it does to money and rights.
        changes: Rows of "What changes".
        good_news: What stays untouched, for the green note; may be empty.
        parties: Rows of "Who and where".
        chain_id: Of the network.
        chain_name: ``Gnosis``, ``Chiado``, ``Local chain``.
        recognised: The contract is ours: its address is in the deployment and its code equals the artifact.
        contract_name: ``Mycelix Ledger``; empty for a plain payment or an unknown contract.
        value: Native coin sent along, wei.
        native_symbol: ``xDAI``, ``ETH``.
        fees: Slow, normal, fast; empty for messages and texts.
        balances: Rows of the balance card; empty when nothing could be tried out.
        tried_on_block: Number of the block the trial ran on; None when not tried.
        findings: All lines of the three lists, in order.
        technical: (label, value) pairs for Technical details; values are copied whole.
        refused: Why it cannot be signed, as one sentence; empty when it can.
        call: The call of a transaction, else None.
        payload: Message (EIP-712 JSON) or text to be signed, else empty.
        position: ``(2, 3)`` for the second of three prepared together.
        activity: Key of the icon and filter: ``stream, gift, patronage, auction, tip, send, payout, song, split, purse, other``.
        needs_passphrase: The account has an own passphrase, asked for each signature.
        row_title: Title of its row of the activity list: ``Price change, Night Ferry``.
        row_detail: What stands after it: ``Signed by you``, the address something was sent to.
        amount: Signed wei of ``symbol`` that it moves for the account, without the network fee.
        symbol: Token of ``amount``.
        replaces: Row of the activity list that it takes the place of, ``tx:<n>``; empty for none.
        next_nonce: Number in line when it was prepared, used when no server answers at signing; None when not known.
    """

    id: str
    kind: RequestKind
    account: str
    title: str
    sentence: str
    chain_id: int
    chain_name: str
    changes: tuple[ChangeRow, ...] = ()
    good_news: str = ""
    parties: tuple[Party, ...] = ()
    recognised: bool = False
    contract_name: str = ""
    value: int = 0
    native_symbol: str = "ETH"
    fees: tuple[FeeOption, ...] = ()
    balances: tuple[BalanceChange, ...] = ()
    tried_on_block: int | None = None
    findings: tuple[Finding, ...] = ()
    technical: tuple[tuple[str, str], ...] = ()
    refused: str = ""
    call: Call | None = None
    payload: str = ""
    position: tuple[int, int] = (1, 1)
    activity: str = "other"
    needs_passphrase: bool = False
    row_title: str = ""
    row_detail: str = ""
    amount: int = 0
    symbol: str = "FLOW"
    replaces: str = ""
    next_nonce: int | None = None

    def of_kind(self, kind: FindingKind) -> tuple[Finding, ...]:
        """Return the findings of one list."""
        return tuple(finding for finding in self.findings if finding.kind is kind)

    def fee(self, level: FeeLevel) -> FeeOption | None:
        """Return the fee of a level, None for messages and texts."""
        return next((option for option in self.fees if option.level is level), None)

    @property
    def can_sign(self) -> bool:
        """True when everything was decoded and nothing refuses it."""
        return not self.refused


@dataclass(frozen=True, slots=True)
class Activity:
    """One row of the activity list.

    Attributes:
        id: Local key: ``tx:<n>`` for own transactions, ``in:<chain>:<block>:<log>`` for received payments.
        account: Own account it belongs to.
        title: ``Patronage terms, Salt Meridian``.
        detail: ``Signed by you``, ``Waits for the one above``, ``nadja.eth``.
        activity: Icon key, as in :class:`Prepared`.
        at: When signed (own) or the block's time (received).
        state: State; received payments are ``mined`` or ``final``.
        confirmations: Blocks on top of it, the own one included; 0 while not in a block.
        needed: Confirmations until final.
        amount: Signed wei of ``symbol`` that moved for the account, without the network fee; 0 for none.
        symbol: Token of ``amount``.
        fee: Network fee in wei of native coin: paid once in a block, at most before that; None when not known or not ours.
        native_symbol: Coin of ``fee``.
        incoming: True for payments received.
        tx_hash: Of the transaction, empty for a draft.
        nonce: Number in line, None for drafts and received payments.
        can_speed_up: It is sent or waits, and may be replaced by a faster one.
        can_cancel: It may be cancelled by an empty one with the same number.
        why: What it waits for or what happened, in whole sentences; empty when there is nothing to say.
        replaced_by: Id of the row that took its place, or empty.
    """

    id: str
    account: str
    title: str
    detail: str
    activity: str
    at: datetime
    state: TxState
    confirmations: int = 0
    needed: int = 0
    amount: int = 0
    symbol: str = "FLOW"
    fee: int | None = None
    native_symbol: str = "ETH"
    incoming: bool = False
    tx_hash: str = ""
    nonce: int | None = None
    can_speed_up: bool = False
    can_cancel: bool = False
    why: str = ""
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """The result of a signature.

    Attributes:
        id: Row of the activity list, ``tx:<n>``; empty for messages and texts.
        tx_hash: Of the transaction; empty for messages and texts.
        signature: 0x hex of a message's or text's signature; empty for transactions.
        state: ``sent`` when a server took it, ``signed`` when it waits in the outbox.
        why: Why it waits, empty when sent.
    """

    id: str = ""
    tx_hash: str = ""
    signature: str = field(default="", repr=False)
    state: TxState = TxState.SIGNED
    why: str = ""
