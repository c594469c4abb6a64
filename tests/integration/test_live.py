"""Patrons, auctions, gift budgets and payouts as a real chain has them, kept for offline, and what is signed about them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mycelix_studio import settings
from mycelix_studio.chain.rpc import ChainUnreachable, Rpc, RpcRefused
from mycelix_studio.chain.transactions import Sender
from mycelix_studio.domain.money import fee_of
from mycelix_studio.domain.strategy.patronage import Standing
from mycelix_studio.domain.transaction import Prepared
from mycelix_studio.paths import Paths
from mycelix_studio.services.live import Live, NothingDue
from mycelix_studio.services.live.payouts import PurseAction
from mycelix_studio.services.live.reading import Reader
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.strategies import KnownSong
from mycelix_studio.services.studio import Studio
from tests.fixtures.ledger import ARTIST_KEY, FRIEND
from tests.fixtures.wallet import opened_wallet
from tests.fixtures.ways import DAY, FLOW, TITLES, Ways, content_of

pytestmark = pytest.mark.anvil


@pytest.fixture
def studio(ways: Ways, tmp_path: Path, sealed: Path) -> Iterator[Studio]:
    made = open_studio(Paths.under(tmp_path / "profile"))
    made.settings.set(settings.CHAIN_ID, 31337)
    made.settings.set(settings.RPC_URLS, ways.stage.rpc.urls[0])
    folder = made.wallet.context.deployment_folder
    folder.mkdir(parents=True)
    shutil.copy(ways.stage.deployment_file, folder)
    opened_wallet(made, sealed)
    yield made
    made.close()


@pytest.fixture
def live(studio: Studio) -> Live:
    songs = [KnownSong(content_of(title), title) for title in TITLES.values()]
    return Live(studio.wallet.context, studio.wallet, lambda: songs)


def send(ways: Ways, requests: tuple[Prepared, ...]) -> None:
    """Send what was prepared, with the artist's key at hand: signing itself is the wallet's and tested there."""
    artist = Sender(ways.stage.rpc, ARTIST_KEY)
    for request in requests:
        assert request.refused == ""
        assert request.call is not None
        artist.transact(request.call)


def test_patrons_stand_where_the_contract_says_and_those_due_are_charged_once(
    live: Live, studio: Studio, ways: Ways
) -> None:
    assert live.patrons() is None
    found = live.refresh_patrons()
    standings = {p.address: p.standing(found.at) for p in found.patrons}
    paid, due, lapsed, stopped = (person.address for person in ways.patrons)
    assert standings == {
        paid: Standing.PAID, due: Standing.DUE, lapsed: Standing.LAPSED, stopped: Standing.STOPPED
    }  # fmt: skip
    assert found.patrons[0].address == due, "who must be looked at first stands first"
    assert found.by_tier() == {0: 1, 1: 0, 2: 0, 3: 0}
    assert {p.address: p.paid for p in found.patrons} == {
        paid: 30 * FLOW, due: 20 * FLOW, lapsed: 10 * FLOW, stopped: 10 * FLOW
    }  # fmt: skip
    assert [p.address for p in found.renewable()] == [due]
    for patron in found.patrons:
        tier = ways.patronage.tier(ways.plan, patron.address).read(ways.stage.rpc)
        assert (patron.tier(found.at) if patron.tier(found.at) is not None else -1) + 1 == tier
    (request,) = live.prepare_renewals(ways.plan)
    assert request.title == "Renew 1 patron of “Low Lamp”"
    send(ways, (request,))
    after = live.refresh_patrons()
    renewed = next(p for p in after.patrons if p.address == due)
    assert renewed.standing(after.at) is Standing.PAID
    assert renewed.paid == 30 * FLOW
    assert after.monthly == 20 * FLOW
    with pytest.raises(NothingDue):
        live.prepare_renewals()


def test_what_was_read_stays_without_a_server_and_events_are_asked_for_once(
    live: Live, studio: Studio, ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = live.refresh_auctions()
    assert live.auctions() == first
    asked: list[int] = []
    plain = Rpc.logs

    def counted(self: Rpc, begin: int, end: int, addresses: list[str], topics: list[object] = []) -> object:  # noqa: B006
        asked.append(begin)
        return plain(self, begin, end, addresses, topics)  # type: ignore[arg-type]

    monkeypatch.setattr("mycelix_studio.services.live.reading.REREAD_BLOCKS", 2)
    monkeypatch.setattr(Rpc, "logs", counted)
    assert live.refresh_auctions().auctions == first.auctions
    assert max(asked) >= first.block - 2
    monkeypatch.setattr(Rpc, "logs", plain)
    studio.settings.set(settings.RPC_URLS, "http://127.0.0.1:9")
    with pytest.raises(ChainUnreachable):
        live.refresh_auctions()
    assert live.auctions() is not None and live.auctions().auctions == first.auctions  # type: ignore[union-attr]


def test_a_server_that_refuses_many_blocks_at_once_is_asked_for_fewer(
    live: Live, ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = live.refresh_auctions()
    plain = Rpc.logs

    def limited(self: Rpc, begin: int, end: int, *rest: object) -> object:
        if end - begin >= 20 and rest[0] == [ways.auctions.address]:
            raise RpcRefused("eth_getLogs", -32005, "query exceeds max block range")
        return plain(self, begin, end, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Rpc, "logs", limited)
    monkeypatch.setattr("mycelix_studio.services.live.reading.REREAD_BLOCKS", 10_000)
    assert live.refresh_auctions().auctions == whole.auctions


def test_an_auction_shows_price_sales_and_revenue_to_the_wei_and_can_be_closed(
    live: Live, studio: Studio, ways: Ways
) -> None:
    found = live.refresh_auctions()
    (auction,) = found.auctions
    rpc = ways.stage.rpc
    assert auction.title == "Marigold Static"
    assert [sale.serial for sale in auction.sales] == [1, 2, 3]
    assert auction.price_at(found.at) == ways.auctions.price_at(ways.auction, found.at).read(rpc)
    for sale in auction.sales:
        assert sale.price == auction.price_at(sale.at)
    assert auction.revenue == sum(sale.price for sale in auction.sales)
    assert auction.net == sum(sale.price - fee_of(sale.price, 100) for sale in auction.sales)
    assert auction.running and auction.forecast(found.at) == 3 + 1 * (5 * DAY) // DAY
    assert auction.forecast(found.at + 10 * DAY) is None
    assert not found.is_final(auction.sales[-1]) or found.confirmations <= found.block - auction.sales[-1].block + 1
    send(ways, live.prepare_close(ways.auction))
    (closed,) = live.refresh_auctions().auctions
    assert closed.closed and not closed.running and closed.supply == 3


def test_a_gift_budget_is_topped_up_and_what_is_unused_comes_back(live: Live, studio: Studio, ways: Ways) -> None:
    found = live.refresh_gifts()
    (gift,) = found.gifts
    assert gift.total("fund") == 500 * FLOW
    assert gift.total("reward") == (3 + 5) * FLOW + (5 + 4 * 2 + 5) * FLOW
    assert gift.budget == gift.total("fund") - gift.total("reward")
    assert (gift.listens, gift.listeners, gift.welcomed) == (12, 2, 2)
    assert gift.lasts == gift.budget // FLOW
    assert found.wallet == 500 * FLOW
    requests = live.prepare_top_up(ways.songs["gift"], 40 * FLOW)
    assert [r.title for r in requests] == [
        "Let Mycelix Gift take 40.00 CGC",
        "Put 40.00 CGC into the gift budget of “Night Ferry”",
    ]
    send(ways, requests)
    send(ways, live.prepare_take_back(ways.songs["gift"], 10 * FLOW))
    (after,) = live.refresh_gifts().gifts
    assert after.budget == gift.budget + 30 * FLOW
    assert [move.kind for move in after.moves[:2]] == ["withdraw", "fund"]
    refused = live.prepare_take_back(ways.songs["gift"], 10_000 * FLOW)
    assert refused[0].refused


def test_everyone_is_paid_to_the_wei_at_once_or_set_aside(live: Live, studio: Studio, ways: Ways) -> None:
    found = live.refresh_payouts()
    (account,) = found.accounts
    rpc, artist = ways.stage.rpc, ways.stage.artist.address
    assert account.titles == ("Low Lamp", "Marigold Static", "Night Ferry")
    assert sum(account.parts(account.waits).values()) == account.waits > 0
    assert {p.address: p.waits for p in found.people} == account.parts(account.waits)
    before = ways.stage.token.balance_of(FRIEND).read(rpc)
    send(ways, live.prepare_payout(account.payee))
    after = live.refresh_payouts()
    friend = after.person(FRIEND)
    assert friend is not None and friend.waits == 0 and friend.aside == 0
    assert friend.paid == ways.stage.token.balance_of(FRIEND).read(rpc) - before == account.parts(account.waits)[FRIEND]
    with pytest.raises(NothingDue):
        live.prepare_payout()
    with pytest.raises(NothingDue):
        live.prepare_collect()
    ways.stage.listener.sender.transact(ways.stage.ledger.tip(ways.stage.song_id, 2 * FLOW))
    send(ways, live.prepare_payout(push=False))
    aside = live.refresh_payouts()
    mine = aside.person(artist)
    assert mine is not None and mine.aside == 2 * FLOW * 99 // 100 * 8_500 // 10_000
    send(ways, live.prepare_collect())
    assert live.refresh_payouts().person(artist).aside == 0  # type: ignore[union-attr]


def test_the_own_purse_is_filled_and_emptied_after_a_day(live: Live, studio: Studio, ways: Ways) -> None:
    ways.stage.owner.transact(ways.stage.token.mint(ways.stage.artist.address, 10 * FLOW))
    send(ways, live.prepare_purse(PurseAction.DEPOSIT, 4 * FLOW))
    send(ways, live.prepare_purse(PurseAction.ASK, 3 * FLOW))
    found = live.refresh_payouts()
    assert (found.purse.balance, found.purse.requested) == (4 * FLOW, 3 * FLOW)
    assert found.purse.thaws_at > found.at
    assert live.prepare_purse(PurseAction.TAKE)[0].refused
    ways.stage.rpc.request("evm_increaseTime", DAY + 1)
    ways.stage.rpc.request("evm_mine")
    send(ways, live.prepare_purse(PurseAction.TAKE))
    after = live.refresh_payouts()
    assert after.purse.balance == 1 * FLOW
    assert after.wallet == 9 * FLOW


def test_times_of_blocks_come_in_one_request(live: Live, ways: Ways) -> None:
    reader: Reader = live._reader()
    times = reader.times([1, 2, 2, reader.block])
    assert list(times) == [1, 2, reader.block]
    assert times[reader.block] == reader.at
