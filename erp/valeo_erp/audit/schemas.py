"""What clients get of the audit trail."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel


class AuditEntryAnswer(BaseModel):
    """One attempt: who, when, what, and why it was refused if it was."""

    id: UUID
    at: datetime
    actor: str
    actor_name: str
    action: str
    outcome: Literal["done", "refused"]
    reason: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    correlation_id: str


class HistoryAnswer(BaseModel):
    """One page of an object's history, oldest first."""

    items: list[AuditEntryAnswer]
    next_cursor: str | None
