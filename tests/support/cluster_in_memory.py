"""A Kubernetes in memory behind the operator's Protocol `Cluster`, with the controllers that an installation needs.

It keeps what the operator relies on: names, uids, resourceVersions, generations, finalizers, garbage collection by
owner, immutable fields, and server-side apply by one field manager. It is no substitute for the cluster tier; it is for
killing the operator between any two effects and for thousands of histories in seconds.
"""

import base64
import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from valeo_operator.cluster.kinds import (
    CLAIMS,
    CONFIG_MAPS,
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    EVENTS,
    JOBS,
    OWNED_WHERE_SERVED,
    PODS,
    RELEASES,
    SECRETS,
    SERVICES,
    STATEFUL_SETS,
    Kind,
)
from valeo_operator.cluster.objects import Object, dig, label, name_of, namespace_of, uid_of
from valeo_operator.cluster.protocol import RefusedError
from valeo_operator.installations.facts import Analysis, Answer, Facts

Key = tuple[Kind, str, str]

DIGEST = "sha256:" + "a" * 64
DESCRIPTION: Object = {
    "version": "1.0.0",
    "head_revision": "0001",
    "oldest_revision": "0001",
    "revisions": ["0001"],
    "breaking": [],
    "smoke_tests": ["sign-in", "post"],
}
_QUOTA = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota: small"}
_IMMUTABLE = {RELEASES: ("spec",), CONFIG_MAPS: ("data",), JOBS: ("spec",)}


class KilledError(BaseException):
    """The operator process died. Not an Exception: nothing in the operator may catch it."""


@dataclass(frozen=True)
class Effect:
    """One write that changed something."""

    verb: str
    kind: Kind
    name: str
    result: Object


@dataclass
class ClusterInMemory:
    """Implements `Cluster`. `dies_after` counts down the writes; at zero the caller dies, the write done."""

    now: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC)
    objects: dict[Key, Object] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)
    dies_after: int | None = None
    kills: int = 0
    on_effect: Callable[[Effect], object] | None = None
    refuses: dict[str, str] = field(default_factory=dict)
    unserved: frozenset[Kind] = frozenset(OWNED_WHERE_SERVED)
    _applied: dict[tuple[Key, str], Object] = field(default_factory=dict)
    _counter: int = 0

    # --- Cluster ---------------------------------------------------------------------------------------------------

    async def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        return self.objects.get((kind, namespace, name))

    async def list(self, kind: Kind, namespace: str | None, labels: Mapping[str, str]) -> list[Object]:
        if kind in self.unserved:
            raise RefusedError(404, "NotFound", "the server could not find the requested resource")
        return [
            each
            for key, each in self.objects.items()
            if key[0] is kind
            and namespace in {None, key[1]}
            and all(label(each, name) == value for name, value in labels.items())
        ]

    async def create(self, kind: Kind, wanted: Object) -> Object:
        key = _key(kind, wanted)
        if key in self.objects:
            raise RefusedError(409, "AlreadyExists", f"{name_of(wanted)} exists")
        made = self._born(kind, wanted)
        return self._took_effect("create", key, made)

    async def apply(self, kind: Kind, wanted: Object, subresource: str = "") -> Object:
        key = _key(kind, wanted)
        before = self.objects.get(key)
        self._check(wanted, before)
        ours = _content(wanted)
        last = self._applied.get((key, subresource), {})
        base = before if before is not None else self._born(kind, {"metadata": dict(wanted["metadata"])})
        after = merge(without(base, last, ours, _of_others(base)), ours)
        self._applied[key, subresource] = ours
        if after == before:
            return copy.deepcopy(after)
        _forbid_changes(kind, before, after)
        if before is None or before.get("spec") != after.get("spec"):
            after["metadata"]["generation"] = dig(before, "metadata", "generation") or 0
            after["metadata"]["generation"] += 1
        return self._took_effect("apply", key, after)

    async def delete(self, kind: Kind, namespace: str, name: str, uid: str = "") -> None:
        found = self.objects.get((kind, namespace, name))
        if found is None or (uid and uid_of(found) != uid):
            return
        self._took_effect("delete", (kind, namespace, name), self._doomed(found))

    # --- how it keeps them -----------------------------------------------------------------------------------------

    def _check(self, wanted: Object, before: Object | None) -> None:
        for key in ("uid", "resourceVersion"):
            asked = wanted["metadata"].get(key)
            if asked and asked != dig(before, "metadata", key):
                raise RefusedError(409, "Conflict", f"{key} of {name_of(wanted)} is another one")

    def _born(self, kind: Kind, wanted: Object) -> Object:
        self._counter += 1
        made = copy.deepcopy(wanted)
        made |= {"apiVersion": kind.api_version, "kind": kind.name}
        made["metadata"] |= {"uid": f"uid-{self._counter}", "creationTimestamp": self.now.isoformat(), "generation": 1}
        return made

    def _doomed(self, found: Object) -> Object:
        after = copy.deepcopy(found)
        after["metadata"]["deletionTimestamp"] = self.now.isoformat()
        return after

    def _took_effect(self, verb: str, key: Key, after: Object) -> Object:
        if message := self.refuses.get(f"{key[0].name}/{key[2]}"):
            raise RefusedError(403, "Forbidden", message)
        self._store(key, after)
        effect = Effect(verb, key[0], key[2], copy.deepcopy(after))
        self.effects.append(effect)
        if self.on_effect is not None:
            self.on_effect(effect)
        if self.dies_after is not None:
            self.dies_after -= 1
            if self.dies_after <= 0:
                self.dies_after = None
                self.kills += 1
                raise KilledError(f"after {verb} {key[0].name}/{key[2]}")
        return copy.deepcopy(after)

    def _store(self, key: Key, after: Object) -> None:
        self._counter += 1
        after["metadata"]["resourceVersion"] = str(self._counter)
        self.objects[key] = after
        if after["metadata"].get("deletionTimestamp") and not after["metadata"].get("finalizers"):
            self._collect(key, uid_of(after))

    def _collect(self, key: Key, uid: str) -> None:
        self.objects.pop(key, None)
        self._applied = {at: value for at, value in self._applied.items() if at[0] != key}
        for other, each in list(self.objects.items()):
            owners = dig(each, "metadata", "ownerReferences") or ()
            if any(owner["uid"] == uid for owner in owners):
                self._collect(other, uid_of(each))

    # --- what a user or an accident does ---------------------------------------------------------------------------

    def put(self, kind: Kind, wanted: Object) -> None:
        """Another one than the operator makes or changes an object."""
        key = _key(kind, wanted)
        before = self.objects.get(key)
        after = self._born(kind, wanted) if before is None else merge(before, wanted)
        if before is not None and before.get("spec") != after.get("spec"):
            after["metadata"]["generation"] += 1
        self._store(key, after)

    def change(self, kind: Kind, namespace: str, name: str, change: Callable[[Object], None]) -> None:
        """Another one changes an object in place."""
        key = (kind, namespace, name)
        after = copy.deepcopy(self.objects[key])
        change(after)
        if after.get("spec") != self.objects[key].get("spec"):
            after["metadata"]["generation"] += 1
        self._store(key, after)

    def lose(self, kind: Kind, namespace: str, name: str) -> None:
        """Another one deletes an object."""
        found = self.objects.get((kind, namespace, name))
        if found is not None:
            self._store((kind, namespace, name), self._doomed(found))

    def find(self, kind: Kind, name: str, namespace: str = "acme") -> Object | None:
        """An object as it is."""
        return self.objects.get((kind, namespace, name))

    def all(self, kind: Kind) -> Sequence[Object]:
        """All objects of a kind."""
        return [each for _, each in sorted((key[1:], each) for key, each in self.objects.items() if key[0] is kind)]

    @property
    def version(self) -> int:
        """Counts every change of every object."""
        return self._counter

    # --- time and controllers --------------------------------------------------------------------------------------

    def pass_time(self, seconds: float) -> None:
        """The clock goes on."""
        self.now += timedelta(seconds=seconds)


def _key(kind: Kind, wanted: Object) -> Key:
    return kind, namespace_of(wanted), name_of(wanted)


def _content(wanted: Object) -> Object:
    ours = copy.deepcopy(wanted)
    for key in ("resourceVersion", "uid"):
        ours["metadata"].pop(key, None)
    return ours


def _forbid_changes(kind: Kind, before: Object | None, after: Object) -> None:
    for part in _IMMUTABLE.get(kind, ()):
        if before is not None and before.get(part) != after.get(part):
            raise RefusedError(422, "Invalid", f"{part} of a {kind.name} is immutable")


def merge(base: Object, change: Mapping[str, Any]) -> Object:
    """The base with the change laid over it; lists are replaced."""
    after = dict(base)
    for key, value in change.items():
        held = after.get(key)
        after[key] = (
            merge(held, value) if isinstance(value, Mapping) and isinstance(held, dict) else copy.deepcopy(value)
        )
    return after


def without(
    base: Object, last: Mapping[str, Any], ours: Mapping[str, Any], others: Mapping[str, Any] | None = None
) -> Object:
    """The base without what we applied the last time and do not apply now; what others set too stays."""
    after, shared = dict(base), others or {}
    for key, value in last.items():
        if key not in ours and f"f:{key}" not in shared:
            after.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(ours.get(key), Mapping) and isinstance(after.get(key), dict):
            after[key] = without(after[key], value, ours[key], shared.get(f"f:{key}"))
    return after


def _of_others(found: Object) -> Mapping[str, Any]:
    """The fields that others set."""
    fields: Object = {}
    for each in dig(found, "metadata", "managedFields") or ():
        fields = merge(fields, each.get("fieldsV1", {}))
    return fields


@dataclass
class Controllers:
    """What Kubernetes and the pods do: volumes are bound, pods start, Jobs end, Services find their pods.

    `broken` holds what does not work at present: `describe`, `provision`, `migrate`, `rotate`, `erp`, `database`,
    `volume`, `smoke`, `answers`, `quota` (no pod is made that is not there), or the name of a release whose pods do
    not start. `migration_leaves` is a wrong revision to end at. `roles` holds the password of each login of the
    database, None where it is closed. `images` holds what an image describes beyond the default; `smoke_fails` the
    smoke tests that fail, with reason.
    """

    cluster: ClusterInMemory
    broken: set[str] = field(default_factory=set)
    revisions: dict[str, str] = field(default_factory=dict)
    images: dict[str, Object] = field(default_factory=dict)
    smoke_fails: dict[str, str] = field(default_factory=dict)
    analyses: dict[str, Analysis] = field(default_factory=dict)
    connections: int | None = None
    unready: dict[str, int] = field(default_factory=dict)
    smoke_tells: Object | None = None
    last_words: str = "it is broken"
    roles: dict[str, str | None] = field(default_factory=dict)
    migration_leaves: str = ""
    repository: str = "docker.io/library/import"

    def work(self) -> None:
        """One round of all controllers."""
        for kind, do in (
            (CLAIMS, self._bind),
            (STATEFUL_SETS, self._run_database),
            (JOBS, self._run_job),
            (DEPLOYMENTS, self._run_deployment),
        ):
            for each in self.cluster.all(kind):
                do(each)
        self._collect_pods()
        for each in self.cluster.all(SERVICES):
            self._find_endpoints(each)

    def _status(self, kind: Kind, found: Object, status: Object) -> None:
        if found.get("status") != status:
            self.cluster.change(kind, namespace_of(found), name_of(found), lambda each: each.update(status=status))

    def _bind(self, claim: Object) -> None:
        self._status(CLAIMS, claim, {"phase": "Pending" if "volume" in self.broken else "Bound"})

    def _run_database(self, found: Object) -> None:
        ready = 0 if "database" in self.broken else 1
        generation = found["metadata"]["generation"]
        status = {"observedGeneration": generation, "readyReplicas": ready, "updatedReplicas": 1}
        self._status(STATEFUL_SETS, found, status)
        if "quota" not in self.broken:
            self._pod(found, f"{name_of(found)}-0", {}, {"running": {}}, ready=ready == 1)

    def _run_job(self, job: Object) -> None:
        if dig(job, "status", "conditions") or "quota" in self.broken:
            return
        container = job["spec"]["template"]["spec"]["containers"][0]
        errand = str(container["name"])
        fails = errand in self.broken
        told = self._told(errand, job)
        fails = fails or bool(told.get("failed"))
        message = self.last_words if errand in self.broken else json.dumps(told)
        ended = {"exitCode": 1 if fails else 0, "message": message}
        self._pod(job, f"{name_of(job)}-pod", {"batch.kubernetes.io/job-name": name_of(job)}, {"terminated": ended})
        kind = "Failed" if fails else "Complete"
        time = self.cluster.now.isoformat()
        self._status(JOBS, job, {"conditions": [{"type": kind, "status": "True", "lastTransitionTime": time}]})

    def _told(self, errand: str, job: Object) -> Object:
        image = dig(job, "spec", "template", "spec", "containers")[0]["image"]
        description = {**DESCRIPTION, **self.images.get(image, {})}
        if errand == "describe":
            return description
        if errand == "provision":
            return {} if "provision" in self.broken else self._admitted(job)
        if errand == "rotate":
            return {} if "rotate" in self.broken else self._rotated(job)
        if errand == "smoke" and self.smoke_tells is not None:
            return self.smoke_tells
        if errand == "smoke":
            tests = [name for name in description["smoke_tests"] if name not in self.smoke_fails]
            failed = [{"name": name, "reason": reason} for name, reason in self.smoke_fails.items()]
            return {"passed": tests, "failed": failed, "total": len(tests) + len(failed)}
        return self._migrated(namespace_of(job), description)

    def _admitted(self, job: Object) -> Object:
        """The roles of the mounted logins have the passwords that stand in the Secrets."""
        environment = dig(job, "spec", "template", "spec", "containers")[0]["env"]
        folders = next(each["value"] for each in environment if each["name"] == "VALEO_LOGIN_CREDENTIALS_DIRS")
        for folder in folders.split(":"):
            username, password = self._login(namespace_of(job), folder.rpartition("/")[2])
            self.roles[username] = password
        return {"login": folders}

    def _rotated(self, job: Object) -> Object:
        step, *words = dig(job, "spec", "template", "spec", "containers")[0]["args"][1:-2]
        if step == "admit":
            return self._admitted(job)
        role = words[1]
        sessions = sum(
            int(each["spec"]["replicas"]) for each in self.cluster.all(DEPLOYMENTS) if self._uses(each, role)
        )
        if sessions and "--at-once" not in words:
            return {"error": f"{sessions} sessions of {role} are open, none is expected", "failed": True}
        if step == "retire":
            self.roles[role] = None
        return {"login": role, "sessions": 0}

    def _login(self, namespace: str, secret: str) -> tuple[str, str]:
        data = (self.cluster.find(SECRETS, secret, namespace) or {}).get("data", {})
        return base64.b64decode(data.get("username", "")).decode(), data.get("password", "")

    def _uses(self, deployment: Object, role: str) -> bool:
        login = login_secret(deployment)
        return login is not None and self._login(namespace_of(deployment), login)[0] == role

    def _is_let_in(self, deployment: Object) -> bool:
        """Whether the database takes the login of these pods. Logins of the user are all taken."""
        login = login_secret(deployment)
        if login is None or "-database-app-" not in login:
            return True
        username, password = self._login(namespace_of(deployment), login)
        return self.roles.get(username) == password

    def _migrated(self, namespace: str, description: Object) -> Object:
        before, head = self.revisions.get(namespace, ""), description["head_revision"]
        if "migrate" not in self.broken and before <= head:  # ahead of the code is left alone
            self.revisions[namespace] = self.migration_leaves or head
        return {"before": before, "revision": self.revisions.get(namespace, "")}

    def _run_deployment(self, found: Object) -> None:
        want = int(found["spec"]["replicas"])
        release = dig(found, "spec", "template", "metadata", "labels", "valeoerp.io/release") or ""
        is_erp = label(found, "app.kubernetes.io/component") == "erp"
        down = is_erp and ("erp" in self.broken or release in self.broken or not self._is_let_in(found))
        pods = 0 if "quota" in self.broken and not dig(found, "status", "replicas") else want
        ready = 0 if down else max(0, pods - self.unready.get(release, 0))
        for number in range(pods):
            self._pod(found, f"{name_of(found)}-{number}", {}, {"running": {}}, ready=number < ready)
        status = {
            "observedGeneration": found["metadata"]["generation"],
            "replicas": pods,
            "updatedReplicas": pods,
            "readyReplicas": ready,
            "availableReplicas": ready,
            **({} if pods == want else {"conditions": [_QUOTA]}),
        }
        self._status(DEPLOYMENTS, found, status)

    def _pod(self, owner: Object, name: str, more: Mapping[str, str], state: Object, *, ready: bool = False) -> None:
        template = owner["spec"]["template"]
        self.cluster.put(
            PODS,
            {
                "metadata": {
                    "name": name,
                    "namespace": namespace_of(owner),
                    "labels": {**template["metadata"]["labels"], **more},
                    "ownerReferences": [{"uid": uid_of(owner)}],
                },
                "status": {
                    "conditions": [{"type": "Ready", "status": str(ready)}],
                    "containerStatuses": [
                        {"name": "it", "imageID": f"{self.repository}@{DIGEST}", "state": state, "ready": ready}
                    ],
                },
            },
        )

    def _collect_pods(self) -> None:
        for found in self.cluster.all(DEPLOYMENTS):
            mine = [pod for pod in self.cluster.all(PODS) if _owned(pod, found)]
            for pod in mine[int(found["spec"]["replicas"]) :]:
                self.cluster.lose(PODS, namespace_of(pod), name_of(pod))

    def _find_endpoints(self, service: Object) -> None:
        address = {"clusterIP": "10.0.0.1"}
        if dig(service, "spec", "clusterIP") is None:
            self.cluster.change(
                SERVICES, namespace_of(service), name_of(service), lambda each: each["spec"].update(address)
            )
        targets = [
            {"conditions": {"ready": True}, "targetRef": {"kind": "Pod", "name": name_of(pod)}}
            for pod in reached(self.cluster, service)
        ]
        labels = {**service["metadata"]["labels"], "kubernetes.io/service-name": name_of(service)}
        wanted = {
            "metadata": {
                "name": f"{name_of(service)}-slice",
                "namespace": namespace_of(service),
                "labels": labels,
                "ownerReferences": [{"uid": uid_of(service)}],
            },
            "endpoints": targets,
        }
        before = self.cluster.find(ENDPOINT_SLICES, name_of(wanted), namespace_of(service))
        if before is None or before["endpoints"] != targets:
            self.cluster.put(ENDPOINT_SLICES, wanted)


def login_secret(deployment: Object) -> str | None:
    """The Secret with the login of the pods of a Deployment."""
    volumes = dig(deployment, "spec", "template", "spec", "volumes") or ()
    names = (dig(each, "secret", "secretName") for each in volumes if each["name"] == "database")
    return next((str(name) for name in names if name), None)


def _owned(pod: Object, owner: Object) -> bool:
    return any(each["uid"] == uid_of(owner) for each in dig(pod, "metadata", "ownerReferences") or ())


def reached(cluster: ClusterInMemory, service: Object) -> Sequence[Object]:
    """The ready pods that a Service selects."""
    selector = service["spec"]["selector"]
    return [
        pod
        for pod in cluster.all(PODS)
        if namespace_of(pod) == namespace_of(service)
        and all(label(pod, key) == value for key, value in selector.items())
        and dig(pod, "status", "conditions")
        and pod["status"]["conditions"][0]["status"] == "True"
    ]


@dataclass
class AskerInMemory:
    """Implements `Asker`: the first pod that the Service selects answers."""

    cluster: ClusterInMemory
    controllers: Controllers

    async def ask(self, service: Object) -> Answer:
        pods = reached(self.cluster, service)
        if not pods or "answers" in self.controllers.broken:
            return Answer(problem="no answer")
        release = label(pods[0], "valeoerp.io/release") or ""
        revision = self.controllers.revisions.get(namespace_of(service), "")
        return Answer(ready=True, release=release, version="1.0.0", schema_revision=revision)


@dataclass
class NumbersInMemory:
    """Implements `Numbers`: what a test says, by image of the release that is watched."""

    controllers: Controllers

    async def analysis(self, facts: Facts) -> Analysis | None:
        target = facts.releases.get(facts.erp.status.target_release or "")
        return None if target is None else self.controllers.analyses.get(target.spec.image)

    async def connections(self, facts: Facts) -> int | None:  # noqa: ARG002 - the Protocol gives it
        return self.controllers.connections


def secret(name: str, values: Mapping[str, str], namespace: str = "acme") -> Object:
    """A Secret as a user makes it."""
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {"metadata": {"name": name, "namespace": namespace, "labels": {}}, "data": data}


def events(cluster: ClusterInMemory) -> list[str]:
    """The reasons of all events, in the order in which they were written."""
    return [effect.result["reason"] for effect in cluster.effects if effect.kind == EVENTS]
