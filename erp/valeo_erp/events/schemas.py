"""What the event routes take and give, as the OpenAPI documents it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, StringConstraints

EventKind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}(\.[a-z][a-z_]{0,39})?$")]
"""`invoice.posted`, or `invoice` for every event of invoices."""

Kinds = Annotated[
    list[EventKind],
    Query(alias="kind", max_length=20, description="Only these kinds, such as `invoice.posted` or `invoice`"),
]
DocumentIds = Annotated[
    list[UUID], Query(alias="document_id", max_length=100, description="Only events of these documents")
]


SERVER_SENT_EVENT: dict[str, Any] = {
    "type": "object",
    "description": "One block of the stream, as WHATWG HTML §9.2 parses it",
    "properties": {
        "id": {"type": "string", "description": "The cursor: send it as Last-Event-ID to go on after this event"},
        "event": {"type": "string", "enum": ["message", "reset"], "description": "`message` if left out"},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "description": "Members `kind`, `object_kind`, `object_id`, `at` and `data`; no personal data: fetch the "
            "object. Of a reset: `reason`.",
        },
        "retry": {"type": "integer", "description": "Come back after so many milliseconds"},
    },
}
"""How the OpenAPI describes what the stream carries."""


class Ticket(BaseModel):
    """A one-time ticket for `GET /api/v1/events?ticket=…`."""

    ticket: str
    expires_at: datetime
