"""A version of the branding on a sample, for whoever may look at it. Nothing of it is kept."""

from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncEngine

from valeo_erp.branding.look import Look
from valeo_erp.branding.repository import find, find_logo
from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.clock import Clock, business_date
from valeo_erp.printing.facts import Brand
from valeo_erp.printing.formats import Variant
from valeo_erp.printing.letterhead import branded
from valeo_erp.printing.pool import PrintPool
from valeo_erp.printing.repository import facts_of
from valeo_erp.printing.sample import sample_invoice
from valeo_erp.printing.view import DocumentView, view_of


@dataclass(frozen=True, slots=True)
class PreviewDesk:
    """Shows brandings. No connection to the database is held while a worker renders."""

    read_engine: AsyncEngine
    clock: Clock
    pool: PrintPool

    async def pdf(self, principal: Principal, version: int, variant: Variant) -> bytes:
        """The sample as PDF.

        Raises:
            Problem: 404; 503 as `PrintPool.render`.
        """
        return (await self.pool.render(await self._view(principal, version, variant))).pdf

    async def picture(self, principal: Principal, version: int, variant: Variant) -> bytes:
        """The first page of the sample as PNG.

        Raises:
            Problem: as `pdf`.
        """
        return await self.pool.picture(await self._view(principal, version, variant))

    async def _view(self, principal: Principal, version: int, variant: Variant) -> DocumentView:
        now = self.clock()
        sample = sample_invoice(principal.tenant_id, variant.language, now, business_date(now))
        async with self.read_engine.connect() as connection:
            row = await find(connection, principal.tenant_id, version)
            logo = await find_logo(connection, principal.tenant_id, version) if row["logo"] else None
            facts = await facts_of(connection, sample)
        look = Look.model_validate(row["look"])
        shown = replace(facts, supplier=branded(facts.supplier, look), brand=Brand(version, look, logo))
        return view_of(shown, variant.language, paper=variant.paper)
