"""What the database of an installation needs, and why it is not ready yet. Pure."""

from datetime import datetime

from valeo_operator.api.conditions import Reason
from valeo_operator.api.valeoerp import EmbeddedDatabase
from valeo_operator.cluster.kinds import CLAIMS, SERVICES, STATEFUL_SETS
from valeo_operator.cluster.objects import Object, dig
from valeo_operator.databases.desired import service, stateful_set, volume
from valeo_operator.installations.decisions import Effect, Finding
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import Component
from valeo_operator.recovery.desired import archiving
from valeo_operator.recovery.desired import volume as archive_volume
from valeo_operator.upkeep.plan import keep
from valeo_operator.upkeep.troubles import lack_of_pods, pod_trouble, pods_to_ask_anew


def database_upkeep(facts: Facts, now: datetime) -> tuple[Effect, ...]:
    """The embedded database as it should be. Nothing for a database that is somebody else's."""
    embedded = facts.erp.spec.embedded_database
    if embedded is None or facts.names.admin_secret not in facts.secrets:
        return ()  # no volume before its password is kept safe
    names, archived = facts.names, archiving(embedded)
    return (
        *keep(CLAIMS, volume(embedded, names), facts),
        *(keep(CLAIMS, archive_volume(archived, names), facts) if archived is not None else ()),
        *keep(SERVICES, service(names), facts),
        *keep(STATEFUL_SETS, stateful_set(embedded, names), facts),
        *pods_to_ask_anew(facts.pods(Component.DATABASE), now),
    )


def database_waits(facts: Facts, now: datetime) -> Finding | None:
    """Why the database can't be used yet; None where it can, or where only a Job can tell."""
    embedded = facts.erp.spec.embedded_database
    if embedded is None or is_ready(facts):
        return None
    pods = facts.pods(Component.DATABASE)
    return _volume(embedded, facts) or pod_trouble(pods, now) or _no_pod(pods, facts, now) or _starting(facts)


def _no_pod(pods: list[Object], facts: Facts, now: datetime) -> Finding | None:
    server = facts.find(STATEFUL_SETS, facts.names.database)
    return None if server is None else lack_of_pods(STATEFUL_SETS, server, pods, now)


def is_ready(facts: Facts) -> bool:
    """Whether the embedded server reports ready for its present form."""
    found = facts.find(STATEFUL_SETS, facts.names.database)
    if found is None:
        return False
    status = found.get("status", {})
    current = status.get("observedGeneration") == dig(found, "metadata", "generation")
    return bool(current and status.get("readyReplicas") == 1 and status.get("updatedReplicas", 1) == 1)


def _volume(embedded: EmbeddedDatabase, facts: Facts) -> Finding | None:
    claim = facts.find(CLAIMS, facts.names.database_volume)
    if claim is None or dig(claim, "status", "phase") == "Bound":
        return None
    return _lost_volume(claim, facts) or _no_class(embedded, claim, facts)


def _lost_volume(claim: Object, facts: Facts) -> Finding | None:
    if dig(claim, "status", "phase") != "Lost":
        return None
    return _volume_finding(
        facts,
        f"its volume {dig(claim, 'spec', 'volumeName')} is gone from the cluster",
        "put the volume back, or restore a backup into a new installation",
    )


def _no_class(embedded: EmbeddedDatabase, claim: Object, facts: Facts) -> Finding | None:
    asked = embedded.storage.class_name or dig(claim, "spec", "storageClassName")
    if asked and asked not in facts.storage_classes:
        have = ", ".join(sorted(facts.storage_classes)) or "none"
        return _volume_finding(
            facts,
            f"it is Pending: the storage class {asked} does not exist (there are: {have})",
            f"create the storage class {asked}; or delete this ValeoERP and the claim (it is empty), and name another",
        )
    if not asked and not facts.has_default_storage_class:
        return _volume_finding(
            facts,
            "it is Pending: it names no storage class and the cluster has no default one",
            "mark a storage class as the default one, or name one in spec.database.embedded.storage.className",
        )
    return None


def _volume_finding(facts: Facts, observed: str, next_step: str) -> Finding:
    return Finding(
        Reason.VOLUME_UNAVAILABLE,
        f"PersistentVolumeClaim/{facts.names.database_volume}",
        observed,
        "a bound volume",
        next_step,
        blocking=True,
    )


def _starting(facts: Facts) -> Finding:
    return Finding(
        Reason.WAITING_FOR_DATABASE,
        f"StatefulSet/{facts.names.database}",
        "its pod is not ready yet",
        "one ready pod",
        "none; it is starting",
    )
