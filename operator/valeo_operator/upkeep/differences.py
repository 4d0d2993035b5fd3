"""Where a live object differs from the wanted one. Only what we want is compared: what others add is theirs."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

_BINARY: Final = {f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", start=1)}
_DECIMAL: Final = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "k": Decimal("1e3"),
    **{letter: Decimal(1000) ** power for power, letter in enumerate("MGTPE", start=2)},
}
_QUANTITIES: Final = (".requests.", ".limits.", ".sizeLimit", ".hard.", ".default.", ".defaultRequest.")


def quantity(text: str) -> Decimal | None:
    """An amount as Kubernetes writes it (`500m`, `1Gi`, `2`); None where it is none."""
    for suffixes in (_BINARY, _DECIMAL):
        for suffix, factor in suffixes.items():
            if text.endswith(suffix):
                number = _number(text.removesuffix(suffix))
                return None if number is None else number * factor
    return _number(text)


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def differences(wanted: object, found: object, path: str = "") -> Iterator[str]:
    """Sentences like `.spec.replicas is 1, wanted 2`, one for each place that differs."""
    match wanted:
        case dict():
            held: Mapping[str, Any] = found if isinstance(found, dict) else {}
            if found is None:
                yield f"{path} is missing"
                return
            for key, value in wanted.items():
                yield from differences(value, held.get(key), f"{path}.{key}")
        case str():
            if not _same_text(wanted, found, path):
                yield f"{path} is {found!r}, wanted {wanted!r}"
        case list() | tuple():
            yield from _in_list(wanted, found, path)
        case _:
            if wanted != found:
                yield f"{path} is {found!r}, wanted {wanted!r}"


def _in_list(wanted: Sequence[Any], found: object, path: str) -> Iterator[str]:
    items: Sequence[Any] = found if isinstance(found, list) else ()
    if wanted and all(isinstance(each, dict) and "name" in each for each in wanted):
        named = {each.get("name"): each for each in items if isinstance(each, dict)}
        for each in wanted:
            yield from differences(each, named.get(each["name"]), f"{path}[{each['name']}]")
        return
    if len(wanted) != len(items):
        yield f"{path} has {len(items)} entries, wanted {len(wanted)}"
        return
    for place, (each, held) in enumerate(zip(wanted, items, strict=True)):
        yield from differences(each, held, f"{path}[{place}]")


def _same_text(wanted: str, found: object, path: str) -> bool:
    if wanted == found:
        return True
    if not any(part in f"{path}." for part in _QUANTITIES):
        return False
    amount = quantity(wanted)
    return amount is not None and amount == quantity(str(found))
