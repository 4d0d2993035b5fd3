"""The tables that an auditor gets: what every column says, its type, and how it is read. Pure.

In the SQL `$1` is the tenant, `$2` the first and `$3` the last day.
"""

from dataclasses import dataclass
from enum import StrEnum

from valeo_erp.documents.kinds import KINDS
from valeo_erp.exporting.columns import GERMAN_STATES

DELIMITER = ";"


class Type(StrEnum):
    """What a column holds, as the description standard has it."""

    TEXT = "AlphaNumeric"
    NUMBER = "Numeric"
    DAY = "Date"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: as it stands in the file and in index.xml.
        sql: where its value comes from.
        accuracy: digits after the comma.
    """

    name: str
    sql: str
    type: Type = Type.TEXT
    accuracy: int = 0

    @property
    def cell(self) -> str:
        """The value as it is written: `1234,50`, `31.03.2026`, text in one line."""
        match self.type:
            case Type.NUMBER:
                return f"replace(({self.sql})::text, '.', ',')"
            case Type.DAY:
                return f"to_char({self.sql}, 'DD.MM.YYYY')"
            case Type.TEXT:
                return f"regexp_replace(({self.sql})::text, '[[:cntrl:]]+', ' ', 'g')"


@dataclass(frozen=True, slots=True)
class Reference:
    """Columns of one table that name a row of another."""

    columns: tuple[str, ...]
    table: str


@dataclass(frozen=True, slots=True)
class Table:
    """One file.

    Attributes:
        keys: the columns that tell its rows apart; they come first.
        source: from where, which rows, in which order.
    """

    name: str
    file: str
    description: str
    keys: tuple[Column, ...]
    columns: tuple[Column, ...]
    source: str
    references: tuple[Reference, ...] = ()

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """In the order of the file."""
        return self.keys + self.columns

    @property
    def sql(self) -> str:
        """All rows, every cell as it is written."""
        cells = ", ".join(column.cell for column in self.all_columns)
        return f"select {cells} {self.source}"

    @property
    def heading(self) -> str:
        """The first line of the file."""
        return DELIMITER.join(column.name for column in self.all_columns) + "\r\n"


def _number(name: str, sql: str, accuracy: int = 2) -> Column:
    return Column(name, sql, Type.NUMBER, accuracy)


def _day(name: str, sql: str) -> Column:
    return Column(name, sql, Type.DAY)


def _instant(name: str, sql: str) -> Column:
    """The standard has no times: text."""
    return Column(name, f"to_char({sql} at time zone 'Europe/Berlin', 'DD.MM.YYYY HH24:MI:SS')")


def _words(sql: str, words: dict[str, str]) -> str:
    cases = " ".join(f"when '{key}' then '{word}'" for key, word in words.items())
    return f"case {sql} {cases} else {sql} end"


_KINDS = {kind.value: rules.german for kind, rules in KINDS.items()} | {"payment": "Zahlung"}
_STATES = {state.value: word for state, word in GERMAN_STATES.items()}

JOURNAL = Table(
    "Buchungen",
    "buchungen.csv",
    "Journal: jede Zeile jeder Buchung des Zeitraums, festgeschrieben und verkettet",
    (_number("Journalnummer", "l.sequence", 0), _number("Zeile", "l.position", 0)),
    (
        _day("Buchungsdatum", "e.entry_date"),
        Column("Belegnummer", "e.document_number"),
        Column("Beleg-Id", "e.document_id"),
        Column("Konto", "l.account"),
        _number("Soll", "l.debit"),
        _number("Haben", "l.credit"),
        Column("Buchungstext", "e.text"),
        Column("Zeilentext", "l.text"),
        _instant("Erfasst am", "e.posted_at"),
        Column("Erfasst von", "e.posted_by"),
        Column("Pruefsumme", "encode(e.hash, 'hex')"),
    ),
    """from journal_entry e join journal_line l on (l.tenant_id, l.sequence) = (e.tenant_id, e.sequence)
       where e.tenant_id = $1::uuid and e.entry_date between $2::date and $3::date order by l.sequence, l.position""",
    (Reference(("Konto",), "Konten"),),
)
ACCOUNTS = Table(
    "Konten",
    "konten.csv",
    "Summen und Salden: Anfangssaldo vor dem Zeitraum, Bewegungen im Zeitraum, Endsaldo; Soll ist positiv",
    (Column("Konto", "account"),),
    (_number("Anfangssaldo", "opening"), _number("Soll", "debit"), _number("Haben", "credit"),
     _number("Endsaldo", "opening + debit - credit")),
    """from (select l.account,
              coalesce(sum(l.debit - l.credit) filter (where e.entry_date < $2::date), 0.00) as opening,
              coalesce(sum(l.debit) filter (where e.entry_date >= $2::date), 0.00) as debit,
              coalesce(sum(l.credit) filter (where e.entry_date >= $2::date), 0.00) as credit
            from journal_entry e join journal_line l on (l.tenant_id, l.sequence) = (e.tenant_id, e.sequence)
            where e.tenant_id = $1::uuid and e.entry_date <= $3::date group by l.account) a order by account""",
)  # fmt: skip
PARTIES = Table(
    "Geschaeftspartner",
    "geschaeftspartner.csv",
    "Kunden und Lieferanten, wie sie zum Stand des Exports sind",
    (Column("Nummer", "number"),),
    (
        Column("Name", "name"),
        Column("Strasse", "street"),
        Column("Postleitzahl", "postal_code"),
        Column("Ort", "city"),
        Column("Land", "country"),
        Column("USt-IdNr", "vat_id"),
        Column("Steuernummer", "tax_number"),
        Column("Steuerstatus", "tax_status"),
    ),
    "from party where tenant_id = $1::uuid order by number",
)
DOCUMENTS = Table(
    "Belege",
    "belege.csv",
    "Ausgestellte Belege des Zeitraums, mit Name und USt-IdNr des anderen wie ausgestellt",
    (Column("Beleg-Id", "d.id"),),
    (
        Column("Belegart", _words("d.kind", _KINDS)),
        Column("Belegnummer", "d.number"),
        Column("Status", _words("d.state", _STATES)),
        _day("Belegdatum", "d.document_date"),
        _day("Leistungsdatum", "d.supply_date"),
        _day("Faellig am", "d.due_date"),
        Column("Partnernummer", "d.party->>'number'"),
        Column("Partnername", "d.party->>'name'"),
        Column("USt-IdNr", "d.party->>'vat_id'"),
        Column("Fremdnummer", "d.reference"),
        Column("Waehrung", "d.currency"),
        _number("Netto", "d.net_total"),
        _number("Steuer", "d.tax_total"),
        _number("Brutto", "d.gross_total"),
        Column("Storniert Beleg-Id", "d.reverses_id"),
        _instant("Ausgestellt am", "d.posted_at"),
        Column("Ausgestellt von", "d.posted_by"),
    ),
    """from document d where d.tenant_id = $1::uuid and d.number is not null
       and d.document_date between $2::date and $3::date order by d.kind, d.document_date, d.number""",
    (Reference(("Partnernummer",), "Geschaeftspartner"),),
)
LINES = Table(
    "Belegpositionen",
    "belegpositionen.csv",
    "Die Positionen der Belege",
    (Column("Beleg-Id", "l.document_id"), _number("Position", "l.position", 0)),
    (
        Column("Artikelnummer", "l.item_number"),
        Column("Bezeichnung", "l.description"),
        _number("Menge", "l.quantity", 4),
        Column("Einheit", "l.unit"),
        _number("Einzelpreis", "l.unit_price", 6),
        _number("Preis je", "l.price_base", 4),
        Column("Preiseinheit", "l.price_unit"),
        _number("Rabatt Prozent", "l.discount", 4),
        Column("Steuerschluessel", "l.tax_code"),
        _number("Steuersatz", "l.tax_rate", 4),
        _number("Netto", "l.net"),
        Column("Sachkonto", "l.revenue_account"),
    ),
    """from document d join document_line l on (l.tenant_id, l.document_id) = (d.tenant_id, d.id)
       where d.tenant_id = $1::uuid and d.number is not null and d.document_date between $2::date and $3::date
       order by d.kind, d.document_date, d.number, l.position""",
    (Reference(("Beleg-Id",), "Belege"),),
)
PAYMENTS = Table(
    "Zahlungen",
    "zahlungen.csv",
    "Zahlungen des Zeitraums",
    (Column("Zahlung-Id", "z.id"),),
    (
        Column("Nummer", "z.number"),
        Column("Richtung", _words("z.direction", {"incoming": "Eingang", "outgoing": "Ausgang"})),
        Column("Partnernummer", "p.number"),
        _day("Bezahlt am", "z.paid_on"),
        _number("Betrag", "z.amount"),
        Column("Verwendungszweck", "z.reference"),
        Column("Storniert Zahlung-Id", "z.reverses_id"),
    ),
    """from payment z join party p on (p.tenant_id, p.id) = (z.tenant_id, z.party_id)
       where z.tenant_id = $1::uuid and z.paid_on between $2::date and $3::date order by z.paid_on, z.number""",
    (Reference(("Partnernummer",), "Geschaeftspartner"),),
)
TAX_CODES = Table(
    "Steuerschluessel",
    "steuerschluessel.csv",
    "Steuerschluessel mit den Tagen, an denen ihre Saetze gelten",
    (Column("Steuerschluessel", "code"), _day("Gueltig ab", "valid_from")),
    (
        _day("Gueltig bis", "valid_to"),
        Column("Bezeichnung", "name"),
        _number("Satz", "rate", 4),
        Column("Umsatzsteuerkonto", "tax_account"),
        Column("Vorsteuerkonto", "input_account"),
        _number("Selbst geschuldeter Satz", "self_assessed_rate", 4),
        Column("Konto der selbst geschuldeten", "self_assessed_account"),
    ),
    "from tax_code where tenant_id = $1::uuid order by code, valid_from",
)
NUMBERS = Table(
    "Nummern",
    "nummern.csv",
    "Nachweis der Nummernkreise: jede vergebene Nummer des Zeitraums; ohne Beleg-Id die erklaerten Luecken",
    (Column("Nummernkreis", _words("document_kind", _KINDS)), _number("Jahr", "year", 0),
     _number("Laufende Nummer", "sequence", 0)),
    (Column("Nummer", "number"), Column("Beleg-Id", "document_id"), _day("Datum", "day"),
     Column("Erklaerung", "reason")),
    """from (select document_kind, year, sequence, number, document_id, document_date as day, null as reason
            from number_given where tenant_id = $1::uuid and document_date between $2::date and $3::date
            union all
            select document_kind, year, sequence, number, null, null, reason from number_void
            where tenant_id = $1::uuid
              and year between extract(year from $2::date) and extract(year from $3::date)) n
       order by document_kind, year, sequence""",
)  # fmt: skip

TABLES = (JOURNAL, ACCOUNTS, DOCUMENTS, LINES, PAYMENTS, PARTIES, TAX_CODES, NUMBERS)
