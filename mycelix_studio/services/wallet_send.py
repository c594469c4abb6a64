"""Signing and sending. A transaction's signed bytes are in the cache before any server sees them; see ``wallet_follow.py`` for the rest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mycelix_studio.domain.account import Account
from mycelix_studio.domain.clock import to_unix
from mycelix_studio.domain.transaction import FeeLevel, FeeOption, Prepared, RequestKind, Signed, TxState
from mycelix_studio.services.wallet_accounts import Accounts
from mycelix_studio.services.wallet_context import WalletContext
from mycelix_studio.services.wallet_errors import NotAmong, Refused
from mycelix_studio.services.wallet_follow import Follower
from mycelix_studio.services.wallet_reading import UNREADABLE, read_call
from mycelix_studio.settings import ALLOW_UNREADABLE
from mycelix_studio.store import transactions as store

if TYPE_CHECKING:
    from mycelix_studio.chain.rpc import Rpc
    from mycelix_studio.chain.transactions import RawTransaction, Unsigned
    from mycelix_studio.vault.vault import Signing


class Signatures:
    """Makes signatures and hands them to the follower."""

    def __init__(self, context: WalletContext, accounts: Accounts, follower: Follower) -> None:
        self._context = context
        self._accounts = accounts
        self._follower = follower

    def sign_and_send(
        self, prepared: Sequence[Prepared], passphrase: str | None, level: FeeLevel
    ) -> tuple[Signed, ...]:
        """Sign and send in order, with one signing process; stops at the first that fails, what was sent stays sent.

        Raises:
            Refused, NotEnough, WalletLocked, CannotSign, NoAccount: Before anything of the failing one was signed.
            VaultError: Keyring, passphrase or wallet file.
        """
        if not prepared:
            return ()
        account = self._account(prepared, passphrase)
        for request in prepared:
            self._check(request)
        done = []
        with self._context.vault().open(account.address, passphrase if account.own_passphrase else None) as signing:
            for request in prepared:
                if request.kind is RequestKind.TRANSACTION:
                    unsigned = self.complete(request, level)
                    done.append(self.send_row(self.keep(signing, request, unsigned, account)))
                else:
                    done.append(Signed(signature=self._signature(signing, request), state=TxState.FINAL))
        self._accounts.used()
        return tuple(done)

    def sign_only(self, prepared: Sequence[Prepared], passphrase: str | None, level: FeeLevel) -> tuple[bytes, ...]:
        """Return the signed bytes of transactions whose number and fee are in them already; nothing is kept or sent."""
        account = self._account(prepared, passphrase)
        for request in prepared:
            self._check(request)
        with self._context.vault().open(account.address, passphrase if account.own_passphrase else None) as signing:
            raws = [
                _sign(signing, self._unsigned(request, self._fee(request, level), request.next_nonce or 0), account).raw
                for request in prepared
            ]
        self._accounts.used()
        return tuple(raws)

    def _account(self, prepared: Sequence[Prepared], passphrase: str | None) -> Account:
        signers = {request.account for request in prepared}
        if len(signers) != 1:
            raise Refused("These requests are for different accounts. Nothing was signed.")
        account = self._accounts.signing_account(signers.pop())
        self._accounts.require_open(account, passphrase)
        return account

    def _check(self, request: Prepared) -> None:
        """Refuse what was refused, and what rests on settings that changed since it was shown."""
        if request.refused:
            raise Refused(request.refused)
        if request.chain_id != self._context.network.chain_id:
            raise Refused("Another network was chosen since this was shown. Nothing was signed.")
        if request.kind is not RequestKind.TRANSACTION:
            return
        if request.call is None:
            raise Refused("There is nothing in this request to sign.")
        problem = read_call(self._context, request.call).problem
        allowed = problem == UNREADABLE and self._context.settings.get(ALLOW_UNREADABLE)
        if problem and not allowed:
            raise Refused(problem)

    # transactions -----------------------------------------------------------------------------------------------------------------

    def complete(self, request: Prepared, level: FeeLevel) -> Unsigned:
        """Return the whole transaction with its number in line, after a last look at balance and fee.

        Raises:
            NotEnough: The account cannot pay for it.
            Refused: No fee is known, or fees rose beyond what was shown.
        """
        from mycelix_studio.chain.rpc import ChainUnreachable
        from mycelix_studio.chain.transactions import NotEnough

        fee = self._fee(request, level)
        replaced = self._replaced(request)
        chain_id, database = self._context.network.chain_id, self._context.database
        local = store.next_nonce(database.read(), chain_id, request.account) or 0
        try:
            rpc = self._context.rpc()
            served = _counted(rpc, request.account)
            if len(rpc.urls) > 1:  # the lowest count may be of a server that is behind; what is known here is not
                known = store.highest_nonce(database.read(), chain_id, request.account)
                served = max(served, 0 if known is None else known + 1)
            have = rpc.balance(request.account)
            head = rpc.head()
        except ChainUnreachable:
            # It was shown with a fee, so a server answered a moment ago: sign it and let it wait in the outbox.
            if request.next_nonce is None:
                raise
            known = store.highest_nonce(database.read(), chain_id, request.account)
            served = max(request.next_nonce, 0 if known is None else known + 1)
        else:
            need = fee.at_most + request.value
            under_way = sum(
                row.value + (row.gas or 0) * (row.max_fee or 0)
                for row in store.followed(database.read(), chain_id, 0)
                if row.account == request.account and row.block is None and (replaced is None or row.id != replaced.id)
            )
            if have < need + under_way:
                raise NotEnough(have, need + under_way, self._context.network.native_symbol)
            if head is not None and head.base_fee > fee.max_fee:
                raise Refused(
                    "The network fee rose above what you were shown. Nothing was signed; look at the new fee."
                )
        nonce = replaced.nonce if replaced is not None and replaced.nonce is not None else max(served, local)
        return self._unsigned(request, fee, nonce)

    def _fee(self, request: Prepared, level: FeeLevel) -> FeeOption:
        fee = request.fee(level)
        if fee is None:
            raise Refused("The network fee is not known while no server answers. Keep it as a draft.")
        return fee

    def _unsigned(self, request: Prepared, fee: FeeOption, nonce: int) -> Unsigned:
        from mycelix_studio.chain.transactions import Fee, Unsigned

        assert request.call is not None
        call = request.call
        return Unsigned(request.chain_id, nonce, call.to, call.value, call.data, fee.gas, Fee(fee.max_fee, fee.tip))

    def _replaced(self, request: Prepared) -> store.Row | None:
        """Return the transaction a request takes the place of; None for none, and for the draft it was kept as.

        Raises:
            Refused: It reached a block meanwhile.
        """
        row = row_of(self._context, request.replaces) if request.replaces else None
        if row is None or row.state is TxState.DRAFT:
            return None
        if row.state not in {TxState.SIGNED, TxState.SENT}:
            raise Refused("The first one was confirmed or ended meanwhile, so nothing is left to replace.")
        return row

    def keep(self, signing: Signing, request: Prepared, unsigned: Unsigned, account: Account) -> store.Row:
        """Sign a transaction and keep its bytes; only after this may a server see it."""
        signed = _sign(signing, unsigned, account)
        return self.store_signed(request, unsigned, signed.raw, signed.hash)

    def store_signed(self, request: Prepared, unsigned: Unsigned, raw: bytes, tx_hash: str) -> store.Row:
        """Keep signed bytes; a draft they were made from ends in the same step."""
        replaced = row_of(self._context, request.replaces) if request.replaces else None
        draft = replaced is not None and replaced.state is TxState.DRAFT
        with self._context.database.write() as db:
            if draft and replaced is not None:
                store.remove_draft(db, replaced.id)
            row_id = store.add(
                db,
                new_row(
                    request,
                    to_unix(self._context.now()),
                    nonce=unsigned.nonce,
                    gas=unsigned.gas,
                    max_fee=unsigned.fee.max_fee,
                    tip=unsigned.fee.tip,
                    tx_hash=tx_hash,
                    raw=raw,
                    replaces=None if draft or replaced is None else replaced.id,
                ),
            )
            kept = store.get(db, row_id)
        assert kept is not None
        return kept

    def send_row(self, row: store.Row) -> Signed:
        """Send a kept transaction; one that no server takes waits, and says why."""
        why = self._follower.send(row)
        return Signed(f"tx:{row.id}", row.tx_hash or "", state=TxState.SIGNED if why else TxState.SENT, why=why)

    # messages and texts -----------------------------------------------------------------------------------------------------------

    def _signature(self, signing: Signing, request: Prepared) -> str:
        from mycelix_studio.chain import eip712
        from mycelix_studio.vault.errors import SignerFailed

        if request.kind is RequestKind.TEXT:
            signature = signing.text(request.payload)
            signer = _signer_of_text(request.payload, signature)
        else:
            message: dict[str, object] = json.loads(request.payload)
            signature = signing.typed(message)
            signer = eip712.signer_of(message, bytes.fromhex(signature[2:]))
        if signer != request.account:
            raise SignerFailed("the signature is another account's")
        return signature


def new_row(
    request: Prepared,
    created_at: int,
    *,
    nonce: int | None = None,
    gas: int | None = None,
    max_fee: int | None = None,
    tip: int | None = None,
    tx_hash: str | None = None,
    raw: bytes | None = None,
    replaces: int | None = None,
) -> store.New:
    """Return a request as a row of the cache: a draft without ``raw``, else a signed transaction."""
    assert request.call is not None
    return store.New(
        request.account,
        request.chain_id,
        request.row_title or request.title,
        request.row_detail,
        request.activity,
        request.symbol,
        request.amount,
        request.call.to,
        request.call.data,
        request.call.value,
        created_at,
        nonce,
        gas,
        max_fee,
        tip,
        tx_hash,
        raw,
        replaces,
    )


def row_of(context: WalletContext, activity_id: str) -> store.Row:
    """Return a row by its id in the activity list.

    Raises:
        NotAmong: There is no such own transaction.
    """
    kind, _, number = activity_id.partition(":")
    row = store.get(context.database.read(), int(number)) if kind == "tx" and number.isdecimal() else None
    if row is None:
        raise NotAmong(
            "This entry is not here any more", "It was removed, or belongs to another profile.", "Look under Activity."
        )
    return row


def _counted(rpc: Rpc, account: str) -> int:
    """Return an account's next number in line as the servers count it.

    The lowest of their counts: one that counts too many would leave a gap, and everything after a gap waits for ever.
    """
    from mycelix_studio.chain.values import hex_int

    mined, waiting = (
        min(hex_int(answer) for answer in rpc.ask_each("eth_getTransactionCount", account, tag))
        for tag in ("latest", "pending")
    )
    return max(mined, waiting)


def _sign(signing: Signing, unsigned: Unsigned, account: Account) -> RawTransaction:
    """Return a signed transaction, read back and compared: what leaves is what was shown, signed by who was shown."""
    from mycelix_studio.chain.transactions import RawTransaction, parse_raw, sender_of
    from mycelix_studio.vault.errors import SignerFailed

    fields: Mapping[str, object] = unsigned.fields()
    raw = signing.transaction(fields)
    if parse_raw(raw) != unsigned or sender_of(raw) != account.address:
        raise SignerFailed("it signed something else")
    return RawTransaction.of(raw)


def _signer_of_text(text: str, signature: str) -> str:
    from eth_account import Account as Keys
    from eth_account.messages import encode_defunct

    from mycelix_studio.chain.values import checksum

    return checksum(str(Keys.recover_message(encode_defunct(text=text), signature=signature)))
