"""Audio read back with proof: every MiB is compared with the digest its CID is made of before a byte of it leaves the node.

Disks, buckets and copies change bits without a word. A range costs the whole MiB around it to read and half a millisecond to hash.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from mycelix_studio.domain.cid import CHUNK_BYTES, CidHasher, root
from mycelix_studio.errors import Known
from mycelix_studio.node import logs, metrics
from mycelix_studio.node.stores import AudioStore

log = logs.get("audio")
_DIGEST: Final = 32


class Damaged(Known):
    """What the store keeps under a CID is not what was kept there."""

    def __init__(self, cid: str) -> None:
        super().__init__(
            "The audio is damaged",
            "What is kept under its name is not what was uploaded; none of it was sent.",
            "Tell the people who run this server: a backup has it, or the artist uploads it again.",
        )
        metrics.AUDIO_DAMAGED.inc()
        log.error("audio is damaged", cid=cid)


async def leaves_of(store: AudioStore, cid: str, size: int) -> bytes:
    """Return the digests of an object's MiBs by reading all of it.

    Raises:
        Damaged: It is not what its CID says.
        StoreAway: The store does not answer.
    """
    hasher = CidHasher()
    async for piece in store.read(cid, 0, size):
        await asyncio.to_thread(hasher.update, piece)
    if hasher.size != size or hasher.finish() != cid:
        raise Damaged(cid)
    return hasher.leaves(0)


@dataclass(frozen=True, slots=True)
class Named:
    """An object by its CID, its length in bytes and the digests of its MiBs, 32 bytes each."""

    cid: str
    size: int
    leaves: bytes

    def digests(self) -> list[bytes]:
        """Return the digests one by one. They need no trust of their own: the CID is made of them.

        Raises:
            Damaged: It is not made of these.
        """
        found = [self.leaves[at : at + _DIGEST] for at in range(0, len(self.leaves), _DIGEST)]
        if len(found) != max(1, -(-self.size // CHUNK_BYTES)) or root(found, self.size) != self.cid:
            raise Damaged(self.cid)
        return found


async def read(store: AudioStore, named: Named, start: int, end: int) -> AsyncIterator[bytes]:
    """Yield bytes ``start`` (included) to ``end`` (excluded), each only after the MiB it lies in was compared with its digest.

    Args:
        store: Where it lies.
        named: What should lie there.
        start: First byte.
        end: Byte after the last.

    Raises:
        Damaged: A MiB is not what was kept, or the digests are not those of the CID.
        StoreAway: The store does not answer.
    """
    digests = named.digests()
    position = start - start % CHUNK_BYTES
    whole_end = min(named.size, -(-end // CHUNK_BYTES) * CHUNK_BYTES)
    chunk = bytearray()
    async for piece in store.read(named.cid, position, whole_end):
        chunk += piece
        while position < whole_end and len(chunk) >= min(CHUNK_BYTES, whole_end - position):
            length = min(CHUNK_BYTES, whole_end - position)
            found = bytes(chunk[:length])
            del chunk[:length]
            digest = (await asyncio.to_thread(hashlib.sha256, found)).digest()
            if digest != digests[position // CHUNK_BYTES]:
                raise Damaged(named.cid)
            yield found[max(0, start - position) : end - position]
            position += length
    if position < end:
        raise Damaged(named.cid)
