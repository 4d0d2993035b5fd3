"""The watch after the switch, and the way back: decided before anything is touched, and proven."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.support.cluster_in_memory import KilledError, events
from tests.support.installation_in_memory import BRIEF, NAME, NAMESPACE, Life, annotate

from valeo_operator.api.rollout import Phase
from valeo_operator.cluster.kinds import CONFIG_MAPS, DEPLOYMENTS, PODS, RELEASES, SERVICES
from valeo_operator.cluster.objects import dig, label, uid_of
from valeo_operator.installations.facts import Analysis
from valeo_operator.releases.lifecycle import DEADLINES

OLD, NEW = "valeo-erp:1.0.0", "valeo-erp:1.1.0"
LONG = {"rollout": {**BRIEF, "watchSeconds": 300}}
CONTRACTS = {
    "head_revision": "0002",
    "revisions": ["0001", "0002"],
    "breaking": [{"revision": "0002", "kind": "contracting", "tolerated_from": "0001"}],
}
FAILS = Analysis("Fail", "5 % of 812 requests were answered with 5xx, the limit is 1 %", {"error rate": "5 %"})
UNKNOWN = Analysis("Unknown", "12 requests are too few to tell")
PASSES = Analysis("Pass", "0 % of 812 requests were answered with 5xx", {"error rate": "0 %"})


def replicas(life: Life, colour: str) -> int:
    found = life.cluster.find(DEPLOYMENTS, f"{NAME}-{colour}")
    return 0 if found is None else int(found["spec"]["replicas"])


def selected(life: Life) -> str:
    return str(dig(life.cluster.find(SERVICES, NAME), "spec", "selector", "valeoerp.io/colour"))


def until(life: Life, phase: str, rounds: int = 80) -> None:
    for _ in range(rounds):
        if life.status.get("phase") == phase:
            return
        life.look()
        life.controllers.work()
        life.cluster.pass_time(1)
    assert life.status.get("phase") == phase, life.status


def watched(life: Life, image: str = NEW, **spec: Any) -> str:
    """A release that serves and is watched."""
    life.apply(image=image, **{**LONG, **spec})
    until(life, "Watching")
    return str(life.status["targetRelease"])


# --- draining and watching ------------------------------------------------------------------------------------------


def test_while_it_is_watched_the_new_release_is_ready_and_the_old_one_stands_by(running: Life) -> None:
    old = running.status["activeRelease"]
    new = watched(running)
    running.go_on(rounds=10)
    assert running.status["activeRelease"] == new
    assert running.status["previousRelease"] == old
    assert running.condition("Ready")["status"] == "True"
    assert running.condition("Reconciling")["status"] == "False"
    assert running.condition("RolloutComplete")["status"] == "False"
    assert running.condition("RollbackPossible")["status"] == "True"
    assert (replicas(running, "blue"), replicas(running, "green")) == (2, 2)
    running.cluster.pass_time(300)
    running.go_on(rounds=3)
    assert running.status["phase"] == "Complete"
    running.go_on(rounds=3)
    assert (replicas(running, "blue"), replicas(running, "green")) == (0, 2)


def test_draining_ends_when_nobody_is_connected_any_more(running: Life) -> None:
    running.controllers.connections = 3
    running.apply(image=NEW, rollout={**BRIEF, "drainSeconds": 600})
    until(running, "Draining")
    running.go_on(rounds=20)
    assert running.status["phase"] == "Draining"
    running.controllers.connections = 0
    running.look()
    assert running.status["phase"] == "Watching"
    assert running.status["course"]["openConnections"] == 0


def test_connections_that_outlast_the_drain_time_are_counted(running: Life) -> None:
    running.controllers.connections = 3
    running.apply(image=NEW)
    until(running, "Watching")
    assert running.status["course"]["openConnections"] == 3


def test_the_first_release_has_nothing_to_go_back_to_and_is_not_watched(running: Life) -> None:
    assert "previousRelease" not in running.status
    assert running.condition("RollbackPossible")["reason"] == "NoPreviousRelease"
    assert "Watching" not in events(running.cluster)


# --- a breach -------------------------------------------------------------------------------------------------------


def test_numbers_that_break_a_limit_lead_back_by_themselves(running: Life) -> None:
    old = running.status["activeRelease"]
    new = watched(running)
    running.controllers.analyses[NEW] = FAILS
    running.go_on(rounds=8)
    assert running.status["phase"] == "RolledBack"
    assert running.status["activeRelease"] == old
    assert selected(running) == "blue"
    assert running.condition("Stalled")["reason"] == "RolledBack"
    assert "5 % of 812 requests" in running.status["message"]
    report = running.cluster.find(RELEASES, new)
    assert dig(report, "status", "phase") == "RolledBack"
    assert dig(report, "status", "verdicts")[-1]["numbers"] == {"error rate": "5 %"}


def test_a_release_that_was_rolled_back_is_begun_anew_only_when_asked(running: Life) -> None:
    watched(running)
    running.controllers.analyses[NEW] = FAILS
    running.go_on(rounds=8)
    running.controllers.analyses.clear()
    running.go_on(rounds=30, seconds=60)
    assert running.status["phase"] == "RolledBack"
    assert (replicas(running, "blue"), replicas(running, "green")) == (2, 0)
    annotate(running, retry="once more")
    running.go_on(rounds=80, seconds=10)
    assert running.status["phase"] == "Complete"
    assert dig(running.cluster.find(RELEASES, running.status["activeRelease"]), "spec", "image") == NEW


def test_held_and_let_go_after_a_rollback_what_is_active_stays(running: Life) -> None:
    old = running.status["activeRelease"]
    watched(running)
    running.controllers.analyses[NEW] = FAILS
    running.go_on(rounds=8)
    for suspend in (True, False):
        running.apply(image=NEW, suspend=suspend, **LONG)
        running.go_on(rounds=3)
    assert running.status["phase"] == "RolledBack"
    assert running.status["activeRelease"] == old
    assert "5 % of 812 requests" in running.status["message"]


def test_taking_the_wish_back_after_a_rollback_settles(running: Life) -> None:
    old = running.status["activeRelease"]
    watched(running)
    running.controllers.analyses[NEW] = FAILS
    running.go_on(rounds=8)
    running.apply(image=OLD, **LONG)
    running.go_on()
    assert running.status["phase"] == "Complete"
    assert running.status["activeRelease"] == old


def test_pods_that_are_not_ready_for_long_lead_back_and_a_short_while_does_not(running: Life) -> None:
    new = watched(running)
    running.controllers.unready[new] = 1
    running.go_on(rounds=8)
    running.controllers.unready.clear()
    running.go_on(rounds=3)
    assert running.status["phase"] == "Watching"
    assert "breachSince" not in running.status["course"]
    running.controllers.unready[new] = 1
    running.go_on(rounds=25)
    assert running.status["phase"] == "RolledBack"


def test_a_new_colour_that_is_dead_leads_back_at_once(running: Life) -> None:
    new = watched(running)
    running.controllers.broken.add(new)
    running.go_on(rounds=6)
    assert running.status["phase"] == "RolledBack"


def test_where_both_colours_are_dead_nothing_is_turned(running: Life) -> None:
    watched(running)
    running.controllers.broken.add("erp")
    running.go_on(rounds=40)
    assert running.status["phase"] == "Watching"
    assert selected(running) == "green"
    assert running.condition("Ready")["status"] == "False"
    assert running.condition("Available")["status"] == "False"
    running.controllers.broken.clear()
    running.go_on(rounds=3)
    assert running.condition("Ready")["status"] == "True"


def test_without_auto_rollback_a_breach_is_told_and_somebody_decides(running: Life) -> None:
    new = watched(running, rollout={**LONG["rollout"], "autoRollback": False})
    running.controllers.analyses[NEW] = FAILS
    running.go_on(rounds=20, seconds=60)
    assert running.status["phase"] == "Watching"
    assert running.condition("Stalled")["reason"] == "Breach"
    annotate(running, rollback=new)
    running.go_on(rounds=8)
    assert running.status["phase"] == "RolledBack"
    assert running.status["acts"]["rollback"] == new


# --- unknown is never a pass ----------------------------------------------------------------------------------------


def test_a_watch_without_numbers_is_longer_until_it_knows(running: Life) -> None:
    running.controllers.analyses[NEW] = UNKNOWN
    watched(running)
    running.cluster.pass_time(400)
    running.go_on(rounds=5)
    assert running.status["phase"] == "Watching"
    assert running.condition("Ready")["status"] == "True"
    assert "too few to tell" in running.status["message"]
    running.controllers.analyses[NEW] = PASSES
    running.go_on(rounds=2)
    assert running.status["phase"] == "Complete"


def test_a_watch_that_never_knows_is_no_pass(running: Life) -> None:
    running.controllers.analyses[NEW] = UNKNOWN
    watched(running)
    running.cluster.pass_time(300 + DEADLINES[Phase.WATCHING].total_seconds())
    running.go_on(rounds=8)
    assert running.status["phase"] == "RolledBack"
    assert "too few to tell" in running.status["message"]


# --- asked for by a person ------------------------------------------------------------------------------------------


def test_a_completed_release_is_gone_back_from_with_its_configuration(running: Life) -> None:
    old = running.status["activeRelease"]
    running.apply(image=NEW, publicURL="http://127.0.0.1:9090")
    running.go_on()
    new = running.status["activeRelease"]
    assert replicas(running, "blue") == 0
    running.apply(image=NEW, publicURL="http://127.0.0.1:9090", suspend=True)  # holds no rollback
    running.go_on(rounds=3)
    annotate(running, rollback=new)
    running.go_on(rounds=12)
    assert running.status["phase"] == "RolledBack"
    assert running.status["activeRelease"] == old
    blue = running.cluster.find(DEPLOYMENTS, f"{NAME}-blue")
    assert label(blue or {}, "valeoerp.io/release") == old
    container = dig(blue, "spec", "template", "spec", "containers")[0]
    config = next(
        each["valueFrom"]["configMapKeyRef"] for each in container["env"] if each["name"] == "VALEO_PUBLIC_URL"
    )
    data = dig(running.cluster.find(CONFIG_MAPS, config["name"]), "data")
    assert data["VALEO_PUBLIC_URL"] == "http://127.0.0.1:8080"


def test_a_rollback_while_another_release_is_staged_ends_that_first(running: Life) -> None:
    old = running.status["activeRelease"]
    running.apply(image=NEW)
    running.go_on()
    new = running.status["activeRelease"]
    running.apply(image="valeo-erp:1.2.0", rollout={**BRIEF, "promotion": "Manual"})
    until(running, "AwaitingPromotion")
    third = running.status["targetRelease"]
    annotate(running, rollback=new)
    running.go_on(rounds=15)
    assert running.status["phase"] == "RolledBack"
    assert running.status["activeRelease"] == old
    assert dig(running.cluster.find(RELEASES, third), "status", "phase") == "Aborted"
    running.go_on(rounds=20, seconds=60)
    assert running.status["phase"] == "RolledBack"


def test_a_rollback_from_a_release_that_does_not_serve_has_no_effect_and_says_so(running: Life) -> None:
    running.apply(image=NEW)
    running.go_on()
    annotate(running, rollback="production-of-yesterday-blue")
    running.go_on(rounds=5)
    assert running.status["phase"] == "Complete"
    assert events(running.cluster).count("ActWithoutEffect") == 1


def test_after_a_contraction_the_way_back_is_free_for_the_release_that_tolerates_it(running: Life) -> None:
    old = running.status["activeRelease"]
    running.controllers.images[NEW] = CONTRACTS
    running.apply(image=NEW)
    running.go_on()
    annotate(running, contract=running.status["targetRelease"])
    running.go_on()
    assert running.status["schemaRevision"] == "0002"
    annotate(running, rollback=running.status["activeRelease"])
    running.go_on(rounds=10)
    assert running.status["phase"] == "RolledBack"
    assert running.status["activeRelease"] == old
    assert running.status["schemaRevision"] == "0002"  # data never goes back


def test_a_rollback_that_the_schema_forbids_names_revision_range_and_choices(running: Life) -> None:
    running.controllers.images[NEW] = {"head_revision": "0002", "revisions": ["0001", "0002"]}
    new = watched(running)
    running.controllers.revisions[NAMESPACE] = "0009"  # somebody migrated by hand
    running.cluster.effects.clear()
    annotate(running, rollback=new)
    running.go_on(rounds=8)
    assert running.status["phase"] == "RollbackBlocked"
    told = running.status["message"]
    for part in ("0009", "0001 to 0001", "spec.image", "valeoerp.io/retry", "ValeoRestore"):
        assert part in told
    assert selected(running) == "green"
    assert "Switched" not in events(running.cluster)
    assert running.status["activeRelease"] == new


def test_a_refused_rollback_that_is_asked_for_no_longer_leaves_the_release_complete(running: Life) -> None:
    running.apply(image=NEW)
    running.go_on()
    new = running.status["activeRelease"]
    running.controllers.revisions[NAMESPACE] = "0009"
    annotate(running, rollback=new)
    running.go_on(rounds=5)
    assert running.status["phase"] == "RollbackBlocked"
    annotate(running, rollback=None)
    running.go_on(rounds=5)
    assert running.status["phase"] == "Complete"
    assert running.condition("Ready")["status"] == "True"


def test_the_first_release_can_not_be_gone_back_from(running: Life) -> None:
    annotate(running, rollback=running.status["activeRelease"])
    running.go_on(rounds=3)
    assert running.status["phase"] == "RollbackBlocked"
    assert running.condition("Stalled")["reason"] == "RollbackBlocked"
    annotate(running, rollback=None)
    running.go_on(rounds=3)
    assert running.condition("Ready")["status"] == "True"


def test_a_rollback_that_does_not_come_about_in_time_says_so_and_stays(running: Life) -> None:
    old = running.status["activeRelease"]
    running.apply(image=NEW)
    running.go_on()
    running.controllers.broken.add(old)
    annotate(running, rollback=running.status["activeRelease"])
    running.go_on(rounds=5)
    assert running.status["phase"] == "RollingBack"
    assert selected(running) == "green"
    running.cluster.pass_time(DEADLINES[Phase.ROLLING_BACK].total_seconds())
    running.go_on(rounds=3)
    assert running.status["phase"] == "RollbackBlocked"
    assert selected(running) == "green"


def test_rolling_back_takes_three_looks_where_the_old_colour_stands_by(running: Life) -> None:
    new = watched(running)
    annotate(running, rollback=new)
    for _ in range(3):
        running.look()
        running.controllers.work()
    assert running.status["phase"] == "RolledBack"


@pytest.mark.parametrize("number", range(1, 9))
def test_killed_while_it_goes_back_another_one_ends_it(running: Life, number: int) -> None:
    old = running.status["activeRelease"]
    new = watched(running)
    annotate(running, rollback=new)
    running.cluster.dies_after = number
    try:
        running.go_on(rounds=8)
    except KilledError:
        running.restart()
        running.controllers.work()
        running.go_on(rounds=10)
    assert running.status["phase"] == "RolledBack"
    assert running.status["activeRelease"] == old
    assert selected(running) == "blue"


# --- what waits, what is kept ---------------------------------------------------------------------------------------


def test_a_newer_wish_waits_until_the_watch_is_over(running: Life) -> None:
    new = watched(running)
    running.apply(image="valeo-erp:1.2.0", **LONG)
    running.go_on(rounds=5)
    assert running.status["phase"] == "Watching"
    assert running.status["targetRelease"] == new
    assert running.condition("Ready")["status"] == "False"
    running.cluster.pass_time(300)
    running.go_on(rounds=4)
    assert running.status["targetRelease"] != new


def test_a_newer_wish_that_waited_is_begun_after_a_rollback(running: Life) -> None:
    watched(running)
    running.apply(image="valeo-erp:1.2.0", **LONG)
    running.controllers.analyses[NEW] = FAILS
    running.go_on(rounds=12)
    assert running.status["phase"] in {phase.value for phase in Phase} - {"RolledBack"}
    running.go_on(rounds=80, seconds=10)
    assert running.status["phase"] == "Complete"
    active = running.cluster.find(RELEASES, running.status["activeRelease"])
    assert dig(active, "spec", "image") == "valeo-erp:1.2.0"


def test_old_releases_and_their_configurations_go_and_those_in_use_stay(running: Life) -> None:
    for number in range(5):
        running.apply(publicURL=f"http://127.0.0.1:909{number}", rollout={**BRIEF, "keepReleases": 2})
        running.go_on(rounds=60)
        assert running.status["phase"] == "Complete"
    running.go_on(rounds=5)
    names = {each["metadata"]["name"] for each in running.cluster.all(RELEASES)}
    assert names == {running.status["activeRelease"], running.status["previousRelease"]}
    assert len(running.cluster.all(CONFIG_MAPS)) == 2


def test_the_history_of_a_release_tells_every_phase(running: Life) -> None:
    release = running.cluster.find(RELEASES, running.status["activeRelease"])
    told = [each["phase"] for each in dig(release, "status", "history")]
    assert told[-2:] == ["Switching", "Complete"]
    assert told == list(dict.fromkeys(told))


# --- every end can be begun anew ------------------------------------------------------------------------------------


def failed(life: Life) -> None:
    life.controllers.broken.add("describe")
    life.apply(image=NEW)
    life.go_on(rounds=3)
    life.cluster.pass_time(DEADLINES[Phase.PENDING].total_seconds())
    life.go_on(rounds=2)


def aborted(life: Life) -> None:
    life.controllers.smoke_fails = {"post": "HTTP 500"}
    life.apply(image=NEW)
    life.go_on()


def expired(life: Life) -> None:
    life.apply(image=NEW, rollout={**BRIEF, "promotion": "Manual"})
    until(life, "AwaitingPromotion")
    life.cluster.pass_time(DEADLINES[Phase.AWAITING_PROMOTION].total_seconds())
    life.go_on(rounds=2)


def dirty(life: Life) -> None:
    life.controllers.images[NEW] = {"head_revision": "0002", "revisions": ["0001", "0002"]}
    life.controllers.migration_leaves = "0001a"
    life.apply(image=NEW)
    life.go_on()


def rolled_back(life: Life) -> None:
    watched(life)
    life.controllers.analyses[NEW] = FAILS
    life.go_on(rounds=8)


def blocked(life: Life) -> None:
    new = watched(life)
    life.controllers.revisions[NAMESPACE] = "0009"
    annotate(life, rollback=new)
    life.go_on(rounds=4)


@pytest.mark.parametrize(
    ("end", "phase"),
    [
        (failed, "Failed"),
        (aborted, "Aborted"),
        (expired, "Expired"),
        (dirty, "SchemaDirty"),
        (rolled_back, "RolledBack"),
        (blocked, "RollbackBlocked"),
    ],
)
def test_every_end_is_begun_anew_by_one_act_with_a_nonce(
    running: Life, end: Callable[[Life], None], phase: str
) -> None:
    end(running)
    assert running.status["phase"] == phase, running.status["message"]
    assert running.condition("Ready")["status"] == "False"
    assert running.condition("Stalled")["status"] == "True"
    assert "Next step: " in running.status["message"]
    controllers = running.controllers
    controllers.broken.clear()
    controllers.analyses.clear()
    controllers.smoke_fails, controllers.migration_leaves = {}, ""
    controllers.revisions[NAMESPACE] = "0001"  # what was done by hand is undone by hand
    annotate(running, retry="by hand")
    running.apply(image=NEW)
    running.go_on()
    assert running.status["phase"] == "Complete", running.status
    assert running.status["acts"]["retry"] == "by hand"
    annotate(running, retry=None)
    running.go_on(rounds=5)
    assert running.status["phase"] == "Complete"  # the act stays taken up when its annotation goes


def test_the_pods_that_were_verified_are_the_pods_that_go_live(running: Life) -> None:
    running.apply(image=NEW)
    until(running, "Verifying")
    staged = {uid_of(pod) for pod in running.cluster.all(PODS) if label(pod, "valeoerp.io/colour") == "green"}
    template = dig(running.cluster.find(DEPLOYMENTS, f"{NAME}-green"), "spec", "template")
    until(running, "Complete")
    live = {uid_of(pod) for pod in running.cluster.all(PODS) if label(pod, "valeoerp.io/colour") == "green"}
    assert staged == live
    assert dig(running.cluster.find(DEPLOYMENTS, f"{NAME}-green"), "spec", "template") == template


def test_another_size_while_it_is_watched_holds_for_both_colours(running: Life) -> None:
    watched(running)
    running.apply(image=NEW, replicas=4, **LONG)
    running.go_on(rounds=4)
    assert (replicas(running, "blue"), replicas(running, "green")) == (4, 4)
    assert running.status["phase"] == "Watching"
