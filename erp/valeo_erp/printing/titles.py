"""What the paper of each kind calls itself, in each language."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from valeo_erp.documents.document import Kind
from valeo_erp.printing.formats import Language


@dataclass(frozen=True, slots=True)
class Title:
    """The words of one kind in one language.

    Attributes:
        paper: what stands on top.
        reversal: what stands on top of the one that takes it back.
        this: with its demonstrative, at the beginning of a sentence.
        that: with its article, inside of one.
        supply: of the date of supply.
    """

    paper: str
    reversal: str
    number: str
    date: str
    supply: str
    this: str
    that: str


TITLES: Mapping[Language, Mapping[Kind, Title]] = MappingProxyType(
    {
        Language.GERMAN: {
            Kind.QUOTATION: Title(
                "Angebot",
                "Storno des Angebots",
                "Angebotsnummer",
                "Angebotsdatum",
                "Liefertermin",
                "Dieses Angebot",
                "das Angebot",
            ),
            Kind.SALES_ORDER: Title(
                "Auftragsbestätigung",
                "Storno der Auftragsbestätigung",
                "Auftragsnummer",
                "Auftragsdatum",
                "Liefertermin",
                "Diese Auftragsbestätigung",
                "die Auftragsbestätigung",
            ),
            Kind.DELIVERY_NOTE: Title(
                "Lieferschein",
                "Storno des Lieferscheins",
                "Lieferscheinnummer",
                "Datum",
                "Lieferdatum",
                "Dieser Lieferschein",
                "den Lieferschein",
            ),
            Kind.INVOICE: Title(
                "Rechnung",
                "Stornorechnung",
                "Rechnungsnummer",
                "Rechnungsdatum",
                "Leistungsdatum",
                "Diese Rechnung",
                "die Rechnung",
            ),
            Kind.CREDIT_NOTE: Title(
                "Rechnungskorrektur",
                "Storno der Rechnungskorrektur",
                "Belegnummer",
                "Belegdatum",
                "Leistungsdatum",
                "Diese Rechnungskorrektur",
                "die Rechnungskorrektur",
            ),
            Kind.PURCHASE_ORDER: Title(
                "Bestellung",
                "Storno der Bestellung",
                "Bestellnummer",
                "Bestelldatum",
                "Liefertermin",
                "Diese Bestellung",
                "die Bestellung",
            ),
            Kind.WEIGHING_TICKET: Title(
                "Wiegeschein",
                "Storno des Wiegescheins",
                "Wiegescheinnummer",
                "Datum",
                "Wiegedatum",
                "Dieser Wiegeschein",
                "den Wiegeschein",
            ),
            Kind.GOODS_RECEIPT: Title(
                "Wareneingang",
                "Storno des Wareneingangs",
                "Belegnummer",
                "Datum",
                "Eingangsdatum",
                "Dieser Wareneingang",
                "den Wareneingang",
            ),
            Kind.SUPPLIER_INVOICE: Title(
                "Eingangsrechnung",
                "Storno der Eingangsrechnung",
                "Unsere Belegnummer",
                "Belegdatum",
                "Leistungsdatum",
                "Dieser Beleg",
                "den Beleg",
            ),
            Kind.SELF_BILLED_CREDIT: Title(
                "Gutschrift",
                "Storno der Gutschrift",
                "Gutschriftnummer",
                "Gutschriftdatum",
                "Leistungsdatum",
                "Diese Gutschrift",
                "die Gutschrift",
            ),
        },
        Language.ENGLISH: {
            Kind.QUOTATION: Title(
                "Quotation",
                "Reversal of quotation",
                "Quotation number",
                "Quotation date",
                "Date of delivery",
                "This quotation",
                "quotation",
            ),
            Kind.SALES_ORDER: Title(
                "Order confirmation",
                "Reversal of order confirmation",
                "Order number",
                "Order date",
                "Date of delivery",
                "This order confirmation",
                "order confirmation",
            ),
            Kind.DELIVERY_NOTE: Title(
                "Delivery note",
                "Reversal of delivery note",
                "Delivery note number",
                "Date",
                "Date of delivery",
                "This delivery note",
                "delivery note",
            ),
            Kind.INVOICE: Title(
                "Invoice",
                "Reversal invoice",
                "Invoice number",
                "Invoice date",
                "Date of supply",
                "This invoice",
                "invoice",
            ),
            Kind.CREDIT_NOTE: Title(
                "Credit note",
                "Reversal of credit note",
                "Credit note number",
                "Date",
                "Date of supply",
                "This credit note",
                "credit note",
            ),
            Kind.PURCHASE_ORDER: Title(
                "Purchase order",
                "Reversal of purchase order",
                "Order number",
                "Order date",
                "Date of delivery",
                "This purchase order",
                "purchase order",
            ),
            Kind.WEIGHING_TICKET: Title(
                "Weighing ticket",
                "Reversal of weighing ticket",
                "Ticket number",
                "Date",
                "Date of weighing",
                "This weighing ticket",
                "weighing ticket",
            ),
            Kind.GOODS_RECEIPT: Title(
                "Goods receipt",
                "Reversal of goods receipt",
                "Receipt number",
                "Date",
                "Date of receipt",
                "This goods receipt",
                "goods receipt",
            ),
            Kind.SUPPLIER_INVOICE: Title(
                "Supplier invoice",
                "Reversal of supplier invoice",
                "Our number",
                "Date",
                "Date of supply",
                "This record",
                "record",
            ),
            Kind.SELF_BILLED_CREDIT: Title(
                "Self-billing invoice (Gutschrift)",
                "Reversal of self-billing invoice (Gutschrift)",
                "Invoice number",
                "Invoice date",
                "Date of supply",
                "This self-billing invoice",
                "self-billing invoice",
            ),
        },
    }
)
"""Every kind in every language."""
