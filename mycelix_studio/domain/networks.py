"""The networks songs earn on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Network:
    """One chain.

    Attributes:
        chain_id: EIP-155 id.
        key: Name on the command line.
        name: Name a person reads.
        native_symbol: Coin that network fees are paid in.
        block_seconds: Usual seconds between blocks.
        servers: Public chain servers used when none is set.
        explorer: Page of a transaction is ``explorer/tx/HASH``; empty for none.
    """

    chain_id: int
    key: str
    name: str
    native_symbol: str
    block_seconds: int
    servers: tuple[str, ...] = ()
    explorer: str = ""


GNOSIS = Network(
    100, "gnosis", "Gnosis", "xDAI", 5,
    ("https://rpc.gnosischain.com", "https://gnosis-rpc.publicnode.com"), "https://gnosisscan.io",
)  # fmt: skip
CHIADO = Network(
    10200, "chiado", "Chiado", "xDAI", 5,
    ("https://rpc.chiadochain.net", "https://gnosis-chiado-rpc.publicnode.com"), "https://gnosis-chiado.blockscout.com",
)  # fmt: skip
LOCAL = Network(31337, "local", "Local chain", "ETH", 1, ("http://127.0.0.1:8545",))
NETWORKS = (GNOSIS, CHIADO, LOCAL)


def network(chain_id: int) -> Network:
    """Return a network by its id; an unknown one is named by its number."""
    for known in NETWORKS:
        if known.chain_id == chain_id:
            return known
    return Network(chain_id, str(chain_id), f"Network {chain_id}", "coins", 12)


def by_key(key: str) -> Network | None:
    """Return a network by its name on the command line."""
    return next((known for known in NETWORKS if known.key == key), None)
