"""Rows of documents and what they mean: one statement to load one, one to write one with all its lines."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.documents.document import Document, Kind, Line, PartySnapshot, State, TaxTotal
from valeo_erp.documents.kinds import rules_of
from valeo_erp.documents.lines import LINE_ARRAY, LINE_COLUMNS, line_of
from valeo_erp.kernel.problems import not_found
from valeo_erp.kernel.statements import Statement, json_text
from valeo_erp.kernel.unit_of_work import LastWrite, Transaction

__all__ = [
    "Document",
    "Line",
    "PartySnapshot",
    "TaxTotal",
    "find",
    "insert",
    "insert_last",
    "lock",
    "move_last",
    "replace_content",
    "require",
    "tax_total",
]

_HEAD = """
  d.tenant_id, d.id, d.kind, d.state, d.version, d.number, d.party_id, d.document_date, d.supply_date, d.due_date,
  d.currency, d.note, d.net_total, d.tax_total, d.gross_total, d.content_hash, d.reverses_id, d.reversed_by_id,
  d.created_by, d.created_at, d.edited_by, d.edited_at, d.submitted_by, d.submitted_at, d.approved_by, d.approved_at,
  d.approved_hash, d.posted_by, d.posted_at, d.taxes::text as taxes, d.discount, d.reference, d.counter_account,
"""
_FIND = f"""
select {_HEAD}
  coalesce(d.party, (
    select jsonb_build_object('number', p.number, 'name', p.name, 'street', p.street, 'postal_code', p.postal_code,
                              'city', p.city, 'country', p.country, 'vat_id', p.vat_id)
    from party p where p.tenant_id = d.tenant_id and p.id = d.party_id))::text as party,
  (select jsonb_agg({LINE_ARRAY} order by l.position)
   from document_line l where l.tenant_id = d.tenant_id and l.document_id = d.id)::text as lines
from document d
where d.tenant_id = :tenant_id and d.id = :id
"""  # noqa: S608 - only constants of this module
_FIND_ONE = Statement(_FIND)
# Waits for whoever holds the document (3 s, then 503). A reader that had to wait gets the new head with the lines of
# its own snapshot; the caller's compare with the version it was told ends that case.
_LOCK_ONE = Statement(_FIND + " for update of d")

_KIND_OF = Statement("select kind from document where tenant_id = :tenant_id and id = :id")

_INSERT_LINES = f"""
insert into document_line (tenant_id, document_id, {LINE_COLUMNS})
select :tenant_id::uuid, :id::uuid, {LINE_COLUMNS}
from jsonb_populate_recordset(null::document_line, :lines) l
"""  # noqa: S608
_INSERT_HEAD = """
head as (
  insert into document (tenant_id, id, kind, state, version, party_id, document_date, supply_date, due_date, currency,
                        note, net_total, tax_total, gross_total, taxes, content_hash, reverses_id, created_by,
                        created_at, edited_by, edited_at, submitted_by, submitted_at, approved_by, approved_at,
                        approved_hash, discount, reference, counter_account)
  values (:tenant_id, :id, :kind, :state, :version, :party_id, :document_date, :supply_date, :due_date, :currency,
          :note, :net_total, :tax_total, :gross_total, :taxes, :content_hash, :reverses_id, :created_by,
          :created_at, :edited_by, :edited_at, :submitted_by, :submitted_at, :approved_by, :approved_at,
          :approved_hash, :discount, :reference, :counter_account)
)
"""
_INSERT = Statement(f"with {_INSERT_HEAD} {_INSERT_LINES}")
_INSERT_LAST = LastWrite(f"{_INSERT_HEAD}, lines as ({_INSERT_LINES})")
_DELETE_LINES = Statement("delete from document_line where tenant_id = :tenant_id and document_id = :id")
_REPLACE = Statement(f"""
with head as (
  update document
  set state = :state, version = :version, party_id = :party_id, document_date = :document_date,
      supply_date = :supply_date, due_date = :due_date, currency = :currency, note = :note, net_total = :net_total,
      tax_total = :tax_total, gross_total = :gross_total, taxes = :taxes, content_hash = :content_hash,
      discount = :discount, reference = :reference, counter_account = :counter_account,
      edited_by = :edited_by, edited_at = :edited_at, submitted_by = null, submitted_at = null, approved_by = null,
      approved_at = null, approved_hash = null
  where tenant_id = :tenant_id and id = :id
)
{_INSERT_LINES}
""")  # noqa: S608
_MOVE = LastWrite("""
moved as (
  update document
  set state = :state, version = :version, submitted_by = :submitted_by, submitted_at = :submitted_at,
      approved_by = :approved_by, approved_at = :approved_at, approved_hash = :approved_hash
  where tenant_id = :tenant_id and id = :id
)
""")


async def find(connection: AsyncConnection, tenant_id: UUID, kind: Kind, document_id: UUID) -> Document | None:
    """The document, None if this tenant has none with this kind and id."""
    return _of_kind(kind, await _FIND_ONE.row(connection, {"tenant_id": tenant_id, "id": document_id}))


async def lock(connection: AsyncConnection, tenant_id: UUID, kind: Kind, document_id: UUID) -> Document | None:
    """As `find`, and nobody else changes the head until the transaction ends."""
    return _of_kind(kind, await _LOCK_ONE.row(connection, {"tenant_id": tenant_id, "id": document_id}))


async def insert(connection: AsyncConnection, document: Document) -> None:
    """Store a document that has no number yet, with its lines."""
    await _INSERT.rows(connection, _parameters(document))


async def replace_content(connection: AsyncConnection, document: Document) -> None:
    """Store another content of a document; who submitted and approved the old one is taken out."""
    await _DELETE_LINES.rows(connection, {"tenant_id": document.tenant_id, "id": document.id})
    await _REPLACE.rows(connection, _parameters(document))


def insert_last(transaction: Transaction, document: Document) -> None:
    """As `insert`, with the end of the transaction."""
    transaction.write_last(_INSERT_LAST, _parameters(document))


def move_last(transaction: Transaction, document: Document) -> None:
    """Store, with the end of the transaction, where a document stands now and who submitted and approved it."""
    transaction.write_last(
        _MOVE,
        {
            "tenant_id": document.tenant_id,
            "id": document.id,
            "state": document.state.value,
            "version": document.version,
            "submitted_by": document.submitted_by,
            "submitted_at": document.submitted_at,
            "approved_by": document.approved_by,
            "approved_at": document.approved_at,
            "approved_hash": document.approved_hash,
        },
    )


async def require(connection: AsyncConnection, tenant_id: UUID, kind: Kind, document_id: UUID) -> None:
    """Make sure that there is such a document, without reading it.

    Raises:
        Problem: 404.
    """
    row = await _KIND_OF.row(connection, {"tenant_id": tenant_id, "id": document_id})
    if row is None or row["kind"] != kind:
        raise not_found(rules_of(kind).english)


def _of_kind(kind: Kind, row: Mapping[str, Any] | None) -> Document | None:
    """Here and not in SQL, so that the primary key is the only index that fits, also before there are statistics."""
    return None if row is None or row["kind"] != kind else _document(row)


def _document(row: Mapping[str, Any]) -> Document:
    values = dict(row)
    values["kind"] = Kind(values["kind"])
    values["state"] = State(values["state"])
    values["party"] = PartySnapshot(**json.loads(values["party"]))
    values["taxes"] = tuple(tax_total(entry) for entry in json.loads(values["taxes"]))
    lines = json.loads(values["lines"] or "[]", parse_float=Decimal)
    values["lines"] = tuple(line_of(line) for line in lines)
    return Document(**values)


def tax_total(entry: Mapping[str, str]) -> TaxTotal:
    """One of `document.taxes`. Entries from before a buyer could owe tax itself say nothing of that."""
    return TaxTotal(
        code=entry["code"],
        rate=Decimal(entry["rate"]),
        net=Decimal(entry["net"]),
        tax=Decimal(entry["tax"]),
        account=entry["account"],
        self_assessed_rate=Decimal(entry.get("self_assessed_rate", "0")),
        self_assessed=Decimal(entry.get("self_assessed", "0.00")),
        self_assessed_account=entry.get("self_assessed_account", ""),
    )


def _parameters(document: Document) -> dict[str, Any]:
    """The values of the columns; lines and taxes as JSON with exact decimals."""
    return {
        "tenant_id": document.tenant_id,
        "id": document.id,
        "kind": document.kind.value,
        "state": document.state.value,
        "version": document.version,
        "party_id": document.party_id,
        "document_date": document.document_date,
        "supply_date": document.supply_date,
        "due_date": document.due_date,
        "currency": document.currency,
        "note": document.note,
        "net_total": document.net_total,
        "tax_total": document.tax_total,
        "gross_total": document.gross_total,
        "taxes": json_text(document.taxes),
        "content_hash": document.content_hash,
        "reverses_id": document.reverses_id,
        "created_by": document.created_by,
        "created_at": document.created_at,
        "edited_by": document.edited_by,
        "edited_at": document.edited_at,
        "submitted_by": document.submitted_by,
        "submitted_at": document.submitted_at,
        "approved_by": document.approved_by,
        "approved_at": document.approved_at,
        "approved_hash": document.approved_hash,
        "discount": document.discount,
        "reference": document.reference,
        "counter_account": document.counter_account,
        "lines": json_text(document.lines),
    }
