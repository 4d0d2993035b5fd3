"""JSON, page and PDF say the same, and whoever changes one is found out."""

import io
import json
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.installation import DIGEST, HASH, NOON, erp, gate, release

from valeo_operator.api.golive import Result
from valeo_operator.golive.catalogue import shipped
from valeo_operator.golive.report.chain import DamagedReportError, opened, sealed
from valeo_operator.golive.report.document import Document, Made, Source, document
from valeo_operator.golive.report.page import page
from valeo_operator.golive.report.paper import ATTACHMENT, paper, says
from valeo_operator.golive.report.verify import verified
from valeo_operator.golive.report.words import WORDS, Language

PAGE = Path(__file__).parents[3] / "docs" / "admin" / "KUBECTL-VALEO.md"
NASTY = "</script><script>alert(1)</script> & <b>\u2028 ünïcode"
SHOWN = {"source": "configmap/trivy", "digest": DIGEST, "summary": NASTY}


def signed(name: str, gate_id: str) -> dict[str, Any]:
    spec = {
        "gate": gate_id,
        "releaseDigest": DIGEST,
        "checklistHash": HASH,
        "decision": "Approve",
        "role": "business-owner",
        "approver": {"user": "olivia@example.com", "groups": ["valeo:business-owners"]},
        "comment": NASTY,
    }
    return {"metadata": {"name": name, "creationTimestamp": "2026-01-05T11:00:00Z"}, "spec": spec}


def broken_glass() -> dict[str, Any]:
    spec = {
        "breakGlass": True,
        "releaseDigest": DIGEST,
        "reason": "The old one is down.",
        "compensatingControl": "Everybody watches.",
        "grantedBy": {"user": "wanda@example.com", "groups": ["valeo:go-live-waivers"]},
        "expiresAt": "2026-01-05T15:00:00Z",
    }
    return {"metadata": {"name": "w-1", "creationTimestamp": "2026-01-05T11:00:00Z"}, "spec": spec}


def made_from(number: int) -> Document:
    """A report about so many gates, with each result."""
    installed = erp()
    installed["spec"]["goLive"] = {"environment": "production"}
    results = ("Pass", "Fail", "Unknown", "Stale", "Pending", "Waived", "NotApplicable")
    entries = shipped().entries[-number:]
    gates = tuple(
        gate(entry.id, results[place % 7], message=NASTY, nextStep="Mend it.", shown=SHOWN)
        for place, entry in enumerate(entries)
    )
    source = Source(installed, release(), gates, (signed("a-1", "business-owner"),), (broken_glass(),), None)
    return document(source, Made(at=NOON, by="adam@example.com", version="0.1.0"))


@pytest.fixture(scope="module")
def report() -> Document:
    return made_from(143)


@pytest.fixture(scope="module")
def short() -> Document:
    """Few gates: setting a PDF takes seconds."""
    return made_from(14)


@pytest.fixture(scope="module")
def printed(short: Document) -> bytes:
    return paper(short, Language.GERMAN)


class Outline(HTMLParser):
    """Which elements a page has, and what is loaded by it."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[dict[str, str | None]] = []
        self.loads: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.scripts.append(dict(attrs))
        self.loads += [name for name, _ in attrs if name in {"src", "href", "onload", "onclick"}]
        if tag not in {"meta", "br", "col"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", Language)
def test_the_page_loads_nothing_and_runs_nothing(report: Document, language: Language) -> None:
    outline = Outline()
    outline.feed(page(report, language))

    assert outline.scripts == [{"type": "application/json", "id": "go-live-report"}]
    assert (outline.loads, outline.open) == ([], [])


def test_what_strangers_wrote_stays_text(report: Document) -> None:
    assert "<script>alert" not in page(report, Language.ENGLISH)
    assert "&lt;b&gt;" in page(report, Language.ENGLISH)


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (Language.ENGLISH, ["Go-live report", "No go:", "Emergency: the glass was broken", "Not applicable"]),
        (
            Language.GERMAN,
            ["Go-live-Bericht", "Keine Freigabe:", "Notfall: Die Scheibe", "Nicht zutreffend", "Produktion"],
        ),
    ],
)
def test_the_page_speaks_the_language(report: Document, language: Language, sentences: list[str]) -> None:
    told = page(report, language)

    assert [sentence for sentence in sentences if sentence not in told] == []
    assert f'<html lang="{language.value}">' in told


def test_both_languages_have_every_word() -> None:
    assert set(WORDS[Language.ENGLISH]) == set(WORDS[Language.GERMAN])


def test_every_result_is_in_the_totals_and_in_the_picture(report: Document) -> None:
    told = page(report, Language.ENGLISH)

    assert sum(report.totals.values()) == 143
    for result in Result:
        assert f"<td>{report.totals[result]}</td>" in told
    assert told.count("<g><title>") == len({(each.phase, each.section) for each in report.gates})


@pytest.mark.parametrize("language", Language)
def test_a_report_as_it_was_made_is_verified(report: Document, language: Language) -> None:
    digest = sealed(report)["digest"]

    assert verified(json.dumps(sealed(report)).encode()).digest == digest
    assert verified(page(report, language).encode()).digest == digest
    assert verified(page(report, language).encode()).report == report


def test_a_pdf_as_it_was_made_is_verified(short: Document, printed: bytes) -> None:
    assert verified(printed).digest == sealed(short)["digest"]


def test_the_pdf_shows_answer_digest_and_every_gate(short: Document, printed: bytes) -> None:
    told = "".join(says(printed).split())

    assert "KeineFreigabe:" in told
    assert sealed(short)["digest"] in told
    assert [each.gate for each in short.gates if each.gate not in told] == []


def test_the_chain_is_verified_by_the_few_lines_of_the_page_of_documentation(report: Document, tmp_path: Path) -> None:
    found = re.search(r"<!-- example: verify -->\n```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    (tmp_path / "go-live.json").write_text(json.dumps(sealed(report)))

    told = subprocess.run(["sh", "-c", found[1]], cwd=tmp_path, check=True, capture_output=True, text=True, timeout=30)

    assert told.stdout == f"whole {sealed(report)['digest']}\n"


@pytest.mark.parametrize(
    ("change", "entry"),
    [
        (lambda written: written["report"].update(answer="Go"), "head"),
        (lambda written: written["report"]["gates"][8].update(result="Pass"), "gates/"),
        (lambda written: written["report"]["gates"].pop(), "signOffs/a-1"),
        (lambda written: written["report"]["signOffs"][0].update(user="somebody"), "signOffs/a-1"),
        (lambda written: written["report"]["exemptions"].clear(), "entries"),
        (lambda written: written["chain"].pop(), "chain of"),
        (lambda written: written.pop("chain"), "no chain"),
        (lambda written: written.update(digest=DIGEST), "the digest of the report is"),
        (lambda written: written["report"].update(note="all is well"), "note: Extra inputs"),
        (lambda written: written["report"]["gates"][0].pop("line"), "gates.0.line: Field required"),
        (lambda written: written["report"]["made"].update(at="2026-01-05T13:00:00+01:00"), "head"),
        (lambda written: written["report"]["totals"].update(Pass="21"), "another form"),
        (lambda written: written.update(form="v0"), "not a report of the form"),
        (lambda written: written.update(report=None), "not a report of the form"),
    ],
)
def test_a_changed_report_is_found_out(report: Document, change: Any, entry: str) -> None:
    written = json.loads(json.dumps(sealed(report)))
    change(written)

    with pytest.raises(DamagedReportError) as found:
        opened(written)

    assert entry in str(found.value)


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("No go:", "Go:", "the page does not say what the data in it says"),
        (">Fail<", ">Pass<", "does not say"),
        ("<body>", "<body><p>All is well.</p>", "does not say"),
        ('lang="en"', 'lang="xx"', "unknown language: xx"),
        ('lang="en"', "", "unknown language: none is told"),
        ('id="go-live-report">', 'id="go-live-report">x', "no JSON"),
        ('"answer": "NoGo"', '"answer": "Go"', "head, or one before it, was changed"),
    ],
)
def test_a_changed_page_is_found_out(report: Document, before: str, after: str, complaint: str) -> None:
    told = page(report, Language.ENGLISH)
    assert before in told

    with pytest.raises(DamagedReportError, match=complaint):
        verified(told.replace(before, after, 1).encode())


def test_a_pdf_with_other_data_than_on_its_pages_is_found_out(short: Document, printed: bytes) -> None:
    made = pypdf.PdfWriter(clone_from=io.BytesIO(printed))
    other = short.model_copy(update={"remarks": ("Something was not read.",)})
    for attachment in list(made.attachment_list):
        attachment.delete()
    made.add_attachment(ATTACHMENT, json.dumps(sealed(other)).encode())
    written = io.BytesIO()
    made.write(written)

    with pytest.raises(DamagedReportError, match="the pages do not say what the data in the file says"):
        verified(written.getvalue())


def test_a_pdf_without_its_data_is_refused() -> None:
    made = pypdf.PdfWriter()
    made.add_blank_page(100, 100)
    written = io.BytesIO()
    made.write(written)

    with pytest.raises(DamagedReportError, match="carries no"):
        verified(written.getvalue())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b"<html>",
        b"%PDF-1.7 no",
        b"[" * 100_000,
        b'{"form": "valeoerp.io/go-live-report/v1"}',
    ],
)
def test_what_is_no_report_is_refused(content: bytes) -> None:
    with pytest.raises(DamagedReportError):
        verified(content)


@settings(max_examples=40, deadline=None)
@given(place=st.integers(0, 10**9), byte=st.integers(0, 255))
def test_no_single_changed_byte_of_a_page_stays_unseen(report: Document, place: int, byte: int) -> None:
    content = bytearray(page(report, Language.GERMAN).encode())
    place %= len(content)
    if content[place] == byte:
        return
    content[place] = byte

    with pytest.raises(DamagedReportError):
        verified(bytes(content))
