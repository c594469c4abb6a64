"""Statements as a beancount ledger: every row a balanced transaction in its own token, exact to the wei."""

from __future__ import annotations

import re

from mycelix_studio.domain.money import DECIMALS, format_token
from mycelix_studio.domain.statement import SYMBOL, ItemType, Line, Person, Statement

_NAMES = {
    ItemType.STREAM: "Streams",
    ItemType.VOUCHER: "Streams",
    ItemType.TIP: "Tips",
    ItemType.SUBSCRIPTION: "Patronage",
    ItemType.RENEWAL: "Patronage",
    ItemType.PASS: "Passes",
}


def statement_beancount(statement: Statement) -> bytes:
    """Return the ledger: accounts opened on the first day, prices used, one transaction a row, the hash of the inputs as metadata."""
    people = {person.address: person for person in statement.people}
    entries = [_entry(statement, line, people) for line in statement.lines]
    first = min([statement.period.first, *(line.when.date() for line in statement.lines)])
    lines = zip(statement.lines, entries, strict=True)
    accounts = sorted({(account, line.symbol) for line, (_text, used) in lines for account in used})
    others = sorted({symbol for _account, symbol in accounts} - {SYMBOL})
    out = [
        f'option "title" "{_quoted(f"{statement.artist}, {statement.period.title}")}"',
        *([f'option "operating_currency" "{statement.currency}"'] if statement.currency else []),
        "",
        f"{first} commodity {SYMBOL}",
        f'  inputs: "{statement.input_hash}"',
        *(f"{first} commodity {symbol}" for symbol in others),
        "",
        *(f"{first} open {account} {symbol}" for account, symbol in accounts),
        "",
    ]
    rates = {line.fiat.rate for line in statement.lines if line.fiat is not None}
    for rate in sorted(rates, key=lambda item: (item.day, item.currency)):
        out.append(f"{rate.day} price {SYMBOL} {rate.price} {rate.currency}")
        out.append(f'  source: "{_quoted(rate.source)}"')
    out += ["", *(text for text, _used in entries)]
    return ("\n".join(out).rstrip() + "\n").encode()


def _entry(statement: Statement, line: Line, people: dict[str, Person]) -> tuple[str, list[str]]:
    account = f"Assets:Mycelix:Account-{line.payee}"
    postings: list[tuple[str, int]]
    if line.type is ItemType.PAYOUT:
        person = people.get(line.paid_to)
        target = "Assets:Mycelix:Wallet"
        if line.paid_to.lower() != statement.account.lower():
            target = f"Expenses:Mycelix:Shares:{_component(person.name if person else '', line.paid_to)}"
        postings = [(account, line.net), (target, -line.net)]
    elif line.type is ItemType.REWARD:
        postings = [("Assets:Mycelix:Gift-Budget", line.net), ("Expenses:Mycelix:Rewards", -line.net)]
    else:
        postings = [
            (account, line.net),
            ("Expenses:Mycelix:Protocol-Fee", line.fee),
            (f"Income:Mycelix:{_NAMES.get(line.type, 'Reversals')}", -line.subtotal),
        ]
    used = [name for name, amount in postings if amount or line.net == 0]
    words = f"{line.type.value} {line.item}".strip()
    head = [
        f'{line.when.date()} * "{_quoted(line.listener or line.paid_to)}" "{_quoted(words)}"',
        f'  tx: "{line.tx}:{line.log_index}:{line.position}"',
    ]
    if line.fiat is not None:
        rate = line.fiat.rate
        head.append(f'  rate: "{rate.price} {rate.currency}, {rate.day}, {_quoted(rate.source)}"')
    body = [f"  {name}  {format_token(amount, DECIMALS)} {line.symbol}" for name, amount in postings if name in used]
    return "\n".join([*head, *body, ""]), used


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")


def _component(name: str, address: str) -> str:
    """Return a valid part of an account name: letters, digits and hyphens after a capital; some of the address makes it unique."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")
    return f"{plain[:1].upper()}{plain[1:]}-{address[2:8]}" if plain else f"X{address[2:]}"
