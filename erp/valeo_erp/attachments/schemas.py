"""What clients get of attachments; what they send are the bytes themselves."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The bytes of the file. What it is, they tell: PDF, PNG, JPEG, TIFF, XML, text, XLSX, DOCX",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class AttachmentAnswer(BaseModel):
    """A file at a document; it never changes."""

    id: UUID
    at: datetime
    added_by: str
    added_by_name: str
    name: Annotated[str, Field(examples=["Lieferschein.pdf"])]
    media_type: Annotated[str, Field(description="By its content", examples=["application/pdf"])]
    size: Annotated[int, Field(description="Bytes")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class AttachmentsAnswer(BaseModel):
    """The files of a document, the oldest first."""

    items: list[AttachmentAnswer]
    next_cursor: None
