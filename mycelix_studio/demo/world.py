"""The demo's world: a chain, contracts, a node and an artist's profile, each really running; built stage by stage."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from mycelix_studio import settings
from mycelix_studio.api.shapes import Song as ListedSong
from mycelix_studio.api.sign_in import Signer
from mycelix_studio.chain.artifacts import Deployment
from mycelix_studio.chain.rpc import Rpc
from mycelix_studio.demo import music
from mycelix_studio.demo.audience import DAYS, LISTENERS, imagine
from mycelix_studio.demo.catalogue import ARTIST, SONGS, Album, Song
from mycelix_studio.demo.listening import Crowd, Heard, Story
from mycelix_studio.demo.processes import Children, dying_with_parent
from mycelix_studio.demo.supporters import imagine_support
from mycelix_studio.deploy.deployer import deploy_local
from mycelix_studio.deploy.local import CHAIN_ID, DEPLOYER_KEY, LocalChain
from mycelix_studio.domain.clock import DAY_SECONDS
from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.money import WEI_PER_TOKEN
from mycelix_studio.domain.strategy.auction_form import AuctionForm
from mycelix_studio.domain.strategy.gift_form import GiftForm
from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.domain.strategy.patronage_form import PlanForm
from mycelix_studio.domain.strategy.shares import ShareEntry, SplitForm
from mycelix_studio.domain.strategy.terms import TermsForm
from mycelix_studio.domain.track import Picture, Values
from mycelix_studio.domain.upload import UploadState
from mycelix_studio.errors import Bug, Known
from mycelix_studio.files import write_atomic
from mycelix_studio.paths import Paths, module_command
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.strategies import Choice
from mycelix_studio.services.studio import Studio

PRICE = 10**16
"""One cent a stream: 0.01 FLOW."""
NODE_SECONDS = 90
UPLOAD_SECONDS = 300
PARTNERS = {"Ilse Brandt": "0x" + "00" * 19 + "51", "Otto Kask": "0x" + "00" * 19 + "52"}
"""Collaborators as the address book names them; their addresses are nobody's, the demo's money is not real."""
SHARES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Salt Meridian": ((ARTIST, "Artist", "85"), ("Ilse Brandt", "Producer", "15")),
    "Night Ferry": ((ARTIST, "Artist", "70"), ("Ilse Brandt", "Producer", "20"), ("Otto Kask", "Drums", "10")),
    "Kaliko Sessions": ((ARTIST, "Artist", "50"), ("Otto Kask", "Artist", "35"), ("Ilse Brandt", "Producer", "15")),
}
"""Who gets paid of an album: name, role, percent. Albums not named here pay the artist alone."""
WAYS: tuple[tuple[StrategyName, ...], ...] = (
    ("pay-per-stream",),
    ("pay-per-stream", "patronage"),
    ("gift-economy",),
    ("auction",),
)
"""How albums earn, in their order; then from the beginning."""
PATRONAGE = PlanForm(price="5", discounts=("0", "5", "10", "20"))
AUCTION = AuctionForm(start_price="40", end_price="4", duration="60", supply="12", per_wallet="1")
GIFT_BUDGET = 5_000 * WEI_PER_TOKEN
"""Wei of CGC the artist puts into the budget of each gift song."""

Step = Callable[[int, int], None]


@dataclass
class World:
    """Everything the demo made, in the order it is made.

    Attributes:
        group: The child processes.
        folder: A folder of the demo's own.
        profile: The artist's profile.
        begin: Unix time of the midnight (UTC) the story begins at, 120 days ago.
        facts: What goes into the summary.
    """

    group: Children
    folder: Path
    profile: Path
    begin: int = field(default_factory=lambda: int(time.time()) // DAY_SECONDS * DAY_SECONDS - DAYS * DAY_SECONDS)
    facts: dict[str, object] = field(default_factory=dict)
    songs: list[Song] = field(default_factory=list)
    tracks: list[int] = field(default_factory=list)
    song_ids: list[str] = field(default_factory=list)
    payees: list[int] = field(default_factory=list)
    ways: list[tuple[StrategyName, ...]] = field(default_factory=list)

    chain: LocalChain = field(init=False)
    rpc: Rpc = field(init=False)
    deployment: Deployment = field(init=False)
    url: str = field(init=False)
    studio: Studio = field(init=False)
    crowd: Crowd = field(init=False)
    story: Story = field(init=False)

    # machines -----------------------------------------------------------------------------------------------------------

    def start_chain(self, step: Step) -> None:
        """Start anvil a day before the story begins, and deploy the contracts where the profile finds them."""
        self.chain = LocalChain.start(timestamp=self.begin - DAY_SECONDS, accounts=2, prefix=dying_with_parent())
        self.rpc = self.chain.rpc(timeout=60)
        self.deployment = deploy_local(self.rpc, DEPLOYER_KEY, self._deployment_file)

    def start_node(self, step: Step) -> None:
        """Start a node with a database of its own and wait until it answers."""
        ready = self.folder / "node.json"
        ready.unlink(missing_ok=True)
        key = self.folder / "attestor.key"
        write_atomic(key, secrets.token_hex(32).encode())
        environment = {
            "MYCELIX_DATA_DIR": str(self.folder / "node"),
            "MYCELIX_DATABASE_URL": "",
            "MYCELIX_HOST": "127.0.0.1",
            "MYCELIX_PORT": "0",
            "MYCELIX_READY_FILE": str(ready),
            "MYCELIX_RPC_URL": self.chain.url,
            "MYCELIX_DEPLOYMENT": str(self._deployment_file),
            "MYCELIX_CHAIN_ID": str(CHAIN_ID),
            "MYCELIX_POLL_SECONDS": "0.2",
            "MYCELIX_ATTESTOR_KEY_FILE": str(key),
            "MYCELIX_RATE_ANONYMOUS": "100000/60",
            "MYCELIX_RATE_ACCOUNT": "100000/60",
        }
        self.group.start("node", module_command("mycelix_studio.node"), environment)
        self.group.wait_until("node", ready.exists, NODE_SECONDS)
        self.url = str(json.loads(ready.read_text())["url"])

    # the artist ---------------------------------------------------------------------------------------------------------

    def open_profile(self, step: Step) -> None:
        """Open a throw-away profile: its wallet's secret lies in the profile, never in the person's keyring."""
        self.studio = open_studio(Paths.under(self.profile))
        chosen = self.studio.settings
        chosen.set(settings.ARTIST_NAME, ARTIST)
        chosen.set(settings.API_URL, self.url)
        chosen.set(settings.RPC_URLS, self.chain.url)
        chosen.set(settings.CHAIN_ID, CHAIN_ID)
        chosen.set(settings.CONFIRMATIONS, 1)
        chosen.set(settings.AUTO_LOCK_MINUTES, 60)
        wallet = self.studio.wallet
        words = wallet.new_words()
        account = wallet.create(words.words, "Main")
        wallet.drill(account.address, words.words)
        wallet.set_current(account.address)
        wallet.unlock()
        for name, address in PARTNERS.items():
            wallet.save_contact(address, name, confirmed=True)
        self.rpc.request("anvil_setBalance", account.address, hex(10**20))
        self.studio.api.use(Signer(lambda: account.address, self._sign_text))

    def compose(self, folder: Path | None, step: Step) -> Path:
        """Return a folder of music: the person's, or twelve songs composed now."""
        if folder is not None:
            return folder
        target = self.folder / "music"
        target.mkdir(parents=True, exist_ok=True)
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            for done, _path in enumerate(pool.map(partial(_compose, target), range(len(SONGS))), start=1):
                step(done, len(SONGS))
        self.songs = list(SONGS)
        return target

    def bring_in(self, folder: Path, step: Step) -> None:
        """Add the music to the library.

        Raises:
            Known: There is none in the folder.
        """
        result = self.studio.library.add([folder], _work(step))
        self.tracks = self.studio.library.ids()
        if not self.tracks:
            raise Known(
                "No music in the folder",
                f"“{folder}” has no audio file that Studio can read.",
                "Name another folder with --music, or leave it out to hear the demo's own songs.",
            )
        self.facts["tracks_imported"] = result.added
        if not self.songs:
            rows = {row.id: row for row in self.studio.library.rows(self.tracks)}
            self.songs = [_own_song(rows[track].title, rows[track].album, rows[track].seconds) for track in self.tracks]

    def tag(self, step: Step) -> None:
        """Write tags and covers into the composed songs and read them back; a person's own files are only read."""
        library = self.studio.library
        by_title = {row.title: row.id for row in library.rows(self.tracks)}
        if self.songs != list(SONGS):
            self.facts["tags_written"] = 0
            return
        wanted: dict[int, dict[Field, Values]] = {}
        covers = {song.album.title: music.cover(song.album) for song in self.songs}
        for number, song in enumerate(self.songs, start=1):
            track_id = by_title[song.title]
            wanted[track_id] = _tags(song)
            library.edit([track_id], wanted[track_id])
            library.edit_cover([track_id], Picture(covers[song.album.title], "image/jpeg"))
            step(number, 2 * len(self.songs))
        saved = library.save(list(wanted), _work(lambda done, total: step(total + done, 2 * total)))
        if saved.refused:
            raise saved.refused[0].error
        library.refresh(_work(lambda _done, _total: None))
        written = 0
        for track_id, fields in wanted.items():
            track = library.track(track_id)
            if track is None or track.edits:
                raise Bug("Tags of the demo were not written", f"Track {track_id} has unsaved edits.")
            written += sum(track.fields.get(name) == values for name, values in fields.items()) + bool(track.row.cover)
        self.facts["tags_written"] = written
        self.tracks = [by_title[song.title] for song in self.songs]

    def upload(self, step: Step) -> None:
        """Send every track to the node and compare fingerprints.

        Raises:
            Known: A song did not get there.
        """
        uploads = self.studio.uploads
        added = uploads.add(self.tracks, price=PRICE)
        uploads.start()
        deadline = time.monotonic() + UPLOAD_SECONDS
        total = sum(row.size for row in uploads.rows())
        while True:
            rows = [row for row in uploads.rows() if row.id in added.ids]
            step(sum(row.confirmed for row in rows), total)
            stuck = next((row for row in rows if row.state in (UploadState.NEEDS_YOU, UploadState.STOPPED)), None)
            if stuck is not None:
                raise Known(f"Could not upload “{stuck.title}”", stuck.why, stuck.hint)
            if all(row.state is UploadState.DONE for row in rows):
                break
            if time.monotonic() > deadline:
                raise Known(
                    "The uploads took too long", f"They were not done after {UPLOAD_SECONDS} seconds.", "Try again."
                )
            time.sleep(0.1)
        listed = {song.content_hash: song for song in self._listed()}
        matches = 0
        for row in rows:
            assert row.track_id is not None
            mine = self.studio.library.content_hash(row.track_id).removeprefix("0x")
            detail = uploads.detail(row.id)
            song = listed.get("0x" + mine)
            matches += song is not None and detail is not None and song.cid == detail.cid
        self.facts["uploads"] = {"count": len(rows), "bytes": sum(row.size for row in rows), "cid_matches": matches}

    def register(self, step: Step) -> None:
        """Give every album its shares and its way to earn: signed by the wallet, followed until final."""
        self.crowd = Crowd(self.rpc, self.deployment, LISTENERS)
        strategies, wallet = self.studio.strategies, self.studio.wallet
        strategies.ask_platform()
        choices = strategies.choices()
        albums = list(dict.fromkeys(song.album.title for song in self.songs))
        done = 0
        for album in albums:
            for choice in _choices_of(album, choices, [s.title for s in self.songs if s.album.title == album]):
                state = strategies.state(choice)
                form = self._form(album, WAYS[albums.index(album) % len(WAYS)], state.form.gift)
                plan, prepared = strategies.prepare(state, form)
                signed = list(wallet.sign_and_send_all(prepared))
                more = strategies.following(plan)
                while later := more(signed, Work()):
                    signed += wallet.sign_and_send_all(later)
                strategies.signed(plan, signed)
                self._settle()
                strategies.refresh(choice)
                done += len(choice.songs)
                step(done, len(self.songs))
        self._read_back()
        self._fund_gifts()

    def _form(self, album: str, ways: tuple[StrategyName, ...], gift: GiftForm) -> TermsForm:
        me = self.studio.wallet.current()
        assert me is not None
        addresses = {**PARTNERS, ARTIST: me.address}
        shares = SHARES.get(album, ((ARTIST, "Artist", "100"),))
        split = SplitForm(tuple(ShareEntry(addresses[name], name, role, percent) for name, role, percent in shares))
        return TermsForm(ways=ways, split=split, gift=gift, patronage=PATRONAGE, auction=AUCTION)

    def _fund_gifts(self) -> None:
        """Put CGC into the budget of every gift song, signed by the artist."""
        from mycelix_studio.chain.abi import CreditToken, GiftEconomyStrategy
        from mycelix_studio.chain.transactions import Sender

        songs = [song for song, ways in zip(self.song_ids, self.ways, strict=True) if "gift-economy" in ways]
        account = self.studio.wallet.current()
        if not songs or account is None:
            return
        gifts = GiftEconomyStrategy(self.deployment.address("GiftEconomyStrategy"))
        credit = CreditToken(self.deployment.address("CreditToken"))
        whole = GIFT_BUDGET * len(songs)
        Sender(self.rpc, DEPLOYER_KEY).transact(credit.mint(account.address, whole))
        calls = [credit.approve(gifts.address, whole), *(gifts.fund(song, GIFT_BUDGET) for song in songs)]
        self.studio.wallet.sign_and_send_all(self.studio.wallet.prepare(calls))
        self._settle()

    def _read_back(self) -> None:
        """Learn song ids and payees from what the strategies service read from the chain."""
        strategies = self.studio.strategies
        states = [strategies.state(choice) for choice in strategies.choices() if choice.key.startswith("song:")]
        by_track = {state.targets[0].track_id: state.targets[0] for state in states}
        # The same file twice is one song; its twin earns nothing of its own.
        both = [(song, track) for song, track in zip(self.songs, self.tracks, strict=True) if track in by_track]
        self.songs, self.tracks = [song for song, _track in both], [track for _song, track in both]
        for song, track in both:
            target = by_track[track]
            if target.terms is None or target.terms.payee is None:
                raise Bug("A song of the demo is not on chain", f"“{song.title}” was signed and is not registered.")
            self.song_ids.append(target.song_id)
            self.payees.append(target.terms.payee)
            self.ways.append(target.terms.ways)
        self.facts["songs_registered"] = len(self.song_ids)
        for track, song_id in zip(self.tracks, self.song_ids, strict=True):
            self.studio.library.link_song(track, song_id)

    # the listeners ------------------------------------------------------------------------------------------------------

    def gather(self, step: Step) -> None:
        """Give the listeners money and imagine what they will do."""
        self.crowd.give_money()
        audience = imagine([s.popularity for s in self.songs], [max(6, s.seconds) for s in self.songs])
        songs = tuple(Heard(*each) for each in zip(self.song_ids, self.payees, self.ways, strict=True))
        support = imagine_support(audience, self.ways, LISTENERS)
        self.story = Story(audience, support, songs, PRICE, self.begin)
        self._wait_for_node(step)

    def live(self, days: range, step: Step) -> None:
        """Let the listeners play, pay, tip, subscribe, buy and collect on these days."""
        self.crowd.live(self.story, self.url, days=days, report=step)

    def pay_everyone(self, step: Step) -> None:
        """Pay out what every account holds, signed by the artist."""
        from mycelix_studio.chain.abi import Ledger
        from mycelix_studio.services.strategies_chain import splits_of
        from mycelix_studio.services.strategies_plan import ledger_split

        wallet, ledger = self.studio.wallet, Ledger(self.deployment.address("Ledger"))
        splits = splits_of(wallet.context, sorted(set(self.payees)))
        calls = [ledger.distribute(payee, ledger_split(split), True) for payee, split in sorted(splits.items())]
        wallet.sign_and_send_all(wallet.prepare(calls))
        self._settle()

    def play(self, step: Step) -> None:
        """Report every play to the node, each listener signed in."""
        self.crowd.move_to(int(time.time()))
        self.facts["plays"] = self.crowd.report_plays(self.story, self.url, step)
        self.facts["happened"] = dict(sorted(self.crowd.done.items()))

    # and back -----------------------------------------------------------------------------------------------------------

    def sync(self, step: Step) -> None:
        """Wait until the node has read the whole chain, then sync.

        Raises:
            Known: It did not get there in time.
        """
        self._wait_for_node(step)
        self.studio.sync.once(_work(step))

    def _wait_for_node(self, step: Step) -> None:
        head = self.rpc.block_number()
        deadline = time.monotonic() + NODE_SECONDS
        while (indexed := self._indexed()) < head:
            step(indexed, head)
            if time.monotonic() > deadline:
                raise Known("The node is behind the chain", f"It read {indexed} of {head} blocks.", "Try again.")
            time.sleep(0.1)

    def close(self) -> None:
        """Close the profile and the chain; the group ends the rest."""
        if hasattr(self, "studio"):
            self.studio.close()
        if hasattr(self, "rpc"):
            self.rpc.close()
        if hasattr(self, "chain"):
            self.chain.stop()

    # inside -------------------------------------------------------------------------------------------------------------

    @property
    def _deployment_file(self) -> Path:
        return Paths.under(self.profile).config / "deployments" / f"{CHAIN_ID}.json"

    def _listed(self) -> Sequence[ListedSong]:
        account = self.studio.wallet.current()
        assert account is not None
        return self.studio.api.artists.songs(account.address).songs

    def _indexed(self) -> int:
        head = self.studio.api.sync.changes("", 1).head
        return head.indexed if head is not None else 0

    def _sign_text(self, text: str) -> str:
        wallet = self.studio.wallet
        return wallet.sign_and_send(wallet.prepare_text(text)).signature

    def _settle(self) -> None:
        """Follow what was signed until it is final."""
        for _attempt in range(100):
            self.studio.wallet.follow()
            if not self.studio.wallet.pending():
                return
            self.rpc.request("evm_mine")
        raise Bug("A signature of the demo did not become final", "The chain did not confirm it.")


def _compose(folder: Path, number: int) -> Path:
    return music.write(SONGS[number], folder)


def _own_song(title: str, album: str, seconds: float) -> Song:
    """Return a person's own track as a song of the story; every one is equally liked."""
    made = Album(album or "Singles", "", "", "", ("", "", ""))
    return Song(title, made, "", 0, 0, False, (), max(6, int(seconds)), 5, "")


def _tags(song: Song) -> dict[Field, Values]:
    place = [each for each in SONGS if each.album is song.album].index(song) + 1
    return {
        Field.TITLE: (song.title,),
        Field.ARTIST: (ARTIST,),
        Field.ALBUM: (song.album.title,),
        Field.ALBUM_ARTIST: (ARTIST,),
        Field.GENRE: (song.album.genre,),
        Field.DATE: (song.album.date,),
        Field.TRACK: (str(place),),
        Field.ISRC: (song.isrc,),
        Field.EXPLICIT: ("0",),
    }


def _choices_of(album: str, choices: Sequence[Choice], titles: Sequence[str]) -> list[Choice]:
    found = [choice for choice in choices if choice.key == f"album:{album}"]
    return found or [choice for choice in choices if len(choice.songs) == 1 and choice.songs[0].title in titles]


def _work(step: Step) -> Work:
    return Work(report=lambda progress: step(progress.done, progress.total))
