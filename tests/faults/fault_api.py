"""`faults api`: at least 10,000 generated requests with every check of schemathesis on, two seeds, and the attacks written by hand."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.bench.rows import Row
from tests.fixtures.attacks import ATTACKS, World, judge
from tests.fixtures.fuzz import schemathesis
from tests.fixtures.node import Person, families, list_song, make_node


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Attack one node with everything; with ``large`` ten times as much."""
    person = Person.new()
    cases = failures = 0
    with tempfile.TemporaryDirectory(prefix="faults-api-") as folder:
        node = make_node(Path(folder), MYCELIX_CHAIN_ID="31337", MYCELIX_OPERATORS=person.address).start()
        try:
            world = World.make(node)
            wrong = [words for attack in ATTACKS if (words := judge(attack, attack.send(world)))]
            world.close()
            with person.sign_in(node.url) as client:
                list_song(client, seed=seed)
                token = client.headers["Authorization"].split()[1]
                for number in (seed, seed + 1):
                    outcome = schemathesis(node.url, token, 700 if large else 100, number, "--workers", "2")
                    cases += outcome.cases
                    failures += outcome.failures
                    if outcome.failures:
                        print(outcome.output)
                left = client.get("/health").status_code
            for words in wrong:
                print(words)
            found = families(node)
            fives = sum(
                sample.value
                for sample in found["mycelix_http_requests"].samples
                if sample.name.endswith("_total") and sample.labels["status"].startswith("5")
            )
            crashes = found["mycelix_crashes"].samples[0].value
        finally:
            node.stop()
    yield Row("requests generated", cases, "", 100_000 if large else 10_000, ">=")
    yield Row("attacks written by hand", len(ATTACKS), "", 40, ">=")
    yield Row("failures of generated requests", failures, "", 0, "<=")
    yield Row("attacks answered wrongly", len(wrong), "", 0, "<=")
    yield Row("answers of 500 and above", fives, "", 0, "<=")
    yield Row("crashes", crashes, "", 0, "<=")
    yield Row("status of /health afterwards", left, "", 200, "<=")
