"""The generated classes equal what the artifacts give now; calls and events survive the way there and back."""

from __future__ import annotations

import importlib.util
import inspect
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.chain import abi, codec
from mycelix_studio.chain.abi import CONTRACTS, FlowToken, Ledger
from mycelix_studio.chain.abi.events import EVENTS, StreamPaid
from mycelix_studio.chain.abi.ledger import Split
from mycelix_studio.chain.artifacts import artifact, artifact_names
from mycelix_studio.chain.binding import decode_call
from mycelix_studio.chain.events import decode, topic
from mycelix_studio.chain.refusals import custom_errors, decode_refusal
from mycelix_studio.chain.rpc import Log
from mycelix_studio.domain.refusals import known_errors

AT = "0x" + "11" * 20
ROOT = Path(__file__).resolve().parents[3]


def test_the_written_classes_are_not_stale() -> None:
    spec = importlib.util.spec_from_file_location("bindings", ROOT / "packaging" / "bindings.py")
    assert spec is not None and spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    folder = Path(inspect.getfile(abi)).parent
    written = {path.name: path.read_text() for path in folder.glob("*.py")}
    assert written == generator.modules(), "run: python packaging/bindings.py"


def test_every_function_of_every_contract_has_a_typed_method() -> None:
    for name in artifact_names():
        source = inspect.getsource(CONTRACTS[name])
        for entry in artifact(name).functions():
            assert f'"{entry.signature}"' in source


def test_every_event_has_a_typed_class_and_a_topic() -> None:
    signatures = {signature for _contract, signature in EVENTS}
    for name in artifact_names():
        assert {entry.signature for entry in artifact(name).events()} <= signatures
    assert len({topic(kind) for kind in EVENTS.values()}) == len(EVENTS)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 2**32 - 1), st.integers(0, 2**256 - 1))
def test_a_call_reads_back_as_it_was_made(song: bytes, count: int, cost: int) -> None:
    call = Ledger(AT).pay_stream("0x" + song.hex(), count, cost)
    decoded = decode_call("Ledger", call.data)
    assert decoded.function.name == "payStream"
    assert list(decoded.arguments.values()) == ["0x" + song.hex(), count, cost]


def test_structs_and_lists_read_back() -> None:
    split = Split(("0x" + "ab" * 20, "0x" + "cd" * 20), (6_000, 4_000))
    call = Ledger(AT).create_payee(split, ["artist", "cello – “solo”"])
    decoded = decode_call("Ledger", call.data, Ledger.STRUCTS)
    again, roles = decoded.arguments.values()
    assert isinstance(again, Split)
    assert [address.lower() for address in again.to] == list(split.to)
    assert again.bps == split.bps
    assert roles == ("artist", "cello – “solo”")


@pytest.mark.parametrize(
    "change", [lambda d: d + b"\0" * 32, lambda d: d[:-1], lambda d: d + b"x", lambda d: b"\0" * 4]
)
def test_bytes_hidden_in_a_request_are_refused(change: object) -> None:
    assert callable(change)
    data = Ledger(AT).pay_stream("0x" + "ab" * 32, 1, 10).data
    with pytest.raises(ValueError, match=r"request|no function|encoding"):
        decode_call("Ledger", change(data))


def test_values_that_do_not_fit_are_refused_before_anything_is_sent() -> None:
    with pytest.raises(ValueError, match="32 are needed"):
        Ledger(AT).pay_stream("0xab", 1, 10)
    with pytest.raises(ValueError, match=r".+"):
        Ledger(AT).pay_stream("0x" + "ab" * 32, 2**32, 10)
    with pytest.raises(ValueError, match="address"):
        FlowToken(AT).transfer("nobody", 1)


def log_of(kind: type, topics: list[bytes], data: bytes) -> Log:
    return Log(AT, (bytes.fromhex(topic(kind)[2:]), *topics), data, 7, "0x" + "0" * 64, "0x" + "1" * 64, 0, 3)


def test_a_log_becomes_its_typed_event() -> None:
    entry = next(entry for entry in artifact("Ledger").events() if entry.name == "StreamPaid")
    plain = [part for part in entry.inputs if not part.indexed]
    log = log_of(StreamPaid, [b"\x05" * 32, b"\0" * 12 + b"\xab" * 20], codec.encode(plain, [3, 30]))
    event = decode(log)
    assert isinstance(event, StreamPaid)
    assert (event.song_id, event.listener.lower(), event.count, event.amount) == (
        "0x" + "05" * 32, "0x" + "ab" * 20, 3, 30,
    )  # fmt: skip
    assert event.log.log_index == 3


def test_strange_and_damaged_logs() -> None:
    assert decode(Log(AT, (), b"", 1, "", "", 0, 0)) is None
    assert decode(Log(AT, (b"\x01" * 32,), b"", 1, "", "", 0, 0)) is None
    assert decode(log_of(StreamPaid, [b"\x05" * 32], b"")) is None
    with pytest.raises(ValueError, match="encoding"):
        decode(log_of(StreamPaid, [b"\x05" * 32, b"\0" * 32], b"\x01"))


def test_every_custom_error_has_a_sentence_of_its_own() -> None:
    assert {entry.name for entry in custom_errors().values()} <= known_errors()


def test_every_refusal_is_a_sentence_that_names_its_values() -> None:
    for selector, entry in custom_errors().items():
        values: list[object] = [_sample(part.type) for part in entry.inputs]
        error = decode_refusal(selector + codec.encode(entry.inputs, values))
        assert error.name == entry.name
        assert error.message.endswith(".") and len(error.message) > 15
        assert "0x" not in error.message or "…" in error.message


@given(st.binary(max_size=200))
def test_any_revert_data_gives_some_sentence(data: bytes) -> None:
    assert decode_refusal(data).message


def _sample(kind: str) -> object:
    if kind == "address":
        return "0x" + "ab" * 20
    if kind.startswith("bytes") and kind != "bytes":
        return b"\xcd" * int(kind[5:])
    return {"bool": True, "bytes": b"\x01", "string": "text"}.get(kind, 5)
