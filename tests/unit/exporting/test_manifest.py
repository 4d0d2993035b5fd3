"""What an export says about itself."""

from datetime import UTC, date, datetime
from uuid import UUID

from valeo_erp.documents.document import Kind, State
from valeo_erp.documents.listing import ListFilter
from valeo_erp.exporting.manifest import Manifest, filter_text, instant_text
from valeo_erp.printing.formats import Language

NOON = datetime(2026, 7, 3, 12, tzinfo=UTC)


def test_a_filter_is_told_as_a_query_string_that_fits_into_a_header() -> None:
    everything = ListFilter(
        Kind.INVOICE, State.POSTED, UUID(int=1), date(2026, 1, 1), date(2026, 12, 31), "Möller\r\nX: y"
    )

    assert filter_text(ListFilter(Kind.INVOICE)) == "kind=invoice"
    assert filter_text(everything) == (
        "kind=invoice&state=posted&party_id=00000000-0000-0000-0000-000000000001"
        "&from_date=2026-01-01&to_date=2026-12-31&text=M%C3%B6ller%0D%0AX%3A+y"
    )


def test_an_instant_is_told_in_utc() -> None:
    assert instant_text(NOON) == "2026-07-03T12:00:00.000000Z"


def test_a_manifest_has_a_name_for_every_fact_in_each_language() -> None:
    manifest = Manifest(NOON, "kind=invoice", 2, 6, "ab" * 32)

    for language in Language:
        rows = manifest.rows(language)
        assert [value for _, value in rows[:5]] == [instant_text(NOON), "kind=invoice", "2", "6", "ab" * 32]
        assert len({name for name, _ in rows}) == len(rows)
