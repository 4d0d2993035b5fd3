"""The report as PDF, with its JSON attached. Only this file needs WeasyPrint and pypdf (extra `plugin`)."""

import io
import json
from typing import Any, Final

import pypdf
import weasyprint
from weasyprint.urls import URLFetcher

from valeo_operator.golive.report.chain import DamagedReportError, sealed
from valeo_operator.golive.report.document import Document
from valeo_operator.golive.report.page import page
from valeo_operator.golive.report.words import Language

ATTACHMENT: Final = "go-live-report.json"


class _NothingFetcher(URLFetcher):  # type: ignore[misc] # WeasyPrint has no types
    """The page needs nothing from elsewhere; whatever asks for something is wrong."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:  # noqa: ARG002 - its signature
        raise DamagedReportError(f"the report asks for {url}")


def paper(report: Document, language: Language) -> bytes:
    """The PDF."""
    data = json.dumps(sealed(report), ensure_ascii=False, sort_keys=True, indent=1)
    attached = weasyprint.Attachment(string=data, name=ATTACHMENT, relationship="Source")
    html = weasyprint.HTML(string=page(report, language, with_data=False), url_fetcher=_NothingFetcher())
    made: bytes = html.write_pdf(attachments=[attached])
    return made


def attached_data(content: bytes) -> bytes:
    """The JSON within the PDF. Raises DamagedReportError where there is none."""
    found = _reader(content).attachments.get(ATTACHMENT)
    if not found:
        raise DamagedReportError(f"the PDF carries no {ATTACHMENT}")
    return found[0]


def says(content: bytes) -> str:
    """What stands on the pages."""
    return "\n".join(sheet.extract_text() for sheet in _reader(content).pages)


def language_of(content: bytes) -> str:
    """The language that the PDF declares."""
    return str(_reader(content).root_object.get("/Lang", ""))


def _reader(content: bytes) -> pypdf.PdfReader:
    try:
        return pypdf.PdfReader(io.BytesIO(content), strict=True)
    except pypdf.errors.PyPdfError as wrong:
        raise DamagedReportError(f"the PDF can't be read: {wrong}") from wrong
