"""`/users`: who has been here, and who may not come in again. The API's use cases."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.pages.rendering import page
from valeo_erp.pages.typed import done
from valeo_erp.users import service as users
from valeo_erp.users.routes import Subject

reads = APIRouter(prefix="/users", tags=["user"], include_in_schema=False)
writes = APIRouter(prefix="/users", tags=["user"], include_in_schema=False, route_class=TransactionalRoute)

Read = Annotated[Reading, reading(Scope.USERS_ADMIN)]
Write = Annotated[Transaction, writing(Scope.USERS_ADMIN)]
Cursor = Annotated[str | None, Query(max_length=500, pattern=r"^[A-Za-z0-9_-]+$")]

PEOPLE_ON_A_PAGE = 100


async def _content(read: Reading, cursor: str | None) -> dict[str, Any]:
    rows, following = await users.people(read.connection, read.tenant_id, cursor, PEOPLE_ON_A_PAGE)
    return {"people": rows, "following": following, "cursor": cursor}


@reads.get("")
async def users_page(request: Request, read: Read, cursor: Cursor = None) -> Response:
    """Everybody who has been here."""
    return page("users.html", request, read.principal, await _content(read, cursor))


@reads.get("/content")
async def users_part(request: Request, read: Read, cursor: Cursor = None) -> Response:
    """The part that changes."""
    return page("users_content.html", request, read.principal, await _content(read, cursor))


@writes.post("/{subject}/deactivate", name="deactivate")
async def deactivate(subject: Subject, transaction: Write) -> Response:
    """Keep somebody out."""
    await users.deactivate(transaction, subject)
    return done()


@writes.post("/{subject}/reactivate", name="reactivate")
async def reactivate(subject: Subject, transaction: Write) -> Response:
    """Let somebody in again."""
    await users.reactivate(transaction, subject)
    return done()


router = APIRouter()
router.include_router(reads)
router.include_router(writes)
