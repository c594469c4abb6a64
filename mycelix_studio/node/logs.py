"""Structured logs: one JSON object a line on standard error, with the request's id and without secrets."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping

import structlog

_SECRET_NAMES = re.compile(
    r"token|secret|password|passphrase|signature|authorization|private|nonce|key_file", re.IGNORECASE
)
# 32 bytes in hex are also transaction hashes and song ids, which logs need: those come under names of their own.
_PUBLIC_NAMES = frozenset({"tx", "song_id", "block_hash", "digest", "content_hash"})
_LONG_HEX = re.compile(r"(0x)?[0-9a-fA-F]{64,}")
_BEARER = re.compile(r"(?i)bearer\s+\S+")
_URL_PASSWORD = re.compile(r"(://[^:/@\s]+:)[^@/\s]+@")


def redact(_logger: object, _method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """Replace whatever could be a secret by three dots, by name and by shape."""
    for name, value in event.items():
        if _SECRET_NAMES.search(name):
            event[name] = "..."
        elif isinstance(value, str) and name not in _PUBLIC_NAMES:
            event[name] = _URL_PASSWORD.sub(r"\1...@", _BEARER.sub("Bearer ...", _LONG_HEX.sub("...", value)))
    return event


def configure(level: str) -> None:
    """Send structlog's and the standard library's records to standard error as JSON lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(level=max(logging.WARNING, getattr(logging, level.upper())), handlers=[handler], force=True)
    # The Rust server's own access and start lines; ours carry the request id.
    logging.getLogger("_granian").setLevel(logging.ERROR)


def get(name: str) -> structlog.typing.FilteringBoundLogger:
    """Return a logger that names its part of the node."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(part=name)
    return logger
