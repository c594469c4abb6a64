"""The node's integration tests share one PostgreSQL and one node process."""

from tests.fixtures.node import node  # noqa: F401
from tests.fixtures.postgres import database, postgres, template  # noqa: F401
