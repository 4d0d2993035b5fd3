"""Every fixed word of a printed document, in each language."""

from collections.abc import Mapping
from dataclasses import dataclass

from valeo_erp.printing.formats import Language
from valeo_erp.printing.layouts import Signature


@dataclass(frozen=True)
class GrainWords:
    """The headings over what was measured of grain and what of it is paid for."""

    title: str
    delivered: str
    moisture: str
    impurity: str
    settled: str
    drying: str


@dataclass(frozen=True)
class WeightWords:
    """The headings over the two weighings of a vehicle."""

    title: str
    vehicle: str
    first: str
    second: str
    net: str
    open: str


@dataclass(frozen=True)
class Words:
    """The fixed texts of one language. Texts with `{}` are filled by the view."""

    draft: str
    due_date: str
    customer_number: str
    supplier_number: str
    their_vat_id: str
    their_tax_number: str
    reference: str
    follows: str
    position: str
    item: str
    description: str
    quantity: str
    delivered: str
    unit_price: str
    discount: str
    tax: str
    net: str
    net_total: str
    tax_row: str
    exempt_row: str
    gross_total: str
    document_discount: str
    pay: str
    credited: str
    we_pay: str
    reverses: str
    exempt: str
    draft_invoice_notice: str
    draft_notice: str
    internal_notice: str
    payment: str
    giro_code: str
    verify: str
    verify_code: str
    payment_reference: str
    bank: str
    page: str
    phone: str
    email: str
    tax_number: str
    vat_id: str
    per: str
    grain: GrainWords
    weights: WeightWords
    signatures: Mapping[Signature, str]
    units: Mapping[str, str]


WORDS: dict[Language, Words] = {
    Language.GERMAN: Words(
        draft="ENTWURF",
        due_date="Fällig am",
        customer_number="Kundennummer",
        supplier_number="Lieferantennummer",
        their_vat_id="Ihre USt-IdNr.",
        their_tax_number="Ihre Steuernummer",
        reference="Ihr Zeichen",
        follows="Zu",
        position="Pos.",
        item="Artikel",
        description="Bezeichnung",
        quantity="Menge",
        delivered="geliefert {quantity}",
        unit_price="Einzelpreis",
        discount="Rabatt",
        tax="USt",
        net="Netto",
        net_total="Nettobetrag",
        tax_row="zzgl. USt {rate} auf {net}",
        exempt_row="USt 0\u00a0% auf {net}",
        gross_total="Gesamtbetrag",
        document_discount="Für die Waren gilt {rate} Rabatt; die Nettobeträge sind schon um ihn gemindert.",
        pay="Bitte überweisen Sie {gross} ohne Abzug bis zum {due} unter Angabe der Rechnungsnummer {number}.",
        credited="Wir schreiben Ihnen {gross} gut. Ein offener Betrag mindert sich um diese Summe.",
        we_pay="Wir überweisen Ihnen {gross} bis zum {due} auf Ihr uns bekanntes Konto.",
        reverses="{this} storniert {that} {number} vom {date} in voller Höhe.",
        exempt="Ohne Umsatzsteuer: {reason}.",
        draft_invoice_notice="Dies ist ein Entwurf und keine Rechnung im Sinne des § 14 UStG.",
        draft_notice="Dies ist ein Entwurf; er verpflichtet niemanden.",
        internal_notice="Innerbetriebliche Aufzeichnung zur Rechnung des Lieferanten; selbst keine Rechnung.",
        payment="Zahlung",
        giro_code="GiroCode: mit der App Ihrer Bank bezahlen",
        verify="Echtheit prüfen: Der Code führt zu {host}, wo Nummer, Datum und Betrag dieses Belegs stehen.",
        verify_code="QR-Code zur Prüfung der Echtheit",
        payment_reference="Verwendungszweck",
        bank="Bank",
        page="Seite {page} von {pages}",
        phone="Telefon",
        email="E-Mail",
        tax_number="Steuernummer",
        vat_id="USt-IdNr.",
        per="je {quantity} {unit}",
        grain=GrainWords(
            title="Abrechnung nach Qualität",
            delivered="Geliefert",
            moisture="Feuchte (Basis)",
            impurity="Besatz (Basis)",
            settled="Abrechnungsmenge",
            drying="Trocknung",
        ),
        weights=WeightWords(
            title="Wägungen",
            vehicle="Fahrzeug",
            first="Erste Wägung",
            second="Zweite Wägung",
            net="Netto",
            open="steht aus",
        ),
        signatures={
            Signature.RECEIVED: "Datum, Unterschrift: Ware erhalten",
            Signature.DRIVER: "Datum, Unterschrift: Fahrer",
            Signature.WEIGHED: "Datum, Unterschrift: Waage",
        },
        units={"piece": "Stück"},
    ),
    Language.ENGLISH: Words(
        draft="DRAFT",
        due_date="Due on",
        customer_number="Customer number",
        supplier_number="Supplier number",
        their_vat_id="Your VAT ID",
        their_tax_number="Your tax number",
        reference="Your reference",
        follows="Refers to",
        position="No.",
        item="Item",
        description="Description",
        quantity="Quantity",
        delivered="delivered {quantity}",
        unit_price="Unit price",
        discount="Discount",
        tax="VAT",
        net="Net",
        net_total="Net total",
        tax_row="plus VAT {rate} on {net}",
        exempt_row="VAT 0% on {net}",
        gross_total="Total",
        document_discount="The goods are discounted by {rate}; the net amounts are after this discount.",
        pay="Please transfer {gross} without deduction by {due}, stating the invoice number {number}.",
        credited="We credit you with {gross}. An open amount is reduced by this sum.",
        we_pay="We will transfer {gross} to the account that you gave us by {due}.",
        reverses="{this} reverses {that} {number} of {date} in full.",
        exempt="No VAT is charged: {reason}.",
        draft_invoice_notice="This is a draft and not an invoice as defined by section 14 of the German VAT Act.",
        draft_notice="This is a draft; it binds nobody.",
        internal_notice="Our own record of the supplier's invoice; no invoice itself.",
        payment="Payment",
        giro_code="GiroCode: pay with your bank's app",
        verify="Is this genuine? The code leads to {host}, which shows number, date and amount of this document.",
        verify_code="QR code to check that this is genuine",
        payment_reference="Reference",
        bank="Bank",
        page="Page {page} of {pages}",
        phone="Phone",
        email="Email",
        tax_number="Tax number",
        vat_id="VAT ID",
        per="per {quantity} {unit}",
        grain=GrainWords(
            title="Settlement by quality",
            delivered="Delivered",
            moisture="Moisture (base)",
            impurity="Impurity (base)",
            settled="Settled quantity",
            drying="Drying",
        ),
        weights=WeightWords(
            title="Weighings",
            vehicle="Vehicle",
            first="First weighing",
            second="Second weighing",
            net="Net",
            open="still to come",
        ),
        signatures={
            Signature.RECEIVED: "Date, signature: goods received",
            Signature.DRIVER: "Date, signature: driver",
            Signature.WEIGHED: "Date, signature: weighbridge",
        },
        units={"piece": "pcs"},
    ),
}
