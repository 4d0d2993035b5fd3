"""The words of the page, and which language a browser gets."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from valeo_erp.documents.document import State
from valeo_erp.documents.lifecycle import Action
from valeo_erp.identity.scopes import Role
from valeo_erp.pages import rendering
from valeo_erp.pages.languages import language_of
from valeo_erp.pages.words import WORDS, did, problem_words
from valeo_erp.policies.rules import over_credit
from valeo_erp.printing.formats import Language

TEMPLATES = Path(rendering.__file__).parent / "templates"


def test_every_word_that_a_template_asks_for_exists() -> None:
    asked = {
        word
        for template in TEMPLATES.glob("*.html")
        for word in re.findall(r"""\bt\(["']([a-z_]+)["']\)""", template.read_text(encoding="utf-8"))
    }
    assert asked - WORDS.keys() == set()


@pytest.mark.parametrize("key", [*State, *Action, *Role, *(f"did_{action}" for action in Action)])
def test_every_state_action_and_role_has_words(key: str) -> None:
    german, english = WORDS[key]
    assert german
    assert english


def test_an_unknown_entry_of_the_history_is_shown_by_its_own_name() -> None:
    assert did("weigh", Language.GERMAN) == "weigh"


def test_a_refusal_of_a_credit_limit_names_every_number_in_german() -> None:
    failure = over_credit(Decimal(100), Decimal(50), Decimal(10), Decimal("40.01"))
    assert failure is not None
    assert problem_words(failure.code, failure.message, Language.GERMAN, failure.facts) == (
        "Offen sind 50,00 €, freigegeben 10,00 €, dazu kämen 40,01 €: 0,01 € mehr als das Kreditlimit von 100,00 €."
    )


def test_what_has_no_german_words_is_shown_as_the_api_says_it() -> None:
    assert problem_words("brand_new", "Something new.", Language.GERMAN) == "Something new."


@pytest.mark.parametrize(
    ("cookies", "accepted", "language"),
    [
        ({}, "", "de"),
        ({}, "en-GB,en;q=0.9,de;q=0.8", "en"),
        ({}, "fr, de;q=0.5, en;q=0.4", "de"),
        ({}, "fr", "de"),
        ({}, "en;q=0, fr", "de"),
        ({}, "en;q=much", "de"),
        ({"valeo-language": "en"}, "de", "en"),
        ({"valeo-language": "klingon"}, "en", "en"),
    ],
)
def test_the_chosen_language_counts_before_the_browsers(cookies: dict[str, str], accepted: str, language: str) -> None:
    assert language_of(cookies, accepted) == language


def test_german_words_say_what_was_seen_with_the_decimal_comma() -> None:
    facts = {"contrast": "1.88", "least": "4.5"}
    assert problem_words("contrast_too_low", "x", Language.GERMAN, facts) == (
        "Der Kontrast ist 1,88:1; verlangt sind 4,5:1 (WCAG 2.2)."
    )
    assert problem_words("contrast_too_low", "It is 1.88:1.", Language.ENGLISH, facts) == "It is 1.88:1."
