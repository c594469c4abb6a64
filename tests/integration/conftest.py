"""Real parts for integration tests."""

from __future__ import annotations

from tests.fixtures.anvil import anvil, chain  # noqa: F401
from tests.fixtures.ledger import stage  # noqa: F401
from tests.fixtures.wallet import sealed  # noqa: F401
from tests.fixtures.ways import past, ways, world  # noqa: F401
