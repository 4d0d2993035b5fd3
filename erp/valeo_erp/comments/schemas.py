"""What clients send and get of comments."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

CommentText = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=4000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
    ),
    Field(description="With line breaks", examples=["Der Fahrer ruft eine Stunde vorher an."]),
]


class CommentBody(BaseModel):
    """A comment as it is written."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"text": "Der Fahrer ruft vorher an."}]}
    )

    text: CommentText


class CommentAnswer(CommentBody):
    """A comment; it never changes."""

    model_config = ConfigDict(extra="ignore")

    id: UUID
    at: datetime
    author: str
    author_name: str


class CommentsAnswer(BaseModel):
    """What was said about a document, the oldest first."""

    items: list[CommentAnswer]
    next_cursor: None
