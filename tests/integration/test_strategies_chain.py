"""Plans carried out on a real chain make it say what the form said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mycelix_studio.chain.rpc import Rpc
from mycelix_studio.chain.transactions import Sender
from mycelix_studio.deploy.deployer import deploy_local
from mycelix_studio.deploy.local import CHAIN_ID, DEPLOYER_KEY, LocalChain
from mycelix_studio.domain.splits import Share, Split
from mycelix_studio.domain.strategy.auction_form import AuctionOffer
from mycelix_studio.domain.strategy.dutch_auction import AUCTION_PRESETS
from mycelix_studio.domain.strategy.gift_economy import DEFAULT_TERMS
from mycelix_studio.domain.strategy.gift_form import GiftOffer
from mycelix_studio.domain.strategy.patronage import PLAN_PRESETS
from mycelix_studio.domain.strategy.patronage_form import PlanOffer
from mycelix_studio.domain.strategy.terms import SongTerms
from mycelix_studio.paths import Paths
from mycelix_studio.services import strategies_chain as on_chain
from mycelix_studio.services.jobs import CancelToken
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.strategies_plan import Plan, Step, StepKind, Target, call_of, make_plan
from mycelix_studio.services.studio import Studio
from mycelix_studio.services.wallet_context import WalletContext
from mycelix_studio.settings import CHAIN_ID as CHAIN_SETTING
from mycelix_studio.settings import RPC_URLS

pytestmark = pytest.mark.anvil

ARTIST_KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
CENT = 10**16


@pytest.fixture
def context(anvil: LocalChain, chain: Rpc, tmp_path: Path) -> Iterator[WalletContext]:
    studio: Studio = open_studio(Paths.under(tmp_path / "profile"))
    studio.settings.set(CHAIN_SETTING, CHAIN_ID)
    studio.settings.set(RPC_URLS, anvil.url)
    made = WalletContext(studio.paths, studio.settings, studio.database, studio.hub)
    made.deployment_folder.mkdir(parents=True)
    deploy_local(chain, DEPLOYER_KEY, made.deployment_folder / f"{CHAIN_ID}.json")
    yield made
    made.close()
    studio.close()


@pytest.fixture
def artist(chain: Rpc) -> Sender:
    return Sender(chain, ARTIST_KEY)


def carry_out(context: WalletContext, artist: Sender, plan: Plan) -> list[Step]:
    """Sign everything a plan asks for, with a key at hand, waiting for the account's number as the service does."""
    deployment = on_chain.deployment_of(context)
    payee = plan.payee
    for step in plan.first:
        tx = artist.transact(call_of(step, deployment, plan.after, payee)).tx_hash
        if step.kind is StepKind.SPLIT:
            payee = on_chain.created_by(context, tx, CancelToken())
    for step in plan.later:
        artist.transact(call_of(step, deployment, plan.after, payee))
    return [*plan.first, *plan.later]


def read(context: WalletContext, target: Target) -> SongTerms | None:
    terms, _block = on_chain.read_terms(context, [target.song_id])
    return terms[target.song_id]


def test_a_song_goes_from_nothing_to_registered_to_changed_to_locked(context: WalletContext, artist: Sender) -> None:
    ilse = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
    content = "0x" + "5a" * 32
    target = Target(on_chain.song_id_of(artist.address, content), content, "Night Ferry")
    assert read(context, target) is None
    assert on_chain.fee_today(context) == 100
    alone = Split((Share(artist.address, 10_000, "Artist"),))
    assert on_chain.payee_with(context, alone) is None

    first = SongTerms(("pay-per-stream",), CENT, alone)
    carry_out(context, artist, make_plan([target], first, None, {}))
    registered = read(context, target)
    assert registered == replace(first, payee=1, fee_bps=100)
    assert on_chain.payee_with(context, alone) == 1
    other_role = Split((Share(artist.address, 10_000, "Composer"),))
    assert on_chain.payee_with(context, other_role) is None, "roles are said on statements, so they count"

    both = Split((Share(artist.address, 8_000, "Artist"), Share(ilse, 2_000, "Producer")))
    second = SongTerms(("pay-per-stream", "patronage"), 2 * CENT, both)
    steps = carry_out(context, artist, make_plan([replace(target, terms=registered)], second, None, {}, lock=True))
    assert [step.kind for step in steps] == [
        StepKind.SPLIT,
        StepKind.PRICE,
        StepKind.WAYS,
        StepKind.PAYEE,
        StepKind.LOCK,
    ]
    changed = read(context, target)
    assert changed == replace(second, payee=2, fee_bps=100, locked=True)
    assert make_plan([replace(target, terms=changed)], second, 2, {}, lock=True).signatures == 0


def test_an_id_computed_here_is_the_one_the_ledger_gives(context: WalletContext, artist: Sender) -> None:
    content = "0x" + "0f" * 32
    there = on_chain.ledger_of(context).song_id_of(artist.address, content).read(context.rpc())
    assert on_chain.song_id_of(artist.address, content) == there


def test_waiting_for_the_first_signature_ends_in_words(context: WalletContext) -> None:
    with pytest.raises(on_chain.NotConfirmedYet):
        on_chain.created_by(context, "0x" + "00" * 32, CancelToken(), seconds=0.1)


def test_a_deployment_file_of_this_profile_is_used(context: WalletContext) -> None:
    body = json.loads((context.deployment_folder / f"{CHAIN_ID}.json").read_text())
    assert on_chain.ledger_of(context).address == body["contracts"]["Ledger"]


def test_every_way_is_offered_changed_and_ended_as_the_form_says(context: WalletContext, artist: Sender) -> None:
    content = "0x" + "6b" * 32
    target = Target(on_chain.song_id_of(artist.address, content), content, "Low Lamp")
    alone = Split((Share(artist.address, 10_000, "Artist"),))
    gift = GiftOffer(DEFAULT_TERMS, artist.address)
    auction = AuctionOffer(AUCTION_PRESETS[1].terms)
    plan = PlanOffer(PLAN_PRESETS[0].plan)
    all_ways = SongTerms(
        ("pay-per-stream", "gift-economy", "patronage", "auction"),
        CENT,
        alone,
        gift=gift,
        patronage=plan,
        auction=auction,
    )
    steps = carry_out(context, artist, make_plan([target], all_ways, None, {}))
    assert [(step.kind, step.way) for step in steps[1:]] == [
        (StepKind.REGISTER, None),
        (StepKind.OFFER, "gift-economy"),
        (StepKind.OFFER, "patronage"),
        (StepKind.OFFER, "auction"),
    ]
    found = read(context, target)
    assert found is not None and found.said() == all_ways.said()
    assert found.patronage is not None and found.patronage.number == 1
    assert found.auction is not None and found.auction.number == 1 and found.auction.fixed

    dearer = replace(plan, plan=replace(plan.plan, price=2 * plan.plan.price))
    fewer = replace(
        all_ways,
        ways=("patronage",),
        gift=None,
        auction=None,
        patronage=dearer,
    )
    now = replace(target, terms=found)
    steps = carry_out(context, artist, make_plan([now], fewer, 1, {}))
    assert [(step.kind, step.way) for step in steps] == [(StepKind.WAYS, None), (StepKind.OFFER, "patronage")]
    assert [(row.label, row.before, row.after) for row in steps[1].rows] == [
        ("Price every 30 days", "10.00 FLOW", "20.00 FLOW")
    ]
    found = read(context, target)
    assert found is not None and found.said() == fewer.said()
    assert make_plan([replace(target, terms=found)], fewer, 1, {}).signatures == 0
