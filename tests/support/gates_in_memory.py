"""A Kubernetes in memory behind the Protocol of the gates' driver, with an installation that asks for gates."""

import copy
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from valeo_operator.cluster.kinds import CONFIG_MAPS, ERPS, EVENTS, POD_MONITORS, PODS, RELEASES, SERVICES, Kind
from valeo_operator.cluster.objects import Object, label, name_of, namespace_of
from valeo_operator.cluster.protocol import ClusterError, RefusedError
from valeo_operator.golive.admission import objects
from valeo_operator.golive.facts import Attempt, Reply
from valeo_operator.golive.gates import MANAGER
from valeo_operator.golive.kinds import (
    ADMISSION_BINDINGS,
    ADMISSION_POLICIES,
    GATES,
    NAMESPACES,
    POD_METRICS,
    PROMETHEUSES,
    SERVICE_MONITORS,
)
from valeo_operator.golive.trail import LINES

OPERATOR = "system:serviceaccount:valeo-system:valeo-operator"
DIGEST = f"sha256:{'ab' * 32}"
BEGIN = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
ABSENT = {PROMETHEUSES, SERVICE_MONITORS, POD_MONITORS, POD_METRICS}


@dataclass
class World:
    """Implements `GateCluster` and the clock. It counts what it is asked."""

    now: datetime = BEGIN
    objects: dict[tuple[Kind, str, str], Object] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    broken: str = ""
    versions: int = 0

    def put(self, kind: Kind, found: Object) -> Object:
        self.versions += 1
        stored = copy.deepcopy({"apiVersion": kind.api_version, "kind": kind.name, **found})
        meta = stored["metadata"]
        meta.setdefault("creationTimestamp", self.now.isoformat())
        meta.setdefault("uid", f"uid-{self.versions}")
        meta.setdefault("generation", 1)
        meta["resourceVersion"] = str(self.versions)
        self.objects[kind, namespace_of(stored), name_of(stored)] = stored
        return copy.deepcopy(stored)

    def _asked(self, what: str) -> None:
        self.calls[what] += 1
        if self.broken == what:
            raise ClusterError("the API server is away")

    async def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        self._asked("get")
        return copy.deepcopy(self.objects.get((kind, namespace, name)))

    async def list(self, kind: Kind, namespace: str | None, labels: Mapping[str, str]) -> list[Object]:
        self._asked("list")
        if kind in ABSENT:
            raise RefusedError(404, "NotFound", "the server could not find the requested resource")
        return [
            copy.deepcopy(each)
            for key, each in sorted(self.objects.items(), key=lambda item: item[0][1:])
            if key[0] == kind
            and namespace in {None, key[1]}
            and all(label(each, name) == value for name, value in labels.items())
        ]

    async def create(self, kind: Kind, wanted: Object) -> Object:
        self._asked("create")
        return self.put(kind, wanted)

    async def apply(self, kind: Kind, wanted: Object, subresource: str = "") -> Object:
        self._asked("apply")
        held = self.objects.get((kind, namespace_of(wanted), name_of(wanted)), {})
        if subresource:
            ours = {"status": {**held.get("status", {}), **wanted["status"]}}
            if kind == ERPS and not wanted["status"]:
                ours["status"].pop("goLive", None)
            return self.put(kind, {**held, **ours})
        meta = {**held.get("metadata", {}), **wanted["metadata"]}
        return self.put(kind, {**held, **wanted, "metadata": meta})

    async def delete(self, kind: Kind, namespace: str, name: str, uid: str = "") -> None:
        self._asked("delete")
        gone = self.objects.pop((kind, namespace, name))
        assert uid == gone["metadata"]["uid"]

    async def log(self, namespace: str, pod: str, container: str) -> str:
        self._asked("log")
        assert (namespace, pod, container) == ("erp", "p1", "erp")
        line = {"level": "INFO", "logger": "valeo_erp.request", "message": "Answered", "correlation_id": "c"}
        return "\n".join([json.dumps(line)] * 30)

    async def replace_status(self, kind: Kind, found: Object, status: Object) -> None:
        self._asked("replace")
        held = self.objects[kind, namespace_of(found), name_of(found)]
        ours = [{"manager": MANAGER, "subresource": "status", "time": self.now.isoformat()}]
        self.put(kind, {**held, "metadata": {**held["metadata"], "managedFields": ours}, "status": status})

    async def who_am_i(self) -> str:
        self._asked("create")
        return OPERATOR

    @property
    def erp(self) -> Object:
        return self.objects[ERPS, "erp", "production"]

    def gate(self, gate: str) -> Object:
        return self.objects[GATES, "erp", f"production-{gate}"]

    def result(self, gate: str) -> str:
        return str(self.gate(gate)["status"]["result"])

    @property
    def trail(self) -> tuple[str, ...]:
        pages = [each for key, each in sorted(self.objects.items(), key=lambda i: i[0][1:]) if key[0] == CONFIG_MAPS]
        return tuple(line for page in pages for line in page.get("data", {}).get(LINES, "").splitlines())

    @property
    def events(self) -> tuple[str, ...]:
        found = [each for key, each in self.objects.items() if key[0] == EVENTS]
        return tuple(f"{each['reason']}: {each['message']}" for each in found)

    @property
    def condition(self) -> Object:
        found: Object = next(c for c in self.erp["status"]["conditions"] if c["type"] == "GoLiveReady")
        return found


class Web:
    """An ERP and a provider that answer."""

    async def get(self, url: str) -> Reply:
        if url.endswith("/readyz"):
            told = {"ready": True, "release": "r1", "schema_revision": "1", "checks": {"database": "ok"}}
            return Reply(200, "application/json", "", told)
        return Reply(200, "text/plain", "ok")

    async def post(self, url: str, body: object) -> Reply:
        raise AssertionError(f"nobody asked for {url}: {body}")

    async def connect(self, host: str, port: int) -> Attempt:
        return Attempt.REFUSED if host and port else Attempt.NOT_TRIED


def going_live() -> World:
    """An installation that asks for gates: its release is active and one pod is ready."""
    world = World()
    ours = {"app.kubernetes.io/instance": "production", "app.kubernetes.io/managed-by": "valeo-operator"}
    pod = {**ours, "app.kubernetes.io/component": "erp", "valeoerp.io/colour": "blue", "valeoerp.io/release": "r1"}
    here = {"namespace": "erp"}
    for each in objects(OPERATOR):
        kind = ADMISSION_POLICIES if "validations" in each["spec"] else ADMISSION_BINDINGS
        made = (BEGIN - timedelta(days=1)).isoformat()
        world.put(kind, {**each, "metadata": {**each["metadata"], "creationTimestamp": made}})
    world.put(NAMESPACES, {"metadata": {"name": "erp"}, "status": {"phase": "Active"}})
    spec = {
        "installation": "production",
        "version": "0.1.0",
        "image": "valeo-erp:0.1.0",
        "digest": DIGEST,
        "configHash": "0123456789",
        "schemaRevision": "1",
        "oldestSchemaRevision": "1",
        "colour": "blue",
    }
    world.put(RELEASES, {"metadata": {"name": "r1", **here, "labels": ours}, "spec": spec})
    service = {"clusterIP": "10.0.0.1", "ports": [{"port": 80}]}
    world.put(SERVICES, {"metadata": {"name": "production", **here, "labels": ours}, "spec": service})
    ready = {"conditions": [{"type": "Ready", "status": "True"}], "podIP": "10.0.0.2"}
    world.put(PODS, {"metadata": {"name": "p1", **here, "labels": pod}, "status": ready})
    asked = {
        "image": "valeo-erp:0.1.0",
        "publicURL": "http://127.0.0.1:8080",
        "auth": {"developmentProvider": {}},
        "goLive": {"environment": "production", "requestedBy": "alice"},
    }
    status = {"phase": "Complete", "activeColour": "blue", "activeRelease": "r1", "targetRelease": "r1"}
    world.put(ERPS, {"metadata": {"name": "production", **here}, "spec": asked, "status": status})
    return world
