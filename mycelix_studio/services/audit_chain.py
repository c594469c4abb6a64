"""What an audit reads from chain servers: every log of the contracts, each with the proof that it is in its block.

For each block with a log of ours the header and all receipts are fetched; the receipts must give the root in the header, the header its
hash, and the logs in the receipts must be those the server gave for the range, none more and none less. Header and paths are kept, so
that all of it is checked again without a network. With two servers both must give the same logs.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from mycelix_studio.domain.audit import Difference, Fault
from mycelix_studio.domain.clock import from_unix
from mycelix_studio.errors import Known
from mycelix_studio.services.jobs import Work
from mycelix_studio.store import chain_logs
from mycelix_studio.store.chain_logs import LogRow, ProofRow, ReadTo, ReceiptRow
from mycelix_studio.store.connection import Database

if TYPE_CHECKING:
    from mycelix_studio.chain.artifacts import Deployment
    from mycelix_studio.chain.proofs import BlockProof
    from mycelix_studio.chain.rpc import Head, Json, Log, Rpc

log = logging.getLogger(__name__)

MOST_BLOCKS: Final = 10_000
HEADERS_AT_ONCE: Final = 100
CONTRACTS: Final = ("Ledger", "PatronageStrategy", "AuctionStrategy", "GiftEconomyStrategy")
"""Contracts whose logs are read, the Ledger first."""


class CannotAudit(Known):
    """There is nothing to audit, or nothing to audit it with."""


class ServerContradicts(CannotAudit):
    """A chain server said things that do not fit together."""

    def __init__(self, what: str) -> None:
        super().__init__(
            "The chain server contradicts itself",
            f"It says: {what}. Nothing of that part was kept.",
            "Choose another chain server in Settings and audit anew.",
        )


@dataclass(frozen=True, slots=True)
class _Range:
    """What was read of a range of blocks."""

    rows: list[LogRow]
    proofs: list[ProofRow]
    head: Head


def addresses_of(deployment: Deployment) -> tuple[str, ...]:
    """Return the addresses of the contracts that are there, the Ledger first."""
    return tuple(deployment.contracts[name] for name in CONTRACTS if name in deployment.contracts)


def read(
    database: Database, rpc: Rpc, deployment: Deployment, confirmations: int, work: Work, *, fresh: bool = False
) -> None:
    """Read and keep the logs that are final and not kept yet, a range of blocks at a time.

    Raises:
        CannotAudit: Nothing is final yet, or the server contradicts itself.
        ChainUnreachable: No chain server answers.
        ServersDisagree: Two servers gave different logs.
        Cancelled: Stopped between two ranges.
    """
    from mycelix_studio.chain.rpc import RpcRefused

    ledger, chain, addresses = deployment.address("Ledger"), deployment.chain_id, addresses_of(deployment)
    kept = chain_logs.read_to(database.read(), chain, ledger)
    if kept is not None and (fresh or kept.addresses != addresses or not _still_there(rpc, kept)):
        with database.write() as db:
            chain_logs.forget(db, chain, ledger)
        kept = None
    last = rpc.block_number() - confirmations + 1
    if kept is None and last < deployment.block:
        raise CannotAudit(
            "Too early to audit", "No block with the contracts is final yet.", "Wait some blocks, then audit again."
        )
    first = deployment.block if kept is None else kept.block + 1
    span, start = MOST_BLOCKS, first
    while start <= last:
        work.progress(start - deployment.block, last - deployment.block + 1, "Reading the chain")
        end = min(start + span - 1, last)
        try:
            found = _range(rpc, addresses, start, end, work)
        except RpcRefused:
            if span == 1:
                raise
            span = max(1, span // 4)  # more than this server gives at once
            continue
        to = ReadTo(deployment.block, found.head.number, found.head.hash, found.head.timestamp, addresses)
        with database.write() as db:
            chain_logs.add(db, (chain, ledger), found.rows, found.proofs, to)
        start = end + 1


def _still_there(rpc: Rpc, kept: ReadTo) -> bool:
    head = rpc.head(kept.block)
    return head is not None and head.hash == kept.block_hash


def _range(rpc: Rpc, addresses: Sequence[str], first: int, last: int, work: Work) -> _Range:
    from mycelix_studio.chain.rpc import parse_head
    from mycelix_studio.chain.values import checksum

    found = _agreed_logs(rpc, first, last, addresses)
    numbers = sorted({entry.block_number for entry in found} | {last})
    raw: dict[int, Json] = {}
    heads: dict[int, Head] = {}
    for start in range(0, len(numbers), HEADERS_AT_ONCE):
        part = numbers[start : start + HEADERS_AT_ONCE]
        for number, answer in zip(
            part, rpc.batch([("eth_getBlockByNumber", (hex(number), False)) for number in part]), strict=True
        ):
            raw[number], heads[number] = answer, parse_head(answer)
    for entry in found:
        if entry.removed or heads[entry.block_number].hash != entry.block_hash:
            raise CannotAudit("The chain moved while it was read", "Nothing of that part was kept.", "Audit again.")
    rows = [
        LogRow(
            e.block_number,
            e.log_index,
            heads[e.block_number].timestamp,
            e.block_hash,
            e.tx_hash,
            e.tx_index,
            checksum(e.address),
            b"".join(e.topics),
            e.data,
        )
        for e in found
    ]
    return _Range(rows, _proofs(rpc, raw, rows, addresses, work), heads[last])


def _agreed_logs(rpc: Rpc, first: int, last: int, addresses: Sequence[str]) -> tuple[Log, ...]:
    """Return the logs of a range; with several servers, only if they give the same."""
    from mycelix_studio.chain.rpc import ServersDisagree

    found = rpc.logs(first, last, addresses)
    if len(rpc.urls) > 1:
        for other in rpc.logs_of_each(first, last, addresses):
            if other != found:
                what = f"the records of blocks {first:,} to {last:,}"
                raise ServersDisagree(what, f"{len(found):,} records", f"{len(other):,} records, or others")
    return found


def _proofs(
    rpc: Rpc, headers: Mapping[int, Json], rows: Sequence[LogRow], addresses: Sequence[str], work: Work
) -> list[ProofRow]:
    """Return the proofs of the blocks that have logs; blocks that cannot be proven with this server are left out."""
    from mycelix_studio.chain import proofs
    from mycelix_studio.chain.rpc import RpcRefused
    from mycelix_studio.chain.values import require_list, require_object, require_text

    by_block: dict[int, list[LogRow]] = {}
    for row in rows:
        by_block.setdefault(row.block, []).append(row)
    found = []
    for done, (block, own) in enumerate(by_block.items()):
        work.progress(done, len(by_block), "Proving what was read")
        hashes = [require_text(tx) for tx in require_list(require_object(headers[block])["transactions"])]
        try:
            receipts = proofs.receipts_of(rpc, block, hashes)
            proof = proofs.prove(headers[block], receipts, {row.tx_index for row in own})
        except (RpcRefused, proofs.UnknownHeader, KeyError, ValueError) as error:
            log.info("block %d cannot be proven: %s", block, error)
            continue
        except proofs.NotProven as error:
            raise ServerContradicts(str(error)) from error
        if (wrong := _wrong(proof, own, addresses)) is not None:
            raise ServerContradicts(f"record {wrong.log_index} of block {block} is not as its receipt has it")
        every = sum(require_text(require_object(item)["address"]).lower() in _lower(addresses)
                    for receipt in receipts for item in require_list(require_object(receipt)["logs"]))  # fmt: skip
        if every != len(own):
            raise ServerContradicts(f"block {block} has {every} records of the contracts, not {len(own)}")
        paths = tuple(ReceiptRow(n, proof.first_log[n], path) for n, path in sorted(proof.receipts.items()))
        found.append(ProofRow(block, proof.header, paths))
    return found


def check(
    rows: Iterable[LogRow], kept: Mapping[int, ProofRow], addresses: Sequence[str]
) -> tuple[int, int, tuple[Difference, ...]]:
    """Check kept logs against their kept proofs, without a network.

    Returns:
        How many logs are proven, how many have no proof, and those that do not fit theirs.
    """
    by_block: dict[int, list[LogRow]] = {}
    for row in rows:
        by_block.setdefault(row.block, []).append(row)
    proven = bare = 0
    differences = []
    for block, own in by_block.items():
        if block not in kept:
            bare += len(own)
            continue
        wrong = _wrong(_proof(kept[block], own[0].block_hash), own, addresses)
        if wrong is None:
            proven += len(own)
        else:
            when = from_unix(wrong.block_time)
            differences.append(Difference(Fault.UNPROVEN, "record", block, wrong.log_index, 0, wrong.tx, when, 0))
    differences += [  # proofs are kept only of blocks with records
        Difference(Fault.UNPROVEN, "record", block, 0, 0, "", _time_of(kept[block]), 0)
        for block in sorted(kept.keys() - by_block.keys())
    ]
    return proven, bare, tuple(differences)


def _time_of(row: ProofRow) -> datetime:
    """Return the time in a kept header, the beginning of time where it cannot be read."""
    from mycelix_studio.chain import proofs

    try:
        return from_unix(proofs.time_of(_proof(row, "")))
    except (proofs.NotProven, ValueError, OverflowError, OSError):
        return from_unix(0)


def _proof(row: ProofRow, block_hash: str) -> BlockProof:
    from mycelix_studio.chain.proofs import BlockProof

    paths = {each.tx_index: each.path for each in row.receipts}
    first = {each.tx_index: each.first_log for each in row.receipts}
    return BlockProof(row.block, block_hash, row.header, paths, first)


def _wrong(proof: BlockProof, own: Sequence[LogRow], addresses: Sequence[str]) -> LogRow | None:
    """Return the first of a block's logs that its proof does not bear out; None when all hold and none is left out."""
    from mycelix_studio.chain import proofs

    watched = _lower(addresses)
    try:
        when = proofs.time_of(proof)
        proven = {
            (index, proof.first_log[index] + place): entry
            for index in proof.receipts
            for place, entry in enumerate(proofs.logs_of(proof, index))
            if entry.address.lower() in watched
        }
    except proofs.NotProven as error:
        log.warning("%s", error)
        return own[0]
    for row in own:
        entry = proven.pop((row.tx_index, row.log_index), None)
        told = (row.address, row.topics, row.data, row.block_hash, row.block_time)
        if entry is None or told != (entry.address, b"".join(entry.topics), entry.data, proof.hash, when):
            return row
    return own[-1] if proven else None


def _lower(addresses: Sequence[str]) -> frozenset[str]:
    return frozenset(address.lower() for address in addresses)
