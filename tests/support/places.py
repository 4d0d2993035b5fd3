"""Where something stands in the objects of a Kubernetes in memory, so that two stories can be compared by places."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.support.cluster_in_memory import ClusterInMemory

from valeo_operator.cluster.kinds import ENDPOINT_SLICES, EVENTS, PODS, SECRETS
from valeo_operator.cluster.objects import Object

Places = Mapping[str, object]
_HASH = re.compile(r"\b[0-9a-f]{8,12}\b")
_NOT_OURS = frozenset({PODS, ENDPOINT_SLICES, EVENTS, SECRETS})
_BOOKKEEPING = frozenset(
    {"uid", "resourceVersion", "creationTimestamp", "generation", "ownerReferences", "managedFields"}
)


def places(cluster: ClusterInMemory) -> dict[str, object]:
    """What the operator made and told: `Kind/name:path` with the value there. Names and values are without hashes."""
    found: dict[str, object] = {}
    for (kind, _, name), each in sorted(cluster.objects.items(), key=lambda item: (item[0][0].name, item[0][2])):
        if kind in _NOT_OURS:
            continue
        address = f"{kind.name}/{_HASH.sub('#', name)}"
        found[address] = True
        found |= {f"{address}:{path}": value for path, value in leaves(_told(kind.name, each))}
    return found


def _told(kind: str, found: Object) -> Object:
    """An object without what the API server keeps of it; of a ValeoERP what the operator says, not what it was told."""
    meta = {key: value for key, value in found.get("metadata", {}).items() if key not in _BOOKKEEPING}
    parts = ("status",) if kind == "ValeoERP" else tuple(key for key in found if key != "metadata")
    return {"metadata": meta, **{part: found[part] for part in parts if part in found}}


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, object]]:
    """Every value with its path; entries of a list by their name or type where that tells them apart."""
    match value:
        case dict():
            for key, below in value.items():
                yield from leaves(below, f"{path}.{key}" if path else str(key))
        case list() | tuple():
            for name, below in _named(value):
                yield from leaves(below, f"{path}[{name}]")
        case str():
            yield path, _HASH.sub("#", value)
        case _:
            yield path, value


def _named(values: Sequence[Any]) -> Iterator[tuple[object, Any]]:
    names = [each.get("name", each.get("type")) if isinstance(each, dict) else None for each in values]
    for number, (name, each) in enumerate(zip(names, values, strict=True)):
        yield (number if name is None or names.count(name) > 1 else name), each


def differing(one: Places, other: Places) -> set[str]:
    """The places at which two stories differ."""
    return {place for place in {*one, *other} if one.get(place) != other.get(place)}
