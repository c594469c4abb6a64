"""Units, proxy and containers: what they must hold, and the proxy's configuration by nginx itself."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
PACKAGING = ROOT / "packaging"


def test_the_proxy_of_the_containers_is_the_same_as_the_one_on_a_machine() -> None:
    lines = (PACKAGING / "nginx" / "mycelix.conf").read_text().splitlines()
    others = (PACKAGING / "compose" / "proxy.conf").read_text().splitlines()
    different = [(a.strip(), b.strip()) for a, b in zip(lines, others, strict=True) if a != b]
    assert all(a.startswith(("#", "listen", "server 127")) for a, _b in different)
    assert len(different) == 6


def test_nginx_accepts_the_proxy_and_it_hides_metrics_and_keeps_uploads_unbuffered(tmp_path: Path) -> None:
    text = (PACKAGING / "nginx" / "mycelix.conf").read_text()
    assert "location = /metrics { return 404; }" in text
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in text
    assert text.split("location /api/uploads", 1)[1].split("}")[0].count("proxy_request_buffering off;") == 1
    if shutil.which("nginx") is None or shutil.which("openssl") is None:
        pytest.skip("apt install nginx-light openssl")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "2", "-subj", "/CN=music.example",
         "-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    (tmp_path / "mycelix.conf").write_text(text.replace("/etc/mycelix/tls", str(tmp_path)))
    (tmp_path / "nginx.conf").write_text(
        f"events {{}}\npid {tmp_path}/pid;\nhttp {{ access_log off; include {tmp_path}/mycelix.conf; }}\n"
    )
    done = subprocess.run(
        ["nginx", "-t", "-c", tmp_path / "nginx.conf", "-e", tmp_path / "error.log"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_container_is_read_only_without_capabilities_and_with_limits() -> None:
    services = yaml.safe_load((PACKAGING / "compose" / "compose.yml").read_text())["services"]
    assert set(services) >= {"database", "api", "worker", "proxy", "prometheus", "alertmanager", "grafana"}
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["pids_limit"] and service["mem_limit"], name
        assert not service.get("privileged") and "network_mode" not in service, name
        public = [port for port in service.get("ports", []) if not str(port).startswith("127.0.0.1:")]
        assert public == (["443:8443"] if name == "proxy" else []), name
    assert "database" not in {name for name, service in services.items() if "outside" in service["networks"]}


def test_every_unit_names_what_may_be_written_and_runs_our_command() -> None:
    units = sorted((PACKAGING / "systemd").glob("*.service"))
    assert len(units) >= 5
    for unit in units:
        text = unit.read_text()
        assert "\nExecStart=/opt/mycelix/bin/mycelix " in text
        assert (
            "\nUser=mycelix\n" in text
            and "\nProtectSystem=strict\n" in text
            and "\nReadWritePaths=/srv/mycelix\n" in text
        )
