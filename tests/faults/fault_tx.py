"""`faults tx`: Studio is killed hundreds of times between draft and final, and one of two chain servers lies in twelve ways.

Each life of Studio is a process of its own on the same profile. It follows what the one before left, and makes one payment of its own to an
address nobody else pays; then it is killed at a random moment. At the end every payment that was signed must have arrived once and be final
in the list. Every tenth life signs in the real signing process; the others with a key at hand, since starting it takes longer than all the
rest and what is tried here is what happens to signed bytes.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mycelix_studio.chain.rpc import Rpc, ServersDisagree, WrongChain
from mycelix_studio.chain.transactions import Unsigned, sign
from mycelix_studio.chain.values import checksum
from mycelix_studio.deploy.deployer import deploy_local
from mycelix_studio.deploy.local import CHAIN_ID, DEPLOYER_KEY, LocalChain
from mycelix_studio.domain.transaction import Prepared, TxState
from mycelix_studio.paths import Paths
from mycelix_studio.services import wallet_send
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.studio import Studio
from mycelix_studio.services.wallet import StudioWallet
from mycelix_studio.settings import CHAIN_ID as CHAIN_SETTING
from mycelix_studio.settings import CONFIRMATIONS, RPC_URLS
from mycelix_studio.vault.vault import Vault
from tests.bench.rows import Row
from tests.fixtures.liar import Liar

KEY = "0x" + "a1" * 32
LIFE_SECONDS = 0.22
"""About how long a life takes that is not killed, without the signing process."""
SIGNER_SECONDS = 1.2
FAKE = "0x" + "fa" * 32


@dataclass(frozen=True)
class World:
    """A chain, and a profile on it."""

    chain: LocalChain
    rpc: Rpc
    profile: Path


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Kill 500 times, with ``large`` 2,000; then lie."""
    chance = random.Random(seed)
    kills = 2_000 if large else 500
    with tempfile.TemporaryDirectory(prefix="faults-tx-") as name:
        with _world(Path(name)) as world:
            yield from _killed(world, chance, kills)
        with _world(Path(name) / "lies") as world:
            yield from _lied_to(world)


@contextmanager
def _world(folder: Path) -> Iterator[World]:
    folder.mkdir(parents=True, exist_ok=True)
    with LocalChain.start(options=["--order", "fifo"]) as chain, chain.rpc() as rpc:
        deployment = folder / f"{CHAIN_ID}.json"
        deploy_local(rpc, DEPLOYER_KEY, deployment)
        studio = open_studio(Paths.under(folder / "profile"))
        studio.settings.set(CHAIN_SETTING, CHAIN_ID)
        studio.settings.set(RPC_URLS, chain.url)
        studio.settings.set(CONFIRMATIONS, 2)
        target = studio.wallet.context.deployment_folder
        target.mkdir(parents=True)
        shutil.copy(deployment, target)
        account = studio.wallet.import_key(KEY, "Main")
        rpc.request("anvil_setBalance", account.address, hex(10**21))
        studio.close()
        yield World(chain, rpc, folder / "profile")


# kills ----------------------------------------------------------------------------------------------------------------------------


def _killed(world: World, chance: random.Random, kills: int) -> Iterable[Row]:
    done = life = 0
    while done < kills:
        real = life % 10 == 0
        pid = os.fork()
        if pid == 0:
            _live(world, life, real_signer=real, mines=chance.random() < 0.5)
        time.sleep(chance.uniform(0, LIFE_SECONDS + (SIGNER_SECONDS if real else 0)))
        ended, _status = os.waitpid(pid, os.WNOHANG)
        if ended == 0:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            done += 1
        if chance.random() < 0.3:
            world.rpc.request("anvil_mine", "0x1")
        life += 1
    lives = life
    rows, paid = _settle(world, lives)
    signed = sum(len(found) for found in rows.values())
    yield Row("killed before it was done", done, "", kills, ">=")
    yield Row("lives of Studio", lives)
    yield Row("payments signed", signed)
    yield Row("paid twice", sum(paid[life] > _amount(life) for life in range(lives)), "", 0, "<=")
    yield Row("signed, and lost", sum(bool(rows[n]) and paid[n] != _amount(n) for n in range(lives)), "", 0, "<=")
    yield Row("paid, and not in the list", sum(bool(paid[n]) and not rows[n] for n in range(lives)), "", 0, "<=")
    open_ones = sum(state is not TxState.FINAL for found in rows.values() for state in found)
    yield Row("in the list, and not final", open_ones, "", 0, "<=")


def _live(world: World, life: int, *, real_signer: bool, mines: bool) -> None:
    """Be Studio for a while; ends the process."""
    try:
        if not real_signer:
            wallet_send._sign = _at_hand  # type: ignore[assignment]
            Vault.open = _opened  # type: ignore[method-assign,assignment]
        studio = open_studio(Paths.under(world.profile))
        wallet = studio.wallet
        wallet._accounts.used()
        wallet.follow()
        if not any(row.detail.lower() == _short(_recipient(life)).lower() for row in wallet.activity(limit=20)):
            (request,) = wallet.prepare([wallet.send_call(_recipient(life), _amount(life), symbol="ETH")])
            wallet.sign_and_send(request)
        if mines:
            wallet.context.rpc().request("anvil_mine", "0x1")
        wallet.follow()
    finally:
        os._exit(0)


@contextmanager
def _opened(_vault: Vault, _address: str, _passphrase: str | None = None) -> Iterator[None]:
    yield None


def _at_hand(_signing: object, unsigned: Unsigned, _account: object) -> object:
    return sign(unsigned, KEY)


def _settle(world: World, kills: int) -> tuple[dict[int, list[TxState]], list[int]]:
    """Let one undisturbed life follow everything to its end."""
    studio = open_studio(Paths.under(world.profile))
    for _ in range(400):
        studio.wallet.follow()
        world.rpc.request("anvil_mine", "0x3")
        if not studio.wallet.pending():
            break
    rows: dict[int, list[TxState]] = {life: [] for life in range(kills)}
    lives = {_short(_recipient(life)): life for life in range(kills)}
    for row in studio.wallet.activity(limit=10 * kills):
        rows[lives[row.detail]].append(row.state)
    studio.close()
    return rows, [world.rpc.balance(_recipient(life)) for life in range(kills)]


def _recipient(life: int) -> str:
    return checksum("0x" + f"{life + 1:04x}" + "0" * 32 + f"{life + 1:04x}")


def _short(address: str) -> str:
    return f"{address[:6]}…{address[-4:]}"


def _amount(life: int) -> int:
    return 10**9 + life


# lies -----------------------------------------------------------------------------------------------------------------------------


Lie = Callable[[str, list[Any], Any], Any]


def _of(method: str, change: Callable[[Any], Any]) -> Lie:
    return lambda asked, _params, truth: change(truth) if asked == method and truth is not None else truth


def _simulated(truth: Any) -> Any:
    return [{**truth[0], "calls": [{**row, "status": "0x0"} for row in truth[0]["calls"]]}]


BEFORE: dict[str, Lie] = {
    "another chain": _of("eth_chainId", lambda _t: "0x64"),
    "another newest block": _of("eth_getBlockByNumber", lambda t: {**t, "hash": FAKE}),
    "other code": _of("eth_getCode", lambda _t: "0x6001"),
    "another outcome of the trial": _of("eth_simulateV1", _simulated),
    "a fee far too high": _of(
        "eth_feeHistory", lambda t: {**t, "baseFeePerGas": ["0xffffffffff"] * len(t["baseFeePerGas"])}
    ),
}
MONEY: dict[str, Lie] = {
    "another balance of coins": _of("eth_getBalance", lambda _t: "0xffff"),
    "another balance of FLOW": _of("eth_call", lambda _t: "0x" + "f" * 64),
}


def _lied_to(world: World) -> Iterable[Row]:
    with Liar(world.chain.url) as liar:
        studio = open_studio(Paths.under(world.profile))
        studio.settings.set(RPC_URLS, f"{liar.url} {world.chain.url}")
        studio.settings.set(CONFIRMATIONS, 6)
        wallet = studio.wallet
        wallet._accounts.used()
        missed = [name for name, lie in BEFORE.items() if not _refused(studio, liar, lie)]
        missed += [name for name, lie in MONEY.items() if not _not_shown(wallet, liar, lie)]
        missed += [name for name, noticed in _after_signing(world, wallet, liar).items() if not noticed]
        told = len(BEFORE) + len(MONEY) + 5
        studio.close()
    yield Row("lies told by one of two servers", told, "", 12, ">=")
    for name in missed:
        yield Row(f"  believed: {name}", 1)
    yield Row("lies believed", len(missed), "", 0, "<=")


def _request(wallet: StudioWallet, life: int = 60_000) -> Prepared:
    (made,) = wallet.prepare([wallet.send_call(_recipient(life), 5, symbol="ETH")])
    return made


def _refused(studio: Studio, liar: Liar, lie: Lie) -> bool:
    studio.wallet.context.close()  # a new client asks for the chain's id again
    before, liar.lie = liar.lies, lie
    request = _request(studio.wallet)
    liar.lie = None
    return liar.lies > before and bool(request.refused)


def _not_shown(wallet: StudioWallet, liar: Liar, lie: Lie) -> bool:
    liar.lie = lie
    try:
        wallet.refresh_balances()
    except (ServersDisagree, WrongChain):
        return True
    finally:
        liar.lie = None
    return False


def _after_signing(world: World, wallet: StudioWallet, liar: Liar) -> dict[str, bool]:
    """Lies that matter once something is signed; True for those noticed."""
    noticed = {}
    world.rpc.request("evm_setAutomine", False)
    liar.lie = _of("eth_getTransactionCount", lambda t: hex(int(t, 16) + 7))
    first = wallet.sign_and_send(_request(wallet, 60_001))
    liar.lie = None
    row = wallet.activity()[0]
    noticed["a number in line too high"] = row.nonce == 0
    liar.lie = _of("eth_sendRawTransaction", lambda _t: FAKE)
    second = wallet.sign_and_send(_request(wallet, 60_002))
    noticed["another payment named"] = second.state is TxState.SIGNED
    liar.lie = _invented(world, first.tx_hash, row.account)
    wallet.follow()
    noticed["a receipt of what is in no block"] = wallet.activity()[-1].state is TxState.SENT
    liar.lie = None
    world.rpc.request("evm_setAutomine", True)
    world.rpc.request("anvil_mine", "0x1")
    liar.lie = _of("eth_getTransactionReceipt", lambda t: {**t, "status": "0x0"})
    wallet.follow()
    noticed["a receipt turned round"] = wallet.activity()[-1].state is not TxState.REVERTED
    liar.lie = _of("eth_blockNumber", lambda t: hex(int(t, 16) + 900))
    wallet.follow()
    noticed["a head far ahead"] = wallet.activity()[-1].state is TxState.MINED
    liar.lie = None
    return noticed


def _invented(world: World, tx_hash: str, account: str) -> Lie:
    head = world.rpc.block_number() - 3
    block = world.rpc.head(head)
    assert block is not None

    def lie(asked: str, _params: list[Any], truth: Any) -> Any:
        if asked != "eth_getTransactionReceipt" or truth is not None:
            return truth
        return {
            "transactionHash": tx_hash, "blockNumber": hex(head), "blockHash": block.hash, "status": "0x1", "gasUsed": "0x5208",
            "effectiveGasPrice": "0x1", "from": account, "contractAddress": None, "logs": [],
        }  # fmt: skip

    return lie
