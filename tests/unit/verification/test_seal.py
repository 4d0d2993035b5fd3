"""The code on a paper belongs to this paper alone."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from valeo_erp.kernel.problems import Problem
from valeo_erp.verification.bound import Bound
from valeo_erp.verification.seal import Paper, Seal

SEAL = Seal(lambda: (b"k" * 32,), "https://erp.hofmann.example/")
PAPER = Paper(UUID(int=1), UUID(int=2), "INV-2026-00001", date(2026, 7, 20), Decimal("10595.63"), "EUR")


def test_the_code_of_a_paper_is_genuine_and_fits_into_an_address() -> None:
    code = SEAL.code(PAPER)

    assert SEAL.genuine(PAPER, code)
    assert SEAL.address(PAPER) == f"https://erp.hofmann.example/verify/{PAPER.document_id}?code={code}"
    assert len(code) == 22
    assert code.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "other",
    [
        replace(PAPER, tenant_id=UUID(int=9)),
        replace(PAPER, document_id=UUID(int=9)),
        replace(PAPER, number="INV-2026-00002"),
        replace(PAPER, document_date=date(2026, 7, 21)),
        replace(PAPER, gross_total=Decimal("10594.28")),
        replace(PAPER, currency="CHF"),
    ],
)
def test_the_code_of_one_paper_is_not_that_of_another(other: Paper) -> None:
    assert not SEAL.genuine(other, SEAL.code(PAPER))


@pytest.mark.parametrize("code", ["", "x", "ümlaut", "\ud800", "A" * 22, "A" * 200])
def test_what_is_no_code_is_not_genuine(code: str) -> None:
    assert not SEAL.genuine(PAPER, code)


def test_a_code_that_was_made_with_a_key_of_before_stays_genuine_and_the_newest_key_makes_new_ones() -> None:
    old, new = b"k" * 32, b"n" * 32
    both = Seal(lambda: (new, old), SEAL.public_url)
    assert both.genuine(PAPER, SEAL.code(PAPER))
    assert both.code(PAPER) == Seal(lambda: (new,), SEAL.public_url).code(PAPER)
    assert not Seal(lambda: (new,), SEAL.public_url).genuine(PAPER, SEAL.code(PAPER))


def test_another_installation_makes_other_codes() -> None:
    assert Seal(lambda: (b"x" * 32,), SEAL.public_url).code(PAPER) != SEAL.code(PAPER)


def test_trailing_zeros_of_an_amount_do_not_matter() -> None:
    assert SEAL.genuine(
        replace(PAPER, gross_total=Decimal("10.5")), SEAL.code(replace(PAPER, gross_total=Decimal("10.50")))
    )


def test_who_asks_too_often_is_told_when_to_come_back() -> None:
    bound = Bound(per_minute=3)
    for _ in range(3):
        bound.take()

    with pytest.raises(Problem) as caught:
        bound.take()

    assert (caught.value.status, caught.value.code) == (429, "too_many_verifications")
    assert 1 <= int(caught.value.headers["Retry-After"]) <= 60
