"""DATEV-Format: header (version 700) and posting batch ("Buchungsstapel", version 13), as DATEV publishes them. Pure.

Fields are counted from 1, as in the publication. Text stands in quotation marks also when empty, numbers never do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

ENCODING = "cp1252"
LINE_END = "\r\n"
MOST_ROWS = 99_999
ACCOUNT_LENGTH = 4
CHARTS = {"skr03": "03", "skr04": "04"}
"""How DATEV calls the charts of accounts."""

AMOUNT, DEBIT_OR_CREDIT, CURRENCY, ACCOUNT, CONTRA_ACCOUNT, TAX_KEY = 1, 2, 3, 7, 8, 9
DAY, REFERENCE, TEXT, FIXED = 10, 11, 14, 114

COLUMNS: tuple[str, ...] = (
    "Umsatz (ohne Soll/Haben-Kz)",
    "Soll/Haben-Kennzeichen",
    "WKZ Umsatz",
    "Kurs",
    "Basis-Umsatz",
    "WKZ Basis-Umsatz",
    "Konto",
    "Gegenkonto (ohne BU-Schlüssel)",
    "BU-Schlüssel",
    "Belegdatum",
    "Belegfeld 1",
    "Belegfeld 2",
    "Skonto",
    "Buchungstext",
    "Postensperre",
    "Diverse Adressnummer",
    "Geschäftspartnerbank",
    "Sachverhalt",
    "Zinssperre",
    "Beleglink",
    *(f"Beleginfo - {part} {number}" for number in range(1, 9) for part in ("Art", "Inhalt")),
    "KOST1 - Kostenstelle",
    "KOST2 - Kostenstelle",
    "Kost-Menge",
    "EU-Land u. UStID (Bestimmung)",
    "EU-Steuersatz (Bestimmung)",
    "Abw. Versteuerungsart",
    "Sachverhalt L+L",
    "Funktionsergänzung L+L",
    "BU 49 Hauptfunktionstyp",
    "BU 49 Hauptfunktionsnummer",
    "BU 49 Funktionsergänzung",
    *(f"Zusatzinformation{part} {number}" for number in range(1, 21) for part in (" - Art", "- Inhalt")),
    "Stück",
    "Gewicht",
    "Zahlweise",
    "Forderungsart",
    "Veranlagungsjahr",
    "Zugeordnete Fälligkeit",
    "Skontotyp",
    "Auftragsnummer",
    "Buchungstyp",
    "USt-Schlüssel (Anzahlungen)",
    "EU-Land (Anzahlungen)",
    "Sachverhalt L+L (Anzahlungen)",
    "EU-Steuersatz (Anzahlungen)",
    "Erlöskonto (Anzahlungen)",
    "Herkunft-Kz",
    "Buchungs GUID",
    "KOST-Datum",
    "SEPA-Mandatsreferenz",
    "Skontosperre",
    "Gesellschaftername",
    "Beteiligtennummer",
    "Identifikationsnummer",
    "Zeichnernummer",
    "Postensperre bis",
    "Bezeichnung SoBil-Sachverhalt",
    "Kennzeichen SoBil-Buchung",
    "Festschreibung",
    "Leistungsdatum",
    "Datum Zuord. Steuerperiode",
    "Fälligkeit",
    "Generalumkehr (GU)",
    "Steuersatz",
    "Land",
    "Abrechnungsreferenz",
    "BVV-Position",
    "EU-Land u. UStID (Ursprung)",
    "EU-Steuersatz (Ursprung)",
    "Abw. Skontokonto",
)
_TEXTS = frozenset(
    {2, 3, 6, 9, 11, 12, 14, 16, 20, 40, 42, 91, 95, 96, 98, 102, 103, 105, 107, 109, 110, 112, 118, 120, 121, 123}
    | set(range(21, 39))
    | set(range(48, 88))
)
_HEADER_FIELDS = 31
_HEADER_TEXTS = frozenset({1, 4, 8, 9, 10, 17, 18, 22, 24, 27, 30, 31})


@dataclass(frozen=True, slots=True)
class Batch:
    """Whose postings of which days.

    Attributes:
        consultant: number of the tax consultant at DATEV, 1001 to 9999999.
        client: number of the client at the consultant's, 1 to 99999.
        first: day of the batch; with `last` inside one fiscal year.
        year_begins: month in which fiscal years begin.
    """

    consultant: int
    client: int
    first: date
    last: date
    year_begins: int = 1

    @property
    def fiscal_year(self) -> date:
        """The first day of the fiscal year in which the batch begins."""
        year = self.first.year if self.first.month >= self.year_begins else self.first.year - 1
        return date(year, self.year_begins, 1)

    @property
    def file_name(self) -> str:
        """DATEV takes files only by the name of their format."""
        return f"EXTF_Buchungsstapel-{self.first:%Y%m%d}-{self.last:%Y%m%d}.csv"


def opening(batch: Batch, made_at: datetime, chart: str = "skr03") -> bytes:
    """The header and the line with the names of the columns; `chart` is that of the accounts."""
    header = {
        1: "EXTF",
        2: "700",
        3: "21",
        4: "Buchungsstapel",
        5: "13",
        6: f"{made_at:%Y%m%d%H%M%S}{made_at.microsecond // 1000:03}",
        11: str(batch.consultant),
        12: str(batch.client),
        13: f"{batch.fiscal_year:%Y%m%d}",
        14: str(ACCOUNT_LENGTH),
        15: f"{batch.first:%Y%m%d}",
        16: f"{batch.last:%Y%m%d}",
        17: f"ValeoERP {batch.first:%m/%Y}",
        19: "1",
        20: "0",
        21: "0",
        22: "EUR",
        27: CHARTS[chart],
    }
    return _line(_fields(header, _HEADER_FIELDS, _HEADER_TEXTS)) + _line(COLUMNS)


def row(values: Mapping[int, str]) -> bytes:
    """One posting; fields that are not named are empty."""
    return _line(_fields(values, len(COLUMNS), _TEXTS))


def _fields(values: Mapping[int, str], count: int, texts: frozenset[int]) -> list[str]:
    return [
        _quoted(values.get(number, "")) if number in texts else values.get(number, "") for number in range(1, count + 1)
    ]


def _quoted(text: str) -> str:
    """Control characters are not allowed, quotation marks are doubled."""
    plain = "".join(character for character in text if character.isprintable())
    return '"' + plain.replace('"', '""') + '"'


def _line(fields: Sequence[str]) -> bytes:
    """What Windows-1252 does not know becomes a question mark."""
    return (";".join(fields) + LINE_END).encode(ENCODING, "replace")
