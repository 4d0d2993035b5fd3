"""What is asked of a worker and what comes back. Loads WeasyPrint only where it is used: in the worker."""

from dataclasses import dataclass

from valeo_erp.einvoicing.terms import Terms
from valeo_erp.printing.view import DocumentView

RENDERER = "valeo_erp.printing.render"
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What one print may use.

    Attributes:
        pages: more are refused.
        memory_bytes: address space of the worker; a renderer that wants more is refused or dies, the service does not.
    """

    pages: int = 200
    memory_bytes: int = 1024 * MEGABYTE


@dataclass(frozen=True)
class Rendered:
    """A finished PDF.

    Attributes:
        template_version: of the look it was made with.
        refused_addresses: what the page asked for and did not get, because a print reaches nothing outside.
    """

    pdf: bytes
    pages: int
    template_version: str
    refused_addresses: tuple[str, ...]


@dataclass(frozen=True)
class TooLarge:
    """The print would be larger than the limits."""

    reason: str


def begin_worker(limits: Limits) -> None:
    """Bound this process before its first print."""
    from valeo_erp.printing import render  # noqa: PLC0415 - 50 MB that the serving process does not need

    render.begin_worker(limits)


def render(view: DocumentView, terms: Terms | None, limits: Limits) -> Rendered | TooLarge:
    """One print, in the worker; with terms it carries the e-invoice."""
    from valeo_erp.printing import render  # noqa: PLC0415 - as above

    return render.render(view, limits, terms)


def picture(view: DocumentView, limits: Limits) -> bytes | TooLarge:
    """The first page of a print as PNG, in the worker."""
    from valeo_erp.printing import render  # noqa: PLC0415 - as above

    return render.picture(view, limits)


def xrechnung(terms: Terms) -> bytes:
    """One e-invoice by itself, in the worker."""
    from valeo_erp.einvoicing import cii  # noqa: PLC0415 - as above

    return cii.xrechnung(terms)
