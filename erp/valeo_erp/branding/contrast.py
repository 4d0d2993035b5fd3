"""How well two colours can be told apart (WCAG 2.2, relative luminance and contrast ratio). Pure."""

from decimal import ROUND_DOWN, Decimal

LEAST_FOR_TEXT = Decimal("4.5")
"""Success criterion 1.4.3, for text of ordinary size."""

_RED, _GREEN, _BLUE = 0.2126, 0.7152, 0.0722
_LINEAR_BELOW = 0.04045


def contrast(one: str, other: str) -> Decimal:
    """The ratio, from 1 for the same colour to 21 for black on white; cut after two decimals, never rounded up.

    Args:
        one: as `#rrggbb`.
        other: likewise.
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    ratio = (lighter + 0.05) / (darker + 0.05)
    return Decimal(repr(round(ratio, 6))).quantize(Decimal("0.01"), ROUND_DOWN)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return _RED * red + _GREEN * green + _BLUE * blue


def _linear(channel: float) -> float:
    if channel <= _LINEAR_BELOW:
        return channel / 12.92
    linear: float = ((channel + 0.055) / 1.055) ** 2.4
    return linear
