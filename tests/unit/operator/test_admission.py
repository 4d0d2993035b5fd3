"""What holds a release before users reach it: gates, smoke tests, a person, and a schema that somebody needs."""

from typing import Any

import pytest
from tests.support.cluster_in_memory import events
from tests.support.installation_in_memory import BRIEF, NAME, NAMESPACE, Life, annotate

from valeo_operator.api.rollout import Phase
from valeo_operator.cluster.kinds import ERPS, JOBS, PODS, RELEASES
from valeo_operator.cluster.objects import Object, dig, label, name_of
from valeo_operator.releases.lifecycle import DEADLINES

GATES = {"goLive": {"requestedBy": "olga", "enforce": True}}
EXPANDS = {"head_revision": "0002", "revisions": ["0001", "0002"]}


def until(life: Life, phase: str, rounds: int = 60) -> None:
    for _ in range(rounds):
        if life.status.get("phase") == phase:
            return
        life.look()
        life.controllers.work()
        life.cluster.pass_time(1)
    assert life.status.get("phase") == phase, life.status


def judged(life: Life, *, may: bool, release: str | None = None, told: tuple[str, ...] = ()) -> None:
    """The driver of the gates tells how they stand."""
    seen = {"mayDeploy": may, "beforeDeployment": list(told), "release": release or life.status["targetRelease"]}
    life.cluster.change(ERPS, NAMESPACE, NAME, lambda erp: erp.setdefault("status", {}).update(goLive=seen))


def jobs(life: Life, errand: str) -> list[Object]:
    return [each for each in life.cluster.all(JOBS) if f"-{errand}-" in name_of(each)]


# --- gates ----------------------------------------------------------------------------------------------------------


def test_open_gates_hold_the_first_release_with_nothing_touched(life: Life) -> None:
    life.apply(**GATES)
    until(life, "Gating")
    judged(life, may=False, told=("backup-schedule (Backup schedule configured) is Fail: there is none.",))
    life.go_on(rounds=10)
    assert life.status["phase"] == "Gating"
    assert life.condition("Stalled")["reason"] == "WaitingForGates"
    assert "backup-schedule" in life.status["message"]
    assert not jobs(life, "migrate")
    life.cluster.pass_time(DEADLINES[Phase.GATING].total_seconds())
    life.look()
    assert life.status["phase"] == "Expired"
    assert not jobs(life, "migrate")


def test_gates_that_were_judged_for_another_release_let_nothing_pass(life: Life) -> None:
    life.apply(**GATES)
    until(life, "Gating")
    judged(life, may=True, release="production-of-yesterday-blue")
    life.go_on(rounds=5)
    assert life.status["phase"] == "Gating"


def test_an_enforced_release_waits_for_a_person_and_is_looked_at_again(life: Life) -> None:
    life.apply(**GATES)
    until(life, "Gating")
    judged(life, may=True)
    until(life, "AwaitingPromotion")
    life.go_on(rounds=10)
    assert life.status["phase"] == "AwaitingPromotion"
    judged(life, may=False, told=("a gate was opened again",))
    annotate(life, promote=life.status["targetRelease"])
    life.go_on(rounds=5)
    assert life.status["phase"] == "AwaitingPromotion"
    assert "opened again" in life.status["message"]
    judged(life, may=True)
    life.go_on()
    assert life.status["phase"] == "Complete"
    assert life.status["acts"]["promote"] == life.status["activeRelease"]


def test_gates_that_are_not_enforced_stand_in_nobodys_way(life: Life) -> None:
    life.apply(goLive={"requestedBy": "olga"})
    life.go_on()
    assert life.status["phase"] == "Complete"


def test_gates_never_block_what_was_admitted(running: Life) -> None:
    running.apply(**GATES)
    running.go_on(rounds=10)
    assert running.status["phase"] == "Complete"
    assert len(running.cluster.all(RELEASES)) == 1


# --- promotion ------------------------------------------------------------------------------------------------------

MANUAL = {"rollout": {**BRIEF, "promotion": "Manual"}}


def test_a_promotion_counts_only_for_the_release_that_it_names(running: Life) -> None:
    running.apply(image="valeo-erp:1.1.0", **MANUAL)
    annotate(running, promote=running.status["activeRelease"])
    until(running, "AwaitingPromotion")
    running.go_on(rounds=5)
    assert running.status["phase"] == "AwaitingPromotion"
    annotate(running, promote=running.status["targetRelease"])
    running.go_on()
    assert running.status["phase"] == "Complete"


def test_a_release_that_nobody_promotes_expires_and_the_active_one_stays(running: Life) -> None:
    active = running.status["activeRelease"]
    running.apply(image="valeo-erp:1.1.0", **MANUAL)
    until(running, "AwaitingPromotion")
    running.cluster.pass_time(DEADLINES[Phase.AWAITING_PROMOTION].total_seconds())
    running.go_on(rounds=3)
    assert running.status["phase"] == "Expired"
    assert running.status["activeRelease"] == active


# --- readiness ------------------------------------------------------------------------------------------------------


def test_readiness_is_a_window_that_begins_anew_after_a_flap(running: Life) -> None:
    running.apply(image="valeo-erp:1.1.0", rollout={**BRIEF, "stabilitySeconds": 30})
    until(running, "Staging")
    running.go_on(rounds=20)
    assert running.status["phase"] == "Staging"
    assert "readySince" in running.status["course"]
    target = running.status["targetRelease"]
    running.controllers.broken.add(target)
    running.go_on(rounds=2)
    running.controllers.broken.discard(target)
    running.go_on(rounds=20)
    assert running.status["phase"] == "Staging"
    assert running.status["course"]["flaps"] == 1
    running.go_on(rounds=20)
    assert running.status["phase"] != "Staging"


def test_a_flap_between_two_looks_is_seen_from_the_pods(running: Life) -> None:
    running.apply(image="valeo-erp:1.1.0", rollout={**BRIEF, "stabilitySeconds": 30})
    until(running, "Staging")
    running.go_on(rounds=10)
    flapped = running.cluster.now.isoformat()
    for pod in running.cluster.all(PODS):
        if label(pod, "valeoerp.io/release") == running.status["targetRelease"]:
            running.cluster.change(
                PODS,
                NAMESPACE,
                name_of(pod),
                lambda each: each["status"]["conditions"][0].update(lastTransitionTime=flapped),
            )
    running.cluster.pass_time(1)
    running.look()
    assert running.status["course"]["flaps"] == 1


def test_the_window_outlives_the_operator(running: Life) -> None:
    running.apply(image="valeo-erp:1.1.0", rollout={**BRIEF, "stabilitySeconds": 30})
    until(running, "Staging")
    running.go_on(rounds=15)
    since = running.status["course"]["readySince"]
    running.restart()
    running.go_on(rounds=5)
    assert running.status["course"]["readySince"] == since


# --- smoke tests ----------------------------------------------------------------------------------------------------


def test_a_release_whose_smoke_test_fails_never_gets_a_users_request(running: Life) -> None:
    active = running.status["activeRelease"]
    running.cluster.effects.clear()
    running.controllers.smoke_fails = {"approve": "HTTP 500"}
    running.apply(image="valeo-erp:1.1.0")
    running.go_on()
    assert running.status["phase"] == "Aborted"
    assert running.condition("Stalled")["reason"] == "SmokeTestsFailed"
    assert "2 of 3 smoke tests pass. 1 failed: approve: HTTP 500" in running.status["message"]
    assert running.status["activeRelease"] == active
    assert "Switched" not in events(running.cluster)


def test_the_first_release_is_verified_too_and_begun_anew_by_itself(life: Life) -> None:
    life.controllers.smoke_fails = {"post": "the journal does not balance"}
    life.apply()
    life.go_on(rounds=60)
    assert life.status["phase"] == "Aborted"
    assert "activeRelease" not in life.status
    life.controllers.smoke_fails = {}
    life.go_on(rounds=60, seconds=20)
    assert life.status["phase"] == "Complete"
    assert len(jobs(life, "smoke")) == 2


def test_an_image_without_smoke_tests_does_not_go_live_unless_none_are_asked_for(running: Life) -> None:
    running.controllers.images["valeo-erp:1.1.0"] = {"smoke_tests": []}
    running.apply(image="valeo-erp:1.1.0")
    running.go_on()
    assert running.status["phase"] == "Aborted"
    assert "describes no smoke tests" in running.status["message"]
    running.apply(image="valeo-erp:1.1.0", rollout={**BRIEF, "smokeTests": False})
    annotate(running, retry="1")
    running.go_on()
    assert running.status["phase"] == "Complete"


@pytest.mark.parametrize(
    "told",
    [
        {"passed": [], "failed": [], "total": 0},
        {"passed": ["a"], "failed": [], "total": 2},
        {"passed": ["a"], "failed": [], "total": "1"},
    ],
)
def test_smoke_tests_that_tell_less_than_they_should_are_no_pass(running: Life, told: Object) -> None:
    running.controllers.smoke_tells = told
    running.apply(image="valeo-erp:1.1.0")
    running.go_on()
    assert running.status["phase"] == "Aborted"


# --- abort ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["Gating", "Staging", "Verifying", "AwaitingPromotion"])
def test_a_person_ends_a_rollout_before_the_switch(running: Life, phase: str) -> None:
    active = running.status["activeRelease"]
    running.apply(image="valeo-erp:1.1.0", **MANUAL)
    until(running, phase)
    annotate(running, abort=running.status["targetRelease"])
    running.look()
    assert running.status["phase"] == "Aborted"
    assert running.condition("Stalled")["reason"] == "AbortRequested"
    running.go_on(rounds=20, seconds=100)
    assert running.status["phase"] == "Aborted"
    assert running.status["activeRelease"] == active


def test_an_abort_has_no_effect_on_another_release_and_says_so(running: Life) -> None:
    running.apply(image="valeo-erp:1.1.0")
    annotate(running, abort="production-of-yesterday-blue")
    running.go_on()
    assert running.status["phase"] == "Complete"
    assert events(running.cluster).count("ActWithoutEffect") == 1


def test_held_forward_movement_holds_no_abort(running: Life) -> None:
    running.apply(image="valeo-erp:1.1.0", **MANUAL)
    until(running, "AwaitingPromotion")
    running.apply(image="valeo-erp:1.1.0", suspend=True, **MANUAL)
    running.look()
    annotate(running, abort=running.status["targetRelease"])
    running.look()
    assert running.status["phase"] == "Aborted"


def test_an_abort_waits_for_the_end_of_a_migration_that_runs(running: Life) -> None:
    running.apply(image="valeo-erp:1.1.0")
    until(running, "Migrating")
    while not [job for job in jobs(running, "migrate") if not job.get("status")]:
        running.controllers.work()
        running.look()
    annotate(running, abort=running.status["targetRelease"])
    running.look()
    assert running.status["phase"] == "Migrating"
    assert "never left half way" in running.status["message"]
    running.controllers.work()
    running.look()
    assert running.status["phase"] == "Aborted"


# --- the schema -----------------------------------------------------------------------------------------------------


def expands(life: Life, image: str, **more: Any) -> None:
    life.controllers.images[image] = {**EXPANDS, **more}
    life.apply(image=image)


def test_a_migration_that_only_adds_goes_on(running: Life) -> None:
    expands(running, "valeo-erp:1.1.0")
    running.go_on()
    assert running.status["phase"] == "Complete"
    assert running.status["schemaRevision"] == "0002"
    assert running.condition("RollbackPossible")["status"] == "True"


def test_a_migration_that_the_active_release_can_not_stand_is_refused_with_nothing_touched(running: Life) -> None:
    expands(running, "valeo-erp:1.1.0", breaking=[{"revision": "0002", "kind": "contracting"}])
    before = len(jobs(running, "migrate"))
    running.go_on()
    assert running.status["phase"] == "Failed"
    assert running.condition("Stalled")["reason"] == "MigrationRefused"
    assert "0002 is contracting" in running.status["message"]
    running.go_on(rounds=20, seconds=60)
    assert running.status["phase"] == "Failed"
    assert len(jobs(running, "migrate")) == before
    assert running.status["schemaRevision"] == "0001"


def test_a_contraction_needs_an_approval_of_its_own_and_ends_the_way_back(running: Life) -> None:
    breaking = [{"revision": "0002", "kind": "contracting", "tolerated_from": "0001"}]
    expands(running, "valeo-erp:1.1.0", breaking=breaking)
    running.go_on()
    assert running.status["phase"] == "Failed"
    assert "valeoerp.io/contract" in running.status["message"]
    annotate(running, contract=running.status["targetRelease"])
    running.go_on()
    assert running.status["phase"] == "Complete"
    assert running.status["schemaRevision"] == "0002"


def test_an_unknown_kind_of_step_counts_as_irreversible(running: Life) -> None:
    expands(running, "valeo-erp:1.1.0", breaking=[{"revision": "0002", "kind": "harmless, really"}])
    running.go_on()
    assert running.condition("Stalled")["reason"] == "MigrationRefused"


def test_a_release_older_than_the_schema_goes_live_where_the_schema_only_grew(running: Life) -> None:
    expands(running, "valeo-erp:1.1.0")
    running.go_on()
    running.apply(image="valeo-erp:1.0.1")
    running.go_on()
    assert running.status["phase"] == "Complete"
    assert running.status["schemaRevision"] == "0002"


def test_a_release_older_than_the_schema_is_refused_where_it_misses_something(running: Life) -> None:
    breaking = [{"revision": "0002", "kind": "contracting", "tolerated_from": "0001"}]
    expands(running, "valeo-erp:1.1.0", breaking=breaking)
    running.go_on()
    annotate(running, contract=running.status["targetRelease"])
    running.go_on()
    running.controllers.images["valeo-erp:0.9.0"] = {
        "head_revision": "0000",
        "oldest_revision": "0000",
        "revisions": [],
    }
    running.apply(image="valeo-erp:0.9.0")
    running.go_on()
    assert running.status["phase"] == "Failed"
    assert running.condition("Stalled")["reason"] == "MigrationRefused"


# --- plan mode ------------------------------------------------------------------------------------------------------


def test_plan_mode_tells_what_would_be_done_and_touches_nothing(running: Life) -> None:
    running.controllers.images["valeo-erp:1.1.0"] = EXPANDS
    held = {key: each for key, each in running.cluster.objects.items() if key[0] not in {ERPS, JOBS, PODS}}
    running.apply(image="valeo-erp:1.1.0", mode="Plan")
    running.go_on(rounds=10)
    after = {key: each for key, each in running.cluster.objects.items() if key[0] not in {ERPS, JOBS, PODS}}
    assert {key for key in after if key not in held and key[0].name != "Event"} == set()
    assert all(dig(after[key], "spec") == dig(each, "spec") for key, each in held.items())
    told = " ".join(running.status["planned"])
    assert "The schema would be migrated from 0001 to 0002: 0002." in told
    assert "2 smoke tests would run" in told
    assert "could take its place again" in told
    assert running.condition("Held")["reason"] == "PlanOnly"
    assert running.condition("Ready")["status"] == "False"
    running.apply(image="valeo-erp:1.1.0", mode="Apply")
    running.go_on()
    assert running.status["phase"] == "Complete"
    assert "planned" not in running.status


def test_plan_mode_of_what_is_active_tells_that_nothing_would_be_done(running: Life) -> None:
    running.apply(mode="Plan")
    running.go_on(rounds=3)
    assert running.status["planned"][0].startswith("Nothing: ")


def test_a_planned_installation_that_never_ran_makes_nothing_but_the_question_to_the_image(life: Life) -> None:
    life.apply(mode="Plan")
    life.go_on(rounds=8)
    made = {key[0].name for key in life.cluster.objects} - {"ValeoERP", "Event", "Job", "Pod"}
    assert made == set()
    assert "The schema would be migrated from nothing to 0001" in " ".join(life.status["planned"])
