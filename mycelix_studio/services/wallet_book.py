"""Addresses as people meet them: names, EIP-55, and look-alikes of addresses they know."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mycelix_studio.domain.account import AddressCheck, Contact
from mycelix_studio.domain.clock import to_unix
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.wallet_context import WalletContext
from mycelix_studio.services.wallet_errors import NotAnAddress
from mycelix_studio.services.wallet_speech import contract_name
from mycelix_studio.store import accounts as accounts_store
from mycelix_studio.store import address_book as store

_SHAPE = re.compile(r"0x[0-9a-fA-F]{40}\Z")
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")


def require_address(text: str) -> str:
    """Return an address in EIP-55 form.

    Raises:
        NotAnAddress: With what is wrong: its length, a wrong digit, a broken check, hidden characters.
    """
    from mycelix_studio.chain.values import ZERO_ADDRESS, checksum

    cleaned = text.strip()
    if _HIDDEN.search(cleaned):
        raise NotAnAddress("It holds hidden characters.")
    if not _SHAPE.match(cleaned):
        if cleaned.startswith(("0x", "0X")) and len(cleaned) != 42:
            raise NotAnAddress(f"It has {len(cleaned) - 2} digits after 0x; an address has 40.")
        raise NotAnAddress("An address begins with 0x and has 40 digits 0 to 9 and a to f.")
    found = checksum(cleaned)
    digits = cleaned[2:]
    if digits not in {digits.lower(), digits.upper()} and cleaned != found:
        raise NotAnAddress("Its capital letters do not fit: at least one character was changed.")
    if found == ZERO_ADDRESS:
        raise NotAnAddress("Nobody owns the address of zeros; what goes there is lost.")
    return found


def looks_like(address: str, others: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """Return (address, name) of a known address that this one could be mistaken for: 4 + 4 shown digits nearly equal, the rest not.

    An address poisoner makes addresses whose first and last digits are those of one you paid before.
    """
    mine = address.lower()[2:]
    for other, name in others:
        theirs = other.lower()[2:]
        if theirs == mine:
            continue
        head = sum(a == b for a, b in zip(mine[:4], theirs[:4], strict=True))
        tail = sum(a == b for a, b in zip(mine[-4:], theirs[-4:], strict=True))
        if head + tail >= 7 or (head == 4 and tail >= 2) or (tail == 4 and head >= 2):
            return other, name
    return None


class AddressBook:
    """The address book of a profile, and what it says about an address."""

    def __init__(self, context: WalletContext) -> None:
        self._context = context

    def contacts(self) -> tuple[Contact, ...]:
        """Return all entries by name."""
        return store.contacts(self._context.database.read())

    def save(self, address: str, name: str, note: str, confirmed: bool) -> Changes:
        """Add or change an entry. Raises NotAnAddress."""
        checked = require_address(address)
        with self._context.database.write() as db:
            store.save(
                db, checked, name.strip(), note=note.strip(), confirmed=confirmed, added_at=to_unix(self._context.now())
            )
        return Changes.of(Kind.ADDRESS_BOOK)

    def remove(self, address: str) -> Changes:
        """Forget an entry."""
        with self._context.database.write() as db:
            store.remove(db, require_address(address))
        return Changes.of(Kind.ADDRESS_BOOK)

    def known(self) -> list[tuple[str, str]]:
        """Return (address, name) of accounts, contacts and contracts."""
        db = self._context.database.read()
        found = [(account.address, account.name) for account in accounts_store.all_accounts(db)]
        found += [(contact.address, contact.name) for contact in store.contacts(db)]
        deployment = self._context.deployment()
        if deployment is not None:
            found += [(address, contract_name(name)) for name, address in deployment.contracts.items()]
        return found

    def check(self, text: str) -> AddressCheck:
        """Look at an address as it is typed."""
        try:
            address = require_address(text)
        except NotAnAddress as error:
            return AddressCheck("", problem=error.message)
        name = self._context.name_of(address)
        warnings = []
        alike = None if name else looks_like(address, self.known())
        if alike is not None:
            warnings.append(f"It looks like {alike[1]} ({alike[0]}), but it is another address. Compare all of it.")
        deployment = self._context.deployment()
        if deployment is not None and deployment.name_of(address) is not None:
            warnings.append("It is one of the contracts, not a person.")
        digits = text.strip()[2:]
        if not name and digits in {digits.lower(), digits.upper()} and re.search("[a-fA-F]", digits):
            warnings.append("Its letters carry no check, so a wrong digit would go unnoticed.")
        return AddressCheck(address, warning=" ".join(warnings), name=name)
