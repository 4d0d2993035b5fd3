"""How numbers are written."""

import pytest

from valeo_erp.numbering.series import written


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [(1, "INV-2026-00001"), (99999, "INV-2026-99999"), (100000, "INV-2026-100000")],
)
def test_a_number_has_five_digits_and_more_when_it_must(sequence: int, expected: str) -> None:
    assert written("INV", 2026, sequence) == expected
