"""Rows of the activity list, and the words of balances and states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, QObject

from mycelix_studio.domain import clock
from mycelix_studio.domain.transaction import Activity, TxState
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.charts.words import MINUS, day_text
from mycelix_studio.ui.dialogs.sign.parts import fee_text
from mycelix_studio.ui.widgets.rows import Cell, Column, RowsModel

ICONS = {
    "stream": ("ph.play-circle", "stream"),
    "gift": ("ph.gift", "gift"),
    "patronage": ("ph.users-three", "patronage"),
    "auction": ("ph.trend-down", "auction"),
    "tip": ("ph.heart", "bad"),
    "send": ("ph.arrow-up-right", "t2"),
    "payout": ("ph.users-three", "acc"),
    "song": ("ph.music-note", "t2"),
    "split": ("ph.chart-pie-slice", "t2"),
    "purse": ("ph.wallet", "t2"),
    "other": ("ph.pen-nib", "t2"),
}
STATE_ICONS = {
    TxState.DRAFT: ("ph.pencil-simple", "t3"),
    TxState.SIGNED: ("ph.clock", "t2"),
    TxState.SENT: ("ph.hourglass", "info"),
    TxState.REVERTED: ("ph.x-circle", "bad"),
    TxState.REPLACED: ("ph.swap", "t2"),
    TxState.DROPPED: ("ph.x-circle", "warn"),
}
STATE_CHIPS = {
    TxState.DRAFT: ("Draft", "plain"),
    TxState.FINAL: ("Final", "ok"),
    TxState.REVERTED: ("Refused by contract", "bad"),
    TxState.REPLACED: ("Replaced", "plain"),
    TxState.DROPPED: ("Lost, nothing paid", "warn"),
}


def tr(source: str) -> str:
    """Translate a text of the wallet."""
    return QCoreApplication.translate("Wallet", source)


def columns() -> tuple[Column, ...]:
    """Return the columns of the activity list."""
    return (
        Column("icon", "", 42, sort=False, spoken=tr("Kind")),
        Column("what", tr("What"), sort=False),
        Column("when", tr("When"), 78, sort=False),
        Column("state", tr("State"), 160, sort=False),
        Column("amount", "FLOW", 150, right=True, sort=False),
        Column("do", "", 176, sort=False, spoken=tr("What can be done"), drop=1),
    )


def when_text(at: datetime, today: datetime) -> str:
    """Return a time of today as ``14:24``, an older one as ``13 Jun``, in the zone of the computer."""
    local = QDateTime.fromSecsSinceEpoch(int(at.timestamp()))
    now = QDateTime.fromSecsSinceEpoch(int(today.timestamp()))
    if local.date() == now.date():
        return QLocale().toString(local.time(), "HH:mm")
    date = at.astimezone().date()
    return day_text(date, year=date.year != today.year)


def ago(at: datetime, now: datetime) -> str:
    """Return ``8 min``, ``3 h`` or ``2 days``."""
    passed = max(now - at, timedelta())
    minutes = int(passed.total_seconds()) // 60
    if minutes < 1:
        return tr("now")
    if minutes < 60:
        return tr("{n} min").format(n=minutes)
    if minutes < 48 * 60:
        return tr("{n} h").format(n=minutes // 60)
    return tr("{n} days").format(n=minutes // (24 * 60))


def state_chip(row: Activity, now: datetime) -> tuple[str, str]:
    """Return the words and the tone of a state."""
    if row.state is TxState.SIGNED:
        return tr("Waiting, number {n}").format(n=row.nonce), "plain"
    if row.state is TxState.SENT:
        return tr("Sent · {ago}").format(ago=ago(row.at, now)), "info"
    if row.state is TxState.MINED:
        return tr("Confirming {n} of {all}").format(n=row.confirmations, all=row.needed), "info"
    words, tone = STATE_CHIPS[row.state]
    return tr(words), tone


def amount_text(row: Activity) -> tuple[str, str, str]:
    """Return what moved: words, tone, and the exact figure for the tooltip. The network fee stands in when nothing else moved."""
    if row.amount:
        sign = "+" if row.amount > 0 else MINUS
        unit = "" if row.symbol == "FLOW" else f" {row.symbol}"
        exact = f"{sign}{shown.coins(abs(row.amount), 18)} {row.symbol}"
        return f"{sign}{shown.coins(abs(row.amount))}{unit}", "ok" if row.amount > 0 else "t1", exact
    if row.fee:
        words = f"{MINUS}{fee_text(row.fee)} {row.native_symbol}"
        most = (
            tr("network fee, paid")
            if row.state in {TxState.MINED, TxState.FINAL, TxState.REVERTED}
            else tr("network fee, at most")
        )
        return words, "t1", f"{MINUS}{shown.coins(row.fee, 18)} {row.native_symbol}, {most}"
    return "0", "t2", ""


class ActivityModel(RowsModel[Activity]):
    """Activity by id; the rows are given whole, since one page of them is small."""

    def __init__(self, parent: QObject | None = None, now: Callable[[], datetime] = clock.now) -> None:
        self._rows: dict[str, Activity] = {}
        self._now = now
        super().__init__(columns(), self._of, lambda row: row.id, parent)

    def take(self, rows: Sequence[Activity]) -> list[str]:
        """Keep rows to be shown and return their ids in order."""
        self._rows = {row.id: row for row in rows}
        self._pages.clear()
        return [row.id for row in rows]

    def activity(self, key: object) -> Activity | None:
        """Return one row by id."""
        return self._rows.get(str(key))

    def _of(self, ids: Sequence[str]) -> list[Activity]:
        return [self._rows[key] for key in ids if key in self._rows]

    def cell(self, row: Activity, column: Column) -> Cell:
        """Return what a cell shows."""
        if column.key == "icon":
            icon, tone = STATE_ICONS.get(row.state) or ICONS.get(row.activity, ICONS["other"])
            return Cell("", icon=icon, icon_tone=tone, spoken=row.activity)
        if column.key == "what":
            said = row.detail and row.detail not in row.title  # a person without a name is an address in both
            return Cell(row.title, strong=True, rest=f"· {row.detail}" if said else "", tip=row.why)
        if column.key == "when":
            return Cell(when_text(row.at, self._now()), "t2", tip=shown_moment(row.at))
        if column.key == "state":
            words, tone = state_chip(row, self._now())
            return Cell(words, chip=tone, tip=row.why)
        if column.key == "amount":
            words, tone, tip = amount_text(row)
            return Cell(words, tone, strong=True, tip=tip)
        return Cell()


def shown_moment(at: datetime) -> str:
    """Return a moment in full for a tooltip."""
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(at.timestamp())), QLocale.FormatType.ShortFormat)
