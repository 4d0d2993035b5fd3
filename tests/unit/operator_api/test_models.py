"""What the operator reads out of a resource."""

from typing import Any

import pytest
from pydantic import ValidationError

from valeo_operator.api import API_VERSION
from valeo_operator.api.model import field_name
from valeo_operator.api.valeoerp import Engine, ValeoERP, ValeoERPSpec, ValeoERPStatus
from valeo_operator.api.valeorelease import ValeoRelease


def an_installation(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": API_VERSION,
        "kind": "ValeoERP",
        "metadata": {"name": "production", "namespace": "valeo", "generation": 3},
        "spec": {"image": "valeo-erp:0.1.0", "auth": {"developmentProvider": {}}, **spec},
    }


def the_spec(**spec: Any) -> ValeoERPSpec:
    return ValeoERP.model_validate(an_installation(**spec)).spec


@pytest.mark.parametrize(
    ("written", "read"),
    [("replicas", "replicas"), ("image_pull_policy", "imagePullPolicy"), ("public_url", "publicURL")],
)
def test_a_field_has_the_name_that_kubernetes_would_give_it(written: str, read: str) -> None:
    assert field_name(written) == read


def test_a_resource_read_and_written_again_is_the_same() -> None:
    first = ValeoERP.model_validate(an_installation(replicas=3, publicURL="http://127.0.0.1:8080"))

    assert ValeoERP.model_validate(first.to_object()) == first


def test_a_field_of_a_newer_definition_does_not_stop_the_operator() -> None:
    assert the_spec(somethingNew={"a": 1}).replicas == 2


def test_a_quantity_is_text_also_where_a_number_was_written() -> None:
    requests = the_spec(resources={"requests": {"cpu": 2}}).resources.requests

    assert requests is not None
    assert requests.cpu == "2"


def test_a_read_resource_can_not_be_changed() -> None:
    spec = the_spec()

    with pytest.raises(ValidationError, match="frozen"):
        spec.replicas = 5  # type: ignore[misc]  # the point of the test


def test_an_absent_embedded_block_means_every_default() -> None:
    database = the_spec().embedded_database

    assert database is not None
    assert (database.image, database.storage.size) == ("valeo-postgres:17", "1Gi")


def test_a_database_of_somebody_else_is_never_run_by_the_operator() -> None:
    external = {"host": "db", "name": "valeo", "migratorSecret": "m", "applicationSecret": "a"}
    spec = the_spec(database={"engine": "External", "external": external})

    assert spec.database.engine is Engine.EXTERNAL
    assert spec.embedded_database is None


@pytest.mark.parametrize(
    ("spec", "address"),
    [
        ({"publicURL": "http://127.0.0.1:8080"}, "http://127.0.0.1:8080"),
        ({"ingress": {"host": "erp.example.com"}}, "http://erp.example.com"),
        ({"ingress": {"host": "erp.example.com", "tls": {"secretName": "t"}}}, "https://erp.example.com"),
        (
            {"ingress": {"host": "erp.example.com"}, "publicURL": "https://erp.example.com:8443"},
            "https://erp.example.com:8443",
        ),
    ],
)
def test_the_public_address_is_what_users_type(spec: dict[str, Any], address: str) -> None:
    assert the_spec(**spec).public_address == address


def test_an_installation_that_is_nowhere_has_no_public_address() -> None:
    with pytest.raises(ValueError, match=r"no spec\.ingress\.host"):
        _ = the_spec().public_address


def test_what_was_not_observed_is_absent_from_the_written_status() -> None:
    written = ValeoERPStatus(observed_generation=1).to_object()

    assert "phase" not in written
    assert "activeColour" not in written


@pytest.mark.parametrize("missing", ["digest", "schemaRevision", "oldestSchemaRevision", "colour", "version"])
def test_a_release_without_its_facts_is_no_release(missing: str) -> None:
    spec = {
        "installation": "production",
        "version": "0.1.0",
        "image": "valeo-erp:0.1.0",
        "digest": f"sha256:{'ab' * 32}",
        "configHash": "0123456789abcdef",
        "schemaRevision": "0001",
        "oldestSchemaRevision": "0001",
        "colour": "blue",
    }
    del spec[missing]

    with pytest.raises(ValidationError, match=missing):
        ValeoRelease.model_validate({"metadata": {"name": "production-1", "namespace": "valeo"}, "spec": spec})
