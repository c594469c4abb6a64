"""Where a node's backups go and how long they stay: environment variables, beside the node's own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mycelix_studio.errors import Known
from mycelix_studio.node.config import Config

VARIABLES: Final = {
    "MYCELIX_BACKUP_TO": "Folder or s3://bucket/prefix that backups go to; best on another machine.",
    "MYCELIX_BACKUP_ENDPOINT": "Address of the S3 server; empty is Amazon's. Keys come from the usual AWS variables.",
    "MYCELIX_BACKUP_RECIPIENT": "age1… that everything is encrypted to; its identity does not belong on this machine.",
    "MYCELIX_BACKUP_KEEP": "Full backups that are kept, with what builds on them. Default 4.",
    "MYCELIX_BACKUP_SPOOL": "Folder for the log on its way; best on another disk. Default: backup in the data folder.",
}


@dataclass(frozen=True, slots=True)
class BackupConfig:
    """What backup and restore need to know.

    Attributes:
        node: The node's own configuration.
        to: Address of the repository.
        endpoint: Of its S3 server.
        recipient: age recipient.
        keep: Full backups that stay.
        spool: Folder for work and for the log on its way.
    """

    node: Config
    to: str
    endpoint: str
    recipient: str
    keep: int
    spool: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> BackupConfig:
        """Return the configuration the environment describes.

        Raises:
            Known: A variable cannot be read.
        """
        environment = os.environ if environment is None else environment
        node = Config.from_environment(environment)
        try:
            keep = int(environment.get("MYCELIX_BACKUP_KEEP") or "4")
            if keep < 1:
                raise ValueError
        except ValueError as error:
            raise Known("MYCELIX_BACKUP_KEEP is no number", "It must be 1 or more.", "Correct it.") from error
        spool = environment.get("MYCELIX_BACKUP_SPOOL")
        return cls(
            node,
            environment.get("MYCELIX_BACKUP_TO", ""),
            environment.get("MYCELIX_BACKUP_ENDPOINT", ""),
            environment.get("MYCELIX_BACKUP_RECIPIENT", ""),
            keep,
            Path(spool).expanduser().absolute() if spool else node.data_dir / "backup",
        )
