"""VAT ids: published ones pass, one wrong digit does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valeo_erp.parties.vat_ids import vat_id_fault

# Examples of the authorities and of companies that print theirs on every paper.
REAL = [
    "DE136695976",
    "DE129273398",
    "DE811569869",
    "ATU13585627",
    "ATU33864707",
    "BE0428759497",
    "DK13585628",
    "IT00743110157",
    "LU15027442",
    "NL004495445B01",
    "NL000099998B57",
    "PL8567346215",
]


@pytest.mark.parametrize("vat_id", [*REAL, "FR40303265045", "CHE123456789MWST", "US12"])
def test_an_id_that_was_given_out_passes(vat_id: str) -> None:
    assert vat_id_fault(vat_id) is None


@pytest.mark.parametrize(
    "vat_id", ["DE13669597", "DE036695976", "ATX13585627", "BE2428759497", "NL004495445C01", "FR1"]
)
def test_another_form_is_told(vat_id: str) -> None:
    assert vat_id_fault(vat_id) == f"{vat_id} does not have the form of a VAT id of {vat_id[:2]}."


@given(st.sampled_from([one for one in REAL if one[:2] in {"DE", "IT", "AT", "DK", "PL"}]), st.data())
def test_one_wrong_digit_is_found(vat_id: str, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from([at for at in range(3, len(vat_id)) if vat_id[at].isdigit()]))
    digit = data.draw(st.sampled_from([sign for sign in "0123456789" if sign != vat_id[place]]))
    wrong = vat_id[:place] + digit + vat_id[place + 1 :]
    fault = vat_id_fault(wrong)
    assert fault is not None
    assert wrong in fault
