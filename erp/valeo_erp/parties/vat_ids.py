"""Whether a VAT id can be one: its form by country, and its check digits where the algorithm is public. Pure.

Sources: the structures of the EU's VIES; check digits by ISO 7064 MOD 11,10 (Germany) and the published rules of
Austria, Belgium, Denmark, Italy, Luxembourg, the Netherlands and Poland. That an id can be one does not say that it was
given out.
"""

import re
from collections.abc import Callable

_FORMS: dict[str, str] = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CH": r"E\d{9}(MWST|TVA|IVA)?",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"[1-9]\d{8}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}",
    "LT": r"(\d{9}|\d{12})",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"[A-Z0-9+*]{9}B[A-Z0-9+*]{2}",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{12}",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
    "XI": r"(\d{9}|\d{12}|GD\d{3}|HA\d{3})",
}


def vat_id_fault(vat_id: str) -> str | None:
    """What is wrong with a VAT id, in words; None if it can be one. Ids of other countries are not looked into."""
    country, rest = vat_id[:2], vat_id[2:]
    form = _FORMS.get(country)
    if form is None:
        return None
    if re.fullmatch(form, rest) is None:
        return f"{vat_id} does not have the form of a VAT id of {country}."
    check = _CHECKS.get(country)
    if check is not None and not check(rest):
        return f"The check digit of {vat_id} is wrong; one of its digits must be another."
    return None


def _digits(text: str) -> list[int]:
    return [int(digit) for digit in text]


def _weighted(digits: list[int], weights: tuple[int, ...]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False))


def _austria(rest: str) -> bool:
    digits = _digits(rest[1:])
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1:7:2])
    return (10 - (sum(digits[0:7:2]) + doubled + 4) % 10) % 10 == digits[7]


def _belgium(rest: str) -> bool:
    return 97 - int(rest[:8]) % 97 == int(rest[8:])


def _germany(rest: str) -> bool:
    """ISO 7064 MOD 11,10."""
    product = 10
    for digit in _digits(rest[:8]):
        product = 2 * ((digit + product) % 10 or 10) % 11
    return (11 - product) % 10 == int(rest[8])


def _denmark(rest: str) -> bool:
    return _weighted(_digits(rest), (2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def _italy(rest: str) -> bool:
    """The Luhn sum."""
    digits = _digits(rest)
    return (sum(digits[0::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0


def _luxembourg(rest: str) -> bool:
    return int(rest[:6]) % 89 == int(rest[6:])


def _netherlands(rest: str) -> bool:
    """By the old sum of eleven, or as sole traders have it since 2020: MOD 97 over letters and digits."""
    if rest[:9].isdigit() and _weighted(_digits(rest[:8]), (9, 8, 7, 6, 5, 4, 3, 2)) % 11 == int(rest[8]):
        return True
    letters = {"+": "36", "*": "37"}
    spelled = "".join(letters.get(sign) or str(int(sign, 36)) for sign in f"NL{rest}")
    return int(spelled) % 97 == 1


def _poland(rest: str) -> bool:
    digits = _digits(rest)
    return _weighted(digits[:9], (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == digits[9]


_CHECKS: dict[str, Callable[[str], bool]] = {
    "AT": _austria,
    "BE": _belgium,
    "DE": _germany,
    "DK": _denmark,
    "IT": _italy,
    "LU": _luxembourg,
    "NL": _netherlands,
    "PL": _poland,
}
