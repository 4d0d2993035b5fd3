"""Every fixed word of a printed document, in each language."""

from collections.abc import Mapping
from dataclasses import dataclass

from valeo_erp.printing.formats import Language


@dataclass(frozen=True)
class Words:
    """The fixed texts of one language. Texts with `{}` are filled by the view."""

    invoice: str
    reversal: str
    draft: str
    number: str
    document_date: str
    supply_date: str
    due_date: str
    customer_number: str
    customer_vat_id: str
    position: str
    item: str
    description: str
    quantity: str
    unit_price: str
    discount: str
    tax: str
    net: str
    net_total: str
    tax_row: str
    exempt_row: str
    gross_total: str
    pay: str
    reverses: str
    exempt: str
    draft_notice: str
    payment: str
    giro_code: str
    verify: str
    verify_code: str
    reference: str
    bank: str
    page: str
    phone: str
    email: str
    tax_number: str
    vat_id: str
    per: str
    units: Mapping[str, str]


WORDS: dict[Language, Words] = {
    Language.GERMAN: Words(
        invoice="Rechnung",
        reversal="Stornorechnung",
        draft="ENTWURF",
        number="Rechnungsnummer",
        document_date="Rechnungsdatum",
        supply_date="Leistungsdatum",
        due_date="Fällig am",
        customer_number="Kundennummer",
        customer_vat_id="Ihre USt-IdNr.",
        position="Pos.",
        item="Artikel",
        description="Bezeichnung",
        quantity="Menge",
        unit_price="Einzelpreis",
        discount="Rabatt",
        tax="USt",
        net="Netto",
        net_total="Nettobetrag",
        tax_row="zzgl. USt {rate} auf {net}",
        exempt_row="USt 0\u00a0% auf {net}",
        gross_total="Gesamtbetrag",
        pay="Bitte überweisen Sie {gross} ohne Abzug bis zum {due} unter Angabe der Rechnungsnummer {number}.",
        reverses="Diese Rechnung storniert die Rechnung {number} vom {date} in voller Höhe.",
        exempt="Ohne Umsatzsteuer: {reason}.",
        draft_notice="Dies ist ein Entwurf und keine Rechnung im Sinne des § 14 UStG.",
        payment="Zahlung",
        giro_code="GiroCode: mit der App Ihrer Bank bezahlen",
        verify="Echtheit prüfen: Der Code führt zu {host}, wo Nummer, Datum und Betrag dieser Rechnung stehen.",
        verify_code="QR-Code zur Prüfung der Echtheit",
        reference="Verwendungszweck",
        bank="Bank",
        page="Seite {page} von {pages}",
        phone="Telefon",
        email="E-Mail",
        tax_number="Steuernummer",
        vat_id="USt-IdNr.",
        per="je {quantity} {unit}",
        units={"piece": "Stück"},
    ),
    Language.ENGLISH: Words(
        invoice="Invoice",
        reversal="Reversal invoice",
        draft="DRAFT",
        number="Invoice number",
        document_date="Invoice date",
        supply_date="Date of supply",
        due_date="Due on",
        customer_number="Customer number",
        customer_vat_id="Your VAT ID",
        position="No.",
        item="Item",
        description="Description",
        quantity="Quantity",
        unit_price="Unit price",
        discount="Discount",
        tax="VAT",
        net="Net",
        net_total="Net total",
        tax_row="plus VAT {rate} on {net}",
        exempt_row="VAT 0% on {net}",
        gross_total="Total",
        pay="Please transfer {gross} without deduction by {due}, stating the invoice number {number}.",
        reverses="This invoice reverses invoice {number} of {date} in full.",
        exempt="No VAT is charged: {reason}.",
        draft_notice="This is a draft and not an invoice as defined by section 14 of the German VAT Act.",
        payment="Payment",
        giro_code="GiroCode: pay with your bank's app",
        verify="Is this genuine? The code leads to {host}, which shows number, date and amount of this invoice.",
        verify_code="QR code to check that this is genuine",
        reference="Reference",
        bank="Bank",
        page="Page {page} of {pages}",
        phone="Phone",
        email="Email",
        tax_number="Tax number",
        vat_id="VAT ID",
        per="per {quantity} {unit}",
        units={"piece": "pcs"},
    ),
}
