"""Logs of the contracts as typed events.

``decode(log)`` is all an indexer or an audit needs: it returns one of the frozen dataclasses of ``chain.abi.events``, or None for a log
of another contract. Which contract spoke is ``event.log.address``; check it against the deployment, since anybody may emit the same event
elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from mycelix_studio.chain.artifacts import AbiEntry, artifact
from mycelix_studio.chain.binding import Event, event_values
from mycelix_studio.chain.rpc import Log
from mycelix_studio.chain.values import checksum

if TYPE_CHECKING:
    from mycelix_studio.chain.abi.events import RenewedFromPurses


def decode(log: Log) -> Event | None:
    """Return the typed event of a log; None when no contract of ours has such an event.

    An indexed layout other than ours under the same signature (another token's Transfer, say) is None too.

    Raises:
        ValueError: The log carries our event's topic but its data does not fit: the server's answer is damaged.
    """
    if not log.topics:
        return None
    known = _by_topic().get(log.topics[0])
    if known is None:
        return None
    entry, make = known
    if len(log.topics) != 1 + sum(part.indexed for part in entry.inputs):
        return None
    return make(log, *event_values(entry, log))


def decode_all(logs: Iterable[Log]) -> Iterator[Event]:
    """Return the typed events of logs, leaving out what is not ours."""
    for log in logs:
        event = decode(log)
        if event is not None:
            yield event


def topic(event: type[Event]) -> str:
    """Return the first topic of an event class as 0x + 64 hex, for filters of ``eth_getLogs``.

    Raises:
        KeyError: Not a generated event class.
    """
    return "0x" + _topics()[event].hex()


def purse_charges(event: RenewedFromPurses) -> Iterator[tuple[int, str, int]]:
    """Yield (place in the list, patron, gross wei) of each renewal that a keeper's round took out of a purse."""
    for item, charge in enumerate(event.charges):
        if not event.refused >> item & 1:
            yield item, checksum(f"0x{charge >> 96:040x}"), charge & (2**96 - 1)


@lru_cache(maxsize=1)
def _by_topic() -> dict[bytes, tuple[AbiEntry, Callable[..., Event]]]:
    from mycelix_studio.chain.abi.events import EVENTS

    found = {}
    for (contract, signature), kind in EVENTS.items():
        entry = next(entry for entry in artifact(contract).events() if entry.signature == signature)
        found[entry.hash] = (entry, cast("Callable[..., Event]", kind))
    return found


@lru_cache(maxsize=1)
def _topics() -> dict[object, bytes]:
    return {kind: topic for topic, (_entry, kind) in _by_topic().items()}
