"""A spec that cannot work says so with object, observed, expected and next step, and heals when the cause is gone."""

import pytest
from tests.support.cluster_in_memory import events, secret
from tests.support.installation_in_memory import NAMESPACE, Life

from valeo_operator.cluster.kinds import CLAIMS, JOBS, SECRETS, STORAGE_CLASSES
from valeo_operator.cluster.objects import name_of

EXTERNAL = {"host": "db", "name": "valeo", "migratorSecret": "m", "applicationSecret": "a"}


def stalled(life: Life) -> str:
    said = life.condition("Stalled")
    assert said["status"] == "True", life.status["message"]
    assert "Expected: " in said["message"]
    assert "Next step: " in said["message"]
    return f"{said['reason']}: {said['message']}"


def test_a_missing_secret_of_the_user_is_named_with_its_keys(life: Life) -> None:
    life.apply(database={"engine": "External", "external": EXTERNAL})
    life.go_on(rounds=5)
    assert "SecretMissing: Secret/m: it does not exist" in stalled(life)
    life.cluster.put(SECRETS, secret("m", {"username": "m"}))
    life.go_on(rounds=3)
    assert "it lacks the keys password" in stalled(life)
    life.cluster.put(SECRETS, secret("m", {"username": "m", "password": "p"}))
    life.cluster.put(SECRETS, secret("a", {"username": "a", "password": "p"}))
    life.go_on()
    assert life.status["phase"] == "Complete"
    assert life.condition("Stalled")["status"] == "False"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ('password authentication failed for user "valeo_app"', "DatabaseRefusedLogin"),
        ('no pg_hba.conf entry for host "10.0.0.1"', "DatabaseRefusedLogin"),
        ('role "valeo_migrator" does not exist', "DatabaseRefusedLogin"),
        ("ConnectionRefusedError: [Errno 111] Connect call failed ('10.0.0.1', 5432)", "DatabaseUnreachable"),
        ("socket.gaierror: [Errno -2] Name or service not known", "DatabaseUnreachable"),
        ('database "valeo" does not exist', "DatabaseUnreachable"),
        ("TimeoutError", "DatabaseUnreachable"),
        ("canceling statement due to lock timeout", "MigrationFailed"),
    ],
)
def test_a_failing_migration_says_what_the_database_said(life: Life, words: str, reason: str) -> None:
    life.controllers.broken.add("migrate")
    life.controllers.last_words = f"Traceback\n{words}\n(Background on this error at: https://sqlalche.me/e/20/e3q8)"
    life.apply()
    life.go_on(rounds=20)
    said = stalled(life)
    assert said.startswith(reason)
    assert words in said


def test_attempts_are_counted_said_and_come_later_and_later(life: Life) -> None:
    life.controllers.broken.add("migrate")
    life.apply()
    life.go_on(rounds=60, seconds=5)
    attempts = sorted(
        int(name_of(job).rsplit("-", 1)[1]) for job in life.cluster.all(JOBS) if "migrate" in name_of(job)
    )
    assert attempts == list(range(1, len(attempts) + 1))
    assert 5 <= len(attempts) <= 9
    assert any(f"attempt {number}:" in stalled(life) for number in attempts[-2:])  # the last one may be under way


def test_what_stalls_heals_by_itself(life: Life) -> None:
    life.controllers.broken |= {"describe", "migrate"}
    life.apply()
    life.go_on(rounds=10)
    assert stalled(life).startswith("ImageUnsuitable")
    life.controllers.broken.remove("describe")
    life.go_on(rounds=30)
    assert stalled(life).startswith("MigrationFailed")
    life.controllers.broken.clear()
    life.go_on(rounds=60, seconds=2)
    assert life.status["phase"] == "Complete"
    assert life.condition("Stalled")["status"] == "False"
    assert "Recovered" in events(life.cluster)


def test_a_new_attempt_alone_heals_nothing(life: Life) -> None:
    life.controllers.broken.add("migrate")
    life.apply()
    life.go_on(rounds=20)
    seen = set()
    for _ in range(30):
        life.look()
        seen.add(life.condition("Stalled")["status"])
        life.cluster.pass_time(1)
        life.look()
        seen.add(life.condition("Stalled")["status"])
        life.controllers.work()
    assert seen == {"True"}
    assert events(life.cluster).count("MigrationFailed") == 1


def test_a_corrected_secret_is_tried_at_once(life: Life) -> None:
    for name in ("m", "a"):
        life.cluster.put(SECRETS, secret(name, {"username": name, "password": "wrong"}))
    life.controllers.broken.add("migrate")
    life.apply(database={"engine": "External", "external": EXTERNAL})
    life.go_on(rounds=40, seconds=3)
    before = len(life.cluster.all(JOBS))
    life.controllers.broken.clear()
    life.cluster.put(SECRETS, secret("m", {"username": "m", "password": "right"}))
    life.look()
    assert len(life.cluster.all(JOBS)) == before + 1


def test_a_missing_storage_class_is_named_with_those_that_there_are(life: Life) -> None:
    life.controllers.broken |= {"volume", "database"}
    life.cluster.put(STORAGE_CLASSES, {"metadata": {"name": "fast", "annotations": {}}})
    life.apply(database={"embedded": {"storage": {"className": "nope"}}})
    life.go_on(rounds=12)
    said = stalled(life)
    assert "VolumeUnavailable: PersistentVolumeClaim/production-database-data" in said
    assert "nope does not exist (there are: fast)" in said
    life.controllers.broken.clear()
    life.go_on()
    assert life.status["phase"] == "Complete"


def test_without_a_default_storage_class_one_must_be_named(life: Life) -> None:
    life.controllers.broken |= {"volume", "database"}
    life.apply()
    life.go_on(rounds=12)
    assert "the cluster has no default one" in stalled(life)


def test_the_lost_password_of_existing_data_is_not_guessed_anew(running: Life) -> None:
    running.cluster.lose(SECRETS, NAMESPACE, "production-database-admin")
    running.go_on(rounds=3)
    assert running.cluster.find(SECRETS, "production-database-admin") is None
    assert "put Secret production-database-admin back" in stalled(running)
    assert running.cluster.find(CLAIMS, "production-database-data") is not None


def test_a_lost_login_of_the_application_is_made_anew_and_rolled_out(running: Life) -> None:
    running.cluster.lose(SECRETS, NAMESPACE, "production-database-app-a")
    running.go_on()
    assert running.status["phase"] == "Complete"
    assert running.status["activeColour"] == "green"


def test_an_object_that_the_api_server_refuses_is_told(life: Life) -> None:
    life.cluster.refuses = {"Deployment/production-identity": "exceeded quota: pods"}
    life.apply()
    life.go_on(rounds=5)
    said = stalled(life)
    assert said.startswith("RequestRefused")
    assert "exceeded quota: pods" in said
    life.cluster.refuses.clear()
    life.go_on()
    assert life.status["phase"] == "Complete"
