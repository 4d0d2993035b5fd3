"""Files of master data as requests: how they come, and what is answered."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field

from valeo_erp.kernel.imports import MOST_FAILURES
from valeo_erp.kernel.problems import Failure, invalid
from valeo_erp.kernel.register import Register
from valeo_erp.kernel.unit_of_work import Transaction

CSV_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "UTF-8 with commas, or with semicolons and decimal commas; the first row names the fields",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    }
}
DryRun = Annotated[bool, Query(description="Only tell what is wrong; write nothing")]


async def _content(request: Request) -> bytes:
    return await request.body()


CsvFile = Annotated[bytes, Depends(_content)]


class ImportAnswer(BaseModel):
    """What became of a file."""

    rows: Annotated[int, Field(description="Good rows in the file")]
    written: Annotated[int, Field(description="All of them, or none on a dry run")]


async def import_rows(
    transaction: Transaction,
    register: Register,
    rows: Sequence[tuple[int, Mapping[str, Any]]],
    failures: Sequence[Failure],
    *,
    dry_run: bool,
) -> dict[str, int]:
    """Write the rows of a file, or only look at them.

    Raises:
        Problem: 422 with everything that is wrong with any row; then nothing is written.
    """
    refuse_faulty([*failures, *await register.taken(transaction, rows)])
    if not dry_run:
        await register.add_all(transaction, rows)
    return {"rows": len(rows), "written": 0 if dry_run else len(rows)}


def refuse_faulty(failures: Sequence[Failure]) -> None:
    """Refuse a file with everything that is wrong with any row, in the order of the rows.

    Raises:
        Problem: 422, if there is anything.
    """
    if failures:
        detail = "Nothing was written; see the failures."
        raise invalid("faulty_file", detail, sorted(failures, key=_row)[:MOST_FAILURES])


def _row(failure: Failure) -> int:
    place = (failure.field or "row 0").removeprefix("row ").partition(".")[0]
    return int(place)
