"""From an applied resource to a running installation, and what is told on the way."""

from tests.support.cluster_in_memory import events
from tests.support.installation_in_memory import GO_ALONG, Life

from valeo_operator.cluster.kinds import (
    CLAIMS,
    CONFIG_MAPS,
    DEPLOYMENTS,
    JOBS,
    NETWORK_POLICIES,
    RELEASES,
    SECRETS,
    SERVICES,
    STATEFUL_SETS,
)
from valeo_operator.cluster.objects import dig, name_of
from valeo_operator.releases.lifecycle import BEFORE_SWITCH


def test_an_applied_resource_ends_complete_and_ready(life: Life) -> None:
    life.apply()
    life.go_on()
    assert life.status["phase"] == "Complete"
    assert life.condition("Ready")["status"] == "True"
    assert life.status["activeColour"] == "blue"
    assert life.status["backup"] == "never"
    assert life.status["version"] == "1.0.0"
    assert life.status["observedGeneration"] == life.erp["metadata"]["generation"]


def test_all_conditions_are_there_from_first_sight_and_what_was_not_seen_is_unknown(life: Life) -> None:
    life.apply()
    life.look()
    life.look()
    assert len({each["type"] for each in life.status["conditions"]}) == 13
    assert life.condition("Ready")["status"] == "False"
    assert life.condition("GoLiveReady")["status"] == "Unknown"
    assert life.condition("SchemaCompatible")["status"] == "Unknown"


def test_every_write_comes_after_what_it_needs(life: Life) -> None:
    life.apply()
    life.go_on()
    order = [(effect.kind, effect.name) for effect in life.cluster.effects]

    def first(kind: object, part: str) -> int:
        return next(place for place, (seen, name) in enumerate(order) if seen == kind and part in name)

    assert first(SECRETS, "database-admin") < first(CLAIMS, "data") < first(STATEFUL_SETS, "database")
    assert first(RELEASES, "blue") < first(JOBS, "provision") < first(JOBS, "migrate")
    assert first(JOBS, "migrate") < first(DEPLOYMENTS, "blue") < first(SERVICES, "preview")
    assert first(SERVICES, "preview") < next(
        place for place, each in enumerate(order) if each == (SERVICES, "production")
    )


def test_there_is_one_event_per_transition(running: Life) -> None:
    running.go_on()
    told = events(running.cluster)
    for phase in ("Migrating", "Staging", "Switching", "Switched", "Complete", "Ready"):
        assert told.count(phase) == 1, told


def test_a_settled_installation_is_left_alone(running: Life) -> None:
    running.cluster.effects.clear()
    running.go_on(rounds=5, seconds=60)
    assert running.cluster.effects == []


def test_the_data_has_no_owner_and_everything_else_has(running: Life) -> None:
    owned = (CONFIG_MAPS, DEPLOYMENTS, JOBS, NETWORK_POLICIES, RELEASES, SERVICES, STATEFUL_SETS)
    for kind in owned:
        for each in running.cluster.all(kind):
            assert dig(each, "metadata", "ownerReferences"), name_of(each)
    for kind in (SECRETS, CLAIMS):
        for each in running.cluster.all(kind):
            lost_for_good = name_of(each) not in GO_ALONG
            assert bool(dig(each, "metadata", "ownerReferences")) is not lost_for_good, name_of(each)


def test_no_secret_value_stands_anywhere_but_in_its_secret(running: Life) -> None:
    import base64  # noqa: PLC0415
    import json  # noqa: PLC0415

    values = set()
    for secret in running.cluster.all(SECRETS):
        for key in ("password", "session"):
            encoded = secret["data"].get(key)
            values |= {encoded, base64.b64decode(encoded).decode()} if encoded else set()
    elsewhere = json.dumps([each for key, each in running.cluster.objects.items() if key[0] != SECRETS])
    assert len(values) == 10
    assert not [value for value in values if value in elsewhere]


def test_an_external_database_gets_no_server_and_no_provisioning(life: Life) -> None:
    from tests.support.cluster_in_memory import secret  # noqa: PLC0415

    external = {"host": "db", "name": "valeo", "migratorSecret": "m", "applicationSecret": "a"}
    for name in ("m", "a"):
        life.cluster.put(SECRETS, secret(name, {"username": name, "password": "p"}))
    life.apply(database={"engine": "External", "external": external})
    life.go_on()
    assert life.status["phase"] == "Complete"
    assert not life.cluster.all(STATEFUL_SETS)
    assert not life.cluster.all(CLAIMS)
    assert not [job for job in life.cluster.all(JOBS) if "provision" in name_of(job)]


def test_a_suspended_resource_makes_nothing_until_it_may_go_on(life: Life) -> None:
    life.apply(suspend=True)
    life.go_on(rounds=5)
    assert not life.cluster.all(DEPLOYMENTS)
    assert not life.cluster.all(SECRETS)
    assert life.condition("Held")["status"] == "True"
    life.apply(suspend=False)
    life.go_on()
    assert life.status["phase"] == "Complete"


def test_every_phase_that_is_not_final_has_a_deadline(life: Life) -> None:
    life.apply()
    seen = set()
    for _ in range(40):
        life.look()
        if "phase" in life.status:
            seen.add(life.status["phase"])
            assert ("deadline" in life.status) == (life.status["phase"] != "Complete")
        life.controllers.work()
        life.cluster.pass_time(1)
    assert seen == {phase.value for phase in BEFORE_SWITCH} | {"Switching", "Complete"}
