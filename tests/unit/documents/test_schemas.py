"""What a body may say: everything else is refused before anything is read."""

from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from valeo_erp.documents.schemas import MOST_LINES, DocumentBody

LINE = {"item_id": str(uuid4()), "quantity": "1"}


def given(line: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"party_id": str(uuid4()), "lines": [LINE | (line or {})], **more}


@pytest.mark.parametrize(
    "bad",
    [
        given(line={"quantity": "NaN"}),
        given(line={"quantity": "Infinity"}),
        given(line={"quantity": "1e400"}),
        given(line={"quantity": "0"}),
        given(line={"quantity": "-1"}),
        given(line={"quantity": "1.00001"}),
        given(line={"quantity": "1.0000000000000001"}),
        given(line={"quantity": ""}),
        given(line={"quantity": 1.5}),
        given(line={"quantity": "9" * 40}),
        given(line={"unit_price": "-0.01"}),
        given(line={"unit_price": "0.0000001"}),
        given(line={"discount": "100.01"}),
        given(line={"discount": "-1"}),
        given(line={"unit": "bushel"}),
        given(line={"description": "nul \x00"}),
        given(line={"description": "x" * 201}),
        given(line={"net": "1.00"}),
        given(document_date="2026-02-30"),
        given(document_date="10.03.2026"),
        given(document_date=20260310),
        given(document_date="1989-12-31"),
        given(document_date="2101-01-01"),
        given(currency="USD"),
        given(note="x" * 2001),
        given(number="INV-2026-00001"),
        given() | {"lines": []},
        given() | {"lines": [LINE] * (MOST_LINES + 1)},
        given() | {"party_id": "10001"},
    ],
)
def test_what_can_not_be_meant_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DocumentBody.model_validate(bad)


def test_the_documented_example_is_accepted() -> None:
    [example] = DocumentBody.model_json_schema()["examples"]
    assert len(DocumentBody.model_validate(example).lines) == 2
