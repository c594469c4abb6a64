"""Web3 Secret Storage v3 wallet files and BIP-39 words. Runs in the signing process only, since keys pass through it.

A wallet file of Studio opens with ``secret + passphrase``: a random secret of 256 bits from the keyring, and the person's own passphrase,
empty when there is none. The random part needs no stretching, so scrypt is light without an own passphrase and heavy with one.
"""

from __future__ import annotations

import difflib
import json
import secrets
from collections.abc import Mapping, Sequence
from functools import lru_cache

from mycelix_studio.vault.errors import BrokenWalletFile, NotAKey, WalletFileReplaced, WordsWrong, WrongPassphrase

LIGHT_SCRYPT = 2**12
HEAVY_SCRYPT = 2**17
_MAX_SCRYPT_BYTES = 2**28
"""Most memory a foreign file's scrypt may ask for: 256 MiB is the standard's own choice (n = 2**18, r = 8)."""
_MAX_PBKDF2 = 10_000_000
_MAX_FILE_BYTES = 65_536
_MAX_NESTING = 64
WORD_COUNTS = (12, 15, 18, 21, 24)


def new_secret() -> str:
    """Return a random secret for the keyring: 256 bits as 43 characters, short enough for every keyring."""
    return secrets.token_urlsafe(32)


def seal(key: bytes, password: str, *, heavy: bool, own_passphrase: bool | None = None) -> bytes:
    """Return a v3 wallet file of a private key.

    Args:
        key: 32 bytes.
        password: What opens it.
        heavy: Stretch the password for long; needed wherever a person chose any part of it.
        own_passphrase: Noted in the file for Studio's own files; None for exports.
    """
    from eth_keyfile.keyfile import create_keyfile_json

    body = dict(
        create_keyfile_json(
            key, password.encode(), kdf="scrypt", iterations=HEAVY_SCRYPT if heavy else LIGHT_SCRYPT, salt_size=32
        )
    )
    if own_passphrase is not None:
        body["mycelix"] = {"version": 1, "own_passphrase": own_passphrase}
    return json.dumps(body, indent=1).encode()


def parse(data: bytes) -> dict[str, object]:
    """Return a wallet file's JSON after checking its shape and that opening it stays within bounds.

    Raises:
        BrokenWalletFile: It is not a v3 wallet file, is cut off, or asks for absurd work.
    """
    # Deep nesting would overflow the parser's stack: the curve library raises Python's own limit on recursion.
    if len(data) > _MAX_FILE_BYTES or data.count(b"{") + data.count(b"[") > _MAX_NESTING:
        raise BrokenWalletFile("it is not a wallet file")
    try:
        body = json.loads(data)
    except (ValueError, UnicodeDecodeError) as error:
        raise BrokenWalletFile("it is cut off or not a wallet file") from error
    if not isinstance(body, dict):
        raise BrokenWalletFile("it is not a wallet file")
    body = {("crypto" if key == "Crypto" else key): value for key, value in body.items()}
    crypto = body.get("crypto")
    if body.get("version") != 3 or isinstance(body.get("version"), bool) or not isinstance(crypto, dict):
        raise BrokenWalletFile("it is not of version 3")
    parameters = crypto.get("kdfparams")
    if not isinstance(parameters, dict) or not isinstance(crypto.get("cipherparams"), dict):
        raise BrokenWalletFile("parts of it are missing")
    if crypto.get("kdf") == "scrypt":
        n, r, p = (parameters.get(name) for name in ("n", "r", "p"))
        if not all(isinstance(value, int) and not isinstance(value, bool) and value > 0 for value in (n, r, p)):
            raise BrokenWalletFile("its parameters are not numbers")
        assert isinstance(n, int) and isinstance(r, int) and isinstance(p, int)
        if n < 2 or n & (n - 1) or 128 * n * r > _MAX_SCRYPT_BYTES or p > 16 or r > 64:
            raise BrokenWalletFile("its parameters are out of bounds")
    elif crypto.get("kdf") == "pbkdf2":
        count = parameters.get("c")
        if not isinstance(count, int) or isinstance(count, bool) or not 0 < count <= _MAX_PBKDF2:
            raise BrokenWalletFile("its parameters are out of bounds")
    else:
        raise BrokenWalletFile("its way of encryption is unknown")
    length = parameters.get("dklen")
    if not isinstance(length, int) or isinstance(length, bool) or not 32 <= length <= 64:
        raise BrokenWalletFile("its parameters are out of bounds")
    return body


def unseal(data: bytes, password: str, expected: str | None) -> bytes:
    """Return the private key in a wallet file.

    The v3 format's check does not cover everything (not the initial vector), so the key's own address is compared too.

    Args:
        data: The file.
        password: What opens it.
        expected: Address it must give, in any case; the file's own address when None, unchecked when it has none.

    Raises:
        WrongPassphrase: The check value differs: wrong passphrase, or damage that cannot be told from one.
        WalletFileReplaced: It gives another address.
        BrokenWalletFile: It is damaged.
    """
    from eth_keyfile.keyfile import decode_keyfile_json

    body = parse(data)
    try:
        key = bytes(decode_keyfile_json(body, password.encode()))
    except ValueError as error:
        if "MAC mismatch" in str(error):
            raise WrongPassphrase from error
        raise BrokenWalletFile("its values do not fit together") from error
    except (KeyError, TypeError, AttributeError, OverflowError, NotImplementedError) as error:
        raise BrokenWalletFile("its values do not fit together") from error
    named = body.get("address")
    wanted = expected if expected is not None else (named if isinstance(named, str) and named else None)
    found = address_of(key)
    if wanted is not None and bare(wanted) != bare(found):
        raise WalletFileReplaced(wanted, found)
    return key


def own_passphrase_of(data: bytes) -> bool:
    """Tell whether Studio's own wallet file needs the person's passphrase. Raises BrokenWalletFile as :func:`parse`."""
    note = parse(data).get("mycelix")
    return isinstance(note, Mapping) and note.get("own_passphrase") is True


def bare(address: str) -> str:
    """Return an address as 40 lower-case digits."""
    return address.lower().removeprefix("0x")


def address_of(key: bytes) -> str:
    """Return the EIP-55 address of a private key.

    Raises:
        BrokenWalletFile: It is not a key of the curve.
    """
    from eth_account import Account

    try:
        return str(Account.from_key(key).address)
    except Exception as error:  # every library below has its own exception for an impossible key
        raise BrokenWalletFile("it holds no valid key") from error


def parse_key(text: str) -> bytes:
    """Return the bytes of a private key somebody typed.

    Raises:
        NotAKey: Not 64 hex digits, or not a key of the curve.
    """
    digits = text.strip().removeprefix("0x").removeprefix("0X")
    try:
        key = bytes.fromhex(digits)
    except ValueError:
        raise NotAKey from None
    if len(digits) != 64 or len(key) != 32:
        raise NotAKey
    try:
        address_of(key)
    except BrokenWalletFile:
        raise NotAKey from None
    return key


def path_of(index: int) -> str:
    """Return the BIP-44 path of the account at an index."""
    return f"m/44'/60'/0'/0/{index}"


def make_words(count: int) -> list[str]:
    """Return new BIP-39 words, 12 or 24."""
    from eth_account.hdaccount import generate_mnemonic
    from eth_account.types import Language

    return generate_mnemonic(count, Language.ENGLISH).split()


def clean_words(words: Sequence[str]) -> list[str]:
    """Return words in lower case after checking them.

    Raises:
        WordsWrong: Names the first word that is not in the list and the nearest that is, or the wrong number, or the failed check.
    """
    from eth_account.hdaccount.mnemonic import Mnemonic
    from eth_account.types import Language

    cleaned = [word.strip().lower() for word in words if word.strip()]
    known = _word_list()
    for place, word in enumerate(cleaned, 1):
        if word not in known:
            near = difflib.get_close_matches(word, known, 1, 0.6)
            hint = f"Did you mean “{near[0]}”?" if near else "Compare it with what you wrote down."
            raise WordsWrong(f"Word {place}, “{word}”, is not in the list of words.", hint)
    if len(cleaned) not in WORD_COUNTS:
        raise WordsWrong(f"There are {len(cleaned)} words; there should be 12 or 24.")
    if not Mnemonic(Language.ENGLISH).is_mnemonic_valid(" ".join(cleaned)):
        raise WordsWrong("Each word is in the list, but together they do not fit: one is wrong or in another place.")
    return cleaned


def key_of_words(words: Sequence[str], index: int) -> bytes:
    """Return the private key of words at m/44'/60'/0'/0/``index``. Raises WordsWrong as :func:`clean_words`."""
    from eth_account.hdaccount import key_from_seed, seed_from_mnemonic

    seed = seed_from_mnemonic(" ".join(clean_words(words)), "")
    return bytes(key_from_seed(seed, path_of(index)))


@lru_cache(maxsize=1)
def _word_list() -> tuple[str, ...]:
    from eth_account.hdaccount.mnemonic import Mnemonic
    from eth_account.types import Language

    return tuple(Mnemonic(Language.ENGLISH).wordlist)
