"""The activity list: own transactions as rows for a page."""

from __future__ import annotations

from mycelix_studio.domain.address import short_address
from mycelix_studio.domain.clock import from_unix, to_unix
from mycelix_studio.domain.networks import network
from mycelix_studio.domain.transaction import Activity, Prepared, TxState
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.wallet_context import WalletContext
from mycelix_studio.services.wallet_errors import NotAmong
from mycelix_studio.services.wallet_send import new_row, row_of
from mycelix_studio.store import accounts as accounts_store
from mycelix_studio.store import earning
from mycelix_studio.store import transactions as store

INCOME_ICON = {1: "stream", 2: "gift", 4: "patronage", 8: "auction"}
"""Icon of a payment by the bit of its way to earn."""
UNDER_WAY = (TxState.SIGNED, TxState.SENT, TxState.MINED)


class ActivityList:
    """Reads the list and keeps drafts."""

    def __init__(self, context: WalletContext) -> None:
        self._context = context

    def page(self, account: str | None, only: str, before: str | None, limit: int) -> tuple[Activity, ...]:
        """Return rows newest first. Raises NotAmong for a ``before`` that is gone."""
        after = None if before is None else self._place(before)
        rows: list[Activity] = []
        if only != "in":
            states = UNDER_WAY if only == "pending" else ()
            own = store.page(self._context.database.read(), account=account, states=states, before=after, limit=limit)
            rows += [self._activity(row) for row in own]
        current = accounts_store.current(self._context.database.read())
        if only in {"all", "in"} and current is not None and account in {None, current.address}:
            chain_id = self._context.network.chain_id
            came = earning.income(self._context.database.read(), chain_id, after, limit)
            rows += [self._income(row, current.address) for row in came]
        return tuple(sorted(rows, key=lambda row: row.at, reverse=True)[:limit])

    def _place(self, activity_id: str) -> tuple[int, int]:
        kind, _, rest = activity_id.partition(":")
        at, _, key = rest.partition(":")
        if kind == "in" and at.isdecimal() and key.isdecimal():
            return int(at), int(key)
        last = row_of(self._context, activity_id)
        return last.created_at, last.id

    def _income(self, row: earning.Income, account: str) -> Activity:
        chain = self._context.network
        song = row.title or "a song"
        who = self._context.name_of(row.listener) or short_address(row.listener)
        if row.kind in {"stream", "voucher"}:
            title = f"{row.count} {'play' if row.count == 1 else 'plays'}, {song}"
            detail = f"{row.listeners} listeners" if row.listeners > 1 else who
        elif row.kind == "tip":
            title, detail = f"Tip from {who}", f"for {song}"
        else:
            title, detail = f"{row.kind.replace('-', ' ').capitalize()}, {song}", who
        return Activity(
            id=f"in:{row.at}:{row.key}",
            account=account,
            title=title,
            detail=detail,
            activity=INCOME_ICON.get(row.strategy, "tip"),
            at=from_unix(row.at),
            state=TxState.FINAL,
            confirmations=self._context.confirmations,
            needed=self._context.confirmations,
            amount=row.net,
            native_symbol=chain.native_symbol,
            incoming=True,
            tx_hash=row.tx,
        )

    def count(self, *states: TxState) -> int:
        """Return how many are in one of these states."""
        return store.count(self._context.database.read(), states)

    def keep_draft(self, prepared: Prepared) -> str:
        """Keep a request as a draft; the id of its row."""
        if prepared.call is None:
            raise NotAmong(
                "This cannot be kept as a draft",
                "Messages and sign-ins are signed at once or not at all.",
                "Sign it now, or leave it.",
            )
        with self._context.database.write() as db:
            return f"tx:{store.add(db, new_row(prepared, to_unix(self._context.now())))}"

    def discard_draft(self, activity_id: str) -> Changes:
        """Forget a draft. Raises NotAmong when it is signed already."""
        row = row_of(self._context, activity_id)
        with self._context.database.write() as db:
            if not store.remove_draft(db, row.id):
                raise NotAmong(
                    "This is no draft any more", "It was signed, so it stays in the list.", "Follow it under Activity."
                )
        return Changes.of(Kind.TRANSACTIONS)

    def _activity(self, row: store.Row) -> Activity:
        chain = network(row.chain_id)
        waits = row.state in {TxState.SIGNED, TxState.SENT}
        empty = row.to == row.account and not row.data and not row.value
        fee = None
        if row.gas_used is not None and row.gas_price is not None:
            fee = row.gas_used * row.gas_price
        elif row.gas is not None and row.max_fee is not None and row.state is not TxState.DRAFT:
            fee = 0 if row.state in {TxState.REPLACED, TxState.DROPPED} else row.gas * row.max_fee
        failed = row.state in {TxState.REVERTED, TxState.REPLACED, TxState.DROPPED}
        return Activity(
            id=f"tx:{row.id}",
            account=row.account,
            title=row.title,
            detail=short_address(row.detail),
            activity=row.activity,
            at=from_unix(row.created_at),
            state=row.state,
            confirmations=row.confirmations,
            needed=self._context.confirmations,
            amount=0 if failed else row.amount,
            symbol=row.symbol,
            fee=fee,
            native_symbol=chain.native_symbol,
            tx_hash=row.tx_hash or "",
            nonce=row.nonce,
            can_speed_up=waits and row.chain_id == self._context.network.chain_id,
            can_cancel=waits and not empty and row.chain_id == self._context.network.chain_id,
            why=row.why,
            replaced_by=self._successor(row) if row.state is TxState.REPLACED else "",
        )

    def _successor(self, row: store.Row) -> str:
        for rival in store.rivals(self._context.database.read(), row):
            if rival.block is not None:
                return f"tx:{rival.id}"
        return ""
