"""Whole looks at an installation, over a Kubernetes in memory behind the driver's own Protocol."""

import copy
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from valeo_operator.cluster.kinds import CONFIG_MAPS, ERPS, EVENTS, PODS, RELEASES, SERVICES, Kind
from valeo_operator.cluster.objects import Object, dig, label, name_of, namespace_of
from valeo_operator.cluster.protocol import ClusterError, RefusedError
from valeo_operator.golive.admission import objects
from valeo_operator.golive.catalogue import checklist_hash, shipped
from valeo_operator.golive.driver import GateDriver
from valeo_operator.golive.facts import Attempt, Reply
from valeo_operator.golive.gates import MANAGER
from valeo_operator.golive.kinds import (
    ADMISSION_BINDINGS,
    ADMISSION_POLICIES,
    APPROVALS,
    CHECKLISTS,
    GATES,
    NAMESPACES,
    POD_METRICS,
    POD_MONITORS,
    PROMETHEUSES,
    SERVICE_MONITORS,
    WAIVERS,
)
from valeo_operator.golive.look import GateKeeper, Policies
from valeo_operator.golive.trail import LINES, verify

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

    async def connect(self, host: str, port: int) -> Attempt:
        return Attempt.REFUSED if host and port else Attempt.NOT_TRIED


@pytest.fixture
def world() -> World:
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


@pytest.fixture
def keeper(world: World) -> GateKeeper:
    return GateKeeper(world, Web(), lambda: world.now, Policies(world))


async def look(world: World, keeper: GateKeeper, **later: float) -> Counter[str]:
    """One look, after some time; what it asked of the API server."""
    world.now += timedelta(**later)
    world.calls.clear()
    await keeper.look(copy.deepcopy(world.erp))
    return Counter(world.calls)


def approval(name: str, user: str, gate: str = "business-owner", **changed: Any) -> Object:
    spec = {
        "installation": "production",
        "gate": gate,
        "releaseDigest": DIGEST,
        "checklistHash": checklist_hash(shipped()),
        "decision": "Approve",
        "role": gate,
        "approver": {"user": user, "groups": [f"valeo:{gate}s"]},
    }
    return {"metadata": {"name": name, "namespace": "erp"}, "spec": {**spec, **changed}}


async def test_the_first_look_makes_every_gate_and_says_how_it_stands(world: World, keeper: GateKeeper) -> None:
    await look(world, keeper)

    gates = [each for key, each in world.objects.items() if key[0] == GATES]
    assert len(gates) == 143
    assert all(each["status"]["result"] == label(each, "valeoerp.io/result") for each in gates)
    assert {world.result("production-healthz"), world.result("autoscaling"), world.result("restore-tested")} == {
        "Pass",
        "Fail",
        "Unknown",
    }
    assert sum(world.erp["status"]["goLive"]["totals"].values()) == 143


async def test_a_look_at_which_nothing_is_new_writes_nothing_and_asks_little(world: World, keeper: GateKeeper) -> None:
    await look(world, keeper)

    calls = await look(world, keeper, minutes=1)

    assert set(calls) <= {"get", "list", "log"}
    assert sum(calls.values()) <= 60


async def test_an_unchanged_result_is_written_again_before_it_gets_stale(world: World, keeper: GateKeeper) -> None:
    await look(world, keeper)
    before = world.gate("production-healthz")["status"]

    await look(world, keeper, hours=1)

    after = world.gate("production-healthz")["status"]
    assert after["since"] == before["since"]
    assert after["checkedAt"] > before["checkedAt"]
    assert after["validUntil"] > before["validUntil"]


async def test_events_come_on_changes_only(world: World, keeper: GateKeeper) -> None:
    await look(world, keeper)
    first = len(world.events)
    await look(world, keeper, minutes=1)
    unchanged = len(world.events)
    world.put(APPROVALS, approval("a1", "bob"))

    await look(world, keeper, minutes=1)

    assert first == unchanged
    assert any("business-owner (Pending → Pass)" in told for told in world.events[unchanged:])


async def test_a_result_that_was_edited_by_hand_is_overwritten_and_in_the_trail(
    world: World, keeper: GateKeeper
) -> None:
    await look(world, keeper)
    gate = world.gate("restore-tested")
    gate["status"] |= {"result": "Pass", "waiver": "w", "checkedAt": "2126-01-01T00:00:00Z"}
    later = (world.now + timedelta(seconds=5)).isoformat()
    gate["metadata"]["managedFields"].append({"manager": "kubectl-edit", "subresource": "status", "time": later})

    await look(world, keeper, minutes=1)

    assert world.result("restore-tested") == "Unknown"
    assert "waiver" not in world.gate("restore-tested")["status"]
    assert any("GoLiveOverwritten: restore-tested" in told for told in world.events)
    assert any(json.loads(line)["event"] == "Overwritten" for line in world.trail)


async def test_signatures_are_noted_when_they_come_and_when_they_go(world: World, keeper: GateKeeper) -> None:
    world.put(APPROVALS, approval("a1", "bob"))
    await look(world, keeper)
    del world.objects[APPROVALS, "erp", "a1"]

    await look(world, keeper, minutes=1)

    events = [(json.loads(line)["event"], json.loads(line)["subject"].split("/")[:2]) for line in world.trail]
    assert ("Signed", ["approval", "a1"]) in events
    assert ("TakenBack", ["approval", "a1"]) in events
    assert world.result("business-owner") == "Pending"


async def test_without_the_policies_no_signature_is_believed(world: World, keeper: GateKeeper) -> None:
    del world.objects[ADMISSION_BINDINGS, "", "valeo-golive-approvals"]
    world.put(APPROVALS, approval("a1", "bob"))

    await look(world, keeper)

    assert world.result("business-owner") == "Pending"
    assert "nothing proves who signs" in world.gate("business-owner")["status"]["message"]


async def test_the_author_is_who_asked_when_the_release_was_first_seen(world: World, keeper: GateKeeper) -> None:
    await look(world, keeper)
    world.erp["spec"]["goLive"]["requestedBy"] = "bob"
    world.put(APPROVALS, approval("a1", "alice"))

    await look(world, keeper, minutes=1)

    assert world.erp["status"]["goLive"]["author"] == "alice"
    assert world.gate("business-owner")["status"]["reason"] == "FourEyes"


async def test_the_trail_grows_and_verifies(world: World, keeper: GateKeeper) -> None:
    for name in ("a1", "a2", "a3"):
        world.put(APPROVALS, approval(name, name))
        await look(world, keeper, minutes=1)

    entries, broken = verify(world.trail)

    assert broken == ""
    assert world.erp["status"]["goLive"]["trail"] == {"entries": len(entries), "head": entries[-1]["hash"]}


@pytest.mark.parametrize("damage", ["changed", "shorter", "gone"])
async def test_a_trail_that_was_touched_is_told_and_not_continued(
    world: World, keeper: GateKeeper, damage: str
) -> None:
    await look(world, keeper)
    page = world.objects[CONFIG_MAPS, "erp", "production-golive-trail-00001"]
    lines = page["data"][LINES].splitlines(keepends=True)
    if damage == "gone":
        del world.objects[CONFIG_MAPS, "erp", "production-golive-trail-00001"]
    elif damage == "shorter":
        page["data"][LINES] = "".join(lines[:-1])
    else:
        page["data"][LINES] = "".join([lines[0].replace("alice", "bob"), *lines[1:]])
    held = copy.deepcopy(world.trail)
    world.put(APPROVALS, approval("a1", "bob"))

    await look(world, keeper, minutes=1)

    assert "can't be trusted" in world.condition["message"]
    assert world.trail == held


def small(*entries: Object) -> Object:
    roles = [{"role": "owner", "groups": ["g"]}, {"role": "go-live-waivers", "groups": ["w"]}]
    return {"metadata": {"name": "small", "namespace": "erp"}, "spec": {"roles": roles, "entries": list(entries)}}


SIGN = {
    "id": "owner",
    "line": "Owner",
    "phase": "preDeployment",
    "section": "s",
    "group": "g",
    "position": "1.1.1.1",
    "kind": "signOff",
    "signOff": {"role": "owner"},
    "severity": "blocker",
    "scope": "release",
    "maximumAge": "24h",
}


async def test_an_own_checklist_takes_the_place_of_the_shipped_one(world: World, keeper: GateKeeper) -> None:
    await look(world, keeper)
    world.put(CHECKLISTS, small(SIGN))
    world.erp["spec"]["goLive"]["checklist"] = "small"

    await look(world, keeper, minutes=1)

    assert [name_of(each) for key, each in world.objects.items() if key[0] == GATES] == ["production-owner"]
    assert world.erp["status"]["goLive"]["gates"] == "0/1"


async def test_a_checklist_that_is_not_there_is_told(world: World, keeper: GateKeeper) -> None:
    world.erp["spec"]["goLive"]["checklist"] = "nowhere"

    await look(world, keeper)

    assert (world.condition["status"], world.condition["reason"]) == ("Unknown", "ChecklistMissing")


async def test_what_an_installation_was_found_ready_with_is_marked_as_used(world: World, keeper: GateKeeper) -> None:
    world.put(CHECKLISTS, small(SIGN))
    world.erp["spec"]["goLive"]["checklist"] = "small"
    await look(world, keeper)
    told = world.erp["status"]["goLive"]["checklistHash"]
    who = {"user": "bob", "groups": ["g"]}
    world.put(APPROVALS, approval("a1", "bob", gate="owner", checklistHash=told, approver=who))

    await look(world, keeper, minutes=1)

    assert world.condition["status"] == "True"
    assert dig(world.objects[APPROVALS, "erp", "a1"], "status", "usedFor") == "r1"


async def test_an_emergency_is_told_loudly_and_is_not_ready(world: World, keeper: GateKeeper) -> None:
    spec = {
        "installation": "production",
        "breakGlass": True,
        "releaseDigest": DIGEST,
        "checklistHash": checklist_hash(shipped()),
        "reason": "The harvest is weighed by hand otherwise.",
        "compensatingControl": "Two engineers watch every request.",
        "grantedBy": {"user": "walter", "groups": ["valeo:go-live-waivers"]},
        "expiresAt": (world.now + timedelta(hours=3)).isoformat(),
    }
    world.put(WAIVERS, {"metadata": {"name": "w1", "namespace": "erp"}, "spec": spec})

    await look(world, keeper)

    assert (world.condition["status"], world.condition["reason"]) == ("False", "GlassBroken")
    assert "walter broke the glass until" in world.erp["status"]["goLive"]["emergency"]
    assert any(told.startswith("GoLiveVerdict") and "GlassBroken" in told for told in world.events)


async def test_without_the_wish_gates_and_summary_go_and_the_trail_stays(world: World, keeper: GateKeeper) -> None:
    await look(world, keeper)
    del world.erp["spec"]["goLive"]

    await look(world, keeper, minutes=1)

    assert [key for key in world.objects if key[0] == GATES] == []
    assert "goLive" not in world.erp["status"]
    assert world.trail


async def test_evidence_is_read_bound_and_judged(world: World, keeper: GateKeeper) -> None:
    annotations = {
        "valeoerp.io/gates": "unit-tests",
        "valeoerp.io/digest": DIGEST,
        "valeoerp.io/issuer": "ci",
        "valeoerp.io/collected-at": BEGIN.isoformat(),
    }
    report = '<testsuite name="unit" tests="1"><testcase name="a"/></testsuite>'
    meta = {
        "name": "unit",
        "namespace": "erp",
        "labels": {"valeoerp.io/evidence": "junit"},
        "annotations": annotations,
    }
    world.put(CONFIG_MAPS, {"metadata": meta, "immutable": True, "data": {"junit.xml": report}})

    await look(world, keeper, minutes=1)

    assert world.result("unit-tests") == "Pass"
    assert world.gate("unit-tests")["status"]["shown"]["source"] == "configmap/unit"
    assert world.result("api-tested") == "Unknown"


async def test_no_secret_value_reaches_anything_that_is_written(world: World, keeper: GateKeeper) -> None:
    from valeo_operator.cluster.kinds import SECRETS  # noqa: PLC0415 - only here

    secret = "b3BlbnNlc2FtZW9wZW5zZXNhbWU="  # opensesameopensesame
    data = {"password": secret, "username": "dmFsZW8="}
    world.put(SECRETS, {"metadata": {"name": "production-database-app-a", "namespace": "erp"}, "data": data})
    meta = {"name": "leaky", "namespace": "erp", "labels": {"app.kubernetes.io/instance": "production"}}
    world.put(CONFIG_MAPS, {"metadata": meta, "data": {"note": "it is opensesameopensesame"}})

    await look(world, keeper)

    assert world.result("secrets-not-in-config-maps") == "Fail"
    written = [each for key, each in world.objects.items() if key[0] in {GATES, EVENTS, ERPS}]
    assert "opensesame" not in json.dumps(written) + "".join(world.trail)


async def test_a_round_looks_at_all_and_counts(world: World, keeper: GateKeeper) -> None:
    registry = CollectorRegistry()

    await GateDriver(world, keeper, registry).round()

    assert registry.get_sample_value("valeo_operator_golive_gates", {"result": "Unknown"})
    assert registry.get_sample_value("valeo_operator_golive_look_seconds_count") == 1


@pytest.mark.parametrize("what", ["list", "get", "apply"])
async def test_a_look_that_fails_ends_nothing(world: World, keeper: GateKeeper, what: str) -> None:
    registry = CollectorRegistry()
    driver = GateDriver(world, keeper, registry)
    world.broken = what

    await driver.round()
    world.broken = ""
    await driver.round()

    assert registry.get_sample_value("valeo_operator_golive_look_seconds_count") == 1
