"""What `kubectl valeo promote`, `abort`, `retry`, `rollback`, `hold` and `resume` write, and when they decline."""

from copy import deepcopy
from typing import Any

import pytest
from tests.support.installation import NOON
from tests.support.installation import erp as told

from valeo_operator.api.rollout import Phase
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.cluster.kinds import CONFIG_MAPS, DEPLOYMENTS, RELEASES, SERVICES
from valeo_operator.installations.facts import Facts
from valeo_operator.plugin.acts import Act, abort, hold, outcome, promote, resume, retry, rollback
from valeo_operator.plugin.completion import candidates
from valeo_operator.plugin.connection import PluginError
from valeo_operator.releases.lifecycle import BEFORE_SWITCH, UNSUCCESSFUL
from valeo_operator.releases.rollback_plan import sentences, way_back_now

NEW, OLD = "production-new-green", "production-old-blue"
CONFIG = "0123456789"


def erp(phase: Phase, *, suspend: bool = False, **status: Any) -> dict[str, Any]:
    names = {"targetRelease": NEW, "activeRelease": NEW, "previousRelease": OLD}
    made = told(phase=phase.value, **{**names, **status})
    made["metadata"] |= {"uid": "u", "generation": 2}
    made["spec"] = {
        "image": "valeo-erp:1.1.0",
        "publicURL": "http://127.0.0.1:8080",
        "auth": {"developmentProvider": {}},
        "suspend": suspend,
        "replicas": 1,
    }
    return made


def release(name: str, colour: str, oldest: str = "0001") -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "valeo", "uid": name},
        "spec": {
            "installation": "production",
            "version": "1.0.0",
            "image": "valeo-erp:1.0.0",
            "digest": f"sha256:{'ab' * 32}",
            "configHash": CONFIG,
            "schemaRevision": "0002",
            "oldestSchemaRevision": oldest,
            "schemaChain": ["0001", "0002"],
            "colour": colour,
            "requestedBy": "kubectl",
        },
    }


def facts(phase: Phase = Phase.WATCHING, *, with_config: bool = True, ready: int = 1, **status: Any) -> Facts:
    """Green serves; blue was active before."""
    objects = {
        (RELEASES, NEW): release(NEW, "green"),
        (RELEASES, OLD): release(OLD, "blue"),
        (DEPLOYMENTS, "production-blue"): {
            "metadata": {"name": "production-blue", "labels": {"valeoerp.io/release": OLD}},
            "status": {"readyReplicas": ready},
        },
        (SERVICES, "production"): {"spec": {"selector": {"valeoerp.io/colour": "green"}}},
    }
    if with_config:
        objects[CONFIG_MAPS, f"production-config-{CONFIG}"] = {"data": {"VALEO_X": "1"}}
    return Facts(ValeoERP.model_validate(erp(phase, **{"schemaRevision": "0002", **status})), deepcopy(objects))


def annotations(act: Act) -> dict[str, str]:
    written: dict[str, str] = act.patch["metadata"]["annotations"]
    return written


def test_the_release_that_waits_is_promoted_by_its_name() -> None:
    assert annotations(promote(erp(Phase.AWAITING_PROMOTION))) == {"valeoerp.io/promote": NEW}


@pytest.mark.parametrize("phase", set(Phase) - {Phase.AWAITING_PROMOTION})
def test_where_nothing_waits_nothing_is_promoted(phase: Phase) -> None:
    with pytest.raises(PluginError, match=f"in the phase {phase.value}: nothing waits for a promotion"):
        promote(erp(phase))


@pytest.mark.parametrize("phase", [*BEFORE_SWITCH, Phase.SWITCHING])
def test_a_rollout_is_aborted_by_the_name_of_its_release(phase: Phase) -> None:
    assert annotations(abort(erp(phase))) == {"valeoerp.io/abort": NEW}


@pytest.mark.parametrize("phase", [Phase.DRAINING, Phase.WATCHING, Phase.ROLLING_BACK])
def test_past_the_switch_one_is_led_to_the_rollback(phase: Phase) -> None:
    with pytest.raises(PluginError, match="past the switch; go back with kubectl valeo rollback"):
        abort(erp(phase))


def test_a_rollout_that_ended_can_not_be_aborted() -> None:
    with pytest.raises(PluginError, match="no rollout goes on"):
        abort(erp(Phase.COMPLETE))


@pytest.mark.parametrize("phase", Phase)
def test_every_unsuccessful_end_can_be_retried_and_nothing_else(phase: Phase) -> None:
    if phase in UNSUCCESSFUL:
        assert annotations(retry(erp(phase), NOON)) == {"valeoerp.io/retry": "20260105-120000"}
    else:
        with pytest.raises(PluginError, match="a rollout is begun anew from Failed"):
            retry(erp(phase), NOON)


def test_a_rollback_names_the_release_that_serves() -> None:
    assert annotations(rollback(facts())) == {"valeoerp.io/rollback": NEW}


def test_a_dry_run_tells_each_step_and_that_data_stays() -> None:
    seen = facts()
    words = "\n".join(sentences(way_back_now(seen), seen))
    assert f"Release {OLD} (version 1.0.0, valeo-erp:1.0.0) would take the place of {NEW}" in words
    assert "Schema and data would not be touched" in words
    assert "Its 1 pods in blue are ready" in words
    assert "led to blue, proven by a request" in words


def test_a_dry_run_tells_that_pods_must_be_started_first() -> None:
    seen = facts(ready=0)
    assert "0 of its 1 pods in blue are ready; the others would be started first" in "\n".join(
        sentences(way_back_now(seen), seen)
    )


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (facts(previousRelease="production-gone-blue"), "no release that was active before it is recorded"),
        (facts(with_config=False), "its ConfigMap production-config-0123456789 is gone"),
        (facts(schemaRevision="0009"), "the live schema is at revision 0009"),
    ],
)
def test_a_rollback_that_can_not_be_is_refused_with_the_choices(seen: Facts, why: str) -> None:
    with pytest.raises(PluginError) as refused:
        rollback(seen)
    assert why in str(refused.value)
    assert "choose: a newer release" in str(refused.value)


def test_hold_and_resume_are_the_field_of_the_spec() -> None:
    assert hold(erp(Phase.COMPLETE)).patch == {"spec": {"suspend": True}}
    assert resume(erp(Phase.COMPLETE, suspend=True)).patch == {"spec": {"suspend": False}}


def test_what_is_held_already_is_told() -> None:
    with pytest.raises(PluginError, match="is held already"):
        hold(erp(Phase.COMPLETE, suspend=True))
    with pytest.raises(PluginError, match="is not held"):
        resume(erp(Phase.COMPLETE))


@pytest.mark.parametrize(
    ("act", "phase", "taken", "ended"),
    [
        ("abort", Phase.STAGING, "", None),
        ("abort", Phase.ABORTED, "", None),
        ("abort", Phase.ABORTED, "value", True),
        ("retry", Phase.VERIFYING, "value", None),
        ("retry", Phase.COMPLETE, "value", True),
        ("retry", Phase.ABORTED, "value", False),
        ("rollback", Phase.ROLLING_BACK, "value", None),
        ("rollback", Phase.ROLLED_BACK, "value", True),
        ("rollback", Phase.ROLLBACK_BLOCKED, "value", False),
        ("promote", Phase.WATCHING, "", None),
        ("promote", Phase.COMPLETE, "", True),
        ("promote", Phase.ROLLED_BACK, "", False),
    ],
)
def test_waiting_ends_when_the_act_was_taken_up_and_came_to_an_end(
    act: str, phase: Phase, taken: str, ended: bool | None
) -> None:
    found = erp(phase, acts={act: taken} if taken else {})
    assert outcome(Act(act, {}, "value", ""), found) is ended


def test_what_was_told_of_an_older_spec_is_no_answer() -> None:
    found = erp(Phase.ABORTED, acts={"abort": "value"}, observedGeneration=1)
    assert outcome(Act("abort", {}, "value", ""), found) is None


def test_the_shell_completes_the_acts() -> None:
    assert candidates(["r"]) == ["report", "restore", "resume", "retry", "rollback", "rotate"]
    assert "--dry-run" in candidates(["rollback", "--d"])
