"""An artist's profile goes to another machine in one file, and nothing but its passphrase opens it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from mycelix_studio.domain.strategy.terms import TermsForm
from mycelix_studio.paths import Paths
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.strategies import Choice, KnownSong
from mycelix_studio.settings import ARTIST_NAME
from tests.fixtures.cli import mycelix

SECRET = "marble-tundra-falcon"


@dataclass(frozen=True)
class Made:
    """A profile, its backup, and the files with the passphrases."""

    profile: Path
    file: Path
    secret: Path
    own: Path
    files: dict[str, int]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("artist")
    profile, secret, own = folder / "here", folder / "secret", folder / "own"
    secret.write_text(SECRET)
    own.write_text("my own words")
    studio = open_studio(Paths.under(profile))
    studio.settings.set(ARTIST_NAME, "Ada Lark")
    studio.wallet.import_key("0x" + "a1" * 32, "Main")
    studio.wallet.import_key("0x" + "5e" * 32, "Locked", passphrase="my own words")
    song = KnownSong("0x" + "ab" * 32, "Low Lamp")
    studio.strategies.keep_draft(Choice("song:0x" + "ab" * 32, "Low Lamp", (song,)), TermsForm(price="0.03"))
    (studio.paths.data / "rates.csv").write_text("date,currency,rate\n2026-05-01,EUR,0.92\n")
    studio.close()
    file = folder / "studio.age"
    done = mycelix(
        "backup", "profile", file, "--secret-file", secret, "--account-passphrase-file", own, "--json", profile=profile
    )  # fmt: skip
    assert len(done.data["accounts"]) == 2
    return Made(profile, file, secret, own, done.data["files"])


def test_everything_comes_back_on_another_machine_and_signs_there(made: Made, tmp_path: Path) -> None:
    data = made.file.read_bytes()
    assert data.startswith(b"age-encryption.org/v1") and b"Ada Lark" not in data
    there = tmp_path / "there"
    (made.profile / "config" / "throwaway-keyring.json").unlink()  # the old machine's keyring is gone
    mycelix(
        "restore", made.file, "--secret-file", made.secret, "--account-passphrase-file", made.own, profile=there
    )  # fmt: skip
    studio = open_studio(Paths.under(there))
    try:
        assert studio.settings.get(ARTIST_NAME) == "Ada Lark"
        assert [draft.title for draft in studio.strategies.drafts()] == ["Low Lamp"]
        assert (studio.paths.data / "rates.csv").read_text().endswith("0.92\n")
        names = {account.name: account for account in studio.wallet.accounts()}
        assert set(names) == {"Main", "Locked"}
        vault = studio.wallet.context.vault()
        vault.check(names["Main"].address)
        vault.check(names["Locked"].address, "my own words")
    finally:
        studio.close()
    again = mycelix("restore", made.file, "--secret-file", made.secret, profile=there, ok=False)
    assert again.error is not None and again.error.title == "There is a profile already"


def test_looking_into_a_backup_changes_nothing(made: Made, tmp_path: Path) -> None:
    there = tmp_path / "there"
    looked = mycelix("restore", made.file, "--secret-file", made.secret, "--dry-run", "--json", profile=there)
    assert looked.data["files"] == made.files
    assert not (there / "data" / "studio.sqlite").exists()


@pytest.mark.parametrize("harm", ["passphrase", "byte"])
def test_a_wrong_passphrase_and_a_flipped_byte_are_refused_and_leave_nothing(
    made: Made, tmp_path: Path, harm: str
) -> None:
    secret, file, there = tmp_path / "secret", tmp_path / "studio.age", tmp_path / "there"
    secret.write_text(SECRET + ("s" if harm == "passphrase" else ""))
    whole = bytearray(made.file.read_bytes())
    whole[-1] ^= harm == "byte"
    file.write_bytes(bytes(whole))
    refused = mycelix("restore", file, "--secret-file", secret, profile=there, ok=False)
    assert refused.error is not None and "does not open" in refused.error.title
    assert not (there / "data" / "studio.sqlite").exists()


def test_a_short_passphrase_is_refused(made: Made, tmp_path: Path) -> None:
    short = tmp_path / "short"
    short.write_text("short")
    refused = mycelix("backup", "profile", tmp_path / "b.age", "--secret-file", short, profile=made.profile, ok=False)
    assert refused.error is not None and "too short" in refused.error.title
