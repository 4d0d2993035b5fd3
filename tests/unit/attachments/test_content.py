"""A file is what its bytes say; what a browser or a desk computer would run does not come in."""

import io
import zipfile

import pytest

from valeo_erp.attachments.content import DOCX, JPEG, PDF, PNG, TEXT, TIFF, XLSX, XML, MediaType, faults, sniffed

MOST = 1_000


def archive(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        for name in names:
            out.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n...", PDF),
        (b"\x89PNG\r\n\x1a\n...", PNG),
        (b"\xff\xd8\xff\xe0...", JPEG),
        (b"II*\x00...", TIFF),
        (b"MM\x00*...", TIFF),
        (b"<?xml version='1.0'?><Invoice/>", XML),
        ("Fahrer: Jürgen\r\nKennzeichen;WF-AB 12".encode(), TEXT),
        (archive("[Content_Types].xml", "xl/workbook.xml"), XLSX),
        (archive("[Content_Types].xml", "word/document.xml"), DOCX),
    ],
)
def test_what_a_file_is_its_bytes_tell(content: bytes, kind: MediaType) -> None:
    assert sniffed(content) is kind


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00 a program",
        b"\x7fELF",
        b"<!doctype html><script>alert(1)</script>",
        b"\n <svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
        b"<?xml version='1.0'?><svg onload='x()'/>",
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y 'z'>]><x/>",
        b"text\x00with a zero byte",
        b"\xe4\xf6 not UTF-8",
        archive("payload.exe"),
        archive("xl/workbook.xml", "xl/vbaProject.bin"),
        b"PK\x03\x04 no archive",
    ],
)
def test_what_could_be_run_or_shown_does_not_come_in(content: bytes) -> None:
    assert sniffed(content) is None
    assert "file_type" in [failure.code for failure in faults("brief.txt", content, MOST)]


@pytest.mark.parametrize(
    ("name", "content", "codes"),
    [
        ("brief.pdf", b"%PDF-1.7", []),
        ("BRIEF.PDF", b"%PDF-1.7", []),
        ("brief.exe", b"%PDF-1.7", ["file_name_differs"]),
        ("brief.pdf", b"", ["file_empty"]),
        ("brief.pdf", b"%PDF-" + b"x" * MOST, ["file_too_large"]),
        ("../brief.pdf", b"%PDF-1.7", ["file_name"]),
        ('brief".pdf', b"%PDF-1.7", ["file_name"]),
        ("brief\r\n.pdf", b"%PDF-1.7", ["file_name"]),
        ("x" * 150 + ".pdf", b"MZ" + b"\x00" * MOST, ["file_name", "file_too_large", "file_type"]),
    ],
)
def test_everything_that_stands_against_a_file_is_told_at_once(name: str, content: bytes, codes: list[str]) -> None:
    assert [failure.code for failure in faults(name, content, MOST)] == codes
