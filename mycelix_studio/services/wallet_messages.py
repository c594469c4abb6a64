"""Messages and texts before they are signed: EIP-712 messages of our contracts and the sign-in of the platform. Nothing else is signed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from mycelix_studio.domain.account import Account
from mycelix_studio.domain.transaction import Call, ChangeRow, Finding, Party, Prepared, RequestKind
from mycelix_studio.services import wallet_words as words
from mycelix_studio.services.wallet_context import WalletContext
from mycelix_studio.services.wallet_people import People
from mycelix_studio.services.wallet_prepare import NOT_PUBLISHED, Preparer, cannot_sign, in_order
from mycelix_studio.services.wallet_reading import UNREADABLE, CodeCheck, Reading, check_code, gather_facts
from mycelix_studio.services.wallet_speech import (
    NOTHING_MOVES,
    Args,
    Facts,
    Words,
    checked,
    clean,
    contract_name,
    day_time,
    look_again,
    moment,
    not_checked,
)
from mycelix_studio.services.wallet_words_gift import listens
from mycelix_studio.services.wallet_words_money import allowance
from mycelix_studio.services.wallet_words_purse import voucher
from mycelix_studio.settings import ALLOW_UNREADABLE, API_URL

FREE = "Signing costs nothing and sends nothing."
DOMAINS = {
    "Permit": ("FlowToken", "CreditToken"),
    "Register": ("Ledger",),
    "Voucher": ("Ledger",),
    "Listens": ("GiftEconomyStrategy",),
}
"""Which contracts each kind of message is for."""
SIGNER = {"Permit": "owner", "Register": "artist", "Voucher": "listener"}
"""Which value of a message must be the account that signs. Who may count listens stands on chain."""
ALIKE = {"Register": "register(bytes32,uint64,uint128,uint8)", "Listens": "a message"}
"""How a message is read as a request, so that the facts about its song are looked up."""


class Messages:
    """Prepares what is signed without being sent."""

    def __init__(self, context: WalletContext, preparer: Preparer, people: People) -> None:
        self._context = context
        self._preparer = preparer
        self._people = people

    def message(self, typed: Mapping[str, object], account: Account) -> Prepared:
        """Return an EIP-712 message in words; refused when it is not exactly one of ours."""
        from mycelix_studio.chain.rpc import ChainUnreachable, RpcRefused, ServersDisagree, WrongChain

        primary = str(typed.get("primaryType") or "")
        problem = self._form(typed, primary)
        values = typed.get("message")
        arguments = dict(values) if isinstance(values, dict) else {}
        domain = typed.get("domain")
        target = str(domain.get("verifyingContract") or "") if isinstance(domain, dict) else ""
        code, facts = CodeCheck(), Facts()
        refused = problem
        findings: list[Finding] = []
        if not problem:
            reading = Reading(Call(target), self._contract(target), ALIKE.get(primary, ""), arguments)
            try:
                rpc = self._context.rpc()
                code = check_code(self._context, rpc, [target])[target]
                facts = gather_facts(self._context, rpc, [reading], account.address)
            except (ChainUnreachable, WrongChain, ServersDisagree, RpcRefused) as error:
                findings.append(not_checked("Whether the contract is ours.", error.title))
            if code.asked and not code.same:
                refused = NOT_PUBLISHED
        contract = self._contract(target) if not problem else ""
        said = self._words(primary, contract, arguments, account, facts) if not problem else _unreadable(problem)
        if code.same:
            findings.append(checked("Contract is ours.", "Code equals the published version"))
        if not problem:
            findings.append(checked("Every value could be read.", "The message is exactly of the contract’s form"))
        findings += [*said.findings, *self._people.findings(said, account)]
        named = contract_name(contract)
        network = self._context.network
        parties = [Party("You sign as", account.name, account.address)]
        if named:
            parties.append(Party("Contract", named, target))
        parties.append(Party("Network", network.name, detail=f"chain {network.chain_id}"))
        parties += [Party(role, self._context.name_of(address), address) for role, address in said.people]
        return Prepared(
            id=uuid.uuid4().hex,
            kind=RequestKind.MESSAGE,
            account=account.address,
            title=said.title,
            sentence=f"{said.sentence} {FREE}".strip(),
            chain_id=network.chain_id,
            chain_name=network.name,
            changes=said.changes,
            parties=tuple(parties),
            recognised=code.same is True,
            contract_name=named,
            native_symbol=network.native_symbol,
            findings=in_order(findings),
            technical=tuple((name, clean(str(value), 200)) for name, value in arguments.items()),
            refused=refused or said.refused or cannot_sign(account),
            payload=json.dumps(typed, ensure_ascii=False),
            activity=said.activity,
            needs_passphrase=account.own_passphrase,
            row_title=said.row,
        )

    def _form(self, typed: Mapping[str, object], primary: str) -> str:
        """Return why a message is not one of ours; empty when it is, to the last field."""
        from mycelix_studio.chain import eip712
        from mycelix_studio.chain.values import checksum

        if primary not in eip712.TYPES or primary not in DOMAINS:
            return "This message is of no kind that Studio knows."
        deployment = self._context.deployment()
        domain, values = typed.get("domain"), typed.get("message")
        try:
            assert isinstance(domain, dict) and isinstance(values, dict)
            target = checksum(str(domain.get("verifyingContract")))
            name, version = str(domain.get("name")), str(domain.get("version"))
            same = eip712.message(eip712.Domain(name, version, self._context.network.chain_id, target), primary, values)
        except (AssertionError, KeyError, ValueError):
            return UNREADABLE
        if same != typed:
            wrong = domain.get("chainId") != self._context.network.chain_id
            return "The message is for another network." if wrong else UNREADABLE
        if deployment is None or deployment.name_of(target) not in DOMAINS[primary]:
            return "The message is for a contract that is not ours."
        if (name, version) != eip712.NAMES[deployment.name_of(target) or ""]:
            return "The message carries another name than its contract has, so nobody could use the signature."
        return ""

    def _contract(self, target: str) -> str:
        deployment = self._context.deployment()
        return (deployment.name_of(target) if deployment is not None else None) or ""

    def _words(
        self, primary: str, contract: str, values: Mapping[str, object], account: Account, facts: Facts
    ) -> Words:
        say = self._preparer.speaker(account, {}, facts)
        args = Args(values)
        try:
            until = args.number("deadline")
            if primary in SIGNER and args.text(SIGNER[primary]).lower() != account.address.lower():
                return _unreadable("The message is to be signed by another account.")
            if primary == "Permit":
                symbol = "CGC" if contract == "CreditToken" else "FLOW"
                said = allowance(args.text("spender"), args.number("value"), say, symbol)
            elif primary == "Register":
                said = words.words_of("Ledger", ALIKE["Register"], values, say)
            else:
                said = (voucher if primary == "Voucher" else listens)(args, say)
        except (KeyError, AssertionError, ValueError):
            return _unreadable(UNREADABLE)
        late = until >= 2**36
        warning = (
            (look_again("The signature never expires.", "Whoever holds it can use it at any time"),) if late else ()
        )
        end = "" if late else f" Whoever holds the signature can use it until {moment(until)}."
        return replace(
            said,
            sentence=f"{said.sentence.replace(NOTHING_MOVES, '').strip()}{end}",
            findings=(*said.findings, *warning),
        )

    def text(self, text: str, account: Account) -> Prepared:
        """Return a sign-in in words; any other text is refused unless the person allows what Studio cannot read."""
        from mycelix_studio.chain.sign_in import NotASignIn, parse

        network = self._context.network
        findings: list[Finding] = []
        refused = ""
        rows: tuple[ChangeRow, ...] = ()
        try:
            sign_in = parse(text)
        except NotASignIn:
            title, sentence = (
                "Sign a text",
                "This text is not a sign-in. Whoever gets the signature can show that you signed it.",
            )
            row = "Text signed"
            findings.append(look_again("Studio does not know what this text is for.", "Read all of it"))
            rows = tuple(
                ChangeRow(f"Line {n + 1}", None, clean(line, 300)) for n, line in enumerate(text.splitlines()[:40])
            )
            if not self._context.settings.get(ALLOW_UNREADABLE):
                refused = "Studio signs no text but sign-ins."
        else:
            title = f"Sign in to {sign_in.domain}"
            sentence = f"Proves to {sign_in.domain} that you hold this account. It moves no money and gives no rights to it. {FREE}"
            row = f"Sign-in, {sign_in.domain}"
            rows = (
                ChangeRow("Server", None, sign_in.domain),
                ChangeRow("It says", None, sign_in.statement or "nothing more"),
                ChangeRow(
                    "Valid until",
                    None,
                    day_time(sign_in.expiration_time) if sign_in.expiration_time else "the server ends it",
                ),
            )
            findings.append(checked("It is a sign-in and nothing else.", "Read to the last line"))
            own = urlsplit(self._context.settings.get(API_URL)).netloc
            if own == sign_in.domain:
                findings.append(checked("It is for your own server."))
            elif own:
                findings.append(look_again("It is for another server than yours.", f"Yours is {own}"))
            else:
                findings.append(not_checked("Whether it is for your server.", "None is set in Settings"))
            if sign_in.address != account.address:
                refused = "The sign-in is for another account."
            elif sign_in.chain_id != network.chain_id:
                refused = f"The sign-in is for network {sign_in.chain_id}, and {network.chain_id} is chosen."
            elif sign_in.expiration_time is not None and sign_in.expiration_time <= self._context.now():
                refused = "The sign-in has expired."
        return Prepared(
            id=uuid.uuid4().hex,
            kind=RequestKind.TEXT,
            account=account.address,
            title=title,
            sentence=sentence,
            chain_id=network.chain_id,
            chain_name=network.name,
            changes=rows,
            parties=(
                Party("You sign as", account.name, account.address),
                Party("Network", network.name, detail=f"chain {network.chain_id}"),
            ),
            native_symbol=network.native_symbol,
            findings=in_order(findings),
            technical=(("Text", text),),
            refused=refused or cannot_sign(account),
            payload=text,
            needs_passphrase=account.own_passphrase,
            row_title=row,
        )


def _unreadable(why: str) -> Words:
    return Words("A message Studio cannot read", why, "Unreadable message", refused=why)
