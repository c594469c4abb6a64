"""The configuration files with a node's addresses put in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mycelix_studio.files import write_atomic
from mycelix_studio.ops.monitoring.dashboards import DASHBOARDS
from mycelix_studio.paths import resource

NOBODY = "http://127.0.0.1:9/"
"""A receiver nobody listens on, where none was named: alerts then stand on Alertmanager's page only."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Where things listen, as host:port.

    Attributes:
        api: Nodes that answer requests.
        postgres: Exporter of PostgreSQL.
        machine: Exporter of the machine.
        prometheus: Prometheus itself.
        alertmanager: Alertmanager.
        now: Web hook for what wakes somebody.
        morning: Web hook for what waits.
        outside: Web hook of whoever watches from outside.
        interval: Seconds between two looks.
    """

    api: Sequence[str] = ("127.0.0.1:8390",)
    postgres: Sequence[str] = ("127.0.0.1:9187",)
    machine: Sequence[str] = ("127.0.0.1:9100",)
    prometheus: str = "127.0.0.1:9090"
    alertmanager: str = "127.0.0.1:9093"
    now: str = NOBODY
    morning: str = NOBODY
    outside: str = NOBODY
    interval: int = 15


def in_containers(targets: Targets) -> Targets:
    """Return the same hooks and interval with the addresses of ``packaging/compose``, where the machine has no exporter."""
    return replace(
        targets,
        api=("api:8390",),
        postgres=("postgres-exporter:9187",),
        machine=(),
        prometheus="prometheus:9090",
        alertmanager="alertmanager:9093",
    )


@dataclass(frozen=True, slots=True)
class Rendered:
    """Files by name, relative to their folder."""

    files: dict[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> list[Path]:
        """Write them and return their paths."""
        paths = []
        for name, text in self.files.items():
            write_atomic(folder / name, text.encode(), mode=0o644)
            paths.append(folder / name)
        return paths


def render(targets: Targets) -> Rendered:
    """Return every file: prometheus.yml, rules.yml, alertmanager.yml, and Grafana's data source and dashboards."""
    marks = {
        "INTERVAL": f"{targets.interval}s",
        "TIMEOUT": f"{max(1, targets.interval * 2 // 3)}s",
        "ALERTMANAGER": targets.alertmanager,
        "PROMETHEUS": targets.prometheus,
        "API": _quoted(targets.api),
        "POSTGRES": _quoted(targets.postgres),
        "MACHINE": _quoted(targets.machine),
        "NOW_URL": targets.now,
        "MORNING_URL": targets.morning,
        "OUTSIDE_URL": targets.outside,
    }
    files = {name: _filled(name, marks) for name in ("prometheus.yml", "alertmanager.yml", "rules.yml")}
    source = {
        "apiVersion": 1,
        "datasources": [
            {
                "name": "Prometheus",
                "uid": "prometheus",
                "type": "prometheus",
                "url": f"http://{targets.prometheus}",
                "isDefault": True,
            }
        ],
    }
    provider = {
        "apiVersion": 1,
        "providers": [{"name": "mycelix", "type": "file", "options": {"path": "/etc/grafana/dashboards"}}],
    }
    files["grafana/provisioning/datasources/mycelix.yml"] = json.dumps(source, indent=2)  # YAML is a superset of JSON
    files["grafana/provisioning/dashboards/mycelix.yml"] = json.dumps(provider, indent=2)
    for dashboard in DASHBOARDS:
        files[f"grafana/dashboards/{dashboard.uid}.json"] = json.dumps(dashboard.to_json(), indent=2)
    return Rendered(files)


def _quoted(addresses: Sequence[str]) -> str:
    return ", ".join(f'"{address}"' for address in addresses)


def _filled(name: str, marks: dict[str, str]) -> str:
    text = resource(f"monitoring/{name}").read_text()
    for mark, value in marks.items():
        text = text.replace(f"{{{{{mark}}}}}", value)
    return text
