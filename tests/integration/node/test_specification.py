"""The specification: examples everywhere, problems everywhere, and a node that keeps to it whatever is generated from it."""

from __future__ import annotations

import re
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
        outcome = schemathesis(node.url, token, 6, 1, "--phases", "examples,fuzzing", timeout=170)
    assert outcome.failures == 0, outcome.output[-6_000:]
    assert outcome.cases > 200
    assert '"event": "crash"' not in node.log.read_text()


def test_swagger_ui_comes_from_the_node_itself_and_loads_nothing_from_elsewhere(node: NodeProcess) -> None:
    with node.client() as client:
        page = client.get("/api-docs")
        assert (page.status_code, page.headers["content-type"].split(";")[0]) == (200, "text/html")
        wanted = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert len(wanted) >= 3
        assert all(path.startswith("/api-docs/") for path in wanted)
        kinds = {path: client.get(path).headers["content-type"].split(";")[0] for path in wanted}
        assert {"text/css", "text/javascript"} <= set(kinds.values())
        assert "/openapi.json" in client.get("/api-docs/start.js").text
        served = client.get("/openapi.json").json()
    assert served == SPEC


def test_a_method_a_path_has_not_is_refused_with_those_it_has(node: NodeProcess) -> None:
    with node.client() as client:
        for path, methods in (
            ("/api/songs", {"GET", "POST"}),
            ("/api/songs/search", {"GET"}),
            ("/api/analytics/songs/trending", {"GET"}),
            ("/api/songs/0x" + "0" * 64, {"DELETE", "GET", "PATCH"}),
            ("/api/uploads/00000000-0000-4000-8000-000000000000", {"DELETE", "HEAD", "PATCH"}),
        ):
            answer = client.put(path)
            assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (405, methods)
