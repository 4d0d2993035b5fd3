"""A customer's checklist: the shipped one is taken as it is, and every mistake in a changed one is named."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.api_server import ApiServer, Manifest, Resource, refused, taken

from valeo_operator.api import GROUP, VERSION
from valeo_operator.api.golivechecklist import GoLiveChecklistSpec
from valeo_operator.golive.catalogue import checklist_hash, shipped
from valeo_operator.golive.shipping import CHECKLIST

ROOT = Path(__file__).parents[2]
CHECKLISTS = Resource(GROUP, VERSION, "golivechecklists")


@pytest.fixture
def manifest() -> Manifest:
    found: Manifest = yaml.safe_load((ROOT / CHECKLIST).read_text(encoding="utf-8"))
    return found


def test_the_shipped_checklist_is_taken_and_read_back_the_same(
    installed: ApiServer, namespace: str, manifest: Manifest
) -> None:
    stored = taken(installed.create(CHECKLISTS, namespace, manifest, dry_run=True))

    assert checklist_hash(GoLiveChecklistSpec.model_validate(stored["spec"])) == checklist_hash(shipped())


def of(gate: str, change: dict[str, Any]) -> Callable[[Manifest], None]:
    def apply(manifest: Manifest) -> None:
        entry = next(each for each in manifest["spec"]["entries"] if each["id"] == gate)
        entry.update(change)
        for key in [key for key, value in entry.items() if value is None]:
            del entry[key]

    return apply


def double(manifest: Manifest) -> None:
    manifest["spec"]["entries"].append(deepcopy(manifest["spec"]["entries"][0]))


def without_waivers(manifest: Manifest) -> None:
    manifest["spec"]["roles"] = [each for each in manifest["spec"]["roles"] if each["role"] != "go-live-waivers"]


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (of("namespace", {"check": "trust-me"}), 'Unsupported value: "trust-me"'),
        (of("namespace", {"check": None}), "an automated gate names its check"),
        (of("unit-tests", {"evidence": None}), "an evidence gate says which report it takes"),
        (of("unit-tests", {"check": "healthz"}), "an automated gate names its check, and no other gate does"),
        (of("business-owner", {"signOff": None}), "a signOff gate says who signs"),
        (of("business-owner", {"signOff": {"role": "business-owner", "quorum": 0}}), "greater than or equal to 1"),
        (of("unit-tests", {"evidence": {"formats": [], "requirement": "tests-passed"}}), "at least 1 items"),
        (of("unit-tests", {"evidence": {"formats": ["word"], "requirement": "tests-passed"}}), "Unsupported value"),
        (of("namespace", {"maximumAge": "forever"}), "maximumAge"),
        (of("namespace", {"severity": "cosmetic"}), 'Unsupported value: "cosmetic"'),
        (double, "Duplicate value"),
        (without_waivers, "name the role go-live-waivers"),
    ],
)
def test_a_mistake_is_refused_and_named(
    installed: ApiServer, namespace: str, manifest: Manifest, mistake: Callable[[Manifest], None], words: str
) -> None:
    mistake(manifest)

    assert words in refused(installed.create(CHECKLISTS, namespace, manifest, dry_run=True)).message


def test_a_gate_is_named_after_its_installation_and_its_id(installed: ApiServer, namespace: str) -> None:
    spec = {
        "installation": "production",
        "gate": "healthz",
        "line": "it lives",
        "phase": "deployment",
        "section": "s",
        "group": "g",
        "position": "1.1.1.1",
        "kind": "automated",
        "severity": "blocker",
        "scope": "release",
        "checklistHash": checklist_hash(shipped()),
    }
    gate = {"apiVersion": f"{GROUP}/{VERSION}", "kind": "GoLiveGate", "metadata": {"name": "mine"}, "spec": spec}

    told = refused(installed.create(Resource(GROUP, VERSION, "golivegates"), namespace, gate, dry_run=True))

    assert told.about("metadata.name").startswith("Invalid value")
    assert "must be the name of the installation" in told.message
