"""Live reads for the gates of one installation: lists of its namespace once, a few single objects, and the network."""

import asyncio
import base64
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.cluster.kinds import CONFIG_MAPS, POD_MONITORS, PODS, SECRETS, SERVICES, Kind
from valeo_operator.cluster.objects import Object, dig, holds, name_of
from valeo_operator.cluster.protocol import RefusedError
from valeo_operator.credentials.in_use import rotating_keys, rotating_secrets
from valeo_operator.databases.desired import PORT as DATABASE_PORT
from valeo_operator.golive.certificates import Certificate, UnreadableCertificateError, read_certificate
from valeo_operator.golive.checks.erp import PATHS
from valeo_operator.golive.checks.provider import expected_issuer
from valeo_operator.golive.client import GateCluster
from valeo_operator.golive.facts import Attempt, Facts, Leak, Reply, Unseen
from valeo_operator.golive.kinds import INGRESS_CLASSES, LISTED, NAMESPACES, PROMETHEUSES
from valeo_operator.golive.logs import LogFacts, read_log, together
from valeo_operator.golive.watched import ask_monitoring
from valeo_operator.golive.web import Web
from valeo_operator.identity.desired import PORT as IDENTITY_PORT
from valeo_operator.installations.names import Component, Names
from valeo_operator.network.desired import ERP_PORT

_MOST_LOGS: Final = 10
_SHORTEST_SECRET: Final = 8
_PUBLIC_KEYS: Final = frozenset({"username", "version", "kind", "tls.crt", "ca.crt"})
Seen = Mapping[Kind, tuple[Object, ...] | Unseen]


async def observe(found: Object, cluster: GateCluster, web: Web, now: datetime, documents: Iterable[str] = ()) -> Facts:
    """Everything that the checks may depend on, read now. `documents` are those of the handbook that are read."""
    erp = ValeoERP.model_validate(found)
    names = Names.of(erp.metadata)
    objects = await _lists(cluster, names.namespace)
    bare = Facts(erp=erp, now=now, objects=objects)
    namespace, secrets, answers, logs, (handbook, read), watched = await asyncio.gather(
        _quietly(cluster.get(NAMESPACES, "", names.namespace)),
        _secrets(cluster, bare),
        _ask_around(web, bare),
        _logs(cluster, bare),
        _handbook(web, bare, frozenset(documents)),
        ask_monitoring(web, bare),
    )
    replies, scrapes, discovery, keys, forbidden = answers
    return Facts(
        erp=erp,
        now=now,
        objects=objects,
        namespace=namespace,
        secrets={name: None if data is None else frozenset(data) for name, data in secrets.items()},
        leaks=tuple(_leaks(secrets, bare)) if any(secrets.values()) else None,
        certificate=_certificate(erp, names, secrets),
        web=replies,
        scrapes=scrapes,
        discovery=discovery,
        keys=keys,
        forbidden=forbidden,
        logs=logs,
        handbook=handbook,
        documents=read,
        watched=watched,
    )


# --- the API server -------------------------------------------------------------------------------------------------


async def _lists(cluster: GateCluster, namespace: str) -> Seen:
    everywhere = (INGRESS_CLASSES, PROMETHEUSES, POD_MONITORS)
    wanted = [*((kind, namespace) for kind in LISTED), *((kind, None) for kind in everywhere)]
    found = await asyncio.gather(*(_list(cluster, kind, where) for kind, where in wanted))
    return {kind: each for (kind, _), each in zip(wanted, found, strict=True)}


async def _list(cluster: GateCluster, kind: Kind, namespace: str | None) -> tuple[Object, ...] | Unseen:
    """A kind that is not there, or that may not be read, is a fact and no error."""
    try:
        return tuple(await cluster.list(kind, namespace, {}))
    except RefusedError as refused:
        return Unseen(f"{refused.status} {refused.reason}", absent=refused.is_absent)


async def _quietly(asked: Awaitable[Object | None]) -> Object | None:
    try:
        return await asked
    except RefusedError:
        return None


async def _secrets(cluster: GateCluster, facts: Facts) -> Mapping[str, Mapping[str, bytes] | None]:
    """The Secrets whose names are known, with their values: those leave this module only as a comparison."""
    names, tls = facts.names, _tls_secret(facts.erp, facts.names)
    database = facts.erp.spec.database.external
    logins = (
        (*sorted(rotating_secrets(facts.erp, names)), names.migrator_secret, names.admin_secret)
        if database is None
        else (database.application_secret, database.migrator_secret)
    )
    wanted = [*logins, *sorted(rotating_keys(facts.erp, names)), *([tls] if tls else [])]
    found = await asyncio.gather(*(_quietly(cluster.get(SECRETS, names.namespace, name)) for name in wanted))
    return {name: None if each is None else _decoded(each) for name, each in zip(wanted, found, strict=True)}


def _decoded(secret: Object) -> dict[str, bytes]:
    return {key: base64.b64decode(value) for key, value in (secret.get("data") or {}).items() if value}


def _leaks(secrets: Mapping[str, Mapping[str, bytes] | None], facts: Facts) -> Iterator[Leak]:
    """Places outside of Secrets in which one of the secret values stands."""
    values = {
        f"Secret/{name} {key}": value.decode("utf-8", "replace").strip()
        for name, data in secrets.items()
        for key, value in (data or {}).items()
        if key not in _PUBLIC_KEYS and len(value) >= _SHORTEST_SECRET
    }
    for where, text in _open_places(facts):
        for what, value in values.items():
            if value in text:
                yield Leak(where, what)


def _open_places(facts: Facts) -> Iterator[tuple[str, str]]:
    for each in facts.seen(CONFIG_MAPS):
        for key, value in (each.get("data") or {}).items():
            yield f"ConfigMap/{name_of(each)} {key}", str(value)
    for pod in facts.owned(PODS):
        for container in dig(pod, "spec", "containers") or ():
            told = [*(container.get("args") or ()), *(each.get("value", "") for each in container.get("env") or ())]
            yield f"Pod/{name_of(pod)} {container.get('name')}", "\n".join(str(each) for each in told)


def _tls_secret(erp: ValeoERP, names: Names) -> str:
    asked = erp.spec.ingress
    return "" if asked is None or asked.tls is None else asked.tls.secret_name or f"{names.name}-tls"


def _certificate(erp: ValeoERP, names: Names, secrets: Mapping[str, Mapping[str, bytes] | None]) -> Certificate | str:
    name = _tls_secret(erp, names)
    data = secrets.get(name)
    if data is None:
        return f"the Secret {name} is not there" if name else "no Secret is named"
    try:
        return read_certificate(data.get("tls.crt", b""))
    except UnreadableCertificateError as unreadable:
        return f"Secret/{name} tls.crt: {unreadable}"


async def _logs(cluster: GateCluster, facts: Facts) -> LogFacts | None:
    """A sample of the pods of the active colour, one after the other: a log may be large."""
    parts = []
    for pod in _active_pods(facts)[:_MOST_LOGS]:
        try:
            text = await cluster.log(facts.names.namespace, name_of(pod), "erp")
        except RefusedError:
            return None
        restarts = sum(int(each.get("restartCount", 0)) for each in dig(pod, "status", "containerStatuses") or ())
        parts.append(read_log(text, restarts))
    return together(parts) if parts else None


def _active_pods(facts: Facts) -> list[Object]:
    return facts.pods(Component.ERP, facts.colour) if facts.colour else []


# --- the network ----------------------------------------------------------------------------------------------------


async def _ask_around(web: Web, facts: Facts) -> tuple[Mapping[str, Reply], Mapping[str, Reply], Reply, Reply, Attempt]:
    replies, scrapes, provider, forbidden = await asyncio.gather(
        _through_the_service(web, facts), _scrapes(web, facts), _provider(web, facts), _forbidden(web, facts)
    )
    return replies, scrapes, *provider, forbidden


def _base(facts: Facts) -> str | None:
    return next((address(each) for each in facts.seen(SERVICES) if name_of(each) == facts.names.active_service), None)


async def _handbook(web: Web, facts: Facts, wanted: frozenset[str]) -> tuple[frozenset[str] | str, Mapping[str, str]]:
    """Which documents the active release carries, and the wanted ones of them."""
    base = _base(facts)
    if base is None:
        return "the active Service is not there", {}
    listed = await web.get(f"{base}/handbook")
    entries = listed.json.get("documents") if isinstance(listed.json, dict) else None
    if listed.status != HTTPStatus.OK or not isinstance(entries, list):
        return listed.problem or f"/handbook answers {listed.status}", {}
    there = frozenset(str(each["path"]) for each in entries if isinstance(each, dict) and "path" in each)
    paths = sorted(there & wanted)
    answers = await asyncio.gather(*(web.get(f"{base}/handbook/{path}") for path in paths))
    read = zip(paths, answers, strict=True)
    return there, {path: each.text for path, each in read if each.status == HTTPStatus.OK}


async def _through_the_service(web: Web, facts: Facts) -> Mapping[str, Reply]:
    base = _base(facts)
    if base is None:
        return dict.fromkeys(PATHS, Reply(problem="the active Service is not there"))
    answers = await asyncio.gather(*(web.get(f"{base}{path}") for path in PATHS))
    return dict(zip(PATHS, answers, strict=True))


def address(service: Object) -> str | None:
    """Where a Service is reached; None where it has no address of its own."""
    host, ports = dig(service, "spec", "clusterIP"), dig(service, "spec", "ports")
    return f"http://{_literal(host)}:{ports[0]['port']}" if host not in {None, "", "None"} and ports else None


def _literal(host: str) -> str:
    return f"[{host}]" if ":" in host else host


async def _scrapes(web: Web, facts: Facts) -> Mapping[str, Reply]:
    pods = {name_of(pod): dig(pod, "status", "podIP") for pod in _active_pods(facts)}
    there = {name: f"http://{_literal(ip)}:{ERP_PORT}/metrics" for name, ip in pods.items() if ip}
    answers = await asyncio.gather(*(web.get(url) for url in there.values()))
    return dict(zip(there, answers, strict=True))


async def _provider(web: Web, facts: Facts) -> tuple[Reply, Reply]:
    """The discovery document and the keys, by the way that the ERP's pods take."""
    issuer, inside = expected_issuer(facts).rstrip("/"), _inside(facts)
    discovery = await web.get(swapped(f"{issuer}/.well-known/openid-configuration", inside))
    address = discovery.json.get("jwks_uri") if isinstance(discovery.json, dict) else None
    if not isinstance(address, str) or not address.startswith(("http://", "https://")):
        return discovery, Reply(problem="the discovery document names no address of the keys")
    return discovery, await web.get(swapped(address, inside))


def _inside(facts: Facts) -> str | None:
    """Where the issuer is reached from within the cluster; only the origin differs."""
    if facts.erp.spec.auth.development_provider:
        return f"http://{facts.names.identity}.{facts.names.namespace}.svc:{IDENTITY_PORT}"
    return facts.erp.spec.auth.internal_url


def swapped(url: str, origin: str | None) -> str:
    """The address at another origin; the same where none is given."""
    if origin is None:
        return url
    there, asked = urlsplit(origin), urlsplit(url)
    return urlunsplit((there.scheme, there.netloc, asked.path, asked.query, ""))


async def _forbidden(web: Web, facts: Facts) -> Attempt:
    """A connection from the operator to the embedded database: only the ERP and its Jobs may open one."""
    database = next((pod for pod in facts.pods(Component.DATABASE) if holds(pod, "Ready")), None)
    ip = dig(database, "status", "podIP")
    return await web.connect(str(ip), DATABASE_PORT) if ip else Attempt.NOT_TRIED
