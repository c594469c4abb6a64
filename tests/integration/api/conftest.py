"""The client's integration tests talk to one real node."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mycelix_studio.api.platform import Api
from mycelix_studio.api.sign_in import Signer
from tests.fixtures.node import NodeProcess, Person, node  # noqa: F401
from tests.fixtures.postgres import postgres  # noqa: F401


def api_of(url: str, person: Person | None = None) -> Api:
    """Return a client of a server for a person."""
    api = Api(lambda: url, lambda: 31337)
    if person is not None:
        api.use(Signer(lambda: person.address, person.sign))
    return api


@pytest.fixture
def person() -> Person:
    """Somebody nobody knows."""
    return Person.new()


@pytest.fixture
def api(node: NodeProcess, person: Person) -> Iterator[Api]:  # noqa: F811
    """A client of the running node, for that somebody."""
    client = api_of(node.url, person)
    yield client
    client.close()
