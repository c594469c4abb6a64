"""`faults reorg`: a worker follows a chain that is reorganised 300 times, to depths of 1 to 300, while it is killed 30 times.

The worker is a real process and dies by SIGKILL wherever it stands. Now and then, and at the end, its tables are compared with those
of an index made anew. At last it meets what lies past its limit: no block it remembers is on the chain any more.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from mycelix_studio.deploy.local import LocalChain
from mycelix_studio.node.db.migrations import migrate
from mycelix_studio.node.embedded import EmbeddedPostgres
from tests.bench.rows import Row
from tests.fixtures.indexing import catch_up, config_of, tables
from tests.fixtures.indexing import run as run_indexer
from tests.fixtures.market import Market
from tests.fixtures.market_ways import Ways
from tests.fixtures.postgres import new_database

DEEPEST = 300


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Reorganise and kill; ``large`` three times as often."""
    reorgs, kills = (900, 90) if large else (300, 30)
    with tempfile.TemporaryDirectory(prefix="faults-reorg-") as name:
        folder = Path(name)
        server = EmbeddedPostgres(folder / "postgres")
        server.start()
        try:
            # By default anvil forgets the states of older blocks, and goes back to empty ones.
            with LocalChain.start(options=("--prune-history", "100000")) as chain, chain.rpc() as rpc:
                ways = Ways(Market.open(rpc, folder, listeners=4)).open()
                rpc.request("anvil_mine", hex(DEEPEST + 20))
                storm = _Storm(ways, server, folder, random.Random(seed))
                try:
                    storm.blow(reorgs, kills)
                    storm.past_the_limit()
                finally:
                    storm.kill()
        finally:
            server.stop()
    yield Row("reorganisations", storm.reorgs, "", reorgs, ">=")
    yield Row("  deepest, in blocks", storm.deepest, "", DEEPEST, ">=")
    yield Row("  taken back by the worker", storm.noticed)
    yield Row("restarts after SIGKILL", storm.kills, "", kills, ">=")
    yield Row("events in the end", storm.events)
    yield Row("comparisons with a fresh index", storm.compared, "", 5, ">=")
    yield Row("tables that differ", storm.different, "", 0, "<=")
    yield Row("rebuilt past its limit", storm.rebuilt, "", 2, ">=")
    yield Row("slowest return to the head, in seconds", max(storm.seconds), "s")


@dataclass
class _Storm:
    ways: Ways
    server: EmbeddedPostgres
    folder: Path
    dice: random.Random
    reorgs: int = 0
    deepest: int = 0
    kills: int = 0
    noticed: int = 0
    compared: int = 0
    different: int = 0
    rebuilt: int = 0
    events: int = 0
    seconds: list[float] = field(default_factory=lambda: [0.0])
    worker: subprocess.Popen[bytes] | None = None
    database: str = ""

    def __post_init__(self) -> None:
        self.database = new_database(self.server)
        migrate(self.database)

    def blow(self, reorgs: int, kills: int) -> None:
        """Reorganise to every depth, in any order, with kills spread over it."""
        depths = [1 + number % DEEPEST for number in range(reorgs)]
        self.dice.shuffle(depths)
        killed = set(self.dice.sample(range(reorgs), kills))
        self.start()
        for number, depth in enumerate(depths):
            self.reorganise(depth)
            if number in killed:
                # Somewhere within what it does about it.
                time.sleep(self.dice.uniform(0, 0.15))
                self.kill()
                self.kills += 1
                self.start()
            if number % 10 == 9 or number in killed:
                self.caught_up()
            if number % (reorgs // 4) == reorgs // 4 - 1:
                self.compare()
        self.caught_up()
        self.compare()
        self.noticed = self.number("SELECT reorganisations FROM chain_heads")
        self.events = self.number("SELECT count(*) FROM chain_events")

    def past_the_limit(self) -> None:
        """Take the memory of all but the newest block away, then reorganise; and let the tables contradict the place reached."""
        self.caught_up()
        self.kill()
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute("DELETE FROM chain_blocks WHERE number < (SELECT max(number) FROM chain_blocks)")
        self.reorganise(30)
        self.start()
        self.caught_up()
        self.rebuilt += self.compare()
        self.kill()
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute("UPDATE chain_heads SET indexed = indexed - 200")
            connection.execute("DELETE FROM chain_blocks WHERE number > (SELECT indexed FROM chain_heads)")
        self.start()
        self.caught_up()
        self.rebuilt += self.compare()

    def reorganise(self, depth: int) -> None:
        """Take blocks back and build other, longer ones on what is left."""
        market = self.ways.market
        market.rpc.request("anvil_rollback", depth)
        for person in (market.artist, *(listener.sender for listener in market.listeners)):
            person._nonce = None
        for address in self.ways.nonces:
            self.ways.nonces[address] += 65
        self.ways.live(self.dice.randrange(2**31), 2, time=False)
        market.rpc.request("anvil_mine", hex(depth + 1))
        self.reorgs += 1
        self.deepest = max(self.deepest, depth)

    def start(self) -> None:
        """Start the worker."""
        environment = {
            **os.environ,
            "MYCELIX_ROLE": "worker",
            "MYCELIX_DATABASE_URL": self.database,
            "MYCELIX_DATA_DIR": str(self.folder / "data"),
            "MYCELIX_RPC_URL": self.ways.market.rpc.urls[0],
            "MYCELIX_DEPLOYMENT": str(self.ways.market.deployment_file),
            "MYCELIX_CHAIN_ID": "31337",
            "MYCELIX_POLL_SECONDS": "0.05",
            "MYCELIX_INDEX_RANGE": str(self.dice.choice((3, 40, 2_000))),
        }
        with (self.folder / "worker.log").open("ab") as log:
            self.worker = subprocess.Popen(
                [sys.executable, "-m", "mycelix_studio.node"], env=environment, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """Kill the worker."""
        if self.worker is not None:
            self.worker.send_signal(signal.SIGKILL)
            self.worker.wait()
            self.worker = None

    def caught_up(self) -> None:
        """Wait until the worker stands on the chain's head."""
        started = time.monotonic()
        head = self.ways.market.rpc.head()
        assert head is not None
        with psycopg.connect(self.database, autocommit=True) as connection:
            while time.monotonic() - started < 60:
                row = connection.execute("SELECT hash FROM chain_blocks WHERE number = %s", (head.number,)).fetchone()
                if row == (head.hash,):
                    self.seconds.append(time.monotonic() - started)
                    return
                time.sleep(0.01)
        raise AssertionError(
            f"the worker does not come to the head: {(self.folder / 'worker.log').read_text()[-3000:]}"
        )

    def compare(self) -> int:
        """Compare the tables with those of a fresh index and return 1 when they are equal."""
        self.caught_up()
        fresh = new_database(self.server)
        migrate(fresh)
        run_indexer(config_of(self.ways.market, self.folder), fresh, catch_up)
        mine, other = tables(self.database), tables(fresh)
        wrong = [name for name in mine if mine[name] != other[name]]
        self.compared += 1
        self.different += len(wrong)
        return int(not wrong)

    def number(self, query: str) -> int:
        with psycopg.connect(self.database) as connection:
            row = connection.execute(query).fetchone()  # type: ignore[call-overload]
        return int(row[0])
