"""Results of staging are written down and brought to production through the real API server, by persons with a key."""

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from tests.support import installation as seen
from tests.support.api_server import ApiServer, Manifest, Resource, taken
from tests.support.installation import DIGEST, gate

from valeo_operator.api import VERSION
from valeo_operator.api.golive import Environment, Result
from valeo_operator.api.valeoerp import RequiredElsewhere
from valeo_operator.evidence.carriers import Shelf
from valeo_operator.golive.bundles import required_entry, with_required
from valeo_operator.golive.catalogue import checklist_hash, shipped
from valeo_operator.golive.imports import reports
from valeo_operator.golive.lifecycle import Seen, Standing, Subject, standing
from valeo_operator.golive.trail import Chain, Happening, pages_with, written
from valeo_operator.installations.names import Names
from valeo_operator.plugin.cli import main

REQUIRED = RequiredElsewhere(signed_by=("staging",))
SUBJECT = Subject(
    "production",
    Environment.PRODUCTION,
    "production-1a2b",
    DIGEST,
    "alice",
    with_required(shipped(), REQUIRED),
    checklist_hash(shipped()),
    "uid-of-another",
    REQUIRED,
)
# Whoever writes the trail must be the operator where the chart's policy is in force.
OPERATOR = ("--as=system:serviceaccount:valeo-system:valeo-operator", "--as-group=system:masters")
FUTURE = "2126-01-01T00:00:00Z"


class Room:
    """A namespace with one installation, and the plugin that speaks of it."""

    def __init__(self, server: ApiServer, group: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.server, self.group, self.capsys = server, group, capsys
        self.namespace = f"valeo-bundle-{secrets.token_hex(3)}"
        server.core.create_namespace({"metadata": {"name": self.namespace}})

    def store(self, plural: str, kind: str, made: Manifest) -> None:
        """Keep an object of the sandbox with its status."""
        resource, name = Resource(self.group, VERSION, plural), made["metadata"]["name"]
        meta = {"apiVersion": f"{self.group}/{VERSION}", "kind": kind, "metadata": {"name": name}}
        taken(self.server.create(resource, self.namespace, {**meta, "spec": made["spec"]}))
        taken(self.server.patch_status(resource, self.namespace, name, {"status": made["status"]}))

    def fill(self, environment: str, results: dict[str, str]) -> None:
        """An installation with one gate for each result, and a trail."""
        erp = seen.erp(observedGeneration=1)
        erp["spec"] = {
            "image": "valeo-erp:0.1.0",
            "publicURL": "http://127.0.0.1:8080",
            "auth": {"developmentProvider": {}},
            "goLive": {"environment": environment, "requestedBy": "kubernetes-admin"},
        }
        release = seen.release()
        release["spec"] |= {
            "configHash": "0123456789abcdef",
            "secretVersions": {"database-app-a": "1"},
            "oldestSchemaRevision": "0001",
        }
        self.store("valeoerps", "ValeoERP", erp)
        self.store("valeoreleases", "ValeoRelease", release)
        for name, result in results.items():
            told = gate(name, result, validUntil=FUTURE, release="production-1a2b")
            self.store("golivegates", "GoLiveGate", told)
        self.trail()

    def trail(self) -> None:
        """One page of a trail that verifies."""
        names, now = Names("production", self.namespace, "u"), datetime.now(UTC)
        entries = written(Chain(), [Happening("Verdict", "production", "0 gates are open.")], DIGEST, now)
        for page in pages_with(Chain(), entries, names):
            page["metadata"].pop("ownerReferences", None)
            whole = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", **page})
            self.server.kubectl("-n", self.namespace, "create", "-f", "-", *OPERATOR, stdin=whole)

    def say(self, *words: str, fails: bool = False) -> str:
        """What the plugin prints, or complains about."""
        status = main([*words, "-n", self.namespace], group=self.group)
        printed = self.capsys.readouterr()
        assert status == int(fails), printed.err or printed.out
        return printed.err if fails else printed.out

    def carriers(self) -> list[Manifest]:
        """The evidence in the namespace."""
        told = self.server.kubectl("-n", self.namespace, "get", "cm", "-l", "valeoerp.io/evidence", "-o", "json")
        found: list[Manifest] = json.loads(told)["items"]
        return found


@pytest.fixture
def rooms(
    api_server: ApiServer, sandbox: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[tuple[Room, Room]]:
    """Staging and production."""
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(api_server.kubeconfig))
    made = Room(api_server, sandbox, capsys), Room(api_server, sandbox, capsys)
    made[1].fill("production", {"zap-scan": "Unknown"})
    yield made
    for room in made:
        api_server.core.delete_namespace(room.namespace)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A private key in a file, and the public one as the operator would have it."""
    private = Ed25519PrivateKey.generate()
    file = tmp_path_factory.mktemp("key") / "staging.pem"
    file.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return file, {"staging": public}


def stands(room: Room, keys: dict[str, str]) -> Standing:
    """How the gate stands by what the API server keeps."""
    entry = required_entry(REQUIRED)
    taken_in, refused = reports(entry, Shelf().read(room.carriers(), keys), SUBJECT, {})
    return standing(entry, Seen(reports=taken_in, refused=refused), SUBJECT, datetime.now(UTC))


def all_lines(**changed: str) -> dict[str, str]:
    return {each.id: "Pass" for each in shipped().entries} | {
        key.replace("_", "-"): each for key, each in changed.items()
    }


@pytest.mark.parametrize(
    ("results", "said", "result"),
    [(all_lines(), ": Go", Result.PASS), (all_lines(zap_scan="Fail"), "NoGo, 1 lines are open", Result.FAIL)],
)
def test_what_staging_came_to_is_shown_in_production(
    rooms: tuple[Room, Room],
    key: tuple[Path, dict[str, str]],
    tmp_path: Path,
    results: dict[str, str],
    said: str,
    result: Result,
) -> None:
    staging, production = rooms
    file, keys = str(tmp_path / "results.json"), key[1]
    staging.fill("staging", results)
    assert said in staging.say("bundle", "export", "--key", str(key[0]), "--file", file)
    assert stands(production, keys).reason == "NoEvidence"

    assert "created" in production.say("bundle", "import", "--file", file)

    assert stands(production, keys).result is result
    assert "already exists" in production.say("bundle", "import", "--file", file, fails=True)


def test_a_file_that_was_edited_on_the_way_shows_nothing(
    rooms: tuple[Room, Room], key: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    staging, production = rooms
    file = tmp_path / "results.json"
    staging.fill("staging", {"zap-scan": "Fail"})
    staging.say("bundle", "export", "--key", str(key[0]), "--file", str(file))
    envelope: dict[str, Any] = json.loads(file.read_text())
    envelope["signatures"][0]["sig"] = "AAAA" + envelope["signatures"][0]["sig"][4:]
    file.write_text(json.dumps(envelope))

    production.say("bundle", "import", "--file", str(file))

    assert "no signature of the envelope holds" in stands(production, key[1]).message


def test_what_can_not_be_written_down_or_brought_is_told(
    rooms: tuple[Room, Room], key: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    _, production = rooms
    nonsense = tmp_path / "nonsense.json"
    nonsense.write_text("{}")
    private = str(key[0])

    assert "--key FILE" in production.say("bundle", "export", fails=True)
    assert "can't be read" in production.say("bundle", "export", "--key", "/nowhere.pem", fails=True)
    assert "can't sign" in production.say("bundle", "export", "--key", str(nonsense), fails=True)
    assert "can't be written" in production.say("bundle", "export", "--key", private, "-f", "/nowhere/x", fails=True)
    assert "--file FILE" in production.say("bundle", "import", fails=True)
    assert "is no bundle" in production.say("bundle", "import", "--file", str(nonsense), fails=True)
    assert production.carriers() == []


def test_a_dry_run_prints_the_object_and_brings_nothing(
    rooms: tuple[Room, Room], key: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    staging, production = rooms
    file = str(tmp_path / "results.json")
    staging.fill("staging", {"zap-scan": "Pass"})
    staging.say("bundle", "export", "--key", str(key[0]), "--file", file)

    told = json.loads(production.say("bundle", "import", "--file", file, "--dry-run"))

    assert (told["kind"], told["immutable"], production.carriers()) == ("ConfigMap", True, [])
