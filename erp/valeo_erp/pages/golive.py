"""`/go-live`: how the gates of this installation stand, for those who run it. Nothing is decided here."""

import asyncio
import logging
from typing import Annotated

from fastapi import APIRouter, Request, Response

from valeo_erp.composition import services_of
from valeo_erp.golive.board import UnreadableError, board, read
from valeo_erp.golive.picture import WIDTH, bar
from valeo_erp.identity.access import Reading, reading
from valeo_erp.identity.scopes import Scope
from valeo_erp.pages.rendering import page

router = APIRouter(prefix="/go-live", include_in_schema=False)
logger = logging.getLogger(__name__)


@router.get("")
async def go_live_page(request: Request, read_by: Annotated[Reading, reading(Scope.USERS_ADMIN)]) -> Response:
    """Every gate with its result, and a picture of the progress."""
    services = services_of(request.app)
    shown, unreadable = None, False
    try:
        shown = await asyncio.to_thread(read, services.settings.golive_dir)
    except UnreadableError as problem:
        unreadable = True
        logger.warning("What the operator shows of the gates can't be read", extra={"cause": str(problem)[:500]})
    found = None if shown is None else board(shown, services.clock())
    values = {"board": found, "unreadable": unreadable, "bar": bar, "width": WIDTH}
    return page("golive.html", request, read_by.principal, values)
