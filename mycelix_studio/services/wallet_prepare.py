"""From calls to what a person reads before signing: decoded, compared with the chain, tried out, priced. Nothing here signs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mycelix_studio.domain.account import Account, AccountKind
from mycelix_studio.domain.transaction import (
    BalanceChange,
    Call,
    ChangeRow,
    FeeLevel,
    FeeOption,
    Finding,
    FindingKind,
    Party,
    Prepared,
    RequestKind,
)
from mycelix_studio.errors import Known
from mycelix_studio.services import strategies_chain as on_chain
from mycelix_studio.services import wallet_fees as fees
from mycelix_studio.services import wallet_words as words
from mycelix_studio.services.wallet_context import WalletContext
from mycelix_studio.services.wallet_people import People
from mycelix_studio.services.wallet_reading import (
    UNREADABLE,
    CodeCheck,
    Reading,
    check_code,
    gather_facts,
    read_call,
)
from mycelix_studio.services.wallet_speech import (
    Facts,
    Speaker,
    Words,
    checked,
    contract_name,
    look_again,
    money,
    not_checked,
)
from mycelix_studio.services.wallet_trial import Attempt, Outcome, Trial, try_out
from mycelix_studio.services.wallet_words_money import payment
from mycelix_studio.settings import ALLOW_UNREADABLE, FEE_WARN_PERCENT
from mycelix_studio.store import transactions as store
from mycelix_studio.store.own_songs import all_songs

if TYPE_CHECKING:
    from mycelix_studio.chain.transactions import Fee

NOT_PUBLISHED = (
    "The code at this address is not the published contract. Do not sign, and look at the network in Settings."
)
NO_KEY = "Studio does not hold its key."
MAX_ROW_AMOUNT = 2**90
"""Wei; more than any balance, less than the cache can hold."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the chain said about some requests; without an answer only ``problem`` is set.

    Attributes:
        facts: For the sentences.
        code: Address to what lies there.
        trial: The trial run.
        levels: Prices of the three levels.
        base: Next base fee, wei a unit.
        native: Coin of the account, wei.
        nonce: The account's next number in line as the server counts it.
        problem: Why the chain could not be asked, or what it said wrong.
        blocks: The problem forbids to sign, beyond there being no fee.
    """

    facts: Facts = field(default_factory=Facts)
    code: Mapping[str, CodeCheck] = field(default_factory=dict)
    trial: Trial | None = None
    levels: Mapping[FeeLevel, Fee] = field(default_factory=dict)
    base: int = 0
    native: int | None = None
    nonce: int | None = None
    problem: Known | None = None
    blocks: bool = False


class Preparer:
    """Prepares requests of one profile."""

    def __init__(self, context: WalletContext, people: People) -> None:
        self._context = context
        self._people = people

    def prepare(
        self,
        calls: Sequence[Call],
        account: Account,
        before: Sequence[Sequence[ChangeRow]],
        titles: Mapping[str, str],
    ) -> tuple[Prepared, ...]:
        """Return one :class:`Prepared` per call. Never raises for what the calls hold or for a silent chain."""
        readings = [read_call(self._context, call) for call in calls]
        look = self.look(readings, account)
        say = self.speaker(account, titles, look.facts)
        made = []
        for index, reading in enumerate(readings):
            rows = tuple(before[index]) if index < len(before) else ()
            outcome = look.trial.outcomes[index] if look.trial is not None else None
            made.append(
                self.one(
                    reading=reading,
                    look=look,
                    outcome=outcome,
                    say=say,
                    before=rows,
                    position=(index + 1, len(readings)),
                )
            )
        return tuple(made)

    def speaker(self, account: Account, titles: Mapping[str, str], facts: Facts) -> Speaker:
        """Return what names things for an account: songs by the titles known on this computer, or as given."""
        known = {song.song_id: song.title for song in all_songs(self._context.database.read())}
        return Speaker(
            account,
            self._context.name_of,
            {key.lower(): value for key, value in {**known, **titles}.items()},
            facts,
            on_chain.song_id_of,
            self._people.is_ours,
            self._context.network.native_symbol,
        )

    # the chain --------------------------------------------------------------------------------------------------------------------

    def look(self, readings: Sequence[Reading], account: Account, *, replacing: store.Row | None = None) -> Look:
        """Ask the chain everything about some requests; what it does not answer stays open."""
        from mycelix_studio.chain.rpc import ChainUnreachable, RpcRefused, ServersDisagree, WrongChain

        context = self._context
        try:
            rpc = context.rpc()
            code = check_code(context, rpc, [r.call.to for r in readings if not r.problem or r.call.data])
            levels, base = fees.price_levels(context, rpc)
            nonce = rpc.nonce(account.address)
            native = rpc.balance(account.address)
            facts = gather_facts(context, rpc, readings, account.address)
            pending = [
                Call(row.to, row.data, row.value)
                for row in self._open(account.address)
                if row.nonce is not None
                and row.nonce >= nonce
                and (replacing is None or row.nonce < (replacing.nonce or 0))
            ]
            attempt = Attempt(account.address, [r.call for r in readings], pending, self._flow_balance(account.address))
            trial = try_out(rpc, attempt)
        except ChainUnreachable as error:
            return Look(problem=error)
        except (WrongChain, ServersDisagree, RpcRefused) as error:
            return Look(problem=error, blocks=True)
        except ValueError as error:
            return Look(
                problem=Known(
                    "A server’s answer makes no sense",
                    f"It said: {error}. Nothing was signed.",
                    "Try again, or name another server in Settings.",
                ),
                blocks=True,
            )
        return Look(facts, code, trial, levels, base, native, nonce)

    def _open(self, account: str) -> tuple[store.Row, ...]:
        """Own signed ones in no block yet, one for each number: the last made, which replaces those before."""
        rows = store.followed(self._context.database.read(), self._context.network.chain_id, 0)
        newest = {row.nonce: row for row in rows if row.account == account and row.block is None}
        return tuple(sorted(newest.values(), key=lambda row: row.nonce or 0))

    def _flow_balance(self, address: str) -> Call | None:
        from mycelix_studio.chain.abi.flow_token import FlowToken

        deployment = self._context.deployment()
        if deployment is None or "FlowToken" not in deployment.contracts:
            return None
        return FlowToken(deployment.address("FlowToken")).balance_of(address).call

    # one request ------------------------------------------------------------------------------------------------------------------

    def one(
        self,
        *,
        reading: Reading,
        look: Look,
        outcome: Outcome | None,
        say: Speaker,
        before: tuple[ChangeRow, ...] = (),
        position: tuple[int, int] = (1, 1),
    ) -> Prepared:
        """Return one request with everything that is known about it."""
        said = self._words(reading, say)
        account = say.account
        choices = self._fees(look, outcome)
        code = look.code.get(reading.call.to, CodeCheck())
        findings = [
            *self._about_contract(reading, code),
            *self._about_reading(reading),
            *self._about_trial(look, outcome),
            *said.findings,
            *self._people.findings(said, account),
            *self._about_fee(said, reading, choices, look),
        ]
        moved = said.amount
        if outcome is not None and outcome.tried and outcome.flow_before is not None and outcome.flow_after is not None:
            change = outcome.flow_after - outcome.flow_before
            if said.symbol == "FLOW" or change:
                moved = change
        symbol = said.symbol if moved == said.amount else "FLOW"
        network = self._context.network
        return Prepared(
            id=uuid.uuid4().hex,
            kind=RequestKind.TRANSACTION,
            account=account.address,
            title=said.title,
            sentence=said.sentence,
            chain_id=network.chain_id,
            chain_name=network.name,
            changes=before or said.changes,
            good_news=said.good_news,
            parties=self._parties(reading, said, account),
            recognised=code.same is True,
            contract_name=contract_name(reading.contract),
            value=reading.call.value,
            native_symbol=network.native_symbol,
            fees=choices,
            balances=self._balances(reading, look, outcome, choices),
            tried_on_block=look.trial.block
            if look.trial is not None and outcome is not None and outcome.tried
            else None,
            findings=in_order(findings),
            technical=self._technical(reading, outcome),
            refused=cannot_sign(account)
            or self._refusal(reading, said, look, outcome)
            or self._too_little(reading, look, choices),
            call=reading.call,
            position=position,
            activity=said.activity,
            needs_passphrase=account.own_passphrase,
            row_title=said.row,
            row_detail=said.detail,
            amount=moved if abs(moved) < MAX_ROW_AMOUNT else 0,
            symbol=symbol,
            next_nonce=look.nonce,
        )

    def _words(self, reading: Reading, say: Speaker) -> Words:
        if reading.problem:
            return Words(
                "A request Studio cannot read", f"{reading.problem} {reading.call.to} would get it.", "Unreadable request",
                people=(("Contract", reading.call.to),),
            )  # fmt: skip
        if reading.is_payment:
            return payment(reading.call.to, reading.call.value, say)
        return words.words_of(reading.contract, reading.signature, reading.arguments, say)

    def _fees(self, look: Look, outcome: Outcome | None) -> tuple[FeeOption, ...]:
        if outcome is None or not look.levels:
            return ()
        return fees.options(self._context, dict(look.levels), look.base, gas=outcome.gas, used=outcome.used)

    def _about_contract(self, reading: Reading, code: CodeCheck) -> list[Finding]:
        if reading.contract and code.same:
            return [checked("Contract is ours.", "Code equals the published version")]
        if reading.contract and not code.asked:
            return [not_checked("Whether the contract is ours.", "No server could be asked for its code")]
        if reading.is_payment and code.asked:
            if code.has_code:
                return [
                    look_again("It goes to a contract, not to a person.", "What it does with the money is not known")
                ]
            return [checked("It goes to an account, not to a contract.")]
        return []

    def _about_reading(self, reading: Reading) -> list[Finding]:
        if reading.problem:
            return [not_checked("What the request does.", "It holds values Studio has no names for")]
        return [checked("Every value could be read.", "Nothing hidden in the request")]

    def _about_trial(self, look: Look, outcome: Outcome | None) -> list[Finding]:
        if look.problem is not None:
            return [not_checked("Whether it succeeds.", look.problem.title)]
        if outcome is None or look.trial is None:
            return []
        if not outcome.tried:
            return [not_checked("Whether it succeeds.", "Your server cannot try out several requests at once")]
        if outcome.refusal is not None:
            return [look_again("Tried out, it fails.", outcome.refusal.message)]
        if look.trial.servers > 1:
            return [checked("Tried out, it succeeds.", "Two servers gave the same answer")]
        return [
            checked("Tried out, it succeeds.", f"On block {look.trial.block:,}"),
            not_checked("What a second server says.", "Only one is set, or only one answers"),
        ]

    def _about_fee(self, said: Words, reading: Reading, choices: tuple[FeeOption, ...], look: Look) -> list[Finding]:
        normal = next((option for option in choices if option.level is FeeLevel.NORMAL), None)
        if normal is None:
            return []
        found = []
        percent = self._context.settings.get(FEE_WARN_PERCENT)
        native = self._context.network.native_symbol
        if said.symbol == native and said.amount < 0 and normal.expected * 100 > -said.amount * percent:
            found.append(look_again(f"The network fee is above {percent} % of what you send.", "Wait, or choose Slow"))
        if look.native is not None and look.native < reading.call.value + normal.at_most:
            found.append(
                look_again(
                    f"There may be too little {native} for the network fee.",
                    f"{money(look.native, native)} is there, up to {money(reading.call.value + normal.at_most, native)} is needed",
                )
            )
        return found

    def _parties(self, reading: Reading, said: Words, account: Account) -> tuple[Party, ...]:
        network = self._context.network
        rows = [Party("You sign as", account.name, account.address)]
        if reading.contract:
            rows.append(Party("Contract", contract_name(reading.contract), reading.call.to))
        rows.append(Party("Network", network.name, detail=f"chain {network.chain_id}"))
        rows += [Party(role, self._context.name_of(address), address) for role, address in said.people]
        return tuple(rows)

    def _balances(
        self, reading: Reading, look: Look, outcome: Outcome | None, choices: tuple[FeeOption, ...]
    ) -> tuple[BalanceChange, ...]:
        if look.native is None or outcome is None:
            return ()
        normal = next((option for option in choices if option.level is FeeLevel.NORMAL), None)
        rows = []
        if outcome.flow_before is not None:
            known = outcome.tried and outcome.flow_after is not None and outcome.refusal is None
            change = (outcome.flow_after or 0) - outcome.flow_before if known else None
            rows.append(BalanceChange("FLOW", outcome.flow_before, change))
        cost = None if normal is None else -(normal.expected + reading.call.value)
        note = "and network fee" if reading.call.value else "network fee"
        rows.append(BalanceChange(self._context.network.native_symbol, look.native, cost, note))
        return tuple(rows)

    def _technical(self, reading: Reading, outcome: Outcome | None) -> tuple[tuple[str, str], ...]:
        call = reading.call
        rows = [("Contract" if call.data else "To", call.to)]
        if reading.signature:
            rows.append(("Function", reading.signature))
            rows += [(name, _plain(value)) for name, value in reading.arguments.items()]
        if call.value:
            rows.append(("Value, wei", str(call.value)))
        if call.data:
            rows.append(("Request", "0x" + call.data.hex()))
        if outcome is not None:
            rows.append(("Gas limit", str(outcome.gas)))
        return tuple(rows)

    def _refusal(self, reading: Reading, said: Words, look: Look, outcome: Outcome | None) -> str:
        """Return why a request is not signed, whoever signs; empty when it may be."""
        readable = not reading.problem
        if not readable and not (reading.problem == UNREADABLE and self._context.settings.get(ALLOW_UNREADABLE)):
            return reading.problem
        code = look.code.get(reading.call.to, CodeCheck())
        if reading.contract and code.asked and not code.same:
            return NOT_PUBLISHED
        if said.refused or (look.problem is not None and look.blocks):
            return said.refused or f"{look.problem.title}. {look.problem.message}" if look.problem else said.refused
        if outcome is not None and outcome.refusal is not None:
            return f"Tried out, it fails: {outcome.refusal.message}"
        return ""

    def _too_little(self, reading: Reading, look: Look, choices: tuple[FeeOption, ...]) -> str:
        """Return that the account cannot pay even the slowest fee; empty when it can, or when that is not known."""
        need = reading.call.value + min((option.at_most for option in choices), default=0)
        if look.native is None or not choices or look.native >= need:
            return ""
        native = self._context.network.native_symbol
        return f"Not enough {native}: it needs up to {money(need, native)}, and {money(look.native, native)} is there."

    # replacing --------------------------------------------------------------------------------------------------------------------

    def prepare_replacement(self, row: store.Row, account: Account, *, cancel: bool) -> Prepared:
        """Return the same transaction, or an empty one, with the same number in line and a fee that may take its place."""
        from mycelix_studio.chain.transactions import Fee

        call = Call(account.address) if cancel else Call(row.to, row.data, row.value)
        reading = read_call(self._context, call)
        look = self.look([reading], account, replacing=row)
        least = Fee(row.max_fee or 0, row.tip or 0).raised()
        look = replace(look, levels={level: fee.at_least(least) for level, fee in look.levels.items()})
        outcome = look.trial.outcomes[0] if look.trial is not None else None
        made = self.one(reading=reading, look=look, outcome=outcome, say=self.speaker(account, {}, look.facts))
        made = replace(made, replaces=f"tx:{row.id}", next_nonce=row.nonce)
        if cancel:
            return replace(
                made,
                title=f"Cancel “{row.title}”",
                sentence="An empty payment to yourself takes its place in line, so that it never happens. Only the network fee is paid. "
                "It works only if it is faster: until then the first one may still be confirmed.",
                row_title=f"Cancel {row.title}",
                row_detail="Takes its place in line",
                activity="other",
                amount=0,
            )
        return replace(
            made,
            title=f"Speed up “{row.title}”",
            sentence=f"The same signature with a higher network fee; it happens once, whichever is confirmed. {made.sentence}",
            row_title=row.title,
            row_detail=row.detail,
            activity=row.activity,
            amount=row.amount,
            symbol=row.symbol,
        )


def cannot_sign(account: Account) -> str:
    """Return why an account signs nothing; empty when it can."""
    if account.kind is AccountKind.WATCH:
        return f"“{account.name}” is only watched; {NO_KEY}"
    if account.needs_drill:
        return f"“{account.name}” signs only after you proved that your words restore it, under Wallet."
    return ""


def in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return findings by list: checked, to look at again, not checked."""
    order = list(FindingKind)
    return tuple(sorted(findings, key=lambda finding: order.index(finding.kind)))


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, tuple):
        return ", ".join(_plain(item) for item in value)
    return str(value)
