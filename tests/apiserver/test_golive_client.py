"""What the driver of the gates relies on at the real API server: whole statuses, and who else wrote into one."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import kopf
import pytest
from tests.support.api_server import ApiServer

from valeo_operator.api.golive import Environment, Result
from valeo_operator.cluster.login import log_in
from valeo_operator.cluster.objects import Object
from valeo_operator.golive.catalogue import checklist_hash, entry_of, shipped
from valeo_operator.golive.client import GateClient
from valeo_operator.golive.gates import gate_object, gate_status, meddlers, must_be_applied, must_be_told
from valeo_operator.golive.kinds import GATES
from valeo_operator.golive.lifecycle import Shown, Standing, Subject
from valeo_operator.installations.names import Names

DIGEST = f"sha256:{'ab' * 32}"
SUBJECT = Subject(
    "client", Environment.PRODUCTION, "client-1-blue", DIGEST, "alice", shipped(), checklist_hash(shipped())
)
FAILS = Standing(
    Result.FAIL, "DoesNotHold", "No ResourceQuota limits pods.", "Create one.", shown=Shown("s", DIGEST, "{}")
)
HOLDS = Standing(Result.PASS, "Holds", "A ResourceQuota limits pods.", "", datetime(2126, 1, 1, tzinfo=UTC))


@pytest.fixture
async def calls() -> Counter[tuple[str, str]]:
    return Counter()


@pytest.fixture
async def client(
    installed: ApiServer, monkeypatch: pytest.MonkeyPatch, calls: Counter[tuple[str, str]]
) -> AsyncIterator[GateClient]:
    monkeypatch.setenv("KUBECONFIG", str(installed.kubeconfig))
    settings = kopf.OperatorSettings()
    async with GateClient(lambda: log_in(settings), lambda verb, kind: calls.update([(verb, kind)])) as client:
        yield client


@pytest.fixture
async def names(installed: ApiServer, namespace: str) -> Names:
    """An owner that is there: without one, garbage collection would take the gate away."""
    config = json.loads(installed.kubectl("-n", namespace, "get", "configmap", "kube-root-ca.crt", "-o", "json"))
    return Names("client", namespace, config["metadata"]["uid"])


async def told(client: GateClient, names: Names, stands: Standing, now: datetime) -> Object:
    """The gate of the resource quota, as it is stored after it was told so."""
    entry = entry_of(shipped(), "resource-quota")
    assert entry is not None
    wanted = gate_object(entry, stands, SUBJECT, names)
    del wanted["metadata"]["ownerReferences"]
    stored = await client.apply(GATES, wanted)
    assert not must_be_applied(wanted, stored)
    await client.replace_status(GATES, stored, gate_status(stands, SUBJECT, stored, now))
    found = await client.get(GATES, names.namespace, "client-resource-quota")
    assert found is not None
    return found


async def test_a_whole_status_is_stored_and_the_next_one_leaves_nothing_of_it(
    client: GateClient, names: Names, calls: Counter[tuple[str, str]]
) -> None:
    now = datetime.now(UTC)
    first = await told(client, names, FAILS, now)

    second = await told(client, names, HOLDS, now)

    assert first["status"]["nextStep"] == "Create one."
    assert {"nextStep", "shown"} & set(second["status"]) == set()
    assert second["status"]["validUntil"] == "2126-01-01T00:00:00Z"
    assert calls["update", "golivegates.valeoerp.io/status"] == 2


async def test_a_stored_gate_that_says_the_same_is_not_written_again(client: GateClient, names: Names) -> None:
    now, entry = datetime.now(UTC), entry_of(shipped(), "resource-quota")
    assert entry is not None
    stored = await told(client, names, FAILS, now)

    later = now + timedelta(minutes=1)

    assert not must_be_told(gate_status(FAILS, SUBJECT, stored, later), stored, entry, later)
    assert must_be_told(gate_status(HOLDS, SUBJECT, stored, later), stored, entry, later)


async def test_another_writer_is_seen_and_what_he_wrote_is_gone_after_the_next_write(
    client: GateClient, names: Names, installed: ApiServer
) -> None:
    before = await told(client, names, FAILS, datetime.now(UTC))
    await asyncio.sleep(1.1)
    forged = {"status": {"result": "Pass", "waiver": "w", "checkedAt": "2126-01-01T00:00:00Z"}}
    target = ("golivegates.valeoerp.io", "client-resource-quota", "--subresource=status", "--type=merge")
    installed.kubectl("-n", names.namespace, "patch", *target, "-p", json.dumps(forged))
    edited = await client.get(GATES, names.namespace, "client-resource-quota")
    assert edited is not None

    await asyncio.sleep(1.1)
    after = await told(client, names, FAILS, datetime.now(UTC))

    assert (meddlers(before), meddlers(edited), meddlers(after)) == ((), ("kubectl-patch",), ())
    assert after["status"]["result"] == "Fail"
    assert "waiver" not in after["status"]


async def test_the_api_server_tells_who_we_are(client: GateClient) -> None:
    assert await client.who_am_i()
