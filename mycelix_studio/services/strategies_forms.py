"""Forms and terms as JSON: what drafts, templates and the cache of terms keep."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any, TypeVar, cast

from mycelix_studio.domain.splits import Share, Split
from mycelix_studio.domain.strategy.auction_form import AuctionForm, DurationUnit
from mycelix_studio.domain.strategy.gift_form import GiftForm
from mycelix_studio.domain.strategy.patronage_form import PlanForm
from mycelix_studio.domain.strategy.shares import ShareEntry, ShareUnit, SplitForm
from mycelix_studio.domain.strategy.terms import WAYS, SongTerms, TermsForm
from mycelix_studio.errors import Known
from mycelix_studio.services.ways import ON_CHAIN


def terms_to_json(terms: SongTerms) -> str:
    """Return terms as JSON; amounts are decimal strings."""
    split = None if terms.split is None else [[share.recipient, share.bps, share.role] for share in terms.split.shares]
    offers = {}
    for way, kept in ON_CHAIN.items():
        offer = terms.offer(way)
        if offer is not None:
            offers[way] = kept.to_json(offer)
    return json.dumps(
        {
            "offers": offers,
            "ways": terms.ways,
            "price": str(terms.price),
            "split": split,
            "payee": terms.payee,
            "fee_bps": terms.fee_bps,
            "locked": terms.locked,
        }
    )


def terms_from_json(text: str) -> SongTerms:
    """Return terms from :func:`terms_to_json`."""
    item = json.loads(text)
    shares = item["split"]
    split = None if shares is None else Split(tuple(Share(to, bps, role) for to, bps, role in shares))
    ways = tuple(way for way in WAYS if way in item["ways"])
    offers: dict[str, Any] = {
        way: kept.from_json(item["offers"][way]) for way, kept in ON_CHAIN.items() if way in item.get("offers", {})
    }
    return SongTerms(
        ways,
        int(item["price"]),
        split,
        item["payee"],
        item["fee_bps"],
        item["locked"],
        offers.get("gift-economy"),
        offers.get("patronage"),
        offers.get("auction"),
    )


def form_to_json(form: TermsForm) -> str:
    """Return a form as JSON, with everything as typed."""
    body = {
        "ways": form.ways,
        "price": form.price,
        "split": _split(form.split),
        "gift": asdict(form.gift),
        "patronage": asdict(form.patronage),
        "auction": asdict(form.auction),
    }
    return json.dumps(body, ensure_ascii=False, sort_keys=True)


def form_from_json(text: str) -> TermsForm:
    """Return a form from :func:`form_to_json`; what an older version did not know takes its default."""
    item = json.loads(text)
    default = TermsForm()
    ways = tuple(way for way in WAYS if way in item.get("ways", default.ways))
    return TermsForm(
        ways,
        str(item.get("price", default.price)),
        split_from(item.get("split")),
        _typed(GiftForm(), item.get("gift")),
        _typed(PlanForm(), item.get("patronage")),
        _typed(AuctionForm(), item.get("auction")),
    )


F = TypeVar("F", GiftForm, PlanForm, AuctionForm)


def _typed(default: F, item: object) -> F:
    """Return a form with the fields of a JSON object that it knows and that have the type it expects."""
    if not isinstance(item, Mapping):
        return default
    known: dict[str, Any] = {}
    for field in fields(default):
        value, usual = item.get(field.name), getattr(default, field.name)
        if isinstance(usual, tuple) and isinstance(value, list) and len(value) == len(usual):
            known[field.name] = tuple(str(part) for part in value)
        elif isinstance(usual, DurationUnit) and value in [unit.value for unit in DurationUnit]:
            known[field.name] = DurationUnit(value)
        elif type(value) is type(usual):
            known[field.name] = value
    return replace(default, **known)


_OFFERS: dict[str, str] = {"gift-economy": "gift", "patronage": "patronage", "auction": "auction"}
"""Way to earn -> field of the form that holds its terms."""


def with_term(form: TermsForm, text: str) -> TermsForm:
    """Return the form with one term written as ``WAY.FIELD=VALUE``, such as ``patronage.price=12`` or ``auction.supply=50``.

    Several values are separated by commas, yes and no are words. Whether the value makes sense is for the form's own rules to say.

    Raises:
        Known: There is no such way or field, or the value is of another kind; the message names what there is.
    """
    name, _, value = text.partition("=")
    way, _, field_name = name.strip().partition(".")
    where = _OFFERS.get(way, way)
    if where not in _OFFERS.values():
        raise _no_term(text, f"Ways with terms of their own are {', '.join(_OFFERS)}.")
    offer = cast("GiftForm | PlanForm | AuctionForm", getattr(form, where))
    known = {field.name: getattr(offer, field.name) for field in fields(offer)}
    if field_name not in known:
        raise _no_term(text, f"Its terms are {', '.join(known)}.")
    usual, item = known[field_name], _typed_as(known[field_name], value.strip())
    if item is None:
        shape = ", ".join(map(str, usual if isinstance(usual, tuple) else DurationUnit))
        raise _no_term(text, f"Its value is written like: {'yes or no' if isinstance(usual, bool) else shape}.")
    term: dict[str, Any] = {field_name: item}
    changed: dict[str, Any] = {where: replace(offer, **term)}
    return replace(form, **changed)


def _typed_as(usual: object, said: str) -> object | None:
    """Return a value of the same kind as ``usual``; None when it cannot be read as one."""
    if isinstance(usual, bool):
        return {"yes": True, "no": False}.get(said.casefold())
    if isinstance(usual, tuple):
        parts = tuple(part.strip() for part in said.split(","))
        return parts if len(parts) == len(usual) else None
    if isinstance(usual, DurationUnit):
        return DurationUnit(said) if said in list(DurationUnit) else None
    return said


def _no_term(text: str, what: str) -> Known:
    return Known(f"“{text}” is no term", what, "Write WAY.TERM=VALUE, such as patronage.price=12.")


def split_to_json(form: SplitForm) -> str:
    """Return shares as JSON, for a template."""
    return json.dumps(_split(form), ensure_ascii=False, sort_keys=True)


def split_from(item: object) -> SplitForm:
    """Return shares from what :func:`split_to_json` wrote, parsed; an empty form for anything else."""
    if not isinstance(item, Mapping):
        return SplitForm()
    entries = cast("Sequence[Mapping[str, object]]", item.get("entries", []))
    return SplitForm(
        tuple(
            ShareEntry(*(str(entry.get(field, "")) for field in ("address", "name", "role", "share")))
            for entry in entries
        ),
        ShareUnit(str(item.get("unit", ShareUnit.PERCENT.value))),
    )


def _split(form: SplitForm) -> dict[str, object]:
    entries = [
        {"address": entry.address, "name": entry.name, "role": entry.role, "share": entry.share}
        for entry in form.entries
    ]
    return {"unit": form.unit.value, "entries": entries}
