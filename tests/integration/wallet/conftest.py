"""A real wallet in a throw-away profile, on a real chain with the real contracts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mycelix_studio.chain.listener import Listener
from mycelix_studio.chain.transactions import Sender
from mycelix_studio.deploy.local import CHAIN_ID, DEPLOYER_KEY, LocalChain
from mycelix_studio.domain.account import Account
from mycelix_studio.paths import Paths
from mycelix_studio.services.studio import Studio, open_studio
from mycelix_studio.services.wallet import StudioWallet
from mycelix_studio.settings import CHAIN_ID as CHAIN_SETTING
from mycelix_studio.settings import CONFIRMATIONS, RPC_URLS
from tests.fixtures.anvil import anvil  # noqa: F401
from tests.fixtures.ledger import ARTIST_KEY, LISTENER_KEY, Stage, set_stage


@pytest.fixture(scope="module")
def set_once(anvil: LocalChain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:  # noqa: F811
    """The stage, set once for all tests of a module and taken down after them."""
    with anvil.rpc() as rpc:
        before = rpc.request("evm_snapshot")
        yield set_stage(rpc, tmp_path_factory.mktemp("stage"))
        rpc.request("evm_revert", before)


@pytest.fixture
def stage(set_once: Stage) -> Iterator[Stage]:
    """The stage as it was set; whatever a test does is undone after it."""
    rpc = set_once.rpc
    before = rpc.request("evm_snapshot")
    rpc.request("anvil_mine", "0x1")  # going back does not take anvil's next base fee back; a block does
    yield replace(
        set_once,
        owner=Sender(rpc, DEPLOYER_KEY),
        artist=Sender(rpc, ARTIST_KEY),
        listener=Listener(rpc, LISTENER_KEY, set_once.deployment),
    )
    rpc.request("evm_setAutomine", True)
    rpc.request("evm_revert", before)


@pytest.fixture(scope="session")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artist's wallet file and what opens it, made once: sealing is slow on purpose."""
    studio = open_studio(Paths.under(tmp_path_factory.mktemp("sealed")))
    studio.wallet.import_key(ARTIST_KEY, "Main")
    studio.close()
    return studio.paths.config


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """Folder of the profile; opening it again is a restart."""
    return tmp_path / "profile"


def open_profile(folder: Path, url: str, deployment: Path | None = None) -> Studio:
    """Open a profile on a local chain whose payments are final after 3 blocks."""
    studio = open_studio(Paths.under(folder))
    studio.settings.set(CHAIN_SETTING, CHAIN_ID)
    studio.settings.set(RPC_URLS, url)
    studio.settings.set(CONFIRMATIONS, 3)
    if deployment is not None:
        target = studio.wallet.context.deployment_folder
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(deployment, target)
    return studio


@pytest.fixture
def studio(profile: Path, anvil: LocalChain, stage: Stage) -> Iterator[Studio]:  # noqa: F811
    """An open profile whose account is the stage's artist."""
    opened = open_profile(profile, anvil.url, stage.deployment_file)
    yield opened
    opened.close()


@pytest.fixture
def wallet(studio: Studio) -> StudioWallet:
    """The wallet, without an account."""
    return studio.wallet


@pytest.fixture
def artist(wallet: StudioWallet, sealed: Path) -> Account:
    """The stage's artist with the wallet open."""
    config = wallet.context.paths.config
    shutil.copytree(sealed / "keystores", config / "keystores")
    shutil.copy(sealed / "throwaway-keyring.json", config)
    wallet.restore_missing()
    (account,) = wallet.accounts()
    wallet.rename(account.address, "Main")
    wallet._accounts.used()  # as after an import, without starting a process again
    return wallet.accounts()[0]
