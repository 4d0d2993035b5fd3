"""A received e-invoice becomes the draft of a supplier invoice, with the file as it came; or is refused in words."""

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePosixPath
from uuid import UUID

from valeo_erp.attachments.content import PDF, XML, faults, sniffed
from valeo_erp.attachments.service import attach
from valeo_erp.documents import service as documents
from valeo_erp.documents.document import Document
from valeo_erp.documents.kinds import Side
from valeo_erp.documents.masters import read_masters
from valeo_erp.einvoicing.drafting import KIND, body_of, differences, item_numbers
from valeo_erp.einvoicing.incoming import Unreadable
from valeo_erp.einvoicing.received import ReceivedInvoice, Seller, received
from valeo_erp.kernel.problems import Failure, Problem, invalid
from valeo_erp.kernel.statements import Statement
from valeo_erp.kernel.unit_of_work import Transaction
from valeo_erp.printing.pool import PrintPool

_PARTIES = Statement("""
select id, number from party
where tenant_id = :tenant_id and active
  and case when :vat_id::text <> '' then vat_id = :vat_id::text
           else :tax_number::text <> '' and replace(tax_number, ' ', '') = :tax_number::text end
order by number limit 10
""")
_ITEMS = Statement("select id from item where tenant_id = :tenant_id and active and number = any(:numbers)")
_OWN_VAT_ID = Statement("select upper(replace(vat_id, ' ', '')) as vat_id from tenant where id = :tenant_id")
# Two that read in the same invoice at once: the second waits for the first, and then finds its draft.
_ONE_AT_A_TIME = Statement("select pg_advisory_xact_lock(hashtextextended('e-invoice ' || :key::text, 0))")
_FIRST = Statement("""
select id, coalesce(number, 'draft of ' || created_at::date) as called from document
where tenant_id = :tenant_id and kind = :kind and party_id = :party_id and reference = :reference
  and state not in ('cancelled', 'reversed') and reverses_id is null
order by created_at limit 1
""")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A received file that is an e-invoice, and what it says."""

    name: str
    content: bytes
    invoice: ReceivedInvoice


async def opened(pool: PrintPool, name: str, content: bytes, most_bytes: int) -> Arrival:
    """Read a received file. No connection to the database is held meanwhile.

    Raises:
        Problem: 422 with every reason why it can not become a draft; 503 as `PrintPool.read_e_invoice`.
    """
    kind = sniffed(content)
    if failures := faults(name, content, most_bytes):
        raise invalid("faulty_file", "The file was not taken; see the failures.", failures)
    if kind not in (PDF, XML):
        seen = f"By its content it is {PurePosixPath(name).suffix or 'something else'}"
        raise _unfit([Failure("file_type", f"{seen}; an e-invoice is PDF (ZUGFeRD) or XML (XRechnung).", "file")])
    answer = await pool.read_e_invoice(content)
    if isinstance(answer, Unreadable):
        raise _unfit([Failure(answer.code, answer.message, "file")])
    invoice = received(answer.terms)
    if not isinstance(invoice, ReceivedInvoice):
        raise _unfit(invoice)
    return Arrival(name, content, invoice)


async def take_in(transaction: Transaction, arrival: Arrival, otherwise: UUID | None, most_bytes: int) -> Document:
    """Write the draft and keep the file at it.

    Args:
        transaction: of a person who may write purchases.
        arrival: the file, opened.
        otherwise: the item of lines that name none of ours.
        most_bytes: of a file at a document.

    Raises:
        Problem: 422 for an unknown seller, with every line that can not be written, or with both numbers where our
            totals are others; 409 for an invoice that is there already.
    """
    invoice = arrival.invoice
    await _require_for_us(transaction, invoice)
    party_id = await _party(transaction, invoice.seller)
    await _require_first(transaction, party_id, invoice)
    found = await _ITEMS.rows(
        transaction.connection, {"tenant_id": transaction.tenant_id, "numbers": item_numbers(invoice)}
    )
    items = [row["id"] for row in found] + ([] if otherwise is None else [otherwise])
    masters = await read_masters(
        transaction.connection, transaction.tenant_id, party_id, items, invoice.supplied, {}, Side.PURCHASE
    )
    body = body_of(invoice, masters, otherwise)
    if isinstance(body, list):
        raise _unfit(body)
    document = await documents.create_now(transaction, KIND, body)
    if failures := differences(invoice, document):
        raise _unfit(failures)
    await attach(transaction, KIND, document.id, arrival.name, arrival.content, most_bytes)
    return document


async def _require_for_us(transaction: Transaction, invoice: ReceivedInvoice) -> None:
    own = await _OWN_VAT_ID.row(transaction.connection, {"tenant_id": transaction.tenant_id})
    if own is not None and invoice.buyer_vat_id and invoice.buyer_vat_id != own["vat_id"]:
        message = f"It is addressed to {invoice.buyer_vat_id}; our VAT id is {own['vat_id']}."
        raise _unfit([Failure("not_for_us", message, "BT-48")])


async def _party(transaction: Transaction, seller: Seller) -> UUID:
    values = {"tenant_id": transaction.tenant_id, "vat_id": seller.vat_id, "tax_number": seller.tax_number}
    rows = await _PARTIES.rows(transaction.connection, values)
    called = f"{seller.name:.200} ({seller.vat_id or seller.tax_number or 'without a VAT id'})"
    if not rows:
        message = f"No active party has the VAT id or tax number of {called}. Write it to the party, then try again."
        raise _unfit([Failure("seller_unknown", message, "BT-31")])
    if len(rows) > 1:
        numbers = ", ".join(row["number"] for row in rows)
        message = f"{numbers} have the VAT id or tax number of {called}; only one may."
        raise _unfit([Failure("seller_ambiguous", message, "BT-31")])
    party_id: UUID = rows[0]["id"]
    return party_id


async def _require_first(transaction: Transaction, party_id: UUID, invoice: ReceivedInvoice) -> None:
    key = f"{transaction.tenant_id} {party_id} {invoice.number}"
    await _ONE_AT_A_TIME.rows(transaction.connection, {"key": key})
    values = {"tenant_id": transaction.tenant_id, "kind": KIND.value, "party_id": party_id, "reference": invoice.number}
    first = await _FIRST.row(transaction.connection, values)
    if first is not None:
        raise Problem(
            HTTPStatus.CONFLICT,
            "invoice_twice",
            f"{invoice.number} of {invoice.seller.name:.200} is there already: {first['called']}.",
            facts={"document_id": str(first["id"])},
        )


def _unfit(failures: list[Failure]) -> Problem:
    return invalid("faulty_e_invoice", "The e-invoice did not become a draft; see the failures.", failures)
