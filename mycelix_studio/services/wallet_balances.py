"""What accounts hold: read from the chain, kept with the block it was read at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mycelix_studio.domain.account import Balances
from mycelix_studio.domain.transaction import Call
from mycelix_studio.services import strategies_forms as forms
from mycelix_studio.services import wallet_fees as fees
from mycelix_studio.services.wallet_context import WalletContext
from mycelix_studio.services.wallet_trial import agreed_head
from mycelix_studio.store import accounts as store
from mycelix_studio.store import song_terms

if TYPE_CHECKING:
    from mycelix_studio.chain.rpc import Rpc
    from mycelix_studio.domain.splits import Split


class BalanceReader:
    """Reads and keeps balances."""

    def __init__(self, context: WalletContext) -> None:
        self._context = context

    def known(self) -> tuple[Balances, ...]:
        """Return what was read last."""
        network = self._context.network
        rows = store.balances(self._context.database.read(), network.chain_id, network.native_symbol)
        return tuple(replace(row, signatures_left=fees.signatures_left(self._context, row.native)) for row in rows)

    def refresh(self) -> tuple[Balances, ...]:
        """Read all accounts at one block that every server has, and keep it.

        Raises:
            ChainUnreachable, WrongChain: No server answers; what was read before stays.
            ServersDisagree: Two servers show different blocks or balances.
        """
        from mycelix_studio.chain.values import hex_int

        rpc = self._context.rpc()
        head = agreed_head(rpc)
        fees.price_levels(self._context, rpc)
        accounts = [account.address for account in store.all_accounts(self._context.database.read())]
        found: list[tuple[str, str, int]] = []
        for address in accounts:
            native, _servers = rpc.agreed("your balance", "eth_getBalance", address, hex(head.number))
            found.append((address, store.NATIVE, hex_int(native)))
        found += self._flow(rpc, accounts, head.number)
        found += self._earned(rpc, accounts, head.number)
        chain_id = self._context.network.chain_id
        with self._context.database.write() as db:
            for address, symbol, amount in found:
                store.save_balance(
                    db, address, chain_id, symbol, amount=amount, as_of=head.timestamp, block=head.number
                )
        return self.known()

    def _flow(self, rpc: Rpc, accounts: list[str], block: int) -> list[tuple[str, str, int]]:
        from mycelix_studio.chain.abi.flow_token import FlowToken
        from mycelix_studio.chain.values import hex_int

        deployment = self._context.deployment()
        if deployment is None or "FlowToken" not in deployment.contracts:
            return []
        token = FlowToken(deployment.address("FlowToken"))
        found = []
        for address in accounts:
            data = "0x" + token.balance_of(address).call.data.hex()
            answer, _servers = rpc.agreed("your balance", "eth_call", {"to": token.address, "data": data}, hex(block))
            found.append((address, store.FLOW, hex_int(answer)))
        return found

    def _earned(self, rpc: Rpc, accounts: list[str], block: int) -> list[tuple[str, str, int]]:
        """Return what waits for each account: set aside for it, and its share of what its songs' accounts hold."""
        from mycelix_studio.chain.abi.ledger import Ledger
        from mycelix_studio.chain.binding import read_all

        deployment = self._context.deployment()
        if deployment is None or "Ledger" not in deployment.contracts:
            return []
        ledger = Ledger(deployment.address("Ledger"))
        earned = dict(zip(accounts, read_all(rpc, [ledger.claimable(a) for a in accounts], block), strict=True))
        splits = self._splits()
        held = read_all(rpc, [ledger.account(payee) for payee in splits], block)
        for split, account in zip(splits.values(), held, strict=True):
            for share, part in zip(split.shares, split.divide(account.balance), strict=True):
                if share.recipient in earned:
                    earned[share.recipient] += part
        return [(address, store.EARNED, amount) for address, amount in earned.items()]

    def payout_calls(self, address: str) -> tuple[Call, ...]:
        """Return the calls that pay out everything the songs' accounts hold, and collect what is set aside for an address.

        Raises:
            ChainUnreachable, WrongChain: No server answers.
        """
        from mycelix_studio.chain.abi.ledger import Ledger
        from mycelix_studio.chain.abi.ledger import Split as LedgerSplit
        from mycelix_studio.chain.binding import read_all

        deployment = self._context.deployment()
        if deployment is None or "Ledger" not in deployment.contracts:
            return ()
        rpc, ledger = self._context.rpc(), Ledger(deployment.address("Ledger"))
        splits = self._splits()
        held = read_all(rpc, [ledger.account(payee) for payee in splits])
        calls = [
            ledger.distribute(
                payee,
                LedgerSplit(tuple(s.recipient for s in split.shares), tuple(s.bps for s in split.shares)),
                True,
            )
            for (payee, split), account in zip(splits.items(), held, strict=True)
            if account.balance
        ]
        if ledger.claimable(address).read(rpc):
            calls.append(ledger.claim(address))
        return tuple(calls)

    def _splits(self) -> dict[int, Split]:
        """Return the accounts that songs known here are paid to, with who gets paid by each."""
        found = {}
        for body in song_terms.bodies(self._context.database.read(), self._context.network.chain_id):
            terms = forms.terms_from_json(body)
            if terms.payee is not None and terms.split is not None:
                found[terms.payee] = terms.split
        return found
