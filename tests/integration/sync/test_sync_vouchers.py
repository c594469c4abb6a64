"""What songs got of vouchers, from the signature to the figures, statement and audit, and until the chain takes it back."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from eth_account import Account

from mycelix_studio.deploy.local import LocalChain
from mycelix_studio.domain.clock import from_unix
from mycelix_studio.domain.dashboard import Filter, Query
from mycelix_studio.domain.money import Wei
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.vouchers import Item, Play, net_by_song
from mycelix_studio.node.embedded import EmbeddedPostgres
from mycelix_studio.services.audit import Audit
from mycelix_studio.services.jobs import Work
from tests.fixtures.market import PRICE, Market
from tests.fixtures.node import Person, make_market_node
from tests.fixtures.vouchers import body_of
from tests.integration.sync.test_sync_node import studio_of, wait_until_indexed

pytestmark = [pytest.mark.anvil, pytest.mark.postgres]


def test_songs_have_their_part_of_vouchers_until_the_chain_takes_it_back(
    anvil: LocalChain, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    with LocalChain.start() as own, own.rpc() as rpc:
        market = Market.open(rpc, tmp_path)
        songs = [market.register("0x" + f"{number:064x}", price=PRICE + 7) for number in (1, 2)]
        fan, settler = market.listeners[:2]
        fan.deposit(10**18)
        settler.pay_stream(songs[0], 1)
        plays = [Play(song, n, Wei(n * (PRICE + 7))) for n, song in enumerate(songs, start=2)]
        total = Wei(sum(play.amount for play in plays))
        voucher = fan.sign_plays([Item(market.payee, 5, total)], plays, nonce=1, deadline=4_000_000_000)
        node = make_market_node(tmp_path / "node", postgres, market).start()
        artist = Person(Account.from_key(market.artist_key))
        studio = studio_of(tmp_path / "profile", node, artist)
        try:
            wait_until_indexed(studio, 1, 0)
            with artist.sign_in(node.url) as client:
                assert client.post("/api/vouchers", json=body_of(voucher, plays)).status_code == 201
            settler.settle([voucher])
            wait_until_indexed(studio, 2, 0)
            head = rpc.head()
            assert head is not None
            period = Period(date(2020, 1, 1), from_unix(head.timestamp).date() + timedelta(days=1))
            board = studio.analytics.artist(Query(period))
            bps = 100
            nets = net_by_song([(p.song_id, market.payee, p.amount) for p in plays], {market.payee: bps})
            stream = PRICE + 7 - (PRICE + 7) * bps // 10_000
            wanted = {songs[0]: nets[songs[0]] + stream, songs[1]: nets[songs[1]]}
            assert {row.song_id: row.net for row in board.songs} == wanted
            assert board.figures.net == sum(wanted.values()) == market.chain_figures()[2]
            only = Filter(songs=frozenset({songs[1]}))
            (row,) = studio.analytics.behind(period, only).rows
            assert (row.payment.type, row.payment.count, row.payment.net) == ("voucher", 3, wanted[songs[1]])
            statement = studio.reports.statement(period)
            assert statement.totals.net == board.figures.net
            assert [(line.song_id, line.quantity, line.net) for line in statement.lines[1:]] == [
                (play.song_id, play.count, nets[play.song_id]) for play in sorted(plays, key=lambda play: play.song_id)
            ]
            audit = Audit(studio.database, lambda: rpc, lambda: market.deployment, studio.reports.source, lambda: 1)
            rpc.request("anvil_mine", "0x1")
            report = audit.run(period, Work())
            assert report.agrees, (report.verdict, report.differences, report.checks)
            assert any(line.startswith("Vouchers whose songs") and line.endswith(": 1.") for line in report.how)
            with studio.database.write() as db:
                db.execute("UPDATE voucher_song SET net_rem = net_rem - 1")
            false = audit.run(period, Work(), offline=True)
            assert [difference.kind for difference in false.differences] == ["voucher_song"]
            with studio.database.write() as db:
                db.execute("UPDATE voucher_song SET net_rem = net_rem + 1")

            rpc.request("anvil_rollback", 2)
            rpc.request("anvil_mine", "0x3")
            wait_until_indexed(studio, 1, 0)
            board = studio.analytics.artist(Query(period))
            assert {row.song_id: row.net for row in board.songs} == {songs[0]: stream}
            # By the clock the chain's time may lie ahead, so the reversals need not be the last rows.
            rows = {line.key: (line.song_id, line.net) for line in studio.reports.statement(period).lines}
            back = {key: row for key, row in rows.items() if key.endswith(":reversed")}
            assert len(back) == 2 and len(rows) == 5
            assert all(rows[key.removesuffix(":reversed")] == (song, -net) for key, (song, net) in back.items())
        finally:
            studio.close()
            node.stop()
