"""Completes the generated specification: every operation gets its problems as problem+json, and examples of what it takes and gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI

from mycelix_studio.node.http.problems import MEDIA_TYPE

Spec = dict[str, Any]

_METHODS: Final = ("get", "post", "put", "patch", "delete", "head", "options")
_PROBLEMS: Final[dict[str, tuple[str, str, str]]] = {
    "400": ("bad-json", "The body is not JSON", "The request cannot be read."),
    "401": ("no-token", "Sign in to do this", "A valid bearer token is needed."),
    "402": ("no-access", "This song is to be paid first", "The song's strategies do not let this listener in."),
    "403": ("not-yours", "This is not yours to do", "Another account's, or the operator's."),
    "404": ("unknown-song", "There is no such song", "There is nothing here, or not for this account."),
    "405": ("wrong-method", "This cannot be done here", "Another method is needed; see Allow."),
    "409": ("song-exists", "This song is listed already", "It is there already, or was changed meanwhile."),
    "410": ("cursor-gone", "The cursor belongs to another database", "It is over."),
    "412": ("tus-version", "Another version of tus is needed", "The version is not 1.0.0."),
    "413": ("too-big", "The body is too big", "More bytes than allowed, or than the account's space takes."),
    "415": ("wrong-type", "The content type is wrong", "Another content type is needed."),
    "416": ("bad-range", "The range lies behind the end", "The range begins behind the end."),
    "422": ("invalid", "The request is not valid", "A field is not valid; `errors` names it."),
    "429": ("too-many", "Too many requests", "Over the limit; see Retry-After."),
    "460": ("checksum-mismatch", "The checksum differs", "The chunk was discarded."),
    "503": (
        "database-away",
        "The database does not answer",
        "Something the node needs does not answer; see Retry-After.",
    ),
    "507": ("disk-full", "The node's disk does not take more", "What had arrived before is kept."),
}
_LIMIT_HEADERS: Final = {
    name: {"description": text, "schema": {"type": "integer"}, "example": example}
    for name, text, example in (
        ("RateLimit-Limit", "Requests allowed in the window.", 1_000),
        ("RateLimit-Remaining", "Requests left in it.", 987),
        ("RateLimit-Reset", "Seconds until the next window.", 1_742),
    )
}


def operations(spec: Spec) -> Iterator[tuple[str, str, Spec]]:
    """Yield path, method and operation of a specification."""
    for path, item in spec["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def complete(app: FastAPI) -> Spec:
    """Return the specification with problems, headers of the limits and examples; later calls return the same one."""
    spec: Spec = FastAPI.openapi(app)
    schemas = spec["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for path, method, operation in operations(spec):
        _problems(path, operation)
        if path.startswith("/api/uploads") and method != "options":
            _tus(operation)
        for parameter in operation.get("parameters", ()):
            _parameter_example(parameter, schemas)
        for content in _contents(operation):
            for body in content.values():
                if "example" not in body and "examples" not in body:
                    body["example"] = example_of(body.get("schema", {}), schemas)
    return spec


def _problems(path: str, operation: Spec) -> None:
    responses: Spec = operation["responses"]
    if not path.startswith("/api/"):
        responses.pop("422", None)
    wanted = {status for status in responses if status >= "400"}
    if path.startswith("/api/"):
        wanted |= {"400", "422", "429", "503"}
        for status in (status for status in responses if status < "400"):
            responses[status].setdefault("headers", {}).update(_LIMIT_HEADERS)
        # A token that is over is refused on open endpoints too: the client would otherwise think it is signed in.
        wanted.add("401")
    if operation.get("security"):
        wanted |= {"403", "404"}
    if "{" in path:
        wanted.add("404")
    if "requestBody" in operation:
        wanted.add("413")
    if path.startswith("/api/uploads"):
        wanted |= {"410", "412"}
    for status in sorted(wanted):
        kind, title, text = _PROBLEMS[status]
        response = responses.setdefault(status, {"description": text})
        if status == "503" and path == "/ready":
            continue
        body: Spec = {"type": f"urn:mycelix:problem:{kind}", "title": title, "status": int(status), "detail": text}
        if status == "422":
            body["errors"] = [{"field": "title", "message": "String should have at least 1 character"}]
        response["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}, "example": body}}
    operation["responses"] = dict(sorted(responses.items()))


def _tus(operation: Spec) -> None:
    """Require the protocol's version; another one is refused with 412, which FastAPI's own check would not do."""
    for parameter in operation["parameters"]:
        if parameter["name"] == "tus-resumable":
            parameter |= {"required": True, "schema": {"const": "1.0.0"}}


def _contents(operation: Spec) -> Iterator[Spec]:
    if "requestBody" in operation:
        yield operation["requestBody"]["content"]
    for response in operation["responses"].values():
        if "content" in response:
            yield response["content"]


def _parameter_example(parameter: Spec, schemas: Spec) -> None:
    if "example" not in parameter and "examples" not in parameter:
        parameter["example"] = example_of(parameter["schema"], schemas)


def _whole(example: object, schema: Spec) -> object:
    """Give an example back its null values, which FastAPI takes out of everything it encodes."""
    if isinstance(example, dict):
        return {**example, **{name: None for name in schema.get("required", ()) if name not in example}}
    return example


def example_of(schema: Spec, schemas: Spec) -> object:  # noqa: PLR0911, PLR0912 - one form of schema a line
    """Return an example of a schema: its own, or one put together from those of its parts."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    if "example" in schema:
        return schema["example"]
    if schema.get("examples"):
        return _whole(schema["examples"][0], schema)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("default") is not None:
        return schema["default"]
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], schemas)
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            return {name: example_of(part, schemas) for name, part in properties.items()}
        case "array":
            return [example_of(schema["items"], schemas)] if "items" in schema else []
        case "integer":
            return schema.get("minimum", 1)
        case "number":
            return 1.5
        case "boolean":
            return True
        case "string":
            return "00000000-0000-4000-8000-000000000000" if schema.get("format") == "uuid" else "text"
        case _:
            return None
