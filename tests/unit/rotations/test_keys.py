"""Replacing the signing keys: what was signed before is verified, also after a rollback, and papers for ever."""

import base64
from collections import Counter
from itertools import count

import pytest
from tests.support.cluster_in_memory import KilledError, secret
from tests.support.installation_in_memory import BRIEF, NAME, NAMESPACE, Life, annotate
from tests.unit.rotations.test_rotating import COMPLETE, EXTERNAL, SOON

from valeo_operator.cluster.kinds import DEPLOYMENTS, ERPS, RELEASES, SECRETS, SERVICES
from valeo_operator.cluster.objects import Object, dig, name_of
from valeo_operator.credentials.succession import succession

FIRST, SECOND, THIRD = f"{NAME}-keys", f"{NAME}-keys-2", f"{NAME}-keys-3"


@pytest.fixture
def life() -> Life:
    return COMPLETE.copied()


def rotation(life: Life) -> Object:
    told: Object = life.status["rotation"]["signingKeys"]
    return told


def until(life: Life, *phases: str, rounds: int = 200) -> None:
    for _ in range(rounds):
        if rotation(life)["phase"] in phases:
            return
        life.look()
        life.controllers.work()
        life.cluster.pass_time(120 if rotation(life)["phase"] == "Overlapping" else 1)
    raise AssertionError(rotation(life))


def rotated(life: Life, asks: str = "keys") -> None:
    annotate(life, rotate=asks)
    until(life, "Releasing")
    until(life, "Idle")
    life.go_on(rounds=3)


def keys_of(life: Life, name: str) -> dict[str, str]:
    found = life.cluster.find(SECRETS, name)
    assert found is not None, name
    return {key: base64.b64decode(value).decode() for key, value in found["data"].items()}


def secrets(life: Life) -> set[str]:
    return {name_of(each) for each in life.cluster.all(SECRETS) if name_of(each).startswith(FIRST)}


def mounted(life: Life) -> str:
    """The Secret with keys that the pods of the active release have."""
    colour = dig(life.cluster.find(SERVICES, NAME), "spec", "selector", "valeoerp.io/colour")
    found = life.cluster.find(DEPLOYMENTS, f"{NAME}-{colour}")
    volumes = dig(found, "spec", "template", "spec", "volumes")
    return str(next(each["secret"]["secretName"] for each in volumes if each["name"] == "keys"))


def verifying(keys: dict[str, str], purpose: str) -> set[str]:
    return {value for name, value in keys.items() if name.partition(".")[0] == purpose}


# --- which keys come after which ------------------------------------------------------------------------------------


def generations(*reasons: str) -> list[dict[str, str]]:
    numbers = count(1)
    made = [{name: f"first-{name}" for name in ("session", "verification", "session.9999", "verification.9999")}]
    for reason in reasons:
        made.append(succession(made[-1], lambda: f"fresh-{next(numbers)}", emergency=reason == "emergency"))
    return made


def test_what_the_next_keys_sign_is_known_to_those_before_so_that_a_rollback_loses_nothing() -> None:
    first, second, third = generations("planned", "planned")
    for before, after in ((first, second), (second, third)):
        assert after["session"] in verifying(before, "session")
        assert after["verification"] in verifying(before, "verification")


def test_a_session_key_verifies_until_the_rotation_after_and_no_longer() -> None:
    first, second, third = generations("planned", "planned")
    assert first["session"] in verifying(second, "session")
    assert first["session"] not in verifying(third, "session")


def test_codes_on_papers_verify_for_ever() -> None:
    made = generations(*["planned", "emergency"] * 6)
    last = verifying(made[-1], "verification")
    assert {each["verification"] for each in made} <= last


def test_the_session_keys_of_an_installation_that_once_made_codes_with_them_go_on_to_know_papers() -> None:
    old = {"session": "c", "session.1": "a", "session.2": "b"}
    second = succession(old, lambda: "fresh", emergency=True)
    assert {"a", "b", "c"} <= verifying(second, "verification")
    assert verifying(second, "session") == {"fresh"}


def test_in_an_emergency_nothing_signs_that_was_known_before() -> None:
    first, second = generations("emergency")
    assert verifying(second, "session") & set(first.values()) == set()
    assert second["verification"] not in first.values()


# --- the way there --------------------------------------------------------------------------------------------------


def test_keys_are_replaced_by_a_release_that_verifies_what_was_signed_before(life: Life) -> None:
    before, active = keys_of(life, FIRST), life.status["activeRelease"]
    annotate(life, rotate="keys")
    until(life, "Overlapping")
    assert life.status["activeRelease"] != active
    assert (mounted(life), secrets(life)) == (SECOND, {FIRST, SECOND})
    assert before["session"] in verifying(keys_of(life, SECOND), "session")
    assert keys_of(life, SECOND)["session"] == before["session.9999"]
    until(life, "Idle")
    assert keys_of(life, FIRST) == keys_of(life, SECOND)
    assert rotation(life)["secret"] == SECOND


def test_no_other_credential_changes_its_public_version_with_the_keys(life: Life) -> None:
    rotated(life)
    active, *_ = [each for each in life.cluster.all(RELEASES) if name_of(each) == life.status["activeRelease"]]
    before = [each for each in life.cluster.all(RELEASES) if name_of(each) != life.status["activeRelease"]]
    login = f"{NAME}-database-app-a"
    assert {each["spec"]["secretVersions"][login] for each in (active, *before)} == {
        active["spec"]["secretVersions"][login]
    }
    life.go_on(rounds=10)
    assert life.status["activeRelease"] == name_of(active)


def test_only_the_last_two_secrets_stay_the_one_in_use_and_its_copy_under_the_first_name(life: Life) -> None:
    rotated(life)
    rotated(life, "keys@again")
    assert (mounted(life), secrets(life)) == (THIRD, {FIRST, THIRD})
    assert keys_of(life, FIRST) == keys_of(life, THIRD)


def test_an_installation_that_forgot_its_status_goes_on_with_the_keys_that_were_in_use(life: Life) -> None:
    rotated(life)
    keys = keys_of(life, SECOND)
    annotate(life, rotate=None)
    life.cluster.change(ERPS, NAMESPACE, NAME, lambda erp: erp.pop("status"))
    life.go_on(rounds=60)
    assert keys_of(life, mounted(life)) == keys


def test_a_release_that_does_not_hold_leaves_the_old_keys_in_use(life: Life) -> None:
    active = life.status["activeRelease"]
    annotate(life, rotate="keys")
    until(life, "Releasing")
    life.controllers.smoke_fails["post"] = "no"
    until(life, "TakingBack")
    life.controllers.smoke_fails.clear()
    until(life, "Idle")
    life.go_on()
    assert (life.status["activeRelease"], mounted(life), secrets(life)) == (active, FIRST, {FIRST})


def test_a_rollback_while_both_are_good_takes_the_rotation_back(life: Life) -> None:
    active = life.status["activeRelease"]
    annotate(life, rotate="keys")
    until(life, "Overlapping")
    annotate(life, rollback=life.status["activeRelease"])
    until(life, "TakingBack")
    until(life, "Idle")
    life.go_on()
    assert (life.status["activeRelease"], mounted(life)) == (active, FIRST)


def test_after_the_retirement_a_rollback_to_the_old_keys_is_refused_with_its_reason(life: Life) -> None:
    rotated(life)
    assert f"its signing keys, Secret {FIRST}, are retired" in life.condition("RollbackPossible")["message"]


def test_in_an_emergency_the_old_keys_are_gone_as_soon_as_the_new_ones_serve(life: Life) -> None:
    life.apply(rotation={"overlap": "24h"}, rollout={**BRIEF, "watchSeconds": 600})
    leaked = keys_of(life, FIRST)
    rotated(life, "keys,emergency")
    assert verifying(keys_of(life, SECOND), "session") & set(leaked.values()) == set()
    assert keys_of(life, FIRST) == keys_of(life, SECOND)


# --- when -----------------------------------------------------------------------------------------------------------


def test_keys_are_replaced_by_schedule_only_where_the_spec_says_so(life: Life) -> None:
    assert "nextAt" not in rotation(life)
    life.apply(rotation={"overlap": "15m", "database": {"every": "900d"}, "signingKeys": {"every": "30d"}})
    life.go_on(rounds=3)
    assert rotation(life)["nextAt"].startswith("2026-01-31T12:00:")
    life.cluster.pass_time(30 * 86400)
    until(life, "Preparing")
    until(life, "Idle")
    assert rotation(life)["secret"] == SECOND


def test_keys_that_are_too_old_are_told(life: Life) -> None:
    spec = {"database": {"every": "900d"}, "signingKeys": {"every": "30d", "suspend": True}}
    life.apply(rotation=spec)
    life.cluster.pass_time(32 * 86400)
    life.go_on(rounds=3)
    fresh = life.condition("CredentialsFresh")
    assert (fresh["status"], fresh["reason"]) == ("False", "CredentialsOld")
    assert "The signing keys" in fresh["message"]


def test_all_replaces_the_login_and_then_the_keys(life: Life) -> None:
    annotate(life, rotate="all")
    until(life, "Preparing")
    assert life.status["rotation"]["database"]["phase"] == "Overlapping"
    until(life, "Idle")
    life.apply(**SOON)
    for _ in range(100):
        life.look()
        life.controllers.work()
        life.cluster.pass_time(60)
    assert life.status["rotation"]["database"]["secret"] == f"{NAME}-database-app-b-2"
    assert (mounted(life), life.status["phase"]) == (SECOND, "Complete")


def test_keys_are_replaced_at_an_external_database_too() -> None:
    life = Life()
    for name in ("owner", "login"):
        life.cluster.put(SECRETS, secret(name, {"username": name, "password": "x"}))
    life.apply(database={"engine": "External", "external": EXTERNAL}, **SOON)
    life.go_on(rounds=60)
    rotated(life)
    assert mounted(life) == SECOND


# --- kills ----------------------------------------------------------------------------------------------------------


def end_state(life: Life) -> dict[str, object]:
    return {
        "keys": mounted(life),
        "secrets": secrets(life),
        "copied": keys_of(life, FIRST) == keys_of(life, mounted(life)),
        "rotation": (rotation(life)["phase"], rotation(life)["version"]),
        "releases": sorted(dig(each, "status", "phase") for each in life.cluster.all(RELEASES)),
    }


def survive(life: Life) -> Life:
    """Rotate, with a new operator in the place of one that was killed. What was signed is verified all the time."""
    signed = keys_of(life, FIRST)["session"]
    annotate(life, rotate="keys")
    for _ in range(200):
        try:
            life.look()
        except KilledError:
            life.restart()
        life.controllers.work()
        if (name := mounted(life)) in secrets(life):
            assert signed in verifying(keys_of(life, name), "session")
        life.cluster.pass_time(120 if rotation(life)["phase"] == "Overlapping" else 1)
        if rotation(life)["phase"] == "Idle" and rotation(life)["version"] == 2:
            break
    life.go_on(rounds=5)
    return life


QUIET = survive(COMPLETE.copied())


@pytest.mark.parametrize("number", range(1, len(QUIET.cluster.effects) + 1))
def test_killed_after_any_effect_the_end_is_the_same_and_no_key_is_made_twice(number: int) -> None:
    life = COMPLETE.copied()
    life.cluster.dies_after = number
    survive(life)
    assert life.cluster.kills == 1
    assert end_state(life) == end_state(QUIET)
    made = Counter(each.name for each in life.cluster.effects if each.verb == "create" and each.kind is SECRETS)
    assert [name for name, times in made.items() if times > 1] == []


# --- numbers --------------------------------------------------------------------------------------------------------


def number(life: Life, name: str, credential: str) -> float | None:
    labels = {"namespace": NAMESPACE, "installation": NAME, "credential": credential}
    return life.registry.get_sample_value(name, labels)


def test_the_age_of_every_credential_and_when_it_is_due_are_told_to_prometheus() -> None:
    life = COMPLETE.copied()
    life.apply(rotation={"signingKeys": {"every": "30d"}})
    life.cluster.pass_time(10 * 86400)
    life.go_on(rounds=3)
    since = life.cluster.now.timestamp() - (number(life, "valeo_credential_age_seconds", "signing-keys") or 0)
    for credential, days in (("signing-keys", 30), ("database", 90)):
        due = number(life, "valeo_credential_next_rotation_timestamp_seconds", credential)
        assert due == pytest.approx(since + days * 86400, abs=60)
        assert number(life, "valeo_credential_too_old_after_timestamp_seconds", credential) == (due or 0) + 86400


def test_an_installation_that_is_gone_has_no_credentials_any_more() -> None:
    life = COMPLETE.copied()
    life.go_on(rounds=2)
    assert number(life, "valeo_credential_age_seconds", "database") is not None
    life.cluster.lose(ERPS, NAMESPACE, NAME)
    life.look()
    assert number(life, "valeo_credential_age_seconds", "database") is None
