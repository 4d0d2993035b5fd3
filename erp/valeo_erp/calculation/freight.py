"""How freight is shared among the tax rates of the goods that it goes with. Pure.

Freight is a side service: it is taxed as the goods are (Abschn. 3.10 UStAE), by the share of their nets.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from valeo_erp.kernel.money import CENT


def split(amount: Decimal, nets: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Shares in whole cents whose sum is the amount: the cents that are left go to the largest remainders.

    Args:
        amount: to be shared, in cents' steps.
        nets: by tax code, none less than zero; goods that are all worth nothing share equally.
    """
    whole = sum(nets.values())
    weights = {code: Fraction(net) / Fraction(whole) if whole else Fraction(1, len(nets)) for code, net in nets.items()}
    cents = {code: Fraction(amount) * 100 * weight for code, weight in weights.items()}
    floors = {code: int(exact) for code, exact in cents.items()}
    left = int(amount * 100) - sum(floors.values())
    for code in sorted(cents, key=lambda code: (floors[code] - cents[code], code))[:left]:
        floors[code] += 1
    return {code: (Decimal(floor) * CENT).quantize(CENT) for code, floor in floors.items()}
