"""How a number is written. Pure."""


def written(prefix: str, year: int, sequence: int) -> str:
    """A number as it stands on the document, such as INV-2026-00001; longer than five digits when it must be."""
    return f"{prefix}-{year}-{sequence:05}"
