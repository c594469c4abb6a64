"""`mycelix wallet`: accounts, balances, payments and what became of them. Secrets come by file, standard input or a question."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mycelix_studio.cli import offline as files
from mycelix_studio.cli.output import DryRun, JsonOption, Yes, ask, emit, need_new, read_secret, table
from mycelix_studio.cli.profile import PassphraseFile, ProfileDir, opened
from mycelix_studio.cli.signing import How, carry_out, row_data, signs
from mycelix_studio.errors import Known

if TYPE_CHECKING:
    from mycelix_studio.domain.account import Account, Balances
    from mycelix_studio.services.studio import Studio

app = typer.Typer(help="Accounts, balances, payments and what became of them.", no_args_is_help=True)

SecretFile = Annotated[
    Path | None,
    typer.Option("--secret-file", help="File with the words or key, - for standard input; asked otherwise."),
]
OwnPassphrase = Annotated[
    Path | None, typer.Option(help="File with a passphrase of its own for the new account, - for standard input.")
]
Address = Annotated[str, typer.Argument(help="The account's address or its name.")]
AccountOption = Annotated[str, typer.Option("--account", help="Address or name; the one in use when left out.")]


def _account(studio: Studio, named: str) -> Account:
    """Return the account of an address or name, the current one for an empty text.

    Raises:
        Known: There is none, or several have the name.
    """
    from mycelix_studio.services.wallet_errors import NoAccount

    if not named:
        current = studio.wallet.current()
        if current is None:
            raise NoAccount
        return current
    found = [each for each in studio.wallet.accounts() if named.lower() in (each.address.lower(), each.name.lower())]
    if len(found) > 1:
        raise Known(f"Several accounts are called “{named}”", "Nothing was changed.", "Use the address.")
    if not found:
        raise NoAccount(named)
    return found[0]


def _data(account: Account, *, current: bool) -> dict[str, object]:
    from mycelix_studio.domain.clock import rfc3339

    proven = account.backup_proven_at
    return {
        "address": account.address,
        "name": account.name,
        "kind": account.kind.value,
        "current": current,
        "canSign": account.can_sign,
        "backupProvenAt": rfc3339(proven) if proven is not None else None,
        "ownPassphrase": account.own_passphrase,
    }


@app.command("list")
def list_accounts(as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """List the accounts; the one in use is marked with a star."""
    with opened(profile_dir) as studio:
        current = studio.wallet.current()
        rows = [(each, current is not None and each.address == current.address) for each in studio.wallet.accounts()]
        words = table(
            ("", "Name", "Address", "Signs"),
            [
                ("*" if used else "", each.name, each.address, "yes" if each.can_sign else f"no, {_why(each)}")
                for each, used in rows
            ],
        )
        emit([_data(each, current=used) for each, used in rows], words if rows else ["No account yet."], as_json)


def _why(account: Account) -> str:
    return "its words are not proven yet" if account.needs_drill else "only watched"


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Name for the list.")] = "Main",
    words: Annotated[int, typer.Option(help="12 or 24 words.")] = 12,
    words_file: Annotated[
        Path | None,
        typer.Option(help="Write the words to this new file, readable by you only, instead of showing them."),
    ] = None,
    own_passphrase_file: OwnPassphrase = None,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Make a new account of words. Write them down: it signs only after `mycelix wallet practise` proved that they restore it."""
    from mycelix_studio.files import write_atomic

    if words not in (12, 24):
        raise typer.BadParameter("12 or 24", param_hint="--words")
    if words_file is not None:
        need_new(words_file, "Nothing was made.")
    own = read_secret("Passphrase", own_passphrase_file) if own_passphrase_file is not None else None
    with opened(profile_dir) as studio:
        made = studio.wallet.new_words(words)
        if words_file is not None:
            write_atomic(words_file, (" ".join(made.words) + "\n").encode())
        else:
            typer.echo("Write these words down, in this order. Whoever has them has the account:", err=True)
            typer.echo(" ".join(made.words), err=True)
        account = studio.wallet.create(made.words, name, own)
        if studio.wallet.current() is None:
            studio.wallet.set_current(account.address)
        emit(_data(account, current=True), [account.address], as_json)


@app.command()
def practise(
    account: Address,
    secret_file: SecretFile = None,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Recovery drill: prove that the words you wrote down restore the account."""
    with opened(profile_dir) as studio:
        chosen = _account(studio, account)
        words = read_secret(f"Words of “{chosen.name}”", secret_file).split()
        studio.wallet.drill(chosen.address, words)
        done = _account(studio, chosen.address)
        emit(_data(done, current=True), [f"Proven: the words restore {done.address}."], as_json)


@app.command("import")
def import_account(
    kind: Annotated[str, typer.Argument(help="words, key, or keystore (a wallet file).")],
    name: Annotated[str, typer.Option(help="Name for the list.")] = "Imported",
    secret_file: SecretFile = None,
    file: Annotated[Path | None, typer.Option(help="The wallet file, for keystore.")] = None,
    index: Annotated[int, typer.Option(help="Number of the account among those of the words.")] = 0,
    own_passphrase_file: OwnPassphrase = None,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Bring in an account by its words, its private key, or a wallet file of any program."""
    if kind not in ("words", "key", "keystore"):
        raise typer.BadParameter("words, key or keystore", param_hint="KIND")
    if kind == "keystore" and file is None:
        raise typer.BadParameter("a keystore is a file: name it", param_hint="--file")
    asked = {"words": "Words", "key": "Private key", "keystore": f"Passphrase of {file}"}[kind]
    secret = read_secret(asked, secret_file)
    own = read_secret("Passphrase for it here", own_passphrase_file) if own_passphrase_file is not None else None
    with opened(profile_dir) as studio:
        wallet = studio.wallet
        if kind == "words":
            account = wallet.import_words(secret, name, index=index, passphrase=own)
        elif kind == "key":
            account = wallet.import_key(secret, name, passphrase=own)
        else:
            assert file is not None
            account = wallet.import_keystore(file, secret, name, passphrase=own)
        if wallet.current() is None:
            wallet.set_current(account.address)
        emit(_data(account, current=True), [account.address], as_json)


@app.command()
def watch(
    address: Annotated[str, typer.Argument(help="The address.")],
    name: Annotated[str, typer.Option(help="Name for the list.")] = "Watched",
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Add an address to look at only."""
    with opened(profile_dir) as studio:
        account = studio.wallet.watch(address, name)
        emit(_data(account, current=False), [account.address], as_json)


@app.command()
def use(account: Address, as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """Choose the account that is shown and signs."""
    with opened(profile_dir) as studio:
        chosen = _account(studio, account)
        studio.wallet.set_current(chosen.address)
        emit(_data(chosen, current=True), [chosen.address], as_json)


@app.command()
def rename(
    account: Address,
    name: Annotated[str, typer.Argument(help="The new name.")],
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Give an account another name."""
    with opened(profile_dir) as studio:
        chosen = _account(studio, account)
        studio.wallet.rename(chosen.address, name)
        emit(_data(_account(studio, chosen.address), current=False), [name], as_json)


@app.command()
def remove(
    account: Address,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Wipe an account's key from this computer. What is on chain stays; only its words bring it back."""
    with opened(profile_dir) as studio:
        chosen = _account(studio, account)
        if not dry_run:
            ask(f"Wipe the key of “{chosen.name}” ({chosen.address}) from this computer?", yes=yes)
            studio.wallet.remove(chosen.address)
        did = "Would remove" if dry_run else "Removed"
        emit({"removed": chosen.address, "dryRun": dry_run}, [f"{did} {chosen.address}."], as_json)


@app.command("export")
def export_account(
    account: Address,
    to: Annotated[Path, typer.Argument(help="New wallet file (Web3 Secret Storage), for any program.")],
    secret_file: SecretFile = None,
    passphrase_file: PassphraseFile = None,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Write a wallet file under a passphrase of its own."""
    need_new(to)
    with opened(profile_dir) as studio:
        chosen = _account(studio, account)
        secret = read_secret("Passphrase of the new file", secret_file, confirm=secret_file is None)
        own = None
        if chosen.own_passphrase:
            own = read_secret(f"Passphrase of “{chosen.name}”", passphrase_file)
        studio.wallet.export_keystore(chosen.address, to, secret, passphrase=own)
        emit({"file": str(to)}, [str(to)], as_json)


@app.command()
def balance(
    offline: Annotated[bool, typer.Option("--offline", help="As last read; ask no chain server.")] = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Show what every account holds, has earned and can still sign."""
    with opened(profile_dir) as studio:
        found = studio.wallet.balances() if offline else studio.wallet.refresh_balances()
        names = {each.address: each.name for each in studio.wallet.accounts()}
        words = table(
            ("Account", "FLOW", "To pay out", "CGC", "For fees", "As of block"),
            [_balance_words(names.get(each.address, ""), each) for each in found],
            right=(1, 2, 3, 4, 5),
        )
        emit([_balance_data(each) for each in found], words if found else ["No account yet."], as_json)


def _balance_words(name: str, each: Balances) -> tuple[str, ...]:
    from mycelix_studio.domain.money import format_token

    def amount(wei: int | None, unit: str = "") -> str:
        return "—" if wei is None else f"{format_token(wei)}{unit}"

    fees = amount(each.native, f" {each.native_symbol}")
    block = "—" if each.block is None else str(each.block)
    return (f"{name} {each.address}", amount(each.flow), amount(each.earned), amount(each.credit), fees, block)


def _balance_data(each: Balances) -> dict[str, object]:
    from mycelix_studio.domain.clock import rfc3339

    def text(wei: int | None) -> str | None:
        return None if wei is None else str(wei)

    return {
        "address": each.address,
        "flow": text(each.flow),
        "earned": text(each.earned),
        "credit": text(each.credit),
        "native": text(each.native),
        "nativeSymbol": each.native_symbol,
        "signaturesLeft": each.signatures_left,
        "block": each.block,
        "asOf": rfc3339(each.as_of) if each.as_of is not None else None,
    }


@app.command()
@signs()
def send(
    how: How,
    to: Annotated[str, typer.Argument(help="Address that receives it.")],
    amount: Annotated[str, typer.Argument(help="Amount, such as 2.5.")],
    symbol: Annotated[str, typer.Option(help="FLOW, CGC, or the coin of the network.")] = "FLOW",
    profile_dir: ProfileDir = None,
) -> None:
    """Send an amount to an address: decoded, checked and tried out first."""
    from mycelix_studio.domain.money import parse_token

    wei = parse_token(amount)
    with opened(profile_dir) as studio:
        _account(studio, "")
        prepared = studio.wallet.prepare([studio.wallet.send_call(to, wei, symbol=symbol)])
        carry_out(studio, prepared, how)


@app.command()
@signs()
def payout(
    how: How,
    profile_dir: ProfileDir = None,
) -> None:
    """Pay everyone what the songs' accounts hold."""
    with opened(profile_dir) as studio:
        _account(studio, "")
        studio.wallet.refresh_balances()
        prepared = studio.wallet.prepare_payout()
        if not prepared:
            emit([], ["Nothing waits to be paid out."], how.as_json)
            return
        carry_out(studio, prepared, how)


@app.command()
def activity(
    only: Annotated[str, typer.Option(help="all, pending, in or out.")] = "all",
    account: AccountOption = "",
    limit: Annotated[int, typer.Option(help="Rows at most.")] = 20,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """List signatures and received payments, newest first."""
    from mycelix_studio.domain.money import format_token

    if only not in ("all", "pending", "in", "out"):
        raise typer.BadParameter("all, pending, in or out", param_hint="--only")
    with opened(profile_dir) as studio:
        address = _account(studio, account).address if account else None
        rows = studio.wallet.activity(account=address, only=only, limit=limit)
        words = table(
            ("Id", "When", "What", "State", "Amount"),
            [
                (
                    row.id,
                    f"{row.at:%Y-%m-%d %H:%M}",
                    row.title,
                    row.state.value,
                    f"{format_token(row.amount)} {row.symbol}" if row.amount else "",
                )
                for row in rows
            ],
            right=(4,),
        )
        emit([row_data(row) for row in rows], words if rows else ["Nothing was signed or received yet."], as_json)


@app.command()
def follow(as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """Send what waits, and look once for what became of signatures under way."""
    with opened(profile_dir) as studio:
        studio.wallet.follow()
        left = studio.wallet.pending()
        emit({"underWay": left, "waiting": studio.wallet.waiting()}, [f"{left} under way."], as_json)


@app.command("speed-up")
@signs("fast")
def speed_up(
    how: How,
    row: Annotated[str, typer.Argument(help="Id of the activity list, such as tx:7.")],
    cancel: Annotated[bool, typer.Option("--cancel", help="Put an empty one in its place instead.")] = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Send a signature that is not in a block yet again with a higher fee, or cancel it."""
    with opened(profile_dir) as studio:
        wallet = studio.wallet
        prepared = wallet.prepare_cancel(row) if cancel else wallet.prepare_speed_up(row)
        carry_out(studio, (prepared,), how)


@app.command("passphrase")
def change_passphrase(
    account: Address,
    old_file: Annotated[
        Path | None, typer.Option(help="File with the passphrase until now, - for standard input.")
    ] = None,
    new_file: Annotated[Path | None, typer.Option(help="File with the new one, - for standard input.")] = None,
    none: Annotated[bool, typer.Option("--none", help="Have none any more.")] = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Set, change or remove an account's own passphrase."""
    with opened(profile_dir) as studio:
        chosen = _account(studio, account)
        old = read_secret(f"Passphrase of “{chosen.name}”", old_file) if chosen.own_passphrase else None
        new = None if none else read_secret("New passphrase", new_file, confirm=new_file is None)
        studio.wallet.change_passphrase(chosen.address, old, new)
        done = _account(studio, chosen.address)
        emit(_data(done, current=False), ["Done."], as_json)


app.command("sign-file")(files.sign_file)
app.command("send-file")(files.send_file)
