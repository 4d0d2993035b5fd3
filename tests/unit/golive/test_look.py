"""Whole looks at an installation, over a Kubernetes in memory behind the driver's own Protocol."""

import copy
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from tests.support.gates_in_memory import BEGIN, DIGEST, Web, World, going_live

from valeo_operator.cluster.kinds import CONFIG_MAPS, ERPS, EVENTS
from valeo_operator.cluster.objects import Object, dig, label, name_of
from valeo_operator.golive.catalogue import checklist_hash, shipped
from valeo_operator.golive.driver import GateDriver
from valeo_operator.golive.facts import Reply
from valeo_operator.golive.kinds import (
    ADMISSION_BINDINGS,
    APPROVALS,
    CHECKLISTS,
    GATES,
    WAIVERS,
)
from valeo_operator.golive.look import GateKeeper, Policies
from valeo_operator.golive.trail import LINES, verify


class Monitored(Web):
    """An Alertmanager that leads everything to somebody, who takes it."""

    def __init__(self) -> None:
        self.alerts: list[Any] = []

    async def get(self, url: str) -> Reply:
        if url == "http://a:9093/metrics":
            return Reply(200, "", f'alertmanager_notifications_total{{integration="email"}} {len(self.alerts)}\n')
        if url.startswith("http://a:9093/api/v2/alerts?"):
            led = {"status": {"state": "active"}, "receivers": [{"name": "on-call"}]}
            return Reply(200, "application/json", "", [{**each, **led} for each in self.alerts])
        return await super().get(url)

    async def post(self, url: str, body: Any) -> Reply:
        assert url == "http://a:9093/api/v2/alerts"
        self.alerts += body
        return Reply(200)


@pytest.fixture
def world() -> World:
    return going_live()


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


async def test_a_test_alert_is_sent_once_and_its_arrival_passes_the_gates(world: World) -> None:
    monitored = Monitored()
    keeper = GateKeeper(world, monitored, lambda: world.now, Policies(world))
    world.erp["spec"]["monitoring"] = {"alertmanagerURL": "http://a:9093"}

    for _ in range(3):
        await look(world, keeper, minutes=1)
    restarted = GateKeeper(world, monitored, lambda: world.now, Policies(world))
    await look(world, restarted, minutes=1)

    assert len(monitored.alerts) == 1
    assert {world.result("test-alert"), world.result("alert-routing")} == {"Pass"}


async def test_a_test_alert_that_was_not_taken_is_not_noted(world: World) -> None:
    class Refusing(Monitored):
        async def post(self, url: str, body: Any) -> Reply:
            assert url
            assert body
            self.alerts.append(None)
            return Reply(problem="no answer within 5 seconds")

        async def get(self, url: str) -> Reply:
            return await super().get(url) if "filter" not in url else Reply(200, "application/json", "", [])

    refusing = Refusing()
    keeper = GateKeeper(world, refusing, lambda: world.now, Policies(world))
    world.erp["spec"]["monitoring"] = {"alertmanagerURL": "http://a:9093"}
    for _ in range(2):
        await look(world, keeper, minutes=1)

    assert len(refusing.alerts) == 2
    assert world.result("test-alert") == "Unknown"
