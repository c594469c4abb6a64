"""`mycelix upload`: from a file to a song that earns. Import, upload, listing, registration, price and signature."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from mycelix_studio.cli.output import REFUSED, emit, say, working
from mycelix_studio.cli.profile import ProfileDir, opened, sign_in
from mycelix_studio.cli.signing import How, NoTemplate, Outcome, require_success, sign, signs
from mycelix_studio.errors import Cancelled, Known

if TYPE_CHECKING:
    from mycelix_studio.domain.upload import CleanKind, UploadRow
    from mycelix_studio.services.studio import Studio
    from mycelix_studio.services.uploads import Uploads

STRATEGIES = ("pay-per-stream", "gift-economy", "patronage", "auction")
Rows = list[dict[str, object]]


@signs(saves=False)
def upload(
    how: How,
    files: Annotated[list[Path], typer.Argument(help="Audio files, or folders that are searched for some.")],
    strategy: Annotated[str, typer.Option(help="How they earn: " + ", ".join(STRATEGIES))] = "pay-per-stream",
    price: Annotated[str, typer.Option(help="FLOW a stream, such as 0.01; what was agreed before when left out.")] = "",
    split: Annotated[str, typer.Option(help="Saved shares by name; the proposal of Studio when left out.")] = "",
    clean: Annotated[
        bool, typer.Option("--clean", help="Send a copy without tags, made beside each file, instead of the file.")
    ] = False,
    clean_as: Annotated[str, typer.Option(help="What --clean makes: flac or wav; as Settings say when left out.")] = "",
    signing: Annotated[
        bool, typer.Option("--sign/--no-sign", help="Register and price on chain, signed by you.")
    ] = True,
    profile_dir: ProfileDir = None,
) -> None:
    """Bring files into the library, send and list them, register and price them on chain. Ctrl-C keeps the queue; the next one goes on."""
    from mycelix_studio.domain.money import parse_token

    if strategy not in STRATEGIES:
        raise typer.BadParameter(f"one of {', '.join(STRATEGIES)}", param_hint="--strategy")
    if clean_as not in ("", "flac", "wav"):
        raise typer.BadParameter("one of flac, wav", param_hint="--clean-as")
    amount = parse_token(price) if price else None
    if how.dry_run:
        _rehearse(files, strategy, price, signing, how.as_json)
        return
    with opened(profile_dir) as studio:
        passphrase = sign_in(studio, how.passphrase_file)
        rows, tracks, refused = _send(studio, files, strategy, amount, wait=how.wait, clean=clean, clean_as=clean_as)
        said = [_row_data(row, studio.uploads) for row in rows]
        lost = [row for row in rows if not row.song_id]
        for row in lost:
            say(Known(f"“{row.title}” is not uploaded: {row.title_of_why or row.state.value}", row.why, row.hint))
        outcome, code = None, int(bool(lost or refused))
        if signing and not lost:
            try:
                outcome = _register(studio, tracks, strategy, price, split, how, passphrase)
            except typer.Exit as exit_:
                code = exit_.exit_code
            except Cancelled:
                raise
            except Known as error:
                say(Known("Uploaded, but not signed", f"{error.title}. {error.message}", error.hint))
                code = 1
        _mark_registered(studio, said)
        _print(said, how.as_json, nothing=not rows and not refused)
        if outcome is not None:
            require_success(outcome.rows)
    if code:
        raise typer.Exit(code)


def _rehearse(files: Sequence[Path], strategy: str, price: str, signing: bool, as_json: bool) -> None:
    from mycelix_studio.services.uploads_files import find_files

    found, refused = find_files(files)
    for each in refused:
        say(each.error)
    missing = [path for path in found if not path.is_file()]
    data = {
        "dryRun": True,
        "files": [{"file": str(path), "bytes": path.stat().st_size} for path in found if path.is_file()],
        "missing": [str(path) for path in missing],
        "strategy": strategy,
        "price": price or None,
        "sign": signing,
    }
    words = [f"Would upload {path}" for path in found if path.is_file()]
    words += [f"Is not there: {path}" for path in missing]
    words.append(
        f"Listed as {strategy}{f' at {price} FLOW a stream' if price else ''}; {'signed on chain' if signing else 'not signed'}."
    )
    emit(data, words, as_json)
    if missing or refused or not found:
        raise typer.Exit(REFUSED)


def _send(
    studio: Studio, files: Sequence[Path], strategy: str, amount: int | None, *, wait: bool, clean: bool, clean_as: str
) -> tuple[list[UploadRow], list[int], bool]:
    """Return the uploads that ended, the tracks of everything named that is uploaded, and whether some files were refused."""
    from mycelix_studio.services.uploads_files import add_clean, add_files, clean_kind, tracks_below

    with working("Reading") as work:
        if clean:
            studio.library.add(files, work)
            tracks = tracks_below(studio.library, files)
            service = studio.preflight
            kind = cast("CleanKind", clean_as) if clean_as else clean_kind(studio.settings)
            result = add_clean(
                studio.library,
                service,
                studio.uploads,
                tracks,
                work,
                kind=kind,
                strategy=strategy,  # type: ignore[arg-type]
                price=amount,
            )
        else:
            result = add_files(studio.library, studio.uploads, files, work, strategy=strategy, price=amount)  # type: ignore[arg-type]
    for refused in result.imported.refused:
        say(refused.error)
    if not result.added.ids and not result.added.already and not result.imported.refused:
        raise Known("No music found", "There is no audio file in what you named.", "Name audio files or a folder.")
    ids = _unfinished(studio.uploads, result.added.ids, result.added.already)
    studio.uploads.start()
    rows = _follow(studio.uploads, ids, wait=wait)
    tracks = [*result.added.already, *(row.track_id for row in rows if row.track_id is not None)]
    return rows, list(dict.fromkeys(tracks)), bool(result.imported.refused)


def _register(
    studio: Studio,
    tracks: Sequence[int],
    strategy: str,
    price: str,
    split: str,
    how: How,
    passphrase: str | None,
) -> Outcome | None:
    """Register those of the tracks that are not on chain yet; None when all are.

    Raises:
        Known: There are no contracts on the network, no server answers, or the wallet refuses.
    """
    from mycelix_studio.domain.strategy.terms import TermsForm

    strategies = studio.strategies
    everything = strategies.choose_tracks(tracks)
    if everything is None:
        return None
    strategies.refresh(everything)
    if strategy == "gift-economy":
        strategies.ask_platform()
    state = strategies.state(everything)
    fresh = [target.track_id for target in state.targets if target.terms is None and target.title not in state.pending]
    choice = strategies.choose_tracks([track for track in fresh if track is not None])
    if choice is None:
        return None
    state = strategies.state(choice)
    shares = state.form.split
    if split:
        saved = strategies.templates()
        if split not in saved:
            raise NoTemplate(split)
        shares = saved[split]
    form = TermsForm((strategy,), price or state.form.price, shares, gift=state.form.gift)  # type: ignore[arg-type]
    plan, prepared = strategies.prepare(state, form)
    outcome = sign(studio, prepared, how, passphrase, following=strategies.following(plan))
    strategies.signed(plan, outcome.signed)
    if how.wait:
        strategies.refresh(choice)
    return outcome


def _mark_registered(studio: Studio, said: Rows) -> None:
    """Add to each row whether the song is on chain, as last read."""
    from mycelix_studio.services.song_marks import marks
    from mycelix_studio.settings import CHAIN_ID

    known = marks(studio.database, studio.settings.get(CHAIN_ID))
    for row in said:
        mark = known.get(str(row["songId"]))
        row["strategies"] = list(mark.ways) if mark is not None else []


def _print(said: Rows, as_json: bool, *, nothing: bool) -> None:
    words = [f"{row['title']}\t{row['songId']}\t{row['ipfsHash']}" for row in said if row["songId"]]
    if nothing and not as_json:
        words = ["Nothing new: everything named is uploaded, and unchanged since."]
    if words or as_json:
        emit(said, words, as_json)


def _row_data(row: UploadRow, queue: Uploads) -> dict[str, object]:
    detail = queue.detail(row.id)
    return {
        "file": str(row.path),
        "title": row.title,
        "state": row.state.value,
        "songId": row.song_id or None,
        "ipfsHash": (detail.cid if detail is not None else "") or None,
        "bytes": row.size,
        "confirmed": row.confirmed,
        "why": row.title_of_why or None,
    }


def _unfinished(queue: Uploads, fresh: tuple[int, ...], already: tuple[int, ...]) -> list[int]:
    """Return uploads to follow: the new ones, and older ones of the same tracks, tried again where they had stopped."""
    from mycelix_studio.domain.upload import UploadState

    tracks = set(already)
    older = [row for row in queue.rows() if row.track_id in tracks and row.state is not UploadState.DONE]
    stopped = [row.id for row in older if row.state in (UploadState.STOPPED, UploadState.NEEDS_YOU)]
    queue.retry(stopped)
    queue.resume([row.id for row in older])
    return [*(row.id for row in older), *fresh]


def _follow(queue: Uploads, ids: list[int], *, wait: bool) -> list[UploadRow]:
    """Wait for uploads, saying how far they are on a terminal.

    Raises:
        Cancelled: Ctrl-C; the queue is kept.
    """
    shown = sys.stderr.isatty()
    try:
        while True:
            try:
                return queue.wait(ids, 0.5)
            except TimeoutError:
                totals = queue.totals()
                if totals.offline and not wait:
                    return [row for each in ids if (row := queue.row(each)) is not None]
                if shown:
                    state = totals.offline or f"{totals.confirmed / 1e6:,.1f} of {totals.size / 1e6:,.1f} MB"
                    sys.stderr.write(f"\r\x1b[K{state[:100]}")
                    sys.stderr.flush()
    except KeyboardInterrupt as error:
        raise Cancelled from error
    finally:
        if shown:
            sys.stderr.write("\r\x1b[K")
