"""Analytics: what came in, from where, and who listens."""
