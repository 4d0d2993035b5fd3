"""What may change in a stored resource, what may not, and who may change which half of it."""

from typing import Any

import pytest
from tests.support.api_server import ApiServer, Manifest, Resource, merged, refused, taken

from valeo_operator.api.conditions import Condition, ConditionStatus, ConditionType, Reason
from valeo_operator.api.rollout import Colour, Phase
from valeo_operator.api.valeoerp import Kept, ValeoERPStatus

EXTERNAL = {"host": "postgres", "name": "valeo", "migratorSecret": "migrator", "applicationSecret": "application"}
STORED: dict[str, dict[str, Any]] = {
    "defaults": {},
    "five": {"database": {"embedded": {"storage": {"size": "5Gi"}}}},
    "classed": {"database": {"embedded": {"storage": {"className": "fast"}}}},
    "external": {"database": {"engine": "External", "external": EXTERNAL}},
}
FORBIDDEN: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "volume shrinks": (
        "five",
        {"database": {"embedded": {"storage": {"size": "4096Mi"}}}},
        "spec.database.embedded.storage.size",
        "the volume can't shrink",
    ),
    "volume shrinks by leaving the block out": (
        "five",
        {"database": {"embedded": None}},
        "spec.database.embedded.storage.size",
        "the volume can't shrink",
    ),
    "volume shrinks below the default": (
        "defaults",
        {"database": {"embedded": {"storage": {"size": "512Mi"}}}},
        "spec.database.embedded.storage.size",
        "the volume can't shrink",
    ),
    "storage class changes": (
        "classed",
        {"database": {"embedded": {"storage": {"className": "slow"}}}},
        "spec.database.embedded.storage.className",
        "storage class of a volume can't be changed",
    ),
    "storage class is named later": (
        "defaults",
        {"database": {"embedded": {"storage": {"className": "fast"}}}},
        "spec.database.embedded.storage.className",
        "storage class of a volume can't be changed",
    ),
    "storage class is left out": (
        "classed",
        {"database": {"embedded": None}},
        "spec.database.embedded.storage.className",
        "storage class of a volume can't be changed",
    ),
    "engine changes": (
        "defaults",
        {"database": {"engine": "External", "external": EXTERNAL}},
        "spec.database.engine",
        "engine can't be changed",
    ),
    "engine changes back by leaving database out": (
        "external",
        {"database": None},
        "spec.database.engine",
        "engine can't be changed",
    ),
}
ALLOWED: dict[str, tuple[str, dict[str, Any]]] = {
    "volume grows": ("five", {"database": {"embedded": {"storage": {"size": "6Gi"}}}}),
    "the default size is written out": ("defaults", {"database": {"embedded": {"storage": {"size": "1024Mi"}}}}),
    "another image": ("defaults", {"image": "valeo-erp:0.2.0"}),
    "another database host": ("external", {"database": {"external": {"host": "postgres.new"}}}),
    "suspended": ("classed", {"suspend": True}),
}


def stored(server: ApiServer, resource: Resource, namespace: str, manifest: Manifest) -> str:
    return str(taken(server.create(resource, namespace, manifest))["metadata"]["name"])


@pytest.mark.parametrize("change", FORBIDDEN)
def test_a_change_that_would_lose_data_is_refused(
    api_server: ApiServer, namespace: str, installations: Resource, in_sandbox: Manifest, change: str
) -> None:
    before, spec, at, rule = FORBIDDEN[change]
    name = stored(api_server, installations, namespace, merged(in_sandbox, {"spec": STORED[before]}))

    answer = refused(api_server.patch(installations, namespace, name, {"spec": spec}))

    assert rule in answer.about(at), answer.complaints


@pytest.mark.parametrize("change", ALLOWED)
def test_a_harmless_change_is_taken(
    api_server: ApiServer, namespace: str, installations: Resource, in_sandbox: Manifest, change: str
) -> None:
    before, spec = ALLOWED[change]
    name = stored(api_server, installations, namespace, merged(in_sandbox, {"spec": STORED[before]}))

    made = taken(api_server.patch(installations, namespace, name, {"spec": spec}))

    assert made["metadata"]["generation"] == 2


def test_the_status_can_not_be_written_with_the_spec(
    api_server: ApiServer, namespace: str, installations: Resource, in_sandbox: Manifest
) -> None:
    name = stored(api_server, installations, namespace, in_sandbox)

    made = taken(api_server.patch(installations, namespace, name, {"status": {"phase": "Complete"}}))

    assert "status" not in made


def test_the_spec_can_not_be_written_with_the_status(
    api_server: ApiServer, namespace: str, installations: Resource, in_sandbox: Manifest
) -> None:
    name = stored(api_server, installations, namespace, in_sandbox)

    change = {"spec": {"replicas": 7}, "status": {"phase": "Pending"}}
    made = taken(api_server.patch_status(installations, namespace, name, change))

    assert made["spec"]["replicas"] == 2
    assert made["status"] == {"phase": "Pending"}
    assert made["metadata"]["generation"] == 1


def test_a_full_status_comes_back_as_the_operator_wrote_it(
    api_server: ApiServer, namespace: str, installations: Resource, in_sandbox: Manifest
) -> None:
    name = stored(api_server, installations, namespace, in_sandbox)
    status = ValeoERPStatus.model_validate(
        {
            "observed_generation": 1,
            "version": "0.1.0",
            "phase": Phase.STAGING,
            "phase_since": "2026-01-05T08:00:00Z",
            "deadline": "2026-01-05T08:10:00Z",
            "active_colour": Colour.BLUE,
            "active_release": f"{name}-1",
            "target_release": f"{name}-2",
            "schema_revision": "0001",
            "ready_replicas": 2,
            "desired_replicas": 2,
            "backup": "never",
            "url": "http://127.0.0.1:8080",
            "message": "1 of 2 pods of green are ready",
            "kept": [Kept(kind="PersistentVolumeClaim", name="data", why="deletionPolicy is Retain")],
            "conditions": [
                Condition.model_validate(
                    {
                        "type": kind,
                        "status": ConditionStatus.UNKNOWN,
                        "reason": Reason.NOT_OBSERVED,
                        "last_transition_time": "2026-01-05T08:00:00Z",
                    }
                )
                for kind in ConditionType
            ],
        }
    )

    made = taken(api_server.patch_status(installations, namespace, name, {"status": status.to_object()}))

    assert ValeoERPStatus.model_validate(made["status"]) == status


@pytest.mark.parametrize(
    ("field", "status"),
    [
        ("status.phase", {"phase": "Nearly"}),
        ("status.activeColour", {"activeColour": "red"}),
        ("status.observedGeneration", {"observedGeneration": "1"}),
        ("status.deadline", {"deadline": "tomorrow"}),
        ("status.conditions[0].reason", {"conditions": [{"type": "Ready", "status": "True", "reason": "Because"}]}),
        ("status.conditions[0].type", {"conditions": [{"type": "Happy", "status": "True", "reason": "Running"}]}),
    ],
)
def test_a_word_that_is_not_in_the_list_never_gets_into_a_status(
    api_server: ApiServer,
    namespace: str,
    installations: Resource,
    in_sandbox: Manifest,
    field: str,
    status: dict[str, Any],
) -> None:
    name = stored(api_server, installations, namespace, in_sandbox)

    answer = refused(api_server.patch_status(installations, namespace, name, {"status": status}))

    assert answer.about(field), answer.complaints


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "green"},
        {"digest": f"sha256:{'cd' * 32}"},
        {"requestedBy": "kubectl"},
        {"secretVersions": {"b": "2"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_release_is_immutable(
    api_server: ApiServer, namespace: str, releases: Resource, a_release: Manifest, change: dict[str, Any]
) -> None:
    name = stored(api_server, releases, namespace, a_release)

    answer = refused(api_server.patch(releases, namespace, name, {"spec": change}))

    assert "a release is immutable" in answer.about("spec")


def test_the_rollout_of_an_immutable_release_goes_on(
    api_server: ApiServer, namespace: str, releases: Resource, a_release: Manifest
) -> None:
    name = stored(api_server, releases, namespace, a_release)

    made = taken(api_server.patch_status(releases, namespace, name, {"status": {"phase": "Complete"}}))

    assert made["status"] == {"phase": "Complete"}


@pytest.mark.parametrize(
    ("field", "rule", "change"),
    [
        ("metadata.name", "must begin with the name of the installation", {"spec": {"installation": "another"}}),
        ("metadata.name", "at most 63 characters", {"metadata": {"name": f"production-{'a' * 60}"}}),
        ("spec.digest", "should match", {"spec": {"digest": "latest"}}),
        ("spec.colour", 'supported values: "blue", "green"', {"spec": {"colour": "red"}}),
        ("spec.schemaRevision", "Required value", {"spec": {"schemaRevision": None}}),
    ],
)
def test_a_release_that_says_too_little_is_refused(
    api_server: ApiServer,
    namespace: str,
    releases: Resource,
    a_release: Manifest,
    field: str,
    rule: str,
    change: dict[str, Any],
) -> None:
    answer = refused(api_server.create(releases, namespace, merged(a_release, change), dry_run=True))

    assert rule in answer.about(field), answer.complaints
