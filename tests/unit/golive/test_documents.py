"""A document passes when it is in the image and complete; a promise of later, a dead end, too few words fail it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from valeo_operator.api.golive import Check, Result
from valeo_operator.api.golivechecklist import DocumentWanted
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.golive.checks import look
from valeo_operator.golive.facts import Facts
from valeo_operator.golive.outcome import Outcome

PATH = "guides/PRINT.md"
WANTED = DocumentWanted(path=PATH, headings=("paper", "codes"))
WORDS = "Every paper that is posted says who issued it and when, and holds a code to pay it. " * 12
GOOD = f"# Printing\n\n## What is on the Paper\n\n{WORDS}\n\n## The codes\n\nSee [export](EXPORT.md#lists).\n"
THERE = frozenset({PATH, "guides/EXPORT.md"})


def seen(text: str | None = GOOD, **facts: Any) -> Outcome:
    documents = {} if text is None else {PATH: text}
    return look(
        Check.DOCUMENT,
        Facts(an_erp(), datetime(2026, 1, 5, tzinfo=UTC), **{"handbook": THERE, "documents": documents, **facts}),
        WANTED,
    )


def test_a_document_that_is_there_and_complete_passes() -> None:
    assert seen().result is Result.PASS
    assert seen().evidence["headings"] == ["Printing", "What is on the Paper", "The codes"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# Printing\n", "no heading speaks of 'paper'"),
        (GOOD.replace(WORDS, "Short."), "words, fewer than"),
        (GOOD + "\nTODO: the rest\n", "the placeholder 'TODO'"),
        (GOOD + "\nThis section is to be written.\n", "the placeholder 'to be written'"),
        (GOOD + "\nBusiness Owner: ____________\n", "placeholder"),
        (GOOD.replace("EXPORT.md", "NOWHERE.md"), "leads to NOWHERE.md#lists, which is not there"),
        (GOOD.replace("## The codes", "```\n## The codes\n```"), "no heading speaks of 'codes'"),
    ],
)
def test_a_document_that_is_not_complete_fails_and_says_what_is_missing(text: str, why: str) -> None:
    assert seen(text).result is Result.FAIL
    assert why in seen(text).message


def test_what_stands_in_an_example_is_no_placeholder_and_other_links_are_not_looked_at() -> None:
    text = f"{GOOD}\n```sh\ngrep TODO file\n```\n[a](https://example.com/x.md) [b](../../README.md) ![c](no.md)\n"

    assert seen(text).result is Result.PASS


def test_a_document_that_is_not_in_the_image_fails() -> None:
    assert seen(None, handbook=frozenset({"guides/EXPORT.md"})).message == f"{PATH} is not in the image."


def test_an_image_without_a_handbook_shows_nothing() -> None:
    assert seen(handbook="/handbook answers 404").result is Result.UNKNOWN
    assert seen(None).result is Result.UNKNOWN
    assert look(Check.DOCUMENT, Facts(an_erp(), datetime(2026, 1, 5, tzinfo=UTC))).result is Result.UNKNOWN


def an_erp() -> ValeoERP:
    return ValeoERP.model_validate(
        {
            "metadata": {"name": "acme", "namespace": "acme", "uid": "u"},
            "spec": {"image": "valeo-erp:1", "publicURL": "https://erp.example.com", "auth": {"issuer": "https://id"}},
        }
    )
