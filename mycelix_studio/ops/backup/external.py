"""An external PostgreSQL and pgBackRest: the configuration, and its commands in our words.

pgBackRest runs on the database's machine, as its owner. Its ``verify`` finds corruption but ends with 0 (2.45), so its text is read.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mycelix_studio.errors import Known

STANZA = "mycelix"


class PgBackRestFailed(Known):
    """pgBackRest ended with an error."""

    def __init__(self, command: str, said: str) -> None:
        super().__init__(f"pgbackrest {command} failed", said.strip()[-800:], "See docs/operations/recovery.md.")


@dataclass(frozen=True, slots=True)
class External:
    """An external cluster.

    Attributes:
        cluster: Its data folder.
        config: pgBackRest's configuration file.
        port: Its port.
        socket: Folder of its socket.
    """

    cluster: Path
    config: Path
    port: int = 5432
    socket: Path = Path("/var/run/postgresql")

    def configuration(
        self, to: str, passphrase: str, *, keep: int, endpoint: str = "", region: str = "us-east-1"
    ) -> str:
        """Return the text of pgBackRest's configuration: encrypted, compressed, with the retention asked for.

        Args:
            to: Folder or ``s3://bucket/prefix``.
            passphrase: Of the repository; pgBackRest encrypts with AES-256-CBC.
            keep: Full backups that stay.
            endpoint: Host of the S3 server.
            region: Region of the bucket.
        """
        if to.startswith("s3://"):
            parts = urlsplit(to)
            place = [
                "repo1-type=s3",
                f"repo1-s3-bucket={parts.netloc}",
                f"repo1-path={parts.path or '/pgbackrest'}",
                f"repo1-s3-endpoint={urlsplit(endpoint).netloc or endpoint or 's3.amazonaws.com'}",
                f"repo1-s3-region={region}",
                "repo1-s3-key-type=auto"
                if not endpoint
                else "# repo1-s3-key and repo1-s3-key-secret come from PGBACKREST_REPO1_S3_KEY…",
            ]
        else:
            place = [f"repo1-path={to}"]
        lines = [
            "[global]",
            *place,
            "repo1-cipher-type=aes-256-cbc",
            f"repo1-cipher-pass={passphrase}",
            f"repo1-retention-full={keep}",
            "repo1-bundle=y",
            "compress-type=zst",
            "start-fast=y",
            "log-level-file=off",
            f"lock-path={self.config.parent / 'lock'}",
            "",
            f"[{STANZA}]",
            f"pg1-path={self.cluster}",
            f"pg1-port={self.port}",
            f"pg1-socket-path={self.socket}",
        ]
        return "\n".join(lines) + "\n"

    @property
    def archive_command(self) -> str:
        """``archive_command`` for postgresql.conf."""
        return f"pgbackrest --config={self.config} --stanza={STANZA} archive-push %p"

    def run(self, command: str, *options: str) -> str:
        """Run a command of pgBackRest and return what it said.

        Raises:
            PgBackRestFailed: It failed, or its verification found something.
            Known: It is not installed.
        """
        program = shutil.which("pgbackrest")
        if program is None:
            raise Known(
                "pgBackRest is not installed",
                "The backup needs it. Nothing was changed.",
                "On Debian or Ubuntu: apt install pgbackrest.",
            )
        words = [program, f"--config={self.config}", f"--stanza={STANZA}", *options, command]
        done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
        said = done.stdout + done.stderr
        if done.returncode != 0 or (command == "verify" and _found_something(said)):
            raise PgBackRestFailed(command, said)
        return said


def _found_something(said: str) -> bool:
    """Read the summary of ``verify``: any count of missing, invalid or otherwise bad files but 0."""
    counts = re.findall(r"(?:missing|checksum invalid|size invalid|other):\s*(\d+)", said)
    return (
        any(int(count) for count in counts) or "status: error" in said or "invalid" in re.sub(r"invalid: 0", "", said)
    )
