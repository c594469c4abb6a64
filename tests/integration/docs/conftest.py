"""Reads the documents as an artist and an operator would, on a real node and a real chain."""

from tests.fixtures.anvil import anvil, chain  # noqa: F401
