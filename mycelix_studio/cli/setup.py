"""`mycelix setup` and `mycelix init`: an artist's profile, and an operator's node, ready to use."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from mycelix_studio.cli.output import DryRun, JsonOption, emit, working
from mycelix_studio.cli.profile import ProfileDir, opened
from mycelix_studio.errors import Known


def setup(
    server: Annotated[str | None, typer.Option(help="Address of your platform, such as https://music.example.")] = None,
    network: Annotated[str | None, typer.Option(help="gnosis, chiado or local.")] = None,
    rpc: Annotated[
        list[str] | None, typer.Option(help="Chain server of your own; up to two, which are compared.")
    ] = None,
    artist_name: Annotated[str | None, typer.Option(help="Shown on songs and statements.")] = None,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Connect a profile to a platform and a network. Asks for what is left out when there is a terminal."""
    from mycelix_studio.domain.networks import NETWORKS, by_key
    from mycelix_studio.settings import API_URL, ARTIST_NAME, CHAIN_ID, RPC_URLS, AnySetting

    with opened(profile_dir) as studio:
        settings = studio.settings
        if sys.stdin.isatty():
            server = server if server is not None else typer.prompt("Server", default=settings.get(API_URL), err=True)
            artist_name = (
                artist_name
                if artist_name is not None
                else typer.prompt("Artist name", default=settings.get(ARTIST_NAME), err=True)
            )
        chosen = by_key(network) if network is not None else None
        if network is not None and chosen is None:
            raise typer.BadParameter(f"one of {', '.join(each.key for each in NETWORKS)}", param_hint="--network")
        wanted: dict[AnySetting, str | int | None] = {
            API_URL: server,
            CHAIN_ID: None if chosen is None else chosen.chain_id,
            RPC_URLS: None if rpc is None else " ".join(rpc),
            ARTIST_NAME: artist_name,
        }
        changes = {setting: value for setting, value in wanted.items() if value is not None}
        if not dry_run:
            for setting, value in changes.items():
                settings.put(setting, value)
        answer = ""
        if not dry_run and settings.get(API_URL):
            with working("Asking the server"):
                answer = f"{settings.get(API_URL)} answers, version {studio.api.status.health().version}."
        data = {
            "dryRun": dry_run,
            "settings": {setting.key: value for setting, value in changes.items()},
            "answer": answer or None,
            "account": None if studio.wallet.current() is None else str(studio.wallet.current().address),  # type: ignore[union-attr]
        }
        words = [f"{setting.title}: {value}" for setting, value in changes.items()]
        words += [answer] if answer else []
        if studio.wallet.current() is None:
            words.append("Next: mycelix wallet create, or mycelix wallet import words.")
        emit(data, words, as_json)


def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the node; made when it is not there.")],
    network: Annotated[str, typer.Option(help="gnosis, chiado or local.")] = "gnosis",
    domain: Annotated[str, typer.Option(help="Public name, which sign-in messages must give.")] = "",
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1, behind your proxy.")] = 8390,
    rpc_url: Annotated[list[str] | None, typer.Option(help="Chain server; may be repeated.")] = None,
    deployment: Annotated[Path | None, typer.Option(help="JSON with the contracts; the shipped one otherwise.")] = None,
    database_url_file: Annotated[
        Path | None, typer.Option(help="File with the address of a PostgreSQL; without it the node runs its own.")
    ] = None,
    operator: Annotated[list[str] | None, typer.Option(help="Account of an operator; may be repeated.")] = None,
    backup_to: Annotated[str, typer.Option(help="Folder or s3://bucket/prefix for backups.")] = "",
    backup_recipient: Annotated[str, typer.Option(help="age1… that backups are encrypted to: see backup key.")] = "",
    dry_run: DryRun = False,
    as_json: JsonOption = False,
) -> None:
    """Prepare a node's folder: writes node.env, which the systemd units, compose and `mycelix node` read."""
    from mycelix_studio.cli.output import read_secret
    from mycelix_studio.files import write_atomic
    from mycelix_studio.node.config import Config
    from mycelix_studio.ops.node_env import chain_settings, render

    target = folder.absolute() / "node.env"
    if target.exists():
        raise Known(f"“{target}” exists", "Nothing was changed.", "Edit it, or name another folder.")
    values = {
        "MYCELIX_DATA_DIR": str(folder.absolute() / "data"),
        "MYCELIX_DATABASE_URL": "" if database_url_file is None else read_secret("Database", database_url_file),
        "MYCELIX_HOST": "127.0.0.1",
        "MYCELIX_PORT": str(port),
        "MYCELIX_DOMAIN": domain,
        "MYCELIX_TRUST_PROXY": "yes" if domain else "no",
        "MYCELIX_OPERATORS": " ".join(operator or []),
        "MYCELIX_BACKUP_TO": backup_to,
        "MYCELIX_BACKUP_RECIPIENT": backup_recipient,
        **chain_settings(network, rpc_url or [], deployment),
    }
    Config.from_environment(values)  # refuses what the node would refuse
    text = render(values)
    if not dry_run:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomic(target, text.encode())
    shown = [
        line if "DATABASE_URL" not in line or line.endswith("=") else "MYCELIX_DATABASE_URL=…"
        for line in text.splitlines()
    ]
    data = {
        "dryRun": dry_run,
        "file": str(target),
        "settings": {k: v for k, v in values.items() if k != "MYCELIX_DATABASE_URL"},
    }
    words = shown if dry_run else [f"Wrote {target}.", f"Next: set -a; . {target}; set +a; mycelix node"]
    emit(data, words, as_json)
