"""Deploying on a real chain: resumable, deterministic, refused on the wrong chain, proven afterwards."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from mycelix_studio.chain.abi import CONTRACTS, FeePolicy, Ledger
from mycelix_studio.chain.artifacts import Deployment, NoDeployment, find_deployment
from mycelix_studio.chain.refusals import ContractRefused
from mycelix_studio.chain.rpc import Rpc, WrongChain
from mycelix_studio.chain.transactions import NotEnough, Sender, sender_of
from mycelix_studio.deploy import command
from mycelix_studio.deploy.deployer import deploy, deploy_local, dry_run
from mycelix_studio.deploy.local import CHAIN_ID, DEPLOYER_KEY, LocalChain
from mycelix_studio.deploy.plan import (
    FACTORY,
    FACTORY_CODE,
    FACTORY_MAKER,
    FACTORY_TRANSACTION,
    TokenMissing,
    local_options,
    plan,
)
from mycelix_studio.deploy.sourcify import submit
from mycelix_studio.deploy.verify import fee_behind, verify

pytestmark = pytest.mark.anvil
CONTRACTS_FOLDER = Path(__file__).resolve().parents[2] / "contracts"
DEPLOYER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


def test_a_dry_run_sends_nothing_and_deploying_writes_what_it_named(chain: Rpc, tmp_path: Path) -> None:
    before = chain.block_number()
    planned = dry_run(chain, local_options(DEPLOYER), DEPLOYER)
    assert chain.block_number() == before
    assert not any(row.done for row in planned.rows)
    assert planned.cost == planned.gas * planned.gas_price > 0
    said: list[str] = []
    deployed = deploy_local(chain, DEPLOYER_KEY, tmp_path / "31337.json", say=said.append)
    assert deployed == Deployment.read(tmp_path / "31337.json") == find_deployment(CHAIN_ID, (tmp_path,))
    named = {row.name: row.address for row in planned.rows}
    assert {name: named[name] for name in deployed.contracts} == dict(deployed.contracts)
    assert deployed.block == before + 1
    assert any("Ledger deployed" in line for line in said)
    ledger = Ledger(deployed.address("Ledger"))
    assert ledger.token().read(chain) == deployed.address("FlowToken")
    assert FeePolicy(deployed.address("FeePolicy")).fee_bps().read(chain) == 100
    assert CONTRACTS.keys() >= deployed.contracts.keys()


def test_running_again_sends_nothing_and_writes_the_same(chain: Rpc, tmp_path: Path) -> None:
    first = deploy_local(chain, DEPLOYER_KEY, tmp_path / "a.json")
    block = chain.block_number()
    again = deploy_local(chain, DEPLOYER_KEY, tmp_path / "b.json")
    assert chain.block_number() == block
    assert again == first


def test_it_goes_on_where_a_failure_stopped_it(chain: Rpc, tmp_path: Path) -> None:
    options = local_options(DEPLOYER)
    sender = Sender(chain, DEPLOYER_KEY)
    sender.transact(plan(options)[0].call)
    block = chain.block_number()
    said: list[str] = []
    deployed = deploy(chain, DEPLOYER_KEY, options, tmp_path / "d.json", say=said.append)
    assert said[0] == f"{plan(options)[0].name} is at {plan(options)[0].address}"
    assert chain.block_number() - block == len(plan(options)) - 1
    assert deployed.block == block


def test_a_wrong_chain_is_refused_before_anything_is_sent(chain: Rpc, tmp_path: Path) -> None:
    before = chain.block_number()
    with pytest.raises(WrongChain):
        deploy(chain, DEPLOYER_KEY, local_options(DEPLOYER, 10200), tmp_path / "d.json")
    assert chain.block_number() == before
    assert not (tmp_path / "d.json").exists()


def test_a_deployer_who_cannot_pay_is_told_how_much_is_missing(chain: Rpc, tmp_path: Path) -> None:
    with pytest.raises(NotEnough) as caught:
        deploy_local(chain, "0x" + "11" * 32, tmp_path / "d.json")
    assert caught.value.have == 0
    assert "ETH" in caught.value.title


def test_a_real_network_wants_its_token_named() -> None:
    with pytest.raises(TokenMissing):
        plan(local_options(DEPLOYER, 100))


def test_without_the_factory_it_is_deployed_first(anvil: LocalChain, tmp_path: Path) -> None:
    assert anvil.pid
    with LocalChain.start(options=["--disable-default-create2-deployer"]) as other, other.rpc() as rpc:
        assert rpc.code(FACTORY) == b""
        deploy_local(rpc, DEPLOYER_KEY, tmp_path / "d.json")
        assert rpc.code(FACTORY) == FACTORY_CODE


def test_verifying_proves_code_and_arguments_and_notices_another_code(chain: Rpc, tmp_path: Path) -> None:
    deployed = deploy_local(chain, DEPLOYER_KEY, tmp_path / "d.json")
    assert all(verdict.same and verdict.proven for verdict in verify(chain, deployed))
    address = deployed.address("Ledger")
    code = bytearray(chain.code(address))
    code[200] ^= 1
    chain.request("anvil_setCode", address, "0x" + code.hex())
    found = {verdict.name: verdict for verdict in verify(chain, deployed)}
    assert not found["Ledger"].same
    assert found["FeePolicy"].same


def test_a_fee_that_nobody_took_over_is_told(chain: Rpc, tmp_path: Path) -> None:
    deployed = deploy_local(chain, DEPLOYER_KEY, tmp_path / "d.json")
    assert fee_behind(chain, deployed) is None
    # As before the policy's fee was taken over: the Ledger's words, of which only newFeeBps is none at first, at 0.
    ledger = Ledger(deployed.address("Ledger"))
    for number in range(20):
        chain.request("anvil_setStorageAt", ledger.address, hex(number), "0x" + "00" * 32)
    assert fee_behind(chain, deployed) == (0, 100)
    said: list[str] = []
    command.check("local", chain.urls[0], tmp_path / "d.json", sourcify="", say=said.append)
    assert said[-1].startswith("New payees still get a fee of 0 basis points, the policy's is 100")
    Sender(chain, DEPLOYER_KEY).transact(ledger.update_fee())
    assert fee_behind(chain, deployed) is None


def test_sources_of_equal_contracts_are_submitted(chain: Rpc, tmp_path: Path) -> None:
    deployed = deploy_local(chain, DEPLOYER_KEY, tmp_path / "d.json")
    taken: list[tuple[str, dict[str, Any]]] = []

    class Sourcify(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append((self.path, json.loads(self.rfile.read(int(self.headers["content-length"])))))
            self.send_response(202)
            self.end_headers()
            self.wfile.write(b'{"verificationId": "7"}')

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Sourcify) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        line = submit(url, CHAIN_ID, "FeePolicy", deployed.address("FeePolicy"), CONTRACTS_FOLDER)
    ((path, body),) = taken
    assert path == f"/v2/verify/{CHAIN_ID}/{deployed.address('FeePolicy')}"
    assert body["contractIdentifier"] == "src/FeePolicy.sol:FeePolicy"
    assert body["stdJsonInput"]["settings"]["viaIR"] is True
    assert (CONTRACTS_FOLDER / "src/FeePolicy.sol").read_text() == body["stdJsonInput"]["sources"]["src/FeePolicy.sol"][
        "content"
    ]
    assert line == f"FeePolicy: submitted, {url}/v2/verify/7"


def test_no_deployment_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(NoDeployment, match="knows no addresses"):
        find_deployment(4242, (tmp_path,))


def test_a_refusal_of_a_contract_is_an_error_with_its_values(chain: Rpc, tmp_path: Path) -> None:
    ledger = Ledger(deploy_local(chain, DEPLOYER_KEY, tmp_path / "d.json").address("Ledger"))
    with pytest.raises(ContractRefused) as caught:
        Sender(chain, DEPLOYER_KEY).transact(ledger.pay_stream("0x" + "ab" * 32, 1, 10**18))
    assert caught.value.name
    assert "0x" + "ab" * 32 in caught.value.arguments.values()


def test_the_factorys_own_transaction_is_signed_by_its_maker_and_makes_its_address() -> None:
    import rlp
    from eth_utils import keccak

    assert sender_of(FACTORY_TRANSACTION) == FACTORY_MAKER
    assert keccak(rlp.encode([bytes.fromhex(FACTORY_MAKER[2:]), b""]))[12:].hex() == FACTORY[2:].lower()
