"""Before the schema is changed a fresh backup is good; while it is changed no other data operation is under way."""

import pytest
from tests.support.installation_in_memory import NAME, NAMESPACE, Life

from valeo_operator.cluster.kinds import BACKUPS, JOBS, LEASES
from valeo_operator.cluster.objects import Object, dig, name_of
from valeo_operator.installations.status import stamp

NEXT = "valeo-erp:1.1.0"
EXPANDS = {"head_revision": "0002", "revisions": ["0001", "0002"]}


@pytest.fixture
def covered() -> Life:
    """An installation with backups that is Complete, and an image with another schema."""
    life = Life()
    life.apply(backup={})
    life.go_on()
    assert life.status["phase"] == "Complete", life.status
    life.controllers.images[NEXT] = EXPANDS
    life.cluster.effects.clear()
    return life


def asked_for(life: Life) -> list[Object]:
    return list(life.cluster.all(BACKUPS))


def ends(life: Life, phase: str, *, revision: str = "0001") -> None:
    """What the driver of the data operations makes of the newest backup that was asked for."""
    now = stamp(life.cluster.now)
    status = {"phase": phase, "began": now, "ended": now, "revision": revision, "message": "the store is full"}
    newest = max(asked_for(life), key=lambda each: str(name_of(each)))
    life.cluster.change(BACKUPS, NAMESPACE, name_of(newest), lambda each: each.update(status=status))


def migrated(life: Life) -> list[str]:
    return [
        name_of(each)
        for each in life.cluster.all(JOBS)
        if "-migrate-" in name_of(each) and dig(each, "spec", "template", "spec", "containers")[0]["image"] == NEXT
    ]


def test_a_release_that_changes_the_schema_waits_for_its_backup(covered: Life) -> None:
    covered.apply(image=NEXT, backup={})
    covered.go_on(15)
    assert covered.status["phase"] == "BackingUp"
    (backup,) = asked_for(covered)
    assert backup["spec"]["reason"] == "BeforeMigration"
    assert backup["spec"]["release"] == covered.status["targetRelease"]
    assert "a fresh, verified backup" in covered.status["message"]
    assert migrated(covered) == []


def test_with_a_good_backup_it_goes_on(covered: Life) -> None:
    covered.apply(image=NEXT, backup={})
    covered.go_on(15)
    ends(covered, "Good")
    covered.go_on(60)
    assert covered.status["schemaRevision"] == "0002"
    assert len(migrated(covered)) == 1
    assert covered.cluster.all(LEASES) == []


def test_a_backup_that_fails_ends_the_rollout_with_nothing_touched(covered: Life) -> None:
    covered.apply(image=NEXT, backup={})
    covered.go_on(15)
    ends(covered, "Failed")
    covered.go_on(5)
    assert covered.status["phase"] == "Failed"
    assert "the store is full" in covered.status["message"]
    assert migrated(covered) == []
    assert covered.status["activeColour"] == "blue"


def test_tried_again_it_asks_for_another_backup(covered: Life) -> None:
    covered.apply(image=NEXT, backup={})
    covered.go_on(15)
    ends(covered, "Failed")
    covered.go_on(3)
    covered.cluster.pass_time(301)
    covered.go_on(15)
    assert [name_of(each)[-9:] for each in asked_for(covered)] == ["-before-1", "-before-2"]
    ends(covered, "Good")
    covered.go_on(60)
    assert covered.status["schemaRevision"] == "0002"


def test_a_fresh_good_backup_of_the_live_schema_is_enough(covered: Life) -> None:
    names = {"app.kubernetes.io/instance": NAME, "app.kubernetes.io/managed-by": "valeo-operator"}
    meta = {"name": f"{NAME}-20260101-120000", "namespace": NAMESPACE, "labels": names}
    spec = {"installation": NAME, "reason": "Scheduled", "slot": "2026-01-01T12:00:00Z"}
    covered.cluster.put(BACKUPS, {"metadata": meta, "spec": spec})
    ends(covered, "Good")
    covered.apply(image=NEXT, backup={})
    covered.go_on(60)
    assert covered.status["schemaRevision"] == "0002"
    assert len(asked_for(covered)) == 1


@pytest.mark.parametrize("image", ["valeo-erp:1.0.1", None])
def test_a_release_that_changes_no_schema_needs_none(covered: Life, image: str | None) -> None:
    covered.apply(image=image or "valeo-erp:1.0.0", replicas=1, backup={})
    covered.go_on(30)
    assert asked_for(covered) == []


def test_without_backups_in_the_spec_a_migration_waits_for_none(covered: Life) -> None:
    covered.apply(image=NEXT)
    covered.go_on(60)
    assert covered.status["schemaRevision"] == "0002"
    assert asked_for(covered) == []


def test_a_migration_waits_for_the_operation_that_is_under_way(covered: Life) -> None:
    lease = {
        "metadata": {
            "name": f"{NAME}-data",
            "namespace": NAMESPACE,
            "labels": {"app.kubernetes.io/instance": NAME, "app.kubernetes.io/managed-by": "valeo-operator"},
        },
        "spec": {"holderIdentity": "restore/again", "acquireTime": "2026-01-01T12:00:00Z"},
    }
    covered.cluster.put(LEASES, lease)
    covered.apply(image=NEXT, backup={})
    covered.go_on(15)
    ends(covered, "Good")
    covered.go_on(10)
    assert covered.status["phase"] == "Migrating"
    assert "restore/again is under way" in covered.status["message"]
    assert migrated(covered) == []
    covered.cluster.lose(LEASES, NAMESPACE, f"{NAME}-data")
    covered.go_on(60)
    assert covered.status["schemaRevision"] == "0002"


def test_the_lock_is_held_while_the_schema_is_changed_and_given_back_afterwards(covered: Life) -> None:
    held: list[str] = []
    covered.cluster.on_effect = lambda effect: (
        held.append(str(dig(effect.result, "spec", "holderIdentity"))) if effect.kind is LEASES else None
    )
    covered.apply(image=NEXT, backup={})
    covered.go_on(15)
    ends(covered, "Good")
    covered.go_on(60)
    assert set(held) == {f"migration/{covered.status['targetRelease']}"}
    assert covered.cluster.all(LEASES) == []


def test_the_first_release_has_no_data_to_back_up() -> None:
    life = Life()
    life.apply(backup={})
    life.go_on()
    assert life.status["phase"] == "Complete"
    assert asked_for(life) == []
    assert "backup" not in life.status
