"""The reference pages, written from the same schemas that the API server gets."""

from collections.abc import Iterator
from typing import Any

from valeo_operator.api import API_VERSION
from valeo_operator.api.conditions import ConditionStatus, ConditionType, Reason
from valeo_operator.api.definition import Kind, resource_schema
from valeo_operator.api.golive import Check, Requirement
from valeo_operator.api.model import Described
from valeo_operator.api.rollout import Phase
from valeo_operator.api.schema import Schema
from valeo_operator.evidence.summary import Format

_GENERATED = "<!-- Generated from the models by `python -m valeo_operator.api.generate`. Do not edit. -->"
_MANY = 8  # a longer list of words has its own page


def kind_page(kind: Kind) -> str:
    """The page of one kind: columns, fields of spec and status, and every rule that the API server keeps."""
    schema = resource_schema(kind.model)
    lines = [
        _GENERATED,
        f"# {kind.name} (`{kind.short_name}`)",
        schema["description"],
        f"`apiVersion: {API_VERSION}`, namespaced, category `valeo`.",
        "## What `kubectl get` shows",
        _table(
            ("column", "what", "shown"),
            [(c.name.upper(), c.what, "`-o wide`" if c.wide else "always") for c in kind.columns],
        ),
        "## Spec",
        "Bold fields are required.",
        _table(("field", "type", "default", "what"), _fields("spec", schema["properties"]["spec"])),
        "## Rules",
        "The API server refuses what breaks one of these, and names the field and the rule.",
        _table(("at", "rule"), _rules("", schema)),
        *_status(schema["properties"].get("status")),
    ]
    return "\n\n".join(lines) + "\n"


def _status(schema: Schema | None) -> tuple[str, ...]:
    if schema is None:
        return ()
    rows = [(field, kind, what) for field, kind, _, what in _fields("status", schema)]
    told = "The operator writes it from what it observed. A field that is absent was not observed."
    return "## Status", told, _table(("field", "type", "what"), rows)


def reasons_page() -> str:
    """The page of the words that conditions and phases use."""
    lines = [
        _GENERATED,
        "# Conditions, their reasons, phases, checks and formats",
        "The same word stands in the log, the event and the status. There are no others.",
        "## Conditions",
        _words(ConditionType),
        "A condition is one of:",
        _words(ConditionStatus),
        "## Reasons",
        _words(Reason),
        "## Phases",
        _words(Phase),
        "## Checks of the go-live gates",
        _words(Check),
        "## Formats of evidence",
        _words(Format),
        "## What evidence must show",
        _words(Requirement),
    ]
    return "\n\n".join(lines) + "\n"


def _words(of: type[Described]) -> str:
    return _table(("word", "meaning"), [(f"`{word.value}`", word.description) for word in of])


def _fields(path: str, schema: Schema) -> Iterator[tuple[str, str, str, str]]:
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        where = f"{path}.{name}"
        shown = f"**`{where}`**" if name in required else f"`{where}`"
        yield shown, _type(field), _default(field), field["description"]
        yield from _fields(where, field)
        if field.get("type") == "array":
            yield from _fields(f"{where}[]", field["items"])


def _rules(path: str, schema: Schema) -> Iterator[tuple[str, str]]:
    for rule in schema.get("x-kubernetes-validations", ()):
        yield f"`{(path + rule.get('fieldPath', '')).lstrip('.')}`", rule["message"]
    for name, field in schema.get("properties", {}).items():
        yield from _rules(f"{path}.{name}", field)


def _type(field: Schema) -> str:
    if len(field.get("enum", ())) > _MANY:
        return "[word](reasons.md)"
    if field.get("x-kubernetes-int-or-string"):
        return "quantity"
    if "enum" in field:
        return " \\| ".join(f"`{word}`" for word in field["enum"])
    if field["type"] == "array":
        return f"list of {field['items']['type']}s"
    if "additionalProperties" in field:
        return f"map of {field['additionalProperties']['type']}s"
    return _bounded(field.get("format") if field.get("format") == "date-time" else field["type"], field)


def _bounded(word: str | None, field: Schema) -> str:
    low, high = field.get("minimum"), field.get("maximum")
    return f"{word} {low} to {high}" if low is not None and high is not None else f"{word}"


def _default(field: Schema) -> str:
    return f"`{_yaml(field['default'])}`" if "default" in field else ""


def _yaml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_yaml(below)}" for key, below in value.items()) + "}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _table(head: tuple[str, ...], rows: Any) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
