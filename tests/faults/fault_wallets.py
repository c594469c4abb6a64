"""`faults wallets`: mutated wallet files are opened; no other account ever comes out, and nothing is written over them."""

from __future__ import annotations

import json
import random
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from mycelix_studio.vault import keystore
from mycelix_studio.vault.errors import VaultError
from tests.bench.rows import Row

KEY = bytes.fromhex("c3" * 32)
SECRET = "marble-tundra-falcon"
FIELDS = ("ciphertext", "mac", "salt", "iv", "n", "r", "p", "dklen", "address", "version", "cipher", "kdf", "id")


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Mutate 2,000 files, with ``large`` 20,000."""
    chance = random.Random(seed)
    wanted = 20_000 if large else 2_000
    whole = keystore.seal(KEY, SECRET, heavy=False)
    address = keystore.address_of(KEY)
    said: Counter[str] = Counter()
    wrong = escaped = changed = 0
    with tempfile.TemporaryDirectory(prefix="faults-wallets-") as name:
        path = Path(name) / "wallet.json"
        for _ in range(wanted):
            data = mutate(whole, chance)
            path.write_bytes(data)
            try:
                opened = keystore.unseal(path.read_bytes(), SECRET, address)
            except VaultError as error:
                said[error.title] += 1
            except Exception as error:  # noqa: BLE001 - an error without words is what this looks for
                escaped += 1
                said[f"{type(error).__name__}: {error}"[:60]] += 1
            else:
                wrong += opened != KEY
                said["opened"] += 1
            changed += path.read_bytes() != data
    yield Row("files mutated", wanted, "", 2_000, ">=")
    for words, count in said.most_common():
        yield Row(f"  {words}", count)
    yield Row("opened another account", wrong, "", 0, "<=")
    yield Row("errors without words", escaped, "", 0, "<=")
    yield Row("written over", changed, "", 0, "<=")


def mutate(whole: bytes, chance: random.Random) -> bytes:
    """Return the file with bits turned, parts cut or doubled, or a field changed to another of its kind."""
    data = bytearray(whole)
    kind = chance.randrange(6)
    if kind == 0:
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        return bytes(data)
    if kind == 1:
        return bytes(data[: chance.randrange(len(data))])
    if kind == 2:
        start = chance.randrange(len(data))
        return bytes(data[:start] + data[start : start + chance.randrange(1, 40)] + data[start:])
    if kind == 3:
        start = chance.randrange(len(data))
        return bytes(data[:start] + bytes(chance.randrange(1, 60)) + data[start + 20 :])
    body = json.loads(whole)
    name = chance.choice(FIELDS)
    for part in (
        body,
        body.get("crypto", {}),
        body.get("crypto", {}).get("kdfparams", {}),
        body.get("crypto", {}).get("cipherparams", {}),
    ):
        if name in part:
            part[name] = _other(part[name], chance)
    if kind == 5:
        body.get("crypto", {}).pop(chance.choice(["mac", "kdf", "cipher", "kdfparams", "ciphertext"]), None)
    return json.dumps(body).encode()


def _other(value: object, chance: random.Random) -> object:
    if isinstance(value, int):
        return chance.choice([0, 1, -1, value + 1, value * 2, 2**40, 2**70, str(value), None, 1.5])
    if isinstance(value, str) and value:
        place = chance.randrange(len(value))
        return chance.choice(
            [value[:place] + chance.choice("0123456789abcdef") + value[place + 1 :], value[:-1], value * 2, "", None, 7]
        )
    return chance.choice([[], {}, None, "x"])
