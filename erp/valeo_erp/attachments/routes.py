"""The web API of attachments: the same routes for every kind of document."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from valeo_erp.attachments import service
from valeo_erp.attachments.content import LONGEST_NAME
from valeo_erp.attachments.schemas import FILE_BODY, AttachmentAnswer, AttachmentsAnswer
from valeo_erp.composition import services_of
from valeo_erp.documents.document import Kind
from valeo_erp.documents.kinds import rules_of
from valeo_erp.documents.repository import require
from valeo_erp.documents.rooms import Room, every_room
from valeo_erp.identity.access import Reading, reading, writing
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.unit_of_work import Transaction

PATH = "/{document_id}/attachments"
FileName = Annotated[
    str, Query(min_length=1, max_length=LONGEST_NAME, description="With its ending", examples=["Lieferschein.pdf"])
]
_FILE: dict[int | str, dict[str, Any]] = EVERY_ANSWER | {
    HTTPStatus.OK.value: {
        "description": "The bytes as they came, to be saved. `ETag` is their sha-256.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def file_answer(file: service.StoredFile) -> Response:
    """A file on its way out: saved, never shown or run."""
    headers = {
        "ETag": f'"{file.sha256}"',
        "Content-Disposition": file.disposition,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(file.content, headers=headers, media_type=file.media_type)


def _add_reads(room: Room, kind: Kind) -> None:
    rules = rules_of(kind)

    @room.reads.get(
        PATH,
        response_model=AttachmentsAnswer,
        operation_id=f"list_{kind}_attachments",
        summary=f"The files at a {rules.english}",
    )
    async def list_attachments(document_id: UUID, read: Annotated[Reading, reading(rules.scopes.read)]) -> Response:
        """The oldest first, without their bytes."""
        await require(read.connection, read.tenant_id, kind, document_id)
        rows = await service.attachments_of(read.connection, read.tenant_id, document_id)
        return json_answer({"items": rows, "next_cursor": None})

    @room.reads.get(
        f"{PATH}/{{attachment_id}}",
        response_class=Response,
        responses=_FILE,
        operation_id=f"get_{kind}_attachment",
        summary=f"One file at a {rules.english}",
    )
    async def get_attachment(
        document_id: UUID, attachment_id: UUID, read: Annotated[Reading, reading(rules.scopes.read)]
    ) -> Response:
        """To be saved: browsers neither show nor run it."""
        return file_answer(await service.stored(read.connection, read.tenant_id, kind, document_id, attachment_id))


def _add_writes(room: Room, kind: Kind) -> None:
    rules = rules_of(kind)

    @room.writes.post(
        PATH,
        response_model=AttachmentAnswer,
        status_code=201,
        operation_id=f"attach_to_{kind}",
        summary=f"Put a file to a {rules.english}",
        name="attach",
        openapi_extra=FILE_BODY,
    )
    async def attach(
        request: Request,
        document_id: UUID,
        name: FileName,
        transaction: Annotated[Transaction, writing(rules.scopes.write)],
    ) -> Response:
        """In any state, also after posting. It can not be changed or taken away."""
        most = services_of(request.app).settings.attachment_limit_bytes
        content = await request.body()
        return json_answer(await service.attach(transaction, kind, document_id, name, content, most), 201)


router = every_room(_add_reads, _add_writes)
