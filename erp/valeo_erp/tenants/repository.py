"""Rows of tenants."""

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.tenants.models import tenant

_ID_OF = select(tenant.c.id).where(tenant.c.slug == bindparam("slug"))
_CHART_OF = select(tenant.c.chart).where(tenant.c.id == bindparam("id"))
_NAME_OF = select(tenant.c.name).where(tenant.c.id == bindparam("id"))
_ACCOUNT_OF = select(tenant.c.bank_name, tenant.c.iban, tenant.c.bic).where(tenant.c.id == bindparam("id"))


async def tenant_id_of(connection: AsyncConnection, slug: str) -> UUID | None:
    """The tenant that the value of a tenant claim names, None if there is none."""
    found: UUID | None = await connection.scalar(_ID_OF, {"slug": slug})
    return found


async def tenant_name(connection: AsyncConnection, tenant_id: UUID) -> str:
    """What a tenant is called."""
    name: str = (await connection.execute(_NAME_OF, {"id": tenant_id})).scalar_one()
    return name


async def chart_of(connection: AsyncConnection, tenant_id: UUID) -> str:
    """The chart of accounts of a tenant."""
    chart: str = (await connection.execute(_CHART_OF, {"id": tenant_id})).scalar_one()
    return chart


async def own_account(connection: AsyncConnection, tenant_id: UUID) -> dict[str, str]:
    """Bank, IBAN and BIC of a tenant."""
    return dict((await connection.execute(_ACCOUNT_OF, {"id": tenant_id})).mappings().one())
