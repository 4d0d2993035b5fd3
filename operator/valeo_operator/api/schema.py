"""From a Pydantic model to the structural schema of a CustomResourceDefinition: references inlined, null gone."""

from typing import Any, Final

from valeo_operator.api.model import Model

Schema = dict[str, Any]

_ORDER: Final = ("description", "type", "format", "enum", "default")

# Pydantic writes these; a structural schema has no place for them.
_LEFT_OUT: Final = frozenset({"title", "$defs", "$ref", "anyOf", "const"})


def structural_schema(model: type[Model]) -> Schema:
    """The schema of a model without references, titles and nullable alternatives.

    Raises:
        ValueError: the model holds something that a structural schema can't say.
    """
    written = model.model_json_schema(by_alias=True, mode="validation")
    return _inlined(written, written.get("$defs", {}))


def without_defaults(schema: Schema) -> Schema:
    """The same schema with no default at any depth: what was not observed must stay absent in a status."""
    kept = {key: value for key, value in schema.items() if key != "default"}
    if "properties" in kept:
        kept["properties"] = {name: without_defaults(field) for name, field in kept["properties"].items()}
    for below in ("items", "additionalProperties"):
        if below in kept:
            kept[below] = without_defaults(kept[below])
    return kept


def _inlined(node: Schema, definitions: dict[str, Schema]) -> Schema:
    node = _one_alternative(node, definitions)
    schema = {key: value for key, value in node.items() if key not in _LEFT_OUT or _is_quantity(node, key)}
    if "default" in schema:
        schema = _with_default(schema)
    if "properties" in schema:
        schema["properties"] = {name: _inlined(field, definitions) for name, field in schema["properties"].items()}
    for below in ("items", "additionalProperties"):
        if below in schema:
            schema[below] = _inlined(schema[below], definitions)
    return _in_order(_checked(_with_format(schema)))


def _one_alternative(node: Schema, definitions: dict[str, Schema]) -> Schema:
    """Follow references and optional fields (`X | None`) to the one schema that is meant; what the field says wins."""
    if "$ref" in node:
        target = definitions[node["$ref"].removeprefix("#/$defs/")]
        return _one_alternative({**target, **_without(node, "$ref")}, definitions)
    if "anyOf" in node and not _is_quantity(node, "anyOf"):
        choices = [choice for choice in node["anyOf"] if choice.get("type") != "null"]
        if len(choices) != 1:
            raise ValueError(f"a structural schema has no alternatives: {choices}")
        return _one_alternative({**choices[0], **_without(node, "anyOf")}, definitions)
    return node


def _without(node: Schema, key: str) -> Schema:
    return {name: value for name, value in node.items() if name != key}


def _is_quantity(node: Schema, key: str) -> bool:
    return key == "anyOf" and bool(node.get("x-kubernetes-int-or-string"))


def _with_default(schema: Schema) -> Schema:
    default = _without_none(schema["default"])
    rest = _without(schema, "default")
    return rest if default is None else {**rest, "default": default}


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(below) for key, below in value.items() if below is not None}
    if isinstance(value, list):
        return [_without_none(each) for each in value]
    return value


def _with_format(schema: Schema) -> Schema:
    """Kubernetes wants to know how wide an integer is; a counter without an upper bound is 64 bits wide."""
    if schema.get("type") != "integer":
        return schema
    return {**schema, "format": "int32" if "maximum" in schema else "int64"}


def _in_order(schema: Schema) -> Schema:
    """What a reader looks for comes first."""
    return {key: schema[key] for key in (*_ORDER, *schema) if key in schema}


def _checked(schema: Schema) -> Schema:
    if "type" not in schema and not schema.get("x-kubernetes-int-or-string"):
        raise ValueError(f"a structural schema names the type of every value: {schema}")
    return schema
