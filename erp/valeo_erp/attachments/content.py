"""What a file is, by its bytes; what may not come in is refused with its reason. Pure."""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from valeo_erp.kernel.problems import Failure

LONGEST_NAME = 150
MOST_ENTRIES = 10_000
_BEGINS_LIKE_MARKUP = re.compile(rb"\s*<")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class MediaType:
    """One of the kinds of files that may come in.

    Attributes:
        endings: what such a file may be called, in small letters.
    """

    name: str
    endings: frozenset[str]


PDF = MediaType("application/pdf", frozenset({".pdf"}))
PNG = MediaType("image/png", frozenset({".png"}))
JPEG = MediaType("image/jpeg", frozenset({".jpg", ".jpeg"}))
TIFF = MediaType("image/tiff", frozenset({".tif", ".tiff"}))
XML = MediaType("application/xml", frozenset({".xml"}))
TEXT = MediaType("text/plain", frozenset({".txt", ".csv", ".log"}))
XLSX = MediaType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", frozenset({".xlsx"}))
DOCX = MediaType("application/vnd.openxmlformats-officedocument.wordprocessingml.document", frozenset({".docx"}))

_MAGIC: Mapping[bytes, MediaType] = {
    b"%PDF-": PDF,
    b"\x89PNG\r\n\x1a\n": PNG,
    b"\xff\xd8\xff": JPEG,
    b"II*\x00": TIFF,
    b"MM\x00*": TIFF,
}
_OFFICE: Mapping[str, MediaType] = {"xl/workbook.xml": XLSX, "word/document.xml": DOCX}
ALLOWED = (PDF, PNG, JPEG, TIFF, XML, TEXT, XLSX, DOCX)


def sniffed(content: bytes) -> MediaType | None:
    """What a file is; None if it is nothing that may come in, such as a program, a page or a document with macros."""
    for magic, found in _MAGIC.items():
        if content.startswith(magic):
            return found
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    return _text(content)


def faults(name: str, content: bytes, most_bytes: int) -> list[Failure]:
    """Everything that stands against a file."""
    if not content:
        return [Failure("file_empty", "The file is empty.", "file")]
    failures = _name_faults(name)
    if len(content) > most_bytes:
        failures.append(
            Failure("file_too_large", f"The file has {len(content)} bytes; at most {most_bytes} may come.", "file")
        )
    found = sniffed(content)
    if found is None:
        kinds = ", ".join(sorted(ending for kind in ALLOWED for ending in kind.endings))
        failures.append(Failure("file_type", f"By its content it is none of the files that may come: {kinds}.", "file"))
    elif PurePosixPath(name).suffix.lower() not in found.endings:
        endings = " or ".join(sorted(found.endings))
        message = f"By its content it is {found.name}; its name must end with {endings}."
        failures.append(Failure("file_name_differs", message, "name"))
    return failures


def _name_faults(name: str) -> list[Failure]:
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or set(name) & set('/\\":*?<>|'):
        message = f'A name has 1 to {LONGEST_NAME} printable characters and none of / \\ " : * ? < > |.'
        return [Failure("file_name", message, "name")]
    return []


def _office(content: bytes) -> MediaType | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, OverflowError):
        return None
    if len(names) > MOST_ENTRIES or any(name.lower().endswith("vbaproject.bin") for name in names):
        return None
    return next((kind for part, kind in _OFFICE.items() if part in names), None)


def _text(content: bytes) -> MediaType | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if _CONTROLS.search(text):
        return None
    if text.startswith("<?xml"):
        return None if re.search(r"<(svg|html|\?xml-stylesheet|!DOCTYPE|!ENTITY)", text, re.IGNORECASE) else XML
    return None if _BEGINS_LIKE_MARKUP.match(content) else TEXT
