"""The e-invoice by itself, for whoever may print. No connection to the database is held while a worker makes it."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from valeo_erp.documents import repository as documents
from valeo_erp.documents.document import ISSUED, Kind
from valeo_erp.einvoicing.rules import missing
from valeo_erp.einvoicing.terms import Terms, terms_of
from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.clock import Clock
from valeo_erp.kernel.problems import not_found, refused
from valeo_erp.kernel.unit_of_work import own_transaction
from valeo_erp.printing import repository as prints
from valeo_erp.printing.formats import Language
from valeo_erp.printing.lawful import missing as missing_by_law
from valeo_erp.printing.pool import PrintPool
from valeo_erp.printing.view import view_of


@dataclass(frozen=True, slots=True)
class EInvoice:
    """An XML file, ready to be handed out."""

    number: str
    xml: bytes


@dataclass(frozen=True, slots=True)
class EInvoiceDesk:
    """Makes XRechnungen of issued documents."""

    engine: AsyncEngine
    read_engine: AsyncEngine
    clock: Clock
    pool: PrintPool

    async def xrechnung(self, principal: Principal, kind: Kind, document_id: UUID) -> EInvoice:
        """The e-invoice of an issued document; audited.

        Raises:
            Problem: 404 for a document that this tenant does not have; 409 for one that was not issued, or that its
                recipient would reject, with everything that is missing; 503 as `PrintPool.render`.
        """
        number, terms = await self._look_up(principal.tenant_id, kind, document_id)
        xml = await self.pool.xrechnung(terms)
        async with own_transaction(self.engine, self.clock, principal) as transaction:
            facts = {"format": "xrechnung", "sha256": hashlib.sha256(xml).hexdigest()}
            transaction.audit("export", kind.value, document_id, after=facts)
        return EInvoice(number, xml)

    async def _look_up(self, tenant_id: UUID, kind: Kind, document_id: UUID) -> tuple[str, Terms]:
        async with self.read_engine.connect() as connection:
            document = await documents.find(connection, tenant_id, kind, document_id)
            if document is None:
                raise not_found(kind.value)
            if document.state not in ISSUED or document.number is None:
                raise refused("not_issued", "Only what was posted can be sent as an e-invoice. Post it first.")
            facts = await prints.facts_of(connection, document)
        terms = terms_of(facts)
        if failures := [*missing_by_law(view_of(facts, Language.GERMAN)), *missing(terms)]:
            raise refused("einvoice_incomplete", f"{document.number} lacks what XRechnung asks for.", failures)
        return document.number, terms
