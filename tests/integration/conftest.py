"""Real parts for integration tests."""

from __future__ import annotations

from tests.fixtures.anvil import anvil, chain  # noqa: F401
