"""From view to PDF. Runs in a worker process of the pool: no network, no files but this package's own."""

import hashlib
import io
import logging
import resource
from datetime import UTC, datetime, time
from functools import cache, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable

import pypdfium2
import segno
import weasyprint
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup
from segno import helpers as codes
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from valeo_erp.branding.logo import Logo
from valeo_erp.branding.look import Colours
from valeo_erp.einvoicing import cii
from valeo_erp.einvoicing.terms import Terms
from valeo_erp.printing.job import MEGABYTE, Limits, Rendered, TooLarge
from valeo_erp.printing.letterhead import Letterhead
from valeo_erp.printing.paying import Transfer
from valeo_erp.printing.view import DocumentView

ASSET_SCHEME = "asset:"
LOGO = f"{ASSET_SCHEME}logo"
PICTURE_DPI = 120
E_INVOICE = "factur-x.xml"
"""What ZUGFeRD calls the file inside of the PDF."""


class OfflineFetcher(URLFetcher):  # type: ignore[misc] # WeasyPrint has no types
    """Gives the package's own files and the logo under `asset:` and refuses every other address."""

    def __init__(self, logo: Logo | None = None) -> None:
        super().__init__()
        self._logo = logo
        self.refused: list[str] = []

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:  # noqa: ARG002
        """The bytes of a bundled file.

        Raises:
            PermissionError: everything else; WeasyPrint then prints without it.
        """
        if self._logo is not None and url == LOGO:
            return URLFetcherResponse(url, self._logo.content, {"Content-Type": self._logo.media_type})
        name = url.removeprefix(ASSET_SCHEME)
        if url.startswith(ASSET_SCHEME) and name in _asset_names():
            return URLFetcherResponse(url, _templates().joinpath(name).read_bytes())
        self.refused.append(url[:200])
        raise PermissionError("a print reaches nothing outside of its template")


def begin_worker(limits: Limits) -> None:
    """Bound this process and load what every print needs."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    _template()
    _stylesheet(Colours())
    _fonts()


def render(view: DocumentView, limits: Limits, terms: Terms | None = None) -> Rendered | TooLarge:
    """The same view and terms give the same bytes.

    Args:
        view: what is printed.
        limits: what it may use.
        terms: of the e-invoice that the PDF carries; without them it is a plain PDF.
    """
    try:
        return _render(html_of(view), limits, _hybrid(terms) if terms else {}, view.letterhead)
    except MemoryError:
        return TooLarge(f"it needs more than {limits.memory_bytes // MEGABYTE} MB of memory")


def picture(view: DocumentView, limits: Limits) -> bytes | TooLarge:
    """The first page as PNG, to be looked at on a screen."""
    made = render(view, limits)
    if isinstance(made, TooLarge):
        return made
    with pypdfium2.PdfDocument(made.pdf) as document:
        written = io.BytesIO()
        document[0].render(scale=PICTURE_DPI / 72).to_pil().save(written, "PNG")
    return written.getvalue()


def html_of(view: DocumentView) -> str:
    """The page; every text of the view is escaped."""
    return _template().render(view=view)


@cache
def template_version() -> str:
    """Changes whenever the look of a print may change: the hash of the templates and of WeasyPrint's version."""
    digest = hashlib.sha256(weasyprint.__version__.encode())
    for name in _asset_names():
        digest.update(_templates().joinpath(name).read_bytes())
    return digest.hexdigest()[:16]


def _hybrid(terms: Terms) -> dict[str, object]:
    """PDF/A-3 with the e-invoice inside and the metadata by which readers find it (ZUGFeRD)."""
    issued = datetime.combine(terms["BT-2"], time(), UTC)
    attachment = weasyprint.Attachment(
        string=cii.zugferd(terms),
        name=E_INVOICE,
        description="ZUGFeRD, EN 16931",
        created=issued,
        modified=issued,
        relationship="Alternative",
    )
    return {"pdf_variant": "pdf/a-3b", "attachments": [attachment], "xmp_metadata": [f"{ASSET_SCHEME}zugferd.xmp"]}


def _render(html: str, limits: Limits, options: dict[str, object], letterhead: Letterhead) -> Rendered | TooLarge:
    fetcher = OfflineFetcher(letterhead.logo)
    page = weasyprint.HTML(string=html, base_url=ASSET_SCHEME, url_fetcher=fetcher)
    laid_out = page.render(font_config=_fonts(), stylesheets=[_stylesheet(letterhead.colours)], **options)
    if len(laid_out.pages) > limits.pages:
        return TooLarge(f"it has {len(laid_out.pages)} pages, at most {limits.pages} are printed")
    return Rendered(laid_out.write_pdf(**options), len(laid_out.pages), template_version(), tuple(fetcher.refused))


def _templates() -> Traversable:
    return resources.files("valeo_erp.printing") / "templates"


@cache
def _asset_names() -> tuple[str, ...]:
    return tuple(sorted(entry.name for entry in _templates().iterdir()))


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("valeo_erp.printing"), autoescape=True, undefined=StrictUndefined, auto_reload=False
    )
    environment.filters |= {"giro_code": _giro_code, "qr_code": _qr_code}
    return environment.get_template("document.html")


def _giro_code(transfer: Transfer, title: str) -> Markup:
    """A payment as a QR code that banks' apps read (EPC069-12)."""
    code = codes.make_epc_qr(
        transfer.name, transfer.iban, transfer.amount, text=transfer.text, bic=transfer.bic or None
    )
    return _drawn(code, title)


def _qr_code(text: str, title: str) -> Markup:
    return _drawn(segno.make_qr(text, error="m"), title)


def _drawn(code: segno.QRCode, title: str) -> Markup:
    """As vectors inside of the page; segno escapes the title."""
    return Markup(code.svg_inline(border=4, omitsize=True, title=title))  # noqa: S704


@cache
def _fonts() -> FontConfiguration:
    """Looking up fonts is a third of the time of a page: done once for each worker."""
    return FontConfiguration()


@lru_cache(maxsize=64)
def _stylesheet(colours: Colours) -> weasyprint.CSS:
    """The layout in the colours of a branding.

    They are put in before the CSS is read: WeasyPrint looks variables up anew for every element, which costs a page
    15 % of its time.
    """
    css = _templates().joinpath("document.css").read_text(encoding="utf-8")
    css = css.replace("var(--brand)", colours.primary).replace("var(--tint)", colours.tint)
    return weasyprint.CSS(string=css, url_fetcher=OfflineFetcher())
