"""Strategies: how songs earn, who gets paid, and what has to be signed for it."""
