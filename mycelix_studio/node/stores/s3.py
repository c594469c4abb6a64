"""Audio on an S3-compatible server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from mycelix_studio.node.stores import PIECE_BYTES, StoreAway


class S3Store:
    """Objects under ``audio/<cid>`` in one bucket. Credentials come from the usual AWS variables or files."""

    def __init__(self, bucket: str, endpoint: str) -> None:
        import boto3
        from botocore.config import Config as BotoConfig

        self._bucket = bucket
        self._client = boto3.client(  # type: ignore[no-untyped-call]
            "s3",
            endpoint_url=endpoint or None,
            config=BotoConfig(  # type: ignore[no-untyped-call]
                connect_timeout=5, read_timeout=30, retries={"max_attempts": 3, "mode": "standard"}
            ),
        )

    async def put(self, cid: str, path: Path) -> None:
        """Upload the file, then remove it; see :class:`AudioStore`."""
        await self._do(self._client.upload_file, str(path), self._bucket, _key(cid))
        path.unlink(missing_ok=True)

    async def size(self, cid: str) -> int | None:
        """Ask for the object's length; see :class:`AudioStore`."""
        from botocore.exceptions import ClientError

        try:
            answer = await asyncio.to_thread(self._client.head_object, Bucket=self._bucket, Key=_key(cid))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in {"404", "NoSuchKey", "NotFound"}:
                return None
            raise StoreAway(f"The S3 server says: {error}.") from error
        except Exception as error:
            raise _away(error) from error
        return int(answer["ContentLength"])

    async def read(self, cid: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield a range; see :class:`AudioStore`."""
        answer = await self._do(
            self._client.get_object, Bucket=self._bucket, Key=_key(cid), Range=f"bytes={start}-{end - 1}"
        )
        body = answer["Body"]  # type: ignore[index]
        try:
            while piece := await self._do(body.read, PIECE_BYTES):
                yield bytes(piece)  # type: ignore[call-overload]
        finally:
            body.close()

    async def delete(self, cid: str) -> None:
        """Remove the object; see :class:`AudioStore`."""
        await self._do(self._client.delete_object, Bucket=self._bucket, Key=_key(cid))

    async def check(self) -> None:
        """Make sure the bucket answers; see :class:`AudioStore`."""
        await self._do(self._client.head_bucket, Bucket=self._bucket)

    async def close(self) -> None:
        """Close the connections."""
        self._client.close()

    async def _do(self, call: object, *arguments: object, **named: object) -> object:
        try:
            return await asyncio.to_thread(call, *arguments, **named)  # type: ignore[arg-type]
        except Exception as error:
            raise _away(error) from error


def _away(error: Exception) -> StoreAway:
    """Return what to tell for an error of boto's, or raise what is not one of them."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    if isinstance(error, BotoCoreError | ClientError | Boto3Error | OSError):
        return StoreAway(f"The S3 server says: {error}.")
    raise error


def _key(cid: str) -> str:
    return f"audio/{cid}"
