"""How a number is written, and what has one. Pure."""

from enum import StrEnum

from valeo_erp.documents.document import Kind

Numbered = StrEnum("Numbered", {**{kind.name: kind.value for kind in Kind}, "PAYMENT": "payment"})  # type: ignore[misc]
"""Kinds of documents, and payments."""


def written(prefix: str, year: int, sequence: int) -> str:
    """A number as it stands on the document, such as INV-2026-00001; longer than five digits when it must be."""
    return f"{prefix}-{year}-{sequence:05}"
