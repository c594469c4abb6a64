"""What `mycelix audit` prints: every amount with its token."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from mycelix_studio.cli.audit import as_data, as_words
from mycelix_studio.domain.audit import AuditReport, Check, Sums, compare
from mycelix_studio.domain.period import Period
from tests.unit.store.feeds import ARTIST, payment

NOON = datetime(2026, 6, 14, 12, tzinfo=UTC)


def report(*pairs: tuple[object, object]) -> AuditReport:
    differences = tuple(found for true, held in pairs for found in compare([true], [held]))  # type: ignore[type-var]
    chain = {1: Sums(1, 10**18, 10**16, 99 * 10**16, 0, rewards=3 * 10**18)}
    checks = (Check("Statement, rewards", 3 * 10**18, 2 * 10**18, "CGC"), Check("Statement, net", 5, 6))
    return AuditReport(
        Period.month(2026, 6), ARTIST, ARTIST, 1, 9, NOON, (), chain, {}, checks=checks, differences=differences
    )


def test_amounts_are_in_their_token_in_words_and_for_programs() -> None:
    paid, given = payment(1, NOON, 10**18), replace(payment(2, NOON, 10**18), type="reward", strategy="gift-economy")
    found = report((paid, replace(paid, net=2 * 10**18)), (given, replace(given, net=3 * 10**18, listener="")))
    words = "\n".join(as_words(found))
    assert "net 0.99 FLOW" in words and "rewards to listeners 3.00 CGC" in words
    assert "Statement, rewards. Chain 3.00 CGC, found 2.00 CGC" in words
    assert "net is 2.00 FLOW, chain says 1.00 FLOW" in words
    assert (
        "net is 3.00 CGC, chain says 1.00 CGC" in words and f"listener is empty, chain says {given.listener}" in words
    )
    data = as_data(found)
    assert [each["currency"] for each in data["differences"]] == ["FLOW", "CGC"]  # type: ignore[attr-defined]
    assert [each["currency"] for each in data["checks"]] == ["CGC", "FLOW"]  # type: ignore[attr-defined]
