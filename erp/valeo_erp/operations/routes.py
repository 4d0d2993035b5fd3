"""`/healthz`, `/readyz` and `/metrics`: for the kubelet, the operator and Prometheus. They need no credentials."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from pydantic import BaseModel

from valeo_erp import __version__
from valeo_erp.composition import services_of
from valeo_erp.migrations.migrate import head_revision, known_revisions
from valeo_erp.operations.readiness import judge

router = APIRouter(tags=["operations"])

_HEAD = head_revision()
_KNOWN = known_revisions()


class Health(BaseModel):
    """The process answers."""

    alive: bool


class Ready(BaseModel):
    """Whether this process may get requests, who it is, and what it runs on."""

    ready: bool
    release: str
    colour: str
    version: str
    schema_revision: str | None
    credential_version: str | None
    checks: dict[str, str]


@router.get("/healthz", operation_id="health", summary="The process is alive")
async def healthz() -> Health:
    """Says nothing about the database: a process must not be restarted because the database is away."""
    return Health(alive=True)


@router.get(
    "/readyz",
    operation_id="readiness",
    summary="The process may get requests",
    responses={HTTPStatus.SERVICE_UNAVAILABLE.value: {"model": Ready, "description": "A check failed; see `checks`"}},
)
async def readyz(request: Request) -> Ready:
    """Looks at the database, the schema and the listener, each time."""
    services = services_of(request.app)
    verdict = judge(await services.readiness.observe(), listening=services.events.listening, head=_HEAD, known=_KNOWN)
    settings = services.settings
    answer = Ready(
        ready=verdict.ready,
        release=settings.release_id,
        colour=settings.colour,
        version=__version__,
        schema_revision=verdict.observed.schema_revision,
        credential_version=verdict.observed.credential_version,
        checks=verdict.checks,
    )
    status = HTTPStatus.OK if verdict.ready else HTTPStatus.SERVICE_UNAVAILABLE
    return JSONResponse(answer.model_dump(), status)  # type: ignore[return-value]


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="What Prometheus scrapes",
    response_class=Response,
    responses={HTTPStatus.OK.value: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request) -> Response:
    """Counters of this process, in the text format of Prometheus."""
    services = services_of(request.app)
    return Response(generate_latest(services.metrics.registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)
