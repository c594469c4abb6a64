"""The client of the chain: RPC, contracts, transactions, events."""
