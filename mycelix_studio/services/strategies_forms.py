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
