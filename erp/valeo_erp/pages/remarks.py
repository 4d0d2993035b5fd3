"""Comments and files from the page of a document. The API's use cases; the answer only says that it is kept."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError

from valeo_erp.attachments import service as attachments
from valeo_erp.comments import service as comments
from valeo_erp.comments.schemas import CommentBody
from valeo_erp.composition import services_of
from valeo_erp.documents.document import Kind
from valeo_erp.documents.kinds import rules_of
from valeo_erp.identity.access import writing
from valeo_erp.kernel.problems import Failure, invalid
from valeo_erp.kernel.unit_of_work import Transaction
from valeo_erp.pages.sent import sent_fields, sent_file


async def _text(request: Request) -> str:
    return (await sent_fields(request)).get("text", "")


def remark_writes(writes: APIRouter, kind: Kind) -> None:
    """Where the forms of comments and files go."""
    scope = rules_of(kind).scopes.write

    async def comment(
        document_id: UUID,
        transaction: Annotated[Transaction, writing(scope)],
        text: Annotated[str, Depends(_text)],
    ) -> Response:
        """Say something; the page then loads what was said."""
        await comments.comment(transaction, kind, document_id, _checked(text))
        return _kept()

    async def attach(
        request: Request,
        document_id: UUID,
        transaction: Annotated[Transaction, writing(scope)],
        file: Annotated[tuple[str, bytes], Depends(sent_file)],
    ) -> Response:
        """Keep a file; the page then loads the list."""
        most = services_of(request.app).settings.attachment_limit_bytes
        await attachments.attach(transaction, kind, document_id, *file, most)
        return _kept()

    writes.add_api_route("/{document_id}/comments", comment, methods=["POST"], name="comment")
    writes.add_api_route("/{document_id}/attachments", attach, methods=["POST"], name="attach")


def _checked(typed: str) -> str:
    try:
        return CommentBody(text=typed.replace("\r\n", "\n")).text
    except ValidationError as error:
        failures = [Failure(fault["type"], fault["msg"], "text") for fault in error.errors(include_url=False)]
        raise invalid("faulty_comment", "The comment was not kept; see the failures.", failures) from error


def _kept() -> Response:
    return Response(status_code=HTTPStatus.NO_CONTENT, headers={"HX-Trigger": "valeo:kept"})
