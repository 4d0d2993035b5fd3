"""How large a report may be. Beyond it is refused before anything is built from it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Limits:
    """Bounds of one report after unpacking: bytes, nesting, and how many values, elements or rows."""

    size: int = 8 * 1024 * 1024
    depth: int = 48
    items: int = 400_000


LIMITS: Final = Limits()
LONGEST_TEXT: Final = 200
