"""What an approval says yes to, as one hash. Pure."""

import hashlib
from dataclasses import astuple
from datetime import UTC

from valeo_erp.calculation.totals import TaxTotal
from valeo_erp.documents.document import Document, Line
from valeo_erp.kernel.canonical import canonical_json


def content_hash(document: Document) -> bytes:
    """The sha-256 over everything that an approval says yes to.

    What came later than the first documents is added only where it says something, so that old approvals still hold.
    """
    content: list[object] = [
        document.kind,
        document.party_id,
        document.document_date,
        document.supply_date,
        document.due_date,
        document.currency,
        document.note,
        document.reverses_id,
        [_line_content(line) for line in document.lines],
        [_tax_content(tax) for tax in document.taxes],
        document.net_total,
        document.tax_total,
        document.gross_total,
    ]
    if document.discount or document.reference or document.counter_account:
        content.append([document.discount, document.reference, document.counter_account])
    return hashlib.sha256(canonical_json(content)).digest()


def _line_content(line: Line) -> list[object]:
    content: list[object] = [
        line.position,
        line.item_id,
        line.item_number,
        line.description,
        line.quantity,
        line.unit,
        line.unit_price,
        line.price_base,
        line.price_unit,
        line.discount,
        line.tax_code,
        line.tax_rate,
        line.net,
        line.revenue_account,
    ]
    if line.source_id is not None:
        content.append([line.source_id, line.source_position])
    if line.freight:
        content.append("freight")
    if line.quality is not None:
        content.append(list(astuple(line.quality)))
    if line.weighing is not None:
        weighing = line.weighing
        instants = [at and at.astimezone(UTC).isoformat() for at in (weighing.first_at, weighing.second_at)]
        content.append([weighing.vehicle, weighing.first_kg, weighing.second_kg, *instants])
    return content


def _tax_content(tax: TaxTotal) -> list[object]:
    content: list[object] = [tax.code, tax.rate, tax.net, tax.tax, tax.account]
    if tax.self_assessed_account:
        content += [tax.self_assessed_rate, tax.self_assessed, tax.self_assessed_account]
    return content
