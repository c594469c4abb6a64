"""How songs earn: what is on chain, what is edited, what has to be signed for it, and what was signed already.

Reads look at the cache and work offline; :meth:`Strategies.refresh`, :meth:`Strategies.prepare` and :meth:`Strategies.fee_about` ask the
chain. Signing itself is the wallet's: this service hands it calls and remembers what was signed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from mycelix_studio.domain.account import Account
from mycelix_studio.domain.strategy.shares import ShareEntry, SplitForm
from mycelix_studio.domain.strategy.terms import SongTerms, TermsForm
from mycelix_studio.domain.transaction import Prepared, Signed, TxState
from mycelix_studio.errors import Known
from mycelix_studio.services import strategies_chain as on_chain
from mycelix_studio.services import strategies_forms as forms
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.strategies_plan import Plan, Target, call_of, make_plan
from mycelix_studio.store import drafts, song_terms

if TYPE_CHECKING:
    from mycelix_studio.services.wallet_context import WalletContext
    from mycelix_studio.services.wallet_face import Wallet


@dataclass(frozen=True, slots=True)
class KnownSong:
    """A song this artist could register or has registered.

    Attributes:
        content_hash: sha2-256 of the uploaded audio, 0x + 64 hex.
        title: Title.
        album: Album, empty for none.
        track_id: Track on this computer, None when there is none.
    """

    content_hash: str
    title: str
    album: str = ""
    track_id: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of the chooser: a song, an album or a selection.

    Attributes:
        key: ``song:<hash>``, ``album:<name>`` or ``songs:<hash>,<hash>...``: also the key of its draft.
        title: ``Salt Meridian · all 7 songs``.
        songs: What it stands for.
    """

    key: str
    title: str
    songs: tuple[KnownSong, ...]


@dataclass(frozen=True, slots=True)
class TermsState:
    """What the Terms tab shows for a choice.

    Attributes:
        choice: The choice.
        targets: Its songs with their terms on chain (as last read).
        form: The draft if there is one, else what is on chain, else a first proposal.
        is_draft: The form comes from a draft.
        due_at: When the person wanted to sign the draft.
        names: Address to name, for everyone in the splits.
        fee_bps: Protocol fee of the account that is paid, or of a new one; None while never read.
        as_of: When the terms were read from the chain; None when never.
        pending: Titles of the songs whose signed terms are being confirmed.
        differing: The songs have different terms on chain; the form shows the first one's.
        attestor: EIP-55 address of who counts listens on the platform; empty when nobody does, None while it was never asked.
    """

    choice: Choice
    targets: tuple[Target, ...]
    form: TermsForm
    is_draft: bool = False
    due_at: datetime | None = None
    names: dict[str, str] = field(default_factory=dict)
    fee_bps: int | None = None
    as_of: datetime | None = None
    pending: tuple[str, ...] = ()
    differing: bool = False
    attestor: str | None = None

    @property
    def registered(self) -> bool:
        """True when all songs are on chain."""
        return all(target.terms is not None for target in self.targets)


@dataclass(frozen=True, slots=True)
class Draft:
    """One entry of the list of drafts."""

    key: str
    title: str
    changed_at: datetime
    due_at: datetime | None


class NothingToSign(Known):
    """The chain says already what the form says."""

    def __init__(self) -> None:
        super().__init__("Nothing to sign", "These songs have these terms on chain already.", "")


class NoSigner(Known):
    """There is no account that could sign."""

    def __init__(self) -> None:
        super().__init__(
            "No account to sign with",
            "Terms are signed by the account that owns the songs. Your edits are kept as a draft.",
            "Make or import one under Wallet.",
        )


class Strategies:
    """The service.

    Args:
        context: Profile, cache and network, as the wallet uses them.
        wallet: Accounts, signatures, address book.
        songs: Returns the artist's songs: uploaded or registered ones.
        platform_attestor: Asks the platform who counts listens there; empty for nobody.
    """

    def __init__(
        self,
        context: WalletContext,
        wallet: Wallet,
        songs: Callable[[], Sequence[KnownSong]],
        platform_attestor: Callable[[], str],
    ) -> None:
        self._context = context
        self._wallet = wallet
        self._songs = songs
        self._platform_attestor = platform_attestor

    # choosing ---------------------------------------------------------------------------------------------------------------------

    def choices(self) -> tuple[Choice, ...]:
        """Any lane. Albums of several songs first, then every song, each by title."""
        songs = sorted(self._songs(), key=lambda song: song.title.casefold())
        albums: dict[str, list[KnownSong]] = {}
        for song in songs:
            if song.album:
                albums.setdefault(song.album, []).append(song)
        whole = [
            Choice(f"album:{album}", f"{album} · all {len(members)} songs", tuple(members))
            for album, members in sorted(albums.items(), key=lambda pair: pair[0].casefold())
            if len(members) > 1
        ]
        return (*whole, *(Choice(f"song:{song.content_hash}", song.title, (song,)) for song in songs))

    def choice(self, key: str) -> Choice | None:
        """Any lane. The choice of a key, also of a selection made earlier; None when none of its songs is known."""
        for choice in self.choices():
            if choice.key == key:
                return choice
        wanted = set(key.removeprefix("songs:").split(",")) if key.startswith("songs:") else set()
        return _choice_of(tuple(song for song in self._songs() if song.content_hash in wanted))

    def choose_tracks(self, track_ids: Sequence[int]) -> Choice | None:
        """Any lane. The choice for tracks selected elsewhere; None when none of them is uploaded."""
        wanted = set(track_ids)
        found = tuple(song for song in self._songs() if song.track_id in wanted)
        return _choice_of(found)

    # what is and what is edited -------------------------------------------------------------------------------------------------

    def state(self, choice: Choice) -> TermsState:
        """Any lane. What is known on this computer; never asks the chain."""
        db = self._context.database.read()
        artist = self._artist()
        ids = {song.content_hash: on_chain.song_id_of(artist.address, song.content_hash) for song in choice.songs}
        known = song_terms.get(db, self._chain_id, ids.values())
        targets = []
        pending = []
        for song in choice.songs:
            row = known.get(ids[song.content_hash])
            terms = forms.terms_from_json(row.terms) if row is not None and row.terms is not None else None
            targets.append(Target(ids[song.content_hash], song.content_hash, song.title, terms, song.track_id))
            if row is not None and row.pending is not None:
                pending.append(song.title)
        names = self._names(targets, artist)
        draft = drafts.get(db, choice.key)
        form = forms.form_from_json(draft.body) if draft is not None else self._proposal(targets, names, artist)
        facts = drafts.named(db, "chain_fact")
        attestor: str | None = json.loads(facts.get(self._attestor_key, "null"))
        if attestor:
            names.setdefault(attestor, "the platform")
        if not form.gift.attestor:
            form = replace(form, gift=replace(form.gift, attestor=attestor or artist.address))
        read = [row.read_at for row in known.values() if row.block]
        first = next((target.terms for target in targets if target.terms is not None), None)
        return TermsState(
            choice,
            tuple(targets),
            form,
            is_draft=draft is not None,
            due_at=draft.due_at if draft is not None else None,
            names=names,
            fee_bps=first.fee_bps if first is not None else self._last_fee(),
            as_of=min(read) if len(read) == len(choice.songs) else None,
            pending=tuple(pending),
            differing=len({said_of(target.terms) for target in targets}) > 1,
            attestor=attestor,
        )

    def refresh(self, choice: Choice) -> Changes:
        """CHAIN. Read the terms on chain and keep them; forget what was pending and is there now, or was lost.

        Raises:
            ChainUnreachable: No server answers; what was read before stays.
        """
        artist = self._artist()
        ids = [on_chain.song_id_of(artist.address, song.content_hash) for song in choice.songs]
        terms, block = on_chain.read_terms(self._context, ids)
        fee = on_chain.fee_today(self._context)
        with self._context.database.write() as db:
            self._keep(terms, block)
            drafts.save_named(db, "chain_fact", self._fee_key, json.dumps(fee), self._context.now())
            self._settle_pending(terms)
        return Changes.of(Kind.SONGS)

    def ask_platform(self) -> Changes:
        """IO. Ask the platform who counts listens there, and keep it: new gift terms name it.

        Raises:
            Known: The platform does not answer; what was known stays.
        """
        found = self._platform_attestor()
        with self._context.database.write() as db:
            if drafts.named(db, "chain_fact").get(self._attestor_key) == json.dumps(found):
                return Changes()
            drafts.save_named(db, "chain_fact", self._attestor_key, json.dumps(found), self._context.now())
        return Changes.of(Kind.SONGS)

    # drafts -----------------------------------------------------------------------------------------------------------------------

    def keep_draft(self, choice: Choice, form: TermsForm, due_at: datetime | None = None) -> Changes:
        """DB. Keep what was edited, right or wrong; with a date, to be reminded."""
        with self._context.database.write() as db:
            drafts.save(
                db,
                choice.key,
                title=choice.title,
                body=forms.form_to_json(form),
                changed_at=self._context.now(),
                due_at=due_at,
            )
        return Changes.of(Kind.DRAFTS)

    def discard_draft(self, choice: Choice) -> Changes:
        """DB. Forget the draft; the form shows the chain again."""
        with self._context.database.write() as db:
            return Changes.of(Kind.DRAFTS) if drafts.delete(db, choice.key) else Changes()

    def drafts(self) -> tuple[Draft, ...]:
        """Any lane. All drafts, those with a date first."""
        rows = drafts.all_drafts(self._context.database.read())
        return tuple(Draft(row.target, row.title, row.changed_at, row.due_at) for row in rows)

    def due(self) -> tuple[Draft, ...]:
        """Any lane. Drafts whose date has come."""
        now = self._context.now()
        return tuple(draft for draft in self.drafts() if draft.due_at is not None and draft.due_at <= now)

    def templates(self) -> dict[str, SplitForm]:
        """Any lane. Saved shares by name."""
        saved = drafts.named(self._context.database.read(), "split_template")
        return {name: forms.split_from(json.loads(body)) for name, body in saved.items()}

    def save_template(self, name: str, split: SplitForm) -> Changes:
        """DB. Keep shares under a name, in place of older ones."""
        with self._context.database.write() as db:
            drafts.save_named(db, "split_template", name, forms.split_to_json(split), self._context.now())
        return Changes.of(Kind.DRAFTS)

    def delete_template(self, name: str) -> Changes:
        """DB. Forget saved shares."""
        with self._context.database.write() as db:
            drafts.delete_named(db, "split_template", name)
        return Changes.of(Kind.DRAFTS)

    # signing ----------------------------------------------------------------------------------------------------------------------

    def plan(self, state: TermsState, form: TermsForm, *, lock: bool = False) -> Plan:
        """Any lane. What has to be signed, as far as this computer knows.

        Raises:
            Known: The form is not complete.
        """
        after = form.terms(fee_bps=state.fee_bps or 0, before=[target.terms for target in state.targets])
        payee = next(
            (t.terms.payee for t in state.targets if t.terms is not None and t.terms.split == after.split), None
        )
        return make_plan(state.targets, replace(after, payee=payee), payee, state.names, lock=lock)

    def prepare(self, state: TermsState, form: TermsForm, *, lock: bool = False) -> tuple[Plan, tuple[Prepared, ...]]:
        """CHAIN. Read the chain anew, plan, and have the wallet decode, check and try out the first stage.

        Raises:
            NothingToSign: The chain says so already.
            NoSigner: There is no account with a key.
            Known: The form is not complete, or no server answers.
        """
        artist = self._artist()
        if not artist.can_sign:
            raise NoSigner
        terms, block = on_chain.read_terms(self._context, [target.song_id for target in state.targets])
        with self._context.database.write():
            self._keep(terms, block)
        targets = [replace(target, terms=terms[target.song_id]) for target in state.targets]
        after = form.terms(before=[target.terms for target in targets])
        assert after.split is not None
        payee = on_chain.payee_with(self._context, after.split)
        plan = make_plan(targets, replace(after, payee=payee), payee, state.names, lock=lock)
        if not plan.signatures:
            raise NothingToSign
        return plan, self._prepare_steps(plan, later=False, payee=payee)

    def following(self, plan: Plan) -> Callable[[Sequence[Signed], Work], Sequence[Prepared]]:
        """Return what prepares the second stage once the first is signed; runs on CHAIN and waits for the new account's number."""

        def prepare_later(signed: Sequence[Signed], work: Work) -> Sequence[Prepared]:
            if not plan.later or len(signed) >= plan.signatures:
                return ()
            payee = plan.payee
            if payee is None:
                self._wallet.follow()
                payee = on_chain.created_by(self._context, signed[0].tx_hash, work.token)
            return self._prepare_steps(plan, later=True, payee=payee)

        return prepare_later

    def signed(self, plan: Plan, signatures: Sequence[Signed]) -> Changes:
        """DB. Remember what was signed: songs show their new terms as being confirmed. A draft ends once everything is signed."""
        body = forms.terms_to_json(plan.after)
        steps = (*plan.first, *plan.later)
        songs = {
            step.target.song_id: body
            for step, _signature in zip(steps, signatures, strict=False)
            if step.target is not None
        }
        txs = [signature.tx_hash for signature in signatures if signature.tx_hash]
        with self._context.database.write() as db:
            song_terms.set_pending(db, self._chain_id, songs, txs, at=self._context.now())
        return Changes.of(Kind.SONGS, Kind.DRAFTS)

    def fee_about(self, plan: Plan) -> int | None:
        """CHAIN. About what all signatures of a plan cost, in wei of the native coin; None when no server answers."""
        from mycelix_studio.chain.rpc import ChainUnreachable
        from mycelix_studio.chain.transactions import suggest
        from mycelix_studio.domain.transaction import FeeLevel

        gas = sum(step.gas for step in (*plan.first, *plan.later))
        try:
            history = self._context.rpc().fee_history()
        except ChainUnreachable:
            return None
        return gas * (history.base_fees[-1] + suggest(history)[FeeLevel.NORMAL].tip)

    # inside -----------------------------------------------------------------------------------------------------------------------

    @property
    def _chain_id(self) -> int:
        return self._context.network.chain_id

    @property
    def _fee_key(self) -> str:
        return f"fee:{self._chain_id}"

    @property
    def _attestor_key(self) -> str:
        return f"attestor:{self._chain_id}"

    def _artist(self) -> Account:
        account = self._wallet.current()
        if account is None:
            raise NoSigner
        return account

    def _prepare_steps(self, plan: Plan, *, later: bool, payee: int | None) -> tuple[Prepared, ...]:
        deployment = on_chain.deployment_of(self._context)
        steps = plan.later if later else plan.first
        calls = [call_of(step, deployment, plan.after, payee) for step in steps]
        return self._wallet.prepare(calls, before=[step.rows for step in steps], song_titles=plan.titles)

    def _keep(self, terms: Mapping[str, SongTerms | None], block: int) -> None:
        bodies = {song_id: None if t is None else forms.terms_to_json(t) for song_id, t in terms.items()}
        with self._context.database.write() as db:
            song_terms.keep_read(db, self._chain_id, bodies, block=block, at=self._context.now())

    def _settle_pending(self, terms: Mapping[str, SongTerms | None]) -> None:
        """Forget what is on chain by now, and what ended otherwise: nothing may be shown as under way for ever."""
        with self._context.database.write() as db:
            known = song_terms.get(db, self._chain_id, terms)
            ended = {
                row.tx_hash
                for row in self._wallet.activity()
                if row.tx_hash and not row.state.under_way and row.state is not TxState.DRAFT
            }
            done = []
            for song_id, row in known.items():
                if row.pending is None:
                    continue
                arrived = said_of(forms.terms_from_json(row.pending)) == said_of(terms[song_id])
                if arrived or (row.pending_txs and ended.issuperset(row.pending_txs)):
                    done.append(song_id)
            song_terms.clear_pending(db, self._chain_id, done)

    def _last_fee(self) -> int | None:
        saved = drafts.named(self._context.database.read(), "chain_fact").get(self._fee_key)
        return None if saved is None else int(json.loads(saved))

    def _names(self, targets: Sequence[Target], artist: Account) -> dict[str, str]:
        addresses = {share.recipient for t in targets if t.terms and t.terms.split for share in t.terms.split.shares}
        named = {address: self._wallet.name_of(address) for address in addresses}
        contacts = {contact.address: contact.name for contact in self._wallet.contacts()}
        return {**{a: n for a, n in named.items() if n}, **contacts, artist.address: artist.name}

    @staticmethod
    def _proposal(targets: Sequence[Target], names: dict[str, str], artist: Account) -> TermsForm:
        first = next((target.terms for target in targets if target.terms is not None), None)
        if first is not None:
            return TermsForm.of(first, names)
        return TermsForm(split=SplitForm((ShareEntry(artist.address, artist.name, "Artist", "100"),)))


def selection_key(songs: Sequence[KnownSong]) -> str:
    """Return the key of a choice of these songs."""
    if len(songs) == 1:
        return f"song:{songs[0].content_hash}"
    return f"songs:{','.join(sorted(song.content_hash for song in songs))}"


def _choice_of(songs: tuple[KnownSong, ...]) -> Choice | None:
    if not songs:
        return None
    return Choice(selection_key(songs), songs[0].title if len(songs) == 1 else f"{len(songs)} songs", songs)


def said_of(terms: SongTerms | None) -> tuple[object, ...] | None:
    """Return what a person would call the terms of a song; None for one that is not on chain."""
    return None if terms is None else terms.said()
