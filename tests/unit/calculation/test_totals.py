"""The one calculation: worked out by hand, and against an independent one in fractions."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valeo_erp.calculation.totals import LARGEST, AmountTooLargeError, PricedLine, calculate
from valeo_erp.calculation.units import Unit, factor


def line(
    quantity: str, price: str, base: str = "1", discount: str = "0", rate: str = "19", units: str = "t/t"
) -> PricedLine:
    unit, price_unit = units.split("/")
    return PricedLine(
        quantity=Decimal(quantity),
        unit=unit,
        unit_price=Decimal(price),
        price_base=Decimal(base),
        price_unit=price_unit,
        discount=Decimal(discount),
        tax_code=f"rate{rate}",
        tax_rate=Decimal(rate),
        tax_account="1776",
    )


@dataclass(frozen=True)
class Worked:
    """A case worked out by hand; the comment beside it has the working."""

    lines: tuple[PricedLine, ...]
    nets: str
    taxes: str
    gross: str


BY_HAND = [
    # 24.5 t x 298.00 = 7301.00; x 19 % = 1387.19
    Worked((line("24.5", "298"),), "7301.00", "1387.19", "8688.19"),
    # 24.5 t = 245 dt x 20.40 = 4998.00; x 7 % = 349.86
    Worked((line("24.5", "20.40", rate="7", units="t/dt"),), "4998.00", "349.86", "5347.86"),
    # 1,250 kg at 27.90 per 100 kg = 348.75; x 7 % = 24.4125 -> 24.41
    Worked((line("1250", "27.90", base="100", rate="7", units="kg/kg"),), "348.75", "24.41", "373.16"),
    # 3.75 dt = 375 kg at 62.00 per 100 kg = 232.50; x 7 % = 16.275 -> 16.28 (half up)
    Worked((line("3.75", "62", base="100", rate="7", units="dt/kg"),), "232.50", "16.28", "248.78"),
    # 850 kg = 0.85 t x 412.00 = 350.20; x 19 % = 66.538 -> 66.54
    Worked((line("850", "412", units="kg/t"),), "350.20", "66.54", "416.74"),
    # 1,200 l at 128.90 per 100 l = 1546.80; x 19 % = 293.892 -> 293.89
    Worked((line("1200", "128.90", base="100", units="l/l"),), "1546.80", "293.89", "1840.69"),
    # 1 x 0.005 = 0.005 -> 0.01 (half up); x 19 % = 0.0019 -> 0.00
    Worked((line("1", "0.005"),), "0.01", "0.00", "0.01"),
    # 1 x 0.004999 -> 0.00
    Worked((line("1", "0.004999"),), "0.00", "0.00", "0.00"),
    # 1 x 2.675 = 2.675 -> 2.68, where binary floats give 2.67; x 19 % = 0.5092 -> 0.51
    Worked((line("1", "2.675"),), "2.68", "0.51", "3.19"),
    # 1 x 1.005 -> 1.01; x 19 % = 0.1919 -> 0.19
    Worked((line("1", "1.005"),), "1.01", "0.19", "1.20"),
    # 10 x 100.00 less 2.5 % = 975.00; x 19 % = 185.25
    Worked((line("10", "100", discount="2.5"),), "975.00", "185.25", "1160.25"),
    # 3 x 9.99 = 29.97 less 33.3333 % = 29.97 x 0.666667 = 19.98001... -> 19.98; x 19 % = 3.7962 -> 3.80
    Worked((line("3", "9.99", discount="33.3333"),), "19.98", "3.80", "23.78"),
    # less 100 % = 0.00
    Worked((line("7", "55.55", discount="100"),), "0.00", "0.00", "0.00"),
    # 1 at 10.00 per 3 = 3.333... -> 3.33; x 19 % = 0.6327 -> 0.63
    Worked((line("1", "10", base="3"),), "3.33", "0.63", "3.96"),
    # 2 at 10.00 per 3 = 6.666... -> 6.67; x 19 % = 1.2673 -> 1.27
    Worked((line("2", "10", base="3"),), "6.67", "1.27", "7.94"),
    # 0.0001 t x 298 = 0.0298 -> 0.03; x 19 % = 0.0057 -> 0.01
    Worked((line("0.0001", "298"),), "0.03", "0.01", "0.04"),
    # Three lines of 0.33: tax of the sum 0.99 x 19 % = 0.1881 -> 0.19, not 3 x 0.06 = 0.18
    Worked((line("1", "0.33"),) * 3, "0.33 0.33 0.33", "0.19", "1.18"),
    # Five lines of 0.125 -> 0.13 each, sum 0.65, not 0.625 -> 0.63; x 7 % = 0.0455 -> 0.05
    Worked((line("1", "0.125", rate="7"),) * 5, "0.13 0.13 0.13 0.13 0.13", "0.05", "0.70"),
    # 19 %: 100.00 -> 19.00; 7 %: 200.00 -> 14.00; 0 %: 50.00 -> 0.00; highest rate first; 350.00 + 33.00
    Worked((line("1", "50", rate="0"), line("2", "100", rate="7"), line("1", "100")), "50.00 200.00 100.00",
           "19.00 14.00 0.00", "383.00"),
    # Supplied in the second half of 2020: 1,000.00 x 16 % = 160.00
    Worked((line("1", "1000", rate="16"),), "1000.00", "160.00", "1160.00"),
    # A reversal is the mirror: -1 x 2.675 -> -2.68 (away from zero); x 19 % = -0.5092 -> -0.51
    Worked((line("-1", "2.675"),), "-2.68", "-0.51", "-3.19"),
    # The largest price for the smallest quantity: 0.0001 x 9,999,999,999,999.999999 = 999,999,999.9999999999 -> 10^9
    Worked((line("0.0001", "9999999999999.999999", rate="0"),), "1000000000.00", "0.00", "1000000000.00"),
]  # fmt: skip


@pytest.mark.parametrize("case", BY_HAND, ids=range(len(BY_HAND)))
def test_amounts_are_those_worked_out_by_hand(case: Worked) -> None:
    totals = calculate(case.lines)
    assert " ".join(str(net) for net in totals.nets) == case.nets
    assert " ".join(str(tax.tax) for tax in totals.taxes) == case.taxes
    assert str(totals.gross_total) == case.gross


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=places, allow_nan=False, allow_infinity=False)


any_line = st.builds(
    PricedLine,
    quantity=decimals("0.0001", "99999", 4),
    unit=st.sampled_from(["t", "dt", "kg"]),
    unit_price=decimals("0", "99999", 6),
    price_base=st.sampled_from([Decimal(1), Decimal(3), Decimal(7), Decimal(100), Decimal("0.0007")]),
    price_unit=st.sampled_from(["t", "dt", "kg"]),
    discount=decimals("0", "100", 4),
    tax_code=st.sampled_from(["standard", "reduced"]),
    tax_rate=st.sampled_from([Decimal(19), Decimal(16), Decimal(7), Decimal("5.5"), Decimal(0)]),
    tax_account=st.just("1776"),
)
KILOGRAMS = {"t": 1000, "dt": 100, "kg": 1}


def cents(exact: Fraction) -> Decimal:
    """Half up, by whole numbers: independent of `decimal`'s rounding."""
    return Decimal(floor(exact * 100 + Fraction(1, 2))).scaleb(-2)


def net_in_fractions(priced: PricedLine) -> Decimal:
    quantity = Fraction(priced.quantity) * KILOGRAMS[priced.unit] / KILOGRAMS[priced.price_unit]
    undiscounted = quantity * Fraction(priced.unit_price) / Fraction(priced.price_base)
    return cents(undiscounted * (1 - Fraction(priced.discount) / 100))


@given(st.lists(any_line, min_size=1, max_size=8))
def test_every_amount_is_that_of_an_independent_calculation_in_fractions(lines: list[PricedLine]) -> None:
    nets = [net_in_fractions(one) for one in lines]
    if any(net > LARGEST for net in nets):
        with pytest.raises(AmountTooLargeError):
            calculate(lines)
        return
    totals = calculate(lines)
    assert list(totals.nets) == nets
    expected: dict[tuple[str, Decimal], Decimal] = {}
    for one, net in zip(lines, nets, strict=True):
        expected[one.tax_code, one.tax_rate] = expected.get((one.tax_code, one.tax_rate), Decimal(0)) + net
    assert {(tax.code, tax.rate): tax.net for tax in totals.taxes} == expected
    for tax in totals.taxes:
        assert tax.tax == cents(Fraction(tax.net) * Fraction(tax.rate) / 100)
    assert totals.net_total == sum(nets)
    assert totals.gross_total == totals.net_total + sum(tax.tax for tax in totals.taxes)


@given(st.lists(any_line, min_size=1, max_size=8))
def test_a_reversal_is_the_exact_mirror(lines: list[PricedLine]) -> None:
    mirrored = [
        PricedLine(**{name: getattr(one, name) for name in one.__slots__} | {"quantity": -one.quantity})
        for one in lines
    ]
    try:
        totals, mirror = calculate(lines), calculate(mirrored)
    except AmountTooLargeError:
        return
    assert mirror.nets == tuple(-net for net in totals.nets)
    assert [tax.tax for tax in mirror.taxes] == [-tax.tax for tax in totals.taxes]
    assert mirror.gross_total == -totals.gross_total


def test_no_amount_is_a_negative_zero() -> None:
    totals = calculate([line("-7", "55.55", discount="100")])
    assert str(totals.nets[0]) == str(totals.taxes[0].tax) == "0.00"


def test_an_amount_that_can_not_be_stored_names_its_line() -> None:
    with pytest.raises(AmountTooLargeError) as caught:
        calculate([line("1", "1"), line("99999999999", "9999999999999")])
    assert caught.value.position == 1


def test_a_sum_that_can_not_be_stored_names_no_line() -> None:
    with pytest.raises(AmountTooLargeError) as caught:
        calculate([line("1", "9999999999999")] * 2)
    assert caught.value.position is None


def test_a_quantity_has_no_price_in_a_unit_of_something_else() -> None:
    with pytest.raises(ValueError, match="A quantity in l has no price per t"):
        calculate([line("1", "1", units="l/t")])


@pytest.mark.parametrize(
    ("unit", "into", "expected"),
    [
        (Unit.TONNE, Unit.DECITONNE, "10"),
        (Unit.TONNE, Unit.KILOGRAM, "1000"),
        (Unit.DECITONNE, Unit.TONNE, "0.1"),
        (Unit.KILOGRAM, Unit.TONNE, "0.001"),
        (Unit.LITRE, Unit.LITRE, "1"),
        (Unit.PIECE, Unit.KILOGRAM, None),
        (Unit.LITRE, Unit.KILOGRAM, None),
    ],
)
def test_weights_are_exchanged_exactly_and_nothing_else_is(unit: Unit, into: Unit, expected: str | None) -> None:
    assert factor(unit, into) == (None if expected is None else Decimal(expected))
