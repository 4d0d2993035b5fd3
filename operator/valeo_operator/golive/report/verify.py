"""Whether a report file is what was made: its chain, and that the page says what the data inside says."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from valeo_operator.golive.report.chain import DamagedReportError, opened, sealed
from valeo_operator.golive.report.document import Document
from valeo_operator.golive.report.page import DATA_CLOSES, DATA_OPENS, page
from valeo_operator.golive.report.words import Language

_LANGUAGE: Final = re.compile(r'<html lang="(\w+)">')


@dataclass(frozen=True)
class Verified:
    """A report that holds together, and its digest."""

    report: Document
    digest: str


def verified(content: bytes) -> Verified:
    """Verify JSON, HTML or PDF. Raises DamagedReportError with the reason.

    It proves that nothing was changed since the digest was made; that it is the right digest must be known another way.
    """
    if content.startswith(b"%PDF-"):
        return _verified_paper(content)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise DamagedReportError("the report is neither PDF nor text in UTF-8") from wrong
    return _verified_page(text) if text.lstrip().startswith("<") else _verified_data(text)


def _verified_data(text: str) -> Verified:
    report = opened(_read(text))
    return Verified(report, str(sealed(report)["digest"]))


def _read(text: str) -> dict[str, Any]:
    try:
        written = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise DamagedReportError(f"the data of the report is no JSON: {wrong}") from wrong
    if not isinstance(written, dict):
        raise DamagedReportError("the data of the report is no object")
    return written


def _verified_page(text: str) -> Verified:
    found = _verified_data(text.partition(DATA_OPENS)[2].partition(DATA_CLOSES)[0])
    told = _LANGUAGE.search(text)
    if text != page(found.report, _language(told[1] if told else "")):
        raise DamagedReportError(f"the page does not say what the data in it says{_perhaps(found.report)}")
    return found


def _verified_paper(content: bytes) -> Verified:
    from valeo_operator.golive.report.paper import (  # noqa: PLC0415 - only for a PDF: it needs the PDF engine
        attached_data,
        language_of,
        paper,
        says,
    )

    found = _verified_data(attached_data(content).decode("utf-8", "replace"))
    if says(content) != says(paper(found.report, _language(language_of(content)))):
        raise DamagedReportError(f"the pages do not say what the data in the file says{_perhaps(found.report)}")
    return found


def _language(told: str) -> Language:
    if told not in {each.value for each in Language}:
        raise DamagedReportError(f"the report is in an unknown language: {told or 'none is told'}")
    return Language(told)


def _perhaps(report: Document) -> str:
    return f"; pages are compared with what this program would write, the report is of version {report.made.version}"
