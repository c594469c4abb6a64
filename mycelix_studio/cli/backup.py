"""`mycelix backup` and `mycelix restore`: a node's backups, and an artist's profile in one file."""

from __future__ import annotations

import signal
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mycelix_studio.cli.output import REFUSED, DryRun, JsonOption, Yes, ask, emit, read_secret, table, working
from mycelix_studio.cli.profile import ProfileDir, opened

if TYPE_CHECKING:
    from datetime import datetime

    from mycelix_studio.ops.backup.config import BackupConfig

app = typer.Typer(help="Backups of a node, and of an artist's profile.", no_args_is_help=True)

EnvFile = Annotated[
    Path | None, typer.Option("--env", help="The node's node.env; its environment variables otherwise.")
]
IdentityFile = Annotated[Path, typer.Option(help="File of `mycelix backup key`.")]


def _config(env: Path | None) -> BackupConfig:
    from mycelix_studio.ops.backup.config import BackupConfig
    from mycelix_studio.ops.node_env import read

    return BackupConfig.from_environment(read(env) if env is not None else None)


def _moment(text: str) -> datetime | None:
    from mycelix_studio.domain.wire import parse_time

    if not text:
        return None
    try:
        return parse_time(text)
    except ValueError as error:
        raise typer.BadParameter("write it as 2026-11-26T00:15:00Z", param_hint="--to") from error


@app.command("key")
def make_key(
    file: Annotated[Path, typer.Argument(help="New file for the identity; keep it off the node, and twice.")],
    as_json: JsonOption = False,
) -> None:
    """Make the key pair of the backups: the identity goes into the file, the recipient is printed."""
    from mycelix_studio.ops.backup.sealing import new_identity

    recipient = new_identity(file)
    emit({"file": str(file), "recipient": recipient}, [recipient], as_json)


@app.command("now")
def backup_now(
    kind: Annotated[str, typer.Option(help="auto, full or incremental.")] = "auto",
    env: EnvFile = None,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
) -> None:
    """Back up the running node: its database, then the audio that is not there yet."""
    from mycelix_studio.ops.backup.take import take

    if kind not in ("auto", "full", "incremental"):
        raise typer.BadParameter("auto, full or incremental", param_hint="--kind")
    config: BackupConfig = _config(env)
    if dry_run:
        words = [f"Would back up {config.node.data_dir} to {config.to or 'nowhere: MYCELIX_BACKUP_TO is empty'}."]
        emit({"dryRun": True, "from": str(config.node.data_dir), "to": config.to, "kind": kind}, words, as_json)
        return
    with working("Backing up") as work:
        made = take(config, kind, work.progress)  # type: ignore[arg-type]
    data = {
        **made.backup.to_json(),
        "audioAdded": made.audio_added,
        "audioDamaged": list(made.audio_damaged),
        "audioMissing": list(made.audio_missing),
        "removed": list(made.removed),
    }
    words = [
        f"{made.backup.id}: {made.backup.kind}, {made.backup.stored_bytes / 2**20:.1f} MiB, {made.audio_added} audio files added."
    ]
    words += [f"Damaged audio on the node, not backed up: {cid}" for cid in made.audio_damaged]
    words += [f"Missing audio on the node: {cid}" for cid in made.audio_missing]
    emit(data, words, as_json)
    if made.audio_damaged or made.audio_missing:
        raise typer.Exit(1)


@app.command("stream")
def stream(
    synchronous: Annotated[
        bool, typer.Option("--synchronous", help="The node waits for the spool at each commit.")
    ] = False,
    part_seconds: Annotated[float, typer.Option(help="Seconds between parts that are sent.")] = 30.0,
    env: EnvFile = None,
    as_json: JsonOption = False,
) -> None:
    """Receive the log as it is written and send it on, until stopped. A node that is restarted is found again."""
    from mycelix_studio.ops.backup.stream import Stream

    running = Stream(_config(env), synchronous=synchronous, part_seconds=part_seconds)
    before = {each: signal.signal(each, lambda *_: running.stop()) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        typer.echo(f"Receiving into {running.folder}.", err=True)
        running.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    emit({"stopped": True}, ["Stopped; everything received was sent."], as_json)


@app.command("list")
def list_backups(env: EnvFile = None, as_json: JsonOption = False) -> None:
    """List the backups of a node and the moments they lead to."""
    from mycelix_studio.ops.backup import catalog
    from mycelix_studio.ops.backup.repository import open_repository
    from mycelix_studio.ops.backup.take import work_folder

    config = _config(env)
    repository = open_repository(config.to, config.endpoint)
    with work_folder(config) as work:
        found = catalog.backups(repository, work)
    rows = [
        (
            each.id,
            each.kind,
            f"{each.stopped:%Y-%m-%d %H:%M:%S}",
            f"{each.stored_bytes / 2**20:.1f}",
            str(each.songs_audio),
        )
        for each in found
    ]
    words = table(("Backup", "Kind", "From (UTC)", "MiB", "Audio"), rows, right=(3, 4)) if rows else ["No backup yet."]
    emit([each.to_json() for each in found], words, as_json)


@app.command("verify")
def verify(
    identity_file: Annotated[
        Path | None, typer.Option(help="Also restore the newest into a folder that is thrown away.")
    ] = None,
    live: Annotated[bool, typer.Option("--live", help="Also read the node's own audio.")] = False,
    env: EnvFile = None,
    as_json: JsonOption = False,
) -> None:
    """Read every stored object and compare it with its hash; with the identity, prove that the newest backup restores."""
    from mycelix_studio.ops.backup import cluster
    from mycelix_studio.ops.backup.restore import rehearse
    from mycelix_studio.ops.backup.verify import cids_of, scrub
    from mycelix_studio.ops.backup.verify import verify as check

    config = _config(env)
    with working("Verifying") as work:

        def report(done: int, total: int, text: str) -> None:
            work.progress(done, total, text)

        found = check(config, report)
        proof = rehearse(config, identity_file, report=report) if identity_file is not None and found.sound else None
        audio = scrub(config.node, cids_of(cluster.running(config.node).url), report) if live else None
    data = {
        "sound": found.sound,
        "backups": [each.id for each in found.backups],
        "objects": found.objects,
        "damaged": list(found.damaged),
        "missing": list(found.missing),
        "gaps": list(found.gaps),
        "rehearsalSeconds": None if proof is None else round(proof.seconds, 2),
        "audio": None if audio is None else asdict(audio),
    }
    words = [f"{len(found.backups)} backups, {found.objects} objects read."]
    words += [f"Damaged: {key}" for key in found.damaged] + [f"Without its cluster: {each}" for each in found.missing]
    words += [f"The log has a gap at {name}: take a full backup." for name in found.gaps]
    words += [] if proof is None else [f"Restored in a rehearsal in {proof.seconds:.1f} s."]
    if audio is not None:
        words += [f"Damaged audio on the node: {cid}" for cid in audio.damaged]
        words += [f"Missing audio on the node: {cid}" for cid in audio.missing]
    words.append("Sound." if found.sound else "Not sound.")
    emit(data, words, as_json)
    if not found.sound or (audio is not None and (audio.damaged or audio.missing)):
        raise typer.Exit(REFUSED)


@app.command("pgbackrest")
def pgbackrest(
    command: Annotated[str, typer.Argument(help="configure, stanza-create, check, backup, verify, info.")],
    cluster: Annotated[Path, typer.Option(help="Data folder of the external PostgreSQL.")],
    config: Annotated[Path, typer.Option(help="pgBackRest's configuration file.")] = Path(
        "/etc/pgbackrest/mycelix.conf"
    ),
    to: Annotated[str, typer.Option(help="For configure: folder or s3://bucket/prefix.")] = "",
    endpoint: Annotated[str, typer.Option(help="For configure: host of the S3 server.")] = "",
    passphrase_file: Annotated[Path | None, typer.Option(help="For configure: passphrase of the repository.")] = None,
    keep: Annotated[int, typer.Option(help="For configure: full backups that stay.")] = 4,
    port: Annotated[int, typer.Option(help="Port of the PostgreSQL.")] = 5432,
    socket: Annotated[Path, typer.Option(help="Folder of its socket.")] = Path("/var/run/postgresql"),
    full: Annotated[bool, typer.Option("--full", help="For backup: a full one instead of an incremental one.")] = False,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
) -> None:
    """Back up an external PostgreSQL with pgBackRest: its configuration, and its commands with errors in words."""
    from mycelix_studio.files import write_atomic
    from mycelix_studio.ops.backup.external import External

    external = External(cluster, config, port, socket)
    if command == "configure":
        secret = read_secret("Passphrase of the repository", passphrase_file, confirm=passphrase_file is None)
        text = external.configuration(to, secret, keep=keep, endpoint=endpoint)
        if not dry_run:
            write_atomic(config, text.encode())
        words = [f"{'Would write' if dry_run else 'Wrote'} {config}. In postgresql.conf:", "archive_mode = on"]
        words += [f"archive_command = '{external.archive_command}'", "archive_timeout = 60"]
        emit({"file": str(config), "archiveCommand": external.archive_command, "dryRun": dry_run}, words, as_json)
        return
    if command not in ("stanza-create", "check", "backup", "verify", "info"):
        raise typer.BadParameter("configure, stanza-create, check, backup, verify or info", param_hint="COMMAND")
    options = [f"--type={'full' if full else 'incr'}"] if command == "backup" else []
    if command == "verify":
        options = ["--log-level-console=info"]
    if dry_run:
        emit({"dryRun": True, "command": command}, [f"Would run pgbackrest {command}."], as_json)
        return
    said = external.run(command, *options)
    emit({"command": command, "output": said}, [said.strip() or "Done."], as_json)


@app.command("profile")
def profile(
    file: Annotated[Path, typer.Argument(help="New file, such as studio-2026-11.age.")],
    secret_file: Annotated[
        Path | None, typer.Option(help="File with the backup's passphrase, - for standard input.")
    ] = None,
    account_passphrase_file: Annotated[
        Path | None, typer.Option(help="File with the passphrase of accounts that have their own.")
    ] = None,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Write an artist's whole profile into one encrypted file: cache, drafts, settings, rates and keys."""
    from mycelix_studio.services import backup

    secret = read_secret("Passphrase of the backup", secret_file, confirm=secret_file is None)
    with opened(profile_dir) as studio, working("Backing up") as work:
        made = backup.write(
            studio,
            file,
            secret,
            lambda account: read_secret(f"Passphrase of “{account.name}”", account_passphrase_file),
            work,
        )
    data = {"file": str(file), "bytes": file.stat().st_size, "accounts": list(made.accounts), "files": dict(made.files)}
    words = [f"Wrote {file}: {len(made.files)} files, {len(made.accounts)} keys. It opens with its passphrase alone."]
    emit(data, words, as_json)


def restore(
    file: Annotated[Path | None, typer.Argument(help="An artist's backup. Without it a node is restored.")] = None,
    to: Annotated[
        str, typer.Option(help="Moment to go back to, such as 2026-11-26T00:15:00Z; the newest otherwise.")
    ] = "",
    identity_file: Annotated[Path | None, typer.Option(help="For a node: file of `mycelix backup key`.")] = None,
    secret_file: Annotated[
        Path | None, typer.Option(help="For a profile: its passphrase, - for standard input.")
    ] = None,
    account_passphrase_file: Annotated[
        Path | None, typer.Option(help="For a profile: own passphrase of accounts that had one.")
    ] = None,
    env: EnvFile = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Bring back a node to a moment, or an artist's profile from its file. Never writes over what is there."""
    if file is not None:
        _restore_profile(file, secret_file, account_passphrase_file, dry_run, as_json, profile_dir)
        return
    if identity_file is None:
        raise typer.BadParameter("a node's backups are encrypted: name the identity", param_hint="--identity-file")
    moment, config = _moment(to), _config(env)
    from mycelix_studio.domain.clock import rfc3339
    from mycelix_studio.ops.backup import catalog
    from mycelix_studio.ops.backup.repository import open_repository
    from mycelix_studio.ops.backup.restore import restore as bring_back
    from mycelix_studio.ops.backup.take import work_folder

    if dry_run:
        with work_folder(config) as work:
            links = catalog.chain(catalog.backups(open_repository(config.to, config.endpoint), work), moment)
        ids = [each.id for each in links]
        emit(
            {"dryRun": True, "backups": ids, "to": to or None},
            [f"Would restore {' + '.join(ids)} and the log after."],
            as_json,
        )
        return
    ask(f"Restore into {config.node.data_dir}?", yes=yes)
    with working("Restoring") as work_:
        back = bring_back(config, identity_file, moment, report=work_.progress)
    reached = None if back.reached is None else rfc3339(back.reached)
    data = {
        "backups": list(back.backups),
        "asked": to or None,
        "reached": reached,
        "segments": back.segments,
        "seconds": round(back.seconds, 2),
        "gaps": list(back.gaps),
        "audio": back.audio,
        "audioMissing": list(back.audio_missing),
    }
    words = [
        f"Restored {' + '.join(back.backups)} and {back.segments} pieces of the log in {back.seconds:.1f} s.",
        f"The last transaction that came back is of {reached}." if reached else "Nothing was written after the backup.",
        f"{back.audio} audio files came back.",
    ]
    words += [f"The log has a gap at {name}; what came after is not there." for name in back.gaps]
    words += [f"No good copy of audio {cid}" for cid in back.audio_missing]
    words.append("Start the node, then take a full backup: a new line of time begins here.")
    emit(data, words, as_json)
    if back.gaps or back.audio_missing:
        raise typer.Exit(1)


def _restore_profile(
    file: Path, secret_file: Path | None, own_file: Path | None, dry_run: bool, as_json: bool, profile_dir: Path | None
) -> None:
    from mycelix_studio.cli.profile import paths_of
    from mycelix_studio.domain.clock import rfc3339
    from mycelix_studio.services import backup

    secret = read_secret(f"Passphrase of {file.name}", secret_file)
    if dry_run:
        found = backup.read(file, secret)
    else:
        with working("Restoring") as work:
            found = backup.restore(
                file,
                secret,
                paths_of(profile_dir),
                lambda address: read_secret(f"Passphrase for {address} here", own_file),
                work,
            )
    data = {
        "dryRun": dry_run,
        "madeAt": rfc3339(found.made_at),
        "accounts": list(found.accounts),
        "files": dict(found.files),
    }
    did = "Holds" if dry_run else "Restored"
    emit(
        data,
        [f"{did} {len(found.files)} files and {len(found.accounts)} keys of {found.made_at:%Y-%m-%d %H:%M} UTC."],
        as_json,
    )
