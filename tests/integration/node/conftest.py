"""The node's integration tests share one PostgreSQL, one node process and one local chain."""

from tests.fixtures.anvil import anvil, chain  # noqa: F401
from tests.fixtures.node import node  # noqa: F401
from tests.fixtures.postgres import database, postgres, template  # noqa: F401
