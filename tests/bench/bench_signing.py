"""`bench signing`: an EIP-1559 transaction and an EIP-712 message signed with libsecp256k1, against eth-keys' pure Python.

Both sign the same hash in the same run and must give the same signature; medians of repeated runs.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable

from tests.bench.rows import Row

KEY = bytes.fromhex("a1" * 32)
NATIVE_RUNS, PURE_RUNS = 300, 25


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Measure; ``large`` repeats ten times as often."""
    from eth_account.messages import encode_typed_data
    from eth_keys.backends import CoinCurveECCBackend, NativeECCBackend
    from eth_keys.datatypes import PrivateKey

    from mycelix_studio.chain import eip712
    from mycelix_studio.chain.transactions import Fee, Unsigned
    from mycelix_studio.chain.values import keccak

    times = 10 if large else 1
    unsigned = Unsigned(100, seed, "0x" + "11" * 20, 10**15, b"\x01" * 100, 60_000, Fee(10**9, 10**6))
    domain = eip712.Domain("Flow", "1", 100, "0x" + "22" * 20)
    owner = "0x" + "33" * 20
    message = eip712.permit(domain, owner, "0x" + "44" * 20, value=10**18, nonce=seed, deadline=2_000_000_000)
    signable = encode_typed_data(full_message=message)
    digests = {
        "transaction": keccak(repr(unsigned).encode()),
        "message": keccak(b"\x19" + signable.version + signable.header + signable.body),
    }
    for name, digest in digests.items():
        fast, slow = PrivateKey(KEY, CoinCurveECCBackend()), PrivateKey(KEY, NativeECCBackend())
        assert fast.sign_msg_hash(digest).to_bytes() == slow.sign_msg_hash(digest).to_bytes()
        quick = _median(lambda key=fast, of=digest: key.sign_msg_hash(of), NATIVE_RUNS * times)  # type: ignore[misc]
        plain = _median(lambda key=slow, of=digest: key.sign_msg_hash(of), PURE_RUNS * times)  # type: ignore[misc]
        yield Row(f"signing a {name}", plain / quick, "x", 20, ">=", "eth-keys in pure Python")
        yield Row(f"  one {name}", quick * 1e3, "ms")
    yield from _whole(times)


def _whole(times: int) -> Iterable[Row]:
    """The whole way of a transaction as a program with a key at hand goes it, hash and encoding included."""
    from mycelix_studio.chain.transactions import Fee, Unsigned, sign

    unsigned = Unsigned(100, 1, "0x" + "11" * 20, 10**15, b"\x01" * 100, 60_000, Fee(10**9, 10**6))
    yield Row(
        "  built, hashed, signed and encoded",
        _median(lambda: sign(unsigned, "0x" + KEY.hex()), 100 * times) * 1e3,
        "ms",
    )


def _median(work: Callable[[], object], runs: int) -> float:
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)
