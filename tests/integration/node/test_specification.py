"""The specification: examples everywhere, problems everywhere, and a node that keeps to it whatever is generated from it."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from mycelix_studio.node.http.app import specification
from mycelix_studio.node.http.spec import operations
from tests.fixtures.fuzz import schemathesis
from tests.fixtures.node import NodeProcess, list_song

SPEC = specification()
OPERATIONS = [(f"{method.upper()} {path}", operation) for path, method, operation in operations(SPEC)]


def _contents(operation: dict[str, Any]) -> list[dict[str, Any]]:
    found = [operation["requestBody"]] if "requestBody" in operation else []
    found += operation["responses"].values()
    return [body for part in found for body in part.get("content", {}).values()]


@pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=[name for name, _operation in OPERATIONS])
def test_every_operation_has_examples_that_are_valid(name: str, operation: dict[str, Any]) -> None:
    assert operation["description"]
    assert all("example" in parameter or parameter.get("examples") for parameter in operation.get("parameters", ()))
    for body in _contents(operation):
        if body.get("schema", {}).get("format") == "binary":
            continue
        assert body.get("example") is not None or body.get("examples"), name
        if "schema" in body and "example" in body:
            schema = {**body["schema"], "components": SPEC["components"]}
            jsonschema.Draft202012Validator(schema).validate(body["example"])


def test_every_problem_is_problem_json_and_every_limited_operation_says_so() -> None:
    for name, operation in OPERATIONS:
        for status, response in operation["responses"].items():
            if status >= "400" and "/ready" not in name:
                assert list(response["content"]) == ["application/problem+json"], (name, status)
        assert ("429" in operation["responses"]) == ("/api/" in name), name


def test_nothing_generated_from_the_specification_finds_a_fault(node: NodeProcess) -> None:
    operator = node.operator  # type: ignore[attr-defined]
    with operator.sign_in(node.url) as client:
        list_song(client, seed=81)
        token = client.headers["Authorization"].split()[1]
        outcome = schemathesis(node.url, token, 3, 1, "--phases", "examples,coverage,fuzzing", timeout=170)
    assert outcome.failures == 0, outcome.output[-6_000:]
    assert outcome.cases > 500
    assert '"event": "crash"' not in node.log.read_text()
