"""What a platform engineer sees with plain kubectl."""

import json
import re
import time
from collections.abc import Iterator
from copy import deepcopy

import pytest
import yaml
from tests.support.api_server import ApiServer, Manifest, Resource, taken

from valeo_operator.api import GROUP
from valeo_operator.api.definition import KINDS

WORDS = [w for kind in KINDS for w in (kind.short_name, *kind.other_names, kind.name.lower(), kind.plural)]
STATUS = {
    "version": "0.1.0",
    "phase": "Complete",
    "activeColour": "blue",
    "goLive": {"gates": "12/143"},
    "backup": "never",
    "targetRelease": "production-1a2b",
    "schemaRevision": "0001",
    "message": "runs",
    "conditions": [
        {"type": kind, "status": status, "reason": "Running", "lastTransitionTime": "2026-01-05T08:00:00Z"}
        for kind, status in (("Stalled", "False"), ("Ready", "True"), ("RollbackPossible", "True"))
    ],
}


def table(printed: str) -> dict[str, str]:
    """The one row that kubectl printed, by column."""
    head, row = printed.strip().splitlines()
    return dict(zip(re.split(r"\s{2,}|\s+$", head.strip()), re.split(r"\s{2,}", row.strip()), strict=True))


@pytest.fixture
def running(api_server: ApiServer, namespace: str, installations: Resource, in_sandbox: Manifest) -> str:
    """The name of an installation that runs."""
    name = str(taken(api_server.create(installations, namespace, in_sandbox))["metadata"]["name"])
    taken(api_server.patch_status(installations, namespace, name, {"status": STATUS}))
    return name


def test_get_shows_what_matters(api_server: ApiServer, namespace: str, installations: Resource, running: str) -> None:
    printed = api_server.kubectl("get", f"valeoerps.{installations.group}", running, "-n", namespace)

    shown = table(printed)
    assert list(shown) == ["NAME", "VERSION", "PHASE", "ACTIVE", "READY", "GATES", "BACKUP", "AGE"]
    assert list(shown.values())[:-1] == [running, "0.1.0", "Complete", "blue", "True", "12/143", "never"]


def test_wide_adds_target_schema_rollback_and_message(
    api_server: ApiServer, namespace: str, installations: Resource, running: str
) -> None:
    printed = api_server.kubectl("get", f"valeoerps.{installations.group}", running, "-n", namespace, "-o", "wide")

    shown = table(printed)
    wide = {"TARGET": "production-1a2b", "SCHEMA": "0001", "ROLLBACK": "True", "MESSAGE": "runs"}
    assert wide.items() <= shown.items()


def test_get_shows_the_history_of_releases(
    api_server: ApiServer, namespace: str, releases: Resource, a_release: Manifest
) -> None:
    name = str(taken(api_server.create(releases, namespace, a_release))["metadata"]["name"])
    taken(api_server.patch_status(releases, namespace, name, {"status": {"phase": "Complete"}}))

    shown = table(api_server.kubectl("get", f"valeoreleases.{releases.group}", name, "-n", namespace, "-o", "wide"))

    assert list(shown) == ["NAME", "VERSION", "PHASE", "COLOUR", "SCHEMA", "DIGEST", "AGE"]
    assert list(shown.values())[:-1] == [name, "0.1.0", "Complete", "blue", "0001", f"sha256:{'ab' * 32}"]


def test_the_releases_of_one_installation_are_found_by_field(
    api_server: ApiServer, namespace: str, releases: Resource, a_release: Manifest
) -> None:
    name = str(taken(api_server.create(releases, namespace, a_release))["metadata"]["name"])
    resource = f"valeoreleases.{releases.group}"

    def found(installation: str) -> list[str]:
        selector = f"--field-selector=spec.installation={installation}"
        return api_server.kubectl("get", resource, "-n", namespace, "-o", "name", selector).split()

    assert f"valeorelease.{releases.group}/{name}" in found("production")
    assert found("another") == []


@pytest.mark.parametrize("word", [*WORDS, "valeo"])
def test_each_name_leads_to_its_kind(installed: ApiServer, namespace: str, word: str) -> None:
    assert installed.kubectl("get", word, "-n", namespace, "-o", "name", "--ignore-not-found") is not None


def test_the_category_lists_every_kind(installed: ApiServer) -> None:
    listed = installed.kubectl("api-resources", "--categories=valeo", "--api-group=valeoerp.io", "-o", "name")

    assert listed.split() == sorted(f"{kind.plural}.{GROUP}" for kind in KINDS)


@pytest.mark.parametrize(
    ("path", "sentences"),
    [
        ("verp", ["One installation of the ERP"]),
        (
            "verp.spec.database",
            ["Where the business data lives", "enum: Embedded, External", "It can't be changed later"],
        ),
        ("verp.spec.database.external", ["-required-", "DNS name or IP address of the server"]),
        ("verp.spec.replicas", ["How many pods of the active colour run", "<integer>"]),
        ("vrel.spec", ["Written once by the operator, never changed"]),
    ],
)
def test_explain_reads_well(installed: ApiServer, path: str, sentences: list[str]) -> None:
    told = " ".join(installed.kubectl("explain", path).split())

    assert [sentence for sentence in sentences if sentence not in told] == []


def test_applying_the_same_manifest_again_changes_nothing(
    api_server: ApiServer, namespace: str, installations: Resource, in_sandbox: Manifest
) -> None:
    manifest = deepcopy(in_sandbox)
    manifest["spec"]["resources"] = {"requests": {"cpu": 1}, "limits": {"memory": "1Gi"}}
    apply = ("apply", "--server-side", "-n", namespace, "-o", "json", "-f", "-")

    first = json.loads(api_server.kubectl(*apply, stdin=json.dumps(manifest)))
    second = json.loads(api_server.kubectl(*apply, stdin=json.dumps(manifest)))

    assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


def test_what_the_operator_writes_never_conflicts_with_what_the_user_applies(
    api_server: ApiServer, namespace: str, installations: Resource, in_sandbox: Manifest, running: str
) -> None:
    manifest = {**in_sandbox, "metadata": {"name": running}}

    api_server.kubectl(
        "apply", "--server-side", "--force-conflicts", "-n", namespace, "-f", "-", stdin=json.dumps(manifest)
    )

    assert api_server.read(installations, namespace, running)["status"] == STATUS


@pytest.fixture
def restored(api_server: ApiServer, installations: Resource) -> Iterator[Manifest]:
    """The definition as it stands, put back when the test is over."""
    name = f"{installations.plural}.{installations.group}"
    definition = yaml.safe_load(api_server.kubectl("get", "crd", name, "-o", "yaml"))
    wanted = {key: definition[key] for key in ("apiVersion", "kind", "spec")} | {"metadata": {"name": name}}
    yield deepcopy(wanted)
    api_server.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=json.dumps(wanted))


def test_a_newer_definition_keeps_the_objects(
    api_server: ApiServer, namespace: str, installations: Resource, running: str, restored: Manifest
) -> None:
    before = api_server.read(installations, namespace, running)
    spec = restored["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["properties"]["weather"] = {"type": "string", "enum": ["Rain", "Sun"], "default": "Sun"}

    api_server.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=json.dumps(restored))

    after = _read_when(api_server, namespace, installations, running, "weather")
    assert after["spec"].pop("weather") == "Sun"
    assert (after["metadata"]["uid"], after["spec"], after["status"]) == (
        before["metadata"]["uid"],
        before["spec"],
        before["status"],
    )


def _read_when(server: ApiServer, namespace: str, resource: Resource, name: str, field: str) -> Manifest:
    """A changed definition is served a moment after it was applied."""
    for _ in range(100):
        found = server.read(resource, namespace, name)
        if field in found["spec"]:
            return found
        time.sleep(0.1)
    raise AssertionError(f"the newer definition with spec.{field} is not served")
