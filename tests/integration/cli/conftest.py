"""The command line on a real node and a real chain."""

from tests.fixtures.node import node  # noqa: F401
from tests.fixtures.postgres import postgres  # noqa: F401
