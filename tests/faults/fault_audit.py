"""Rows altered, left out, invented and doubled in a real cache: the audit's comparison finds each one and nothing else."""

from __future__ import annotations

import random
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.bench.rows import Row

FAULTS = 1_000
START = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = tuple("0x" + f"{number:02X}" * 20 for number in range(1, 9))
NOT_JUDGED = {"key", "chain_id"}


def run(*, large: bool, seed: int) -> Iterator[Row]:
    """Tamper with one thing at a time and compare with the chain's rows."""
    from mycelix_studio.domain.audit import Fault, compare
    from mycelix_studio.domain.wire import PaymentRecord, PayoutRecord, SplitRecord
    from mycelix_studio.store import synced
    from mycelix_studio.store.migrations import open_database

    rng = random.Random(seed)
    count = FAULTS * (10 if large else 1)
    kinds: tuple[type[Any], ...] = (PaymentRecord, PayoutRecord, SplitRecord)
    found = missed = wrong_kind = alarms = 0
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(Path(folder) / "studio.sqlite")
        with database.write() as db:
            synced.begin(db, "https://music.example", PEOPLE[0])
            synced.apply(db, _page(rng))
        true = {kind: synced.records(database.read(), kind) for kind in kinds}
        for number in range(count):
            with database.write() as db:
                db.execute("SAVEPOINT sound")
                kind = rng.choice(kinds)
                expected = _tamper(db, kind.kind, rng)
                differences = compare(true[kind], synced.records(db, kind))
                db.execute("ROLLBACK TO sound")
                db.execute("RELEASE sound")
            faults = {difference.fault for difference in differences}
            found += bool(differences)
            missed += not differences
            wrong_kind += expected not in faults
            if number % 10 == 0:
                alarms += sum(bool(compare(true[k], synced.records(database.read(), k))) for k in kinds)
        database.close()
    del Fault
    yield Row("rows tampered with", count, "count", FAULTS, ">=")
    yield Row("found", found, "count", count, ">=")
    yield Row("not found", missed, "count", 0, "<=")
    yield Row("found as something else", wrong_kind, "count", 0, "<=")
    yield Row("false alarms", alarms, "count", 0, "<=")
    tried, noticed, records, wrong = _kept_records(rng, count // 2)
    yield Row("kept records, headers and paths tampered with", tried, "count", FAULTS // 2, ">=")
    yield Row("that no longer fit their proof", noticed, "count", tried, ">=")
    yield Row("records of the chain proven", records, "count", 100, ">=")
    yield Row("of these not proven as they are", wrong, "count", 0, "<=")
    tried, noticed, lists, wrong = _voucher_songs(rng, count // 2)
    yield Row("songs of vouchers tampered with", tried, "count", FAULTS // 2, ">=")
    yield Row("songs found", noticed, "count", tried, ">=")
    yield Row("lists proven by their hash", lists, "count", 10, ">=")
    yield Row("false alarms about songs", wrong, "count", 0, "<=")


def _voucher_songs(rng: random.Random, count: int) -> tuple[int, int, int, int]:
    """Tamper with one song of a voucher at a time; return how often it was noticed, and what is said of the sound ones.

    Which song it is can be told by the hash alone, so it is changed only where a voucher pays nobody else.
    """
    from mycelix_studio.chain.values import keccak
    from mycelix_studio.domain.audit import Signed
    from mycelix_studio.domain.money import Wei
    from mycelix_studio.domain.period import Period
    from mycelix_studio.domain.vouchers import Play, net_by_song, pack_plays
    from mycelix_studio.domain.wire import PaymentRecord, SyncPage, VoucherSongRecord
    from mycelix_studio.services.audit_songs import judge
    from mycelix_studio.store import synced
    from mycelix_studio.store.migrations import open_database

    signed: dict[tuple[int, int], Signed] = {}
    whole: set[int] = set()
    rows: list[Any] = []
    for n in range(1, 31):
        at, others = START + timedelta(hours=n), n % 3 == 0
        plays = [
            Play(f"0x{song:064x}", rng.randint(1, 9), Wei(rng.randint(1, 10**18)))
            for song in rng.sample(range(1, 40), 4)
        ]
        key, listener = rng.randint(10**6, 10**7) + n, rng.choice(PEOPLE)
        gross, bps = sum(play.amount for play in plays), rng.randint(0, 1_000)
        fee = gross * bps // 10_000
        rows.append(
            PaymentRecord(
                n, 100, n, at, f"0x{n:064x}", 2, 0, listener, 7, None, "pay-per-stream", "voucher",
                sum(play.count for play in plays), gross, fee, gross - fee,
            )
        )  # fmt: skip
        nets = net_by_song([(play.song_id, 7, play.amount) for play in plays], {7: bps})
        rows += [
            VoucherSongRecord(key + 100 * m, n, at, listener, play.song_id, play.count, play.amount, nets[play.song_id])
            for m, play in enumerate(plays)
        ]
        whole |= set() if others else {n}
        signed[n, 2] = Signed("0x" + keccak(pack_plays(plays)).hex(), gross + others, {0: bps})
    period = Period(START.date(), START.date() + timedelta(days=40))
    noticed = 0
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(Path(folder) / "studio.sqlite")
        with database.write() as db:
            synced.begin(db, "https://music.example", PEOPLE[0])
            synced.apply(db, SyncPage(tuple(rows), "c", False, START + timedelta(days=40)))
        payments = synced.records(database.read(), PaymentRecord)
        sound = judge(payments, synced.records(database.read(), VoucherSongRecord), signed, period)
        for _ in range(count):
            with database.write() as db:
                db.execute("SAVEPOINT sound")
                key, payment = rng.choice(db.execute("SELECT key, payment FROM voucher_song").fetchall())
                columns = [row[1] for row in db.execute("PRAGMA table_info(voucher_song)") if row[1] != "key"]
                column = rng.choice([name for name in columns if name != "song" or payment in whole])
                what = rng.choice(("leave out", "double", "alter", "alter", "alter"))
                if what == "leave out":
                    db.execute("DELETE FROM voucher_song WHERE key = ?", (key,))
                elif what == "double":
                    names = ", ".join(columns)
                    double = (
                        f"INSERT INTO voucher_song (key, {names}) SELECT -key, {names} FROM voucher_song WHERE key = ?"
                    )
                    db.execute(double, (key,))
                else:
                    _alter(db, "voucher_song", column, key, rng)
                found = judge(payments, synced.records(db, VoucherSongRecord), signed, period)
                db.execute("ROLLBACK TO sound")
                db.execute("RELEASE sound")
            noticed += bool(found.differences)
        database.close()
    return count, noticed, sound.proven, len(sound.differences)


def _kept_records(rng: random.Random, count: int) -> tuple[int, int, int, int]:
    """Tamper with what an audit keeps of the chain, one thing at a time; return how often it was noticed, and how many are sound."""
    from mycelix_studio.chain import proofs
    from mycelix_studio.chain.values import checksum
    from mycelix_studio.services import audit_chain
    from mycelix_studio.store import chain_logs
    from mycelix_studio.store.chain_logs import LogRow, ProofRow, ReadTo, ReceiptRow
    from mycelix_studio.store.migrations import open_database
    from tests.unit.chain.blocks import block

    contract, of = checksum("0x" + "c0" * 20), (100, "0xledger")
    rows, kept = [], []
    for number in range(1, 41):
        made = block(number, rng, contract)
        wanted, place = {}, 0
        for index, raw in enumerate(made.receipts):
            for log in raw["logs"]:  # type: ignore[index]
                if log["address"] == contract:
                    wanted[index] = True
                    topics = b"".join(bytes.fromhex(topic[2:]) for topic in log["topics"])
                    rows.append(
                        LogRow(number, place, int(str(made.header["timestamp"]), 16), str(made.header["hash"]), raw["transactionHash"],  # type: ignore[index]
                               index, contract, topics, bytes.fromhex(log["data"][2:]))
                    )  # fmt: skip
                place += 1
        if not wanted:
            continue
        proof = proofs.prove(made.header, made.receipts, wanted)
        paths = tuple(ReceiptRow(n, proof.first_log[n], path) for n, path in sorted(proof.receipts.items()))
        kept.append(ProofRow(number, proof.header, paths))
    noticed = 0
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(Path(folder) / "studio.sqlite")
        with database.write() as db:
            chain_logs.add(db, of, rows, kept, ReadTo(1, 40, "0x1", 1, (contract,)))

        def judged(db: sqlite3.Connection) -> tuple[int, int, tuple[Any, ...]]:
            return audit_chain.check(chain_logs.rows(db, *of), chain_logs.proofs(db, *of), (contract,))

        sound = judged(database.read())
        for _ in range(count):
            with database.write() as db:
                db.execute("SAVEPOINT sound")
                _tamper_kept(db, rng)
                _proven, bare, wrong = judged(db)
                db.execute("ROLLBACK TO sound")
                db.execute("RELEASE sound")
            # A header that is gone makes its records bare, which the report says; everything else is a difference.
            noticed += bool(wrong) or bare > sound[1]
        database.close()
    return count, noticed, sound[0], sound[1] + len(sound[2])


def _tamper_kept(db: sqlite3.Connection, rng: random.Random) -> None:
    table, columns = rng.choice(
        (
            ("chain_log", ("log_index", "block_time", "block_hash", "tx_index", "address", "topics", "data", "")),
            ("chain_header", ("header", "")),
            ("chain_receipt", ("first_log", "path", "")),
        )
    )
    key = "block, log_index" if table == "chain_log" else "block" if table == "chain_header" else "block, tx_index"
    row = rng.choice(db.execute(f"SELECT {key} FROM {table}").fetchall())
    where = " AND ".join(f"{name} = ?" for name in key.split(", "))
    column = rng.choice(columns)
    if not column:
        db.execute(f"DELETE FROM {table} WHERE {where}", tuple(row))
        return
    (before,) = db.execute(f"SELECT {column} FROM {table} WHERE {where}", tuple(row)).fetchone()
    after: object = before + rng.choice((100, 1_000)) if isinstance(before, int) else before
    if isinstance(before, bytes):
        place = rng.randrange(len(before)) if before else 0
        after = before[:place] + bytes([before[place] ^ 1]) + before[place + 1 :] if before else b"0"
    elif isinstance(before, str):
        after = before[:-1] + ("0" if before[-1] != "0" else "1")
    db.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (after, *row))


def _page(rng: random.Random) -> Any:
    from mycelix_studio.domain import wire

    rows: list[wire.Record] = []
    for n in range(1, 61):
        gross = rng.randint(1, 10**20)
        rows.append(
            wire.PaymentRecord(
                n, 100, n, START + timedelta(hours=n), f"0x{n:064x}", n % 5, 0, rng.choice(PEOPLE), n % 3 + 1, "0x" + f"{n % 4:064x}",
                "pay-per-stream", "stream", n % 3 + 1, gross, gross // 100, gross - gross // 100,
            )
        )  # fmt: skip
        rows.append(
            wire.PayoutRecord(
                n,
                100,
                n,
                START + timedelta(hours=n),
                f"0x{n:064x}",
                9,
                n % 2,
                n % 3 + 1,
                rng.choice(PEOPLE),
                gross,
                n % 7 == 0,
            )
        )
    shares = (wire.WireShare(PEOPLE[0], 9_000, "artist"), wire.WireShare(PEOPLE[1], 1_000, "cello"))
    rows += [wire.SplitRecord(n, 100, n, START, f"0x{n:064x}", 0, n, f"0x{n}", 100, False, shares) for n in range(1, 6)]
    return wire.SyncPage(tuple(rows), "c", False, START + timedelta(days=30))


def _tamper(db: sqlite3.Connection, table: str, rng: random.Random) -> Any:
    from mycelix_studio.domain.audit import Fault

    key = rng.choice(db.execute(f"SELECT key FROM {table}").fetchall())[0]
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[1] not in NOT_JUDGED]
    what = rng.choice(("leave out", "double", "move", "alter", "alter", "alter"))
    if what == "leave out":
        db.execute(f"DELETE FROM {table} WHERE key = ?", (key,))
        return Fault.MISSING
    if what == "double":
        names = ", ".join(["chain_id", *columns])
        db.execute(f"INSERT INTO {table} (key, {names}) SELECT key + 1000, {names} FROM {table} WHERE key = ?", (key,))
        return Fault.DOUBLED
    if what == "move":
        db.execute(f"UPDATE {table} SET block = block + 5000 WHERE key = ?", (key,))
        return Fault.INVENTED
    column = rng.choice([name for name in columns if name not in {"block", "log_index", "item"}])
    _alter(db, table, column, key, rng)
    return Fault.ALTERED


def _alter(db: sqlite3.Connection, table: str, column: str, key: int, rng: random.Random) -> None:
    (before,) = db.execute(f"SELECT {column} FROM {table} WHERE key = ?", (key,)).fetchone()
    after: object
    if column in {"deferred", "locked"}:
        after = 1 - before
    elif column in {"listener", "recipient"}:
        after = rng.choice([row[0] for row in db.execute("SELECT id FROM party WHERE id <> ?", (before,))])
    elif column == "song":
        after = rng.choice([row[0] for row in db.execute("SELECT id FROM song_ref WHERE id <> ?", (before,))])
    elif column == "strategy":
        after = rng.choice([bit for bit in (0, 1, 2, 4, 8) if bit != before])
    elif column == "type":
        after = rng.choice([name for name in ("tip", "voucher", "renewal", "reward") if name != before])
    elif column == "shares":
        after = before.replace("9000", "8999").replace("1000", "1001")
    elif column.endswith("_rem"):
        after = (before + rng.randint(1, 10**9 - 1)) % 10**9
    elif isinstance(before, int):
        after = before + rng.choice((-1, 1, 7))
    else:
        after = before + "0"
    db.execute(f"UPDATE {table} SET {column} = ? WHERE key = ?", (after, key))
