"""Crash reports and the log file: what is needed to mend a bug, and nothing secret.

A report holds the traceback without values of variables. Whatever looks like a key, a token or words of a wallet is struck out, and the
home folder is written as ``~``.
"""

from __future__ import annotations

import logging
import re
import traceback
from functools import cached_property
from pathlib import Path

from mycelix_studio import __version__
from mycelix_studio.domain.clock import now
from mycelix_studio.files import write_atomic

_SECRETS = (
    (r"\b(0x)?[0-9a-fA-F]{64,}\b", "<64 hex digits>"),
    (r"\b(?:[a-z]{3,8} ){11,}[a-z]{3,8}\b", "<words>"),
    (r"(?i)(bearer|authorization:?|passphrase|password|token)(\s*[=:]?\s*)\S+", r"\1\2<secret>"),
)
LOG_BYTES, LOG_FILES = 1_000_000, 3


def redact(words: str) -> str:
    """Return a text without secrets and without the name of the home folder."""
    for pattern, instead in _SECRETS:
        words = re.sub(pattern, instead, words)
    return words.replace(str(Path.home()), "~")


def write_report(folder: Path, error: BaseException) -> Path:
    """Write a crash report and return its file.

    Raises:
        OSError: It could not be written.
    """
    import platform

    moment = now()
    trace = "".join(traceback.format_exception(error))
    lines = [
        f"Mycelix Studio {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}",
        moment.isoformat(),
        "",
        redact(trace),
    ]
    path = folder / f"crash-{moment:%Y%m%d-%H%M%S-%f}.txt"
    write_atomic(path, "\n".join(lines).encode())
    return path


class _Redacting(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class _Files(logging.Handler):
    """Writes to files that are opened, and whose library is imported, with the first record: most starts have none."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    @cached_property
    def _files(self) -> logging.Handler:
        from logging.handlers import RotatingFileHandler

        return RotatingFileHandler(
            self._folder / "studio.log", maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8"
        )

    def emit(self, record: logging.LogRecord) -> None:
        self._files.setFormatter(self.formatter)
        self._files.emit(record)

    def close(self) -> None:
        if "_files" in self.__dict__:
            self._files.close()
        super().close()


def log_to(folder: Path) -> logging.Handler:
    """Send the log of warnings and worse, and of our own notes, to files of 1 MB in ``folder``; returns the handler to close."""
    handler = _Files(folder)
    handler.setFormatter(_Redacting("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger("mycelix_studio").setLevel(logging.INFO)
    return handler
