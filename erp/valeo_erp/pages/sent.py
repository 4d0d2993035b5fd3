"""What browsers send: fields and files of a form, with the body kept whole in the request."""

from http import HTTPStatus

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect

from valeo_erp.kernel.problems import Problem


async def whole(request: Request) -> None:
    """Keep the body in the request: the unit of work hashes it for the Idempotency-Key.

    Raises:
        Problem: 400 when it did not arrive whole.
    """
    try:
        await request.body()
    except ClientDisconnect as gone:
        raise Problem(HTTPStatus.BAD_REQUEST, "form_cut", "The form did not arrive whole.") from gone


async def sent_fields(request: Request) -> dict[str, str]:
    """The fields of a small form, without files."""
    await whole(request)
    async with request.form(max_fields=50, max_files=0) as form:
        return {name: value for name, value in form.multi_items() if isinstance(value, str)}


async def sent_file(request: Request) -> tuple[str, bytes]:
    """The name that the browser gave, and the bytes; both empty without a file."""
    await whole(request)
    async with request.form(max_fields=10, max_files=1) as form:
        sent = form.get("file")
        return (sent.filename or "", await sent.read()) if isinstance(sent, UploadFile) else ("", b"")
