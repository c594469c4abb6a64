"""Writes the typed contract classes and events in `mycelix_studio/chain/abi/` from the committed artifacts.

Run `python packaging/bindings.py` after the artifacts changed; a test fails when the written files are stale.
"""

from __future__ import annotations

import keyword
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mycelix_studio.chain.artifacts import AbiEntry, AbiType, Artifact, artifact, artifact_names  # noqa: E402

OUT = ROOT / "mycelix_studio" / "chain" / "abi"
HEAD = (
    '"""{what} Written by packaging/bindings.py from the artifacts\' ABI; do not edit."""\n'
    "\nfrom __future__ import annotations\n\n"
)


def snake(name: str) -> str:
    """Return camelCase as snake_case, safe as a Python name."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.lstrip("_")).lower()
    return f"{text}_" if keyword.iskeyword(text) or text in {"log", "self"} else text


def python_type(kind: AbiType, argument: bool) -> str:
    """Return the annotation of an ABI type."""
    if kind.type.endswith("]"):
        inner = python_type(AbiType(kind.name, kind.type[: kind.type.rindex("[")], kind.parts, kind.struct), argument)
        return f"Sequence[{inner}]" if argument else f"tuple[{inner}, ...]"
    if kind.type == "tuple":
        return kind.struct or "tuple[object, ...]"
    if re.fullmatch(r"u?int\d+", kind.type):
        return "int"
    return {"bool": "bool", "bytes": "bytes"}.get(kind.type, "str")


def names_of(parts: tuple[AbiType, ...], prefix: str = "arg") -> list[str]:
    """Return distinct Python names of parameters."""
    names = []
    for index, part in enumerate(parts):
        name = snake(part.name) if part.name else f"{prefix}{index}"
        names.append(f"{name}{index}" if name in names else name)
    return names


def collect_structs(parts: tuple[AbiType, ...], found: dict[str, AbiType]) -> None:
    """Add every named struct below ``parts``, the inner ones first."""
    for part in parts:
        if part.parts:
            collect_structs(part.parts, found)
            if part.struct:
                found.setdefault(part.struct, part)


def dataclass_text(name: str, doc: str, fields: list[tuple[str, str]], base: str = "") -> str:
    """Return the source of a frozen dataclass."""
    body = "".join(f"    {field}: {kind}\n" for field, kind in fields)
    head = f"class {name}({base}):" if base else f"class {name}:"
    return f'@dataclass(frozen=True, slots=True)\n{head}\n    """{doc}"""\n\n{body}\n\n'


def contract_module(found: Artifact) -> str:
    """Return the source of one contract's class."""
    functions = found.functions()
    structs: dict[str, AbiType] = {}
    for entry in functions:
        collect_structs(entry.inputs + entry.outputs, structs)
    many = [entry for entry in functions if len(entry.outputs) > 1 and entry.mutability in {"view", "pure"}]
    counts: dict[str, int] = {}
    for entry in functions:
        counts[entry.name] = counts.get(entry.name, 0) + 1
    blocks = []
    for name, struct in structs.items():
        fields = list(zip(names_of(struct.parts, "part"), [python_type(p, False) for p in struct.parts], strict=True))
        blocks.append(dataclass_text(name, f"Struct ``{name}`` of {found.name}.", fields))
    results: dict[str, str] = {}
    for entry in many:
        result = method_name(entry, counts).title().replace("_", "") + "Result"
        results[entry.signature] = result
        fields = list(
            zip(names_of(entry.outputs, "value"), [python_type(p, False) for p in entry.outputs], strict=True)
        )
        blocks.append(dataclass_text(result, f"What ``{entry.signature}`` returns.", fields))
    methods = [method(entry, counts, results) for entry in sorted(functions, key=lambda e: e.signature)]
    body = "".join(methods)
    table = "{" + ", ".join(f'"{name}": {name}' for name in structs) + "}"
    imports = "from collections.abc import Sequence\n" if "Sequence[" in body else ""
    imports += "from dataclasses import dataclass\n" if blocks else ""
    kit = ["Contract"] + (["View"] if "View[" in body else [])
    imports += "from typing import ClassVar\n" if structs else ""
    imports += ("\n" if imports else "") + f"from mycelix_studio.chain.binding import {', '.join(kit)}\n"
    if structs:
        imports += "from mycelix_studio.chain.codec import Structs\n"
    if "-> Call:" in body:
        imports += "from mycelix_studio.domain.transaction import Call\n"
    text = HEAD.format(what=f"The contract {found.name}.") + imports + "\n\n" + "".join(blocks)
    text += f'class {found.name}(Contract):\n    """{found.name} at an address. Amounts are wei."""\n\n'
    text += f'    NAME = "{found.name}"\n'
    text += f"    STRUCTS: ClassVar[Structs] = {table}\n\n" if structs else "\n"
    return text + body


def method_name(entry: AbiEntry, counts: dict[str, int]) -> str:
    """Return the Python name of a function; overloads are told apart by their number of arguments and their types."""
    name = snake(entry.name)
    if counts[entry.name] > 1:
        name += "_" + "_".join(re.sub(r"\W+", "", part.type) for part in entry.inputs) if entry.inputs else "_none"
    return name


def method(entry: AbiEntry, counts: dict[str, int], results: dict[str, str]) -> str:
    """Return the source of one method."""
    names = names_of(entry.inputs)
    arguments = [f"{name}: {python_type(part, True)}" for name, part in zip(names, entry.inputs, strict=True)]
    passed = ", ".join([f'"{entry.signature}"', *names])
    name = method_name(entry, counts)
    if entry.mutability in {"view", "pure"}:
        make = results.get(entry.signature)
        kind = make or (python_type(entry.outputs[0], False) if entry.outputs else "None")
        extra = f", make={make}" if make else ""
        return (
            f"    def {name}({', '.join(['self', *arguments])}) -> View[{kind}]:\n"
            f'        """Read ``{entry.signature}``."""\n        return self._view({passed}{extra})\n\n'
        )
    if entry.mutability == "payable":
        sent = "sent_value" if "value" in names else "value"
        arguments.append(f"{sent}: int = 0")
        passed += f", value={sent}"
    return (
        f"    def {name}({', '.join(['self', *arguments])}) -> Call:\n"
        f'        """Call ``{entry.signature}``."""\n        return self._call({passed})\n\n'
    )


def events_module(found: list[Artifact]) -> str:
    """Return the source of all events, one class per signature."""
    by_signature: dict[str, tuple[AbiEntry, list[str]]] = {}
    for item in found:
        for entry in item.events():
            by_signature.setdefault(entry.signature, (entry, []))[1].append(item.name)
    per_name: dict[str, int] = {}
    for entry, _owners in by_signature.values():
        per_name[entry.name] = per_name.get(entry.name, 0) + 1
    blocks = []
    rows = []
    for entry, owners in by_signature.values():
        name = entry.name if per_name[entry.name] == 1 else owners[0] + entry.name
        kinds = []
        for part in entry.inputs:
            hashed = part.indexed and (part.type in {"string", "bytes", "tuple"} or part.type.endswith("]"))
            kinds.append("str" if hashed else python_type(AbiType(part.name, part.type, part.parts), False))
        fields = list(zip(names_of(entry.inputs, "value"), kinds, strict=True))
        doc = f"``{entry.signature}`` of {', '.join(sorted(set(owners)))}."
        blocks.append(dataclass_text(name, doc, fields, "Event"))
        rows.append(f'    ("{owners[0]}", "{entry.signature}"): {name},\n')
    text = HEAD.format(what="Every event of the contracts.")
    text += "from dataclasses import dataclass\n\nfrom mycelix_studio.chain.binding import Event\n\n\n" + "".join(
        blocks
    )
    return text + "EVENTS: dict[tuple[str, str], type[Event]] = {\n" + "".join(rows) + "}\n"


def modules() -> dict[str, str]:
    """Return file name -> source, formatted, for every shipped contract."""
    found = [artifact(name) for name in artifact_names()]
    texts = {f"{snake(item.name)}.py": contract_module(item) for item in found}
    texts["events.py"] = events_module(found)
    listed = "".join(f"from mycelix_studio.chain.abi.{snake(i.name)} import {i.name} as {i.name}\n" for i in found)
    table = ", ".join(f'"{i.name}": {i.name}' for i in found)
    texts["__init__.py"] = (
        HEAD.format(what="Typed classes of every contract.")
        + listed
        + "from mycelix_studio.chain.binding import Contract\n\n"
        + f"CONTRACTS: dict[str, type[Contract]] = {{{table}}}\n"
    )
    return {name: formatted(text) for name, text in texts.items()}


def formatted(text: str) -> str:
    """Return source as ruff writes it."""
    command = [sys.executable, "-m", "ruff", "format", "-q", "--stdin-filename", str(OUT / "x.py"), "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def main() -> None:
    """Write the files and remove those of contracts that are gone."""
    texts = modules()
    OUT.mkdir(parents=True, exist_ok=True)
    for path in OUT.glob("*.py"):
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (OUT / name).write_text(text)


if __name__ == "__main__":
    main()
