"""What only the operator's accounts may see: the state of the database."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from mycelix_studio.node.db import monitor
from mycelix_studio.node.http.deps import ContextDep, Operator
from mycelix_studio.node.http.models import Answer, Json
from mycelix_studio.node.http.problems import not_found

router = APIRouter(prefix="/api/operator", tags=["operator"])


class DatabaseReport(Answer):
    """The database at one moment. ``slow`` is null where PostgreSQL's extension pg_stat_statements is not present."""

    version: str = Field(examples=["18.4"])
    bytes: int = Field(examples=[84_213_760])
    connections: int = Field(examples=[14])
    cache_hit_ratio: float = Field(examples=[0.998])
    slow: list[Json] | None
    running: list[Json]
    tables: list[Json]
    indexes: list[Json]
    unused_indexes: list[Json]
    views: Json


class Plan(Answer):
    """How PostgreSQL answers one of the node's queries."""

    name: str = Field(examples=["sync-play"])
    plan: list[str]


@router.get("/database")
async def database(_operator: Operator, context: ContextDep) -> DatabaseReport:
    """Give slow statements, sizes of tables and indexes, unused indexes and the freshness of the views."""
    async with context.database.write("monitor") as connection:
        report = await monitor.report(connection)
    return DatabaseReport(**monitor.as_data(report))  # type: ignore[arg-type]


@router.get("/database/plans/{name}")
async def plan(
    name: Annotated[str, Path(max_length=40, pattern=r"^[a-z-]+$", description="As listed when unknown.")],
    _operator: Operator,
    context: ContextDep,
    run: Annotated[bool, Query(description="Run the query, read only, and time it.")] = False,
) -> Plan:
    """Explain one of the node's main queries by name."""
    if name not in monitor.PLANS:
        raise not_found("plan", f"There are: {', '.join(sorted(monitor.PLANS))}")
    async with context.database.write("explain") as connection:
        return Plan(name=name, plan=await monitor.explain(connection, name, run))
