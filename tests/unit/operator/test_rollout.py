"""Another release: staged in the other colour, switched when it is proven, and never at the cost of the active one."""

from datetime import timedelta

import pytest
from tests.support.cluster_in_memory import events
from tests.support.installation_in_memory import BRIEF, NAMESPACE, Life, annotate

from valeo_operator.api.rollout import Phase
from valeo_operator.cluster.kinds import CONFIG_MAPS, DEPLOYMENTS, JOBS, RELEASES, SERVICES
from valeo_operator.cluster.objects import Object, dig, name_of
from valeo_operator.releases.lifecycle import (
    BEFORE_SWITCH,
    DEADLINES,
    TRANSITIONS,
    ForbiddenMoveError,
    Outcome,
    next_phase,
)

WHOLE_WAY = [*(phase.value for phase in BEFORE_SWITCH), "Switching", "Draining", "Watching", "Complete"]


def replicas(life: Life, colour: str) -> int:
    found = life.cluster.find(DEPLOYMENTS, f"production-{colour}")
    return 0 if found is None else int(found["spec"]["replicas"])


def selected(life: Life) -> str:
    return str(dig(life.cluster.find(SERVICES, "production"), "spec", "selector", "valeoerp.io/colour"))


def phases(life: Life, rounds: int = 40) -> list[str]:
    seen: list[str] = []
    for _ in range(rounds):
        life.look()
        if not seen or seen[-1] != life.status["phase"]:
            seen.append(life.status["phase"])
        life.controllers.work()
        life.cluster.pass_time(1)
    return seen


@pytest.mark.parametrize(
    "change",
    [
        {"image": "valeo-erp:1.1.0"},
        {"publicURL": "http://127.0.0.1:9090"},
        {"resources": {"requests": {"cpu": "200m"}}},
    ],
)
def test_a_change_of_what_stands_in_a_pod_is_a_release_in_the_other_colour(running: Life, change: Object) -> None:
    running.apply(**change)
    assert phases(running) == WHOLE_WAY
    assert selected(running) == "green"
    assert running.status["activeColour"] == "green"
    assert (replicas(running, "blue"), replicas(running, "green")) == (0, 2)
    assert len(running.cluster.all(RELEASES)) == 2


def test_the_number_of_pods_is_no_release(running: Life) -> None:
    running.apply(replicas=5)
    running.go_on(rounds=5)
    assert replicas(running, "blue") == 5
    assert len(running.cluster.all(RELEASES)) == 1
    assert running.condition("Ready")["status"] == "True"


def test_the_old_colour_is_at_full_size_until_the_new_one_is_proven(running: Life) -> None:
    running.apply(image="valeo-erp:1.1.0")
    for _ in range(40):
        running.look()
        if running.status["phase"] != "Complete" or running.status["activeColour"] == "blue":
            assert replicas(running, "blue") == 2
        running.controllers.work()
        running.cluster.pass_time(1)
    assert running.status["activeColour"] == "green"


def test_a_release_that_does_not_start_is_aborted_and_begun_anew_only_when_asked(running: Life) -> None:
    running.apply(image="valeo-erp:1.1.0")
    running.look()
    target = running.status["targetRelease"]
    running.controllers.broken.add(target)
    running.go_on(rounds=20)
    assert running.status["phase"] == "Staging"
    assert selected(running) == "blue"
    running.cluster.pass_time(DEADLINES[Phase.STAGING].total_seconds() + 2)
    running.go_on(rounds=3)
    assert running.status["phase"] == "Aborted"
    assert running.condition("Stalled")["reason"] == "DeadlineExceeded"
    assert (replicas(running, "blue"), replicas(running, "green")) == (2, 0)
    running.controllers.broken.clear()
    running.go_on(rounds=20, seconds=100)
    assert running.status["phase"] == "Aborted"
    annotate(running, retry="1")
    running.go_on()
    assert running.status["phase"] == "Complete"
    assert selected(running) == "green"


@pytest.mark.parametrize("phase", ["Verifying", "AwaitingPromotion"])
def test_staged_pods_that_somebody_takes_away_end_the_rollout_at_once_and_are_not_replaced_unverified(
    running: Life, phase: str
) -> None:
    running.apply(image="valeo-erp:1.1.0", rollout={**BRIEF, "promotion": "Manual"})
    while running.status["phase"] != phase:
        running.look()
        running.controllers.work()
        running.cluster.pass_time(1)
    running.cluster.lose(DEPLOYMENTS, NAMESPACE, "production-green")
    running.look()
    assert running.status["phase"] == "Aborted"
    assert "Deployment/production-green: it was deleted after release" in running.condition("Stalled")["message"]
    running.go_on(rounds=10)
    assert (replicas(running, "blue"), replicas(running, "green")) == (2, 0)


def test_a_switch_that_is_not_proven_is_undone_at_once(running: Life) -> None:
    running.apply(image="valeo-erp:1.1.0")
    while selected(running) == "blue":
        running.look()
        running.controllers.work()
        running.cluster.pass_time(1)
    running.controllers.broken.add("answers")
    running.go_on(rounds=3)
    assert running.status["phase"] == "Switching"
    running.go_on(rounds=17)
    assert running.status["phase"] == "RollingBack"
    assert selected(running) == "green"
    assert "no answer" in running.status["message"]
    running.controllers.broken.clear()
    running.go_on(rounds=5)
    assert running.status["phase"] == "RolledBack"
    assert selected(running) == "blue"
    assert replicas(running, "blue") == 2


def test_a_newer_wish_supersedes_one_that_is_not_active_yet(running: Life) -> None:
    running.apply(image="valeo-erp:1.1.0")
    while running.status["phase"] != "Staging":
        running.look()
        running.controllers.work()
    overtaken = running.status["targetRelease"]
    running.apply(image="valeo-erp:1.2.0")
    running.go_on()
    assert running.status["phase"] == "Complete"
    active = running.cluster.find(RELEASES, running.status["activeRelease"])
    assert dig(active, "spec", "image") == "valeo-erp:1.2.0"
    assert dig(running.cluster.find(RELEASES, overtaken), "status", "phase") == "Superseded"


def test_going_back_to_the_active_release_needs_no_new_one(running: Life) -> None:
    before = running.status["activeRelease"]
    running.apply(image="valeo-erp:1.1.0")
    running.go_on(rounds=2)
    running.apply(image="valeo-erp:1.0.0")
    running.go_on()
    assert running.status["phase"] == "Complete"
    assert running.status["activeRelease"] == before
    assert selected(running) == "blue"


def test_a_migration_that_runs_is_not_left_alone(running: Life) -> None:
    running.apply(image="valeo-erp:1.1.0")
    while not [job for job in running.cluster.all(JOBS) if "migrate" in name_of(job) and not job.get("status")]:
        running.controllers.work()
        running.look()
    under_way = running.status["targetRelease"]
    running.apply(image="valeo-erp:1.2.0")
    running.look()
    assert running.status["targetRelease"] == under_way
    running.go_on()
    active = running.cluster.find(RELEASES, running.status["activeRelease"])
    assert dig(active, "spec", "image") == "valeo-erp:1.2.0"


def test_a_retry_nonce_does_everything_anew(running: Life) -> None:
    before = running.status["activeRelease"]
    annotate(running, retry="2")
    running.go_on()
    assert running.status["phase"] == "Complete"
    assert running.status["activeRelease"] != before


def test_suspended_nothing_moves_forward_and_what_runs_is_still_repaired(running: Life) -> None:
    running.apply(suspend=True, image="valeo-erp:1.1.0")
    running.cluster.lose(DEPLOYMENTS, NAMESPACE, "production-identity")
    running.go_on(rounds=10)
    assert len(running.cluster.all(RELEASES)) == 1
    assert selected(running) == "blue"
    assert running.cluster.find(DEPLOYMENTS, "production-identity") is not None
    assert running.condition("Reconciling")["status"] == "False"
    running.apply(suspend=False, image="valeo-erp:1.1.0")
    running.go_on()
    assert selected(running) == "green"


def test_a_dirty_schema_blocks_and_the_active_colour_runs_on(running: Life) -> None:
    running.controllers.migration_leaves = "0002-half"
    running.apply(image="valeo-erp:1.1.0")
    running.go_on()
    assert running.status["phase"] == "SchemaDirty"
    assert running.condition("Stalled")["reason"] == "SchemaDirty"
    assert selected(running) == "blue"
    assert replicas(running, "blue") == 2
    running.controllers.migration_leaves = ""
    running.controllers.revisions[NAMESPACE] = "0001"  # somebody puts it right
    running.apply(image="valeo-erp:1.1.1")
    running.go_on()
    assert running.status["phase"] == "Complete"


def test_a_lost_record_of_the_active_release_is_replaced_by_a_rollout(running: Life) -> None:
    running.cluster.lose(RELEASES, NAMESPACE, running.status["activeRelease"])
    running.go_on()
    assert running.status["phase"] == "Complete"
    assert selected(running) == "green"
    assert running.condition("Ready")["status"] == "True"


def test_configurations_stay_so_that_a_release_can_come_back(running: Life) -> None:
    running.apply(publicURL="http://127.0.0.1:9090")
    running.go_on()
    assert len(running.cluster.all(CONFIG_MAPS)) == 2


def test_every_move_is_in_the_table_or_refused() -> None:
    for phase in Phase:
        for outcome in Outcome:
            if outcome is Outcome.STAYS:
                assert next_phase(phase, outcome) is phase
            elif (phase, outcome) in TRANSITIONS:
                assert next_phase(phase, outcome) is TRANSITIONS[phase, outcome]
            else:
                with pytest.raises(ForbiddenMoveError, match=str(phase.value)):
                    next_phase(phase, outcome)


def test_deadlines_are_positive_and_only_for_phases_that_go_on() -> None:
    assert all(length > timedelta(0) for length in DEADLINES.values())
    going_on = {phase for phase, outcome in TRANSITIONS if outcome is Outcome.EXPIRED}
    assert set(DEADLINES) == going_on


def test_phases_are_announced_once_each(running: Life) -> None:
    running.cluster.effects.clear()
    running.apply(image="valeo-erp:1.1.0")
    running.go_on()
    told = [reason for reason in events(running.cluster) if reason in {phase.value for phase in Phase}]
    assert told == WHOLE_WAY
