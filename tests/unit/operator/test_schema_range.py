"""Which release can run on which schema revision: what the chain tells, and nothing where it tells nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.releases.schema import contractions, steps_between, tolerates

CHAIN = ["0001", "0002", "0003", "0004"]


def release(head: str, chain: list[str] | None = None, **spec: Any) -> ValeoRelease:
    known = CHAIN[: CHAIN.index(head) + 1] if chain is None else chain
    whole = {
        "installation": "production",
        "version": "1",
        "image": "valeo-erp:1",
        "digest": "sha256:" + "a" * 64,
        "configHash": "0" * 10,
        "schemaRevision": head,
        "oldestSchemaRevision": head,
        "schemaChain": known,
        "colour": "blue",
        **spec,
    }
    return ValeoRelease.model_validate({"metadata": {"name": f"production-{head}", "namespace": "acme"}, "spec": whole})


def breaking(revision: str, kind: str = "contracting", tolerated_from: str | None = None) -> dict[str, str | None]:
    return {"revision": revision, "kind": kind, "toleratedFrom": tolerated_from}


def test_a_database_ahead_by_steps_that_only_add_is_fine() -> None:
    assert tolerates(release("0001"), "0003", [release("0003")]).holds


@pytest.mark.parametrize("kind", ["contracting", "irreversible"])
def test_a_database_ahead_by_a_step_that_takes_away_is_not(kind: str) -> None:
    newer = release("0003", breakingSteps=[breaking("0002", kind)])
    can = tolerates(release("0001"), "0003", [newer])
    assert not can.holds
    assert f"0002 is {kind}" in can.why


def test_a_step_that_takes_away_is_tolerated_by_releases_as_new_as_it_says() -> None:
    newer = release("0003", breakingSteps=[breaking("0003", tolerated_from="0002")])
    assert tolerates(release("0002"), "0003", [newer]).holds
    assert not tolerates(release("0001"), "0003", [newer]).holds


def test_what_no_release_knows_is_no_yes() -> None:
    assert not tolerates(release("0001"), "0009", [release("0003")]).holds
    assert not tolerates(release("0001"), "", [release("0003")]).holds
    assert not tolerates(release("0001", chain=[]), "0003", []).holds


def test_a_database_behind_the_oldest_revision_is_not_tolerated() -> None:
    newer = release("0003", oldestSchemaRevision="0002")
    assert tolerates(newer, "0002", []).holds
    assert tolerates(newer, "0003", []).holds
    assert not tolerates(newer, "0001", []).holds


def test_the_steps_of_a_migration_are_those_after_what_is_there() -> None:
    newer = release("0003", breakingSteps=[breaking("0002"), breaking("0003", "irreversible")])
    assert steps_between(newer.spec, "0001", "0003") == ("0002", "0003")
    assert steps_between(newer.spec, "", "0003") == ("0001", "0002", "0003")
    assert steps_between(newer.spec, "0003", "0001") == ()
    assert [each.revision for each in contractions(newer.spec, "0002")] == ["0003"]
    assert contractions(newer.spec, "0003") == ()


@given(
    head=st.sampled_from(CHAIN),
    live=st.sampled_from([*CHAIN, "", "9999"]),
    hard=st.sets(st.sampled_from(CHAIN)),
    tolerated=st.sampled_from([*CHAIN, None]),
)
def test_a_yes_always_rests_on_every_step_of_the_way(
    head: str, live: str, hard: set[str], tolerated: str | None
) -> None:
    steps = [breaking(each, tolerated_from=tolerated) for each in sorted(hard)]
    newest = release("0004", breakingSteps=steps)
    if tolerates(release(head), live, [newest]).holds and live != head:
        between = CHAIN[CHAIN.index(head) + 1 : CHAIN.index(live) + 1]
        assert between
        assert all(each not in hard or (tolerated is not None and tolerated <= head) for each in between)
