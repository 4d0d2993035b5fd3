"""How an amount is shared by weights, to the cent. Pure.

Freight is a side service: it is taxed as the goods are (Abschn. 3.10 UStAE), by the share of their nets. A cash
discount lowers every tax of an invoice by its share (§17 UStG).
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from valeo_erp.kernel.money import CENT


def split(amount: Decimal, weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Shares in whole cents whose sum is the amount: the cents that are left go to the largest remainders.

    Args:
        amount: to be shared, in cents' steps.
        weights: none less than zero; if all are zero they share equally.
    """
    whole = sum(weights.values())
    parts = {
        key: Fraction(one) / Fraction(whole) if whole else Fraction(1, len(weights)) for key, one in weights.items()
    }
    cents = {key: Fraction(amount) * 100 * part for key, part in parts.items()}
    floors = {key: int(exact) for key, exact in cents.items()}
    left = int(amount * 100) - sum(floors.values())
    for key in sorted(cents, key=lambda key: (floors[key] - cents[key], key))[:left]:
        floors[key] += 1
    return {key: (Decimal(floor) * CENT).quantize(CENT) for key, floor in floors.items()}
