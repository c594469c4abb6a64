"""Makes a statement of what came in and was paid out: rows, each person's shares, and the hash of everything that is printed.

Shares are divided payment by payment with the split valid at that payment's place on the chain, so monthly statements add up to the
yearly one exactly.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from mycelix_studio.domain.clock import rfc3339
from mycelix_studio.domain.fiat import minor_of
from mycelix_studio.domain.money import Wei
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.splits import divide
from mycelix_studio.domain.statement import (
    EVERYTHING,
    FORMAT,
    Choices,
    FiatValue,
    Inputs,
    ItemType,
    Line,
    Person,
    PersonLine,
    Receipt,
    Statement,
)
from mycelix_studio.domain.vouchers import divided
from mycelix_studio.domain.wire import PaymentRecord, PayoutRecord, SplitRecord, WireShare


class SplitHistory:
    """Who got what share of a payee at each place on the chain."""

    def __init__(self, splits: Iterable[SplitRecord]) -> None:
        self._places: dict[int, list[tuple[int, int]]] = {}
        self._shares: dict[int, list[tuple[WireShare, ...]]] = {}
        for record in sorted(splits, key=lambda item: (item.payee, item.block, item.log_index)):
            self._places.setdefault(record.payee, []).append((record.block, record.log_index))
            self._shares.setdefault(record.payee, []).append(record.shares)

    def at(self, payee: int, block: int, log_index: int) -> tuple[WireShare, ...]:
        """Return the shares valid for a payment at this place; empty when none is known that early."""
        place = bisect_left(self._places.get(payee, []), (block, log_index)) - 1
        return self._shares[payee][place] if place >= 0 else ()


def build(inputs: Inputs, period: Period, choices: Choices = EVERYTHING) -> Statement:
    """Return the statement of a period.

    A payment is in it when its block is; a reversal when the chain took the payment back in the period. A person's statement holds the
    payments they share in, at full height, and their payouts.
    """
    history = SplitHistory(inputs.splits)
    lines: list[Line] = []
    for receipt in inputs.receipts:
        payment = receipt.payment
        if period.holds(payment.block_time):
            lines += _payment_lines(inputs, history, receipt)
        if receipt.retracted_at is not None and period.holds(receipt.retracted_at):
            lines += [_reversal(line, receipt.retracted_at) for line in _payment_lines(inputs, history, receipt)]
    for taken in inputs.payouts:
        if period.holds(taken.payout.block_time):
            lines.append(_payout_line(inputs, taken.payout))
        if taken.retracted_at is not None and period.holds(taken.retracted_at):
            lines.append(_reversed_payout(_payout_line(inputs, taken.payout), taken.retracted_at))
    chosen = sorted(
        (line for line in lines if _wanted(line, choices)),
        key=lambda line: (line.when, line.block, line.log_index, line.position, line.key),
    )
    income = [line for line in chosen if line.income]
    people = _people(inputs, history, chosen, choices.person)
    return Statement(
        period,
        choices,
        inputs.artist,
        inputs.account,
        inputs.network,
        inputs.currency,
        min(inputs.as_of, period.bounds[1]),
        tuple(chosen),
        people,
        sum(line.net for line in income if not line.parts),
        _hash(inputs, period, choices, chosen, people),
    )


def _wanted(line: Line, choices: Choices) -> bool:
    if choices.songs and line.type is not ItemType.PAYOUT and line.song_id not in choices.songs:
        return False
    if choices.strategies and line.type is not ItemType.PAYOUT and line.strategy not in choices.strategies:
        return False
    if line.type is ItemType.PAYOUT and (choices.songs or choices.strategies):
        return False  # a payout is of an account, not of a song
    if choices.person:
        if line.type is ItemType.PAYOUT:
            return line.paid_to == choices.person
        return any(address == choices.person for address, _wei in line.parts)
    return True


def _payment_lines(inputs: Inputs, history: SplitHistory, receipt: Receipt) -> list[Line]:
    """Return the row of a payment, or those of the songs a voucher was for.

    Of these everybody's part is what theirs of the sum so far grows by, so that it adds up to the part of the whole payment; of a song of
    a few wei it can be a wei below zero.
    """
    payment = receipt.payment
    shares = () if payment.type == "reward" else history.at(payment.payee, payment.block, payment.log_index)
    lines, so_far, given = [], 0, [0] * len(shares)
    for piece in divided(payment, receipt.songs):
        so_far += piece.net
        due = divide(so_far, [share.bps for share in shares]) if shares else ()
        parts = tuple((s.recipient, Wei(now - before)) for s, now, before in zip(shares, due, given, strict=True))
        given = list(due)
        named = "" if payment.song_id or not piece.song_id else f":{piece.song_id}"
        lines.append(_payment_line(inputs, piece, f"payment:{payment.key}{named}", parts))
    return lines


def _payment_line(inputs: Inputs, payment: PaymentRecord, key: str, parts: tuple[tuple[str, Wei], ...]) -> Line:
    reward = payment.type == "reward"
    even = not reward and payment.count > 0 and payment.gross % payment.count == 0
    price = payment.gross // payment.count if even else None
    told = price is not None and payment.type not in ("subscription", "renewal")
    valued = inputs.currency and not reward  # a rate says what one FLOW was worth
    rate = inputs.rates.at(payment.block_time.date(), inputs.currency) if valued else None
    net = -payment.net if reward else payment.net
    return Line(
        key=key,
        when=payment.block_time,
        paid_to=payment.listener if reward else f"account {payment.payee}",
        type=ItemType(payment.type),
        item=inputs.titles.get(payment.song_id or "", "") or (payment.song_id or ""),
        song_id=payment.song_id or "",
        strategy=payment.strategy or ("tip" if payment.type == "tip" else ""),
        listener=payment.listener,
        payee=payment.payee,
        quantity=payment.count,
        price=price,
        discount=0 if told else None,
        subtotal=-payment.gross if reward else payment.gross,
        fee=payment.fee,
        net=net,
        chain_id=payment.chain_id,
        block=payment.block,
        tx=payment.tx,
        log_index=payment.log_index,
        position=payment.item,
        fiat=FiatValue(rate.fine(net), rate) if rate is not None else None,
        parts=parts,
    )


def _negated(line: Line, when: datetime, kind: ItemType) -> Line:
    return replace(
        line,
        key=f"{line.key}:reversed",
        when=when,
        type=kind,
        quantity=-line.quantity,
        discount=-line.discount if line.discount is not None else None,
        subtotal=-line.subtotal,
        fee=-line.fee,
        net=-line.net,
        fiat=FiatValue(-line.fiat.fine, line.fiat.rate) if line.fiat is not None else None,
        parts=tuple((address, Wei(-part)) for address, part in line.parts),
    )


def _reversal(line: Line, when: datetime) -> Line:
    """Return the row that takes a payment back, at the rate the payment had; a reward taken back stays a reward."""
    return _negated(line, when, ItemType.REVERSAL if line.income else line.type)


def _reversed_payout(line: Line, when: datetime) -> Line:
    return _negated(line, when, ItemType.PAYOUT)


def _payout_line(inputs: Inputs, payout: PayoutRecord) -> Line:
    rate = inputs.rates.at(payout.block_time.date(), inputs.currency) if inputs.currency else None
    return Line(
        key=f"payout:{payout.key}",
        when=payout.block_time,
        paid_to=payout.recipient,
        type=ItemType.PAYOUT,
        item="",
        song_id="",
        strategy="",
        listener="",
        payee=payout.payee,
        quantity=1,
        price=None,
        discount=None,
        subtotal=0,
        fee=0,
        net=-payout.amount,
        chain_id=payout.chain_id,
        block=payout.block,
        tx=payout.tx,
        log_index=payout.log_index,
        position=payout.item,
        deferred=payout.deferred,
        fiat=FiatValue(rate.fine(-payout.amount), rate) if rate is not None else None,
    )


def _people(inputs: Inputs, history: SplitHistory, lines: Sequence[Line], only: str) -> tuple[Person, ...]:
    rows: dict[str, list[PersonLine]] = {}
    payouts: dict[str, list[Line]] = {}
    for line in lines:
        if line.type is ItemType.PAYOUT:
            payouts.setdefault(line.paid_to, []).append(line)
            continue
        shares = history.at(line.payee, line.block, line.log_index) if line.parts else ()
        for share, (address, amount) in zip(shares, line.parts, strict=True):
            rate = line.fiat.rate if line.fiat is not None else None
            value = FiatValue(rate.fine(amount), rate) if rate is not None else None
            rows.setdefault(address, []).append(PersonLine(line, share.bps, amount, value))
    people = []
    for address in rows.keys() | payouts.keys():
        if only and address != only:
            continue
        mine, out = rows.get(address, []), payouts.get(address, [])
        values = [row.fiat.fine for row in mine if row.fiat is not None]
        people.append(
            Person(
                address,
                inputs.names.get(address, ""),
                sum(row.amount for row in mine),
                -sum(line.net for line in out),
                tuple(mine),
                tuple(out),
                minor_of(sum(values)) if inputs.currency and len(values) == len(mine) else None,
            )
        )
    return tuple(sorted(people, key=lambda person: (-person.due, person.address)))


def _hash(inputs: Inputs, period: Period, choices: Choices, lines: Sequence[Line], people: Sequence[Person]) -> str:
    """Return SHA-256 over everything that is printed: same hash, same file."""
    digest = hashlib.sha256()
    head = {
        "format": FORMAT,
        "period": [period.first.isoformat(), period.last.isoformat(), period.name],
        "songs": sorted(choices.songs),
        "strategies": sorted(choices.strategies),
        "person": choices.person,
        "artist": inputs.artist,
        "account": inputs.account,
        "network": inputs.network,
        "currency": inputs.currency,
        "to": rfc3339(min(inputs.as_of, period.bounds[1])),
        "names": [[person.address, person.name] for person in people],
    }
    digest.update(_canonical(head))
    for line in lines:
        fiat = line.fiat
        digest.update(
            _canonical(
                [
                    line.key,
                    rfc3339(line.when),
                    line.paid_to,
                    line.type.value,
                    line.item,
                    line.song_id,
                    line.strategy,
                    line.listener,
                    line.payee,
                    line.quantity,
                    _text(line.price),
                    _text(line.discount),
                    *map(str, (line.subtotal, line.fee, line.net)),
                    [line.chain_id, line.block, line.tx, line.log_index, line.position, line.deferred],
                    [fiat.fine, fiat.rate.day.isoformat(), fiat.rate.price, fiat.rate.source] if fiat else None,
                    [[address, str(part)] for address, part in line.parts],
                ]
            )
        )
    return digest.hexdigest()


def _text(amount: int | None) -> str:
    return "" if amount is None else str(amount)


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
