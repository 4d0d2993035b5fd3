"""The web API of comments: the same routes for every kind of document."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from valeo_erp.comments import service
from valeo_erp.comments.schemas import CommentAnswer, CommentBody, CommentsAnswer
from valeo_erp.documents.document import Kind
from valeo_erp.documents.kinds import rules_of
from valeo_erp.documents.repository import require
from valeo_erp.documents.rooms import Room, every_room
from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.unit_of_work import Transaction

PATH = "/{document_id}/comments"


def _add_reads(room: Room, kind: Kind) -> None:
    rules = rules_of(kind)

    @room.reads.get(
        PATH,
        response_model=CommentsAnswer,
        operation_id=f"list_{kind}_comments",
        summary=f"The comments on a {rules.english}",
    )
    async def list_comments(document_id: UUID, read: Annotated[Reading, reading(rules.scopes.read)]) -> Response:
        """The oldest first; the first 500."""
        await require(read.connection, read.tenant_id, kind, document_id)
        rows = await service.comments_of(read.connection, read.tenant_id, document_id)
        return json_answer({"items": rows, "next_cursor": None})


def _add_writes(room: Room, kind: Kind) -> None:
    rules = rules_of(kind)

    @room.writes.post(
        PATH,
        response_model=CommentAnswer,
        status_code=201,
        operation_id=f"comment_{kind}",
        summary=f"Comment on a {rules.english}",
        name="comment",
    )
    async def comment(
        document_id: UUID, body: CommentBody, transaction: Annotated[Transaction, writing(rules.scopes.write)]
    ) -> Response:
        """In any state, also after posting: it is no part of the document. It can not be changed or taken back."""
        return json_answer(await service.comment(transaction, kind, document_id, body.text), 201)


router = every_room(_add_reads, _add_writes)
