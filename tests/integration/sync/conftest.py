"""Syncing from a real node, on the session's PostgreSQL."""

from __future__ import annotations

from tests.fixtures.postgres import postgres  # noqa: F401
