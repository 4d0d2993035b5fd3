"""A ValeoERP that can't be right is refused at once, and the answer names the field and the rule."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.api_server import ApiServer, Manifest, Resource, merged, refused, taken

from valeo_operator.api import GROUP, VERSION

VALEO_ERPS = Resource(GROUP, VERSION, "valeoerps")
DIGEST = f"sha256:{'ab' * 32}"


@dataclass(frozen=True)
class Bad:
    """A mistake, laid over the smallest good manifest, and what the API server must say about it."""

    mistake: str
    at: str
    rule: str
    spec: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)

    def manifest(self, good: Manifest) -> Manifest:
        return merged(good, {"spec": self.spec, "metadata": self.metadata})


BAD = tuple(Bad(**entry) for entry in yaml.safe_load(Path(__file__).with_name("mistakes.yaml").read_text()))

UNKNOWN = {
    "spec.replcas": {"replcas": 2},
    "spec.backup.schedul": {"backup": {"schedul": "0 2 * * *"}},
    "spec.database.embedded.storage.sizes": {"database": {"embedded": {"storage": {"sizes": "1Gi"}}}},
    "spec.auth.developmentProvider.users": {"auth": {"developmentProvider": {"users": []}}},
}


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.mistake)
def test_a_mistake_is_refused_with_field_and_rule(
    installed: ApiServer, namespace: str, minimal: Manifest, bad: Bad
) -> None:
    answer = refused(installed.create(VALEO_ERPS, namespace, bad.manifest(minimal), dry_run=True))

    assert answer.status == 422
    assert bad.rule in answer.about(bad.at), answer.complaints


@pytest.mark.parametrize("path", UNKNOWN)
def test_a_field_that_does_not_exist_is_refused_by_name(
    installed: ApiServer, namespace: str, minimal: Manifest, path: str
) -> None:
    manifest = merged(minimal, {"spec": UNKNOWN[path]})

    answer = refused(installed.create(VALEO_ERPS, namespace, manifest, dry_run=True))

    assert answer.status == 400
    assert f'unknown field "{path}"' in answer.message


def test_a_resource_without_spec_is_refused(installed: ApiServer, namespace: str, minimal: Manifest) -> None:
    answer = refused(installed.create(VALEO_ERPS, namespace, merged(minimal, {"spec": None}), dry_run=True))

    assert "Required value" in answer.about("spec")


def test_an_endless_value_is_refused(installed: ApiServer, namespace: str, minimal: Manifest) -> None:
    manifest = merged(minimal, {"spec": {"image": f"{'a' * 600}:1"}})

    answer = refused(installed.create(VALEO_ERPS, namespace, manifest, dry_run=True))

    assert "may not be more than 512" in answer.about("spec.image")


def test_several_mistakes_are_told_at_once(installed: ApiServer, namespace: str, minimal: Manifest) -> None:
    manifest = merged(minimal, {"spec": {"replicas": 0, "deletionPolicy": "Orphan", "imagePullPolicy": "Sometimes"}})

    answer = refused(installed.create(VALEO_ERPS, namespace, manifest, dry_run=True))

    assert {"spec.replicas", "spec.deletionPolicy", "spec.imagePullPolicy"} <= {c.field for c in answer.complaints}


@pytest.mark.parametrize(
    "image", ["valeo-erp:1.4.0", f"valeo-erp@{DIGEST}", f"registry.example.com:5000/trade/valeo-erp:1.4.0@{DIGEST}"]
)
def test_an_image_may_be_named_by_tag_or_by_digest(
    installed: ApiServer, namespace: str, minimal: Manifest, image: str
) -> None:
    made = taken(installed.create(VALEO_ERPS, namespace, merged(minimal, {"spec": {"image": image}}), dry_run=True))

    assert made["spec"]["image"] == image
