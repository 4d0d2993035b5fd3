"""Reading the nested dictionaries of Kubernetes objects, without an `or {}` at every step."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

Object = dict[str, Any]


def dig(found: object, *path: str) -> Any:
    """The value at a path, or None where a step is missing."""
    for step in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found


def name_of(found: Object) -> str:
    """Its name."""
    return str(found["metadata"]["name"])


def namespace_of(found: Object) -> str:
    """Its namespace, empty for an object of the whole cluster."""
    return str(found["metadata"].get("namespace", ""))


def uid_of(found: Object) -> str:
    """Its identity; an object that was made anew under the same name has another one."""
    return str(found["metadata"].get("uid", ""))


def version_of(found: Object) -> str:
    """Its resourceVersion, for compare-and-set."""
    return str(found["metadata"].get("resourceVersion", ""))


def label(found: Object, key: str) -> str | None:
    """One of its labels."""
    value = dig(found, "metadata", "labels", key)
    return None if value is None else str(value)


def annotation(found: Object, key: str) -> str | None:
    """One of its annotations."""
    value = dig(found, "metadata", "annotations", key)
    return None if value is None else str(value)


def moment(text: object) -> datetime | None:
    """A time as Kubernetes writes it."""
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None


def born(found: Object) -> datetime | None:
    """When it was created."""
    return moment(dig(found, "metadata", "creationTimestamp"))


def condition(found: Object, kind: str) -> Mapping[str, Any] | None:
    """One condition of its status."""
    for each in dig(found, "status", "conditions") or ():
        if each.get("type") == kind:
            return each  # type: ignore[no-any-return]
    return None


def holds(found: Object, kind: str) -> bool:
    """Whether a condition of its status is True."""
    seen = condition(found, kind)
    return seen is not None and seen.get("status") == "True"


def fingerprint(value: object, length: int = 10) -> str:
    """A short name for a JSON value: equal values have equal ones, in every process."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:length]
