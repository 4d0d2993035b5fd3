"""The fields of a custom resource's spec, read from its definition in `crds/`, and specs with one of them changed."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from tests.support.places import Places

from valeo_operator.cluster.objects import Object

CRDS = Path(__file__).parents[2] / "crds"
Story = Callable[[Object], Places]


@dataclass(frozen=True)
class Change:
    """A field with two values, and where the second one shows.

    Attributes:
        field: as the definition names it, `backup.destinations[].name`.
        before: a spec with the first value, without what every spec has.
        after: the same with the second one.
        shows_at: a part of a place, as `ConfigMap/production-config-#:data.VALEO_PUBLIC_URL`.
        story: what happens with a spec.
    """

    field: str
    before: Object
    after: Object
    shows_at: str
    story: Story


@dataclass(frozen=True)
class Refused:
    """A field with only one value that is taken: every other one is refused by this rule of the definition."""

    field: str
    rule: str


def change(
    field: str, value: object, shows_at: str, story: Story, given: Object | None = None, was: object = None
) -> Change:
    """A field that gets a value, in a spec that has `given` besides; before, it has `was`, or is left out.

    A word stands for the value `true` or `false`, as on a command line.
    """
    value = {"true": True, "false": False}.get(str(value), value) if isinstance(value, str) else value
    base = copy.deepcopy(given or {})
    before = copy.deepcopy(base) if was is None else placed(copy.deepcopy(base), field, was)
    return Change(field, before, placed(base, field, value), shows_at, story)


def placed(spec: Object, field: str, value: object) -> Object:
    """The spec with a value at a field; a list gets one entry. It is changed in place."""
    at: Any = spec
    *way, last = field.split(".")
    for name in way:
        at = at.setdefault(name[:-2], [{}])[0] if name.endswith("[]") else at.setdefault(name, {})
    at[last] = value
    return spec


def value_at(spec: Object, field: str) -> object:
    """What stands at a field; None where nothing does."""
    at: Any = spec
    for name in field.split("."):
        at = at.get(name.removesuffix("[]")) if isinstance(at, dict) else None
        if name.endswith("[]"):
            at = at[0] if at else None
    return at


@cache
def definition(plural: str) -> Object:
    """The definition of a kind, as users install it."""
    found: Object = yaml.safe_load((CRDS / f"valeoerp.io_{plural}.yaml").read_text(encoding="utf-8"))
    return found


def fields(plural: str) -> tuple[str, ...]:
    """Every field of the spec that holds a value, in the order of the definition."""
    (version,) = definition(plural)["spec"]["versions"]
    return tuple(_fields("", version["schema"]["openAPIV3Schema"]["properties"]["spec"]))


def _fields(path: str, schema: Object) -> Iterator[str]:
    below = schema.get("items", {}) if schema.get("type") == "array" else schema
    if "properties" not in below:
        yield path
        return
    mark = "[]" if below is not schema else ""
    for name, each in below["properties"].items():
        yield from _fields(f"{path}{mark}.{name}" if path else name, each)


def rules(plural: str) -> frozenset[str]:
    """The messages of all rules of a definition."""

    def messages(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            yield from (each["message"] for each in node.get("x-kubernetes-validations", ()))
        below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        for each in below:
            yield from messages(each)

    return frozenset(messages(definition(plural)))
