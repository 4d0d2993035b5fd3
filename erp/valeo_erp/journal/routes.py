"""The web API of the journal."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from valeo_erp.identity.access import Reading, reading
from valeo_erp.identity.scopes import Scope
from valeo_erp.journal import repository
from valeo_erp.journal.entries import StoredEntry
from valeo_erp.journal.repository import JournalFilter
from valeo_erp.journal.service import verify
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.cursors import cursor_invalid, read_cursor, write_cursor
from valeo_erp.kernel.dates import BusinessDate
from valeo_erp.kernel.money import Money
from valeo_erp.kernel.paging import Cursor, Limit

router = APIRouter(tags=["journal"], responses=EVERY_ANSWER)

_LARGEST_SEQUENCE = 2**63 - 1


class EntryLineAnswer(BaseModel):
    """One side of an entry."""

    position: int
    account: str
    debit: Money
    credit: Money
    text: str


class EntryAnswer(BaseModel):
    """What one document did to the book."""

    sequence: int
    document_id: UUID
    document_number: str
    entry_date: date
    text: str
    posted_at: datetime
    posted_by: str
    hash: str
    lines: list[EntryLineAnswer]


class JournalAnswer(BaseModel):
    """One page of the book, in the order in which it was booked."""

    items: list[EntryAnswer]
    next_cursor: str | None


class BrokenAnswer(BaseModel):
    """The first entry that is not what it was."""

    sequence: int
    document_number: str | None
    reason: str


class VerificationAnswer(BaseModel):
    """What a run over the whole book found; `head` is the hash of the last good entry."""

    verified: bool
    entries: int
    head: str
    first_broken: BrokenAnswer | None


@router.get("/journal", response_model=JournalAnswer, operation_id="list_journal", summary="List journal entries")
async def list_journal(
    read: Annotated[Reading, reading(Scope.LEDGER_READ)],
    from_date: Annotated[BusinessDate | None, Query(alias="from")] = None,
    to_date: Annotated[BusinessDate | None, Query(alias="to")] = None,
    account: Annotated[
        str | None, Query(pattern=r"^[0-9]{4,8}$", description="Entries that touch this account")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """In the order in which they were booked."""
    after = 0 if cursor is None else _sequence_in(cursor)
    wanted = JournalFilter(from_date, to_date, account)
    found = await repository.entries(read.connection, read.tenant_id, wanted, after, limit + 1)
    following = write_cursor(found[limit - 1].entry.sequence) if len(found) > limit else None
    return json_answer({"items": [_shown(stored) for stored in found[:limit]], "next_cursor": following})


@router.get(
    "/journal/verify", response_model=VerificationAnswer, operation_id="verify_journal", summary="Verify the journal"
)
async def verify_journal(read: Annotated[Reading, reading(Scope.LEDGER_READ)]) -> Response:
    """Computes every hash again and names the first entry that is not what it was when it was posted."""
    return json_answer(await verify(read.connection, read.tenant_id))


def _shown(stored: StoredEntry) -> dict[str, object]:
    entry = stored.entry
    return {name: getattr(entry, name) for name in EntryAnswer.model_fields if name != "hash"} | {
        "hash": stored.hash.hex()
    }


def _sequence_in(cursor: str) -> int:
    match read_cursor(cursor):
        case [sequence] if sequence.isdecimal() and sequence.isascii() and int(sequence) <= _LARGEST_SEQUENCE:
            return int(sequence)
        case _:
            raise cursor_invalid()
