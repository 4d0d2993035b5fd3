"""What a print is made from, and the archive of issued prints."""

import json
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.branding.look import Look
from valeo_erp.branding.repository import find_logo
from valeo_erp.documents.document import Document, Kind
from valeo_erp.kernel.statements import Statement
from valeo_erp.kernel.unit_of_work import Transaction
from valeo_erp.printing.facts import Brand, Followed, Original, PrintFacts, Supplier
from valeo_erp.printing.formats import Variant
from valeo_erp.printing.letterhead import branded

_SURROUNDINGS = Statement("""
select s.name, s.street, s.postal_code, s.city, s.country, s.vat_id, s.tax_number, s.phone, s.email,
       s.bank_name, s.iban, s.bic, s.register_entry,
       (select jsonb_object_agg(t.code, t.name) from tax_code t
        where t.tenant_id = s.id and :supply_date between t.valid_from and coalesce(t.valid_to, 'infinity'))::text
         as tax_names,
       (select jsonb_agg(jsonb_build_array(f.kind, f.number, f.document_date) order by f.kind, f.number) from document f
        where f.tenant_id = s.id and f.id = any(:source_ids) and f.number is not null)::text as followed,
       coalesce((select p.tax_number from party p where p.tenant_id = s.id and p.id = :party_id), '')
         as party_tax_number,
       o.number as original_number, o.document_date as original_date,
       b.version as branding_version, b.look::text as look
from tenant s left join document o on o.tenant_id = s.id and o.id = :reverses_id
left join branding b on b.tenant_id = s.id and b.state = 'active'
where s.id = :tenant_id
""")
_ARCHIVED = text("""
select pdf, sha256, template_version, branding_version from print_archive
where tenant_id = :tenant_id and document_id = :document_id and language = :language
""")
_ARCHIVE = text("""
insert into print_archive
  (tenant_id, document_id, language, sha256, pdf, template_version, branding_version, rendered_at)
values (:tenant_id, :document_id, :language, :sha256, :pdf, :template_version, :branding_version, :rendered_at)
on conflict do nothing
""")


@dataclass(frozen=True, slots=True)
class ArchivedPrint:
    """A print that is never made again, with the versions of the template and of the branding it was made with."""

    pdf: bytes
    sha256: bytes
    template_version: str
    branding_version: int


async def facts_of(connection: AsyncConnection, document: Document) -> PrintFacts:
    """The document with its supplier, the branding in force, the names of its taxes, what it follows and reverses.

    Posting asks for it too, so the bytes of the logo are left out: `with_logo` reads them.
    """
    values = {
        "tenant_id": document.tenant_id,
        "supply_date": document.supply_date,
        "party_id": document.party_id,
        "reverses_id": document.reverses_id,
        "source_ids": list({line.source_id for line in document.lines if line.source_id is not None}),
    }
    (row,) = await _SURROUNDINGS.rows(connection, values)
    *own, tax_names, followed, tax_number, original_number, original_date, version, look = row
    supplier, brand = Supplier(*own), None if look is None else Brand(version, Look.model_validate_json(look))
    return PrintFacts(
        document=document,
        supplier=supplier if brand is None else branded(supplier, brand.look),
        tax_names=json.loads(tax_names or "{}"),
        original=None if original_number is None else Original(original_number, original_date),
        followed=_followed(followed),
        party_tax_number=tax_number,
        brand=brand,
    )


async def with_logo(connection: AsyncConnection, facts: PrintFacts) -> PrintFacts:
    """The same facts with the logo of their branding."""
    if facts.brand is None:
        return facts
    logo = await find_logo(connection, facts.document.tenant_id, facts.brand.version)
    return replace(facts, brand=replace(facts.brand, logo=logo))


def _followed(found: str | None) -> tuple[Followed, ...]:
    rows = json.loads(found or "[]")
    return tuple(Followed(Kind(kind), number, date.fromisoformat(day)) for kind, number, day in rows)


async def archived(
    connection: AsyncConnection, tenant_id: UUID, document_id: UUID, variant: Variant
) -> ArchivedPrint | None:
    """The archived print, None if this document was not yet printed in this variant."""
    row = (
        await connection.execute(
            _ARCHIVED, {"tenant_id": tenant_id, "document_id": document_id, "language": variant.key}
        )
    ).one_or_none()
    return None if row is None else ArchivedPrint(*row)


async def archive(transaction: Transaction, document_id: UUID, variant: Variant, made: ArchivedPrint) -> ArchivedPrint:
    """Keep a print for ever. If another replica was first, its print is the print."""
    await transaction.connection.execute(
        _ARCHIVE,
        {
            "tenant_id": transaction.tenant_id,
            "document_id": document_id,
            "language": variant.key,
            "sha256": made.sha256,
            "pdf": made.pdf,
            "template_version": made.template_version,
            "branding_version": made.branding_version,
            "rendered_at": transaction.at,
        },
    )
    kept = await archived(transaction.connection, transaction.tenant_id, document_id, variant)
    return kept or made
