"""The web API of policies."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.answers import EVERY_ANSWER, FailureBody
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.dates import BusinessDate
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.policies import service
from valeo_erp.policies.rules import Rules

reads = APIRouter(prefix="/policies", tags=["policy"], responses=EVERY_ANSWER)
writes = APIRouter(prefix="/policies", tags=["policy"], responses=EVERY_ANSWER, route_class=TransactionalRoute)

Version = Annotated[int, Path(ge=1, le=1_000_000)]


class PolicyBody(BaseModel):
    """A policy to write down."""

    model_config = ConfigDict(extra="forbid")

    rules: Rules
    note: str = Field(min_length=1, max_length=500, pattern=r"^[^\x00]+$", description="Why; for whoever activates it")


class SimulationBody(BaseModel):
    """Rules to try out on what was posted in some days."""

    model_config = ConfigDict(extra="forbid")

    rules: Rules
    first: BusinessDate
    last: BusinessDate


class PolicyAnswer(BaseModel):
    """One version."""

    version: int
    state: Literal["draft", "active", "retired"]
    rules: Rules
    note: str
    created_by: str
    created_at: datetime
    activated_by: str | None
    activated_at: datetime | None


class PoliciesAnswer(BaseModel):
    """Every version, the newest first."""

    items: list[PolicyAnswer]
    next_cursor: None


class ExampleAnswer(BaseModel):
    """A posted document that the rules would have stopped or delayed."""

    id: UUID
    kind: str
    number: str
    failures: list[FailureBody]


class SimulationAnswer(BaseModel):
    """What the rules would have said. `complete` is false when there are more documents than were looked at."""

    documents: int
    complete: bool
    affected: int
    by_rule: dict[str, int]
    examples: list[ExampleAnswer]


@reads.get("", response_model=PoliciesAnswer, operation_id="list_policies", summary="List all versions of the policy")
async def list_policies(read: Annotated[Reading, reading(Scope.POLICY_READ)]) -> Response:
    """One at most is active; without one nothing is restricted but by four eyes."""
    return json_answer({"items": await service.all_policies(read.connection, read.tenant_id), "next_cursor": None})


@reads.post(
    "/simulate", response_model=SimulationAnswer, operation_id="simulate_policy", summary="Try rules out on the past"
)
async def simulate_policy(body: SimulationBody, read: Annotated[Reading, reading(Scope.POLICY_READ)]) -> Response:
    """What these rules would have said of the documents of some days; stores nothing.

    Approval levels, margins (with the purchases of their days), back-dating, and credit: what was open when an invoice
    was posted, by today's limit of its customer. What was matched and taken back since is not known any more.
    """
    found = await service.simulate(read.connection, read.tenant_id, body.rules, body.first, body.last)
    return json_answer(found)


@writes.post(
    "",
    response_model=PolicyAnswer,
    status_code=201,
    operation_id="draft_policy",
    summary="Write a policy",
    name="create",
)
async def draft_policy(body: PolicyBody, transaction: Annotated[Transaction, writing(Scope.POLICY_WRITE)]) -> Response:
    """The next version, as a draft."""
    return json_answer(await service.draft(transaction, body.rules, body.note), 201)


@writes.post(
    "/{version}/activate",
    response_model=PolicyAnswer,
    operation_id="activate_policy",
    summary="Put a policy in force",
    name="activate",
)
async def activate_policy(
    version: Version, transaction: Annotated[Transaction, writing(Scope.POLICY_WRITE)]
) -> Response:
    """By somebody else than its author. It holds within five seconds; what was approved before stays approved."""
    return json_answer(await service.activate(transaction, version))


router = APIRouter()
router.include_router(reads)
router.include_router(writes)
