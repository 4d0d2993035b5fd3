"""Deleting the resource ends in time, keeps the data unless told otherwise, and says what it kept."""

from tests.support.installation_in_memory import GO_ALONG, NAME, NAMESPACE, Life

from valeo_operator.cluster.kinds import CLAIMS, DEPLOYMENTS, ERPS, EVENTS, SECRETS, STATEFUL_SETS
from valeo_operator.cluster.objects import Object, name_of


def delete(life: Life) -> None:
    life.cluster.lose(ERPS, NAMESPACE, NAME)


def goodbye(life: Life) -> str:
    return next(str(each["message"]) for each in life.cluster.all(EVENTS) if each["reason"] == "Deleted")


def test_the_data_stays_and_everything_else_goes(running: Life) -> None:
    delete(running)
    running.go_on(rounds=3)
    assert running.cluster.find(ERPS, NAME) is None
    assert not running.cluster.all(DEPLOYMENTS)
    assert not running.cluster.all(STATEFUL_SETS)
    assert running.cluster.find(CLAIMS, "production-database-data") is not None
    assert len(running.cluster.all(SECRETS)) == 5
    assert "PersistentVolumeClaim/production-database-data" in goodbye(running)
    assert "Secret/production-keys" in goodbye(running)


def test_the_status_lists_what_is_kept_before_the_resource_goes(running: Life) -> None:
    seen = []
    running.cluster.on_effect = lambda effect: seen.append(effect.result) if effect.kind == ERPS else None
    delete(running)
    running.look()
    kept = next(each["status"]["kept"] for each in seen if each.get("status", {}).get("kept"))
    assert {each["kind"] for each in kept} == {"PersistentVolumeClaim", "Secret"}
    assert all("a ValeoERP of the same name takes it up again" in each["why"] for each in kept)


def kept_secrets(running: Life) -> dict[str, Object]:
    return {name_of(each): each["data"] for each in running.cluster.all(SECRETS) if name_of(each) not in GO_ALONG}


def test_a_resource_of_the_same_name_takes_the_data_up_again(running: Life) -> None:
    before = kept_secrets(running)
    delete(running)
    running.go_on(rounds=3)
    running.apply()
    running.go_on()
    assert running.status["phase"] == "Complete"
    assert kept_secrets(running) == before


def test_told_to_delete_it_takes_the_data_too(running: Life) -> None:
    running.apply(deletionPolicy="Delete")
    running.look()
    delete(running)
    running.go_on(rounds=5)
    assert running.cluster.find(ERPS, NAME) is None
    assert not running.cluster.all(CLAIMS)
    assert not running.cluster.all(SECRETS)
    assert "Nothing is kept" in goodbye(running)


def test_deleting_ends_in_time_although_the_data_cannot_be_deleted_and_says_so(running: Life) -> None:
    running.cluster.refuses = {"PersistentVolumeClaim/production-database-data": "forbidden by policy"}
    running.apply(deletionPolicy="Delete")
    delete(running)
    running.go_on(rounds=70)
    assert running.cluster.find(ERPS, NAME) is None
    assert "Kept: PersistentVolumeClaim/production-database-data" in goodbye(running)


def test_deleting_needs_no_database(running: Life) -> None:
    running.controllers.broken |= {"database", "erp", "answers"}
    running.go_on(rounds=3)
    delete(running)
    running.go_on(rounds=3)
    assert running.cluster.find(ERPS, NAME) is None


def test_a_resource_that_was_never_seen_may_go_at_once(life: Life) -> None:
    life.apply()
    delete(life)
    assert life.look().gone


def test_backups_stay_whatever_the_policy_says_and_are_told() -> None:
    life = Life()
    life.apply(deletionPolicy="Delete", backup={})
    life.go_on()
    labels = {"app.kubernetes.io/instance": "production", "app.kubernetes.io/managed-by": "valeo-operator"}
    meta = {"name": "production-backups-volume", "namespace": NAMESPACE, "labels": labels}
    life.cluster.put(CLAIMS, {"metadata": meta, "spec": {}})
    life.cluster.lose(ERPS, NAMESPACE, "production")
    life.go_on(10)
    gone = [each.name for each in life.cluster.effects if each.verb == "delete" and each.kind is CLAIMS]
    assert gone == ["production-database-data"]
    assert "PersistentVolumeClaim/production-backups-volume" in goodbye(life)


ARCHIVED: Object = {"backup": {}, "database": {"embedded": {"pointInTime": {}}}}


def test_the_archive_stays_or_goes_with_the_database(running: Life) -> None:
    running.apply(**ARCHIVED)
    running.go_on(rounds=3)
    delete(running)
    running.go_on(rounds=3)
    assert running.cluster.find(CLAIMS, "production-database-archive") is not None
    assert "PersistentVolumeClaim/production-database-archive" in goodbye(running)
    running.apply(**ARCHIVED, deletionPolicy="Delete")
    running.go_on(rounds=10)
    delete(running)
    running.go_on(rounds=5)
    assert not running.cluster.all(CLAIMS)


def test_an_archive_whose_superuser_is_lost_is_opened_with_no_guessed_password(running: Life) -> None:
    running.apply(**ARCHIVED)
    running.go_on(rounds=10)
    delete(running)
    running.go_on(rounds=3)
    running.cluster.lose(CLAIMS, NAMESPACE, "production-database-data")
    running.cluster.lose(SECRETS, NAMESPACE, "production-database-admin")
    running.apply(**ARCHIVED)
    running.go_on(rounds=5)
    assert running.cluster.find(SECRETS, "production-database-admin") is None
    assert "the volume production-database-archive was made with it" in running.status["message"]
