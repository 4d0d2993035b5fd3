"""Printing: an issued document is rendered once and archived, a draft every time and with a mark on every page."""

import hashlib
import logging
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from valeo_erp.documents import repository as documents
from valeo_erp.documents.document import ISSUED, Document, Kind
from valeo_erp.einvoicing.terms import E_INVOICED, terms_of
from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.clock import Clock
from valeo_erp.kernel.problems import Problem, not_found, refused
from valeo_erp.kernel.unit_of_work import own_transaction
from valeo_erp.printing import repository
from valeo_erp.printing.facts import PrintFacts
from valeo_erp.printing.formats import Variant
from valeo_erp.printing.lawful import missing
from valeo_erp.printing.pool import PrintPool
from valeo_erp.printing.repository import ArchivedPrint
from valeo_erp.printing.view import DocumentView, file_name, view_of
from valeo_erp.verification.seal import Paper, Seal

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Printed:
    """A PDF, ready to be handed out.

    Attributes:
        sha256: of the bytes, in hex.
        template_version: of the layout it was made with.
        branding_version: of the branding it was made with; 0 before there was one in force.
    """

    pdf: bytes
    sha256: str
    file_name: str
    template_version: str
    branding_version: int


@dataclass(frozen=True, slots=True)
class PrintDesk:
    """Prints for whoever may. No connection to the database is held while a worker renders."""

    engine: AsyncEngine
    read_engine: AsyncEngine
    clock: Clock
    pool: PrintPool
    seal: Seal

    async def print(self, principal: Principal, kind: Kind, document_id: UUID, variant: Variant) -> Printed:
        """The PDF of a document.

        Raises:
            Problem: 404 for a document that this tenant does not have; 409 for an issued one that would not be
                lawful, with everything that is missing; 422 and 503 as `PrintPool.render`.
        """
        document, source = await self._look_up(principal.tenant_id, kind, document_id, variant)
        if isinstance(source, ArchivedPrint):
            return await self._handed_out(principal, document, variant, source, archive=False)
        view = view_of(source, variant.language, self._verify_address(document), variant.paper)
        made = await self._made(principal, source, view)
        return await self._handed_out(principal, document, variant, made, archive=document.state in ISSUED)

    async def _look_up(
        self, tenant_id: UUID, kind: Kind, document_id: UUID, variant: Variant
    ) -> tuple[Document, ArchivedPrint | PrintFacts]:
        async with self.read_engine.connect() as connection:
            document = await documents.find(connection, tenant_id, kind, document_id)
            if document is None:
                raise not_found(kind.value)
            if document.state in ISSUED:
                kept = await repository.archived(connection, tenant_id, document_id, variant)
                if kept is not None:
                    return document, _undamaged(kept)
            facts = await repository.facts_of(connection, document)
            return document, await repository.with_logo(connection, facts)

    def _verify_address(self, document: Document) -> str:
        if document.number is None:
            return ""
        return self.seal.address(
            Paper(
                document.tenant_id,
                document.id,
                document.number,
                document.document_date,
                document.gross_total,
                document.currency,
            )
        )

    async def _made(self, principal: Principal, facts: PrintFacts, view: DocumentView) -> ArchivedPrint:
        document = facts.document
        if view.issued and (failures := missing(view)):
            problem = refused(
                "print_unlawful", f"{document.number} lacks what § 14 (4) UStG asks of an invoice.", failures
            )
            await self._record_refusal(principal, document, problem)
            raise problem
        carries_invoice = view.issued and document.kind in E_INVOICED
        rendered = await self.pool.render(view, terms_of(facts) if carries_invoice else None)
        if rendered.refused_addresses:
            logger.warning(
                "A print asked for something outside and did not get it",
                extra={"document_id": str(document.id), "addresses": rendered.refused_addresses},
            )
        digest = hashlib.sha256(rendered.pdf).digest()
        return ArchivedPrint(rendered.pdf, digest, rendered.template_version, view.letterhead.version)

    async def _handed_out(
        self, principal: Principal, document: Document, variant: Variant, made: ArchivedPrint, *, archive: bool
    ) -> Printed:
        """Audit every print, and archive the first of an issued document."""
        issued = document.state in ISSUED
        async with own_transaction(self.engine, self.clock, principal) as transaction:
            if archive:
                made = await repository.archive(transaction, document.id, variant, made)
            facts = {
                "language": variant.key,
                "issued": issued,
                "sha256": made.sha256.hex(),
                "template_version": made.template_version,
                "branding_version": made.branding_version,
            }
            transaction.audit("print", document.kind.value, document.id, after=facts)
        name = file_name(document, variant.language)
        return Printed(made.pdf, made.sha256.hex(), name, made.template_version, made.branding_version)

    async def _record_refusal(self, principal: Principal, document: Document, problem: Problem) -> None:
        async with own_transaction(self.engine, self.clock, principal) as transaction:
            reason = "; ".join([problem.detail, *(failure.message for failure in problem.failures)])
            transaction.audit("print", document.kind.value, document.id, outcome="refused", reason=reason)


def _undamaged(kept: ArchivedPrint) -> ArchivedPrint:
    if hashlib.sha256(kept.pdf).digest() == kept.sha256:
        return kept
    raise refused("print_damaged", "The archived print is not what was archived. Restore it from a backup.")
