"""Every alert fires when it should and stays quiet when it should, has a runbook, and reaches who it should."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from mycelix_studio.node import metrics
from mycelix_studio.ops.backup import signs
from mycelix_studio.ops.monitoring.dashboards import DASHBOARDS
from mycelix_studio.paths import resource
from tests.fixtures.cli import mycelix

ROOT = Path(__file__).resolve().parents[3]
RULES = [
    rule for group in yaml.safe_load(resource("monitoring/rules.yml").read_text())["groups"] for rule in group["rules"]
]
CASES = yaml.safe_load((ROOT / "tests" / "fixtures" / "alerts.yml").read_text())
NAMES = [rule["alert"] for rule in RULES]
FOREIGN = ("pg_", "node_", "prometheus_", "up")
"""Series of the exporters and of Prometheus itself."""

needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="apt install prometheus")
needs_amtool = pytest.mark.skipif(shutil.which("amtool") is None, reason="apt install prometheus-alertmanager")


def test_there_are_enough_rules_and_every_one_has_its_case() -> None:
    assert len(NAMES) == len(set(NAMES)) >= 25
    assert set(CASES) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_alert_has_a_runbook_section_that_says_what_to_do(name: str) -> None:
    text = (ROOT / "docs" / "operations" / "alerts.md").read_text()
    assert f"\n### {name}\n" in text
    section = text.split(f"\n### {name}\n", 1)[1].split("\n### ", 1)[0]
    assert "**Do:**" in section


@needs_promtool
def test_every_alert_fires_when_it_should_and_only_then(tmp_path: Path) -> None:
    def series(values: dict[str, str]) -> list[dict[str, str]]:
        return [{"series": name, "values": value} for name, value in values.items()]

    def expect(name: str, at: str, count: int) -> dict[str, object]:
        firing = f'count by (alertname) (ALERTS{{alertname="{name}",alertstate="firing"}})'
        samples = [{"labels": f'{{alertname="{name}"}}', "value": 1}] if count else []
        return {"expr": firing, "eval_time": at, "exp_samples": samples}

    tests = []
    for name, case in CASES.items():
        tests.append(
            {"interval": "1m", "input_series": series(case["fires"]), "promql_expr_test": [expect(name, case["at"], 1)]}
        )
        if case["quiet"]:
            tests.append(
                {
                    "interval": "1m",
                    "input_series": series(case["quiet"]),
                    "promql_expr_test": [expect(name, case["at"], 0)],
                }
            )
    shutil.copyfile(resource("monitoring/rules.yml"), tmp_path / "rules.yml")
    file = tmp_path / "tests.yml"
    file.write_text(json.dumps({"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": tests}))
    done = subprocess.run(["promtool", "test", "rules", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _asked_for(expression: str) -> set[str]:
    names = set(re.findall(r"\b([a-z][a-z0-9_]*_[a-z0-9_]+|up)\b(?!\s*\()", re.sub(r'"[^"]*"', "", expression)))
    words = {"histogram_quantile", "predict_linear", "status", "slot_name"}
    return {re.sub(r"_bucket$", "", name) for name in names - words}


def test_every_series_that_rules_and_dashboards_ask_for_exists() -> None:
    ours = set()
    for family in metrics.REGISTRY.collect():
        ours |= {family.name, *(sample.name for sample in family.samples)}
        if family.type == "counter":
            ours.add(f"{family.name}_total")
    ours |= {f"mycelix_backup_{name}" for name in signs.FIGURES} | {"mycelix_build_info"}
    expressions = [rule["expr"] for rule in RULES]
    expressions += [expr for board in DASHBOARDS for panel in board.panels for expr, _legend in panel.queries]
    asked = set().union(*map(_asked_for, expressions))
    unknown = {name for name in asked if name.startswith("mycelix_") and name not in ours}
    assert unknown == set()
    assert {name for name in asked if not name.startswith(("mycelix_", *FOREIGN))} == set()
    assert len({name for name in ours if name.startswith("mycelix_")}) >= 30


@needs_promtool
@needs_amtool
def test_rendered_files_pass_their_own_tools_and_alerts_reach_who_they_should(tmp_path: Path) -> None:
    folder = tmp_path / "monitoring"
    mycelix("monitor", "render", folder, "--api", "10.0.0.1:8390", "--api", "10.0.0.2:8390", "--now", "http://pager/")
    said = mycelix("monitor", "check", folder, "--json").data
    assert f"{len(RULES)} rules found" in said["rules"]
    assert "http://pager/" in (folder / "alertmanager.yml").read_text()

    def receiver(*labels: str) -> str:
        words = ["amtool", "config", "routes", "test", f"--config.file={folder / 'alertmanager.yml'}", *labels]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()

    wanted = {"critical": "now", "warning": "morning", "none": "outside"}
    for rule in RULES:
        severity = rule["labels"]["severity"]
        assert receiver(f"alertname={rule['alert']}", f"severity={severity}") == wanted[severity]


def test_addresses_for_containers_are_those_of_the_compose_file(tmp_path: Path) -> None:
    mycelix("monitor", "render", tmp_path, "--containers")
    found = yaml.safe_load((tmp_path / "prometheus.yml").read_text())
    named = [target for job in found["scrape_configs"] for part in job["static_configs"] for target in part["targets"]]
    named += found["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"]
    services = yaml.safe_load((ROOT / "packaging" / "compose" / "compose.yml").read_text())["services"]
    assert {name.split(":")[0] for name in named} == {"api", "postgres-exporter", "prometheus", "alertmanager"}
    assert {name.split(":")[0] for name in named} <= set(services)
    source = json.loads((tmp_path / "grafana" / "provisioning" / "datasources" / "mycelix.yml").read_text())
    assert source["datasources"][0]["url"] == "http://prometheus:9090"


def test_dashboards_are_whole(tmp_path: Path) -> None:
    mycelix("monitor", "render", tmp_path)
    boards = [json.loads(path.read_text()) for path in sorted((tmp_path / "grafana" / "dashboards").glob("*.json"))]
    assert len(boards) == len(DASHBOARDS)
    for board in boards:
        places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]]
        assert len(places) == len(set(places))
        assert all(panel["targets"] for panel in board["panels"])
