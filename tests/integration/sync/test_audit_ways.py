"""Chain, node, cache, statement and audit agree to the wei when songs earn in all four ways."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from eth_account import Account

from mycelix_studio.deploy.local import LocalChain
from mycelix_studio.domain.clock import from_unix
from mycelix_studio.domain.period import Period
from mycelix_studio.node.embedded import EmbeddedPostgres
from mycelix_studio.services.audit import Audit
from mycelix_studio.services.jobs import Work
from tests.fixtures.market import Market
from tests.fixtures.market_ways import Ways
from tests.fixtures.node import Person, make_market_node
from tests.integration.sync.test_sync_node import studio_of, wait_until_indexed

pytestmark = [pytest.mark.anvil, pytest.mark.postgres]


def test_all_four_ways_agree_from_the_chain_to_the_statement(
    anvil: LocalChain, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    with LocalChain.start() as own, own.rpc() as rpc:
        ways = Ways(Market.open(rpc, tmp_path, listeners=4)).open()
        market = ways.market
        ways.live(4, 50)
        assert market.split is not None
        market.artist.transact(market.ledger.distribute(market.payee, market.split, True))
        ways.live(6, 8)
        node = make_market_node(tmp_path / "node", postgres, market).start()
        studio = studio_of(tmp_path / "profile", node, Person(Account.from_key(market.artist_key)))
        try:
            wait_until_indexed(studio, ways.payments(), 2)
            head = rpc.head()
            assert head is not None
            period = Period(date(2020, 1, 1), from_unix(head.timestamp).date() + timedelta(days=1))
            audit = Audit(studio.database, lambda: rpc, lambda: market.deployment, studio.reports.source, lambda: 1)
            report = audit.run(period, Work())
        finally:
            studio.close()
            node.stop()
        assert report.agrees, (report.verdict, report.differences, [c for c in report.checks if not c.equal])
        (sums,) = report.chain.values()
        assert (sums.gross, sums.fee, sums.net) == market.chain_figures()
