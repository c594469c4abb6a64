"""A real wallet in a throw-away profile, on a real chain with the real contracts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mycelix_studio.deploy.local import CHAIN_ID, LocalChain
from mycelix_studio.domain.account import Account
from mycelix_studio.paths import Paths
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.studio import Studio
from mycelix_studio.services.wallet import StudioWallet
from mycelix_studio.settings import CHAIN_ID as CHAIN_SETTING
from mycelix_studio.settings import CONFIRMATIONS, RPC_URLS
from tests.fixtures.anvil import anvil  # noqa: F401
from tests.fixtures.ledger import Stage
from tests.fixtures.wallet import opened_wallet, sealed, set_once, stage  # noqa: F401


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
def artist(studio: Studio, sealed: Path) -> Account:  # noqa: F811
    """The stage's artist with the wallet open."""
    return opened_wallet(studio, sealed)
