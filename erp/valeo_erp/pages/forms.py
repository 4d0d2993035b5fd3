"""From what people typed into the form of an invoice to the body that the API would get. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, ValidationError

from valeo_erp.documents.schemas import CalculationBody, DocumentBody, LineBody
from valeo_erp.kernel.problems import Failure, Problem, invalid
from valeo_erp.printing.formats import Language

_LINE_FIELD = re.compile(
    r"lines\.(\d{1,4})\.(item_id|quantity|unit|unit_price|discount|description|"
    r"was_item|tax_code|source_id|source_position|moisture|impurity)"
)
_NUMBERS = frozenset({"quantity", "unit_price", "discount", "moisture", "impurity"})
_OF_THE_ITEM = frozenset({"description", "tax_code", "source_id", "source_position", "moisture", "impurity"})
"""What a line was written with, which holds as long as it is of the same item."""
_GERMAN_GROUPS = re.compile(r"-?[1-9]\d{0,2}(\.\d{3})+")
_HEAD = ("party_id", "document_date", "supply_date", "due_date", "note", "reference")


@dataclass(frozen=True)
class TypedLines:
    """The lines of a form that hold anything.

    Attributes:
        indices: the place of each in the form, whose fields are called `lines.{index}.…`.
        lines: the fields that were filled in.
        head: numbers of the head and the freight, as the API takes them.
    """

    indices: tuple[int, ...]
    lines: tuple[dict[str, Any], ...]
    head: Mapping[str, Any] = field(default_factory=dict)


def decimal_text(typed: str, language: Language) -> str:
    """A number as the API takes it.

    Germans write `1.234,5`; a dot before exactly three digits groups, any other is a decimal point, which is what
    numeric key pads type.
    """
    compact = re.sub(r"[\s\u00a0\u202f']", "", typed)
    if language is Language.ENGLISH:
        return compact.replace(",", "")
    if "," in compact or _GERMAN_GROUPS.fullmatch(compact):
        return compact.replace(".", "").replace(",", ".")
    return compact


def typed_lines(form: Iterable[tuple[str, str]], language: Language) -> TypedLines:
    """The lines in the order of the form. A line without an item and without numbers is none."""
    sent = list(form)
    found: dict[int, dict[str, Any]] = {}
    for name, value in sent:
        matched = _LINE_FIELD.fullmatch(name)
        if matched is None or not value.strip():
            continue
        field = matched[2]
        text = decimal_text(value, language) if field in _NUMBERS else value.strip()
        found.setdefault(int(matched[1]), {})[field] = text
    lines = {index: _of_one_item(line) for index, line in sorted(found.items())}
    kept = {index: line for index, line in lines.items() if line.keys() - {"unit"}}
    return TypedLines(tuple(kept), tuple(kept.values()), _typed_head(dict(sent), language))


def _of_one_item(line: dict[str, Any]) -> dict[str, Any]:
    """The line as the API takes it; a line that got another item forgets what it was written with."""
    was = line.pop("was_item", None)
    if was is not None and line.get("item_id") != was:
        line = {name: value for name, value in line.items() if name not in _OF_THE_ITEM}
    source_id, position = line.pop("source_id", None), line.pop("source_position", "")
    if source_id is not None and position.isascii() and position.isdigit():
        line["source"] = {"document_id": source_id, "position": int(position)}
    return line


def _typed_head(form: Mapping[str, str], language: Language) -> dict[str, Any]:
    head: dict[str, Any] = {}
    if discount := form.get("discount", "").strip():
        head["discount"] = decimal_text(discount, language)
    if "freight.item_id" in form:
        head["freight"] = {"item_id": form["freight.item_id"], "amount": form.get("freight.amount", "")}
    return head


def document_body(form: Mapping[str, str], typed: TypedLines) -> DocumentBody:
    """The body of a write.

    Raises:
        Problem: 422 with every fault, by the names of the form's fields.
    """
    head: dict[str, Any] = {name: form[name].strip() for name in _HEAD if form.get(name, "").strip()}
    head |= typed.head
    if not typed.lines:
        failures = [Failure("no_lines", "Write at least one line.", "lines.0.item_id")]
        head_faults = _faults(DocumentBody, {**head, "lines": [{"item_id": "0" * 32, "quantity": "1"}]}, typed)
        raise _faulty([*head_faults, *failures])
    body = {**head, "lines": list(typed.lines)}
    if faults := _faults(DocumentBody, body, typed):
        raise _faulty(faults)
    return DocumentBody.model_validate(body)


def calculation_body(form: Mapping[str, str], typed: TypedLines) -> tuple[CalculationBody | None, tuple[int, ...]]:
    """The lines that are complete, and their places in the form; None while there is none."""
    complete = [
        (index, line) for index, line in zip(typed.indices, typed.lines, strict=True) if not _faults(LineBody, line)
    ]
    day = form.get("supply_date", "").strip() or form.get("document_date", "").strip()
    body: dict[str, Any] = {"lines": [line for _, line in complete]}
    if not complete:
        return None, ()
    head: tuple[dict[str, Any], ...] = (
        {"supply_date": day},
        {"party_id": form.get("party_id", "").strip()},
        dict(typed.head),
    )
    for more in head:
        if all(more.values()) and not _faults(CalculationBody, body | more):
            body |= more
    return CalculationBody.model_validate(body), tuple(index for index, _ in complete)


def at_form_fields(problem: Problem, indices: Sequence[int]) -> Problem:
    """The same refusal, its failures named after the fields of the form."""
    return replace(
        problem,
        failures=[replace(failure, field=_form_field(failure.field, indices)) for failure in problem.failures],
    )


def _faulty(failures: Sequence[Failure]) -> Problem:
    return invalid("faulty_document", "The document cannot be written like this; see the failures.", failures)


def _faults(model: type[BaseModel], values: Mapping[str, Any], typed: TypedLines | None = None) -> list[Failure]:
    try:
        model.model_validate(values)
    except ValidationError as error:
        indices = () if typed is None else typed.indices
        return [
            Failure(fault["type"], fault["msg"], _form_field(".".join(map(str, fault["loc"])), indices))
            for fault in error.errors()[:50]
        ]
    return []


def _form_field(field: str | None, indices: Sequence[int]) -> str | None:
    if field is None or not field.startswith("lines."):
        return field
    _, place, *rest = field.split(".")
    if not place.isdigit() or int(place) >= len(indices):
        return field
    return ".".join(["lines", str(indices[int(place)]), *rest])
