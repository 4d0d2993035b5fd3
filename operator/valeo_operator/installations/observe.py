"""Live reads of one installation.

Every object by label, the Secrets by name, and what `/readyz` says through the Services.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from valeo_operator.api.rollout import Phase
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.cluster.kinds import (
    CLAIMS,
    INGRESSES,
    OWNED,
    OWNED_WHERE_SERVED,
    SECRETS,
    SERVICES,
    STORAGE_CLASSES,
    Kind,
)
from valeo_operator.cluster.objects import Object, annotation, born, dig, name_of, namespace_of
from valeo_operator.cluster.protocol import FIELD_MANAGER, Cluster, RefusedError
from valeo_operator.credentials.in_use import keys_in_use, rotating_keys, rotating_secrets
from valeo_operator.credentials.plan import required_keys
from valeo_operator.credentials.succession import MARK
from valeo_operator.installations.facts import Analysis, Answer, Facts, SecretFacts
from valeo_operator.installations.names import MANAGED_BY_LABEL, MANAGER

_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


class Asker(Protocol):
    """Asks a running ERP what it is."""

    async def ask(self, service: Object) -> Answer:
        """What `/readyz` says through this Service; never raises for an ERP that does not answer."""


class Numbers(Protocol):
    """Judges how a release does by the numbers of its pods, and counts who is still connected to the one before."""

    async def analysis(self, facts: Facts) -> Analysis | None:
        """What the numbers of the release that is watched come to; None where there is nobody to ask."""

    async def connections(self, facts: Facts) -> int | None:
        """Open connections to the colour that is not active; None where they can't be counted."""


async def observe(found: Object, cluster: Cluster, asker: Asker, numbers: Numbers) -> Facts:
    """Everything that a plan may depend on, read now."""
    erp = ValeoERP.model_validate(found)
    bare = Facts(erp=erp, objects={}, requested_by=requester(found))
    owned, optional, secrets = await asyncio.gather(
        _objects(bare, cluster), _where_served(bare, cluster), _secrets(bare, cluster)
    )
    objects = {**owned, **{(kind, name_of(each)): each for kind, found in optional.items() for each in found}}
    rivals = await _rivals(bare, cluster)
    classes, default = await _storage_classes(objects, bare, cluster)
    active, preview = await asyncio.gather(
        _answer(objects.get((SERVICES, bare.names.active_service)), asker),
        _answer(objects.get((SERVICES, bare.names.preview_service)), asker),
    )
    facts = Facts(
        erp,
        objects,
        secrets,
        classes,
        default,
        active,
        preview,
        bare.requested_by,
        rivals=rivals,
        served=frozenset(optional),
    )
    return await _with_numbers(facts, numbers)


async def _with_numbers(facts: Facts, numbers: Numbers) -> Facts:
    """Numbers are read while a release is watched; at other times nothing depends on them."""
    phase = facts.erp.status.phase
    if phase not in {Phase.DRAINING, Phase.WATCHING}:
        return facts
    analysis = await numbers.analysis(facts)
    connections = await numbers.connections(facts) if phase is Phase.DRAINING else None
    return replace(facts, analysis=analysis, old_connections=connections)


async def _objects(bare: Facts, cluster: Cluster) -> Mapping[tuple[Kind, str], Object]:
    names = bare.names
    lists = await asyncio.gather(*(cluster.list(kind, names.namespace, names.selector) for kind in OWNED))
    return {(kind, name_of(each)): each for kind, found in zip(OWNED, lists, strict=True) for each in found}


async def _where_served(bare: Facts, cluster: Cluster) -> Mapping[Kind, list[Object]]:
    """The objects of the kinds that the cluster knows. It says 404 for those that it does not."""
    found = await asyncio.gather(*(_if_served(kind, bare, cluster) for kind in OWNED_WHERE_SERVED))
    return {kind: each for kind, each in zip(OWNED_WHERE_SERVED, found, strict=True) if each is not None}


async def _if_served(kind: Kind, bare: Facts, cluster: Cluster) -> list[Object] | None:
    try:
        return await cluster.list(kind, bare.names.namespace, bare.names.selector)
    except RefusedError as refused:
        if refused.is_absent:
            return None
        raise


async def _secrets(bare: Facts, cluster: Cluster) -> Mapping[str, SecretFacts]:
    erp, names = bare.erp, bare.names
    wanted = sorted({*required_keys(bare), *rotating_secrets(erp, names), *rotating_keys(erp, names)})
    found = await asyncio.gather(*(cluster.get(SECRETS, names.namespace, name) for name in wanted))
    seen = {name_of(each): each for each in found if each is not None}
    keys = _values(seen.get(keys_in_use(erp, names), {}))
    key = keys.get(MARK, keys.get("session", b""))
    return {name: _facts_of(each, key) for name, each in seen.items()}


def _values(secret: Object) -> dict[str, bytes]:
    return {key: base64.b64decode(value) for key, value in (secret.get("data") or {}).items() if value}


def _facts_of(secret: Object, key: bytes) -> SecretFacts:
    """Which keys there are, and a version that changes with the content.

    The version is public. It is keyed with the first session key of the installation, which stays known when keys are
    replaced, so that nobody can try passwords against it.
    """
    data = _values(secret)
    content = b"\0".join(part for name in sorted(data) for part in (name.encode(), data[name]))
    mark = hmac.new(key, content, hashlib.sha256).hexdigest()[:12]
    told = data.get("version", b"").decode(errors="replace")
    return SecretFacts(frozenset(data), f"{told}-{mark}" if told else mark, born(secret))


async def _storage_classes(
    objects: Mapping[tuple[Kind, str], Object], bare: Facts, cluster: Cluster
) -> tuple[frozenset[str], bool]:
    """Looked up only while the volume of the database waits for one."""
    claim = objects.get((CLAIMS, bare.names.database_volume))
    if claim is None or dig(claim, "status", "phase") != "Pending":
        return frozenset(), True
    classes = await cluster.list(STORAGE_CLASSES, None, {})
    default = any(annotation(each, _DEFAULT_CLASS) == "true" for each in classes)
    return frozenset(name_of(each) for each in classes), default


async def _rivals(bare: Facts, cluster: Cluster) -> tuple[Object, ...]:
    """Looked up only where a host is asked for."""
    asked = bare.erp.spec.ingress
    if asked is None:
        return ()
    ours = (bare.names.namespace, bare.names.name)
    return tuple(
        each
        for each in await cluster.list(INGRESSES, None, {MANAGED_BY_LABEL: MANAGER})
        if (namespace_of(each), name_of(each)) != ours
        and any(rule.get("host") == asked.host for rule in dig(each, "spec", "rules") or ())
    )


async def _answer(service: Object | None, asker: Asker) -> Answer | None:
    return None if service is None else await asker.ask(service)


def requester(found: Object) -> str:
    """The field manager of the last change of the spec that was not ours, as the API server recorded it."""
    entries: Iterable[Object] = dig(found, "metadata", "managedFields") or ()
    changes = [each for each in entries if each.get("manager") != FIELD_MANAGER and not each.get("subresource")]
    latest = max(changes, key=lambda each: str(each.get("time")), default=None) if changes else None
    return str(latest["manager"])[:253] if latest else "unknown"
