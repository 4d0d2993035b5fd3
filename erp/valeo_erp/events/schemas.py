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


class Event(BaseModel):
    """One event, as it stands in the `data` of a server-sent event. It carries no personal data: fetch the object."""

    kind: str
    object_kind: str
    object_id: UUID
    at: datetime
    data: dict[str, Any]


class Ticket(BaseModel):
    """A one-time ticket for `GET /api/v1/events?ticket=…`."""

    ticket: str
    expires_at: datetime
