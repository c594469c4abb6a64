"""Grafana's dashboards as code: rows of panels, each with its question as a title and its query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Unit = Literal["short", "reqps", "s", "bytes", "percentunit", "ops"]
_SOURCE: Final = {"type": "prometheus", "uid": "prometheus"}
_WIDTH: Final = 24
_HEIGHT: Final = 8


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart: title, unit, and queries as (expression, legend)."""

    title: str
    unit: Unit
    queries: Sequence[tuple[str, str]]

    def to_json(self, number: int, place: tuple[int, int], width: int) -> dict[str, object]:
        """Return it in Grafana's schema."""
        return {
            "id": number,
            "type": "timeseries",
            "title": self.title,
            "datasource": _SOURCE,
            "gridPos": {"x": place[0], "y": place[1], "w": width, "h": _HEIGHT},
            "fieldConfig": {"defaults": {"unit": self.unit, "min": 0}, "overrides": []},
            "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
            "targets": [
                {"refId": chr(65 + place_), "expr": expression, "legendFormat": legend, "datasource": _SOURCE}
                for place_, (expression, legend) in enumerate(self.queries)
            ],
        }


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page of panels, three in a row."""

    uid: str
    title: str
    panels: Sequence[Panel]

    def to_json(self) -> dict[str, object]:
        """Return it in Grafana's schema."""
        width = _WIDTH // 3
        panels = [
            panel.to_json(number + 1, (number % 3 * width, number // 3 * _HEIGHT), width)
            for number, panel in enumerate(self.panels)
        ]
        return {
            "uid": self.uid,
            "title": self.title,
            "schemaVersion": 39,
            "tags": ["mycelix"],
            "timezone": "utc",
            "refresh": "30s",
            "time": {"from": "now-6h", "to": "now"},
            "panels": panels,
        }


def _quantiles(metric: str, by: str = "") -> list[tuple[str, str]]:
    group = f"le, {by}" if by else "le"
    legend = f"{{{{{by}}}}} " if by else ""
    return [
        (f"histogram_quantile({q}, sum by ({group}) (rate({metric}_bucket[5m])))", f"{legend}p{int(q * 100)}")
        for q in (0.5, 0.95, 0.99)
    ]


NODE: Final = Dashboard(
    "mycelix-node",
    "Mycelix: node",
    (
        Panel("Requests a second", "reqps", [("sum by (status) (rate(mycelix_http_requests_total[5m]))", "{{status}}")]),
        Panel("How long requests take", "s", _quantiles("mycelix_http_request_seconds")),
        Panel("Requests being answered", "short", [("sum(mycelix_http_requests_running)", "running")]),
        Panel("Plays a second", "ops", [("sum by (outcome) (rate(mycelix_plays_total[5m]))", "{{outcome}}")]),
        Panel("Plays that wait", "short", [("sum(mycelix_play_queue_rows)", "rows")]),
        Panel("Uploads", "ops", [("sum by (outcome) (rate(mycelix_uploads_total[30m]))", "{{outcome}}")]),
        Panel("Bytes in and out", "bytes", [("sum(rate(mycelix_upload_bytes_total[5m]))", "uploads"), ("sum(rate(mycelix_audio_bytes_total[5m]))", "audio")]),
        Panel("Records synced", "ops", [("sum by (kind) (rate(mycelix_sync_records_total[5m]))", "{{kind}}")]),
        Panel("Refused sign-ins and requests", "ops", [("sum by (reason) (rate(mycelix_auth_failures_total[5m]))", "{{reason}}"), ("sum by (limit) (rate(mycelix_rate_limit_refusals_total[5m]))", "limit {{limit}}")]),
        Panel("Errors by kind", "ops", [("sum by (type) (rate(mycelix_errors_total[5m]))", "{{type}}")]),
        Panel("Audio store", "s", _quantiles("mycelix_store_seconds", "operation")),
        Panel("Version", "short", [("mycelix_build_info", "{{instance}} {{version}}")]),
    ),
)  # fmt: skip

MONEY: Final = Dashboard(
    "mycelix-money",
    "Mycelix: chain and money",
    (
        Panel("Blocks behind the chain", "short", [("max by (chain) (mycelix_indexer_lag_blocks)", "chain {{chain}}")]),
        Panel("Since the indexer last moved", "s", [("max by (chain) (mycelix_indexer_age_seconds)", "chain {{chain}}")]),
        Panel("Events indexed", "ops", [("sum by (event) (rate(mycelix_indexer_events_total[5m]))", "{{event}}")]),
        Panel("Reorganisations", "short", [("sum(increase(mycelix_indexer_reorganisations_total[1h]))", "in an hour"), ("max(mycelix_indexer_reorganisation_depth_blocks)", "deepest")]),
        Panel("Calls to the chain", "s", _quantiles("mycelix_rpc_seconds")),
        Panel("Paid, tokens an hour", "short", [("sum by (type) (rate(mycelix_payment_gross_tokens_total[1h])) * 3600", "{{type}}")]),
        Panel("Vouchers that wait", "short", [("max(mycelix_settler_waiting_vouchers)", "waiting"), ("max(mycelix_settler_uncovered_vouchers)", "purse too small")]),
        Panel("Oldest voucher", "s", [("max(mycelix_settler_oldest_seconds)", "waits")]),
        Panel("Settling", "ops", [("sum by (outcome) (rate(mycelix_settler_batches_total[30m]))", "{{outcome}}")]),
        Panel("Settler's coins", "short", [("max(mycelix_settler_balance_coins)", "coins")]),
        Panel("Age of the analytics", "s", [("max(mycelix_view_age_seconds)", "age")]),
        Panel("Who holds the locks", "short", [("max by (task, instance) (mycelix_worker_active)", "{{task}} {{instance}}")]),
    ),
)  # fmt: skip

MACHINE: Final = Dashboard(
    "mycelix-machine",
    "Mycelix: database, machine, backups",
    (
        Panel("Transactions by name", "s", [("histogram_quantile(0.95, sum by (le, query) (rate(mycelix_query_seconds_bucket[5m])))", "{{query}} p95")]),
        Panel("Connections of the pools", "short", [("sum by (pool, state) (mycelix_pool_connections)", "{{pool}} {{state}}"), ("sum by (pool) (mycelix_pool_waiting)", "{{pool}} waiting")]),
        Panel("PostgreSQL's connections", "short", [("sum by (state) (pg_stat_activity_count)", "{{state}}"), ("max(pg_settings_max_connections)", "limit")]),
        Panel("Rows written", "ops", [("sum(rate(pg_stat_database_tup_inserted[5m]))", "inserted"), ("sum(rate(pg_stat_database_tup_updated[5m]))", "updated")]),
        Panel("Longest transaction", "s", [("max(pg_stat_activity_max_tx_duration)", "running for")]),
        Panel("Log kept for slots", "bytes", [("max by (slot_name) (pg_replication_slots_pg_wal_lsn_diff)", "{{slot_name}}")]),
        Panel("Disk left", "percentunit", [("node_filesystem_avail_bytes / node_filesystem_size_bytes", "{{mountpoint}}")]),
        Panel("Memory left", "percentunit", [("node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes", "{{instance}}")]),
        Panel("Processor", "percentunit", [('1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))', "{{instance}}")]),
        Panel("Since the last backup", "s", [("time() - max(mycelix_backup_last_success_seconds)", "backup"), ("time() - max(mycelix_backup_last_verify_seconds)", "verification")]),
        Panel("Since the log was last sent", "s", [("time() - max(mycelix_backup_stream_sent_seconds)", "stream")]),
        Panel("Damaged objects", "short", [("max(mycelix_backup_damaged_objects)", "objects")]),
    ),
)  # fmt: skip

DASHBOARDS: Final = (NODE, MONEY, MACHINE)
