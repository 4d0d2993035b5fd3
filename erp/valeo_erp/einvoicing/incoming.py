"""What comes back from the worker that reads a received e-invoice. Loads no parser."""

from dataclasses import dataclass
from enum import StrEnum

from valeo_erp.einvoicing.terms import Terms


class Syntax(StrEnum):
    """How an e-invoice is written."""

    CII = "cii"
    UBL = "ubl"


@dataclass(frozen=True)
class Read:
    """An e-invoice that the official schema of its profile allows, as business terms.

    Attributes:
        profile: of Factur-X, such as `en16931`; an XRechnung is one, too.
    """

    syntax: Syntax
    profile: str
    terms: Terms


@dataclass(frozen=True)
class Unreadable:
    """Why a file is no e-invoice that can be taken.

    Attributes:
        code: stable.
        message: what was seen and what is taken.
    """

    code: str
    message: str


def read(content: bytes) -> Read | Unreadable:
    """One received file, in the worker: hostile files cost its time and memory, not those of the service."""
    from valeo_erp.einvoicing import reading  # noqa: PLC0415 - parsers that the serving process does not need

    return reading.read(content)
