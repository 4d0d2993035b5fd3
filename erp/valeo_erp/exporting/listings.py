"""Lists besides those of documents that go out as files: their columns, as the API names them, and their rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import ColumnElement, Numeric, Select, Text, and_, cast, func, or_, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from valeo_erp.exporting.columns import Cell, Column
from valeo_erp.identity.scopes import Scope
from valeo_erp.items.register import ITEMS
from valeo_erp.journal.models import journal_entry, journal_line
from valeo_erp.kernel.register import Register
from valeo_erp.parties.register import PARTIES


class ListName(StrEnum):
    """Which list."""

    PARTIES = "parties"
    ITEMS = "items"
    JOURNAL = "journal"


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a list is narrowed down to. None means no condition.

    Attributes:
        text: of parties and items, in what their search looks into.
        active: of parties and items.
        from_date: of the journal.
        to_date: of the journal.
    """

    text: str | None = None
    active: bool | None = None
    from_date: date | None = None
    to_date: date | None = None

    @property
    def query(self) -> str:
        """As a query string. Plain ASCII."""
        active = None if self.active is None else str(self.active).lower()
        named = {"text": self.text, "active": active, "from": self.from_date, "to": self.to_date}
        return urlencode({name: value for name, value in named.items() if value is not None})


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that can be exported.

    Attributes:
        kind: what audit calls its rows.
        read: what one must be allowed besides exporting.
        rows: selects what `columns` names, in that order, in the order of the list.
    """

    kind: str
    read: Scope
    columns: tuple[Column, ...]
    rows: Callable[[UUID, Narrowed], Select[Any]]


_PARTY_COLUMNS = (
    Column("number", "Nummer", "Number", Cell.TEXT, 12),
    Column("name", "Name", "Name", Cell.TEXT, 34),
    Column("street", "Straße", "Street", Cell.TEXT, 28),
    Column("postal_code", "PLZ", "Postal code", Cell.TEXT, 9),
    Column("city", "Ort", "City", Cell.TEXT, 20),
    Column("country", "Land", "Country", Cell.TEXT, 7),
    Column("vat_id", "USt-IdNr.", "VAT ID", Cell.TEXT, 16),
    Column("tax_number", "Steuernummer", "Tax number", Cell.TEXT, 16),
    Column("tax_status", "Steuerstatus", "Tax status", Cell.TEXT, 16),
    Column("payment_days", "Zahlungsziel", "Payment days", Cell.NUMBER, 12),
    Column("cash_discount_days", "Skontotage", "Cash discount days", Cell.NUMBER, 12),
    Column("cash_discount", "Skonto %", "Cash discount %", Cell.NUMBER, 10),
    Column("credit_limit", "Kreditlimit", "Credit limit", Cell.MONEY, 15),
    Column("active", "Aktiv", "Active", Cell.TEXT, 7),
    Column("updated_at", "Geändert am", "Changed at", Cell.INSTANT, 19),
    Column("id", "Id", "Id", Cell.ID, 38),
)
_ITEM_COLUMNS = (
    Column("number", "Nummer", "Number", Cell.TEXT, 12),
    Column("name", "Name", "Name", Cell.TEXT, 34),
    Column("name_en", "Name englisch", "Name in English", Cell.TEXT, 34),
    Column("unit", "Einheit", "Unit", Cell.TEXT, 9),
    Column("price_base", "Preis je", "Price per", Cell.NUMBER, 10),
    Column("list_price", "Listenpreis", "List price", Cell.NUMBER, 13),
    Column("tax_code", "Steuerschlüssel", "Tax code", Cell.TEXT, 16),
    Column("revenue_account", "Erlöskonto", "Revenue account", Cell.TEXT, 12),
    Column("purchase_price", "Einkaufspreis", "Purchase price", Cell.NUMBER, 13),
    Column("cost_account", "Aufwandskonto", "Cost account", Cell.TEXT, 14),
    Column("tolerance", "Toleranz %", "Tolerance %", Cell.NUMBER, 10),
    Column("grain.base_moisture", "Basisfeuchte %", "Base moisture %", Cell.NUMBER, 12),
    Column("grain.shrinkage", "Schwund %", "Shrinkage %", Cell.NUMBER, 10),
    Column("grain.base_impurity", "Basisbesatz %", "Base impurity %", Cell.NUMBER, 12),
    Column("grain.drying_price", "Trocknungspreis", "Drying price", Cell.NUMBER, 14),
    Column("active", "Aktiv", "Active", Cell.TEXT, 7),
    Column("updated_at", "Geändert am", "Changed at", Cell.INSTANT, 19),
    Column("id", "Id", "Id", Cell.ID, 38),
)
_JOURNAL_COLUMNS = (
    Column("sequence", "Journalnummer", "Sequence", Cell.NUMBER, 12),
    Column("position", "Zeile", "Position", Cell.NUMBER, 7),
    Column("entry_date", "Buchungsdatum", "Entry date", Cell.DATE, 13),
    Column("document_number", "Belegnummer", "Document number", Cell.TEXT, 17),
    Column("account", "Konto", "Account", Cell.TEXT, 9),
    Column("debit", "Soll", "Debit", Cell.MONEY, 15),
    Column("credit", "Haben", "Credit", Cell.MONEY, 15),
    Column("text", "Buchungstext", "Text", Cell.TEXT, 34),
    Column("line_text", "Zeilentext", "Line text", Cell.TEXT, 20),
    Column("posted_at", "Gebucht am", "Posted at", Cell.INSTANT, 19),
    Column("posted_by", "Gebucht von", "Posted by", Cell.TEXT, 16),
    Column("document_id", "Beleg-Id", "Document id", Cell.ID, 38),
    Column("hash", "Prüfsumme", "Hash", Cell.ID, 66),
)


def _in_register(register: Register, columns: tuple[Column, ...]) -> Callable[[UUID, Narrowed], Select[Any]]:
    def rows(tenant_id: UUID, narrowed: Narrowed) -> Select[Any]:
        c = register.table.c
        statement = select(*(_value(c, column) for column in columns)).where(c.tenant_id == tenant_id)
        if narrowed.text:
            found = (c[name].icontains(narrowed.text, autoescape=True) for name in register.searched)
            statement = statement.where(or_(*found))
        if narrowed.active is not None:
            statement = statement.where(c.active == narrowed.active)
        return statement.order_by(c.number)

    return rows


def _value(c: ReadOnlyColumnCollection[str, Any], column: Column) -> ColumnElement[Any]:
    """Numbers as decimals, also whole ones and those inside of a field; whether it is active as the API says it."""
    outer, _, inner = column.name.partition(".")
    if inner:
        return cast(c[outer][inner].astext, Numeric).label(column.name)
    if column.name == "active":
        return cast(c[outer], Text).label(column.name)
    return cast(c[outer], Numeric).label(column.name) if column.cell is Cell.NUMBER else c[outer]


def _journal(tenant_id: UUID, narrowed: Narrowed) -> Select[Any]:
    e, line = journal_entry.c, journal_line.c
    others: dict[str, ColumnElement[Any]] = {
        "sequence": cast(e.sequence, Numeric),
        "position": cast(line.position, Numeric),
        "account": line.account,
        "debit": line.debit,
        "credit": line.credit,
        "line_text": line.text,
        "hash": func.encode(e.hash, "hex"),
    }
    names = [column.name for column in _JOURNAL_COLUMNS]
    selected = [(others[name] if name in others else e[name]).label(name) for name in names]
    statement = select(*selected).join_from(
        journal_entry, journal_line, and_(line.tenant_id == e.tenant_id, line.sequence == e.sequence)
    )
    statement = statement.where(e.tenant_id == tenant_id)
    if narrowed.from_date is not None:
        statement = statement.where(e.entry_date >= narrowed.from_date)
    if narrowed.to_date is not None:
        statement = statement.where(e.entry_date <= narrowed.to_date)
    return statement.order_by(e.sequence, line.position)


LISTINGS: Mapping[ListName, Listing] = {
    ListName.PARTIES: Listing("party", Scope.MASTER_READ, _PARTY_COLUMNS, _in_register(PARTIES, _PARTY_COLUMNS)),
    ListName.ITEMS: Listing("item", Scope.MASTER_READ, _ITEM_COLUMNS, _in_register(ITEMS, _ITEM_COLUMNS)),
    ListName.JOURNAL: Listing("journal", Scope.LEDGER_READ, _JOURNAL_COLUMNS, _journal),
}
