"""Uploads of audio: tus 1.0.0 with creation, creation-with-upload, termination, checksum and expiration; and one multipart call."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Annotated, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Header, Path, Request, Response, UploadFile
from starlette.requests import ClientDisconnect

from mycelix_studio.domain.cid import CHUNK_BYTES
from mycelix_studio.domain.clock import now
from mycelix_studio.node import logs, metrics
from mycelix_studio.node.context import Context
from mycelix_studio.node.db import objects
from mycelix_studio.node.db.accounts import Account
from mycelix_studio.node.db.objects import Stored, Upload
from mycelix_studio.node.http.deps import ContextDep, SignedIn
from mycelix_studio.node.http.models import Answer, Cid
from mycelix_studio.node.http.problems import Problem, invalid
from mycelix_studio.node.probe import NotAudio
from mycelix_studio.node.upload_files import LEAVES, BrokenOff, ChecksumMismatch

log = logs.get("uploads")
router = APIRouter(prefix="/api", tags=["uploads"])

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,termination,checksum,expiration"
ALGORITHMS: Final = ("sha1", "sha256", "sha512", "md5", LEAVES)
_OFFSET_TYPE: Final = "application/offset+octet-stream"
_CID_WORD: Final = re.compile(r"^b[a-z2-7]{58}$")

UploadPath = Annotated[UUID, Path(description="Id of the upload, the last part of its Location.")]
TusVersion = Annotated[str, Header(alias="Tus-Resumable", description="1.0.0")]
_TUS: Final = {"headers": {"Tus-Resumable": {"schema": {"type": "string"}, "description": "1.0.0"}}}


class Uploaded(Answer):
    """Audio that is kept now."""

    ipfsHash: Cid
    url: str


def _check_version(request: Request) -> None:
    if request.headers.get("tus-resumable") != VERSION:
        raise Problem(
            412,
            "tus-version",
            "Another version of tus is needed",
            f"Send Tus-Resumable: {VERSION}.",
            headers={"Tus-Version": VERSION},
        )


def _headers(upload: Upload) -> dict[str, str]:
    headers = {
        "Tus-Resumable": VERSION,
        "Upload-Offset": str(upload.received),
        "Upload-Expires": format_datetime(upload.expires_at, usegmt=True),
        "Cache-Control": "no-store",
    }
    if upload.cid is not None:
        headers["X-Content-Cid"] = upload.cid
    return headers


def _number(request: Request, name: str) -> int:
    text = request.headers.get(name, "")
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise Problem(
            400,
            "bad-header",
            f"{name} is not a number",
            f"Send {name} as a whole number.",
            ((name, "missing or not a number"),),
        )
    return int(text)


def _metadata(text: str) -> dict[str, str]:
    """Return Upload-Metadata as words: ``name base64,name base64``.

    Raises:
        Problem: It is not of that form.
    """
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = pair.partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode()
        except ValueError as error:
            raise Problem(
                400,
                "bad-header",
                "Upload-Metadata cannot be read",
                "",
                (("Upload-Metadata", f"{name[:40]} is not base64"),),
            ) from error
        if "\x00" in found[name]:
            raise Problem(
                400,
                "bad-header",
                "Upload-Metadata cannot be read",
                "",
                (("Upload-Metadata", "holds a null character"),),
            )
    return found


def _file_name(metadata: dict[str, str]) -> str:
    """Return the last part of the client's name for the file, for display only; it never names a path."""
    name = metadata.get("filename") or metadata.get("name") or ""
    return re.split(r"[/\\]", name)[-1].strip().lstrip(".")[:255]


def _checksum(request: Request) -> tuple[str, bytes] | None:
    header = request.headers.get("upload-checksum")
    if header is None:
        return None
    algorithm, _, value = header.partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except ValueError:
        digest = b""
    if algorithm not in ALGORITHMS or not digest:
        raise Problem(
            400,
            "bad-checksum",
            "Upload-Checksum cannot be used",
            f"Known: {', '.join(ALGORITHMS)}.",
            (("Upload-Checksum", "unknown algorithm or no base64"),),
        )
    return algorithm, digest


@router.options("/uploads", status_code=204, response_class=Response, responses={204: _TUS})
async def upload_options(context: ContextDep) -> Response:
    """Tell what this tus server can do."""
    return Response(
        status_code=204,
        headers={
            "Tus-Resumable": VERSION,
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(context.config.upload_max_bytes),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        },
    )


@router.post(
    "/uploads",
    status_code=201,
    response_class=Response,
    responses={201: _TUS, 413: {"description": "Bigger than allowed, or over the quota."}},
)
async def create_upload(
    request: Request,
    account: SignedIn,
    context: ContextDep,
    tus_resumable: TusVersion = "",
    upload_length: Annotated[str, Header(description="Bytes in all.")] = "",
    upload_metadata: Annotated[
        str, Header(max_length=4096, description="tus metadata; `filename` and `cid` are used.")
    ] = "",
) -> Response:
    """Begin an upload. With a `cid` in the metadata, the finished file must have that name."""
    _check_version(request)
    if request.headers.get("upload-defer-length") is not None:
        raise Problem(
            400, "bad-header", "The length must be known", "", (("Upload-Length", "deferring it is not offered"),)
        )
    size = _number(request, "Upload-Length")
    metadata = _metadata(upload_metadata)
    if size > context.config.upload_max_bytes:
        raise Problem(
            413, "too-big", "The file is too big", f"An upload may have {context.config.upload_max_bytes} bytes."
        )
    if size == 0:
        raise Problem(422, "not-audio", "The file is empty", "An empty file holds no audio.")
    if "cid" in metadata and not _CID_WORD.fullmatch(metadata["cid"]):
        raise invalid(("Upload-Metadata", "cid is not one of the profile unixfs-v1-2025"))
    upload = Upload(
        account.id,
        uuid4(),
        _file_name(metadata),
        size,
        0,
        upload_metadata,
        None,
        now() + timedelta(hours=context.config.upload_hours),
    )
    async with context.database.write("create-upload") as connection:
        # One at a time per artist, so that two uploads cannot pass the quota together.
        await connection.execute("SELECT pg_advisory_xact_lock(7, %s)", (account.id,))
        used = await objects.used_bytes(connection, account.id)
        if used + size > context.config.quota_bytes:
            raise Problem(
                413, "quota", "Your space is used up", f"{used} of {context.config.quota_bytes} bytes are in use."
            )
        await objects.begin(connection, upload)
    location = f"/api/uploads/{upload.id}"
    if request.headers.get("content-type", "").split(";")[0] == _OFFSET_TYPE:
        upload = await _receive(request, context, account, upload)
    return Response(status_code=201, headers={**_headers(upload), "Location": location})


@router.head(
    "/uploads/{upload_id}", response_class=Response, responses={200: _TUS, 410: {"description": "Its time is over."}}
)
async def upload_status(
    upload_id: UploadPath, request: Request, account: SignedIn, context: ContextDep, tus_resumable: TusVersion = ""
) -> Response:
    """Tell how many bytes have arrived. Of an upload that broke off these are the ones to go on after."""
    _check_version(request)
    upload = await _find(context, account, upload_id)
    headers = {**_headers(upload), "Upload-Length": str(upload.size)}
    if upload.metadata:
        headers["Upload-Metadata"] = upload.metadata
    return Response(status_code=200, headers=headers)


@router.patch(
    "/uploads/{upload_id}",
    status_code=204,
    response_class=Response,
    responses={
        204: _TUS,
        409: {"description": "Wrong offset."},
        415: {"description": "Wrong content type."},
        460: {"description": "The checksum differs; the chunk was discarded."},
    },
    openapi_extra={"requestBody": {"content": {_OFFSET_TYPE: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def upload_chunk(
    upload_id: UploadPath,
    request: Request,
    account: SignedIn,
    context: ContextDep,
    tus_resumable: TusVersion = "",
    upload_offset: Annotated[str, Header(description="Bytes that have arrived so far.")] = "",
    upload_checksum: Annotated[str, Header(description="Algorithm and base64 digest of this body.")] = "",
) -> Response:
    """Send the next bytes. With the last ones the file is looked into and kept; `X-Content-Cid` then gives its name."""
    _check_version(request)
    if request.headers.get("content-type", "").split(";")[0] != _OFFSET_TYPE:
        raise Problem(415, "wrong-type", "The content type is wrong", f"Send {_OFFSET_TYPE}.")
    upload = await _find(context, account, upload_id)
    return Response(status_code=204, headers=_headers(await _receive(request, context, account, upload)))


@router.delete("/uploads/{upload_id}", status_code=204, response_class=Response, responses={204: _TUS})
async def end_upload(
    upload_id: UploadPath, request: Request, account: SignedIn, context: ContextDep, tus_resumable: TusVersion = ""
) -> Response:
    """Give up an upload and free its space. Audio that is already kept stays."""
    _check_version(request)
    await _find(context, account, upload_id)
    async with context.files.hold(upload_id):
        async with context.database.write("end-upload") as connection:
            await objects.forget(connection, account.id, upload_id)
        context.files.remove(upload_id)
    metrics.UPLOADS.labels("ended").inc()
    return Response(status_code=204, headers={"Tus-Resumable": VERSION})


@router.post("/upload/ipfs", status_code=201)
async def upload_at_once(file: UploadFile, account: SignedIn, context: ContextDep) -> Uploaded:
    """Upload a small file in one multipart request."""
    size = file.size or 0
    if size == 0:
        raise Problem(422, "not-audio", "The file is empty", "An empty file holds no audio.")
    name = _file_name({"filename": file.filename or ""})
    upload = Upload(account.id, uuid4(), name, size, 0, "", None, now() + timedelta(hours=1))

    async def pieces() -> AsyncIterator[bytes]:
        while piece := await file.read(1 << 20):
            yield piece

    async with context.database.write("create-upload") as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(7, %s)", (account.id,))
        if await objects.used_bytes(connection, account.id) + size > context.config.quota_bytes:
            raise Problem(413, "quota", "Your space is used up", f"{context.config.quota_bytes} bytes are yours.")
        await objects.begin(connection, upload)
    async with context.files.hold(upload.id):
        await context.files.append(upload.id, 0, pieces(), None)
        cid = await _finish(context, account, upload)
    async with context.database.write("end-upload") as connection:
        await objects.forget(connection, account.id, upload.id)
    return Uploaded(ipfsHash=cid, url=f"ipfs://{cid}")


async def _find(context: Context, account: Account, upload_id: UUID) -> Upload:
    async with context.database.write("upload") as connection:
        upload = await objects.upload(connection, account.id, upload_id)
    if upload is None:
        raise Problem(404, "unknown-upload", "There is no such upload", "It never was, was ended, or its time is over.")
    if upload.expires_at < now():
        raise Problem(410, "expired-upload", "The upload's time is over", "Begin a new one.")
    return upload


async def _receive(request: Request, context: Context, account: Account, upload: Upload) -> Upload:
    """Take the body of a PATCH (or creation) and return the upload as it stands then."""
    checksum = _checksum(request)
    async with AsyncExitStack() as held:
        try:
            hold = await held.enter_async_context(context.files.hold(upload.id, context.config.upload_silence_seconds))
        except OSError as error:
            raise _not_written(error) from error
        upload = await _find(context, account, upload.id)
        offset = _number(request, "Upload-Offset") if request.method == "PATCH" else 0
        if offset != upload.received or upload.cid is not None:
            raise Problem(
                409,
                "wrong-offset",
                "The offset is wrong",
                f"{upload.received} bytes have arrived.",
                headers=_headers(upload),
            )
        if checksum is not None and checksum[0] == LEAVES and offset % CHUNK_BYTES:
            raise Problem(
                400,
                "bad-checksum",
                "Upload-Checksum cannot be used",
                f"{LEAVES} is for pieces that begin on a whole MiB.",
            )
        length = request.headers.get("content-length")
        if length is not None and offset + int(length) > upload.size:
            raise Problem(
                413, "too-big", "More bytes than announced", f"The upload was announced with {upload.size} bytes."
            )
        started = time.perf_counter()
        context.probers.expect()
        try:
            received, whole = await context.files.append(
                upload.id, offset, hold.follow(_body(request, upload.size - offset)), checksum
            )
        except ChecksumMismatch as error:
            metrics.UPLOADS.labels("bad-checksum").inc()
            raise Problem(
                460, "checksum-mismatch", "The checksum differs", "The chunk was discarded; send it again."
            ) from error
        except OSError as error:
            raise _not_written(error) from error
        metrics.UPLOAD_BYTES.inc(received - offset)
        metrics.STORE_SECONDS.labels("receive").observe(time.perf_counter() - started)
        async with context.database.write("advance-upload") as connection:
            await objects.advance(connection, account.id, upload.id, received)
        if not whole and context.files.stopping:
            raise Problem(
                503,
                "stopping",
                "The node is stopping",
                f"{received} bytes have arrived. Go on in a moment.",
                headers={**_headers(replace(upload, received=received)), "Retry-After": "2"},
            )
        done = whole and received == upload.size
        return replace(upload, received=received, cid=await _finish(context, account, upload) if done else None)


def _not_written(error: OSError) -> Problem:
    log.error("upload cannot be written", why=error.strerror)
    return Problem(507, "disk-full", "The node's disk does not take more", "What had arrived before is kept.")


async def _body(request: Request, most: int) -> AsyncIterator[bytes]:
    """Yield the body; a client that goes away ends it with :class:`BrokenOff`.

    Raises:
        Problem: More bytes come than were announced.
    """
    taken = 0
    try:
        async for piece in request.stream():
            taken += len(piece)
            if taken > most:
                raise Problem(413, "too-big", "More bytes than announced", "The rest was not taken.")
            yield piece
    except ClientDisconnect as error:
        raise BrokenOff from error


async def _finish(context: Context, account: Account, upload: Upload) -> str:
    """Name, look into and keep a file that is complete, and return its CID.

    Raises:
        Problem: It is not audio, or not the file the client announced; the upload is then gone.
    """
    path = context.files.path(upload.id)
    digest = await context.files.digest(upload.id, upload.size)
    expected = _metadata(upload.metadata).get("cid")
    try:
        if expected is not None and expected != digest.cid:
            raise Problem(422, "cid-mismatch", "The file is not the one announced", f"It is {digest.cid}.")
        started = time.perf_counter()
        found = await context.probers.look(path)
        metrics.PROBE_SECONDS.observe(time.perf_counter() - started)
    except (NotAudio, Problem) as error:
        async with context.database.write("refuse-upload") as connection:
            await objects.forget(connection, account.id, upload.id)
        context.files.remove(upload.id)
        metrics.UPLOADS.labels("refused").inc()
        if isinstance(error, Problem):
            raise
        raise Problem(422, "not-audio", error.title, error.message, (("file", error.message),)) from error
    started = time.perf_counter()
    if await context.store.size(digest.cid) is None:
        await context.store.put(digest.cid, path)
    metrics.STORE_SECONDS.labels("put").observe(time.perf_counter() - started)
    stored = Stored(
        digest.cid, digest.content_hash, digest.size, found.container, found.codec, found.duration_ms, found.sample_rate,
        found.channels, upload.name, digest.leaves,
    )  # fmt: skip
    async with context.database.write("keep") as connection:
        await objects.keep(connection, account.id, stored)
        await objects.finish(connection, account.id, upload.id, digest.cid)
    context.files.remove(upload.id)
    metrics.UPLOADS.labels("kept").inc()
    return digest.cid
