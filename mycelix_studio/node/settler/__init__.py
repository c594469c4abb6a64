"""Charges vouchers on chain in batches, with a key of its own; exactly once, whatever is killed when."""
