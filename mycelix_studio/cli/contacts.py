"""`mycelix contacts`: names for addresses, as the signing dialog and statements show them."""

from __future__ import annotations

from typing import Annotated

import typer

from mycelix_studio.cli.output import DryRun, JsonOption, Yes, ask, emit, table
from mycelix_studio.cli.profile import ProfileDir, opened

app = typer.Typer(help="Names for the addresses of people you pay.", no_args_is_help=True)

Address = Annotated[str, typer.Argument(help="0x and 40 hex digits.")]


@app.command("list")
def list_contacts(as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """List the address book."""
    with opened(profile_dir) as studio:
        contacts = studio.wallet.contacts()
        data = [
            {"address": each.address, "name": each.name, "note": each.note, "confirmed": each.confirmed}
            for each in contacts
        ]
        rows = [(each.name, each.address, "confirmed" if each.confirmed else "", each.note) for each in contacts]
        emit(data, table(("Name", "Address", "", "Note"), rows) if rows else ["No contacts."], as_json)


@app.command("set")
def set_contact(
    address: Address,
    name: Annotated[str, typer.Argument(help="What you call them.")],
    note: Annotated[str, typer.Option(help="Anything else.")] = "",
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="They told you the address by another way, such as a call.")
    ] = False,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Add or change a contact. What is odd about the address is said."""
    with opened(profile_dir) as studio:
        found = studio.wallet.check_address(address)
        if found.warning:
            typer.echo(f"Look again: {found.warning}", err=True)
        if not dry_run:
            studio.wallet.save_contact(address, name, note=note, confirmed=confirmed)
        data = {"address": found.address, "name": name, "warning": found.warning or None, "dryRun": dry_run}
        emit(data, [f"{found.address} {name}"], as_json)


@app.command()
def remove(
    address: Address,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Forget a contact."""
    with opened(profile_dir) as studio:
        if not dry_run:
            ask(f"Forget the name of {address}?", yes=yes)
            studio.wallet.remove_contact(address)
        emit({"address": address, "dryRun": dry_run}, [address], as_json)
