"""JSON from strangers: bounded, without NaN, without a key twice; and access to it that refuses wrong types."""

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeVar

from valeo_operator.evidence.limits import LIMITS, LONGEST_TEXT, Limits
from valeo_operator.evidence.summary import RefusedEvidenceError

Read = TypeVar("Read")
_LARGEST: Final = 10**15
_STRUCTURE: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]|,', re.DOTALL)  # never starts a text twice


def read_json(content: bytes, limits: Limits = LIMITS) -> "Part":
    """The document. Raises RefusedEvidenceError with the reason where it is not plain, bounded JSON."""
    if len(content) > limits.size:
        raise RefusedEvidenceError(f"the report has {len(content)} bytes, more than {limits.size}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise RefusedEvidenceError("the report is not UTF-8") from wrong
    _measure(text, limits)
    try:
        value = json.loads(text, parse_constant=_no_number, parse_float=_finite, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as wrong:
        raise RefusedEvidenceError(f"the report is not JSON: {tidy(str(wrong))}") from wrong
    return Part(value, "the report")


def _measure(text: str, limits: Limits) -> None:
    """Bound nesting and number of values before the parser builds anything."""
    depth = items = 0
    for found in _STRUCTURE.finditer(text):
        match found.group()[0]:
            case "[" | "{":
                depth += 1
                items += 1
            case "]" | "}":
                depth -= 1
            case ",":
                items += 1
        if depth > limits.depth:
            raise RefusedEvidenceError(f"the report nests deeper than {limits.depth}")
        if items > limits.items:
            raise RefusedEvidenceError(f"the report holds more than {limits.items} values")


def _no_number(word: str) -> NoReturn:
    raise RefusedEvidenceError(f"the report holds {word}, which is no number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise RefusedEvidenceError(f"the report holds {tidy(digits)}, which is too large")
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise RefusedEvidenceError("the report gives one key twice")
    return made


def tidy(text: str) -> str:
    """A text of a stranger, fit for a message: one line, printable, short."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text[: 4 * LONGEST_TEXT]).split())
    return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1] + "…"


@dataclass(frozen=True)
class Part:
    """A value of the document and where it stands. An absent key and null are the same: nothing."""

    value: Any
    where: str

    def __bool__(self) -> bool:
        return self.there

    @property
    def there(self) -> bool:
        """Whether there is something."""
        return self.value is not None

    @property
    def is_object(self) -> bool:
        """Whether it is an object."""
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return isinstance(self.value, list)

    def __getitem__(self, key: str) -> "Part":
        return Part(self._object().get(key), f"{self.where}.{tidy(key)}")

    def refuse(self, expected: str) -> NoReturn:
        """Say what should stand here."""
        found = "nothing" if self.value is None else f"a {type(self.value).__name__}"
        raise RefusedEvidenceError(f"{self.where}: expected {expected}, found {found}")

    def _object(self) -> dict[str, Any]:
        if not isinstance(self.value, dict):
            self.refuse("an object")
        return self.value

    def members(self) -> Iterator[tuple[str, "Part"]]:
        """The members of an object."""
        for key in self._object():
            yield key, self[key]

    def items(self) -> Iterator["Part"]:
        """The items of a list that must be there."""
        if not isinstance(self.value, list):
            self.refuse("a list")
        for place, item in enumerate(self.value):
            yield Part(item, f"{self.where}[{place}]")

    def items_if_any(self) -> Iterator["Part"]:
        """The items of a list that may be absent."""
        return self.items() if self.there else iter(())

    def text(self) -> str:
        """A text that must be there."""
        if not isinstance(self.value, str):
            self.refuse("a text")
        return tidy(self.value)

    def text_if_any(self) -> str:
        """A text, empty where there is none."""
        return self.text() if self.there else ""

    def flag(self) -> bool:
        """True or false; it must be there."""
        if not isinstance(self.value, bool):
            self.refuse("true or false")
        return self.value

    def number(self) -> float:
        """A finite number that is not negative."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LARGEST:
            self.refuse("a number from 0 on")
        return float(value)

    def count(self) -> int:
        """A whole number from 0 on."""
        number = self.number()
        if not number.is_integer():
            self.refuse("a whole number")
        return int(number)

    def count_if_any(self) -> int:
        """A whole number from 0 on; 0 where there is none."""
        return self.count() if self.there else 0


def with_text(part: Part, read: Callable[[str], Read], expected: str) -> Read:
    """What a text stands for; refuses where it stands for nothing."""
    try:
        return read(part.text())
    except (ValueError, KeyError, OverflowError):
        part.refuse(expected)
