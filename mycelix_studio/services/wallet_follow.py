"""What becomes of signed transactions: sent, confirmed, final, refused, lost, replaced, and back again when the chain is rearranged.

A signed transaction's bytes are in the cache before they leave. Sending the same bytes again can never pay twice: they carry the same
number in line, and a chain takes one transaction per number. So after a crash, a silent server or a reorganisation the follower simply
looks where each one is, and sends the same bytes again if nobody has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mycelix_studio.domain.clock import to_unix
from mycelix_studio.domain.transaction import TxState
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.wallet_context import WalletContext
from mycelix_studio.store import transactions as store

if TYPE_CHECKING:
    from mycelix_studio.chain.rpc import Receipt, Rpc

UNREACHABLE = "The network cannot be reached. It goes out as soon as it can."
REARRANGED = "The chain was rearranged; it waits for a new block. Nothing is lost."
REPLACED = "A faster one with the same number in line took its place. Nothing was paid by this one."
TAKEN = "Another signature with this number in line was confirmed, so this one can never be. Nothing was paid by it."
DISAGREE = "Your two servers do not agree about it. Studio waits until they do."


@dataclass(frozen=True, slots=True)
class _Chain:
    """The chain as one step of the follower sees it."""

    rpc: Rpc
    head: int
    needed: int
    nonces: dict[str, int]


class Follower:
    """Moves own transactions along. One step at a time, on lane CHAIN."""

    def __init__(self, context: WalletContext) -> None:
        self._context = context

    def step(self) -> Changes:
        """Look where each open transaction is; publish nothing, return what changed.

        An unreachable chain is not an error here: what waits goes on waiting, and says so.
        """
        from mycelix_studio.chain.rpc import ChainUnreachable, ServersDisagree, WrongChain
        from mycelix_studio.chain.values import hex_int

        chain_id = self._context.network.chain_id
        needed = self._context.confirmations
        rows = store.followed(self._context.database.read(), chain_id, needed)
        if not rows:
            return Changes()
        before = [(row.state, row.confirmations, row.why) for row in rows]
        try:
            rpc = self._context.rpc()
            # The lowest of what the servers say: one that counts ahead cannot make anything final too early.
            head = min(hex_int(answer) for answer in rpc.ask_each("eth_blockNumber"))
            accounts = {row.account for row in rows}
            nonces = {account: rpc.nonce(account) for account in accounts}
            chain = _Chain(rpc, head, needed, nonces)
            found = zip(rows, rpc.receipts([row.tx_hash or "" for row in rows]), strict=True)
            # Those in a block first: what they took the place of is then known as replaced, not as lost.
            for row, receipt in sorted(found, key=lambda pair: pair[1] is None):
                try:
                    self._look(chain, row, receipt)
                except ServersDisagree:
                    self._explain(row, DISAGREE)
        except (ChainUnreachable, WrongChain) as error:
            for row in rows:
                if row.state is TxState.SIGNED:
                    self._explain(row, UNREACHABLE if isinstance(error, ChainUnreachable) else error.message)
        read = self._context.database.read()
        after = [store.get(read, row.id) for row in rows]
        now = [(row.state, row.confirmations, row.why) for row in after if row is not None]
        return Changes.of(Kind.TRANSACTIONS) if now != before else Changes()

    def send(self, row: store.Row) -> str:
        """Send a stored transaction; returns why it waits, empty when a server took it.

        Raises nothing about the network: whatever the answer, the bytes stay stored and the follower goes on.
        """
        from mycelix_studio.chain.rpc import ChainUnreachable, WrongChain

        try:
            return self._send(self._context.rpc(), row)
        except ChainUnreachable:
            why = UNREACHABLE
        except WrongChain as error:
            why = error.message
        self._explain(row, why)
        return why

    def _send(self, rpc: Rpc, row: store.Row) -> str:
        from mycelix_studio.chain.rpc import RpcRefused

        if row.raw is None:
            return ""
        try:
            # To every server: one that keeps it to itself cannot hold it back.
            answers = rpc.ask_each("eth_sendRawTransaction", "0x" + row.raw.hex())
        except RpcRefused as error:
            if _already(error.reason):
                self._sent(row)
                return ""
            why = _why_refused(error.reason)
            self._explain(row, why)
            return why
        if any(str(said).lower() != (row.tx_hash or "").lower() for said in answers):
            why = "The server named another payment than the one sent. Studio waits until it is seen in a block."
            self._explain(row, why)
            return why
        self._sent(row)
        return ""

    def _sent(self, row: store.Row) -> None:
        with self._context.database.write() as db:
            store.set_sent(db, row.id, to_unix(self._context.now()))

    def _look(self, chain: _Chain, row: store.Row, receipt: Receipt | None) -> None:
        if receipt is not None and self._is_true(chain, row, receipt):
            self._mined(chain, row, receipt)
            return
        if row.block is not None:
            self._rearranged(row)
        if chain.nonces[row.account] <= (row.nonce or 0):
            self._waiting(chain, row)
        else:
            self._overtaken(chain, row)

    def _is_true(self, chain: _Chain, row: store.Row, receipt: Receipt) -> bool:
        """Tell whether a receipt stands in the chain, by its block's hash, and by the second server where there is one.

        Raises:
            ServersDisagree: The second server has another receipt for it.
        """
        from mycelix_studio.chain.rpc import ServersDisagree, parse_receipt

        if receipt.tx_hash.lower() != (row.tx_hash or "").lower():
            return False
        block = chain.rpc.head(receipt.block_number)
        if block is None or block.hash != receipt.block_hash:
            return False
        if len(chain.rpc.urls) > 1 and (
            row.block_hash != receipt.block_hash or self._confirmations(chain, receipt) >= chain.needed
        ):
            answers = chain.rpc.ask_each("eth_getTransactionReceipt", row.tx_hash)
            if None in answers and chain.head >= receipt.block_number:  # all have the block, so all have its receipts
                raise ServersDisagree("whether a payment is in a block", receipt.block_hash, "in none")
            for other in [parse_receipt(raw) for raw in answers if raw is not None]:
                if (other.block_hash, other.succeeded) != (receipt.block_hash, receipt.succeeded):
                    raise ServersDisagree("a payment's receipt", receipt.block_hash, other.block_hash)
        return True

    @staticmethod
    def _confirmations(chain: _Chain, receipt: Receipt) -> int:
        return max(1, chain.head - receipt.block_number + 1)

    def _mined(self, chain: _Chain, row: store.Row, receipt: Receipt) -> None:
        depth = min(self._confirmations(chain, receipt), chain.needed)
        final = depth >= chain.needed
        why = row.why if row.state is TxState.REVERTED else ""
        if receipt.succeeded:
            state = TxState.FINAL if final else TxState.MINED
        else:
            state = TxState.REVERTED
            why = why or self._reason(chain.rpc, row, receipt)
        with self._context.database.write() as db:
            store.set_mined(
                db,
                row.id,
                state,
                block=receipt.block_number,
                block_hash=receipt.block_hash,
                confirmations=depth,
                gas_used=receipt.gas_used,
                gas_price=receipt.gas_price,
                succeeded=receipt.succeeded,
                why=why,
            )
            for rival in store.rivals(db, row):
                if rival.state in {TxState.SIGNED, TxState.SENT, TxState.MINED}:
                    store.set_state(db, rival.id, TxState.REPLACED, REPLACED)

    def _reason(self, rpc: Rpc, row: store.Row, receipt: Receipt) -> str:
        from mycelix_studio.chain.transactions import why_reverted
        from mycelix_studio.domain.transaction import Call

        error = why_reverted(rpc, receipt, Call(row.to, row.data, row.value), row.account)
        return f"{error.message} Only the network fee was paid."

    def _rearranged(self, row: store.Row) -> None:
        """Its block is gone: it waits again, and so do those it had replaced, since any of them may be mined now."""
        with self._context.database.write() as db:
            store.set_state(db, row.id, TxState.SENT, REARRANGED)
            for rival in store.rivals(db, row):
                if rival.state is TxState.REPLACED and rival.raw is not None:
                    store.set_state(db, rival.id, TxState.SENT, REARRANGED)

    def _waiting(self, chain: _Chain, row: store.Row) -> None:
        """Its turn is not over. Send it (again) when nobody has it, the lowest number first."""
        if row.state is TxState.SIGNED or not chain.rpc.knows(row.tx_hash or ""):
            if self._has_better_rival(row):
                return
            self._send(chain.rpc, row)
            return
        gap = (row.nonce or 0) - chain.nonces[row.account]
        why = "" if gap <= 0 else f"Waits for {gap} earlier one{'s' if gap > 1 else ''} of this account."
        if row.why not in {why, REARRANGED}:
            self._explain(row, why)

    def _has_better_rival(self, row: store.Row) -> bool:
        """A replacement with a higher fee is on its way: sending the lower one again would be refused."""
        rivals = store.rivals(self._context.database.read(), row)
        return any(
            rival.id > row.id and rival.state in {TxState.SENT, TxState.MINED, TxState.FINAL} for rival in rivals
        )

    def _overtaken(self, chain: _Chain, row: store.Row) -> None:
        """Another transaction has its number: one of ours (replaced), or a stranger's, believed only once it is deep."""
        if chain.rpc.receipt(row.tx_hash or "") is not None:
            return  # it was confirmed between two questions; the next step sees it whole
        for rival in store.rivals(self._context.database.read(), row):
            if rival.block is not None:
                with self._context.database.write() as db:
                    store.set_state(db, row.id, TxState.REPLACED, REPLACED)
                return
        deep = chain.head - chain.needed
        if deep >= 0 and chain.rpc.nonce(row.account, deep) > (row.nonce or 0):
            with self._context.database.write() as db:
                store.set_state(db, row.id, TxState.DROPPED, TAKEN)

    def _explain(self, row: store.Row, why: str) -> None:
        if why != row.why:
            with self._context.database.write() as db:
                store.set_why(db, row.id, why)


def _already(reason: str) -> bool:
    text = reason.lower()
    return "already known" in text or "already imported" in text or "known transaction" in text


def _why_refused(reason: str) -> str:
    text = reason.lower()
    if "insufficient funds" in text:
        return "The account cannot pay the network fee. It goes out once there is enough."
    if "nonce too low" in text:
        return "Its number in line is taken; Studio looks which payment took it."
    if "underpriced" in text or "fee too low" in text or "less than block base fee" in text:
        return "The network asks for a higher fee now. Speed it up, or wait until fees fall."
    return f"The server does not take it: {reason}. It is tried again."
