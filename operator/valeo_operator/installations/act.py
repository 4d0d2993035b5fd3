"""Carrying out what a plan decided: small verbs, each idempotent by name or guarded by resourceVersion."""

import base64
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from valeo_operator.api import API_VERSION
from valeo_operator.api.conditions import Reason
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.cluster.kinds import EVENTS, SECRETS, SERVICES
from valeo_operator.cluster.objects import Object, fingerprint, name_of, namespace_of
from valeo_operator.cluster.protocol import FIELD_MANAGER, Cluster, RefusedError
from valeo_operator.credentials.succession import succession
from valeo_operator.installations.decisions import (
    Announcement,
    Apply,
    Copy,
    Create,
    Delete,
    Effect,
    Finding,
    Mint,
    SelectColour,
    SucceedKeys,
    describe,
)
from valeo_operator.installations.status import stamp

logger = logging.getLogger(__name__)
_RANDOM_BYTES: Final = 32
_RSA_BITS: Final = 2048


async def carry_out(effects: Iterable[Effect], cluster: Cluster) -> tuple[tuple[Announcement, ...], Finding | None]:
    """Do them in order. What the API server refuses is told, and the rest is done all the same.

    Raises RefusedError for a lost compare-and-set: then the world is not as it was seen, and the pass begins anew.
    """
    told: list[Announcement] = []
    refusal: Finding | None = None
    for effect in effects:
        is_report = isinstance(effect, Apply) and effect.subresource
        logger.log(logging.DEBUG if is_report else logging.INFO, "%s", describe(effect))
        try:
            told += await _do(effect, cluster)
        except RefusedError as refused:
            if refused.is_conflict:
                raise
            refusal = refusal or _refusal(effect, refused)
    return tuple(told), refusal


def _refusal(effect: Effect, refused: RefusedError) -> Finding:
    logger.warning("refused: %s: %s", describe(effect), refused)
    return Finding(
        Reason.REQUEST_REFUSED,
        describe(effect),
        f"the API server refused it: {refused.message[:1000]}",
        "that the API server takes it",
        "put right what the message names (a quota, a policy, a field of the spec); it is tried again by itself",
        blocking=True,
    )


async def _do(effect: Effect, cluster: Cluster) -> tuple[Announcement, ...]:
    match effect:
        case Apply(kind=kind, wanted=wanted, drift=drift, subresource=subresource):
            await cluster.apply(kind, wanted, subresource)
            return (_drift(effect),) if drift else ()
        case Create(kind=kind, wanted=wanted):
            await _unless_there(lambda: cluster.create(kind, wanted))
        case Mint(wanted=wanted, random_keys=keys, rsa_keys=pairs):
            fresh = {key: _random() for key in keys} | {key: _rsa_key() for key in pairs}
            filled = {**wanted, "data": {**wanted["data"], **fresh}}
            await _unless_there(lambda: cluster.create(SECRETS, filled))
        case SucceedKeys(wanted=wanted, before=before, emergency=emergency):
            await _succeed(wanted, before, cluster, emergency=emergency)
        case Copy(wanted=wanted, source=source):
            await _copy(wanted, source, cluster)
        case Delete(kind=kind, namespace=namespace, name=name, uid=uid):
            await cluster.delete(kind, namespace, name, uid)
        case SelectColour(service=service, colour=colour, why=why):
            await cluster.apply(SERVICES, service)
            return (
                Announcement(warning=False, reason="Switched", message=f"The Service leads to {colour.value}: {why}."),
            )
    return ()


async def _succeed(wanted: Object, before: str, cluster: Cluster, *, emergency: bool) -> None:
    found = await cluster.get(SECRETS, namespace_of(wanted), before)
    if found is None:
        return  # it went since it was seen; the next look says so
    keys = succession(found.get("data") or {}, _random, emergency=emergency)
    filled = {**wanted, "data": {**wanted["data"], **keys}}
    await _unless_there(lambda: cluster.create(SECRETS, filled))


async def _copy(wanted: Object, source: str, cluster: Cluster) -> None:
    found = await cluster.get(SECRETS, namespace_of(wanted), source)
    if found is not None:
        await _unless_there(lambda: cluster.create(SECRETS, {**wanted, "data": found.get("data") or {}}))


def _random() -> str:
    return base64.b64encode(secrets.token_hex(_RANDOM_BYTES).encode()).decode()


def _rsa_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    return base64.b64encode(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())).decode()


async def _unless_there(make: Callable[[], Awaitable[Object]]) -> None:
    """Made by name: if it is there, an earlier pass made it."""
    try:
        await make()
    except RefusedError as refused:
        if not refused.is_conflict:
            raise


def _drift(effect: Apply) -> Announcement:
    what = "; ".join(effect.drift[:5])
    more = f" and {len(effect.drift) - 5} more" if len(effect.drift) > 5 else ""  # noqa: PLR2004 - the five that are shown
    return Announcement(
        warning=True,
        reason="DriftCorrected",
        message=f"{effect.kind.name}/{name_of(effect.wanted)} was put back: {what}{more}.",
    )


async def announce(told: Iterable[Announcement], erp: ValeoERP, now: datetime, cluster: Cluster) -> None:
    """Write the events. Their names come from the state before, so that a repeated pass writes none twice."""
    for each in told:
        logger.log(logging.WARNING if each.warning else logging.INFO, "%s: %s", each.reason, each.message)
        try:
            await _unless_there(lambda each=each: cluster.create(EVENTS, event(each, erp, now)))  # type: ignore[misc]
        except RefusedError as refused:  # a namespace that is being deleted takes no events; nothing depends on them
            logger.warning("no event %s: %s", each.reason, refused)


def event(told: Announcement, erp: ValeoERP, now: datetime) -> Object:
    """The event as an object."""
    meta = erp.metadata
    mark = fingerprint([meta.uid, meta.resource_version, told.reason, told.message], length=16)
    return {
        "metadata": {"name": f"{meta.name}.{mark}", "namespace": meta.namespace},
        "involvedObject": {
            "apiVersion": API_VERSION,
            "kind": "ValeoERP",
            "name": meta.name,
            "namespace": meta.namespace,
            "uid": meta.uid,
        },
        "type": "Warning" if told.warning else "Normal",
        "reason": told.reason,
        "message": told.message[:1000],
        "source": {"component": FIELD_MANAGER},
        "reportingComponent": FIELD_MANAGER,
        "reportingInstance": FIELD_MANAGER,
        "firstTimestamp": stamp(now),
        "lastTimestamp": stamp(now),
        "count": 1,
    }
