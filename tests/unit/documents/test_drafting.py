"""From what somebody wrote to a content: defaults, prices, rates, and every fault at once."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from valeo_erp.documents.content_hash import content_hash
from valeo_erp.documents.document import Document, Kind, PartySnapshot, State
from valeo_erp.documents.drafting import FaultyDraftError, draw_up, new_document, rewritten
from valeo_erp.documents.known import KnownItem, KnownParty, KnownTax, Masters
from valeo_erp.documents.schemas import DocumentBody

TODAY = date(2026, 3, 10)
AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
ADDRESS = PartySnapshot("10001", "Hof", "Weg 1", "94315", "Straubing", "DE", None)
PARTY = KnownParty(uuid4(), active=True, payment_days=30, snapshot=ADDRESS)
WHEAT = KnownItem(
    id=uuid4(),
    number="1010",
    name="Winterweizen",
    unit="dt",
    price_base=Decimal(1),
    list_price=Decimal("20.40"),
    tax_code="reduced",
    revenue_account="8300",
    active=True,
)
FEED = replace(
    WHEAT,
    id=uuid4(),
    number="2030",
    name="Milchleistungsfutter",
    unit="kg",
    price_base=Decimal(100),
    list_price=Decimal("27.90"),
)
MASTERS = Masters(PARTY, {item.id: item for item in (WHEAT, FEED)}, {"reduced": KnownTax(Decimal(7), "1771")})


def body(*lines: dict[str, Any], **more: Any) -> DocumentBody:
    given = lines or ({"item_id": str(WHEAT.id), "quantity": "24.5", "unit": "t"},)
    return DocumentBody.model_validate({"party_id": str(PARTY.id), "lines": list(given), **more})


def faults(written: DocumentBody, masters: Masters = MASTERS) -> list[tuple[str, str | None]]:
    with pytest.raises(FaultyDraftError) as caught:
        draw_up(Kind.INVOICE, written, masters, TODAY)
    return [(failure.code, failure.field) for failure in caught.value.failures]


def document(written: DocumentBody | None = None) -> Document:
    return new_document(
        uuid4(), uuid4(), Kind.INVOICE, draw_up(Kind.INVOICE, written or body(), MASTERS, TODAY), "olga", AT
    )


def test_what_is_left_out_comes_from_master_data_and_today() -> None:
    content = draw_up(Kind.INVOICE, body({"item_id": str(FEED.id), "quantity": "1250"}), MASTERS, TODAY)
    [line] = content.lines
    assert (line.unit, line.unit_price) == ("kg", Decimal("27.90"))
    assert (line.price_base, line.price_unit) == (Decimal(100), "kg")
    assert (line.description, line.item_number) == ("Milchleistungsfutter", "2030")
    assert (line.tax_rate, line.revenue_account) == (Decimal(7), "8300")
    assert line.net == Decimal("348.75")
    assert (content.document_date, content.supply_date, content.due_date) == (TODAY, TODAY, date(2026, 4, 9))


def test_the_supply_date_is_the_document_date_unless_said_otherwise() -> None:
    content = draw_up(Kind.INVOICE, body(document_date="2026-02-01"), MASTERS, TODAY)
    assert content.supply_date == date(2026, 2, 1)


def test_a_quantity_in_tonnes_is_priced_by_the_decitonne() -> None:
    assert draw_up(Kind.INVOICE, body(), MASTERS, TODAY).totals.net_total == Decimal("4998.00")


def test_every_fault_is_told_at_once_with_its_field() -> None:
    unknown = str(uuid4())
    written = body(
        {"item_id": unknown, "quantity": "1"},
        {"item_id": str(WHEAT.id), "quantity": "1", "unit": "l"},
        document_date="2026-03-10",
        due_date="2026-03-09",
    )
    old = replace(WHEAT, active=False, tax_code="gone")
    masters = replace(MASTERS, party=replace(PARTY, active=False), items={WHEAT.id: old})
    assert faults(written, masters) == [
        ("party_inactive", "party_id"),
        ("due_before_document", "due_date"),
        ("item_unknown", "lines.0.item_id"),
        ("item_inactive", "lines.1.item_id"),
        ("unit_mismatch", "lines.1.unit"),
        ("no_tax_rate", "lines.1.item_id"),
    ]


def test_an_unknown_party_is_a_fault() -> None:
    assert faults(body(), replace(MASTERS, party=None)) == [("party_unknown", "party_id")]


def test_an_amount_that_can_not_be_stored_is_a_fault_of_its_line() -> None:
    huge = {"item_id": str(WHEAT.id), "quantity": "99999999999", "unit_price": "9999999999999"}
    assert faults(body(huge)) == [("amount_too_large", "lines.0")]


def test_a_sum_that_can_not_be_stored_is_a_fault_of_all_lines() -> None:
    large = {"item_id": str(WHEAT.id), "quantity": "1", "unit_price": "9999999999999"}
    assert faults(body(large, large)) == [("amount_too_large", "lines")]


def test_a_new_document_is_a_draft_without_number() -> None:
    draft = document()
    assert (draft.state, draft.version, draft.number, draft.created_by) == (State.DRAFT, 1, None, "olga")


def test_another_content_takes_submission_and_approval_away() -> None:
    approved = replace(
        document(), state=State.APPROVED, version=4, submitted_by="olga", approved_by="max", approved_hash=b"x"
    )
    changed = rewritten(approved, draw_up(Kind.INVOICE, body(note="Hoftor 3"), MASTERS, TODAY), "mia", AT)
    assert (changed.state, changed.version) == (State.DRAFT, 5)
    assert (changed.submitted_by, changed.approved_by, changed.approved_hash) == (None, None, None)
    assert (changed.created_by, changed.edited_by) == ("olga", "mia")


@pytest.mark.parametrize(
    "changed",
    [
        {"note": "x"},
        {"due_date": date(2026, 12, 31)},
        {"document_date": date(2026, 3, 11)},
        {"supply_date": date(2026, 3, 11)},
        {"party_id": UUID(int=1)},
        {"currency": "CHF"},
        {"gross_total": Decimal("1.00")},
        {"reverses_id": UUID(int=1)},
    ],
)
def test_an_approval_is_bound_to_every_part_of_the_head(changed: dict[str, Any]) -> None:
    draft = document()
    assert content_hash(replace(draft, **changed)) != draft.content_hash


@pytest.mark.parametrize(
    "changed",
    [
        {"quantity": Decimal("24.5001")},
        {"unit_price": Decimal("20.400001")},
        {"discount": Decimal("0.0001")},
        {"description": "Weizen"},
        {"unit": "kg"},
        {"price_unit": "kg"},
        {"price_base": Decimal("2.0000")},
        {"tax_rate": Decimal("19.0000")},
        {"tax_code": "standard"},
        {"net": Decimal("0.01")},
        {"item_id": UUID(int=1)},
        {"item_number": "1"},
        {"revenue_account": "8400"},
        {"position": 2},
    ],
)
def test_an_approval_is_bound_to_every_part_of_a_line(changed: dict[str, Any]) -> None:
    draft = document()
    assert content_hash(replace(draft, lines=(replace(draft.lines[0], **changed),))) != draft.content_hash


def test_who_did_what_is_not_part_of_the_content() -> None:
    draft = document()
    assert content_hash(replace(draft, state=State.APPROVED, version=9, approved_by="max")) == draft.content_hash
