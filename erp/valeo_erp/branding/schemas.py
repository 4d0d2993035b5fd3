"""What clients send and get of the branding."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from valeo_erp.branding.lifecycle import State
from valeo_erp.branding.look import Look
from valeo_erp.kernel.text import ShortText

Version = Annotated[int, Path(ge=1, le=1_000_000)]
Why = Annotated[ShortText, Field(description="Why, for whoever puts it in force", examples=["Neue Bankverbindung"])]

LOGO_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The bytes of a PNG (at most 2000 pixels on each side) or of a plain SVG, at most 512 kB",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class BrandingBody(BaseModel):
    """Another content of a draft."""

    model_config = ConfigDict(extra="forbid")

    look: Look
    note: Why


class NewBrandingBody(BrandingBody):
    """A new draft."""

    logo_of: Annotated[
        int | None, Field(strict=True, ge=1, le=1_000_000, description="The version whose logo it takes over")
    ] = None


class LogoAnswer(BaseModel):
    """A logo, without its bytes."""

    media_type: Annotated[str, Field(description="By its content", examples=["image/svg+xml"])]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(description="Bytes")]


class BrandingAnswer(BaseModel):
    """One version. `revision` is its ETag."""

    version: int
    revision: int
    state: State
    look: Look
    note: str
    logo: LogoAnswer | None
    created_by: str
    created_at: datetime
    edited_by: str
    edited_at: datetime
    proposed_by: str | None
    proposed_at: datetime | None
    activated_by: str | None
    activated_at: datetime | None


class BrandingsAnswer(BaseModel):
    """Every version, the newest first."""

    items: list[BrandingAnswer]
    next_cursor: None
