"""A good ValeoERP is taken, and gets the defaults that the operator believes in."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.api_server import ApiServer, Manifest, Resource, merged, taken

from valeo_operator.api import GROUP, VERSION
from valeo_operator.api.valeoerp import ValeoERP

VALEO_ERPS = Resource(GROUP, VERSION, "valeoerps")
SAMPLES = Path(__file__).parents[2] / "manifests" / "samples"

GOOD: dict[str, dict[str, Any]] = {
    "nothing but the necessary": {},
    "embedded engine named": {"database": {"engine": "Embedded"}},
    "larger volume": {"database": {"embedded": {"storage": {"size": "20Gi", "className": "fast"}}}},
    "quantities as numbers": {"resources": {"requests": {"cpu": 1}, "limits": {"cpu": 2, "memory": 1073741824}}},
    "equal request and limit": {"resources": {"requests": {"memory": "1Gi"}, "limits": {"memory": "1024Mi"}}},
    "no limits": {"resources": {"requests": {"cpu": "50m"}}},
    "one replica": {"replicas": 1},
    "twenty replicas": {"replicas": 20},
    "suspended": {"suspend": True},
    "node port": {"service": {"type": "NodePort", "nodePort": 30080}},
    "node port chosen by the cluster": {"service": {"type": "NodePort"}},
    "development provider outside": {"auth": {"developmentProvider": {"nodePort": 30081}}},
    "external database": {
        "database": {
            "engine": "External",
            "external": {"host": "10.0.0.7", "name": "valeo", "migratorSecret": "m", "applicationSecret": "a"},
        }
    },
    "issuer with tls": {
        "publicURL": None,
        "auth": {"developmentProvider": None, "issuer": "https://sso.example.com/realms/trade/"},
        "ingress": {"host": "erp.example.com", "tls": {"secretName": "erp-tls"}},
    },
    "issuer on the own machine": {"auth": {"developmentProvider": None, "issuer": "https://sso.example.com"}},
    "public address of the ingress with a port": {
        "publicURL": "https://erp.example.com:8443",
        "ingress": {"host": "erp.example.com"},
    },
    "backups with every default": {"backup": {}},
    "backups in two places, encrypted": {
        "backup": {
            "schedule": "30 1 * * 1-5",
            "timeZone": "Europe/Berlin",
            "retention": {"daily": 14, "monthly": 24},
            "destinations": [
                {"name": "near", "volume": {"size": "20Gi", "storageClassName": "fast"}},
                {
                    "name": "far",
                    "s3": {"endpoint": "https://s3.example.com", "bucket": "valeo", "credentialsSecret": "s3"},
                },
            ],
            "encryption": {"secretName": "backup-keys", "key": "2026"},
            "drill": {"schedule": "0 4 * * 6", "targetSeconds": 900},
        }
    },
    "a null is as good as absent": {"ingress": {"host": "127-0-0-1.nip.io", "tls": None}, "publicURL": None},
}


@pytest.mark.parametrize("good", GOOD)
def test_a_good_spec_is_taken_and_read_alike_by_api_server_and_operator(
    installed: ApiServer, namespace: str, minimal: Manifest, good: str
) -> None:
    manifest = merged(minimal, {"spec": GOOD[good]})

    made = taken(installed.create(VALEO_ERPS, namespace, manifest, dry_run=True))

    written = ValeoERP.model_validate(merged(manifest, {"metadata": {"namespace": namespace}}))
    assert ValeoERP.model_validate(made).spec == written.spec


def test_the_defaults_are_filled_in_by_the_api_server(installed: ApiServer, namespace: str, minimal: Manifest) -> None:
    made = taken(installed.create(VALEO_ERPS, namespace, minimal, dry_run=True))

    assert made["spec"] == {
        "image": "valeo-erp:0.1.0",
        "imagePullPolicy": "IfNotPresent",
        "replicas": 2,
        "suspend": False,
        "mode": "Apply",
        "rollout": {
            "stabilitySeconds": 5,
            "smokeTests": True,
            "promotion": "Automatic",
            "drainSeconds": 60,
            "watchMinutes": 15,
            "maxErrorRate": "1%",
            "maxP95Milliseconds": 500,
            "numbersFrom": "Pods",
            "autoRollback": True,
            "keepReleases": 10,
        },
        "monitoring": {"objects": True, "labels": {}},
        "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "1Gi"}},
        "database": {"engine": "Embedded"},
        "auth": {
            "audience": "valeo-erp",
            "rolesClaim": "roles",
            "tenantClaim": "tenant",
            "developmentProvider": {"publicURL": "http://127.0.0.1:8081"},
        },
        "publicURL": "http://127.0.0.1:8080",
        "service": {"type": "ClusterIP"},
        "deletionPolicy": "Retain",
    }


def test_an_embedded_block_gets_its_own_defaults(installed: ApiServer, namespace: str, minimal: Manifest) -> None:
    manifest = merged(minimal, {"spec": {"database": {"embedded": {}}}})

    made = taken(installed.create(VALEO_ERPS, namespace, manifest, dry_run=True))

    assert made["spec"]["database"]["embedded"] == {
        "image": "valeo-postgres:17",
        "storage": {"size": "1Gi"},
        "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "1Gi"}},
    }


def test_given_resources_replace_the_default_as_a_whole(
    installed: ApiServer, namespace: str, minimal: Manifest
) -> None:
    manifest = merged(minimal, {"spec": {"resources": {"limits": {"memory": "128Mi"}}}})

    made = taken(installed.create(VALEO_ERPS, namespace, manifest, dry_run=True))

    assert made["spec"]["resources"] == {"limits": {"memory": "128Mi"}}


def test_nobody_gets_a_status_by_creating(installed: ApiServer, namespace: str, minimal: Manifest) -> None:
    made = taken(installed.create(VALEO_ERPS, namespace, {**minimal, "status": {"phase": "Complete"}}, dry_run=True))

    assert "status" not in made


@pytest.mark.parametrize("sample", sorted(path.name for path in SAMPLES.glob("*.yaml")))
def test_every_sample_is_taken(installed: ApiServer, namespace: str, sample: str) -> None:
    documents = [text for text in yaml.safe_load_all((SAMPLES / sample).read_text()) if text]
    wanted = [document for document in documents if document["kind"] == "ValeoERP"]
    assert wanted, f"{sample} holds no ValeoERP"

    for manifest in wanted:
        made = merged(manifest, {"metadata": {"namespace": namespace}})
        taken(installed.create(VALEO_ERPS, namespace, made, dry_run=True))
