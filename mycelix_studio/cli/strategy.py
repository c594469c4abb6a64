"""`mycelix strategy`: how songs earn. What is on chain, what it would bring, and changing it with a signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mycelix_studio.cli.output import JsonOption, emit, table
from mycelix_studio.cli.profile import ProfileDir, opened, unlocked
from mycelix_studio.cli.signing import (
    How,
    NoTemplate,
    as_data,
    require_success,
    row_data,
    save_request,
    sign,
    signs,
    words_of,
)
from mycelix_studio.errors import Known

if TYPE_CHECKING:
    from mycelix_studio.domain.strategy.shares import SplitForm
    from mycelix_studio.domain.strategy.terms import SongTerms, TermsForm
    from mycelix_studio.services.strategies import Choice, TermsState
    from mycelix_studio.services.strategies_plan import Plan
    from mycelix_studio.services.studio import Studio

app = typer.Typer(help="How songs earn: look, try out, change.", no_args_is_help=True)

Song = Annotated[str, typer.Argument(help="Title, song id (0x…), or “album:NAME” for all songs of an album.")]


def _choice(studio: Studio, named: str) -> Choice:
    """Return the song or album somebody named.

    Raises:
        Known: There is none, or several songs have the title.
    """
    choices = studio.strategies.choices()
    if named.startswith("album:"):
        found = [each for each in choices if each.key.lower() == named.lower()]
    else:
        songs = [each for each in choices if each.key.startswith("song:")]
        found = [
            each
            for each in songs
            if each.title.lower() == named.lower() or studio.strategies.state(each).targets[0].song_id == named.lower()
        ]
    if len(found) > 1:
        raise Known(f"Several songs are called “{named}”", "Nothing was changed.", "Use the song id.")
    if not found:
        raise Known(f"No song “{named}”", "It is not uploaded, or has another title.", "See `mycelix strategy list`.")
    return found[0]


def _terms_data(terms: SongTerms | None) -> dict[str, object] | None:
    if terms is None:
        return None
    return {
        "strategies": list(terms.ways),
        "price": str(terms.price),
        "payee": terms.payee,
        "feeBps": terms.fee_bps,
        "locked": terms.locked,
        "splits": None
        if terms.split is None
        else [{"recipient": s.recipient, "basisPoints": s.bps, "role": s.role} for s in terms.split.shares],
    }


def _state_data(state: TermsState) -> dict[str, object]:
    from mycelix_studio.domain.clock import rfc3339

    return {
        "title": state.choice.title,
        "songs": [{"songId": t.song_id, "title": t.title, "terms": _terms_data(t.terms)} for t in state.targets],
        "pending": list(state.pending),
        "asOf": rfc3339(state.as_of) if state.as_of is not None else None,
    }


def _terms_words(state: TermsState) -> list[str]:
    from mycelix_studio.domain.address import short_address
    from mycelix_studio.domain.strategy.shares import format_percent
    from mycelix_studio.domain.strategy.terms import ways_text
    from mycelix_studio.domain.strategy.typed import flow

    lines: list[str] = []
    for target in state.targets:
        terms = target.terms
        waits = " (signed, being confirmed)" if target.title in state.pending else ""
        if terms is None:
            lines.append(f"{target.title}: not on chain{waits}")
            continue
        price = f", {flow(terms.price)} a stream" if "pay-per-stream" in terms.ways else ""
        lines.append(f"{target.title}: {ways_text(terms.ways)}{price}{waits}")
        for share in terms.split.shares if terms.split is not None else ():
            name = state.names.get(share.recipient) or short_address(share.recipient)
            lines.append(f"  {format_percent(share.bps)} {name}{f', {share.role}' if share.role else ''}")
    return lines


@app.command("list")
def list_songs(as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """List the songs and how each earns, as last read from the chain."""
    from mycelix_studio.domain.strategy.terms import ways_text
    from mycelix_studio.domain.strategy.typed import flow

    with opened(profile_dir) as studio:
        strategies = studio.strategies
        states = [strategies.state(each) for each in strategies.choices() if each.key.startswith("song:")]
        rows = []
        for state in states:
            target = state.targets[0]
            terms = target.terms
            earns = "signed, being confirmed" if state.pending else "not on chain"
            if terms is not None:
                earns = ways_text(terms.ways)
            price = flow(terms.price) if terms is not None and "pay-per-stream" in terms.ways else ""
            rows.append((target.title, earns, price, target.song_id))
        words = table(("Song", "Earns by", "A stream", "Song id"), rows, right=(2,))
        emit([_state_data(state) for state in states], words if rows else ["No song yet: upload one."], as_json)


@app.command()
def show(
    song: Song,
    offline: Annotated[bool, typer.Option("--offline", help="As last read; ask no chain server.")] = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Show the terms of a song or an album, read from the chain."""
    with opened(profile_dir) as studio:
        choice = _choice(studio, song)
        if not offline:
            studio.strategies.refresh(choice)
        state = studio.strategies.state(choice)
        emit(_state_data(state), _terms_words(state), as_json)


@app.command("set")
@signs()
def set_terms(
    how: How,
    song: Song,
    strategy: Annotated[list[str] | None, typer.Option(help="A way to earn; may be repeated.")] = None,
    price: Annotated[str, typer.Option(help="FLOW a stream, such as 0.01.")] = "",
    share: Annotated[
        list[str] | None, typer.Option(help="ADDRESS=PERCENT=ROLE; repeat for everyone who gets paid.")
    ] = None,
    split: Annotated[str, typer.Option(help="Saved shares by name instead of --share.")] = "",
    term: Annotated[
        list[str] | None, typer.Option(help="WAY.TERM=VALUE, such as patronage.price=12; may be repeated.")
    ] = None,
    lock: Annotated[bool, typer.Option("--lock", help="Lock who gets paid for good.")] = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Register or change how a song earns: what is left out stays as it is."""
    from mycelix_studio.services.strategies_forms import with_term

    with opened(profile_dir) as studio:
        strategies = studio.strategies
        choice = _choice(studio, song)
        strategies.refresh(choice)
        if "gift-economy" in (strategy or []) and not any(each.startswith("gift.attestor=") for each in term or []):
            strategies.ask_platform()
        state = strategies.state(choice)
        form = _form(studio, state, strategy or [], price, share or [], split)
        for each in term or []:
            form = with_term(form, each)
        plan, prepared = strategies.prepare(state, form, lock=lock)
        if how.dry_run:
            words = [*_changes(plan), *words_of(prepared, how.fee), "Nothing was signed."]
            emit(
                {"dryRun": True, "signatures": plan.signatures, "requests": as_data(prepared, how.fee)},
                words,
                how.as_json,
            )
            return
        if how.save is not None:
            save_request(studio, prepared, how, how.save)
            if plan.later:
                typer.echo("More is to be signed once this is in a block: repeat the command then.", err=True)
            return
        passphrase = unlocked(studio, how.passphrase_file)
        outcome = sign(studio, prepared, how, passphrase, following=strategies.following(plan))
        strategies.signed(plan, outcome.signed)
        if how.wait:
            strategies.refresh(choice)
        rows = [row_data(row) for row in outcome.rows]
        emit(rows, [f"{row['title']}\t{row['state']}\t{row['transactionHash'] or ''}" for row in rows], how.as_json)
        require_success(outcome.rows)


def _changes(plan: Plan) -> list[str]:
    return [f"{each.label}: {each.before or '—'} → {each.after}" for each in plan.changes]


def _form(studio: Studio, state: TermsState, ways: list[str], price: str, shares: list[str], split: str) -> TermsForm:
    """Return the form with what was given in place of what is."""
    from dataclasses import replace

    from mycelix_studio.domain.strategy.terms import WAYS

    unknown = [each for each in ways if each not in WAYS]
    if unknown:
        raise typer.BadParameter(f"some of {', '.join(WAYS)}", param_hint="--strategy")
    form = state.form
    if ways:
        form = replace(form, ways=tuple(way for way in WAYS if way in ways))
    if price:
        form = replace(form, price=price)
    if shares and split:
        raise typer.BadParameter("give --share or --split, not both", param_hint="--split")
    if shares:
        form = replace(form, split=_shares(shares))
    if split:
        saved = studio.strategies.templates().get(split)
        if saved is None:
            raise NoTemplate(split)
        form = replace(form, split=saved)
    return form


def _shares(texts: list[str]) -> SplitForm:
    from mycelix_studio.domain.strategy.shares import ShareEntry, SplitForm

    entries = []
    for text in texts:
        parts = text.split("=")
        if len(parts) not in (2, 3):
            raise typer.BadParameter("write ADDRESS=PERCENT or ADDRESS=PERCENT=ROLE", param_hint="--share")
        address, percent, role = (*parts, "Artist")[:3]
        entries.append(ShareEntry(address.strip(), "", role.strip(), percent.strip()))
    return SplitForm(tuple(entries))


@app.command()
def preview(
    song: Song,
    gross: Annotated[str, typer.Option(help="What a listener pays, in FLOW.")] = "1",
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Show who would get what of a payment, to the wei, as the contract divides it."""
    from mycelix_studio.domain.money import parse_token
    from mycelix_studio.domain.strategy.previews import payment_preview
    from mycelix_studio.domain.strategy.typed import flow

    amount = parse_token(gross)
    with opened(profile_dir) as studio:
        state = studio.strategies.state(_choice(studio, song))
        made = payment_preview(amount, state.fee_bps or 0, state.form.split)
        if made is None:
            raise Known("The shares do not sum to 100 %", "No division would be true.", "Correct the draft in Studio.")
        data = {
            "gross": str(made.gross),
            "parts": [
                {"to": p.label, "role": p.role, "amount": str(p.amount), "protocolFee": p.fee} for p in made.parts
            ],
        }
        emit(data, [f"{flow(p.amount)}  {p.label}{f', {p.role}' if p.role else ''}" for p in made.parts], as_json)


@app.command()
def templates(as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """List saved shares."""
    with opened(profile_dir) as studio:
        saved = studio.strategies.templates()
        data = {
            name: [{"address": e.address, "name": e.name, "role": e.role, "share": e.share} for e in form.entries]
            for name, form in saved.items()
        }
        words = [f"{name}: {', '.join(f'{e.label} {e.share}' for e in form.entries)}" for name, form in saved.items()]
        emit(data, words or ["No saved shares."], as_json)
