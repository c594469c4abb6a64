"""What `mycelix deploy` and `mycelix verify` do, without their command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mycelix_studio.chain.artifacts import Deployment, find_deployment
from mycelix_studio.chain.rpc import Rpc
from mycelix_studio.chain.transactions import Sender
from mycelix_studio.chain.values import checksum
from mycelix_studio.deploy.build import build_if_stale
from mycelix_studio.deploy.deployer import DryRun, deploy, dry_run
from mycelix_studio.deploy.local import DEPLOYER_KEY
from mycelix_studio.deploy.plan import Options
from mycelix_studio.deploy.sourcify import submit
from mycelix_studio.deploy.verify import Verdict, fee_behind, verify
from mycelix_studio.domain.money import format_token
from mycelix_studio.domain.networks import LOCAL, NETWORKS, Network, by_key
from mycelix_studio.errors import Cancelled, Known

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for; empty texts mean the default. ``key`` is a private key, hidden in the repr."""

    network: str
    rpc: str = ""
    out: Path | None = None
    token: str = ""
    owner: str = ""
    treasury: str = ""
    guardian: str = ""
    key: str = field(default="", repr=False)
    only_show: bool = False
    build: bool = True


def run(request: Request, say: Callable[[str], None], confirm: Callable[[str], bool]) -> Deployment | None:
    """Show the plan, ask on a real network, deploy. Returns None after a dry run.

    Raises:
        Cancelled: The person said no.
        Known: As ``deployer.deploy``, and for a network or key that is not named.
    """
    chosen = named_network(request.network)
    key = request.key or (DEPLOYER_KEY if chosen is LOCAL else "")
    if not key:
        raise Known(
            "No key to deploy with",
            "Deploying sends transactions that somebody pays for.",
            "Name a file with --key-file, or set MYCELIX_DEPLOYER_KEY.",
        )
    if request.build and (ROOT / "contracts").is_dir():
        build_if_stale(ROOT, say)
    with Rpc([request.rpc or chosen.servers[0]], timeout=60) as rpc:
        deployer = Sender(rpc, key).address
        owner = _address(request.owner) or deployer
        options = Options(
            chosen.chain_id,
            owner,
            _address(request.treasury) or owner,
            _address(request.guardian) or owner,
            _address(request.token) or None,
        )
        shown = dry_run(rpc, options, deployer)
        show(shown, say)
        if request.only_show:
            return None
        if chosen is not LOCAL and not confirm(f"Deploy on {chosen.name} from {deployer}?"):
            raise Cancelled
        out = request.out or ROOT / "resources" / "contracts" / "deployments" / f"{chosen.chain_id}.json"
        return deploy(rpc, key, options, out, say=say)


def show(shown: DryRun, say: Callable[[str], None]) -> None:
    """Print a dry run."""
    for row in shown.rows:
        state = "there" if row.done else f"gas {row.gas:,}"
        say(f"{row.name:<24} {row.address}  {state:>16}  {row.size:>7,} bytes")
    say(
        f"{'In all':<24} gas {shown.gas:,} at {shown.gas_price / 10**9:.3f} gwei: at most "
        f"{format_token(shown.cost, 9)} {shown.symbol}"
    )


def check(
    network: str, rpc_url: str, file: Path | None, *, sourcify: str, say: Callable[[str], None]
) -> tuple[Verdict, ...]:
    """Print a verdict for each contract and return them.

    Raises:
        NoDeployment: The network's addresses are not known.
    """
    chosen = named_network(network)
    deployment = _read(file) if file is not None else find_deployment(chosen.chain_id)
    with Rpc([rpc_url or chosen.servers[0]], chain_id=deployment.chain_id, timeout=60) as rpc:
        verdicts = verify(rpc, deployment)
        behind = fee_behind(rpc, deployment) if all(verdict.same for verdict in verdicts) else None
    for verdict in verdicts:
        say(f"{'same' if verdict.same else 'DIFFERENT':<10} {verdict.name:<22} {verdict.address}  {verdict.detail}")
        for start, value in verdict.immutables:
            say(f"{'':<10} immutable at byte {start}: {value}")
    if behind is not None:
        say(
            f"New payees still get a fee of {behind[0]} basis points, the policy's is {behind[1]}: call updateFee() on the Ledger."
        )
    if sourcify:
        for verdict in verdicts:
            if verdict.same:
                say(submit(sourcify, deployment.chain_id, verdict.name, verdict.address, ROOT / "contracts"))
    return verdicts


def named_network(key: str) -> Network:
    """Return a network by its name on the command line. Raises Known for an unknown one."""
    found = by_key(key)
    if found is None:
        names = ", ".join(known.key for known in NETWORKS)
        raise Known("Unknown network", f"“{key}” is none of {names}.", "Choose one of them.")
    return found


def _read(file: Path) -> Deployment:
    try:
        return Deployment.read(file)
    except (OSError, ValueError, KeyError) as error:
        raise Known(
            f"Could not read “{file.name}”", f"It is not a deployment ({error}).", "Name another file."
        ) from error


def _address(text: str) -> str:
    if not text:
        return ""
    try:
        return checksum(text)
    except ValueError:
        raise Known("Not an address", f"“{text}” is not 0x and 40 digits.", "Copy it again.") from None
