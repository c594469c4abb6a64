"""Audio on a Kubo node (IPFS), by its RPC."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from mycelix_studio.node.stores import PIECE_BYTES, StoreAway


class KuboStore:
    """Objects pinned on one Kubo node. Kubo names them itself; the name must come out as the one computed here."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=url.rstrip("/") + "/api/v0/", timeout=httpx.Timeout(60.0, connect=5.0)
        )

    async def put(self, cid: str, path: Path) -> None:
        """Add and pin the file, then remove it; see :class:`AudioStore`."""
        options = {
            "cid-version": "1",
            "hash": "sha2-256",
            "chunker": "size-1048576",
            "raw-leaves": "true",
            "max-file-links": "1024",
            "pin": "true",
            "quieter": "true",
        }
        with path.open("rb") as file:
            answer = await self._post("add", options, files={"file": (cid, file, "application/octet-stream")})
        lines = answer.text.strip().splitlines()
        named = httpx.Response(200, text=lines[-1]).json().get("Hash") if lines else None
        if named != cid:
            await self._post("pin/rm", {"arg": str(named)})
            raise StoreAway(f"Kubo named a file {named} that is {cid}.")
        path.unlink(missing_ok=True)

    async def size(self, cid: str) -> int | None:
        """Return the file's length when it is pinned here; see :class:`AudioStore`."""
        try:
            await self._post("pin/ls", {"arg": cid, "type": "recursive"})
        except StoreAway as error:
            if "is not pinned" in error.message:
                return None
            raise
        answer = await self._post("files/stat", {"arg": f"/ipfs/{cid}"})
        return int(answer.json()["Size"])

    async def read(self, cid: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield a range; see :class:`AudioStore`."""
        arguments = {"arg": cid, "offset": str(start), "length": str(end - start)}
        try:
            async with self._client.stream("POST", "cat", params=arguments) as answer:
                if answer.status_code != 200:
                    raise StoreAway(f"Kubo says: {(await answer.aread()).decode(errors='replace')[:200]}.")
                async for piece in answer.aiter_bytes(PIECE_BYTES):
                    yield piece
        except httpx.HTTPError as error:
            raise StoreAway(f"Kubo cannot be reached ({type(error).__name__}).") from error

    async def delete(self, cid: str) -> None:
        """Take the pin away; Kubo collects the blocks in its own time; see :class:`AudioStore`."""
        try:
            await self._post("pin/rm", {"arg": cid})
        except StoreAway as error:
            if "not pinned" not in error.message:
                raise

    async def check(self) -> None:
        """Make sure Kubo answers; see :class:`AudioStore`."""
        await self._post("version", {})

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _post(self, command: str, arguments: dict[str, str], files: object = None) -> httpx.Response:
        try:
            answer = await self._client.post(command, params=arguments, files=files)  # type: ignore[arg-type]
        except httpx.HTTPError as error:
            raise StoreAway(f"Kubo cannot be reached ({type(error).__name__}).") from error
        if answer.status_code != 200:
            raise StoreAway(f"Kubo says: {answer.text[:200]}.")
        return answer
