"""Signing on a computer without network: a request file goes there, a signed file comes back. Neither holds a secret.

What was exported is kept as drafts, so that a signed file that comes back is compared with what was asked for.
"""

from __future__ import annotations

import base64
import io
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mycelix_studio.domain.clock import to_unix
from mycelix_studio.domain.networks import network
from mycelix_studio.domain.transaction import Call, FeeLevel, FeeOption, Prepared, RequestKind, Signed
from mycelix_studio.errors import Known
from mycelix_studio.files import write_atomic
from mycelix_studio.services.wallet_context import WalletContext
from mycelix_studio.services.wallet_errors import BadFile, Refused
from mycelix_studio.services.wallet_prepare import NO_KEY, Look, Preparer
from mycelix_studio.services.wallet_reading import read_call
from mycelix_studio.services.wallet_send import Signatures, new_row
from mycelix_studio.services.wallet_speech import not_checked
from mycelix_studio.store import transactions as store

REQUEST = "mycelix-request"
SIGNED = "mycelix-signed"
VERSION = 1
MAX_BYTES = 2_000_000
QR_CHARACTERS = 1_200
"""Characters in one QR code: read well by a phone's or a webcam's camera."""


class Offline:
    """Files for signing elsewhere."""

    def __init__(self, context: WalletContext, preparer: Preparer, signatures: Signatures) -> None:
        self._context = context
        self._preparer = preparer
        self._signatures = signatures

    def export_unsigned(self, prepared: Sequence[Prepared], to: Path, level: FeeLevel) -> None:
        """Write a request file. Raises Refused for what cannot be signed, Known when the file cannot be written."""
        rows: list[dict[str, object]] = []
        drafts = []
        at = to_unix(self._context.now())
        for place, request in enumerate(prepared):
            fee = request.fee(level)
            if request.kind is not RequestKind.TRANSACTION or request.call is None:
                raise Refused("Only payments and contract signatures can be signed elsewhere.")
            if fee is None or request.next_nonce is None or (request.refused and not self._watched(request)):
                raise Refused(request.refused or "The network fee is not known while no server answers.")
            local = store.next_nonce(self._context.database.read(), request.chain_id, request.account) or 0
            nonce = max(request.next_nonce, local) + place
            rows.append(
                {
                    "to": request.call.to,
                    "data": "0x" + request.call.data.hex(),
                    "value": str(request.call.value),
                    "nonce": nonce,
                    "gas": fee.gas,
                    "maxFee": str(fee.max_fee),
                    "tip": str(fee.tip),
                    "expected": str(fee.expected),
                }
            )
            draft = new_row(request, at, nonce=nonce, gas=fee.gas, max_fee=fee.max_fee, tip=fee.tip)
            drafts.append(
                replace(
                    draft, detail="Waits to be signed elsewhere" if not draft.detail.startswith("0x") else draft.detail
                )
            )
        first = prepared[0]
        _write(
            to, {"format": REQUEST, "chainId": first.chain_id, "account": first.account, "made": at, "requests": rows}
        )
        with self._context.database.write() as db:
            for draft in drafts:
                store.add(db, draft)

    def _watched(self, request: Prepared) -> bool:
        """Signing elsewhere is what a watched account is for: its refusal is about this computer only."""
        return request.refused.endswith(NO_KEY)

    def open_unsigned(self, file: Path) -> tuple[Prepared, ...]:
        """Return what a request file asks, decoded here: nothing of its wording comes from the file.

        Raises:
            BadFile: It is damaged, of another kind, or for an account or network that is not here.
        """
        body = _read(file, REQUEST)
        account = self._context.account(_text(body, "account"))
        chain_id = _number(body, "chainId")
        if chain_id != self._context.network.chain_id:
            raise BadFile(
                f"It is for {network(chain_id).name}, and {self._context.network.name} is chosen in Settings."
            )
        requests = body.get("requests")
        if not isinstance(requests, list) or not requests:
            raise BadFile("It asks for nothing.")
        made = []
        silent = Known(
            "This computer has no network", "What needs a server could not be checked.", "Compare every line."
        )
        for place, item in enumerate(requests):
            if not isinstance(item, dict):
                raise BadFile("It is damaged.")
            call = _call(item)
            gas, max_fee, tip = (_number(item, name) for name in ("gas", "maxFee", "tip"))
            expected = min(_number(item, "expected"), gas * max_fee)
            fee = FeeOption(
                FeeLevel.NORMAL, gas, max_fee, tip, expected, gas * max_fee, 2 * self._context.network.block_seconds
            )
            reading = read_call(self._context, call)
            look = Look(problem=silent)
            say = self._preparer.speaker(account, {}, look.facts)
            request = self._preparer.one(
                reading=reading, look=look, outcome=None, say=say, position=(place + 1, len(requests))
            )
            made.append(
                replace(
                    request,
                    fees=(fee,),
                    next_nonce=_number(item, "nonce"),
                    findings=(
                        *request.findings,
                        not_checked("The balance and the number in line.", "They come from the file"),
                    ),
                )
            )
        return tuple(made)

    def sign(self, prepared: Sequence[Prepared], to: Path, passphrase: str | None) -> None:
        """Sign without sending and write a signed file. Raises as ``sign_and_send``."""
        raws = self._signatures.sign_only(prepared, passphrase, FeeLevel.NORMAL)
        first = prepared[0]
        body = {
            "format": SIGNED,
            "chainId": first.chain_id,
            "account": first.account,
            "signed": ["0x" + raw.hex() for raw in raws],
        }
        _write(to, body)

    def import_signed(self, file: Path) -> tuple[Signed, ...]:
        """Keep and send what was signed elsewhere, after comparing it with the drafts it was asked by.

        Raises:
            BadFile: Something in it was never asked for, or was signed by another account.
        """
        from mycelix_studio.chain.transactions import RawTransaction, parse_raw, sender_of

        body = _read(file, SIGNED)
        listed = body.get("signed")
        if not isinstance(listed, list) or not listed:
            raise BadFile("It holds no signature.")
        found: list[tuple[store.Row, str | None, bytes]] = []
        for text in listed:
            try:
                raw = bytes.fromhex(str(text).removeprefix("0x"))
                unsigned, sender = parse_raw(raw), sender_of(raw)
            except ValueError as error:
                raise BadFile("It is damaged.") from error
            except Exception as error:
                if type(error).__module__.split(".")[0] not in {"eth_keys", "eth_utils", "eth_account", "rlp"}:
                    raise
                raise BadFile("A signature in it is damaged.") from error
            if unsigned.chain_id != self._context.network.chain_id:
                raise BadFile("It is for another network than the one chosen in Settings.")
            db = self._context.database.read()
            known = store.by_hash(db, RawTransaction.of(raw).hash)
            if known is not None:
                found.append((known, None, raw))
                continue
            asked = [
                row
                for row in store.drafts_of(db, unsigned.chain_id, sender)
                if (row.to, row.data, row.value, row.nonce, row.gas, row.max_fee, row.tip)
                == (unsigned.to, unsigned.data, unsigned.value, unsigned.nonce, unsigned.gas, unsigned.fee.max_fee, unsigned.fee.tip)
            ]  # fmt: skip
            if not asked:
                raise BadFile(
                    "It is not what was asked for: something in it was changed, or it was asked for on another computer."
                )
            found.append((asked[0], RawTransaction.of(raw).hash, raw))
        kept = []
        with self._context.database.write() as write:
            for row, tx_hash, raw in found:
                if tx_hash is None:
                    kept.append(row)
                    continue
                store.remove_draft(write, row.id)
                row_id = store.add(write, store.signed_draft(row, raw, tx_hash))
                signed = store.get(write, row_id)
                assert signed is not None
                kept.append(signed)
        return tuple(self._signatures.send_row(row) for row in kept)

    def qr_codes(self, file: Path) -> tuple[str, ...]:
        """Return a file as QR codes (SVG each); several are numbered ``1/3``, ``2/3`` ... in their text."""
        data = base64.b32encode(zlib.compress(_bytes(file), 9)).decode().rstrip("=")
        parts = [data[start : start + QR_CHARACTERS] for start in range(0, len(data), QR_CHARACTERS)]
        return tuple(qr_svg(f"MYCELIX:{number}/{len(parts)}:{part}") for number, part in enumerate(parts, 1))


def qr_svg(text: str) -> str:
    """Return a text as a QR code in SVG, black on white with its quiet zone, readable on any ground."""
    import segno

    out = io.BytesIO()
    segno.make_qr(text, error="m").save(out, kind="svg", border=4, xmldecl=False, svgns=True, scale=4, light="#fff")
    return out.getvalue().decode()


def join_qr(texts: Sequence[str]) -> bytes:
    """Return the file whose QR codes gave these texts, in any order.

    Raises:
        BadFile: A part is missing, twice, or of something else.
    """
    parts: dict[int, str] = {}
    total = 0
    for text in texts:
        head, _, rest = text.partition(":")
        place, _, data = rest.partition(":")
        number, _, of = place.partition("/")
        if head != "MYCELIX" or not number.isdecimal() or not of.isdecimal():
            raise BadFile("A code belongs to something else.")
        parts[int(number)], total = data, int(of)
    if set(parts) != set(range(1, total + 1)):
        raise BadFile(f"{total - len(parts)} of {total} codes are missing.")
    joined = "".join(parts[number] for number in range(1, total + 1))
    try:
        unpack = zlib.decompressobj()
        data_bytes = unpack.decompress(base64.b32decode(joined + "=" * (-len(joined) % 8)), MAX_BYTES)
    except (ValueError, zlib.error) as error:
        raise BadFile("The codes are damaged.") from error
    return data_bytes


def _write(to: Path, body: Mapping[str, object]) -> None:
    try:
        write_atomic(to, (json.dumps({**body, "version": VERSION}, indent=1) + "\n").encode(), 0o600)
    except OSError as error:
        raise Known(
            f"Could not write “{to.name}”", f"{error.strerror}. Nothing was changed.", "Choose another folder."
        ) from error


def _bytes(file: Path) -> bytes:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadFile(f"{error.strerror}.") from error
    if len(data) > MAX_BYTES:
        raise BadFile("It is far too long to be one.")
    return data


def _read(file: Path, kind: str) -> Mapping[str, object]:
    try:
        body = json.loads(_bytes(file))
    except (ValueError, RecursionError) as error:
        raise BadFile("It is damaged, or of another kind.") from error
    if not isinstance(body, dict) or body.get("format") not in {REQUEST, SIGNED}:
        raise BadFile("It was not made by Studio.")
    if body["format"] != kind:
        raise BadFile("It holds requests, not signatures." if kind == SIGNED else "It holds signatures, not requests.")
    if body.get("version") != VERSION:
        raise BadFile("Another version of Studio made it.")
    return body


def _call(item: Mapping[str, object]) -> Call:
    try:
        data = bytes.fromhex(_text(item, "data").removeprefix("0x"))
    except ValueError as error:
        raise BadFile("It is damaged.") from error
    return Call(_text(item, "to"), data, _number(item, "value"))


def _text(item: Mapping[str, object], name: str) -> str:
    value = item.get(name)
    if not isinstance(value, str):
        raise BadFile("It is damaged.")
    return value


def _number(item: Mapping[str, object], name: str) -> int:
    value = item.get(name)
    text = str(value)
    if isinstance(value, bool) or not isinstance(value, int | str) or not text.isdecimal() or len(text) > 30:
        raise BadFile("It is damaged.")
    return int(text)
