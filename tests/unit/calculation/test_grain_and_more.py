"""Grain, discounts, farmers, freight and a buyer's own tax: worked out by hand, and against fractions."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valeo_erp.calculation.settlement import Quality, drying, settled_quantity
from valeo_erp.calculation.shares import split
from valeo_erp.calculation.totals import PricedLine, calculate

WHEAT = Quality(Decimal("14.5"), Decimal(2), Decimal("14.5"), Decimal("1.3"), Decimal(2), Decimal("0.42"))
MAIZE = Quality(Decimal(15), Decimal(2), Decimal(15), Decimal("1.3"), Decimal(2), Decimal("0.48"))
RAPE = Quality(Decimal(9), Decimal(2), Decimal(9), Decimal("1.2"), Decimal(2), Decimal("0.85"))


def measured(terms: Quality, moisture: str, impurity: str = "2") -> Quality:
    return replace(terms, moisture=Decimal(moisture), impurity=Decimal(impurity))


def line(
    quantity: str,
    price: str,
    rate: str = "7.8",
    units: str = "dt/dt",
    discount: str = "0",
    document: str = "0",
    quality: Quality | None = None,
    own: str = "0",
) -> PricedLine:
    unit, price_unit = units.split("/")
    return PricedLine(
        quantity=Decimal(quantity),
        unit=unit,
        unit_price=Decimal(price),
        price_base=Decimal(1),
        price_unit=price_unit,
        discount=Decimal(discount),
        tax_code=f"rate{rate}",
        tax_rate=Decimal(rate),
        tax_account="1570",
        document_discount=Decimal(document),
        quality=quality,
        self_assessed_rate=Decimal(own),
        self_assessed_account="1774" if own != "0" else "",
    )


@dataclass(frozen=True)
class Worked:
    """A case worked out by hand.

    Attributes:
        source: the law, the term of trade or the working.
        taxes: each as tax, or tax+own tax of the buyer.
    """

    source: str
    lines: tuple[PricedLine, ...]
    nets: str
    taxes: str
    gross: str


BY_HAND = [
    Worked("§24 UStG, from 2025: 7.8 %; 100 dt x 18.00", (line("100", "18"),), "1800.00", "140.40", "1940.40"),
    Worked("§24 UStG, 6 to 31 December 2024: 8.4 %", (line("100", "18", "8.4"),), "1800.00", "151.20", "1951.20"),
    Worked("§24 UStG, 2023 to 5 December 2024: 9 %", (line("100", "18", "9"),), "1800.00", "162.00", "1962.00"),
    Worked("§24 UStG, 2022: 9.5 %", (line("100", "18", "9.5"),), "1800.00", "171.00", "1971.00"),
    Worked("§24 UStG, up to 2021: 10.7 %", (line("100", "18", "10.7"),), "1800.00", "192.60", "1992.60"),
    Worked("§24: 87.65 x 7.8 % = 6.8367 -> 6.84", (line("1", "87.65"),), "87.65", "6.84", "94.49"),
    Worked("§24: 62.50 x 7.8 % = 4.875 -> 4.88 (half up)", (line("1", "62.50"),), "62.50", "4.88", "67.38"),
    Worked("§19 UStG: a small business shows no tax", (line("3", "33.33", "0"),), "99.99", "0.00", "99.99"),
    Worked("§4 no. 1 b UStG: supply within the EU, free", (line("245", "20.40", "0"),), "4998.00", "0.00", "4998.00"),
    Worked("§1a UStG: the buyer owes 7 % of 179.50 = 12.565 -> 12.57 itself", (line("10", "17.95", "0", own="7"),),
           "179.50", "0.00+12.57", "179.50"),
    Worked("§1a UStG: 19 % of 412.00 = 78.28", (line("1", "412", "0", "t/t", own="19"),),
           "412.00", "0.00+78.28", "412.00"),
    Worked("§13b UStG: a repair, 19 % of 1250.50 = 237.595 -> 237.60", (line("1", "1250.50", "0", "piece/piece",
           own="19"),), "1250.50", "0.00+237.60", "1250.50"),
    Worked("§28 UStG, second half of 2020: 5 %", (line("245", "20.40", "5"),), "4998.00", "249.90", "5247.90"),
    Worked("§28 UStG, second half of 2020: 16 %", (line("1", "298", "16", "t/t"),), "298.00", "47.68", "345.68"),
    Worked("at base moisture and base impurity nothing is deducted", (line("100", "18", quality=WHEAT),),
           "1800.00", "140.40", "1940.40"),
    Worked("below the bases nothing is added", (line("100", "18", quality=measured(WHEAT, "12", "0.5")),),
           "1800.00", "140.40", "1940.40"),
    # 1 % x 1.3 = 1.3 %: 98.7 dt x 18 = 1776.60; drying 1 x 0.42 x 100 = 42.00 -> 1734.60; x 7.8 % = 135.2988
    Worked("wheat at 15.5 %", (line("100", "18", quality=measured(WHEAT, "15.5")),), "1734.60", "135.30", "1869.90"),
    # 2 % x 1.3 = 2.6 %: 97.4 x 18 = 1753.20; less 84.00 = 1669.20; x 7.8 % = 130.1976
    Worked("wheat at 16.5 %", (line("100", "18", quality=measured(WHEAT, "16.5")),), "1669.20", "130.20", "1799.40"),
    # 3.7 x 1.3 = 4.81 %: 95.19 x 18 = 1713.42; less 3.7 x 0.42 x 100 = 155.40 -> 1558.02; x 7.8 % = 121.52556
    Worked("wheat at 18.2 %", (line("100", "18", quality=measured(WHEAT, "18.2")),), "1558.02", "121.53", "1679.55"),
    # 0.1 x 1.3 = 0.13 %: 99.87 x 18 = 1797.66; less 4.20 = 1793.46; x 7.8 % = 139.88988
    Worked("wheat at 14.6 %", (line("100", "18", quality=measured(WHEAT, "14.6")),), "1793.46", "139.89", "1933.35"),
    # impurity 3.5: 1.5 % out: 98.5 x 18 = 1773.00; x 7.8 % = 138.294
    Worked("wheat with 3.5 % impurity", (line("100", "18", quality=measured(WHEAT, "14", "3.5")),),
           "1773.00", "138.29", "1911.29"),
    # 99 % clean, of it 97.4 % dry: 96.426 dt x 18 = 1735.668; less 84.00 = 1651.668 -> 1651.67; x 7.8 % = 128.83026
    Worked("wheat at 16.5 % with 3 % impurity", (line("100", "18", quality=measured(WHEAT, "16.5", "3")),),
           "1651.67", "128.83", "1780.50"),
    # 248.8 x 0.996 x 0.974 = 241.3618752 -> 241.3619 x 18.20 = 4392.78658; less 208.992 = 4183.79458; tax 326.33562
    Worked("24,880 kg at 16.5 % with 2.4 %", (line("248.8", "18.20", quality=measured(WHEAT, "16.5", "2.4")),),
           "4183.79", "326.34", "4510.13"),
    # 10 % x 1.3 = 13 %: 87 x 17.25 = 1500.75; less 10 x 0.48 x 100 = 480.00 -> 1020.75; x 7.8 % = 79.6185
    Worked("maize at 25 %", (line("100", "17.25", quality=measured(MAIZE, "25")),), "1020.75", "79.62", "1100.37"),
    # 20 % x 1.3 = 26 %: 74 x 17.25 = 1276.50; less 960.00 = 316.50; x 7.8 % = 24.687
    Worked("maize at 35 %", (line("100", "17.25", quality=measured(MAIZE, "35")),), "316.50", "24.69", "341.19"),
    # 2 % x 1.2 = 2.4 %: 97.6 x 40.92 = 3993.792; less 2 x 0.85 x 100 = 170 -> 3823.792 -> 3823.79; x 7.8 % = 298.25562
    Worked("rape at 11 %", (line("100", "40.92", quality=measured(RAPE, "11")),), "3823.79", "298.26", "4122.05"),
    # in tonnes, priced by the dt: 10 t settled 9.87 t = 98.7 dt x 18 = 1776.60; drying of 100 dt 42.00
    Worked("tonnes settled, decitonnes priced", (line("10", "18", units="t/dt", quality=measured(WHEAT, "15.5")),),
           "1734.60", "135.30", "1869.90"),
    # in kilograms: 10,000 kg settled 9,870 kg; the same amounts
    Worked("kilograms settled", (line("10000", "18", units="kg/dt", quality=measured(WHEAT, "15.5")),),
           "1734.60", "135.30", "1869.90"),
    # 0.0007 t x 0.987 = 0.00069090 -> 0.0007 t: the weight is rounded once; 0.007 dt x 18 = 0.126; drying 0.00294
    Worked("a handful", (line("0.0007", "18", units="t/dt", quality=measured(WHEAT, "15.5")),), "0.12", "0.01", "0.13"),
    # the discount is on the grain, not on drying: 98.7 x 18 x 0.98 = 1741.068; less 42 = 1699.068; x 7.8 % = 132.52746
    Worked("2 % discount beside drying", (line("100", "18", discount="2", quality=measured(WHEAT, "15.5")),),
           "1699.07", "132.53", "1831.60"),
    # 10 x 100 x 0.9 = 900.00; x 19 %
    Worked("10 % on the document", (line("10", "100", "19", document="10"),), "900.00", "171.00", "1071.00"),
    # 10 x 100 x 0.95 x 0.9 = 855.00; x 19 % = 162.45
    Worked("5 % on the line, then 10 % on the document", (line("10", "100", "19", discount="5", document="10"),),
           "855.00", "162.45", "1017.45"),
    # 9.99 x 0.97 = 9.6903 -> 9.69; 0.33 x 0.97 = 0.3201 -> 0.32; tax of 10.01 x 19 % = 1.9019
    Worked("3 % on the document, rounded by the line", (line("1", "9.99", "19", document="3"),
           line("1", "0.33", "19", document="3")), "9.69 0.32", "1.90", "11.91"),
    # 0.5 x 0.99 = 0.495 -> 0.50; x 19 % = 0.095 -> 0.10
    Worked("half a cent goes up twice", (line("1", "0.5", "19", document="1"),), "0.50", "0.10", "0.60"),
    # a reversal: every amount of the lorry above, negative
    Worked("a reversal is the mirror", (line("-248.8", "18.20", quality=measured(WHEAT, "16.5", "2.4")),),
           "-4183.79", "-326.34", "-4510.13"),
    # 1836.00 + 40.64 at 7 % = 131.3648 -> 131.36; 2682.00 + 59.36 at 19 % = 520.8584 -> 520.86
    Worked("freight of 100.00 shared 1836 : 2682 (Abschn. 3.10 UStAE)", (line("100", "20.40", "7", document="10"),
           line("10", "298", "19", "t/t", document="10"), line("1", "40.64", "7", "t/t"),
           line("1", "59.36", "19", "t/t")),
           "1836.00 2682.00 40.64 59.36", "520.86 131.36", "5270.22"),
    # two rates and a free line: 19 % of 725.00 = 137.75, 7 % of 4953.39 = 346.7373
    Worked("three rates on one paper", (line("25", "29", "19", "piece/piece"), line("82", "61.64", "7", discount="2"),
           line("1", "100", "0")), "725.00 4953.39 100.00", "137.75 346.74 0.00", "6262.88"),
    # 20.405 x 1000 = 20405.00; x 7 % = 1428.35
    Worked("a price with three places", (line("1000", "20.405", "7"),), "20405.00", "1428.35", "21833.35"),
]  # fmt: skip


@pytest.mark.parametrize("case", BY_HAND, ids=[case.source for case in BY_HAND])
def test_amounts_are_those_worked_out_by_hand(case: Worked) -> None:
    totals = calculate(case.lines)
    taxes = [f"{tax.tax}+{tax.self_assessed}" if tax.self_assessed else str(tax.tax) for tax in totals.taxes]
    assert " ".join(str(net) for net in totals.nets) == case.nets
    assert " ".join(taxes) == case.taxes
    assert str(totals.gross_total) == case.gross


def percents(most: int, places: int = 4) -> st.SearchStrategy[Decimal]:
    return st.decimals(0, most, places=places, allow_nan=False, allow_infinity=False)


qualities = st.builds(
    Quality,
    moisture=percents(100),
    impurity=percents(100),
    base_moisture=percents(30),
    shrinkage=percents(3),
    base_impurity=percents(10),
    drying_price=percents(5, 6),
)
quantities = st.decimals(Decimal("0.0001"), Decimal(99999), places=4, allow_nan=False, allow_infinity=False)


def half_up(exact: Fraction, places: int) -> Decimal:
    """By whole numbers: independent of `decimal`'s rounding."""
    sign = -1 if exact < 0 else 1
    return Decimal(sign * floor(abs(exact) * 10**places + Fraction(1, 2))).scaleb(-places)


def settled_in_fractions(quantity: Decimal, quality: Quality) -> Decimal:
    dirt = max(Fraction(0), Fraction(quality.impurity) - Fraction(quality.base_impurity)) / 100
    wet = max(Fraction(0), Fraction(quality.moisture) - Fraction(quality.base_moisture))
    kept = (1 - dirt) * max(Fraction(0), 1 - wet * Fraction(quality.shrinkage) / 100)
    return half_up(Fraction(quantity) * kept, 4)


@given(quantities, qualities)
def test_the_settled_weight_is_that_of_an_independent_calculation(quantity: Decimal, quality: Quality) -> None:
    settled = settled_quantity(quantity, quality)
    assert settled == settled_in_fractions(quantity, quality)
    assert 0 <= settled <= quantity
    assert settled_quantity(-quantity, quality) == -settled


@given(quantities, qualities, percents(100), percents(100), percents(999, 6))
def test_the_net_of_a_settled_line_is_that_of_an_independent_calculation(
    quantity: Decimal, quality: Quality, own: Decimal, document: Decimal, price: Decimal
) -> None:
    priced = replace(line("1", "1"), quantity=quantity, unit_price=price, discount=own, document_discount=document)
    [net] = calculate([replace(priced, quality=quality)]).nets
    wet = max(Fraction(0), Fraction(quality.moisture) - Fraction(quality.base_moisture))
    left = (1 - Fraction(own) / 100) * (1 - Fraction(document) / 100)
    grain = Fraction(settled_in_fractions(quantity, quality)) * Fraction(price) * left
    assert net == half_up(grain - Fraction(quantity) * wet * Fraction(quality.drying_price), 2)


@given(
    st.decimals(0, 99999, places=2, allow_nan=False, allow_infinity=False),
    st.dictionaries(st.sampled_from("abcdef"), percents(99999, 2), min_size=1),
)
def test_shares_are_whole_cents_that_make_up_the_amount(amount: Decimal, weights: dict[str, Decimal]) -> None:
    shares = split(amount, weights)
    whole = sum(weights.values())
    assert sum(shares.values()) == amount
    assert shares.keys() == weights.keys()
    for key, share in shares.items():
        exact = Fraction(amount) * (Fraction(weights[key]) / Fraction(whole) if whole else Fraction(1, len(weights)))
        assert abs(Fraction(share) - exact) < Fraction(1, 100)


def test_nothing_is_dried_that_is_dry() -> None:
    assert drying(None) == drying(measured(WHEAT, "14.5")) == 0
