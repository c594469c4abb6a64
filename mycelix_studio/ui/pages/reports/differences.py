"""What an audit found to differ, as rows of words: what is wrong, what the chain says, what is here, and the record on the chain."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from mycelix_studio.domain.address import short_address
from mycelix_studio.domain.audit import MONEY, AuditReport, Check, Difference, Fault
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.charts.data import FLOW
from mycelix_studio.ui.pages.analytics.model import type_name
from mycelix_studio.ui.pages.reports.model import WAYS, tr
from mycelix_studio.ui.widgets.sheet import Sheet

_LONG: Final = re.compile(r"0x[0-9a-fA-F]{40,}")


def shortened(words_: str) -> str:
    """Return a text with every address, fingerprint and payment in it as ``0x7A3e…91Fc``."""
    return _LONG.sub(lambda found: short_address(found[0]), words_)


def differences(report: AuditReport) -> Sheet:
    """Return every figure that differs, one a row; a payment with three wrong values has three."""
    heads = [tr("What is wrong"), tr("Where"), tr("When, UTC"), tr("The chain says"), tr("Here")]
    heads += [tr("Payment"), tr("Block, record, item")]
    exact = [row for each in report.differences for row in _rows(each)]
    exact += [_figure(check) for check in report.checks if not check.equal]
    return Sheet(heads, [[shortened(cell) for cell in row] for row in exact], exact, frozenset(), wide=3)


def _rows(each: Difference) -> list[list[str]]:
    kinds = {
        "payment": tr("Payment"),
        "payout": tr("Payout"),
        "split": tr("Shares"),
        "voucher_song": tr("Songs of a voucher"),
    }
    kind = kinds.get(each.kind, each.kind)
    when = words.moment_text(each.when)
    place = f"{shown.count(each.block)}, {each.log_index}, {each.item}"

    def row(wrong: str, chain: str, here: str) -> list[str]:
        return [wrong, kind, when, chain, here, each.tx, place]

    if each.fault is Fault.ALTERED:
        return [
            row(
                tr("Changed: {what}").format(what=_name(name)),
                _value(name, chain, each.symbol),
                _value(name, here, each.symbol),
            )
            for name, chain, here in each.values
        ]
    amount = f"{_coins(each.amount)} {each.symbol}" if each.amount else kind
    return [
        {
            Fault.MISSING: row(tr("Missing here"), amount, tr("nothing")),
            Fault.INVENTED: row(tr("Not on the chain"), tr("nothing"), amount),
            Fault.DOUBLED: row(tr("Here twice"), amount, tr("one more of it")),
            Fault.UNPROVEN: row(tr("Not proven"), words.NONE, words.NONE),
        }[each.fault]
    ]


def _figure(check: Check) -> list[str]:
    values = (f"{_coins(amount)} {check.symbol}" for amount in (check.chain, check.found))
    return [tr("Another sum"), tr(check.name), words.NONE, *values, words.NONE, words.NONE]


def _coins(amount: int) -> str:
    """Return an amount to its last digit, without zeros at the end."""
    return words.short_exact(FLOW, amount)


def _name(field: str) -> str:
    return {
        "block_time": tr("time"),
        "tx": tr("payment"),
        "listener": tr("listener"),
        "recipient": tr("paid to"),
        "payee": tr("account"),
        "song_id": tr("song"),
        "strategy": tr("way to earn"),
        "type": tr("type"),
        "count": tr("count"),
        "gross": tr("gross"),
        "fee": tr("fee"),
        "net": tr("net"),
        "amount": tr("amount"),
        "deferred": tr("waits to be collected"),
        "split_hash": tr("fingerprint of the shares"),
        "fee_bps": tr("platform fee"),
        "locked": tr("fixed for ever"),
        "shares": tr("shares"),
        "plays_hash": tr("fingerprint of the songs"),
    }.get(field, field)


def _value(field: str, value: str, symbol: str) -> str:
    if not value:
        return words.NONE
    if field in MONEY:
        return f"{_coins(int(value))} {symbol}"
    said = {
        "block_time": lambda: words.moment_text(datetime.fromisoformat(value)),
        "fee_bps": lambda: words.percent(int(value)),
        "type": lambda: type_name(value),
        "strategy": lambda: tr(WAYS.get(value, value)),
    }.get(field)
    return said() if said is not None else {"True": tr("yes"), "False": tr("no")}.get(value, value)
