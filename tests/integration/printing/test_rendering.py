"""The renderer itself: same bytes, no network, nothing of a name becomes markup, every page complete."""

import hashlib
import io
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pypdf
import pytest
from tests.support.papers import DRAFT_FACTS, FACTS, INVOICE, PARTY, REVERSAL_FACTS, many_lines
from tests.support.pictures import qr_codes

from valeo_erp.documents.document import State
from valeo_erp.printing import render as renderer
from valeo_erp.printing.facts import PrintFacts
from valeo_erp.printing.formats import Language
from valeo_erp.printing.job import Limits, Rendered, TooLarge
from valeo_erp.printing.render import OfflineFetcher, html_of, render
from valeo_erp.printing.view import LineView, view_of

LIMITS = Limits()


def rendered(facts: PrintFacts, language: Language = Language.GERMAN) -> Rendered:
    made = render(view_of(facts, language), LIMITS)
    assert isinstance(made, Rendered)
    return made


def pages(facts: PrintFacts) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(rendered(facts).pdf)).pages]


def test_the_same_view_gives_the_same_bytes_in_another_process() -> None:
    script = (
        "import hashlib; from tests.support.papers import FACTS; from valeo_erp.printing.render import *; "
        "from valeo_erp.printing.view import view_of; from valeo_erp.printing.formats import Language; "
        "print(hashlib.sha256(render(view_of(FACTS, Language.GERMAN), Limits()).pdf).hexdigest())"
    )
    elsewhere = subprocess.check_output([sys.executable, "-c", script], text=True).strip()

    assert [hashlib.sha256(rendered(FACTS).pdf).hexdigest() for _ in range(2)] == [elsewhere] * 2


def test_every_page_of_a_draft_says_entwurf_and_its_page_number() -> None:
    draft = replace(many_lines(60), document=replace(many_lines(60).document, state=State.DRAFT, number=None))

    texts = pages(draft)

    assert len(texts) > 2
    for number, text in enumerate(texts, 1):
        assert "ENTWURF" in text
        assert f"Seite {number} von {len(texts)}" in text


def test_the_head_of_the_table_is_repeated_and_no_line_is_lost() -> None:
    texts = pages(many_lines(60))

    assert all("Einzelpreis" in text for text in texts[:-1])
    assert "\n".join(texts).count("Artikel A-0001") == 60


def test_title_and_language_are_in_the_file() -> None:
    reader = pypdf.PdfReader(io.BytesIO(rendered(FACTS, Language.ENGLISH).pdf))

    assert reader.metadata is not None
    assert reader.metadata.title == "Invoice INV-2026-00001"
    assert reader.metadata.author == "Landhandel Hofmann GmbH"
    assert reader.root_object.get("/Lang", "") == "en"


@pytest.mark.parametrize(
    "name",
    [
        '<img src="http://evil.example/a.png">',
        '"><link rel=stylesheet href="http://evil.example/a.css">',
        "<style>@import url(file:///etc/passwd)</style>",
        "{{ view.supplier.iban }}{% include 'x' %}",
        '<a rel=attachment href="file:///etc/passwd">',
    ],
)
def test_a_hostile_name_is_printed_as_it_is_and_reaches_nothing(name: str) -> None:
    hostile = replace(DRAFT_FACTS, document=replace(DRAFT_FACTS.document, party=replace(PARTY, name=name), note=name))

    made = rendered(hostile)

    assert made.refused_addresses == ()
    reader = pypdf.PdfReader(io.BytesIO(made.pdf))
    assert "".join(name.split()) in "".join(reader.pages[0].extract_text().split())
    assert list(reader.attachments) == []


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1/x.png", "https://evil.example/", "file:///etc/passwd", "data:text/css,a", "asset:../view.py"],
)
def test_the_renderer_fetches_nothing_from_outside_and_says_so(address: str) -> None:
    fetcher = OfflineFetcher()

    with pytest.raises(PermissionError):
        fetcher.fetch(address)

    assert fetcher.refused == [address]


def test_a_page_that_asks_for_something_outside_is_printed_without_it() -> None:
    view = view_of(FACTS, Language.GERMAN)
    html = html_of(view).replace("</body>", '<img src="http://evil.example/x.png"></body>')

    made = renderer._render(html, LIMITS, {}, view.letterhead)

    assert isinstance(made, Rendered)
    assert made.refused_addresses == ("http://evil.example/x.png",)


def test_a_document_of_more_pages_than_allowed_is_refused() -> None:
    assert render(view_of(many_lines(60), Language.GERMAN), Limits(pages=2)) == TooLarge(
        "it has 4 pages, at most 2 are printed"
    )


class Greedy(tuple[LineView, ...]):
    """Lines that need more memory than there is."""

    __slots__ = ()

    def __iter__(self) -> Iterator[LineView]:
        raise MemoryError


def test_a_document_that_needs_more_memory_than_allowed_is_refused() -> None:
    greedy = replace(view_of(FACTS, Language.GERMAN), lines=Greedy(view_of(FACTS, Language.GERMAN).lines))

    assert render(greedy, LIMITS) == TooLarge("it needs more than 1024 MB of memory")


def test_the_giro_code_is_read_from_the_page_as_banks_define_it() -> None:
    (read,) = qr_codes(rendered(FACTS).pdf)

    assert read.split("\n") == [
        "BCD", "002", "2", "SCT", "BYLADEM1001", "Landhandel Hofmann GmbH", "DE02120300000000202051", "EUR10595.63",
        "", "", "INV-2026-00001",
    ]  # fmt: skip


def test_both_codes_are_read_from_the_page() -> None:
    address = "https://erp.hofmann.example/verify/01980000-0000-7000-8000-0000000000aa?code=sAeZ0-_AQ7m2Ww3Gqv0b1A"
    made = render(view_of(FACTS, Language.ENGLISH, address), LIMITS)
    assert isinstance(made, Rendered)

    assert sorted(qr_codes(made.pdf))[1:] == [address]


@pytest.mark.parametrize("facts", [DRAFT_FACTS, REVERSAL_FACTS])
def test_nothing_to_pay_means_no_giro_code(facts: PrintFacts) -> None:
    assert qr_codes(rendered(facts).pdf) == []


def test_a_bundled_file_can_be_used_by_the_template() -> None:
    assert b"@page" in OfflineFetcher().fetch("asset:document.css").read()


def test_a_long_word_stays_inside_the_paper() -> None:
    wide = replace(FACTS, document=replace(INVOICE, lines=(replace(INVOICE.lines[0], description="W" * 200),)))

    assert "".join(pages(wide)[0].split()).count("W" * 200) == 1
