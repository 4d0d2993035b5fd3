"""`GET /api/v1/me`: who this service takes the caller for."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from valeo_erp.identity.access import Reading, reading
from valeo_erp.identity.scopes import Role, Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.tenants.repository import tenant_name

router = APIRouter(tags=["identity"])


class MeAnswer(BaseModel):
    """The caller as the verified token or session tells."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "subject": "olga",
                    "name": "Olga Operator",
                    "roles": ["operator"],
                    "scopes": ["me:read", "sales:read"],
                    "tenant": "Landhandel Hofmann GmbH",
                }
            ]
        }
    )

    subject: str
    name: str
    roles: list[Role]
    scopes: list[Scope]
    tenant: str


@router.get("/me", operation_id="get_me", summary="Who am I, and what may I do?", responses=EVERY_ANSWER)
async def get_me(read: Annotated[Reading, reading(Scope.ME_READ)]) -> MeAnswer:
    """Name, roles, scopes and tenant of the caller. Everybody may ask this, also without a role."""
    principal = read.principal
    return MeAnswer(
        subject=principal.subject,
        name=principal.name,
        roles=sorted(principal.roles),
        scopes=sorted(principal.scopes),
        tenant=await tenant_name(read.connection, principal.tenant_id),
    )
