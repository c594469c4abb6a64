"""The node's Prometheus series: each with help and unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from mycelix_studio import __version__

# A gauge beside each counter that says when it was made: noise, twice the size.
disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY: Final = CollectorRegistry()

_FAST: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


def _counter(name: str, text: str, *labels: str) -> Counter:
    return Counter(f"mycelix_{name}", text, labels, registry=REGISTRY)


def _gauge(name: str, text: str, *labels: str) -> Gauge:
    return Gauge(f"mycelix_{name}", text, labels, registry=REGISTRY)


def _histogram(name: str, text: str, *labels: str) -> Histogram:
    return Histogram(f"mycelix_{name}", text, labels, registry=REGISTRY, buckets=_FAST)


REQUESTS: Final = _counter(
    "http_requests_total", "Requests answered, by method, route and status.", "method", "route", "status"
)
REQUEST_SECONDS: Final = _histogram("http_request_seconds", "Seconds from request to last byte, by route.", "route")
REQUESTS_RUNNING: Final = _gauge("http_requests_running", "Requests being answered now.")
REQUEST_BYTES: Final = _counter("http_request_bytes_total", "Bytes of request bodies received.")
RESPONSE_BYTES: Final = _counter("http_response_bytes_total", "Bytes of response bodies sent.")
ERRORS: Final = _counter("errors_total", "Errors answered, by type of problem.", "type")
CRASHES: Final = _counter("crashes_total", "Requests that ended in a bug of the node.")
AUTH_FAILURES: Final = _counter("auth_failures_total", "Sign-ins and tokens refused, by reason.", "reason")
SIGN_INS: Final = _counter("sign_ins_total", "Sign-ins that succeeded.")
RATE_REFUSALS: Final = _counter("rate_limit_refusals_total", "Requests refused for their number, by limit.", "limit")
PLAYS: Final = _counter("plays_total", "Plays reported, by outcome.", "outcome")
PLAY_BATCH: Final = Histogram(
    "mycelix_play_batch_rows",
    "Plays written in one transaction.",
    registry=REGISTRY,
    buckets=(1, 10, 100, 500, 1_000, 5_000, 20_000),
)
PLAY_QUEUE: Final = _gauge("play_queue_rows", "Plays accepted by a request and waiting for their transaction.")
PAYMENTS: Final = _counter("payments_total", "Payments indexed, by type.", "type")
PAYMENT_GROSS: Final = _counter(
    "payment_gross_tokens_total", "Gross amount of payments indexed, in whole tokens, by type.", "type"
)
UPLOADS: Final = _counter("uploads_total", "Uploads ended, by outcome.", "outcome")
UPLOAD_BYTES: Final = _counter("upload_bytes_total", "Bytes of uploads written.")
PROBE_SECONDS: Final = _histogram("probe_seconds", "Seconds to look into one uploaded file.")
STORE_SECONDS: Final = _histogram(
    "store_seconds", "Seconds of operations on the audio store, by operation.", "operation"
)
AUDIO_BYTES: Final = _counter("audio_bytes_total", "Bytes of audio played back.")
AUDIO_DAMAGED: Final = _counter(
    "audio_damaged_total", "Readings of audio that were not what its CID says; none was sent."
)
AUDIO_REFUSALS: Final = _counter(
    "audio_refusals_total", "Playbacks refused for lack of access, by strategy.", "strategy"
)
SYNC_RECORDS: Final = _counter("sync_records_total", "Records sent to studios, by kind.", "kind")
SYNC_UNCHANGED: Final = _counter("sync_unchanged_total", "Sync requests answered with 304.")
QUERY_SECONDS: Final = _histogram("query_seconds", "Seconds a database transaction took, by name.", "query")
DATABASE_ERRORS: Final = _counter("database_errors_total", "Database failures, by type.", "type")
POOL_CONNECTIONS: Final = _gauge("pool_connections", "Connections of a pool, by state.", "pool", "state")
POOL_WAITING: Final = _gauge("pool_waiting", "Requests waiting for a connection.", "pool")
CACHE: Final = _counter("cache_total", "Look-ups in the node's caches, by cache and outcome.", "cache", "outcome")
INDEXER_BLOCK: Final = _gauge("indexer_block", "Last block indexed.", "chain")
INDEXER_LAG_BLOCKS: Final = _gauge(
    "indexer_lag_blocks", "Blocks between the chain's head and the last one indexed.", "chain"
)
INDEXER_LAG_SECONDS: Final = _gauge(
    "indexer_lag_seconds", "Seconds between the head's time and that of the last block indexed.", "chain"
)
INDEXER_AGE: Final = _gauge("indexer_age_seconds", "Seconds since the indexer last wrote how far it is.", "chain")
INDEXER_EVENTS: Final = _counter("indexer_events_total", "Contract events indexed, by name.", "event")
INDEXER_REORGS: Final = _counter("indexer_reorganisations_total", "Reorganisations rolled back.")
INDEXER_REORG_DEPTH: Final = _gauge("indexer_reorganisation_depth_blocks", "Blocks of the deepest reorganisation seen.")
INDEXER_ERRORS: Final = _counter("indexer_errors_total", "Failed rounds of the indexer, by type.", "type")
RPC_SECONDS: Final = _histogram("rpc_seconds", "Seconds of a call to the chain, by method.", "method")
ACTIVE: Final = _gauge("worker_active", "1 where this process holds the lock of a task.", "task")
VOUCHERS: Final = _counter("vouchers_total", "Vouchers brought, by outcome.", "outcome")
SETTLER_WAITING: Final = _gauge("settler_waiting_vouchers", "Vouchers that wait to be settled.")
SETTLER_OLDEST: Final = _gauge("settler_oldest_seconds", "Seconds the oldest voucher waits that could be settled.")
SETTLER_UNCOVERED: Final = _gauge(
    "settler_uncovered_vouchers", "Vouchers that wait because their purse holds too little."
)
SETTLER_BALANCE: Final = _gauge(
    "settler_balance_coins", "The settler's own network coin, for fees; NaN where there is no settler."
)
SETTLER_BALANCE.set(float("nan"))
SETTLER_BATCHES: Final = _counter("settler_batches_total", "Settling transactions, by what became of them.", "outcome")
SETTLER_VOUCHERS: Final = _counter(
    "settler_vouchers_total", "Vouchers in settling transactions, by outcome.", "outcome"
)
SETTLER_ERRORS: Final = _counter("settler_errors_total", "Failed rounds of the settler, by type.", "type")
ATTESTATIONS: Final = _counter("attestations_total", "Listens of gift songs signed for a listener.")
VIEW_AGE: Final = _gauge("view_age_seconds", "Seconds since the analytics were last brought up to date.")
FOLD_SECONDS: Final = _histogram("view_fold_seconds", "Seconds to fold new plays and payments into the analytics.")
FOLDED: Final = _counter("view_folded_plays_total", "Plays folded into the analytics.")
VIEW_QUEUE: Final = _gauge("view_queue_rows", "Changed songs and payments that wait to be folded into the analytics.")
STRATEGY_PAYMENTS: Final = _counter(
    "strategy_payments_total", "Payments indexed, by strategy of the payment.", "strategy"
)
STRATEGY_GROSS: Final = _counter(
    "strategy_gross_tokens_total", "Gross amount of payments indexed, in whole tokens, by strategy.", "strategy"
)
CLIENT_EVENTS: Final = _counter("client_events_total", "Events reported by studios that share how they are used.")
LISTENERS: Final = _gauge("listeners", "Accounts known to the node.")
EXPIRED: Final = _counter("expired_total", "Rows and files removed after their time, by kind.", "kind")


BUILD: Final = Info("mycelix_build", "Version of the node.", registry=REGISTRY)
BUILD.info({"version": __version__})
_OF_WORKERS: Final = frozenset(
    f"mycelix_{name}"
    for name in ("worker_active", "settler_oldest_seconds", "settler_uncovered_vouchers", "settler_balance_coins")
)
"""Gauges that only a worker can know."""


def text(others: Mapping[str, str] | None = None) -> bytes:
    """Return all series in Prometheus' text format.

    ``others`` is what processes without requests of their own count, by process, in the same format: their counters and histograms follow
    with a label ``process``. Gauges are left out, since the API reads those from the database itself, but for what only a worker knows.
    """
    if not others:
        return generate_latest(REGISTRY)
    merged = CollectorRegistry()
    merged.register(_Merged(others))
    return generate_latest(merged)


class _Merged(Collector):
    """This process's series and those of others under the same names."""

    def __init__(self, others: Mapping[str, str]) -> None:
        self._others = others

    def collect(self) -> Iterator[Metric]:
        families = {family.name: family for family in REGISTRY.collect()}
        for process, body in self._others.items():
            for family in text_string_to_metric_families(body):
                known = families.get(family.name)
                if known is None or (known.type == "gauge" and family.name not in _OF_WORKERS):
                    continue
                for sample in family.samples:
                    known.samples.append(sample._replace(labels={**sample.labels, "process": process}))
        yield from families.values()
