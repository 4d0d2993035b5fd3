"""Comments and files from the page of a document. The API's use cases; the answer only says that it is kept."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect

from valeo_erp.attachments import service as attachments
from valeo_erp.comments import service as comments
from valeo_erp.comments.schemas import CommentBody
from valeo_erp.composition import services_of
from valeo_erp.documents.document import Kind
from valeo_erp.documents.kinds import rules_of
from valeo_erp.identity.access import writing
from valeo_erp.kernel.problems import Failure, Problem, invalid
from valeo_erp.kernel.unit_of_work import Transaction


async def _text(request: Request) -> str:
    await whole(request)
    text = (await request.form(max_fields=10, max_files=0)).get("text")
    return text if isinstance(text, str) else ""


async def _file(request: Request) -> tuple[str, bytes]:
    """The name that the browser gave, and the bytes; both empty without a file."""
    await whole(request)
    async with request.form(max_fields=10, max_files=1) as form:
        sent = form.get("file")
        return (sent.filename or "", await sent.read()) if isinstance(sent, UploadFile) else ("", b"")


async def whole(request: Request) -> None:
    """Keep the body in the request: the unit of work hashes it for the Idempotency-Key."""
    try:
        await request.body()
    except ClientDisconnect as gone:
        raise Problem(HTTPStatus.BAD_REQUEST, "form_cut", "The form did not arrive whole.") from gone


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
        file: Annotated[tuple[str, bytes], Depends(_file)],
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
