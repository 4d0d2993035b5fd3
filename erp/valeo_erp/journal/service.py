"""Verifying the book: every hash is computed again, from the first entry to the head."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.journal import repository
from valeo_erp.journal.entries import GENESIS, fault


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry that is not what it was when it was posted."""

    sequence: int
    document_number: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a run over the whole book found.

    Attributes:
        entries: how many were found good, up to the first broken one.
        head: hash of the last good entry, in hex; compare it with one that was noted elsewhere.
    """

    verified: bool
    entries: int
    head: str
    first_broken: Broken | None


async def verify(connection: AsyncConnection, tenant_id: UUID) -> Verification:
    """Walk the chain up to the head that stands when the walk begins."""
    head, anything = await repository.head(connection, tenant_id)
    if head is None:
        broken = Broken(0, None, "There are entries, but the head of the chain is gone.") if anything else None
        return Verification(not anything, 0, GENESIS.hex(), broken)
    previous, good = GENESIS, 0
    async for stored in repository.whole_book(connection, tenant_id, head.sequence):
        if reason := fault(stored, previous, good + 1):
            broken = Broken(stored.entry.sequence, stored.entry.document_number, reason)
            return Verification(verified=False, entries=good, head=previous.hex(), first_broken=broken)
        previous, good = stored.hash, good + 1
    if (good, previous) != (head.sequence, head.hash):
        reason = f"The book ends with entry {good}, but its head is entry {head.sequence}."
        return Verification(
            verified=False, entries=good, head=previous.hex(), first_broken=Broken(good + 1, None, reason)
        )
    return Verification(verified=True, entries=good, head=previous.hex(), first_broken=None)
