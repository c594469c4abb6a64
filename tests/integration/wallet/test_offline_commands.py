"""Signing on a computer without network, from the command line: request there, signature back."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from mycelix_studio.deploy.local import LocalChain
from tests.fixtures.cli import mycelix
from tests.fixtures.ledger import ARTIST_KEY, FRIEND, Stage
from tests.fixtures.listening import listen
from tests.integration.wallet.conftest import open_profile

pytestmark = pytest.mark.anvil


def test_a_request_is_saved_here_signed_there_and_sent_from_here(
    anvil: LocalChain, stage: Stage, profile: Path, tmp_path: Path
) -> None:
    near = open_profile(profile, anvil.url, stage.deployment_file)
    near.wallet.watch(stage.artist.address, "Main")  # this computer holds no key
    near.wallet.set_current(stage.artist.address)
    listen(near.database, (stage.song_id,), plays=1, people=1)
    content = "0x" + hashlib.sha256(b"Low Lamp").hexdigest()
    with near.database.write() as db:
        db.execute(
            "INSERT INTO song SELECT 1, id, (SELECT min(id) FROM party), 'Low Lamp', 'Ada', '', 60, 'cid', ?, 1, 1, 10000000, 0,"
            " NULL, 0, 0, '[]' FROM song_ref",
            (content,),
        )
    near.close()
    far, own = tmp_path / "far", tmp_path / "own"
    cold = open_profile(far, "http://127.0.0.1:9", stage.deployment_file)  # no network there
    cold.wallet.import_key(ARTIST_KEY, "Cold", passphrase="of its own")
    cold.wallet.set_current(stage.artist.address)
    cold.close()
    own.write_text("of its own\n")
    request, signed = tmp_path / "pay.mycelix-request", tmp_path / "pay.mycelix-signed"
    asked = ("wallet", "send", FRIEND, "0.5", "--symbol", "ETH", "--save", request)
    saved = mycelix(*asked, "--json", profile=profile).data
    assert mycelix(*asked, profile=profile, ok=False).code == 1, "a file that is there is never replaced"

    shown = mycelix("wallet", "sign-file", request, "--dry-run", "--json", profile=far).data
    assert shown["requests"][0]["title"] == saved["requests"][0]["title"]
    refused = mycelix("wallet", "sign-file", request, "--passphrase-file", own, profile=far, ok=False)
    assert (refused.code, signed.exists()) == (3, False), "nobody agreed"
    mycelix("wallet", "sign-file", request, "--yes", "--passphrase-file", own, profile=far)

    bad = tmp_path / "bad.mycelix-signed"
    body = json.loads(signed.read_text())
    bad.write_text(json.dumps({**body, "signed": [body["signed"][0][:-2] + "00"]}))
    assert mycelix("wallet", "send-file", bad, profile=profile, ok=False).code == 1
    before = stage.rpc.balance(FRIEND)
    (row,) = mycelix("wallet", "send-file", signed, "--json", profile=profile).data
    assert row["state"] in ("mined", "final"), row
    assert stage.rpc.balance(FRIEND) - before == 5 * 10**17

    near = open_profile(profile, anvil.url, stage.deployment_file)
    near.wallet.remove(stage.artist.address)
    near.wallet.import_key(ARTIST_KEY, "Main")  # terms are prepared for an account that can sign
    near.wallet.set_current(stage.artist.address)
    near.close()
    price = tmp_path / "price.mycelix-request"
    mycelix("strategy", "set", "Low Lamp", "--price", "0.02", "--save", price, profile=profile)
    (change,) = mycelix("wallet", "sign-file", price, "--dry-run", "--json", profile=far).data["requests"]
    assert change["changes"][0]["after"] == "0.02 FLOW"
