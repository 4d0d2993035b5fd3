"""The operator's client against the real API server: what it relies on is what the API server does."""

import uuid
from collections.abc import AsyncIterator, Iterator

import kopf
import pytest
from tests.support.api_server import ApiServer

from valeo_operator.cluster.client import Client
from valeo_operator.cluster.kinds import CONFIG_MAPS, LEASES, SERVICES, STORAGE_CLASSES
from valeo_operator.cluster.login import log_in
from valeo_operator.cluster.objects import Object, dig, uid_of, version_of
from valeo_operator.cluster.protocol import ClusterError, RefusedError


@pytest.fixture(scope="module")
def namespace(cluster: ApiServer) -> Iterator[str]:
    """A namespace to write in."""
    name = f"operator-client-{uuid.uuid4().hex[:6]}"
    cluster.kubectl("create", "namespace", name)
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def counted() -> list[tuple[str, str]]:
    """What the client counted."""
    return []


@pytest.fixture
async def client(
    cluster: ApiServer, counted: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Client]:
    """The client, logged in as the kubeconfig says."""
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    settings = kopf.OperatorSettings()
    async with Client(lambda: log_in(settings), lambda verb, resource: counted.append((verb, resource))) as made:
        yield made


def config_map(namespace: str, **data: str) -> Object:
    labels = {"test": "client"}
    return {"metadata": {"name": f"c-{uuid.uuid4().hex[:6]}", "namespace": namespace, "labels": labels}, "data": data}


async def test_what_is_not_there_is_none(client: Client, namespace: str) -> None:
    assert await client.get(CONFIG_MAPS, namespace, "nobody") is None


async def test_apply_makes_changes_and_takes_away_what_it_no_longer_says(client: Client, namespace: str) -> None:
    wanted = config_map(namespace, a="1", b="2")
    await client.apply(CONFIG_MAPS, wanted)
    after = await client.apply(CONFIG_MAPS, {**wanted, "data": {"a": "3"}})
    assert after["data"] == {"a": "3"}


async def test_an_apply_that_changes_nothing_makes_no_new_version(client: Client, namespace: str) -> None:
    wanted = config_map(namespace, a="1")
    first = await client.apply(CONFIG_MAPS, wanted)
    second = await client.apply(CONFIG_MAPS, wanted)
    assert version_of(first) == version_of(second)


async def test_apply_with_an_old_version_is_refused_as_a_conflict(client: Client, namespace: str) -> None:
    wanted = config_map(namespace, a="1")
    old = await client.apply(CONFIG_MAPS, wanted)
    await client.apply(CONFIG_MAPS, {**wanted, "data": {"a": "2"}})
    stale = {**wanted, "metadata": {**wanted["metadata"], "resourceVersion": version_of(old)}, "data": {"a": "3"}}
    with pytest.raises(RefusedError) as refused:
        await client.apply(CONFIG_MAPS, stale)
    assert refused.value.is_conflict


async def test_apply_with_the_uid_of_a_deleted_object_makes_no_new_one(client: Client, namespace: str) -> None:
    wanted = config_map(namespace, a="1")
    gone = await client.apply(CONFIG_MAPS, wanted)
    name = wanted["metadata"]["name"]
    await client.delete(CONFIG_MAPS, namespace, name)
    with pytest.raises(RefusedError) as refused:
        await client.apply(CONFIG_MAPS, {**wanted, "metadata": {**wanted["metadata"], "uid": uid_of(gone)}})
    assert refused.value.is_conflict
    assert await client.get(CONFIG_MAPS, namespace, name) is None


async def test_creating_what_is_there_is_a_conflict(client: Client, namespace: str) -> None:
    wanted = config_map(namespace, a="1")
    await client.create(CONFIG_MAPS, wanted)
    with pytest.raises(RefusedError) as refused:
        await client.create(CONFIG_MAPS, wanted)
    assert refused.value.is_conflict


async def test_deleting_another_one_of_the_same_name_does_nothing(client: Client, namespace: str) -> None:
    wanted = config_map(namespace, a="1")
    await client.create(CONFIG_MAPS, wanted)
    await client.delete(CONFIG_MAPS, namespace, wanted["metadata"]["name"], uid=str(uuid.uuid4()))
    assert await client.get(CONFIG_MAPS, namespace, wanted["metadata"]["name"]) is not None
    await client.delete(CONFIG_MAPS, namespace, "nobody")


async def test_lists_are_by_label_and_namespace(client: Client, namespace: str) -> None:
    wanted = config_map(namespace, a="1")
    wanted["metadata"]["labels"] = {"one": "only"}
    await client.create(CONFIG_MAPS, wanted)
    for where in (namespace, None):
        found = await client.list(CONFIG_MAPS, where, {"one": "only"})
        assert [dig(each, "metadata", "name") for each in found] == [wanted["metadata"]["name"]]
    assert await client.list(CONFIG_MAPS, namespace, {"one": "other"}) == []
    assert await client.list(STORAGE_CLASSES, None, {})


async def test_a_refusal_has_the_words_of_the_api_server(client: Client, namespace: str) -> None:
    with pytest.raises(RefusedError, match=r"spec\.ports: Required value") as refused:
        await client.create(SERVICES, {"metadata": {"name": "x", "namespace": namespace}, "spec": {}})
    assert refused.value.status == 422
    assert refused.value.reason == "Invalid"


async def test_only_calls_that_were_allowed_are_counted_and_apply_may_count_twice(
    client: Client, namespace: str, counted: list[tuple[str, str]]
) -> None:
    lease = {"metadata": {"name": "l", "namespace": namespace}, "spec": {"holderIdentity": "me"}}
    await client.apply(LEASES, lease)
    await client.apply(LEASES, lease)
    with pytest.raises(RefusedError):
        await client.create(LEASES, lease)
    resource = "leases.coordination.k8s.io"
    assert counted == [("patch", resource), ("create", resource), ("patch", resource)]


async def test_an_api_server_that_is_not_there_is_no_refusal() -> None:
    nowhere = kopf.ConnectionInfo(server="http://127.0.0.1:9")
    async with Client(lambda: nowhere, lambda *_: None) as client:
        with pytest.raises(ClusterError, match="GET /api/v1/namespaces/n/configmaps/x"):
            await client.get(CONFIG_MAPS, "n", "x")
