"""Wallet files: made, opened, exported, changed and wiped by a real signing process; every way to fail has its own error."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from mycelix_studio.vault import keystore
from mycelix_studio.vault.errors import (
    AccountExists,
    BrokenWalletFile,
    KeyringAbsent,
    NotAKey,
    NoWalletFile,
    SecretMissing,
    SignerFailed,
    VaultError,
    WalletFileReplaced,
    WordsWrong,
    WrongPassphrase,
)
from mycelix_studio.vault.vault import Limits, Vault, signer_command

WORDS = ["test", "test", "test", "test", "test", "test", "test", "test", "test", "test", "test", "junk"]
FIRST = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
SECOND = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
KEY = "0x" + "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
TX = {
    "type": 2, "chainId": 31337, "nonce": 0, "to": SECOND, "value": 5, "data": b"", "gas": 21000,
    "maxFeePerGas": 2_000_000_000, "maxPriorityFeePerGas": 1_000_000,
}  # fmt: skip


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "keystores", throwaway_secrets=tmp_path / "secrets.json")


@pytest.fixture(scope="module")
def sealed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile with one account; copied for each test, since sealing is slow on purpose."""
    folder = tmp_path_factory.mktemp("sealed")
    Vault(folder / "keystores", throwaway_secrets=folder / "secrets.json").add_key(KEY, "correct horse")
    return folder


@pytest.fixture
def kept(vault: Vault, sealed_once: Path, tmp_path: Path) -> Vault:
    shutil.copytree(sealed_once, tmp_path, dirs_exist_ok=True)
    return vault


def test_words_restore_the_address_every_wallet_gives_them(vault: Vault) -> None:
    sealed = vault.add_words(WORDS, 0)
    assert (sealed.address, sealed.path) == (FIRST, "m/44'/60'/0'/0/0")
    assert vault.add_words(WORDS, 1).address == SECOND
    assert vault.addresses() == tuple(sorted([FIRST.lower(), SECOND.lower()]))
    assert stat.S_IMODE(vault.file_of(FIRST).stat().st_mode) == 0o600


@pytest.mark.parametrize("count", [12, 24])
def test_new_words_are_valid_and_give_the_address_they_were_shown_with(vault: Vault, count: int) -> None:
    words, address = vault.new_words(count)
    assert len(words) == count
    assert vault.address_of_words(words) == address
    assert vault.addresses() == ()


def test_a_transaction_a_message_and_a_text_are_signed_by_the_account(kept: Vault) -> None:
    from eth_account import Account
    from eth_account.messages import encode_defunct, encode_typed_data

    message = {
        "types": {
            "EIP712Domain": [{"name": "name", "type": "string"}, {"name": "chainId", "type": "uint256"}],
            "Hello": [{"name": "words", "type": "string"}, {"name": "count", "type": "uint256"}],
        },
        "primaryType": "Hello",
        "domain": {"name": "Test", "chainId": 31337},
        "message": {"words": "hi", "count": 2**200},
    }
    with kept.open(FIRST, "correct horse") as signing:
        raw = signing.transaction(TX)
        typed = signing.typed(message)
        text = signing.text("hello")
    assert Account.recover_transaction(raw) == FIRST
    assert Account.recover_message(encode_typed_data(full_message=message), signature=typed) == FIRST
    assert Account.recover_message(encode_defunct(text="hello"), signature=text) == FIRST


def test_a_wrong_passphrase_says_so_and_changes_nothing(kept: Vault) -> None:
    before = kept.file_of(FIRST).read_bytes()
    for passphrase in ("wrong", None, "correct horse "):
        with pytest.raises(WrongPassphrase):
            kept.check(FIRST, passphrase)
    assert kept.file_of(FIRST).read_bytes() == before
    kept.check(FIRST, "correct horse")


def test_an_export_opens_in_any_program(kept: Vault) -> None:
    from eth_account import Account

    data = kept.export(FIRST, "other words", "correct horse")
    assert "0x" + bytes(Account.decrypt(json.loads(data), "other words")).hex() == KEY


def test_the_own_passphrase_can_be_changed_and_removed(kept: Vault) -> None:
    assert kept.own_passphrase(FIRST)
    kept.change_passphrase(FIRST, "correct horse", "new one")
    with pytest.raises(WrongPassphrase):
        kept.check(FIRST, "correct horse")
    kept.change_passphrase(FIRST, "new one", None)
    assert not kept.own_passphrase(FIRST)
    kept.check(FIRST)


def test_another_programs_wallet_file_is_imported(vault: Vault) -> None:
    # The scrypt vector of the Web3 Secret Storage definition.
    file = {
        "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": {"iv": "83dbcc02d8ccb40e466191a123791e0e"},
            "ciphertext": "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
            "kdf": "scrypt",
            "kdfparams": {
                "dklen": 32,
                "n": 262144,
                "p": 8,
                "r": 1,
                "salt": "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19",
            },
            "mac": "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
        },
        "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
        "version": 3,
    }
    sealed = vault.add_keystore(json.dumps(file).encode(), "testpassword")
    assert sealed.address == "0x008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b"
    with pytest.raises(WrongPassphrase):
        vault.add_keystore(json.dumps(file).encode(), "wrong")


def test_an_account_is_never_written_over(kept: Vault) -> None:
    before = kept.file_of(FIRST).read_bytes()
    with pytest.raises(AccountExists):
        kept.add_words(WORDS)
    assert kept.file_of(FIRST).read_bytes() == before
    kept.check(FIRST, "correct horse")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["test"] * 11 + ["junkk"], "Did you mean “junk”?"),
        (["test"] * 12, "wrong or in another place"),
        (["test"] * 3, "There are 3 words"),
    ],
)
def test_wrong_words_are_told_apart(words: list[str], says: str) -> None:
    with pytest.raises(WordsWrong) as caught:
        keystore.key_of_words(words, 0)
    assert says in str(caught.value)


@pytest.mark.parametrize("key", ["", "0x12", "zz" * 32, "0" * 64, "f" * 64])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(NotAKey):
        keystore.parse_key(key)


def test_a_missing_keyring_entry_is_not_a_missing_wallet(kept: Vault, tmp_path: Path) -> None:
    (tmp_path / "secrets.json").unlink()
    with pytest.raises(SecretMissing) as caught:
        kept.check(FIRST, "correct horse")
    assert "is here" in caught.value.message


def test_no_keyring_backend_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "keystores")  # the test run's keyring backend is the one that always fails
    with pytest.raises(KeyringAbsent):
        vault.add_key(KEY)
    assert vault.addresses() == ()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: b"",
        lambda data: b"\x00" * len(data),
        lambda data: data.replace(b'"scrypt"', b'"rot13"'),
        lambda data: data.replace(b'"n": 4096', b'"n": 1125899906842624'),
        lambda data: data.replace(b'"version": 3', b'"version": 4'),
        lambda data: b"[" * 100_000,
    ],
)
def test_a_damaged_wallet_file_is_told_from_a_wrong_passphrase(damage: object) -> None:
    assert callable(damage)
    data = keystore.seal(bytes.fromhex(KEY[2:]), "secret", heavy=False)
    assert keystore.unseal(data, "secret", FIRST).hex() == KEY[2:]
    with pytest.raises(BrokenWalletFile):
        keystore.unseal(damage(data), "secret", FIRST)


def test_a_half_written_wallet_file_says_so_and_stays_as_it_is(kept: Vault) -> None:
    path = kept.file_of(FIRST)
    half = path.read_bytes()[:200]
    path.write_bytes(half)
    with pytest.raises(BrokenWalletFile):
        kept.check(FIRST, "correct horse")
    assert path.read_bytes() == half


def test_a_replaced_wallet_file_never_signs_for_another_account(vault: Vault, tmp_path: Path) -> None:
    vault.add_words(WORDS, 0)
    vault.add_words(WORDS, 1)
    secrets = json.loads((tmp_path / "secrets.json").read_text())
    secrets[FIRST[2:].lower()] = secrets[SECOND[2:].lower()]
    (tmp_path / "secrets.json").write_text(json.dumps(secrets))
    vault.file_of(FIRST).write_bytes(vault.file_of(SECOND).read_bytes())
    with pytest.raises(WalletFileReplaced):
        vault.check(FIRST)


def test_a_changed_initial_vector_which_the_format_does_not_protect_is_noticed(kept: Vault) -> None:
    path = kept.file_of(FIRST)
    body = json.loads(path.read_text())
    iv = body["crypto"]["cipherparams"]["iv"]
    body["crypto"]["cipherparams"]["iv"] = ("0" if iv[0] != "0" else "1") + iv[1:]
    path.write_text(json.dumps(body))
    with pytest.raises(WalletFileReplaced):
        kept.check(FIRST, "correct horse")


def test_wiping_removes_file_and_secret(kept: Vault, tmp_path: Path) -> None:
    kept.wipe(FIRST)
    assert not kept.has(FIRST)
    assert json.loads((tmp_path / "secrets.json").read_text()) == {}
    with pytest.raises(NoWalletFile):
        kept.check(FIRST)


def test_a_signing_process_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    vault = Vault(tmp_path, throwaway_secrets=tmp_path / "s", limits=Limits(start=0.0))
    with pytest.raises(SignerFailed, match="too long"):
        vault.new_words()


def test_the_signing_process_gets_no_secret_by_argument_or_environment(kept: Vault, tmp_path: Path) -> None:
    secret = next(iter(json.loads((tmp_path / "secrets.json").read_text()).values()))
    assert secret not in " ".join(signer_command())
    assert secret not in str(dict(os.environ))


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux's /proc")
def test_nobody_may_look_into_the_signing_process(kept: Vault) -> None:
    with kept.open(FIRST, "correct horse") as signing:
        pid = signing._process._process.pid
        limits = Path(f"/proc/{pid}/status").read_text()
        # A process that cannot be dumped belongs to root in /proc, whoever runs it.
        assert Path(f"/proc/{pid}/mem").stat().st_uid == 0
        assert "VmSize" in limits


def test_errors_never_carry_a_secret(kept: Vault) -> None:
    with pytest.raises(VaultError) as caught:
        kept.check(FIRST, "hunter2-secret")
    for attempt in ("hunter2-secret", KEY):
        assert attempt not in str(caught.value) + repr(caught.value) + repr(caught.value.__dict__)
