"""A ValeoBackup or ValeoRestore that can't be right is refused at once; a good one is taken and never changed."""

import secrets
from typing import Any

import pytest
from tests.support.api_server import ApiServer, Manifest, Resource, merged, refused, taken

from valeo_operator.api import GROUP, VERSION
from valeo_operator.api.valeobackup import ValeoBackup
from valeo_operator.api.valeorestore import ValeoRestore

BACKUPS = Resource(GROUP, VERSION, "valeobackups")
RESTORES = Resource(GROUP, VERSION, "valeorestores")

GOOD_RESTORES: tuple[dict[str, Any], ...] = (
    {"mode": "Drill"},
    {"mode": "Drill", "backup": "production-20260101-020000"},
    {"mode": "NewDatabase", "into": "valeo_2026"},
    {"mode": "InPlace", "acknowledgeDataLoss": True},
    {"mode": "Drill", "pointInTime": {"time": "2026-01-02T03:04:05Z"}},
    {"mode": "NewDatabase", "into": "valeo_2026", "pointInTime": {"transaction": 770}},
    {"mode": "InPlace", "acknowledgeDataLoss": True, "pointInTime": {"name": "before-closing"}},
)
BAD_RESTORES: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"mode": None}, "spec.mode", "Required value"),
    ({"mode": "Sideways"}, "spec.mode", "Unsupported value"),
    ({"mode": "NewDatabase"}, "spec.into", "needs into"),
    ({"mode": "Drill", "into": "valeo_2026"}, "spec.into", "belongs to mode NewDatabase"),
    ({"mode": "NewDatabase", "into": "valeo; drop"}, "spec.into", "should match"),
    ({"mode": "InPlace"}, "spec.acknowledgeDataLoss", "say so with acknowledgeDataLoss"),
    ({"mode": "Drill", "pointInTime": {}}, "spec.pointInTime.time", "exactly one of time, transaction and name"),
    ({"mode": "Drill", "pointInTime": {"name": "a", "transaction": 7}}, "spec.pointInTime.time", "exactly one"),
    ({"mode": "Drill", "pointInTime": {"name": "a b"}}, "spec.pointInTime.name", "should match"),
    ({"mode": "Drill", "pointInTime": {"name": "a"}, "backup": "b"}, "spec.pointInTime", "not both"),
    ({"mode": "Drill", "acknowledgeDataLoss": True}, "spec.acknowledgeDataLoss", "belongs to mode InPlace"),
)
BAD_BACKUPS: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"installation": None}, "spec.installation", "Required value"),
    ({"reason": "Whim"}, "spec.reason", "Unsupported value"),
    ({"reason": "Scheduled"}, "spec.slot", "needs slot"),
    ({"slot": "2026-01-01T02:00:00Z"}, "spec.slot", "needs slot, and only that"),
    ({"reason": "Found"}, "spec.storedName", "needs storedName"),
    ({"storedName": "../../etc"}, "spec.storedName", "should match"),
)


def backup(**spec: Any) -> Manifest:
    whole = merged({"installation": "production"}, spec)
    return {"apiVersion": f"{GROUP}/{VERSION}", "kind": "ValeoBackup", "metadata": {"name": "one"}, "spec": whole}


def restore(**spec: Any) -> Manifest:
    whole = merged({"installation": "production", "mode": "Drill"}, spec)
    return {"apiVersion": f"{GROUP}/{VERSION}", "kind": "ValeoRestore", "metadata": {"name": "one"}, "spec": whole}


def test_a_backup_needs_nothing_but_its_installation(installed: ApiServer, namespace: str) -> None:
    made = taken(installed.create(BACKUPS, namespace, backup(), dry_run=True))
    assert made["spec"] == {"installation": "production", "reason": "Manual"}
    written = ValeoBackup.model_validate(merged(backup(), {"metadata": {"namespace": namespace}}))
    assert ValeoBackup.model_validate(made).spec == written.spec


@pytest.mark.parametrize("spec", GOOD_RESTORES, ids=str)
def test_a_good_restore_is_taken_and_read_alike(installed: ApiServer, namespace: str, spec: dict[str, Any]) -> None:
    made = taken(installed.create(RESTORES, namespace, restore(**spec), dry_run=True))
    written = ValeoRestore.model_validate(merged(restore(**spec), {"metadata": {"namespace": namespace}}))
    assert ValeoRestore.model_validate(made).spec == written.spec


@pytest.mark.parametrize(("spec", "at", "rule"), BAD_RESTORES, ids=str)
def test_a_restore_that_cannot_be_right_is_refused_with_field_and_rule(
    installed: ApiServer, namespace: str, spec: dict[str, Any], at: str, rule: str
) -> None:
    answer = refused(installed.create(RESTORES, namespace, restore(**spec), dry_run=True))
    assert rule in answer.about(at), answer.complaints


@pytest.mark.parametrize(("spec", "at", "rule"), BAD_BACKUPS, ids=str)
def test_a_backup_that_cannot_be_right_is_refused_with_field_and_rule(
    installed: ApiServer, namespace: str, spec: dict[str, Any], at: str, rule: str
) -> None:
    answer = refused(installed.create(BACKUPS, namespace, backup(**spec), dry_run=True))
    assert rule in answer.about(at), answer.complaints


@pytest.mark.parametrize(("plural", "change"), [("valeobackups", {"release": "r"}), ("valeorestores", {"backup": "b"})])
def test_neither_is_ever_changed(
    installed: ApiServer, sandbox: str, namespace: str, plural: str, change: dict[str, Any]
) -> None:
    resource = Resource(sandbox, VERSION, plural)
    manifest = backup() if plural == "valeobackups" else restore()
    name = f"one-{secrets.token_hex(3)}"
    manifest |= {"apiVersion": f"{sandbox}/{VERSION}", "metadata": {"name": name}}
    taken(installed.create(resource, namespace, manifest))
    answer = refused(installed.patch(resource, namespace, name, {"spec": change}))
    assert "immutable" in answer.message
