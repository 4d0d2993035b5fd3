"""The columns of an export: what each holds and what it is called. The order is the order of the statements. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from valeo_erp.documents.document import State


class Cell(StrEnum):
    """What a cell holds, which decides how it is written."""

    TEXT = "text"
    STATE = "state"
    DATE = "date"
    INSTANT = "instant"
    MONEY = "money"
    NUMBER = "number"
    ID = "id"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: for machines; as in the API.
        german: for people.
        english: for people.
        width: in characters, where the format knows widths.
    """

    name: str
    german: str
    english: str
    cell: Cell
    width: int


HEADS = (
    Column("number", "Nummer", "Number", Cell.TEXT, 17),
    Column("state", "Status", "State", Cell.STATE, 12),
    Column("document_date", "Belegdatum", "Document date", Cell.DATE, 12),
    Column("supply_date", "Leistungsdatum", "Date of supply", Cell.DATE, 14),
    Column("due_date", "Fällig am", "Due on", Cell.DATE, 12),
    Column("party_number", "Kundennummer", "Customer number", Cell.TEXT, 16),
    Column("party_name", "Kunde", "Customer", Cell.TEXT, 34),
    Column("party_vat_id", "USt-IdNr.", "VAT ID", Cell.TEXT, 16),
    Column("currency", "Währung", "Currency", Cell.TEXT, 9),
    Column("net_total", "Netto", "Net", Cell.MONEY, 15),
    Column("tax_total", "USt", "VAT", Cell.MONEY, 14),
    Column("gross_total", "Brutto", "Gross", Cell.MONEY, 15),
    Column("posted_at", "Gebucht am", "Posted at", Cell.INSTANT, 19),
    Column("note", "Bemerkung", "Note", Cell.TEXT, 40),
    Column("id", "Id", "Id", Cell.ID, 38),
)
LINES = (
    Column("number", "Nummer", "Number", Cell.TEXT, 17),
    Column("document_id", "Beleg-Id", "Document id", Cell.ID, 38),
    Column("position", "Position", "Position", Cell.NUMBER, 9),
    Column("item_number", "Artikelnummer", "Item number", Cell.TEXT, 15),
    Column("description", "Bezeichnung", "Description", Cell.TEXT, 40),
    Column("quantity", "Menge", "Quantity", Cell.NUMBER, 13),
    Column("unit", "Einheit", "Unit", Cell.TEXT, 9),
    Column("unit_price", "Einzelpreis", "Unit price", Cell.NUMBER, 13),
    Column("price_base", "Preis je", "Price per", Cell.NUMBER, 10),
    Column("price_unit", "Preiseinheit", "Price unit", Cell.TEXT, 12),
    Column("discount", "Rabatt %", "Discount %", Cell.NUMBER, 10),
    Column("tax_code", "Steuerschlüssel", "Tax code", Cell.TEXT, 16),
    Column("tax_rate", "USt %", "VAT %", Cell.NUMBER, 9),
    Column("currency", "Währung", "Currency", Cell.TEXT, 9),
    Column("net", "Netto", "Net", Cell.MONEY, 15),
)
GERMAN_STATES = {
    State.DRAFT: "Entwurf",
    State.SUBMITTED: "eingereicht",
    State.APPROVED: "freigegeben",
    State.REJECTED: "abgelehnt",
    State.POSTED: "gebucht",
    State.REVERSED: "storniert",
    State.CANCELLED: "verworfen",
}

FORMULA_SPACES = " \u00a0"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full-width on purpose


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula: what could start one gets an apostrophe before it."""
    return f"'{text}" if text.lstrip(FORMULA_SPACES).startswith(FORMULA_STARTS) else text
