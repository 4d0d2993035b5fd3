"""Replacing the login of the application: proven before it is used, and the old one good until nobody needs it."""

import itertools
import json
import re
from collections import Counter

import pytest
from tests.support.cluster_in_memory import KilledError, events, login_secret, secret
from tests.support.installation_in_memory import BRIEF, NAME, NAMESPACE, Life, annotate

from valeo_operator.api.rotation import RotationPhase
from valeo_operator.cluster.kinds import DEPLOYMENTS, JOBS, LEASES, RELEASES, SECRETS, SERVICES
from valeo_operator.cluster.objects import Object, dig, name_of
from valeo_operator.installations.facts import Analysis
from valeo_operator.rotations.lifecycle import TRANSITIONS, ForbiddenMoveError, Outcome, next_phase

FIRST, SECOND, THIRD = (f"{NAME}-database-app-{each}" for each in ("a", "b-2", "a-3"))
SOON = {"rotation": {"overlap": "15m"}}
EXTERNAL = {"host": "db.example", "name": "valeo", "migratorSecret": "owner", "applicationSecret": "login"}


def begin() -> Life:
    """An installation that is Complete, with a short overlap."""
    life = Life()
    life.apply(**SOON)
    life.go_on()
    assert life.status["phase"] == "Complete"
    return life


COMPLETE = begin()


@pytest.fixture
def life() -> Life:
    return COMPLETE.copied()


def rotation(life: Life) -> Object:
    told: Object = life.status["rotation"]["database"]
    return told


def until(life: Life, *phases: str, rounds: int = 150) -> None:
    """Go on until the rotation is in one of these phases. Time passes faster while both logins are good."""
    for _ in range(rounds):
        if rotation(life)["phase"] in phases:
            return
        life.look()
        life.controllers.work()
        life.cluster.pass_time(120 if rotation(life)["phase"] == "Overlapping" else 1)
    raise AssertionError(rotation(life))


def rotated(life: Life) -> None:
    """From the request to the end."""
    annotate(life, rotate="database")
    until(life, "Preparing")
    until(life, "Idle")
    life.go_on(rounds=3)


def secrets(life: Life) -> set[str]:
    return {name_of(each) for each in life.cluster.all(SECRETS) if "-database-app-" in name_of(each)}


def login_of_active(life: Life) -> str | None:
    colour = dig(life.cluster.find(SERVICES, NAME), "spec", "selector", "valeoerp.io/colour")
    found = life.cluster.find(DEPLOYMENTS, f"{NAME}-{colour}")
    assert found is not None
    return login_secret(found)


# --- the table ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("phase", "outcome"), list(itertools.product(RotationPhase, Outcome)))
def test_a_move_that_is_not_in_the_table_is_refused(phase: RotationPhase, outcome: Outcome) -> None:
    if outcome is Outcome.STAYS:
        assert next_phase(phase, outcome) is phase
    elif (phase, outcome) in TRANSITIONS:
        assert next_phase(phase, outcome) is TRANSITIONS[phase, outcome]
    else:
        with pytest.raises(ForbiddenMoveError, match=phase.value):
            next_phase(phase, outcome)


def test_what_is_retired_is_past_going_back() -> None:
    assert [phase for phase, outcome in TRANSITIONS if outcome is Outcome.FAILS] == [
        RotationPhase.PREPARING,
        RotationPhase.RELEASING,
        RotationPhase.PROVING,
        RotationPhase.OVERLAPPING,
    ]


# --- the way there --------------------------------------------------------------------------------------------------


def test_a_login_is_replaced_by_a_release_and_the_old_one_is_closed(life: Life) -> None:
    before = life.status["activeRelease"]
    rotated(life)
    assert login_of_active(life) == SECOND
    assert life.status["activeRelease"] != before
    assert secrets(life) == {SECOND}
    assert life.controllers.roles["valeo_app_a"] is None
    assert rotation(life)["secret"] == SECOND
    assert "previous" not in rotation(life)
    assert [reason for reason in events(life.cluster) if reason.startswith("Rotation")] == [
        "RotationPreparing",
        "RotationReleasing",
        "RotationProving",
        "RotationOverlapping",
        "RotationRetiring",
        "RotationComplete",
    ]


def test_the_roles_take_turns_and_every_value_has_a_secret_of_its_own(life: Life) -> None:
    rotated(life)
    annotate(life, rotate="database@again")
    until(life, "Preparing")
    until(life, "Idle")
    life.go_on(rounds=3)
    assert (login_of_active(life), secrets(life)) == (THIRD, {THIRD})
    assert life.controllers.roles["valeo_app_b"] is None
    assert life.status["phase"] == "Complete"


def test_the_secret_of_a_new_login_can_not_be_changed(life: Life) -> None:
    annotate(life, rotate="database")
    until(life, "Releasing")
    made = life.cluster.find(SECRETS, SECOND)
    assert made is not None
    assert made["immutable"] is True
    assert "ownerReferences" not in made["metadata"]


def test_the_new_value_is_recorded_before_the_database_is_given_it(life: Life) -> None:
    annotate(life, rotate="database")
    until(life, "Releasing")
    made = [(each.kind, each.name) for each in life.cluster.effects if each.verb == "create"]
    recorded = next(at for at, (kind, name) in enumerate(made) if kind is SECRETS and name == SECOND)
    job = next(at for at, (kind, name) in enumerate(made) if kind is JOBS and "-rotate-" in name)
    assert recorded < job


def test_the_old_login_is_good_as_long_as_a_rollback_is_possible(life: Life) -> None:
    annotate(life, rotate="database")
    until(life, "Overlapping")
    for _ in range(10):
        life.look()
        life.cluster.pass_time(60)
    assert rotation(life)["phase"] == "Overlapping"
    assert life.controllers.roles["valeo_app_a"] is not None
    assert FIRST in secrets(life)
    until(life, "Idle")
    assert life.controllers.roles["valeo_app_a"] is None


def test_while_somebody_is_connected_with_the_old_login_it_is_not_retired(life: Life) -> None:
    annotate(life, rotate="database")
    until(life, "Proving")
    blue = life.cluster.find(DEPLOYMENTS, f"{NAME}-blue")
    assert blue is not None
    stray = {**blue, "metadata": {"name": "stray", "namespace": NAMESPACE, "labels": {}}}
    stray["spec"] = {**stray["spec"], "replicas": 1}
    life.cluster.put(DEPLOYMENTS, stray)
    for _ in range(30):
        life.look()
        life.controllers.work()
        life.cluster.pass_time(5)
    assert rotation(life)["phase"] == "Proving"
    assert "1 sessions of valeo_app_a are open" in rotation(life)["message"]
    life.cluster.lose(DEPLOYMENTS, NAMESPACE, "stray")
    until(life, "Idle")


# --- failures -------------------------------------------------------------------------------------------------------


def test_a_release_that_does_not_hold_leaves_the_old_login_valid_and_retires_the_new_one(life: Life) -> None:
    before = life.status["activeRelease"]
    annotate(life, rotate="database")
    until(life, "Releasing")
    life.controllers.smoke_fails["post"] = "no"
    until(life, "TakingBack", rounds=200)
    life.controllers.smoke_fails.clear()
    until(life, "Idle")
    life.go_on()
    assert (life.status["activeRelease"], life.status["phase"]) == (before, "Complete")
    assert (login_of_active(life), life.controllers.roles["valeo_app_b"]) == (FIRST, None)
    assert rotation(life)["secret"] == FIRST
    assert SECOND not in secrets(life)


def test_a_release_that_is_gone_back_from_leaves_the_old_login_valid(life: Life) -> None:
    before = life.status["activeRelease"]
    life.apply(**SOON, rollout={**BRIEF, "watchSeconds": 30})
    annotate(life, rotate="database")
    until(life, "Releasing")
    life.controllers.analyses["valeo-erp:1.0.0"] = Analysis("Fail", "5 % are errors, the limit is 1 %")
    until(life, "TakingBack", rounds=300)
    life.controllers.analyses.clear()
    until(life, "Idle", rounds=300)
    life.go_on()
    assert (life.status["activeRelease"], login_of_active(life)) == (before, FIRST)


def test_a_rollback_by_a_person_while_both_are_good_takes_the_rotation_back(life: Life) -> None:
    before = life.status["activeRelease"]
    annotate(life, rotate="database")
    until(life, "Overlapping")
    annotate(life, rollback=life.status["activeRelease"])
    until(life, "TakingBack")
    assert rotation(life)["secret"] == FIRST
    until(life, "Idle")
    life.go_on()
    assert (life.status["activeRelease"], login_of_active(life)) == (before, FIRST)
    assert life.controllers.roles["valeo_app_b"] is None


def test_after_the_retirement_a_rollback_to_the_old_login_is_refused_with_its_reason(life: Life) -> None:
    rotated(life)
    serves = life.status["activeRelease"]
    assert life.condition("RollbackPossible")["status"] == "False"
    assert f"its login, Secret {FIRST}, is retired" in life.condition("RollbackPossible")["message"]
    annotate(life, rollback=serves)
    life.go_on(rounds=5)
    assert (life.status["phase"], life.status["activeRelease"]) == ("RollbackBlocked", serves)


def test_a_login_that_can_not_be_prepared_is_given_up_with_the_old_one_untouched(life: Life) -> None:
    annotate(life, rotate="database")
    life.controllers.broken.add("rotate")
    until(life, "Preparing")
    life.go_on(rounds=10)
    assert "it is broken" in rotation(life)["message"]
    life.cluster.pass_time(1801)
    until(life, "Retiring")
    assert login_of_active(life) == FIRST
    assert life.condition("Ready")["status"] == "True"
    life.controllers.broken.clear()
    until(life, "Idle", rounds=200)
    assert rotation(life)["secret"] == FIRST


def test_a_release_of_a_new_image_in_between_keeps_the_login(life: Life) -> None:
    rotated(life)
    life.apply(**SOON, image="valeo-erp:1.1.0")
    life.go_on(rounds=80)
    assert (life.status["phase"], login_of_active(life)) == ("Complete", SECOND)


# --- when -----------------------------------------------------------------------------------------------------------


def test_by_default_nothing_is_replaced_by_schedule(life: Life) -> None:
    life.apply()
    life.cluster.pass_time(400 * 86400)
    life.go_on(rounds=3)
    assert life.status["rotation"]["database"]["phase"] == "Idle"
    assert life.condition("CredentialsFresh")["reason"] == "NotConfigured"


def test_a_login_is_replaced_when_it_is_as_old_as_the_spec_says(life: Life) -> None:
    assert life.condition("CredentialsFresh")["status"] == "True"
    assert rotation(life)["nextAt"].startswith("2026-04-01T12:00:")
    life.cluster.pass_time(89 * 86400)
    life.go_on(rounds=3)
    assert rotation(life)["phase"] == "Idle"
    life.cluster.pass_time(86400)
    until(life, "Preparing")
    until(life, "Idle")
    assert rotation(life)["secret"] == SECOND
    assert rotation(life)["nextAt"] > "2026-06-29"


def test_a_login_that_is_too_old_is_told(life: Life) -> None:
    life.apply(**SOON, suspend=True)
    life.cluster.pass_time(92 * 86400)
    life.go_on(rounds=3)
    fresh = life.condition("CredentialsFresh")
    assert (fresh["status"], fresh["reason"]) == ("False", "CredentialsOld")
    assert "spec.suspend is true" in fresh["message"]


def test_it_waits_for_the_end_of_a_rollout(life: Life) -> None:
    life.apply(**SOON, image="valeo-erp:1.1.0")
    annotate(life, rotate="database")
    life.go_on(rounds=3)
    assert rotation(life)["phase"] == "Idle"
    assert rotation(life)["asked"] is True
    assert "It waits: " in rotation(life)["message"]
    until(life, "Preparing")
    until(life, "Idle")


def test_it_waits_for_the_end_of_a_backup(life: Life) -> None:
    lease = {"metadata": {"name": f"{NAME}-data", "namespace": NAMESPACE, "labels": {}}}
    lease["metadata"]["labels"] = {"app.kubernetes.io/instance": NAME, "app.kubernetes.io/managed-by": "valeo-operator"}
    life.cluster.put(LEASES, {**lease, "spec": {"holderIdentity": "backup/one", "acquireTime": "x"}})
    annotate(life, rotate="database")
    life.go_on(rounds=10)
    assert rotation(life)["phase"] == "Preparing"
    assert "backup/one is under way" in rotation(life)["message"]
    assert SECOND not in secrets(life)
    life.cluster.lose(LEASES, NAMESPACE, f"{NAME}-data")
    until(life, "Releasing")
    life.go_on(rounds=1)
    assert life.cluster.find(LEASES, f"{NAME}-data") is None


@pytest.mark.parametrize("value", ["password", "database,now", "keys or so"])
def test_a_request_that_is_not_known_is_answered_and_has_no_effect(life: Life, value: str) -> None:
    annotate(life, rotate=value)
    life.go_on(rounds=4)
    assert events(life.cluster).count("ActWithoutEffect") == 1
    assert rotation(life)["phase"] == "Idle"


def test_logins_of_an_external_database_are_those_of_the_user() -> None:
    life = Life()
    for name in ("owner", "login"):
        life.cluster.put(SECRETS, secret(name, {"username": name, "password": "x"}))
    life.apply(database={"engine": "External", "external": EXTERNAL})
    life.go_on()
    annotate(life, rotate="database")
    life.go_on(rounds=4)
    assert "ActWithoutEffect" in events(life.cluster)
    assert life.status["acts"]["rotate"] == "database"
    assert "database" not in life.status["rotation"]


# --- emergency ------------------------------------------------------------------------------------------------------


def test_in_an_emergency_the_old_login_is_closed_as_soon_as_the_new_one_serves(life: Life) -> None:
    life.apply(rotation={"overlap": "24h"}, rollout={**BRIEF, "watchSeconds": 600})
    annotate(life, rotate="database,emergency")
    until(life, "Preparing")
    until(life, "Retiring")
    assert life.status["phase"] in {"Draining", "Watching"}
    until(life, "Idle")
    assert life.controllers.roles["valeo_app_a"] is None
    assert life.status["phase"] in {"Draining", "Watching"}
    assert "emergency" not in {key for key, value in rotation(life).items() if value}


def test_an_emergency_ends_the_overlap_and_replaces_the_value_that_was_just_made(life: Life) -> None:
    annotate(life, rotate="database")
    until(life, "Overlapping")
    annotate(life, rotate="database,emergency@now")
    until(life, "Preparing")
    assert life.controllers.roles["valeo_app_a"] is None
    until(life, "Idle")
    assert rotation(life)["secret"] == THIRD
    assert life.controllers.roles["valeo_app_b"] is None


# --- kills ----------------------------------------------------------------------------------------------------------


def end_state(life: Life) -> dict[str, object]:
    return {
        "login": login_of_active(life),
        "secrets": secrets(life),
        "open": sorted(role for role, password in life.controllers.roles.items() if password is not None),
        "phase": life.status["phase"],
        "rotation": (rotation(life)["phase"], rotation(life)["version"]),
        "releases": sorted(dig(each, "status", "phase") for each in life.cluster.all(RELEASES)),
        "leases": [name_of(each) for each in life.cluster.all(LEASES)],
    }


def survive(life: Life) -> Life:
    """Rotate, with a new operator in the place of one that was killed. Nobody is ever kept out."""
    annotate(life, rotate="database")
    for _ in range(200):
        try:
            life.look()
        except KilledError:
            life.restart()
        life.controllers.work()
        assert life.controllers.roles[role_of(str(login_of_active(life)))] is not None
        life.cluster.pass_time(120 if rotation(life)["phase"] == "Overlapping" else 1)
        if rotation(life)["phase"] == "Idle" and rotation(life)["version"] == 2:
            break
    life.go_on(rounds=5)
    return life


def role_of(secret: str) -> str:
    found = re.search(r"-app-([ab])", secret)
    assert found is not None
    return f"valeo_app_{found[1]}"


QUIET = survive(COMPLETE.copied())


@pytest.mark.parametrize("number", range(1, len(QUIET.cluster.effects) + 1))
def test_killed_after_any_effect_of_a_rotation_the_end_is_the_same_and_nobody_is_kept_out(number: int) -> None:
    life = COMPLETE.copied()
    life.cluster.dies_after = number
    survive(life)
    assert life.cluster.kills == 1
    assert end_state(life) == end_state(QUIET)
    made = Counter((each.kind.name, each.name) for each in life.cluster.effects if each.verb == "create")
    assert [name for (kind, name), times in made.items() if kind in {"Secret", "Job"} and times > 1] == []


def test_no_value_stands_in_anything_but_its_secret(life: Life) -> None:
    rotated(life)
    written = [each.result for each in life.cluster.effects if each.kind is not SECRETS]
    shown = json.dumps([written, [each for (kind, *_), each in life.cluster.objects.items() if kind is not SECRETS]])
    values = [each.result["data"]["password"] for each in life.cluster.effects if each.name == SECOND]
    assert values
    assert [value for value in values if value in shown] == []
