"""The audit against a real chain and node: true rows agree, every tampered row of the cache is found, it resumes and works offline."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from eth_account import Account

from mycelix_studio.chain.rpc import ChainUnreachable, Log, Rpc, RpcRefused, ServersDisagree
from mycelix_studio.cli.audit import as_data, as_words
from mycelix_studio.deploy.local import LocalChain
from mycelix_studio.domain.audit import Fault
from mycelix_studio.domain.clock import from_unix
from mycelix_studio.domain.period import Period
from mycelix_studio.errors import Cancelled
from mycelix_studio.node.embedded import EmbeddedPostgres
from mycelix_studio.services import audit_chain
from mycelix_studio.services.audit import Audit, CannotAudit, NotRead
from mycelix_studio.services.audit_chain import ServerContradicts
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.studio import Studio
from mycelix_studio.store import chain_logs, rollups
from tests.fixtures.market import Market
from tests.fixtures.node import Person, list_song, make_market_node
from tests.integration.sync.test_sync_node import studio_of, wait_until_indexed

pytestmark = [pytest.mark.anvil, pytest.mark.postgres]

ONE, TWICE = "SELECT * FROM payment LIMIT 1", "SELECT * FROM twice"


@dataclass
class World:
    studio: Studio
    market: Market
    audit: Audit
    period: Period


@pytest.fixture
def world(chain: Rpc, postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[World]:
    market = Market.open(chain, tmp_path)
    node = make_market_node(tmp_path / "node", postgres, market).start()
    artist = Person(Account.from_key(market.artist_key))
    studio = studio_of(tmp_path / "profile", node, artist)
    try:
        with artist.sign_in(node.url) as client:
            song = list_song(client, seed=43)
        market.register(song["contentHash"], price=10**16 + 1)
        for number, listener in enumerate(market.listeners):
            listener.pay_stream(song["songId"], number + 1)
            listener.tip(song["songId"], 10**17 + number)
        assert market.split is not None
        market.artist.transact(market.ledger.distribute(market.payee, market.split, True))
        market.listeners[0].tip(song["songId"], 12345)
        wait_until_indexed(studio, 2 * len(market.listeners) + 1, 2)
        head = chain.head()
        assert head is not None
        today = from_unix(head.timestamp).date()
        audit = Audit(studio.database, lambda: chain, lambda: market.deployment, studio.reports.source, lambda: 1)
        yield World(studio, market, audit, Period(date(2020, 1, 1), today + timedelta(days=1)))
    finally:
        studio.close()
        node.stop()


def test_true_rows_agree_and_every_tampered_one_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_chain, "MOST_BLOCKS", 5)
    report = world.audit.run(world.period, Work())
    assert report.agrees, (report.verdict, report.differences, report.checks)
    gross, fee, net = world.market.chain_figures()
    (sums,) = report.chain.values()
    assert (sums.gross, sums.fee, sums.net) == (gross, fee, net)
    assert report.servers == ("127.0.0.1",) and len(report.how) == 5
    assert report.proven == report.records > 0
    assert any(
        check.name.startswith("Contract, held") and check.chain == 12345 - 12345 // 100 for check in report.checks
    )

    words = "\n".join(as_words(report))
    assert words.startswith("Everything agrees") and "Not checked:" in words
    assert json.loads(json.dumps(as_data(report)))["agrees"] is True

    tamperings = [
        ("UPDATE payment SET net_rem = net_rem + 1 WHERE key = (SELECT min(key) FROM payment)", Fault.ALTERED),
        ("UPDATE payment SET type = 'voucher' WHERE key = (SELECT max(key) FROM payment)", Fault.ALTERED),
        ("UPDATE payment SET listener = (SELECT min(id) FROM party) WHERE type = 'tip'", Fault.ALTERED),
        ("DELETE FROM payment WHERE key = (SELECT min(key) FROM payment)", Fault.MISSING),
        ("UPDATE payment SET log_index = 99 WHERE key = (SELECT min(key) FROM payment)", Fault.INVENTED),
        (
            f"CREATE TEMP TABLE twice AS {ONE}; UPDATE twice SET key = key + 1000; INSERT INTO payment {TWICE}; DROP TABLE twice",
            Fault.DOUBLED,
        ),
        ("UPDATE payout SET amount_gwei = amount_gwei - 1 WHERE item = 0", Fault.ALTERED),
        ("DELETE FROM payout WHERE item = 1", Fault.MISSING),
        ("UPDATE split SET shares = replace(shares, '9000', '8000')", Fault.ALTERED),
        ("DELETE FROM split", Fault.MISSING),
    ]
    for statement, fault in tamperings:
        with world.studio.database.write() as db:
            db.execute("CREATE TEMP TABLE keep_payment AS SELECT * FROM payment")
            db.execute("CREATE TEMP TABLE keep_payout AS SELECT * FROM payout")
            db.execute("CREATE TEMP TABLE keep_split AS SELECT * FROM split")
            for part in statement.split(";"):
                db.execute(part)
        found = world.audit.run(world.period, Work(), offline=True)
        assert fault in {difference.fault for difference in found.differences}, statement
        assert not found.agrees and "does not agree" in found.verdict
        assert any(fault.value in line for line in as_words(found)[2:])
        with world.studio.database.write() as db:
            for table in ("payment", "payout", "split"):
                db.execute(f"DELETE FROM {table}")
                db.execute(f"INSERT INTO {table} SELECT * FROM keep_{table}")
                db.execute(f"DROP TABLE keep_{table}")
    with world.studio.database.write() as db:
        rollups.INCOME.add(db, {rollups.INCOME.days(db)[-1]: (0, 1, *(0,) * 7)})
    found = world.audit.run(world.period, Work(), offline=True)
    assert [check.name for check in found.checks if not check.equal] == ["Dashboard, net"]


def test_it_goes_on_where_it_was_stopped_and_reads_only_what_is_new(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_chain, "MOST_BLOCKS", 4)
    with pytest.raises(NotRead):
        world.audit.run(world.period, Work(), offline=True)
    work = Work()

    logs = Rpc.logs

    def second_cancels(rpc: Rpc, first: int, last: int, addresses: list[str]) -> object:
        if first > world.market.deployment.block:
            work.token.cancel()
        return logs(rpc, first, last, addresses)

    monkeypatch.setattr(Rpc, "logs", second_cancels)
    with pytest.raises(Cancelled):
        world.audit.run(world.period, work)
    reached = chain_logs.read_to(world.studio.database.read(), 31337, world.market.ledger.address)
    assert reached is not None
    asked: list[int] = []

    def noted(rpc: Rpc, first: int, last: int, addresses: list[str]) -> object:
        asked.append(first)
        return logs(rpc, first, last, addresses)

    monkeypatch.setattr(Rpc, "logs", noted)
    assert world.audit.run(world.period, Work()).agrees
    assert min(asked) == reached.block + 1
    asked.clear()
    assert world.audit.run(world.period, Work()).agrees and asked == []
    assert world.audit.run(world.period, Work(), fresh=True).agrees and min(asked) == world.market.deployment.block


def test_a_server_that_gives_few_logs_at_once_is_asked_for_fewer_blocks(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = Rpc.logs

    def stingy(rpc: Rpc, first: int, last: int, addresses: list[str]) -> object:
        if last - first > 3:
            raise RpcRefused("eth_getLogs", -32005, "query returned more than 3 results")
        return logs(rpc, first, last, addresses)

    monkeypatch.setattr(Rpc, "logs", stingy)
    assert world.audit.run(world.period, Work()).agrees


def test_a_server_that_leaves_logs_out_is_found_by_the_contracts_own_balance(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = Rpc.logs
    monkeypatch.setattr(Rpc, "logs", lambda *args: logs(*args)[:-1])
    report = world.audit.run(world.period, Work())
    assert [c.name for c in report.checks if not c.equal and c.name.startswith("Contract")]
    assert Fault.INVENTED in {difference.fault for difference in report.differences}


ALTERATIONS = {
    "block_time": "block_time + 1",
    "block_hash": "'0x' || substr(block_hash, 4) || '0'",
    "tx_index": "tx_index + 1",
    "address": "(SELECT address FROM party LIMIT 1)",
    "topics": "zeroblob(length(topics))",
    "data": "zeroblob(length(data) + 1)",
    "log_index": "log_index + 1000",
}


def test_a_kept_record_that_was_changed_no_longer_fits_its_proof(world: World) -> None:
    """The proofs are kept too: what was read is checked again without a network."""
    assert world.audit.run(world.period, Work()).agrees
    database = world.studio.database
    rows = list(chain_logs.rows(database.read(), 31337, world.market.ledger.address))
    kept = chain_logs.proofs(database.read(), 31337, world.market.ledger.address)
    watched = audit_chain.addresses_of(world.market.deployment)
    assert audit_chain.check(rows, kept, watched) == (len(rows), 0, ())
    assert audit_chain.check(rows, {}, watched)[:2] == (0, len(rows))
    for column, value in ALTERATIONS.items():
        with database.write() as db:
            db.execute("SAVEPOINT sound")
            db.execute(f"UPDATE chain_log SET {column} = {value} WHERE block = (SELECT max(block) FROM chain_log)")
            changed = list(chain_logs.rows(db, 31337, world.market.ledger.address))
            db.execute("ROLLBACK TO sound")
            db.execute("RELEASE sound")
        _proven, _bare, wrong = audit_chain.check(changed, kept, watched)
        assert [(each.fault, each.kind) for each in wrong] == [(Fault.UNPROVEN, "record")], column
    with database.write() as db:
        db.execute(
            "UPDATE chain_log SET data = zeroblob(length(data)) WHERE block = (SELECT max(block) FROM chain_log)"
        )
    report = world.audit.run(world.period, Work(), offline=True)
    assert not report.agrees and "not proven" in report.verdict


def test_a_server_whose_records_do_not_fit_their_receipts_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = Rpc.logs
    monkeypatch.setattr(Rpc, "logs", lambda *args: tuple(replace(each, data=each.data[::-1]) for each in logs(*args)))
    with pytest.raises(ServerContradicts):
        world.audit.run(world.period, Work())


def test_two_servers_must_give_the_same_records(world: World, anvil: LocalChain) -> None:
    two = Rpc([anvil.url, anvil.url.replace("127.0.0.1", "localhost")], chain_id=31337)
    audit = replace(world.audit, rpc=lambda: two)
    with two:
        report = audit.run(world.period, Work())
        assert report.agrees and report.servers == ("127.0.0.1", "localhost")

        class Differing(Rpc):
            def logs_of_each(self, first: int, last: int, addresses: object) -> list[tuple[Log, ...]]:
                found = super().logs_of_each(first, last, addresses)  # type: ignore[arg-type]
                return [found[0], found[1][:-1]]

        with Differing(two.urls) as differing, pytest.raises(ServersDisagree):
            replace(audit, rpc=lambda: differing).run(world.period, Work(), fresh=True)


def test_without_a_chain_server_it_says_so_and_offline_works(world: World, tmp_path: Path) -> None:
    world.audit.run(world.period, Work())
    with Rpc(["http://127.0.0.1:9"], chain_id=31337, timeout=1) as gone:
        lost = Audit(
            world.studio.database, lambda: gone, lambda: world.market.deployment, world.studio.reports.source, lambda: 1
        )
        with pytest.raises(ChainUnreachable):
            lost.run(world.period, Work())
        report = lost.run(world.period, Work(), offline=True)
    assert report.agrees and report.servers == ()
    with pytest.raises(CannotAudit):
        Audit(world.studio.database, lambda: gone, lambda: None, world.studio.reports.source, lambda: 1).run(
            world.period, Work()
        )
