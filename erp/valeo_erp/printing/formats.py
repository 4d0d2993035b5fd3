"""How numbers and dates are written in German and in English. Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

_SWAPPED = str.maketrans(",.", ".,")
_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


class Language(StrEnum):
    """The languages of prints and exports."""

    GERMAN = "de"
    ENGLISH = "en"


class PaperSize(StrEnum):
    """The sheets that prints are set for."""

    A4 = "a4"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the papers that the same document is printed as; each is archived by itself."""

    language: Language = Language.GERMAN
    paper: PaperSize = PaperSize.A4

    @property
    def key(self) -> str:
        """Its name in the archive: `de`, `en-letter`."""
        return self.language.value if self.paper is PaperSize.A4 else f"{self.language}-{self.paper}"


def number(value: Decimal, language: Language, least: int = 0, most: int = 6) -> str:
    """A number with thousands separators.

    Args:
        value: finite.
        language: German groups by `.` and has the comma as decimal mark; English the other way round.
        least: decimals that are always written.
        most: decimals that are written if they are not zero.
    """
    whole, _, decimals = f"{value:,.{most}f}".partition(".")
    kept = decimals[:least] + decimals[least:].rstrip("0")
    text = f"{whole}.{kept}" if kept else whole
    return text.translate(_SWAPPED) if language is Language.GERMAN else text


def amount(value: Decimal, language: Language) -> str:
    """An amount without its currency: `1.234,56` or `1,234.56`."""
    return number(value, language, 2, 2)


def money(value: Decimal, currency: str, language: Language) -> str:
    """An amount with its currency: `1.234,56 €`, `€1,234.56`, `CHF 1,234.56`."""
    symbol = _SYMBOLS.get(currency)
    if language is Language.GERMAN:
        return f"{amount(value, language)}\u00a0{symbol or currency}"
    sign = "-" if value < 0 else ""
    return f"{sign}{symbol or currency + chr(0xA0)}{amount(abs(value), language)}"


def per_cent(value: Decimal, language: Language) -> str:
    """A rate: `19 %`, `7,8 %`; in English without the space."""
    return number(value, language, 0, 4) + ("\u00a0%" if language is Language.GERMAN else "%")


def day(value: date, language: Language) -> str:
    """A date: `20.07.2026` or `20 July 2026`."""
    if language is Language.GERMAN:
        return f"{value:%d.%m.%Y}"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def iban(value: str) -> str:
    """In groups of four, as DIN 5008 writes it."""
    compact = "".join(value.split())
    return " ".join(compact[start : start + 4] for start in range(0, len(compact), 4))
