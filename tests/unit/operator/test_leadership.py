"""Of several operator processes one leads, and one that lost its lease stops at once."""

import asyncio
from datetime import UTC, datetime

import pytest
from tests.support.cluster_in_memory import ClusterInMemory

from valeo_operator.cluster.kinds import LEASES
from valeo_operator.cluster.objects import Object, dig
from valeo_operator.cluster.protocol import ClusterError
from valeo_operator.leadership import lease as leases
from valeo_operator.leadership.election import LEASE_SECONDS, Sighting, lease, may_take, sighting
from valeo_operator.leadership.lease import Leadership, LeadershipLostError

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def held_by(holder: str, renewed: str = "t1") -> Object:
    return {"metadata": {"resourceVersion": "7"}, "spec": {"holderIdentity": holder, "renewTime": renewed}}


def test_a_free_lease_may_be_taken_and_a_fresh_one_of_another_not() -> None:
    assert may_take(Sighting("", "t1", 0), "me", 0)
    assert may_take(Sighting("me", "t1", 0), "me", 0)
    assert not may_take(Sighting("other", "t1", 0), "me", LEASE_SECONDS - 1)


def test_a_lease_that_was_not_renewed_for_its_time_may_be_taken() -> None:
    assert may_take(Sighting("other", "t1", 100), "me", 100 + LEASE_SECONDS)


def test_the_age_of_a_lease_is_told_by_our_own_clock_since_it_changed() -> None:
    first = sighting(held_by("other", "t1"), None, 10)
    assert sighting(held_by("other", "t1"), first, 20).at == 10
    assert sighting(held_by("other", "t2"), first, 20).at == 20
    assert sighting(held_by("third", "t1"), first, 20).at == 20


def test_taking_over_counts_as_a_transition_and_renewing_does_not() -> None:
    taken = lease("ns", "l", "me", NOW, held_by("other"))
    assert taken["spec"]["leaseTransitions"] == 1
    assert taken["metadata"]["resourceVersion"] == "7"
    renewed = lease("ns", "l", "me", NOW, {**held_by("me"), "spec": taken["spec"]})
    assert renewed["spec"]["leaseTransitions"] == 1
    assert renewed["spec"]["acquireTime"] == taken["spec"]["acquireTime"]


def leader(cluster: ClusterInMemory, name: str) -> Leadership:
    return Leadership(cluster, "ns", "valeo-operator", name, lambda: NOW)


async def test_the_second_waits_and_leads_when_the_first_gives_the_lease_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.02)
    cluster = ClusterInMemory()
    first, second = leader(cluster, "first"), leader(cluster, "second")
    await first.take()
    waiting = asyncio.create_task(second.take())
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await first.give_back()
    await asyncio.wait_for(waiting, 1)
    assert dig(cluster.find(LEASES, "valeo-operator", "ns"), "spec", "holderIdentity") == "second"


async def test_a_lease_that_another_one_took_is_noticed_at_the_next_renewal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.01)
    cluster = ClusterInMemory()
    mine = leader(cluster, "mine")
    await mine.take()
    cluster.change(LEASES, "ns", "valeo-operator", lambda each: each["spec"].update(holderIdentity="thief"))
    with pytest.raises(LeadershipLostError, match="thief holds the lease of mine"):
        await asyncio.wait_for(mine.keep(), 1)


async def test_a_lease_that_cannot_be_renewed_in_time_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.01)
    monkeypatch.setattr(leases, "GIVE_UP_SECONDS", 0.1)

    class CutOff(ClusterInMemory):
        async def apply(self, *_: object, **__: object) -> Object:
            raise ClusterError("no connection")

    cluster = CutOff()
    mine = leader(cluster, "mine")
    await mine.take()
    with pytest.raises(LeadershipLostError, match="could not renew"):
        await asyncio.wait_for(mine.keep(), 2)


async def test_a_lease_that_is_renewed_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.01)
    monkeypatch.setattr(leases, "GIVE_UP_SECONDS", 0.1)
    cluster = ClusterInMemory()
    mine = leader(cluster, "mine")
    await mine.take()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(mine.keep(), 0.3)
    await mine.give_back()
    assert dig(cluster.find(LEASES, "valeo-operator", "ns"), "spec", "holderIdentity") == ""
