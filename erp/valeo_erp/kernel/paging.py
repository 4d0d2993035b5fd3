"""The parameters that every list takes."""

from typing import Annotated

from fastapi import Query

Limit = Annotated[int, Query(ge=1, le=200, description="Rows on a page")]
Cursor = Annotated[
    str | None,
    Query(min_length=1, max_length=500, pattern=r"^[A-Za-z0-9_-]+$", description="`next_cursor` of the page before"),
]
Search = Annotated[
    str | None, Query(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$", description="Found anywhere, in any case")
]
