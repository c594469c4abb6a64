"""`mycelix monitor`: Prometheus, Alertmanager and the exporters of the distribution around a node."""

from __future__ import annotations

import json
import signal
import threading
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mycelix_studio.cli.output import DryRun, JsonOption, emit, table
from mycelix_studio.errors import Known

if TYPE_CHECKING:
    from mycelix_studio.ops.monitoring.render import Targets

app = typer.Typer(help="Prometheus, Alertmanager and dashboards for a node.", no_args_is_help=True)

Api = Annotated[list[str] | None, typer.Option(help="host:port of a node; may be repeated.")]
Hook = Annotated[str, typer.Option(help="Web hook that receives these alerts.")]
Interval = Annotated[int, typer.Option(help="Seconds between two looks.")]
Port = Annotated[int, typer.Option(help="First of the ports: Prometheus, then Alertmanager and the exporters.")]


def _targets(api: list[str] | None, now: str, morning: str, outside: str, interval: int, port: int) -> Targets:
    from mycelix_studio.ops.monitoring.render import NOBODY, Targets

    return Targets(
        api=tuple(api or ["127.0.0.1:8390"]),
        prometheus=f"127.0.0.1:{port}",
        alertmanager=f"127.0.0.1:{port + 1}",
        postgres=(f"127.0.0.1:{port + 2}",),
        machine=(f"127.0.0.1:{port + 3}",),
        now=now or NOBODY,
        morning=morning or NOBODY,
        outside=outside or NOBODY,
        interval=interval,
    )


@app.command()
def render(
    folder: Annotated[Path, typer.Argument(help="Folder for the files.")],
    api: Api = None,
    now: Hook = "",
    morning: Hook = "",
    outside: Hook = "",
    interval: Interval = 15,
    port: Port = 9090,
    containers: Annotated[
        bool, typer.Option("--containers", help="Addresses of packaging/compose instead of 127.0.0.1.")
    ] = False,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
) -> None:
    """Write prometheus.yml, rules.yml, alertmanager.yml and Grafana's dashboards for these addresses."""
    from mycelix_studio.ops.monitoring.render import render as make

    targets = _targets(api, now, morning, outside, interval, port)
    if containers:
        from mycelix_studio.ops.monitoring.render import in_containers

        targets = in_containers(targets)
    made = make(targets)
    paths = [folder / name for name in made.files]
    if not dry_run:
        made.write(folder)
    emit({"files": [str(path) for path in paths], "dryRun": dry_run}, [str(path) for path in paths], as_json)


@app.command()
def up(
    folder: Annotated[Path, typer.Option(help="Folder for configuration, data and logs.")] = Path("monitoring"),
    env: Annotated[
        Path | None, typer.Option("--env", help="The node's node.env, for its database and backups.")
    ] = None,
    api: Api = None,
    now: Hook = "",
    morning: Hook = "",
    outside: Hook = "",
    interval: Interval = 15,
    port: Port = 9090,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
) -> None:
    """Run Prometheus, Alertmanager and the exporters on 127.0.0.1 until stopped. Needs the distribution's packages."""
    from mycelix_studio.ops.backup import cluster, signs
    from mycelix_studio.ops.backup.config import BackupConfig
    from mycelix_studio.ops.monitoring import programs
    from mycelix_studio.ops.monitoring.render import render as make
    from mycelix_studio.ops.node_env import read

    targets = _targets(api, now, morning, outside, interval, port)
    folder = folder.absolute()
    shown = {
        "prometheus": f"http://{targets.prometheus}",
        "alertmanager": f"http://{targets.alertmanager}",
        "folder": str(folder),
    }
    if dry_run:
        emit({**shown, "dryRun": True}, [f"Would run in {folder}; Prometheus on {shown['prometheus']}."], as_json)
        return
    config = BackupConfig.from_environment(read(env) if env is not None else None)
    url = config.node.database_url or cluster.running(config.node).url
    make(targets).write(folder)
    programs.checked("promtool", "check", "config", folder / "prometheus.yml")
    programs.checked("amtool", "check-config", folder / "alertmanager.yml")
    stopped = threading.Event()
    before = {each: signal.signal(each, lambda *_: stopped.set()) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        with programs.running(folder / "logs") as group:
            programs.start_alertmanager(group, folder, folder / "alerts", targets.alertmanager)
            programs.start_prometheus(group, folder, folder / "series", targets.prometheus)
            programs.start_postgres_exporter(group, url, targets.postgres[0])
            programs.start_node_exporter(group, signs.folder(config.spool), targets.machine[0])
            emit(shown, [f"Prometheus {shown['prometheus']}", f"Alertmanager {shown['alertmanager']}"], as_json)
            while not stopped.wait(1):
                dead = group.dead()
                if dead:
                    raise Known(f"{dead} ended by itself", f"Its log is in {folder / 'logs'}.", "Look there.")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="Folder of `mycelix monitor render`.")], as_json: JsonOption = False
) -> None:
    """Check rendered files with promtool and amtool."""
    from mycelix_studio.ops.monitoring.programs import checked

    said = {
        "prometheus": checked("promtool", "check", "config", folder / "prometheus.yml"),
        "rules": checked("promtool", "check", "rules", folder / "rules.yml"),
        "alertmanager": checked("amtool", "check-config", folder / "alertmanager.yml"),
    }
    emit(said, [line for text in said.values() for line in text.splitlines()], as_json)


@app.command()
def alerts(
    prometheus: Annotated[str, typer.Option(help="Address of Prometheus.")] = "http://127.0.0.1:9090",
    as_json: JsonOption = False,
) -> None:
    """List the alerts that stand now, worst first. Exit code 1 when a critical one fires."""
    try:
        with urllib.request.urlopen(f"{prometheus.rstrip('/')}/api/v1/alerts", timeout=10) as answer:  # noqa: S310 - the operator's own
            found = json.loads(answer.read())["data"]["alerts"]
    except (OSError, ValueError, KeyError) as error:
        raise Known(f"{prometheus} does not answer", f"{error}.", "Start it with `mycelix monitor up`.") from error
    order = ("critical", "warning", "none")
    rows = sorted(
        (
            (
                str(each["labels"].get("severity", "none")),
                str(each["state"]),
                str(each["labels"]["alertname"]),
                str(each["annotations"].get("summary", "")),
            )
            for each in found
        ),
        key=lambda row: (order.index(row[0]) if row[0] in order else len(order), row[2]),
    )
    data = [{"severity": s, "state": state, "alert": name, "summary": summary} for s, state, name, summary in rows]
    emit(data, table(("Severity", "State", "Alert", "Summary"), rows), as_json)
    if any(row[0] == "critical" and row[1] == "firing" for row in rows):
        raise typer.Exit(1)
