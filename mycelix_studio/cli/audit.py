"""`mycelix audit`: does what the platform sent agree with the chain?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mycelix_studio.cli.artist import period_of
from mycelix_studio.cli.output import REFUSED, JsonOption, emit, working
from mycelix_studio.cli.profile import ProfileDir, opened

if TYPE_CHECKING:
    from mycelix_studio.domain.audit import AuditReport, Difference, Sums


def audit(
    month: Annotated[str, typer.Option(help="A month, such as 2026-05.")] = "",
    year: Annotated[int, typer.Option(help="A calendar year.")] = 0,
    first: Annotated[str, typer.Option("--from", help="First day, such as 2026-05-03.")] = "",
    last: Annotated[str, typer.Option("--to", help="Last day, included.")] = "",
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody; use what an earlier audit has read.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Read the whole chain again, trusting nothing kept.")] = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Compare payments, payouts and splits of a period with the chain's own events; prints the verdict and every difference."""
    from mycelix_studio.domain.clock import now

    period = period_of(month, year, first, last)
    with opened(profile_dir) as studio, working("Reading the chain") as work:
        found = studio.audit.run(period, work, offline=offline, fresh=fresh)
        studio.kept_audits.add(found, now())
    emit(as_data(found), as_words(found), as_json)
    if not found.agrees:
        raise typer.Exit(REFUSED)


def as_words(found: AuditReport) -> list[str]:
    """Return the report for a person to read."""
    from mycelix_studio.domain.money import format_token
    from mycelix_studio.domain.statement import REWARD_SYMBOL, SYMBOL

    def money(wei: int, symbol: str = SYMBOL) -> str:
        return f"{format_token(wei, 18, strip=True)} {symbol}"

    lines = [found.verdict, ""]
    lines += [
        f"Account {payee}: gross {money(sums.gross)}, protocol fee {money(sums.fee)}, net {money(sums.net)},"
        f" paid out {money(sums.paid_out)}"
        + (f", rewards to listeners {money(sums.rewards, REWARD_SYMBOL)}" if sums.rewards else "")
        for payee, sums in found.chain.items()
    ]
    lines += [
        f"Different: {check.name}. Chain {money(check.chain, check.symbol)}, found {money(check.found, check.symbol)}"
        for check in found.checks
        if not check.equal
    ]
    lines += [_difference(each) for each in found.differences]
    lines += ["", "How it was checked:", *(f"  {line}" for line in found.how)]
    return [*lines, "", "Not checked:", *(f"  {line}" for line in found.unchecked)]


def _difference(each: Difference) -> str:
    place = f"block {each.block}, log {each.log_index}" + (f", item {each.item}" if each.item else "")
    from mycelix_studio.domain.audit import MONEY
    from mycelix_studio.domain.money import format_token

    def said(name: str, value: str) -> str:
        if value and name in MONEY:
            return f"{format_token(int(value), 18, strip=True)} {each.symbol}"
        return value or "empty"

    values = "; ".join(
        f"{name} is {said(name, here)}, chain says {said(name, chain)}" for name, chain, here in each.values
    )
    kind = each.kind.replace("voucher_song", "songs of a voucher")
    return f"{kind} {each.fault.value} ({place}, {each.tx})" + (f": {values}" if values else "")


def as_data(found: AuditReport) -> dict[str, object]:
    """Return the report as JSON values; amounts are decimal strings in wei of the currency beside them."""
    from mycelix_studio.domain.clock import rfc3339
    from mycelix_studio.domain.statement import REWARD_SYMBOL, SYMBOL

    def sums(each: Sums) -> dict[str, object]:
        return {
            "payments": each.payments,
            "currency": SYMBOL,
            "gross": str(each.gross),
            "fee": str(each.fee),
            "net": str(each.net),
            "paidOut": str(each.paid_out),
            "rewards": {"currency": REWARD_SYMBOL, "amount": str(each.rewards)},
        }

    return {
        "agrees": found.agrees,
        "verdict": found.verdict,
        "period": {"first": found.period.first.isoformat(), "last": found.period.last.isoformat()},
        "account": found.account,
        "contract": found.contract,
        "blocks": {"first": found.first_block, "last": found.read_to, "time": rfc3339(found.read_to_time)},
        "servers": list(found.servers),
        "records": {"read": found.records, "proven": found.proven},
        "chain": {str(payee): sums(each) for payee, each in found.chain.items()},
        "cache": {str(payee): sums(each) for payee, each in found.cache.items()},
        "checks": [
            {
                "name": c.name,
                "currency": c.symbol,
                "chain": str(c.chain),
                "found": str(c.found),
                "equal": c.equal,
            }
            for c in found.checks
        ],
        "differences": [
            {
                "fault": each.fault.value,
                "kind": each.kind,
                "block": each.block,
                "logIndex": each.log_index,
                "item": each.item,
                "tx": each.tx,
                "currency": each.symbol,
                "values": [{"field": name, "chain": chain, "here": here} for name, chain, here in each.values],
            }
            for each in found.differences
        ],
        "how": list(found.how),
        "notChecked": list(found.unchecked),
    }
