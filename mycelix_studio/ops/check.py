"""After a deployment: seven stages that look at a node from outside and from its own machine. Each failure says the next step."""

from __future__ import annotations

import json
import ssl
import statistics
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from shutil import disk_usage
from typing import Final, Literal
from urllib.parse import urlsplit

import psycopg

from mycelix_studio.domain.findings import Finding, Level
from mycelix_studio.errors import Known
from mycelix_studio.node.config import Config
from mycelix_studio.node.context import load_deployment
from mycelix_studio.node.db.migrations import migrations
from mycelix_studio.ops.backup import cluster

Environment = Literal["local", "staging", "production"]
STAGES: Final = ("infrastructure", "services", "contracts", "endpoints", "schema", "observability", "performance")
HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "",
}
"""Headers every answer must carry; an empty value is any."""
BASELINE_MS: Final = {"local": 250.0, "staging": 500.0, "production": 500.0}
"""Median of a request of the catalogue, at most."""
SERIES: Final = 30


@dataclass(frozen=True, slots=True)
class Target:
    """What is looked at.

    Attributes:
        url: Address of the node as clients use it.
        config: The node's configuration on this machine; None when only the outside can be looked at.
        environment: How strict to be: only ``production`` and ``staging`` need TLS and a domain.
        prometheus: Address of Prometheus, empty when there is none.
    """

    url: str
    config: Config | None
    environment: Environment
    prometheus: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


@dataclass
class _Run:
    """One run: the target and what earlier stages found out."""

    target: Target
    answers: dict[str, Answer] = field(default_factory=dict)

    def get(self, path: str, base: str = "", **headers: str) -> Answer:
        """Ask the node once for each path.

        Raises:
            OSError: It does not answer.
        """
        address = (base or self.target.url).rstrip("/") + path
        request = urllib.request.Request(address, headers=headers)  # noqa: S310 - an address the operator gave
        began = time.perf_counter()
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310 - as above
                return Answer(answer.status, _lower(answer.headers), answer.read(), time.perf_counter() - began)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, _lower(error.headers), error.read(), time.perf_counter() - began)


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def check(target: Target, report: Callable[[int, int, str], None]) -> list[Finding]:
    """Run the seven stages and return what they found, in order. A stage that cannot be looked at says so."""
    run = _Run(target)
    found: list[Finding] = []
    parts = (_infrastructure, _services, _contracts, _endpoints, _schema, _observability, _performance)
    for number, (stage, part) in enumerate(zip(STAGES, parts, strict=True)):
        report(number, len(STAGES), stage.capitalize())
        try:
            found += part(run)
        except (OSError, ValueError, KeyError, psycopg.Error) as error:
            step = (
                "See `docs/operations/alerts.md`, NodeDown."
                if isinstance(error, OSError)
                else "Look at the node's log."
            )
            found.append(Finding(stage, stage.capitalize(), Level.FAILED, f"{error}", step))
    report(len(STAGES), len(STAGES), "Done")
    return found


def _level(fine: bool, otherwise: Level = Level.FAILED) -> Level:
    return Level.OK if fine else otherwise


def _elsewhere(stage: str, what: str) -> Finding:
    return Finding(
        stage, what, Level.NOT_CHECKED, "the node's configuration is not on this machine", "Run it there with --env."
    )


def _infrastructure(run: _Run) -> Iterator[Finding]:
    stage, target = "infrastructure", run.target
    parts = urlsplit(target.url)
    loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme == "https":
        left = _certificate_days(parts.hostname or "", parts.port or 443)
        yield Finding(
            stage, "Certificate", _level(left > 21, Level.WARNING if left > 3 else Level.FAILED), f"{left:.0f} days left",
            "" if left > 21 else "Renew it: docs/operations/install.md, TLS.",
        )  # fmt: skip
    else:
        fine = target.environment == "local" or loopback
        detail = "plain HTTP on this machine" if loopback else "plain HTTP"
        yield Finding(
            stage,
            "TLS",
            _level(fine),
            detail,
            "" if fine else "Put a proxy with TLS before it: docs/operations/install.md.",
        )
    if target.config is None:
        yield _elsewhere(stage, "Disk and folders")
        return
    config = target.config
    config.data_dir.mkdir(parents=True, exist_ok=True)
    usage = disk_usage(config.data_dir)
    share = usage.free / usage.total
    yield Finding(
        stage,
        "Disk",
        _level(share > 0.1),
        f"{usage.free / 2**30:.1f} GiB free, {share:.0%}",
        "" if share > 0.1 else "See DiskAlmostFull.",
    )
    mode = config.data_dir.stat().st_mode & 0o007
    yield Finding(
        stage, "Data folder", _level(not mode, Level.WARNING), "everybody can read it" if mode else "closed to others",
        f"chmod o= '{config.data_dir}'" if mode else "",
    )  # fmt: skip
    if target.environment != "local":
        yield Finding(
            stage, "Domain", _level(bool(config.domain)), config.domain or "none",
            "" if config.domain else "Set MYCELIX_DOMAIN to the public name, else sign-ins are refused behind the proxy.",
        )  # fmt: skip
        yield Finding(
            stage, "Proxy", _level(config.trust_proxy, Level.WARNING), "trusted" if config.trust_proxy else "not trusted",
            "" if config.trust_proxy else "Set MYCELIX_TRUST_PROXY=yes, else all clients share one limit.",
        )  # fmt: skip


def _certificate_days(host: str, port: int) -> float:
    import socket

    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), timeout=10) as raw,
        context.wrap_socket(raw, server_hostname=host) as line,
    ):
        certificate = line.getpeercert()
    assert certificate is not None
    return (ssl.cert_time_to_seconds(str(certificate["notAfter"])) - time.time()) / 86_400


def _services(run: _Run) -> Iterator[Finding]:
    stage = "services"
    health = json.loads(run.get("/health").body)
    yield Finding(stage, "Node", Level.OK, f"version {health['version']}, up for {health['uptime_seconds']:.0f} s")
    answer = run.get("/ready")
    steps = {
        "database": "See PostgresDown in docs/operations/alerts.md.",
        "chain": "See ChainSlow in docs/operations/alerts.md.",
        "store": "See StoreSlow in docs/operations/alerts.md.",
    }
    for name, check_ in sorted(json.loads(answer.body)["checks"].items()):
        detail = f"{check_['latency_ms']:.0f} ms" if check_["ok"] else check_["detail"]
        yield Finding(
            stage,
            name.capitalize(),
            _level(check_["ok"]),
            detail,
            "" if check_["ok"] else steps.get(name, "Look at the node's log."),
        )
    config = run.target.config
    if config is None:
        yield _elsewhere(stage, "Worker")
        return
    with psycopg.connect(_database(config), connect_timeout=10) as connection:
        held = {
            int(row[0])
            for row in connection.execute(
                "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND granted", (0x6D79,)
            )
        }
    for task, number in (("upkeep", 3), ("indexer", 1)):
        fine = number in held or (task == "indexer" and not config.rpc_url)
        step = "" if fine else f"See {'NobodyIndexes' if task == 'indexer' else 'NobodyKeepsUp'}."
        yield Finding(
            stage, f"Worker: {task}", _level(fine), "somebody does it" if number in held else "nobody does it", step
        )


def _database(config: Config) -> str:
    return config.database_url or cluster.running(config).url


def _contracts(run: _Run) -> Iterator[Finding]:
    from mycelix_studio.chain.artifacts import artifact
    from mycelix_studio.chain.code import same_code
    from mycelix_studio.chain.rpc import Rpc

    stage, config = "contracts", run.target.config
    if config is None:
        yield _elsewhere(stage, "Contracts")
        return
    deployment = load_deployment(config)
    if deployment is None:
        level = Level.NOT_CHECKED if run.target.environment == "local" else Level.FAILED
        yield Finding(stage, "Deployment", level, "none is configured", "Set MYCELIX_CHAIN_ID or MYCELIX_DEPLOYMENT.")
        return
    if not config.rpc_url:
        yield Finding(stage, "Chain", Level.NOT_CHECKED, "no chain server is configured", "Set MYCELIX_RPC_URL.")
        return
    for url in config.rpc_url:
        try:
            with Rpc([url], chain_id=deployment.chain_id, timeout=15) as rpc:
                head = rpc.block_number()
                codes = {name: rpc.code(address) for name, address in deployment.contracts.items()}
        except Known as error:
            yield Finding(stage, urlsplit(url).netloc, Level.FAILED, f"{error.title}. {error.message}", error.hint)
            continue
        yield Finding(stage, urlsplit(url).netloc, Level.OK, f"chain {deployment.chain_id}, block {head}")
        different = []
        for name, code in codes.items():
            try:
                fine = same_code(artifact(name), code)
            except FileNotFoundError:
                fine = bool(code)
            if not fine:
                different.append(name)
        step = "" if not different else "Compare with `mycelix verify`; do not take payments before they agree."
        detail = (
            f"{len(codes)} contracts equal what was built" if not different else f"different: {', '.join(different)}"
        )
        yield Finding(stage, "Code", _level(not different), detail, step)


def _endpoints(run: _Run) -> Iterator[Finding]:
    stage = "endpoints"
    wanted = {
        "/api/songs?limit=1": 200,
        "/api/strategies": 200,
        "/api/sync/changes": 401,
        "/api/nothing-of-the-kind": 404,
        "/openapi.json": 200,
        "/api-docs": 200,
    }
    for path, status in wanted.items():
        answer = run.get(path)
        run.answers[path] = answer
        fine = answer.status == status
        yield Finding(
            stage,
            path,
            _level(fine),
            f"{answer.status}",
            "" if fine else f"It should be {status}. Does the proxy pass it on?",
        )
    problem = run.answers["/api/nothing-of-the-kind"]
    fine = problem.headers.get("content-type", "").startswith("application/problem+json")
    yield Finding(
        stage,
        "Errors are problems",
        _level(fine),
        problem.headers.get("content-type", ""),
        "" if fine else "The proxy puts its own error pages in place; switch that off.",
    )
    answer = run.answers["/api/songs?limit=1"]
    for name, value in HEADERS.items():
        found = answer.headers.get(name, "")
        fine = bool(found) and (not value or found.lower() == value)
        yield Finding(
            stage,
            f"Header {name}",
            _level(fine),
            found[:60] or "missing",
            "" if fine else "The proxy takes it away or the node is too old.",
        )
    if run.target.url.startswith("https"):
        hsts = answer.headers.get("strict-transport-security", "")
        yield Finding(
            stage,
            "Header strict-transport-security",
            _level(bool(hsts), Level.WARNING),
            hsts or "missing",
            "" if hsts else "Let the proxy add it.",
        )


def _schema(run: _Run) -> Iterator[Finding]:
    stage, config = "schema", run.target.config
    if config is None:
        yield _elsewhere(stage, "Schema")
        return
    with psycopg.connect(_database(config), connect_timeout=10) as connection:
        row = connection.execute("SELECT max(number) FROM schema_steps").fetchone()
        invalid = connection.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid").fetchall()
        version = connection.info.server_version
        checksums = connection.execute("SHOW data_checksums").fetchone()
    found, known = int(row[0] or 0) if row else 0, migrations()[-1].number
    step = (
        ""
        if found == known
        else "Start the node of this version once: it migrates."
        if found < known
        else "Install the newer node."
    )
    yield Finding(stage, "Number", _level(found == known), f"{found}, this program knows {known}", step)
    yield Finding(
        stage,
        "Indexes",
        _level(not invalid),
        "all valid" if not invalid else f"invalid: {invalid[0][0]}",
        "" if not invalid else f"REINDEX INDEX CONCURRENTLY {invalid[0][0]}",
    )
    yield Finding(
        stage,
        "PostgreSQL",
        _level(version >= 150_000),
        f"{version // 10_000}.{version % 10_000}",
        "" if version >= 150_000 else "15 or newer is needed.",
    )
    on = checksums is not None and checksums[0] == "on"
    yield Finding(
        stage,
        "Data checksums",
        _level(on, Level.WARNING),
        "on" if on else "off",
        "" if on else "Stop the server and run pg_checksums --enable.",
    )


def _observability(run: _Run) -> Iterator[Finding]:
    stage, target = "observability", run.target
    answer = run.get("/metrics")
    names = {line.split()[2] for line in answer.body.decode().splitlines() if line.startswith("# TYPE mycelix_")}
    if answer.status == 200:
        yield Finding(
            stage,
            "Metrics",
            _level(len(names) >= SERIES),
            f"{len(names)} series",
            "" if len(names) >= SERIES else "The node is too old.",
        )
        public = target.environment != "local" and urlsplit(target.url).scheme == "https"
        yield Finding(
            stage,
            "Metrics are private",
            _level(not public, Level.WARNING),
            "open to everybody" if public else "on this machine",
            "Let the proxy answer /metrics with 404." if public else "",
        )
    else:
        fine = target.environment != "local"
        yield Finding(
            stage,
            "Metrics",
            _level(fine),
            f"closed from here ({answer.status})",
            "" if fine else "Look at the node's log.",
        )
    if answer.status == 200:
        shown = b'process="' in answer.body
        step = "" if shown else "See WorkerDown in docs/operations/alerts.md."
        yield Finding(stage, "Worker's metrics", _level(shown), "shown" if shown else "no worker reports", step)
    if not target.prometheus:
        yield Finding(
            stage, "Prometheus", Level.NOT_CHECKED, "none was named", "mycelix monitor up, then --prometheus."
        )
        return
    rules = json.loads(run.get("/api/v1/rules", base=target.prometheus).body)["data"]["groups"]
    count = sum(len(group["rules"]) for group in rules)
    yield Finding(
        stage,
        "Alert rules",
        _level(count >= 25),
        f"{count} loaded",
        "" if count >= 25 else "mycelix monitor render, then reload.",
    )
    targets = json.loads(run.get("/api/v1/targets", base=target.prometheus).body)["data"]["activeTargets"]
    down = [str(each["scrapeUrl"]) for each in targets if each["health"] != "up"]
    yield Finding(
        stage,
        "Scraping",
        _level(not down),
        f"{len(targets)} targets" if not down else f"down: {', '.join(down)}",
        "" if not down else "Start what is down.",
    )


def _performance(run: _Run) -> Iterator[Finding]:
    stage = "performance"
    limit = BASELINE_MS[run.target.environment]
    for name, path in (("Health", "/health"), ("Catalogue", "/api/songs?limit=20")):
        times = [run.get(path).seconds * 1000 for _each in range(15)]
        median, worst = statistics.median(times), max(times)
        fine = median <= limit
        yield Finding(
            stage,
            name,
            _level(fine),
            f"median {median:.0f} ms, slowest of 15 {worst:.0f} ms, limit {limit:.0f} ms",
            "" if fine else "See SlowRequests in docs/operations/alerts.md.",
        )


def configuration(env: Mapping[str, str] | None) -> Config | None:
    """Return the node's configuration from its settings; None when there are none here."""
    return None if env is None else Config.from_environment(env)


def address_of(config: Config | None, url: str) -> str:
    """Return the address to look at: the given one, else where the configuration listens.

    Raises:
        Known: Neither says where.
    """
    if url:
        return url
    if config is not None and config.port:
        return f"http://{config.host}:{config.port}"
    raise Known("Where is the node?", "No address was given.", "Name it with --url, or its settings with --env.")
