"""The web API of the GDPR desk."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from valeo_erp.composition import services_of
from valeo_erp.gdpr import service
from valeo_erp.gdpr.erasure import Outcome
from valeo_erp.gdpr.register import PERSONAL, Whose
from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.answers import EVERY_ANSWER, FailureBody
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.problems import Failure, invalid
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute, own_transaction

reads = APIRouter(prefix="/gdpr", tags=["gdpr"], responses=EVERY_ANSWER)
writes = APIRouter(prefix="/gdpr", tags=["gdpr"], responses=EVERY_ANSWER, route_class=TransactionalRoute)

Exporter = Annotated[Reading, reading(Scope.GDPR_EXPORT)]
Eraser = Annotated[Reading, reading(Scope.GDPR_ERASE)]
Erasing = Annotated[Transaction, writing(Scope.GDPR_ERASE)]


class ReasonBody(BaseModel):
    """Why."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=3, max_length=500, pattern=r"^[^\x00]+$", description="Names nobody: it is kept")


class CategoryAnswer(BaseModel):
    """One kind of data, and what becomes of it."""

    category: str
    count: int
    outcome: Outcome
    until: date | None
    basis: str


class PreviewAnswer(BaseModel):
    """What an erasure would do; it does nothing while something stands against it."""

    categories: list[CategoryAnswer]
    against: list[FailureBody]


class CertificateBody(BaseModel):
    """What was erased, by whom, and what a law keeps until when; without names."""

    party_id: UUID
    party_number: str
    erased_at: datetime
    erased_by: str
    categories: list[CategoryAnswer]


class CertificateAnswer(BaseModel):
    """The certificate, with the sha-256 of its canonical JSON (sorted keys, no spaces)."""

    certificate: CertificateBody
    sha256: str


class HoldAnswer(BaseModel):
    """A legal hold."""

    id: UUID
    party_id: UUID
    reason: str
    created_by: str
    created_at: datetime
    released_by: str | None
    released_at: datetime | None


class HoldsAnswer(BaseModel):
    """Every legal hold, the newest first."""

    items: list[HoldAnswer]
    next_cursor: None


class RegisterAnswer(BaseModel):
    """Whose data which column holds, by table."""

    tables: dict[str, dict[str, Whose]]


class BundleAnswer(BaseModel):
    """Everything that is stored of a party."""

    party: dict[str, Any]
    documents: list[dict[str, Any]]
    payments: list[dict[str, Any]]
    prices: list[dict[str, Any]]
    history: list[dict[str, Any]]
    legal_holds: list[dict[str, Any]]


@reads.get("/register", response_model=RegisterAnswer, operation_id="get_gdpr_register", summary="Whose data is where")
async def get_gdpr_register(_: Exporter) -> Response:
    """Every column that can hold it; for the record of processing activities (Art. 30 GDPR)."""
    return json_answer({"tables": {table: dict(columns) for table, columns in PERSONAL.items()}})


@reads.get(
    "/parties/{party_id}/bundle", response_model=BundleAnswer, operation_id="export_party", summary="A party's own data"
)
async def export_party(request: Request, party_id: UUID, read: Exporter) -> Response:
    """Master data, documents, payments and history (Art. 15 and 20 GDPR). Counted as an export, and audited."""
    bundle = await service.party_bundle(read.connection, read.tenant_id, party_id)
    services = services_of(request.app)
    async with own_transaction(services.engine, services.clock, read.principal) as transaction:
        transaction.audit("export", "party", party_id, after={"documents": len(bundle["documents"])})
    disposition = {"Content-Disposition": f'attachment; filename="party-{party_id}.json"', "Cache-Control": "no-store"}
    return json_answer(bundle, headers=disposition)


@reads.get(
    "/parties/{party_id}/erasure",
    response_model=PreviewAnswer,
    operation_id="preview_erasure",
    summary="What an erasure would do",
)
async def preview_erasure(party_id: UUID, read: Eraser) -> Response:
    """By category: erased, or kept until a day because of a law; and everything that stands against it."""
    _, wanted = await service.preview(read, party_id, read.at)
    return json_answer({"categories": wanted.categories, "against": [f.as_json() for f in wanted.against]})


@reads.get(
    "/parties/{party_id}/certificate",
    response_model=CertificateAnswer,
    operation_id="get_erasure_certificate",
    summary="The certificate of an erasure",
)
async def get_erasure_certificate(party_id: UUID, read: Eraser) -> Response:
    """As it was written when the data was erased."""
    return json_answer(await service.certificate(read.connection, read.tenant_id, party_id))


@writes.post(
    "/parties/{party_id}/erasure",
    response_model=CertificateAnswer,
    operation_id="erase_party",
    summary="Erase a party's data",
    name="erase",
)
async def erase_party(party_id: UUID, transaction: Erasing, body: ReasonBody | None = None) -> Response:
    """As the preview says; it can not be undone. A backup that is restored later has it erased again."""
    await service.preview(transaction, party_id, transaction.at)
    return json_answer(await service.erase(transaction, party_id, _reason(body)))


@writes.post(
    "/parties/{party_id}/holds",
    response_model=HoldAnswer,
    status_code=201,
    operation_id="hold_party",
    summary="Keep a party's data from being erased",
    name="hold",
)
async def hold_party(party_id: UUID, transaction: Erasing, body: ReasonBody | None = None) -> Response:
    """A legal hold: a lawsuit, a tax audit."""
    await service.preview(transaction, party_id, transaction.at)
    return json_answer(await service.hold(transaction, party_id, _reason(body)), 201)


@reads.get("/holds", response_model=HoldsAnswer, operation_id="list_holds", summary="List legal holds")
async def list_holds(read: Eraser) -> Response:
    """Also those that have ended."""
    return json_answer({"items": await service.holds(read.connection, read.tenant_id), "next_cursor": None})


@writes.post(
    "/holds/{hold_id}/release",
    response_model=HoldAnswer,
    operation_id="release_hold",
    summary="End a legal hold",
    name="release",
)
async def release_hold(hold_id: UUID, transaction: Erasing) -> Response:
    """The party's data may be erased again, as far as nothing else stands against it."""
    return json_answer(await service.release(transaction, hold_id))


def _reason(body: ReasonBody | None) -> str:
    if body is None:
        failure = Failure("missing", "Say why: this is kept with what is done.", "body.reason")
        raise invalid("reason_missing", "A reason is needed.", [failure])
    return body.reason


router = APIRouter()
router.include_router(reads)
router.include_router(writes)
