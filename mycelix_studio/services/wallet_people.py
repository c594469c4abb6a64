"""What can be said about the addresses a request names: known, never paid, alike to another, confirmed by a call or not."""

from __future__ import annotations

from mycelix_studio.domain.account import Account
from mycelix_studio.domain.transaction import Finding
from mycelix_studio.services.wallet_book import AddressBook, looks_like
from mycelix_studio.services.wallet_context import WalletContext
from mycelix_studio.services.wallet_speech import Words, look_again, not_checked
from mycelix_studio.store import accounts as accounts_store
from mycelix_studio.store import address_book
from mycelix_studio.store import transactions as store

NAMED_ONE_BY_ONE = 4
"""More people than this get one line together, or nobody would read it."""


class People:
    """Looks at addresses for the dialog before signing."""

    def __init__(self, context: WalletContext, book: AddressBook) -> None:
        self._context = context
        self._book = book

    def is_ours(self, address: str) -> bool:
        """Tell whether an address is one of our contracts."""
        deployment = self._context.deployment()
        return deployment is not None and deployment.name_of(address) is not None

    def findings(self, said: Words, account: Account) -> list[Finding]:
        """Return the lines about everyone a request pays or gives rights to."""
        if not said.pays:
            return []
        db = self._context.database.read()
        own = {known.address for known in accounts_store.all_accounts(db)}
        people = [address for _role, address in said.people if address not in own and not self.is_ours(address)]
        people = list(dict.fromkeys(people))
        found: list[Finding] = []
        known = self._book.known()
        unknown = []
        unconfirmed = []
        paid = store.recipients_paid(db, account.address)
        for address in people:
            contact = address_book.get(db, address)
            alike = looks_like(address, known) if contact is None else None
            if alike is not None:
                found.append(
                    look_again(f"This is not {alike[1]}.", f"{address} only looks like {alike[0]}. Compare all of it")
                )
            if contact is None:
                unknown.append(address)
            elif said.activity == "send" and address.lower() not in paid:
                at = contact.added_at
                found.append(
                    look_again(
                        f"{contact.name} has never been paid by you.",
                        f"In your address book since {at.day} {at:%b %Y}",
                    )
                )
            if contact is not None and not contact.confirmed:
                unconfirmed.append((contact.name, address))
        return [*found, *_strangers(unknown), *_unconfirmed(unconfirmed)]


def _strangers(addresses: list[str]) -> list[Finding]:
    if not addresses:
        return []
    if len(addresses) > NAMED_ONE_BY_ONE:
        return [look_again(f"{len(addresses)} addresses are not in your address book.", "Compare each with its owner")]
    return [
        look_again(f"{a[:6]}…{a[-4:]} is not in your address book.", "Compare all of it with its owner")
        for a in addresses
    ]


def _unconfirmed(people: list[tuple[str, str]]) -> list[Finding]:
    if not people:
        return []
    if len(people) > NAMED_ONE_BY_ONE:
        return [not_checked(f"That {len(people)} addresses belong to whom you think.", "Ask each to read the last 4")]
    return [
        not_checked(f"That the address belongs to {name}.", f"Ask them to read the last 4: {address[-4:]}")
        for name, address in people
    ]
